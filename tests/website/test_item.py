"""The page of one item: what was promised, what happened, and what was said about it."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department
from committee.models import KeyProgram, Opinion
from policies.models import Edition
from programs.achievement import is_reached
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    Program,
    Responsibility,
    Revision,
    YearPlan,
)
from reviews.models import Effect, PublishedReport, ReportErratum
from tests import factories
from tests.published import EARLIER, LATEST, freeze
from tests.reading import read
from tests.website.wordings import content, write
from website.item_page import effect_sums

PAGE = "/plans/kodaira-2/programs/1/"
SECRET = "まだ公表していない内容"


@pytest.fixture
def told(plan, cast):
    """Item 1 with everything: two editions, indicators, effects, two rounds, opinions, errata, a renamed department."""
    write(
        plan,
        1,
        "original",
        {2013: "検討", 2014: "検討", 2015: "→"},
        {2014: Decimal("77")},
        contents="平成25年度に実施する。",
    )
    write(
        plan,
        1,
        "fy2013-revision",
        {2014: "試行", 2015: "→"},
        {2014: Decimal("77.5"), 2015: Decimal("78")},
        contents="平成26年度に実施する。",
        revision_reason="準備に時間が要るため。",
    )
    item = plan.programs.get(number="1")
    rate = item.indicators.get()
    Indicator.objects.filter(pk=rate.pk).update(baseline=Decimal("68.1"), baseline_fiscal_year=2010)
    cost = Indicator.objects.create(program=item, number=2, name="経費", unit="千円", better="down")
    revised = plan.editions.get(key="fy2013-revision")
    IndicatorTarget.objects.create(indicator=cost, edition=revised, fiscal_year=2014, value=100)
    IndicatorTarget.objects.create(indicator=cost, edition=revised, fiscal_year=2015, text="減少")
    freeze(plan, cast.office)
    Revision.objects.create(plan=plan, from_edition=plan.editions.get(key="original"), to_edition=revised)
    IndicatorActual.objects.create(indicator=rate, fiscal_year=2014, value=Decimal("76.5"))
    IndicatorActual.objects.create(indicator=rate, fiscal_year=2015, value=Decimal("79"), is_forecast=True, note="速報")
    IndicatorActual.objects.create(indicator=cost, fiscal_year=2014, value=Decimal("90"))
    for year, kind, basis, amount in (
        (2014, "revenue", "actual", 1200),
        (2014, "saving", "actual", -200),
        (2015, "saving", "budget", 5000),
    ):
        Effect.objects.create(program=item, fiscal_year=year, kind=kind, basis=basis, amount=amount)
    factories.published_round(plan, {1: "B", 2: "A"}, by=cast.office)
    factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)
    today = Department.objects.create(city="小平市", code="zaimu", name="財務課")
    between = Department.objects.create(city="小平市", code="zaisei2", name="財政企画課", successor=today)
    Department.objects.filter(code="zaisei").update(successor=between)
    KeyProgram.objects.create(program=item, fiscal_year=2014)
    KeyProgram.objects.create(program=item, fiscal_year=2013)
    for key, published_on, text in (
        ("2014-1", datetime.date(2015, 1, 1), "目標を上げるべきだ。"),
        ("2014-2", None, SECRET),
    ):
        Opinion.objects.create(
            plan=plan,
            key=key,
            program=item,
            given_on=datetime.date(2014, 10, 31),
            text=text,
            published_on=published_on,
            disposition="partly",
            answer="次の計画で検討します。",
            answered_on=datetime.date(2015, 2, 1),
        )
    correction = {
        "plan": plan,
        "corrected_on": datetime.date(2015, 6, 1),
        "reason": "転記の誤り。",
        "corrected_by": cast.office,
    }
    ReportErratum.objects.create(
        **correction,
        published_report=PublishedReport.objects.get(program=item, round__as_of="2015-03-31"),
        field="progress",
        label="取組状況",
        old="3回",
        new="4回",
    )
    ContentErratum.objects.create(
        **correction,
        program_edition=content(plan, 1, "original"),
        field="contents",
        label="実施内容",
        old="誤字",
        new="正字",
    )
    return plan


def test_item_page_tells_the_promise_and_what_became_of_it(client, told):
    response = client.get(PAGE)
    page = read(response)
    assert page.definitions["推進担当課"] == "財政課（今は財務課）「改訂版」による"
    assert page.definitions["主要管理項目"] == "平成25年度（2013年度）、平成26年度（2014年度）"
    assert page.definitions["実施内容"] == (
        "平成26年度に実施する。 「当初」から「改訂版」で変わったところ 平成（削除：25）（追加：26）年度に実施する。"
    )
    assert page.definitions["実施予定年度"] == "未登録"
    assert "見直しの理由：準備に時間が要るため。" in page.texts["p"]
    assert page.definitions["年度計画"] == "平成26年度（2014年度）：（削除：検討）（追加：試行）"
    strip, rate, cost, effects = page.tables
    assert strip[3:] == [
        ["平成25年度（2013年度）", "検討", "未登録", "未登録", "—"],
        [
            "平成26年度（2014年度）",
            "試行",
            "収納率 77.5% 経費 100千円",
            "収納率 76.5% 経費 90千円",
            "9月 ▼B予定よりも遅れている 3月 ●A予定どおりに進捗",
        ],
        ["平成27年度（2015年度）", "→", "収納率 78% 経費 減少", "収納率 79%見込 経費 未登録", "—"],
    ]
    # The years in order: the plan in force with what the revision changed, and what became of it.
    years = page.lists["years"]
    assert [text[: text.index("度）") + 2] for text in years] == [
        f"平成{year - 1988}年度（{year}年度）" for year in range(2011, 2016)
    ]
    assert years[2] == "平成25年度（2013年度） 約束 検討「当初」の計画 起きたこと 未登録"
    assert years[3] == (
        "平成26年度（2014年度） 約束 （削除：検討）（追加：試行）「改訂版」の計画。印は見直しで変わったところ "
        "収納率の目標：77.5%「当初」では77% 経費の目標：100千円 "
        "起きたこと 収納率の実績：76.5%（目標に届いていない） 経費の実績：90千円（目標に届いた） "
        "効果額：歳入確保 1,200千円（実績） 効果額：歳出削減 -200千円（実績） "
        "平成26年（2014年）9月30日現在 ▼B 予定よりも遅れている 取組状況説明会を3回開いた。 遅れの理由関係者との調整に時間を要した。 "
        "対応策協議の回数を増やす。 回復予定日平成28年（2016年）3月31日 "
        "平成27年（2015年）3月31日現在 ●A 予定どおりに進捗 取組状況説明会を3回開いた。 "
        "正誤（平成27年（2015年）6月1日訂正）取組状況：誤「3回」→ 正「4回」 訂正の理由：転記の誤り。 "
        "委員会の意見 2014-1（平成26年10月31日）：回答は「一部反映」"
    )
    assert {"r-2014-09-30", "r-2015-03-31"} <= set(re.findall(r'id="([^"]+)"', response.text))
    assert rate[1:] == [
        [
            "平成26年度（2014年度）",
            "77.5%「改訂版」77%「当初」",
            "76.5%",
            "届いていない達成率98.7%評価はA（平成27年3月31日現在）",
        ],
        ["平成27年度（2015年度）", "78%「改訂版」", "79%見込速報", "届いた（見込）達成率101.3%"],
    ]
    assert cost[1:] == [
        ["平成26年度（2014年度）", "100千円「改訂版」", "90千円", "届いた"],
        ["平成27年度（2015年度）", "減少「改訂版」", "未登録", "判定できません"],
    ]
    assert effects[1:] == [
        ["平成26年度（2014年度）", "歳入確保", "実績", "1,200"],
        ["平成26年度（2014年度）", "歳出削減", "実績", "-200"],
        ["平成27年度（2015年度）", "歳出削減", "予算", "5,000"],
        ["実績の計", "1,000"],
        ["予算の計", "5,000"],
    ]
    said = page.texts["p"]
    assert "評価と指標の食い違い" in page.texts["strong"]
    assert [text for text in page.texts["li"] if "「収納率」" in text] == [
        "平成26年度（2014年度）の「収納率」は目標に届いていません。評価は「予定どおりに進捗」です。"
    ]
    assert "増えるとよい指標です。基準値：68.1%（平成22年度（2010年度））" in said
    assert "正誤（平成27年（2015年）6月1日訂正）取組状況：誤「3回」→ 正「4回」" in said
    assert "正誤（平成27年（2015年）6月1日訂正、「当初」）実施内容：誤「誤字」→ 正「正字」" in said
    assert "目標を上げるべきだ。" in said
    assert "次の計画で検討します。" in said
    assert "市の回答：一部反映" in page.texts["h4"]
    assert SECRET not in response.content.decode()
    assert 'href="/plans/kodaira-2/revisions/fy2013-revision/"' in response.content.decode()


def test_nothing_of_a_draft_is_on_the_page(client, told, cast):
    before = client.get(PAGE).content
    draft = Edition.objects.create(plan=told, key="draft", name=SECRET, first_fiscal_year=2015, last_fiscal_year=2017)
    made = factories.ProgramEdition.objects.create(
        program=told.programs.get(number="1"), edition=draft, contents=SECRET
    )
    YearPlan.objects.create(program_edition=made, fiscal_year=2015, text=SECRET)
    hidden = Indicator.objects.create(program=made.program, number=9, name=SECRET)
    IndicatorTarget.objects.create(indicator=hidden, edition=draft, fiscal_year=2015, text=SECRET)
    IndicatorTarget.objects.create(
        indicator=made.program.indicators.get(number=1), edition=draft, fiscal_year=2016, text=SECRET
    )
    assert client.get(PAGE).content == before
    client.force_login(cast.office)
    assert client.get(PAGE).content == before


def test_item_without_contents_says_what_is_unknown(client, plan):
    page = read(client.get(PAGE))
    assert "計画の内容（実施内容、実施予定年度、見込まれる効果、年度計画、成果指標）は未登録です。" in page.texts["p"]
    nothing = "年度ごとの計画も、起きたこと（評価、実績、効果額）も、まだ登録されていません。登録されると、ここに年度の順に並びます。"
    assert {"成果指標は未登録です。", "効果額は未登録です。", nothing} <= set(page.texts["p"])
    assert "years" not in page.lists
    indicator = Indicator.objects.create(program=plan.programs.get(number="1"), number=1, name="収納率", unit="%")
    IndicatorActual.objects.create(indicator=indicator, fiscal_year=2012, value=97)
    years = read(client.get(PAGE)).lists["years"]
    assert years[0] == "平成23年度（2011年度） 約束 計画は未登録 起きたこと 未登録"
    assert years[1].endswith("起きたこと 収納率の実績：97%")
    assert read(client.get(PAGE)).tables[0][2] == ["平成24年度（2012年度）", "未登録", "未登録", "97%", "—"]


def test_ended_merged_and_carried_items_tell_where_they_went(client, plan):
    ended = {"ended_on": datetime.date(2014, 3, 31)}
    first = Program.objects.get(number="1")
    Program.objects.filter(number="2").update(**ended, end_reason="merged", merged_into=first, end_note="担当課の統合")
    Program.objects.filter(number="3").update(**ended, end_reason="carried", carried_plan="next", carried_number="3")
    page = client.get("/plans/kodaira-2/programs/2/")
    assert read(page).definitions["終了"] == (
        "平成26年（2014年）3月31日 理由：統合。担当課の統合 引き継いだ項目：1 項目1の取組"
    )
    assert read(client.get(PAGE)).definitions["統合した項目"] == "2 項目2の取組"
    third = "/plans/kodaira-2/programs/3/"
    elsewhere = "引き継いだ計画の項目：{}の3（このサイトには登録されていません）"
    assert read(client.get(third)).definitions["終了"].endswith(elsewhere.format("次の計画"))
    plan.lineage.create(key="next", order=2, name="第３次計画")
    assert read(client.get(third)).definitions["終了"].endswith(elsewhere.format("第３次計画"))
    assert 'href="/plans/next/programs/3/"' not in client.get(third).content.decode()
    factories.small_plan("next", is_public=False)
    assert 'href="/plans/next/programs/3/"' not in client.get(third).content.decode()
    factories.Plan.objects.filter(slug="next").update(is_public=True)
    assert 'href="/plans/next/programs/3/"' in client.get(third).content.decode()
    assert read(client.get(third)).definitions["終了"].endswith("引き継いだ計画の項目：テスト計画の3")


def test_the_page_of_a_policy_leads_to_its_items_that_have_ended(client, published):
    address = "/plans/kodaira-2/policies/1/"
    assert "終了した実施項目" not in client.get(address).content.decode()
    published.programs.filter(number="1").update(ended_on=EARLIER, end_reason="completed")
    published.programs.filter(number="2").update(ended_on=EARLIER, end_reason="stopped")  # of another policy
    page = read(client.get(address))
    assert "終了した実施項目（1件）" in page.texts["h3"]
    assert "1 項目1の取組（平成26年（2014年）9月30日、完了）" in page.texts["li"]
    published.programs.filter(number="1").update(ended_on=LATEST)  # its last day
    assert "終了した実施項目" not in client.get(address).content.decode()


def test_the_grade_of_an_item_that_has_ended_is_its_last(client, published):
    html = client.get(PAGE).content.decode()
    assert "いまの評価" in html
    assert html.count('<span class="meta whole">（<a href="#r-') == 1  # its day stays on one line of a phone
    Program.objects.filter(number="1").update(ended_on=datetime.date(2015, 3, 31), end_reason="completed")
    html = client.get(PAGE).content.decode()
    assert ("最後の評価" in html, "いまの評価" in html) == (True, False)


def test_queries_do_not_grow_with_what_is_told(client, told, cast):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    assert cost() == 16  # fourteen, who took over whom, and the names of today
    Department.objects.update(successor=None)
    assert cost() == 14
    item = told.programs.get(number="1")
    for number in range(3, 8):
        indicator = Indicator.objects.create(program=item, number=number, name="指標")
        for year in (2013, 2014, 2015):
            IndicatorActual.objects.create(indicator=indicator, fiscal_year=year, value=number)
        KeyProgram.objects.create(program=item, fiscal_year=2005 + number)
        Opinion.objects.create(
            plan=told, key=f"n{number}", program=item, given_on="2014-10-31", text="意見", published_on="2015-01-01"
        )
        ReportErratum.objects.create(
            plan=told,
            corrected_on="2015-06-02",
            corrected_by=cast.office,
            reason="誤り",
            published_report=item.published_reports.first(),
            label="評価",
        )
        department = Department.objects.create(city="小平市", code=f"d{number}", name="課")
        # In bulk, because a frozen edition refuses to be edited.
        Responsibility.objects.bulk_create(
            [Responsibility(program_edition=one, department=department, order=number) for one in item.editions.all()]
        )
    assert cost() == 14
    client.force_login(cast.committee)
    assert cost() == 14


@pytest.mark.parametrize(
    ("better", "target", "actual", "reached"),
    [
        ("up", "77.5", "77.50", True),
        ("up", "77.5", "77.4999", False),
        ("down", "100", "100", True),
        ("down", "100", "100.1", False),
        ("down", "-5", "-6", True),
        ("none", "100", "1", None),
    ],
)
def test_a_target_is_reached_in_its_better_direction(better, target, actual, reached):
    assert is_reached(better, Decimal(target), Decimal(actual)) is reached


def test_amounts_of_different_bases_are_never_added():
    amounts = [("actual", "saving", 3), ("budget", "saving", 100), ("actual", "revenue", -1), ("actual", "saving", 4)]
    effects = [Effect(basis=basis, kind=kind, amount=amount) for basis, kind, amount in amounts]
    effects.append(Effect(basis="actual", kind="saving", amount=9, series="single"))
    effects.append(Effect(basis="actual", kind="saving", amount=99, series="cumulative"))  # it holds the years before
    assert effect_sums(effects) == [
        ("実績", 6),
        ("実績、単年度", 9),
        ("予算", 100),
    ]
    assert effect_sums([]) == []
