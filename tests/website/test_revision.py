"""The page of a revision, what the item list and the ledger make of it, and that drafts of an edition stay hidden."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import process_cache
from figures.ledger import reconcile
from figures.models import PublishedFigure
from policies.models import Edition
from programs import errata, revisions
from programs.models import (
    Indicator,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    Revision,
    RevisionMark,
    YearPlan,
)
from tests import factories
from tests.published import CAME_AND_WENT, freeze
from tests.reading import items_of, read
from tests.website.wordings import content, write

PAGE = "/plans/kodaira-2/revisions/fy2013-revision/"
SECRET = "まだ公表していない内容"


@pytest.fixture
def revised(plan, cast):
    """Item 1: 実施内容, 年度計画 and a new 成果指標; item 2: 推進担当課; item 3: nothing. Both editions frozen."""
    write(plan, 1, "original", {2014: "検討", 2015: "→"}, contents="平成25年度に<b>実施</b>する。")
    write(
        plan,
        1,
        "fy2013-revision",
        {2014: "試行", 2015: "→"},
        {2014: Decimal("77.5")},
        contents="平成26年度に<b>実施</b>する。",
        revision_reason="準備に時間が要るため。",
    )
    Responsibility.objects.create(program_edition=content(plan, 2, "fy2013-revision"), department=cast.zaisei, order=2)
    freeze(plan, cast.office)
    Revision.objects.create(
        plan=plan,
        from_edition=plan.editions.get(key="original"),
        to_edition=plan.editions.get(key="fy2013-revision"),
        decided_on=datetime.date(2014, 3, 20),
        purpose="社会の変化に合わせる。",
        source=plan.sources.get(),
    )
    return plan


def remove(contents, by):
    """Take contents out of frozen editions: what a plan looks like that was registered without them."""
    plan = Edition.objects.get(key="original").plan
    plan.editions.update(frozen_at=None, frozen_by=None)
    for each in contents:
        each.delete()
    freeze(plan, by)


def mark(plan, number, *aspects):
    for aspect in aspects:
        RevisionMark.objects.create(
            revision=plan.revisions.get(), program=plan.programs.get(number=str(number)), aspect=aspect
        )


def publish(plan, key, value, category="", policy=None):
    return PublishedFigure.objects.create(
        plan=plan,
        key=key,
        measure="revised_aspect" if category else "revised_items",
        label=key,
        category=category,
        edition=plan.editions.get(key="fy2013-revision"),
        policy=policy,
        printed=str(value),
        value=value,
        unit="項目",
        source=plan.sources.get(),
        locator="表2",
    )


def numbers(page):
    return [text.split()[0] for text in page.texts.get("h4", []) if text[0].isdigit()]


def test_revision_page_counts_and_shows_before_and_after(client, revised):
    publish(revised, "items", 2)
    publish(revised, "contents", 1, "contents")
    publish(revised, "indicators", 2, "indicators")
    mark(revised, 1, "contents", "year_plans", "planned_years")
    response = client.get(PAGE)
    page = read(response)
    assert page.texts["h1"] == ["計画の見直し：改訂版"]
    assert page.definitions["見直しの趣旨"] == "社会の変化に合わせる。 このサイトの要約"
    assert page.definitions["見直しを決めた時期"] == "平成26年（2014年）3月20日"
    assert page.definitions["見直し前の版"] == "当初"
    assert page.tables[0][1:] == [
        ["見直した項目", "2", "2", "1", "≠不一致"],
        ["推進担当課", "未登録", "1", "0", "≠不一致"],
        ["実施内容", "1", "1", "1", "＝一致"],
        ["実施予定年度", "未登録", "0", "1", "≠不一致"],
        ["見込まれる効果", "未登録", "0", "0", "＝一致"],
        ["成果指標", "2", "1", "0", "≠不一致"],
        ["成果指標の新規設定", "未登録", "1", "0", "≠不一致"],
        ["年度計画", "未登録", "1", "1", "＝一致"],
    ]
    assert [text for text in page.texts["li"] if "○印" in text] == [
        "1 項目1の取組の実施予定年度：市の表に○印がありますが、二つの版の内容は同じです。",
        "1 項目1の取組の成果指標：二つの版の内容は違いますが、市の表に○印がありません。",
        "1 項目1の取組の成果指標の新規設定：二つの版の内容は違いますが、市の表に○印がありません。",
        "2 項目2の取組の推進担当課：二つの版の内容は違いますが、市の表に○印がありません。",
    ]
    assert numbers(page) == ["1", "2"]
    assert page.definitions["実施内容"] == "平成（削除：25）（追加：26）年度に<b>実施</b>する。"
    assert page.definitions["年度計画"] == "平成26年度（2014年度）：（削除：検討）（追加：試行）"
    assert page.definitions["成果指標"] == "新規設定 収納率 平成26年度（2014年度）の目標：（追加：77.5%）"
    assert page.definitions["推進担当課"] == "加わった課：（追加：財政課）"
    assert page.texts["summary"] == [
        "見直した箇所",
        "方針",
        "理由：準備に時間が要るため。（1 項目1の取組）",
        "見直しの前と後（2 項目2の取組）",
    ]
    assert page.texts["del"][1:] == ["（削除：25）", "（削除：検討）"]
    assert 'href="/plans/kodaira-2/programs/1/"' in response.content.decode()


def test_filters_of_the_page_and_what_it_refuses(client, revised):
    found = {
        query: numbers(read(client.get(PAGE + query)))
        for query in (
            *("?aspect=contents", "?aspect=departments", "?policy=1", "?aspect=contents&policy=2", "?page=1"),
            *("?aspect=contents&aspect=departments", "?policy=1&policy=2", "?aspect=contents&policy=1&policy=2"),
        )
    }
    assert "当てはまる項目はありません。" in read(client.get(f"{PAGE}?aspect=contents&policy=2")).texts["p"]
    assert found == {
        "?aspect=contents&aspect=departments": ["1", "2"],
        "?policy=1&policy=2": ["1", "2"],
        "?aspect=contents&policy=1&policy=2": ["1"],
        "?aspect=contents": ["1"],
        "?aspect=departments": ["2"],
        "?policy=1": ["1"],
        "?aspect=contents&policy=2": [],
        "?page=1": ["1", "2"],
    }
    refused = {
        "?aspect=nix": "見直した箇所：この箇所はありません。一覧から選び直してください。",
        "?policy=9": "方針：この方針はありません。一覧から選び直してください。",
        "?page=x": "ページの番号は半角の数字で指定してください。",
        "?q=a": "「q」という条件はありません。アドレスから消してください。",
        "?page=1&page=2": "同じ条件が二つ以上あります。一つだけ指定してください。",
    }
    for query, reason in refused.items():
        response = client.get(PAGE + query)
        assert response.status_code == 400
        assert reason in read(response).texts["li"]
        assert numbers(read(response)) == []
    for address in (f"{PAGE}?page=2", "/plans/kodaira-2/revisions/nix/", "/plans/kodaira-2/revisions/original/"):
        assert client.get(address).status_code == 404


def test_item_list_and_files_can_be_asked_for_what_was_revised(client, revised):
    def csv(query):
        text = client.get(f"/plans/kodaira-2/programs.csv{query}").getvalue().decode("utf-8-sig")
        return [line.split(",")[1] for line in text.splitlines()[1:]]

    found = {
        query: csv(query)
        for query in (
            "?revised=yes",
            "?revised=no",
            "?aspect=departments",
            "?revised=no&aspect=departments",
            "?revised=yes&aspect=indicators_new&policy=1",
        )
    }
    assert found == {
        "?revised=yes": ["1", "2"],
        "?revised=no": ["3"],
        "?aspect=departments": ["2"],
        "?revised=no&aspect=departments": ["1", "3"],
        "?revised=yes&aspect=indicators_new&policy=1": ["1"],
    }
    page = read(client.get("/plans/kodaira-2/programs/?revised=yes"))
    assert [row[0] for row in items_of(page.tables[0])] == ["1", "2"]
    assert "見直し：見直した項目" in page.texts["span"]
    assert client.get("/plans/kodaira-2/programs/?revised=1").status_code == 400
    assert client.get("/plans/kodaira-2/programs.xlsx?aspect=nix").status_code == 400


def test_revised_items_of_a_frozen_round(client, revised, cast):
    factories.published_round(revised, {1: "A"}, by=cast.office)
    page = read(client.get("/plans/kodaira-2/programs/?revised=yes&round=2014-09-30"))
    assert [row[0] for row in items_of(page.tables[0])] == ["1", "2"]


def ledger(plan):
    return {row.figure.key: (str(row.status), row.computed, row.reason) for row in reconcile(plan)}


def test_ledger_compares_published_counts(revised, cast, django_assert_max_num_queries):
    publish(revised, "items", 2)
    publish(revised, "items-1", 1, policy=revised.policies.get(number=1))
    publish(revised, "contents", 5, "contents")
    publish(revised, "odd", 1, "colour")
    compared = "二つの版の計画内容を比べて数えました。"
    with django_assert_max_num_queries(10):
        assert ledger(revised) == {
            "items": ("一致", Decimal(2), compared),
            "items-1": ("一致", Decimal(1), compared),
            "contents": ("不一致", Decimal(1), compared),
            "odd": ("照合できません", None, "見直し箇所「colour」は、計算できる箇所ではありません。"),
        }
    # A part of the items is registered: the number is shown, but it decides nothing.
    remove([content(revised, 3, "original")], cast.office)
    assert ledger(revised)["contents"] == (
        "照合できません",
        Decimal(1),
        "3項目のうち2項目の計画内容だけが登録されているため、照合できません。",
    )
    # An item that came with the revision is registered wholly, and is not a revised one.
    Program.objects.filter(number="3").update(added_on=datetime.date(2014, 4, 1))
    assert ledger(revised)["items"] == ("一致", Decimal(2), compared)
    # Marks stand in where the wordings are not there.
    mark(revised, 1, "contents", "year_plans")
    remove(ProgramEdition.objects.filter(program__plan=revised), cast.office)
    assert ledger(revised)["items"] == ("不一致", Decimal(1), "市の表の○印を数えました。")
    RevisionMark.objects.all().delete()
    assert ledger(revised)["items"] == (
        "照合できません",
        None,
        "版ごとの計画内容が登録されていないため、計算できません。",
    )


def test_check_figures_tells_marks_that_disagree(revised, capsys):
    mark(revised, 1, "contents", "year_plans", "indicators", "indicators_new")
    call_command("check_figures", "kodaira-2")  # no published figure differs, so it ends well
    assert (
        "改訂版 2 項目2の取組 推進担当課: 二つの版の内容は違いますが、市の表に○印がありません。"
        in capsys.readouterr().out
    )
    mark(revised, 2, "departments")
    call_command("check_figures", "kodaira-2")
    assert "推進担当課" not in capsys.readouterr().out


def test_added_and_ended_items_are_listed_and_not_counted(client, revised, cast):
    remove([content(revised, 3, "original"), content(revised, 2, "fy2013-revision")], cast.office)
    Program.objects.filter(number="3").update(added_on=datetime.date(2014, 4, 1))
    Program.objects.filter(number="2").update(ended_on=datetime.date(2014, 3, 31), end_reason="achieved")
    page = read(client.get(PAGE))
    assert page.tables[0][1][2] == "1"
    assert [text for text in page.texts["li"] if text[:3] in ("追加：", "終了：")] == [
        "追加：3 項目名 未登録（平成26年（2014年）4月1日）",
        "終了：2 項目2の取組（平成26年（2014年）3月31日、目標達成）",
    ]


def test_a_merged_item_names_what_goes_on_with_it(client, revised, cast):
    remove([content(revised, 2, "fy2013-revision")], cast.office)
    into = Program.objects.get(number="1")
    Program.objects.filter(number="2").update(
        ended_on=datetime.date(2014, 3, 31), end_reason="merged", merged_into=into, end_note="窓口を一つにしたため。"
    )
    page = read(client.get(PAGE))
    assert [text for text in page.texts["li"] if text.startswith("終了：")] == [
        "終了：2 項目2の取組（平成26年（2014年）3月31日、統合。引き継いだ項目：1 項目1の取組）窓口を一つにしたため。"
    ]
    table = client.get("/plans/kodaira-2/data/added_and_ended.csv").getvalue().decode("utf-8-sig").split("\r\n")
    assert table == [
        "plan,program_number,name,policy_number,added_on,ended_on,end_reason,merged_into_program_number,carried_plan,carried_program_number,end_note,source,is_fictional",
        "kodaira-2,2,項目2の取組,2,,2014-03-31,merged,1,,,窓口を一つにしたため。,S1,false",
        "",
    ]
    Program.objects.filter(number="2").update(
        end_reason="carried", merged_into=None, carried_plan="next", carried_number="R1-1"
    )
    [row] = client.get("/api/v1/plans/kodaira-2/added-and-ended").json()["items"]
    assert (
        row["end_reason"],
        row["merged_into_program_number"],
        row["carried_plan"],
        row["carried_program_number"],
    ) == (
        *("carried", None),
        *("next", "R1-1"),
    )
    detail = client.get("/api/v1/plans/kodaira-2/programs/2").json()
    assert [detail[name] for name in CAME_AND_WENT] == [*(None, "2014-03-31", "carried", None, "next", "R1-1")]
    assert (
        "終了：2 項目2の取組（平成26年（2014年）3月31日、次の計画へ継続。引き継いだ計画：次の計画 R1-1）"
        in " ".join(read(client.get(PAGE)).texts["li"])
    )


def test_marks_alone_list_the_items(client, revised, cast):
    remove(ProgramEdition.objects.filter(program__plan=revised), cast.office)
    mark(revised, 3, "contents", "indicators")
    page = read(client.get(PAGE))
    assert page.tables[0][3] == ["実施内容", "未登録", "未登録", "1", "？照合できません"]
    assert numbers(page) == ["3"]
    assert "市の表の○印によります。見直しの前と後の内容は未登録です。" in page.texts["p"]
    listed = read(client.get("/plans/kodaira-2/programs/?aspect=contents"))
    assert [row[0] for row in items_of(listed.tables[0])] == ["3仮"]


def test_page_of_kodaira_says_what_is_published_and_what_is_not_known(client, db):
    call_command("load_official", verbosity=0)
    page = read(client.get(PAGE))
    assert [row[1:] for row in page.tables[0][1:]] == [
        [published, "未登録", "未登録", "？照合できません"]
        for published in ("50", "9", "35", "23", "19", "39", "16", "28")
    ]
    text = "どの項目を見直したかは、公表資料で確かめられていないため、登録していません。分かりしだい、項目ごとに見直しの前と後を示します。"
    assert text in page.texts["p"]
    assert (
        "版ごとの計画内容が未登録のため、このサイトでは数えられません。次の数は、市が公表したものです。"
        in page.texts["p"]
    )
    refused = client.get("/plans/kodaira-2/programs/?revised=yes")
    assert refused.status_code == 400
    assert any("どの項目を見直したかは、まだ登録されていません。" in each for each in read(refused).texts["li"])
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    assert f'href="{PAGE}"' in client.get("/plans/kodaira-2/figures/").content.decode()


def test_edition_in_preparation_is_nowhere(client, revised, cast):
    draft = Edition.objects.create(
        plan=revised, key="draft", name=SECRET, first_fiscal_year=2015, last_fiscal_year=2015
    )
    made = ProgramEdition.objects.create(program=revised.programs.get(number="1"), edition=draft, contents=SECRET)
    YearPlan.objects.create(program_edition=made, fiscal_year=2015, text=SECRET)
    hidden = Indicator.objects.create(program=made.program, number=9, name=SECRET)
    IndicatorTarget.objects.create(indicator=hidden, edition=draft, fiscal_year=2015, text=SECRET)
    Revision.objects.create(
        plan=revised, from_edition=revised.editions.get(key="fy2013-revision"), to_edition=draft, purpose=SECRET
    )
    assert client.get("/plans/kodaira-2/revisions/draft/").status_code == 404
    for address in ("", "programs/1/", "revisions/fy2013-revision/", "programs/?revised=yes", "figures/"):
        response = client.get(f"/plans/kodaira-2/{address}")
        assert (response.status_code, SECRET in response.content.decode()) == (200, False)
    # An edition whose counts are published has a page; its contents are known once both editions are frozen.
    Edition.objects.filter(key="fy2013-revision").update(frozen_at=None, frozen_by=None)
    assert client.get(PAGE).status_code == 404
    publish(revised, "items", 2)
    page = read(client.get(PAGE))
    assert page.tables[0][1][1:4] == ["2", "未登録", "未登録"]
    assert numbers(page) == []


def test_marks_of_an_edition_in_preparation_tell_nothing(client, revised):
    """Until it is frozen, or the city has printed its counts."""
    draft = Edition.objects.create(
        plan=revised, key="draft", name=SECRET, first_fiscal_year=2015, last_fiscal_year=2015
    )
    step = Revision.objects.create(
        plan=revised, from_edition=revised.editions.get(key="fy2013-revision"), to_edition=draft
    )
    RevisionMark.objects.create(revision=step, program=revised.programs.get(number="3"), aspect="contents")

    def listed():
        return [row[0] for row in items_of(read(client.get("/plans/kodaira-2/programs/?revised=yes")).tables[0])]

    assert listed() == ["1", "2"]
    figure = publish(revised, "draft", 1)
    figure.edition = draft
    figure.save()
    assert listed() == ["3仮"]


@pytest.mark.parametrize("programs", [3, 60])
def test_queries_and_pages_do_not_grow(client, cast, programs):
    plan = factories.small_plan(programs=programs)
    ProgramEdition.objects.filter(edition__key="fy2013-revision").update(contents="新しい内容")
    freeze(plan, cast.office)
    Revision.objects.create(
        plan=plan, from_edition=plan.editions.get(key="original"), to_edition=plan.editions.get(key="fy2013-revision")
    )
    publish(plan, "items", programs)
    mark(plan, 1, "contents")
    cost = []
    connection.run_on_commit.clear()  # as if all this were committed: within a change nothing is kept

    def ask(name):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/plans/kodaira-2/{name}")
        assert response.status_code == 200
        cost.append((name, len(queries)))

    # Who asks first finds it out; after that it is kept.
    ask("revisions/fy2013-revision/")
    ask("revisions/fy2013-revision/?aspect=contents&policy=1")
    ask("programs/?revised=yes")
    ask("programs/?aspect=contents&grade=unreported")
    ask("programs/")
    process_cache.clear()
    ask("programs/?revised=yes")
    ask("figures/")
    assert cost == [
        ("revisions/fy2013-revision/", 7),
        ("revisions/fy2013-revision/?aspect=contents&policy=1", 6),
        ("programs/?revised=yes", 9),
        ("programs/?aspect=contents&grade=unreported", 8),
        ("programs/", 9),
        ("programs/?revised=yes", 14),
        ("figures/", 10),
    ]
    assert len(numbers(read(client.get(PAGE)))) == min(programs, 50)


def test_edition_in_force_by_date(plan):
    def on(*day):
        found = Edition.objects.in_force_on(plan, datetime.date(*day))
        return found and found.key

    assert [on(2011, 4, 1), on(2014, 3, 31), on(2014, 4, 1), on(2016, 3, 31)] == [
        "original",
        "original",
        "fy2013-revision",
        "fy2013-revision",
    ]
    assert (on(2011, 3, 31), on(2016, 4, 1)) == (None, None)


def test_revision_follows_the_edition_that_the_office_named(plan):
    third = Edition.objects.create(plan=plan, key="third", name="第3版", first_fiscal_year=2015, last_fiscal_year=2015)
    Revision.objects.create(plan=plan, from_edition=plan.editions.get(key="original"), to_edition=third)
    found = revisions.events(revisions.editions_of(plan))
    assert [(event.edition.key, event.before and event.before.key) for event in found] == [
        ("original", None),
        ("fy2013-revision", "original"),
        ("third", "original"),
    ]
    assert list(found[2].years) == [2015]


def test_what_is_kept_follows_every_write(client, revised, cast):
    """An erratum to a frozen edition, a mark of the city, an item that came later: the next reader sees it."""

    def told():
        page = read(client.get("/plans/kodaira-2/programs/?aspect=contents"))
        shown = [row[0] for row in items_of(page.tables[0])]
        assert numbers(read(client.get(f"{PAGE}?aspect=contents"))) == shown
        return shown, read(client.get(PAGE)).tables[0][3][2:4]

    assert told() == (["1"], ["1", "未登録"])
    old = content(revised, 2, "fy2013-revision")
    errata.correct_content(old, "contents", "窓口を増やす。", reason="印刷のもれ", by=cast.office)
    assert told() == (["1", "2"], ["2", "未登録"])
    mark(revised, 2, "contents")
    assert told() == (["1", "2"], ["2", "1"])
    RevisionMark.objects.get().delete()
    assert told() == (["1", "2"], ["2", "未登録"])


def test_the_list_asks_what_was_revised_only_where_that_can_be_told(client, plan, revised, cast):
    def offered():
        return "見直した箇所" in client.get("/plans/kodaira-2/programs/").text

    assert offered()
    remove(ProgramEdition.objects.filter(program__plan=plan), cast.office)
    assert not offered()
    refused = client.get("/plans/kodaira-2/programs/?revised=yes")
    assert refused.status_code == 400
    assert "どの項目を見直したかは、まだ登録されていません。この条件を消してください。" in refused.text
    mark(plan, 1, "contents")
    assert offered()
    assert client.get("/plans/kodaira-2/programs/?revised=yes").status_code == 200
