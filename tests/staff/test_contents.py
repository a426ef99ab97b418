"""The pages of contents, editions and items: exact values in, bad input beside its field, conflicts, and frozen ones."""

import html
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies.models import Edition, Source
from programs import editions
from programs.content import Target, fingerprint
from programs.contents import content_of, save_content
from programs.models import ContentErratum, Indicator, Program, ProgramEdition, YearPlan
from tests import factories
from tests.staff.addresses import url
from tests.staff.files import problems, xlsx


@pytest.fixture
def content(plan):
    factories.written(plan)
    return ProgramEdition.objects.select_related("edition").get(program__number="1", edition__key="original")


@pytest.fixture
def key(content):
    return f"i{Indicator.objects.get(program=content.program_id).pk}"


def form_data(response):
    """What a browser would send back: every field with what stands in it."""
    form = response.context_data["form"]
    data = {name: form[name].value() for name in form.fields if not name.endswith("-remove")}
    sent = {name: value or "" for name, value in data.items() if not form.fields[name].disabled}
    return {**sent, "seen": form.seen, "_save": "1"}


@pytest.fixture
def opened(client, cast, content):
    client.force_login(cast.office)
    return form_data(client.get(url(content)))


def stored(content):
    return content_of(ProgramEdition.objects.get(pk=content.pk))


def test_a_page_sent_back_as_it_is_changes_nothing(client, content, opened):
    rows = ProgramEdition.history.count()
    assert client.post(url(content), opened).status_code == 302
    assert ProgramEdition.history.count() == rows


def test_what_is_typed_is_stored_exactly(client, cast, content, key, opened):
    typed = {
        "contents": "一行目\r\n二行目", "planned_years": "平成23年度", "expected_effect": "効果", "revision_reason": "",
        "department_1": cast.zeimu.pk, "department_2": "", "department_3": cast.zaisei.pk,
        "year_2011": "", "year_2013": "→",
        f"{key}-name": "収納率（現年度）", f"{key}-baseline": "６８．２", f"{key}-baseline_fiscal_year": "平成21年度",
        f"{key}-value_2014": "", f"{key}-text_2014": "増加", f"{key}-value_2015": "1,234.5",
        "n2-name": "相談件数", "n2-unit": "件", "n2-better": "none", "n2-value_2011": "30", "n2-text_2012": "同程度",
    }  # fmt: skip
    response = client.post(url(content), opened | typed | {"_next": "1"})
    following = ProgramEdition.objects.get(program__number="2", edition=content.edition)
    assert response.url == url(following)
    now = stored(content)
    assert now.texts == {
        "contents": "一行目\n二行目", "planned_years": "平成23年度", "expected_effect": "効果", "revision_reason": "",
    }  # fmt: skip
    assert now.departments == (cast.zeimu.pk, cast.zaisei.pk)
    assert now.year_plans == {2013: "→", 2014: "実施"}
    first, second = now.indicators.values()
    assert (first.name, first.unit, first.better, first.baseline, first.baseline_fiscal_year) == (
        "収納率（現年度）", "%", "up", Decimal("68.2"), 2009,
    )  # fmt: skip
    assert first.targets == {
        2011: Target(Decimal(70), "以上"), 2014: Target(None, "増加"), 2015: Target(Decimal("1234.5")),
    }  # fmt: skip
    assert (second.number, second.name, second.unit, second.better) == (2, "相談件数", "件", "none")
    assert second.targets == {2011: Target(Decimal(30)), 2012: Target(None, "同程度")}
    assert ProgramEdition.history.latest().history_user == cast.office


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"n1-value_2011": "約百", "n1-name": "x"}, "n1-value_2011", "「約百」は数として読めません。単位や「約」を付けずに、1234 や 68.1 のように入力してください。"),
        ({"n1-value_2011": "5"}, "n1-name", "このフィールドは空ではいけません。"),
        ({"n1-name": "x", "n1-baseline_fiscal_year": "昭和65年"}, "n1-baseline_fiscal_year", None),
        ({"n1-name": "x", "n1-better": "sideways"}, "n1-better", None),
        ({"year_2011": "あ" * 501}, "year_2011", None),
        ({"contents": "あ" * 4001}, "contents", None),
        ({"department_3": "{zaisei}"}, "department_3", "同じ部署が2回選ばれています。どちらかを空欄にしてください。"),
        ({"department_2": "999"}, "department_2", None),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(typed, field, message, client, cast, content, opened):
    typed = {name: value.format(zaisei=cast.zaisei.pk) for name, value in typed.items()}
    before = stored(content).flat()
    response = client.post(url(content), opened | {"planned_years": "書き直し"} | typed)
    assert response.status_code == 400
    errors = response.context_data["form"].errors
    assert list(errors) == [field]
    assert message is None or errors[field] == [message]
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert 'value="書き直し"' in page  # what was typed is still there
    assert stored(content).flat() == before


def test_the_page_compares_with_the_edition_before_and_leads_through_all_items(client, cast, plan, content):
    later = ProgramEdition.objects.get(program__number="2", edition__key="fy2013-revision")
    client.force_login(cast.office)
    page = html.unescape(client.get(url(later)).content.decode())
    assert "当初の実施内容" in page
    assert "<mark>税の収納率を上げる。</mark>" in page
    assert "3項目のうち2番目" in page
    assert "前の項目: 1 項目1の取組" in page
    assert page.count('class="steps"') == 2
    assert "次の項目: 3 項目名 未登録" in page
    assert 'for="id_year_2014" class="cell-label">平成26年度（2014年度）</label>' in page


def test_the_only_content_of_an_edition_leads_nowhere(client, cast, content):
    ProgramEdition.objects.filter(edition=content.edition).exclude(pk=content.pk).delete()
    client.force_login(cast.office)
    assert 'class="steps"' not in client.get(url(content)).content.decode()


def test_a_page_costs_the_same_for_any_number_of_items_and_indicators(client, cast):
    def queries(slug, programs, indicators):
        plan = factories.small_plan(slug, programs=programs)
        content = factories.written(plan)[1]
        Indicator.objects.bulk_create(
            [Indicator(program=content.program, number=n, name="x") for n in range(2, indicators + 1)]
        )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(content)).status_code == 200
        return len(captured)

    client.force_login(cast.office)
    queries("warm", 3, 1)
    few = queries("few", 3, 1)
    assert queries("many", 60, 9) == few
    assert few <= 30


# Two people at once


def test_a_colleagues_save_is_shown_beside_what_was_typed_and_the_person_decides(client, cast, content, key, opened):
    other = stored(content)
    texts = {**other.texts, "contents": "同僚の文。", "expected_effect": "同僚の効果。"}
    plans = {**other.year_plans, 2012: "同僚の試行"}
    saved = save_content(content, type(other)(texts, other.departments, plans, other.indicators), by=cast.root)
    typed = opened | {"contents": "自分の文。", "year_2013": "自分の年"}
    response = client.post(url(content), typed)
    assert response.status_code == 409
    choices = {one.name: (*map(str, one.beside), one.picked) for one in response.context_data["choices"]}
    assert choices == {
        "contents": ("<mark>同僚</mark>の文。", "<mark>自分</mark>の文。", None),
        "expected_effect": ("<mark>同僚の効果。</mark>", "", "theirs"),  # only the colleague wrote there
        "year_2012": ("<mark>同僚の試行</mark>", "", "theirs"),
    }
    page = response.content.decode()
    assert "管理 六郎が保存しました" in page
    assert "自分の文。</textarea>" in page
    assert stored(content).texts["contents"] == "同僚の文。"

    again = typed | {"seen": response.context_data["form"].seen, "pending": response.context_data["pending"]}
    unpicked = client.post(url(content), again | {"pick_year_2012": "theirs", "pick_expected_effect": "theirs"})
    assert unpicked.status_code == 409
    assert "違いのあるところすべてで選んでください。" in unpicked.context_data["refused"]
    picks = {"pick_contents": "mine", "pick_year_2012": "theirs", "pick_expected_effect": "theirs"}
    assert client.post(url(content), again | picks).status_code == 302
    now = stored(saved)
    assert (now.texts["contents"], now.texts["expected_effect"]) == ("自分の文。", "同僚の効果。")
    assert now.year_plans == {2011: "検討", 2012: "同僚の試行", 2013: "自分の年", 2014: "実施"}


def test_an_own_second_tab_is_not_called_another_person(client, content, opened):
    assert client.post(url(content), opened | {"contents": "別の画面の文。"}).status_code == 302
    response = client.post(url(content), opened | {"contents": "この画面の文。"})
    assert response.status_code == 409
    assert '<h2 id="conflict-title">別の画面で先に保存されています</h2>' in response.text
    assert "別の画面であなた自身が更新しました。上書きはしていません。" in response.context_data["refused"]


def test_an_indicator_that_a_colleague_added_stays_and_one_that_was_removed_comes_back_as_a_new_one(
    client, cast, content, key, opened
):
    other = stored(content)
    new = type(other.indicators[key])(name="同僚の指標", targets={2011: Target(Decimal(1))})
    save_content(content, type(other)(other.texts, other.departments, other.year_plans, {"n1": new}), by=cast.root)
    typed = opened | {f"{key}-value_2011": "71"}
    response = client.post(url(content), typed)
    assert response.status_code == 409
    assert [one.name for one in response.context_data["choices"]] == [
        f"i{Indicator.objects.get(name='同僚の指標').pk}",
        key,
    ]
    again = form_data(response) | {"pending": response.context_data["pending"]}
    assert client.post(url(content), again).status_code == 302
    assert [(one.number, one.name, one.targets.get(2011)) for one in stored(content).indicators.values()] == [
        (2, "同僚の指標", Target(Decimal(1))),
        (3, "収納率", Target(Decimal(71), "以上")),
    ]


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"contents": 1}'])
def test_a_form_that_does_not_say_what_was_seen_is_a_conflict(seen, client, content, opened):
    response = client.post(url(content), opened | {"seen": seen, "contents": "自分の文。"})
    assert response.status_code == 409
    assert stored(content).texts["contents"] == "税の収納率を上げる。"


# Editions


def test_the_office_copies_an_edition_and_freezes_it_after_seeing_what_is_missing(client, cast, plan, content):
    latest = plan.editions.get(key="fy2013-revision")
    client.force_login(cast.office)
    page = f"/admin/policies/edition/{latest.pk}/"
    shown = client.get(f"{page}change/").content.decode()
    assert f'href="{page}next/"' in shown
    assert f'href="{page}freeze/"' in shown
    wrong = client.post(
        f"{page}next/", {"key": "next", "name": "", "first_fiscal_year": "H23", "last_fiscal_year": "x"}
    )
    assert wrong.status_code == 400
    assert sorted(wrong.context_data["form"].errors) == ["last_fiscal_year", "name"]
    typed = {
        "key": "next",
        "name": "三次",
        "first_fiscal_year": "平成27年度",
        "last_fiscal_year": "2016",
        "decided": "",
    }
    early = client.post(f"{page}next/", typed | {"first_fiscal_year": "H23"})
    assert list(early.context_data["form"].errors) == ["first_fiscal_year"]
    made = client.post(f"{page}next/", typed, follow=True)
    edition = Edition.objects.get(key="next")
    assert [str(one) for one in get_messages(made.wsgi_request)] == ["「三次」を作り、3項目の計画内容を用意しました。"]
    assert (edition.first_fiscal_year, edition.last_fiscal_year, edition.contents.count()) == (2015, 2016, 3)

    freeze = f"/admin/policies/edition/{edition.pk}/freeze/"
    assert "計画内容の足りない項目 3件" in client.get(freeze).content.decode()
    refused = client.post(freeze)
    assert refused.status_code == 400
    assert "足りない項目が3件あります" in refused.context_data["error"]
    stale = client.post(freeze, {"accept_incomplete": "1", "seen": "2"})
    assert "画面を開いたあとに変わりました" in stale.context_data["error"]
    assert client.post(freeze, {"accept_incomplete": "1", "seen": "3"}).status_code == 302
    edition.refresh_from_db()
    assert edition.frozen_by == cast.office
    assert client.post(freeze).status_code == 400


def test_a_frozen_edition_is_read_only_on_every_page_and_list_for_everybody(client, cast, plan, content, key, opened):
    editions.freeze(content.edition, by=cast.office)
    before = stored(content).flat()
    for who in ("office", "root"):
        client.force_login(getattr(cast, who))
        page = client.get(url(content)).content.decode()
        assert "<textarea" not in page
        assert f'href="{url(content, "correct")}"' in page
        assert client.post(url(content), opened | {"contents": "変えた"}).status_code == 400
        assert client.post(url(content, "delete"), {"post": "yes"}).status_code == 403
        year = content.year_plans.first()
        assert client.post(f"/admin/programs/yearplan/{year.pk}/change/", {"text": "変えた"}).status_code == 403
        selected = {"action": "delete_selected", "_selected_action": [year.pk], "post": "yes"}
        kept = client.post("/admin/programs/yearplan/", selected).content.decode()
        assert "確定した版の年度計画 1件" in kept
        kept = client.post(f"/admin/programs/program/{content.program_id}/delete/", {"post": "yes"}).content.decode()
        assert "確定した版の計画内容 1件" in kept
        indicator = client.get(f"/admin/programs/indicator/{key[1:]}/change/")
        assert not indicator.context_data["adminform"].form.fields
        begin = client.post(f"/admin/policies/edition/{content.edition_id}/begin/", follow=True)
        assert "確定しているため" in next(str(one) for one in get_messages(begin.wsgi_request))
    lists = {
        "programs.programedition": [["計画", "実施項目", "版", "実施内容"], ["kodaira-2", "1", "original", "変えた"]],
        "programs.yearplan": [["計画", "実施項目", "版", "年度", "年度計画"], ["kodaira-2", "1", "original", 2011, "x"]],
        "programs.indicatortarget": [
            ["計画", "実施項目", "指標の番号", "版", "年度", "目標値"], ["kodaira-2", "1", 1, "original", 2011, 99],
        ],
    }  # fmt: skip
    for label, rows in lists.items():
        file = xlsx(rows)
        response = _upload(client, label, file)
        [(row, _column, message)] = problems(response)
        assert (row, message[:18]) == (2, "「当初」は確定しているため、計画内容")
    departments = [["計画", "実施項目", "版", "推進担当課"], ["kodaira-2", "1", "original", "zeimu"]]
    [(row, _column, message)] = problems(_upload(client, "programs.programedition", xlsx(departments)))
    assert message.startswith("「当初」は確定しているため")
    renamed = [["計画", "実施項目", "指標の番号", "指標名"], ["kodaira-2", "1", 1, "別の名"]]
    [(row, _column, message)] = problems(_upload(client, "programs.indicator", xlsx(renamed)))
    assert message.startswith("成果指標「別の名」は確定した版で使われているため")
    period = [
        ["計画", "識別名", "名称", "適用の最初の年度", "適用の最後の年度"],
        ["kodaira-2", "original", "当初", 2011, 2014],
    ]
    [(row, _column, message)] = problems(_upload(client, "policies.edition", xlsx(period)))
    assert message == "版を確定したため、変えられません。元の値に戻してください。"
    assert stored(content).flat() == before


def _upload(client, label, data):
    file = SimpleUploadedFile("list.xlsx", data)
    address = f"/admin/{label.replace('.', '/')}/import/"
    return client.post(address, {"import_file": file, "resource": "0", "format": ""})


def test_what_is_frozen_is_corrected_with_a_reason(client, cast, content):
    client.force_login(cast.office)
    page = url(content, "correct")
    assert client.get(page).status_code == 400  # not frozen yet
    editions.freeze(content.edition, by=cast.office)
    chosen = client.get(page, {"field": "year_plans:2014"})
    assert chosen.context_data["old"] == "実施"
    refused = client.post(page, {"field": "year_plans:2014", "new": "試行", "reason": "", "corrected_on": "H26.10.31"})
    assert refused.status_code == 400
    assert refused.context_data["form"].errors == {
        "reason": ["訂正の理由を入力してください。市民のページに表示されます。"]
    }
    same = client.post(page, {"field": "year_plans:2014", "new": "実施", "reason": "誤字", "corrected_on": "H26.10.31"})
    assert same.context_data["form"].errors == {"new": ["いまの内容と同じです。正しい内容を入力してください。"]}
    assert client.post(page, {"field": "nix"}).status_code == 400
    typed = {"field": "year_plans:2014", "new": "試行", "reason": "印刷の誤り", "corrected_on": "平成26年10月31日"}
    assert client.post(page, typed).url == url(content)
    assert YearPlan.objects.get(program_edition=content, fiscal_year=2014).text == "試行"
    shown = client.get(url(content)).content.decode()
    assert "平成26年10月31日 年度計画 平成26年度（2014年度）" in shown
    assert "理由: 印刷の誤り" in shown
    assert ContentErratum.objects.get().corrected_by == cast.office
    behind = client.post(page, typed | {"new": "本格実施", "seen": "0"})  # opened before that
    assert behind.context_data["form"].errors == {
        "new": [
            "画面を開いたあとに、「年度計画 平成26年度（2014年度）」が「試行」に訂正されました。"
            "いまの内容を確かめて、もう一度送ってください。"
        ]
    }
    assert client.post(page, typed | {"new": "本格実施", "seen": str(behind.context_data["seen"])}).status_code == 302


# Items


def test_an_item_is_registered_begun_in_an_edition_ended_and_resumed(client, cast, plan, content):
    client.force_login(cast.office)
    data = {
        "plan": plan.pk,
        "policy": plan.policies.first().pk,
        "number": "２７",
        "name": "行政評価の実施",
        "added_on": "H25.4.1",
    }
    assert client.post("/admin/programs/program/add/", data).status_code == 302
    program = Program.objects.get(number="27")
    page = f"/admin/programs/program/{program.pk}/"
    assert "「当初」の計画内容を書き始める" in client.get(f"{page}change/").content.decode()
    begun = client.post(f"{page}begin/", {"edition": content.edition_id})
    assert begun.url == url(ProgramEdition.objects.get(program=program, edition=content.edition))
    other = factories.small_plan("other").editions.first()
    client.post(f"{page}begin/", {"edition": other.pk})
    assert ProgramEdition.objects.filter(program=program).count() == 1

    bad = client.post(f"{page}end/", {"on": "来年", "reason": "merged", "plan_slug": "x"})
    assert sorted(bad.context_data["form"].errors) == ["into", "on", "plan_slug"]
    into = plan.programs.get(number="1")
    assert client.post(f"{page}end/", {"on": "H26.4.1", "reason": "merged", "into": into.pk}).status_code == 302
    program.refresh_from_db()
    assert (str(program.ended_on), program.merged_into) == ("2014-04-01", into)
    assert "統合先の項目" in client.get(f"{page}change/").content.decode()
    settled = [["計画", "番号", "終了した日"], ["kodaira-2", "27", "2015-04-01"]]
    [(_row, _column, message)] = problems(_upload(client, "programs.program", xlsx(settled)))
    assert message.startswith("終了・統合・引き継ぎは、項目の画面の")
    assert client.post(f"{page}end/", {"_resume": "1"}).status_code == 302
    program.refresh_from_db()
    assert program.ended_on is None


def test_what_a_reporter_sees_is_read_only(client, cast, content):
    client.force_login(cast.reporter)
    page = client.get(url(content)).content.decode()
    assert "税の収納率を上げる。" in page
    assert "<textarea" not in page
    assert 'name="_save"' not in page
    assert (
        "終了・統合・引き継ぎ"
        not in client.get(f"/admin/programs/program/{content.program_id}/change/").content.decode()
    )


def test_the_fingerprint_is_of_what_stands_there(content):
    flat = stored(content).flat()
    assert fingerprint(flat) == fingerprint(json.loads(json.dumps(flat)))
    assert fingerprint(flat | {"year_2011": "x"}) != fingerprint(flat)


def test_the_source_of_a_content_is_chosen_among_those_of_its_plan(client, cast, content, opened):
    source = content.program.plan.sources.get()
    other = Source.objects.create(plan=factories.small_plan("other"), key="S9", title="よその資料")
    page = client.get(url(content)).text
    assert f'<option value="{source.pk}">S1 テスト資料</option>' in page
    assert "よその資料" not in page
    assert client.post(url(content), opened | {"source": other.pk}).status_code == 400
    assert client.post(url(content), opened | {"source": source.pk}).status_code == 302
    content.refresh_from_db()
    assert (content.source, content.history.first().history_change_reason) == (source, "保存（出典）")
    stale = client.post(url(content), opened | {"contents": "別の内容"})  # opened when it had none
    assert [(str(one.label), *map(str, one.beside)) for one in stale.context_data["choices"]] == [
        ("出典", "<mark>S1 テスト資料</mark>", "")
    ]


def test_what_was_typed_when_the_session_ran_out_comes_back_beside_what_others_wrote(client, cast, content, opened):
    field, mark = client.get(url(content)).context_data["opened_by"]
    data = opened | {"contents": "長い文章", field: mark}
    for meanwhile, status in ((None, 200), ("同僚の文", 409)):
        client.logout()
        assert client.post(url(content), data).url == f"/admin/login/?next={url(content)}&sent=1"
        if meanwhile:
            now = stored(content)
            save_content(content, replace(now, texts={**now.texts, "planned_years": meanwhile}), by=cast.root)
        client.login(username="root", password="pass")  # somebody else signs in at the same desk
        assert "長い文章" not in client.get(url(content)).text
        client.logout()
        client.post(url(content), data)
        client.login(username="office", password="pass")
        page = client.get(url(content))
        assert (page.status_code, "長い文章</textarea>" in page.text) == (status, True)
        assert "ログインの前に入力した内容を戻しました。まだ保存していません。" in page.text
        assert ("同僚の文" in page.text) is bool(meanwhile)
    assert stored(content).texts["contents"] == "税の収納率を上げる。"


def test_the_page_of_an_edition_leads_to_what_is_written_down_about_its_revision(client, cast, plan):
    before, after = plan.editions.order_by("first_fiscal_year")
    client.force_login(cast.office)
    page = f"/admin/policies/edition/{after.pk}/change/"
    text = html.unescape(client.get(page).text)
    add = f"/admin/programs/revision/add/?plan={plan.pk}&from_edition={before.pk}&to_edition={after.pk}"
    assert f'href="{add}">見直しの記録を登録する</a>' in text
    assert "見直しの記録" not in client.get(f"/admin/policies/edition/{before.pk}/change/").text
    form = client.get(add).context_data["adminform"].form
    given = {name: form[name].value() for name in ("plan", "from_edition", "to_edition")}
    assert given == {"plan": str(plan.pk), "from_edition": str(before.pk), "to_edition": str(after.pk)}
    assert (
        client.post(
            add, given | {"decided_on": "平成26年3月28日", "purpose": "社会の変化", "departments_counted": "any"}
        ).status_code
        == 302
    )
    revision = plan.revisions.get()
    assert (revision.from_edition, revision.to_edition, revision.purpose) == (before, after, "社会の変化")
    assert f'href="/admin/programs/revision/{revision.pk}/change/">見直しの記録' in client.get(page).text
