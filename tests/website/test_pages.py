"""What stands on each page of a small plan."""

import datetime
import re

import pytest

from accounts.models import Department
from figures import version
from figures.models import PublishedFigure
from policies.models import Direction, Plan, Policy, Position, Source, Viewpoint
from programs.models import Program, ProgramEdition, Responsibility
from reviews.models import PublishedReport
from tests import factories
from tests.published import freeze
from tests.reading import read


def figure(plan, key, **values):
    values = {"label": key, "printed": "1", "value": 1, "unit": "項目", "locator": "表1"} | values
    return PublishedFigure.objects.create(plan=plan, key=key, source=plan.sources.get(key="S1"), **values)


# Overview


def test_overview_counts_the_latest_published_round(client, published):
    page = read(client.get("/plans/kodaira-2/"))
    assert page.definitions["▲S 予定以上に進捗"] == "1項目"
    assert page.definitions["●A 予定どおりに進捗"] == "0項目"
    assert page.definitions["▼B 予定よりも遅れている"] == "1項目"
    assert page.definitions["○未報告"] == "1項目"
    over_time, by_policy = page.tables
    assert by_policy == [
        [
            "方針",
            "▲S 予定以上に進捗",
            "●A 予定どおりに進捗",
            "▼B 予定よりも遅れている",
            "未報告",
            "登録した項目",
            "公表された項目数",
        ],
        ["方針1 財政基盤の強化", "1", "0", "0", "1", "2", "未登録"],
        ["方針2 執行体制の再構築", "0", "0", "1", "0", "1", "未登録"],
        ["計", "1", "0", "1", "1", "3", "未登録"],
    ]
    assert over_time[1:] == [
        ["平成26年（2014年）9月30日", "1", "1", "0", "1"],
        ["平成27年（2015年）3月31日", "1", "0", "1", "1"],
    ]
    assert (
        "平成27年（2015年）3月31日現在、評価した2項目のうち1項目（50%）が「予定以上に進捗」か「予定どおりに進捗」、"
        "1項目が「予定よりも遅れている」です。1項目は未報告です。"
    ) in page.texts["p"]
    assert [text for text in page.texts["h3"] if "評価が" in text] == [
        "評価が下がった項目（1件）",
        "評価が上がった項目（1件）",
    ]
    assert page.texts["h2"][:2] == ["遅れている項目（1件）", "前回から変わったこと"]
    assert "2 項目2の取組▼B 予定よりも遅れている（前回はS）" in page.texts["li"]
    assert "1 項目1の取組●A 予定どおりに進捗 → から▲S 予定以上に進捗" in page.texts["li"]
    assert "すべて、上の「遅れている項目」にあります。" in page.texts["p"]


def test_overview_names_the_items_that_are_behind_and_says_how_many_more(client, plan, cast):
    factories.small_plan("many", programs=12)
    many = Plan.objects.get(slug="many")
    freeze(many, cast.office)
    factories.published_round(many, dict.fromkeys(range(1, 11), "B"), by=cast.office)
    page = read(client.get("/plans/many/"))
    assert page.texts["h2"][0] == "遅れている項目（10件）"
    told = [text for text in page.texts["li"] if text.endswith("▼B 予定よりも遅れている")]
    assert [text.split()[0] for text in told if text[0].isdigit()] == [str(number) for number in range(1, 9)]
    assert "はじめの8件を示しています。" in page.texts["p"]


def test_overview_says_what_is_not_registered(client, published):
    page = read(client.get("/plans/kodaira-2/"))
    assert page.definitions["登録した実施項目"] == "3件"
    assert page.definitions["項目名が未登録"] == "1件"
    assert page.definitions["番号が仮のもの"] == "1件"
    assert page.definitions["項目ごとの評価を公表した調査"] == "2回のうち2回"


def test_overview_without_anything_published_says_so(client, plan):
    page = read(client.get("/plans/kodaira-2/"))
    assert "進み具合は、このサイトに登録されていません（未登録）。" in page.texts["p"]
    assert "効果額は未登録です。" in page.texts["p"]
    assert "市が公表した見直しの数は未登録です。登録されている見直し" in page.texts["p"]
    assert "推進委員会は未登録です。" in page.texts["p"]


def test_overview_prefers_newer_published_totals_to_an_older_round(client, published):
    for code, value in (("S", 1), ("A", 50), ("B", 11)):
        figure(
            published,
            f"grades.{code}",
            measure="grade_count",
            category=code,
            as_of=datetime.date(2016, 3, 31),
            value=value,
        )
    page = read(client.get("/plans/kodaira-2/"))
    assert page.definitions["●A 予定どおりに進捗"] == "50項目"
    assert "○未報告" not in page.definitions
    assert page.texts["caption"][1] == "方針ごとの項目数と評価（平成27年（2015年）3月31日現在）"


def test_overview_prefers_its_own_counts_to_totals_of_the_same_day(client, published):
    figure(published, "grades.A", measure="grade_count", category="A", as_of=datetime.date(2015, 3, 31), value=50)
    assert read(client.get("/plans/kodaira-2/")).definitions["●A 予定どおりに進捗"] == "0項目"


def test_overview_of_kodaira_shows_what_is_officially_known(client, official):
    page = read(client.get("/"))
    grades = {term: value for term, value in page.definitions.items() if term[0] in "▲●▼○"}
    assert grades == {
        "▲S 予定以上に進捗": "1項目",
        "●A 予定どおりに進捗": "50項目",
        "▼B 予定よりも遅れている": "11項目",
    }
    assert (
        "平成28年（2016年）3月31日現在、評価した62項目のうち51項目（82%）が「予定以上に進捗」か「予定どおりに進捗」、"
        "11項目が「予定よりも遅れている」です。"
    ) in page.texts["p"]
    over_time, by_policy, effects = page.tables
    assert over_time[9:] == [
        ["平成27年（2015年）9月30日", "未登録"],
        ["平成28年（2016年）3月31日合計だけ登録", "1", "50", "11"],
    ]
    assert [row[1:] for row in by_policy[1:]] == [
        ["15", "15"],
        ["5", "5"],
        ["7", "7"],
        ["18", "18"],
        ["17", "17"],
        ["62", "62"],
    ]
    assert effects[1] == ["平成23年度（2011年度）実績", "約285百万円", "約179百万円", "約106百万円"]
    assert effects[5] == [
        "平成27年度（2015年度）予算",
        "約169百万円",
        "約1百億円読み取り：約1百万円（下の注）",
        "約168百万円",
    ]
    assert effects[6] == ["実績の4年度の計", "約884百万円", "約321百万円", "約563百万円"]
    assert [page.definitions[term] for term in ("見直した項目の数", "成果指標の見直し", "実施内容の見直し")] == [
        "50項目",
        "39項目",
        "35項目",
    ]
    assert len(read(client.get("/plans/kodaira-2/about/")).tables[0]) == 1 + 7
    assert page.definitions["項目名が未登録"] == "42件"
    assert page.definitions["番号が仮のもの"] == "61件"
    assert page.definitions["項目ごとの評価を公表した調査"] == "10回のうち0回"


def test_a_budget_is_never_added_to_results(client, plan):
    for year, basis, value in ((2011, "actual", 10), (2012, "actual", 5), (2013, "budget", 100)):
        figure(
            plan,
            f"effect.{year}",
            measure="effect",
            category="total",
            fiscal_year=year,
            basis=basis,
            value=value,
            printed=f"{value}百万円",
            unit="百万円",
        )
    page = read(client.get("/plans/kodaira-2/"))
    assert page.tables[2][1:] == [
        ["平成23年度（2011年度）実績", "10百万円", "未登録", "未登録"],
        ["平成24年度（2012年度）実績", "5百万円", "未登録", "未登録"],
        ["平成25年度（2013年度）予算", "100百万円", "未登録", "未登録"],
        ["実績の2年度の計", "15百万円", "計算できません", "計算できません"],
    ]
    assert "平成25年度の予算は、実績とは根拠が違うため、計に含めていません。" in page.texts["p"]


def test_every_fill_of_the_chart_of_effects_has_a_pattern_and_stands_in_its_legend(client, plan):
    values = {"category": "saving", "fiscal_year": 2013, "unit": "百万円"}
    for basis in ("actual", "budget", "forecast"):
        figure(plan, basis, measure="effect", basis=basis, **values)
    figure(plan, "planned", measure="effect_planned", **values)
    html = client.get("/plans/kodaira-2/").text
    fills = re.findall(r'fill="url\(#(\w+-\w+)\)"', html)
    drawn, told = fills[:4], fills[4:]  # the columns, then the legend below them
    assert sorted(drawn) == sorted(told) == ["saving-actual", "saving-budget", "saving-forecast", "saving-planned"]
    assert set(drawn) <= set(re.findall(r'<pattern id="(\w+-\w+)"', html))
    assert "歳出削減（計画）" in html


def test_each_table_of_printed_effects_names_its_own_sources(client, plan):
    other = plan.sources.create(key="S9", title="特別会計の資料", publisher="小平市", **factories.PUBLIC)
    values = {"measure": "effect", "category": "total", "fiscal_year": 2013, "basis": "actual", "unit": "百万円"}
    figure(plan, "all", **values)
    of_account = figure(plan, "special", account="special", **values)
    PublishedFigure.objects.filter(pk=of_account.pk).update(source=other)
    version.forget()
    told = [text for text in read(client.get("/plans/kodaira-2/effects/")).texts["p"] if text.startswith("出典：")][:2]
    assert [("テスト資料" in text, "特別会計の資料" in text) for text in told] == [(True, False), (False, True)]


def test_effects_in_different_units_are_not_added(client, plan):
    for year, unit in ((2011, "百万円"), (2012, "千円")):
        figure(plan, f"e{year}", measure="effect", category="total", fiscal_year=year, basis="actual", unit=unit)
    assert read(client.get("/plans/kodaira-2/")).tables[2][-1][1] == "計算できません"


def test_framework_without_directions_lists_the_policies(client, plan):
    Policy.objects.filter(plan=plan).update(direction=None)
    Direction.objects.filter(plan=plan).delete()
    page = read(client.get("/plans/kodaira-2/about/"))
    assert "方針" in page.texts["h3"]
    assert "目指す方向性と方針" not in page.texts["h3"]


def test_framework_committee_and_position(client, plan):
    source = plan.sources.get()
    Viewpoint.objects.create(plan=plan, kind="through", order=1, name="気づき", source=source)
    Viewpoint.objects.create(plan=plan, kind="goal", order=2, name="市民本位", source=source)
    Position.objects.create(
        plan=plan,
        order=1,
        layer="プラン",
        name="テスト計画",
        first_fiscal_year=2011,
        last_fiscal_year=2015,
        source=source,
    )
    Plan.objects.update(committee_name="推進委員会", committee_experts=3, committee_citizens=0)
    page = read(client.get("/plans/kodaira-2/about/"))
    assert page.definitions["目指すもの"] == "市民本位"
    assert page.definitions["きっかけ"] == "気づき"
    position = page.tables[0]
    assert position[1][0] == "プランテスト計画平成23年度（2011年度）〜平成27年度（2015年度）"
    page = read(client.get("/plans/kodaira-2/"))
    assert "推進委員会（学識経験者3人、市民0人）が、計画の進み具合を確かめ、意見を述べます。" in page.texts["p"]


def test_position_chart_draws_a_bar_from_year_to_year(client, plan):
    for order, (name, first, last) in enumerate((("前の計画", 2006, 2010), ("テスト計画", 2011, 2015))):
        Position.objects.create(
            plan=plan, order=order, layer="プラン", name=name, first_fiscal_year=first, last_fiscal_year=last
        )
    html = client.get("/plans/kodaira-2/about/").content.decode()
    assert '<rect class="other" x="0" y="0.3" width="5" height="1.4"/>' in html
    assert '<rect class="this" x="5" y="0.3" width="5" height="1.4"/>' in html


def test_front_page_is_the_default_plan(client, plan, settings):
    assert client.get("/").content == client.get("/plans/kodaira-2/").content
    settings.DEFAULT_PLAN = "none"
    assert read(client.get("/")).texts["h2"] == ["小平市 テスト計画"]


def test_front_page_of_an_empty_installation_says_that_there_is_no_plan(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert "公開されている計画は、まだ登録されていません。" in read(response).texts["p"]


def test_list_of_plans_has_the_public_ones(client, plan):
    factories.small_plan("other")
    factories.small_plan("draft", is_public=False)
    Plan.objects.filter(slug="other").update(name="小平市の別の計画", is_fictional=True)
    assert read(client.get("/plans/")).texts["h2"] == ["小平市 テスト計画", "小平市の別の計画 架空のデータ"]


# Items and policies


def test_item_list(client, published):
    page = read(client.get("/plans/kodaira-2/programs/"))
    assert page.tables == [
        [
            ["番号↑", "項目", "推進担当課", "推移平成26年9月30日から2回前回からの変化", "評価"],
            ["方針1 財政基盤の強化"],
            ["1", "項目1の取組", "財政課", "●平成26年9月30日 A、▲平成27年3月31日 S、", "▲S 予定以上に進捗"],
            ["方針2 執行体制の再構築"],
            ["2", "項目2の取組", "税務課", "▲平成26年9月30日 S、▼平成27年3月31日 B、", "▼B 予定よりも遅れている"],
        ]
    ]
    assert "方針1 財政基盤の強化：ほか1項目（名称未登録）" in page.texts["li"]
    assert "3件（すべて）" in page.texts["p"]
    assert page.texts["caption"] == [
        "実施項目。評価は平成27年（2015年）3月31日現在のもの。推進担当課は「改訂版」によります"
    ]


def test_item_list_before_any_publication_does_not_say_unreported(client, plan):
    page = read(client.get("/plans/kodaira-2/programs/"))
    assert [row[3] for row in page.tables[0] if len(row) == 4][1:] == ["○未登録"] * 2


def test_long_item_list_has_pages_of_100_that_keep_the_filter(client, cast):
    Program.objects.filter(plan=factories.small_plan(programs=202), name="").update(name="三つ目の取組")
    first = client.get("/plans/kodaira-2/programs/?policy=1")
    assert len(read(first).tables[0]) == 2 + 100  # the head, the policy
    assert 'href="?policy=1&amp;page=2"' in first.content.decode()
    second = read(client.get("/plans/kodaira-2/programs/?policy=1&page=2"))
    assert [row[0] for row in second.tables[0]] == ["番号↑", "方針1 財政基盤の強化", "201"]
    assert "101〜101件目（2ページ中2ページ目）" in second.texts["li"]


def neighbours(page):
    return [text for text in page.texts["li"] if text.startswith(("前：", "次："))]


def test_item_page_shows_grades_in_order_and_the_recovery_of_a_behind_one(client, published):
    page = read(client.get("/plans/kodaira-2/programs/2/"))
    assert page.texts["h1"] == ["項目2の取組"]
    assert page.texts["h4"] == ["平成26年（2014年）9月30日現在", "平成27年（2015年）3月31日現在"]
    assert page.tables[0][4][-1] == "9月 ▲S予定以上に進捗 3月 ▼B予定よりも遅れている"
    assert page.definitions["遅れの理由"] == "関係者との調整に時間を要した。"
    assert page.definitions["対応策"] == "協議の回数を増やす。"
    assert page.definitions["回復予定日"] == "平成28年（2016年）3月31日"
    assert page.definitions["推進担当課"] == "税務課「改訂版」による"
    assert page.definitions["方針"] == "方針2 執行体制の再構築"
    assert page.definitions["出典"] == "「テスト資料」（小平市）"
    assert neighbours(page) == ["前：1 項目1の取組", "次：3 項目名 未登録"]


def test_item_without_a_name_says_so_and_that_its_number_is_provisional(client, published):
    page = read(client.get("/plans/kodaira-2/programs/3/"))
    assert page.texts["h1"] == ["項目名 未登録"]
    assert "番号 3 番号は仮" in page.texts["p"]
    assert page.tables[0][4][-1] == "9月 ○未報告 3月 ○未報告"


def test_item_links_follow_numbers_not_letters(client, plan):
    for number in ("10", "R1-1"):
        Program.objects.create(plan=plan, policy=plan.policies.first(), number=number, name=number, **factories.PUBLIC)
    assert neighbours(read(client.get("/plans/kodaira-2/programs/10/"))) == ["前：3 項目名 未登録", "次：R1-1 R1-1"]


def test_second_department_of_an_item_stands_after_the_first(client, plan, published):
    edition = plan.editions.get(key="fy2013-revision")
    content = ProgramEdition.objects.get(program__number="1", edition=edition)
    second = Responsibility(program_edition=content, department=Department.objects.get(code="zeimu"), order=2)
    Responsibility.objects.bulk_create([second])  # around the guard of the frozen edition
    rows = read(client.get("/plans/kodaira-2/programs/")).tables[0]
    assert rows[2][1:3] == ["項目1の取組", "財政課、税務課"]


def test_policy_page(client, published):
    figure(
        published, "items", measure="item_count", policy=published.policies.get(number=1), printed="15項目", value=15
    )
    page = read(client.get("/plans/kodaira-2/policies/1/"))
    assert page.texts["h1"] == ["方針1 財政基盤の強化"]
    assert page.definitions["公表された項目数"] == "15項目"
    assert page.definitions["登録した実施項目"] == "2件"
    assert page.definitions["うち項目名が未登録"] == "1件"
    assert page.definitions["▲S 予定以上に進捗"] == "1項目"
    assert page.definitions["○未報告"] == "1項目"
    course, items = page.tables
    assert course == [
        ["基準日", "▲S 予定以上に進捗", "●A 予定どおりに進捗", "未報告"],
        ["平成26年（2014年）9月30日", "0", "1", "1"],
        ["平成27年（2015年）3月31日", "1", "0", "1"],
    ]
    assert [row[:2] for row in items] == [["番号", "項目"], ["1", "項目1の取組"]]
    assert "方針1 財政基盤の強化：ほか1項目（名称未登録）" in page.texts["li"]


# Rounds and figures


def test_progress_counts_published_rounds_only(client, published, cast):
    edition = published.editions.last()
    published.rounds.create(as_of=datetime.date(2015, 9, 30), edition=edition, **factories.PUBLIC)
    figure(published, "b", measure="grade_count", category="B", as_of=datetime.date(2015, 9, 30), value=11)
    published.rounds.create(as_of=datetime.date(2016, 3, 31), edition=edition, **factories.PUBLIC)
    assert read(client.get("/plans/kodaira-2/progress/")).tables[1][1:] == [
        ["平成26年（2014年）9月30日", "1", "1", "0", "1"],
        ["平成27年（2015年）3月31日", "1", "0", "1", "1"],
        ["平成27年（2015年）9月30日合計だけ登録", "未登録", "未登録", "11", "—"],
        ["平成28年（2016年）3月31日", "未登録"],
    ]


def test_round_page_tells_what_got_better_and_worse(client, published):
    page = read(client.get("/plans/kodaira-2/progress/2015-03-31/"))
    assert page.definitions["評価が下がった"] == "1項目"
    assert page.definitions["評価が上がった"] == "1項目"
    assert page.definitions["変わらない"] == "0項目"
    [by_department] = [table for table in page.tables if table[0][0] == "推進担当課"]
    assert by_department[1:] == [["財政課", "1", "0", "0", "1", "2"], ["税務課", "0", "0", "1", "0", "1"]]
    assert "遅れている項目が最も多いのは、税務課（1項目）です。" in page.texts["p"]
    assert "2 項目2の取組▲S 予定以上に進捗 → から▼B 予定よりも遅れている" in page.texts["li"]
    assert "1 項目1の取組●A 予定どおりに進捗 → から▲S 予定以上に進捗" in page.texts["li"]
    by_policy, _, items = page.tables
    assert by_policy[1:] == [
        ["方針1 財政基盤の強化", "1", "0", "0", "1", "2"],
        ["方針2 執行体制の再構築", "0", "0", "1", "0", "1"],
        ["計", "1", "0", "1", "1", "3"],
    ]
    assert [row[3:] for row in items[1:]] == [
        ["▲S 予定以上に進捗", "上がった前回 A"],
        ["▼B 予定よりも遅れている", "下がった前回 S"],
        ["○未報告", "比べられません"],
    ]


def test_first_round_has_nothing_to_compare_with(client, published):
    page = read(client.get("/plans/kodaira-2/progress/2014-09-30/"))
    assert "これより前の調査の評価は、このサイトに登録されていません。" in page.texts["p"]
    assert page.tables[2][0] == ["番号", "項目", "推進担当課", "評価"]


def test_grades_that_are_no_judgement_are_not_compared(client, published):
    PublishedReport.objects.filter(grade_code="B").update(tone="none")
    page = read(client.get("/plans/kodaira-2/progress/2015-03-31/"))
    assert page.definitions["評価が下がった"] == "0項目"


def test_round_that_is_not_published_shows_printed_totals_only(client, official):
    page = read(client.get("/plans/kodaira-2/progress/2016-03-31/"))
    assert page.tables == []
    assert "項目ごとの評価は、このサイトに登録されていません（未登録）。" in page.texts["p"]
    assert page.definitions["▼B 予定よりも遅れている"] == "11項目"
    empty = read(client.get("/plans/kodaira-2/progress/2011-09-30/"))
    assert empty.definitions == {}


def test_ledger_shows_print_reading_source_and_check(client, official):
    html = client.get("/plans/kodaira-2/figures/").content.decode()
    page = read(client.get("/plans/kodaira-2/figures/"))
    assert [page.definitions[status] for status in ("一致", "不一致", "照合できません")] == ["11件", "0件", "22件"]
    groups = [row[0] for row in page.tables[0] if len(row) == 1]
    assert groups == [
        "項目数（6件） 単位：項目 一致したものの照合：登録されている実施項目を数えました。",
        "評価した項目数（1件） 単位：項目",
        "評価別の項目数（3件） 単位：項目",
        "効果額（15件） 単位：百万円 一致したものの照合：公表された内訳（歳入確保と歳出削減）を足しました。",
        "見直した項目数（1件） 単位：項目",
        "見直し箇所別の項目数（7件） 単位：項目",
    ]
    rows = [row for row in page.tables[0] if len(row) == 4]
    assert rows[1] == [
        "実施項目の数",
        "62項目",
        "＝一致 記録では62項目。",
        "出典1：「小平市第２次行財政再構築プランの概要（行財政再構築推進委員会 資料３）」 表＜行財政再構築方針と第２次改革推進プログラム＞",
    ]
    assert (
        page.lists["sources meta"][0]
        == "「小平市第２次行財政再構築プランの概要（行財政再構築推進委員会 資料３）」（小平市、平成26年（2014年）10月31日）"
    )
    assert all(f'href="#source-{number}"' in html for number in range(1, len(page.lists["sources meta"]) + 1))
    misprint = next(row for row in rows if row[1].startswith("約1百億円"))
    assert misprint[0] == "効果額（歳入確保）平成27年度（2015年度） 予算"
    assert misprint[1].startswith("約1百億円読み取り：約1百万円注：ページには「約1百億円」とあるが、")


def test_source_with_an_address_of_the_web_is_a_link_and_no_other(client, plan):
    Source.objects.update(url="https://www.example.jp/a?b=1&c=2")
    html = client.get("/plans/kodaira-2/programs/1/").content.decode()
    assert '<a href="https://www.example.jp/a?b=1&amp;c=2">「テスト資料」</a>' in html
    Source.objects.update(url="javascript:alert(1)")
    assert "javascript:" not in client.get("/plans/kodaira-2/programs/1/").content.decode()


# Fictional plans


@pytest.mark.parametrize(
    "address",
    [
        "",
        "policies/1/",
        "programs/",
        "programs/1/",
        "progress/",
        "progress/2015-03-31/",
        "figures/",
        "revisions/",
        "revisions/fy2013-revision/",
        "programs/?grade=nix",
    ],
)
def test_every_page_of_a_fictional_plan_says_so(client, published, address):
    sentence = "架空のデータ このページは見本です。実在の市の計画や成果ではありません。"
    assert sentence not in read(client.get(f"/plans/kodaira-2/{address}")).texts["p"]
    Plan.objects.update(is_fictional=True)
    assert sentence in read(client.get(f"/plans/kodaira-2/{address}")).texts["p"]
