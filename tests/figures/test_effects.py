"""Effect amounts: what is counted once, what is unknown, and how sums and printed figures are compared."""

import csv
import io
from decimal import Decimal

import pytest

from core.money import as_json, in_thousands, in_unit
from figures.effects import EffectRow, frozen, registered
from figures.effects import totals as add_up
from figures.ledger import reconcile
from figures.models import PublishedFigure
from policies.models import Plan
from reviews import workflow
from reviews.models import Effect, PublishedReport
from tests import factories
from tests.reading import read


def row(program, year, kind, basis, amount, policy=1):
    return EffectRow(policy, f"方針の名{policy}", program, f"項目{program}", year, kind, basis, amount)


def rows(client, name):
    content = client.get(f"/plans/kodaira-2/data/{name}").getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


ROWS = [
    row("1", 2014, "saving", "actual", 1200),
    row("1", 2014, "saving", "budget", 9999),  # the result is there: not counted
    row("1", 2014, "revenue", "actual", -200),
    row("1", 2015, "saving", "forecast", 500),
    row("1", 2015, "saving", "budget", 300),
    row("2", 2015, "revenue", "actual", 40, policy=2),
]


def test_sums_by_policy_item_and_year_count_the_surest_basis_once():
    [totals] = add_up(ROWS)
    assert totals.fiscal_years == [2014, 2015]
    shown = {line.number: [total.total for total in (*line.years, line.over_years)] for line in totals.policies}
    assert shown == {"1": [1000, 300, 1300], "2": [None, 40, 40]}
    first = totals.policies[0]
    assert [(row.label, row.values) for row in first.rows] == [
        ("歳入確保", [-200, None, -200]),
        ("歳出削減", [1200, 300, 1500]),
        ("計", [1000, 300, 1300]),
    ]
    # What is sure and what is budgeted is no one amount: each has its sum.
    assert [(row.label, row.values, row.asks) for row in totals.everything.rows_by_basis if row.is_total] == [
        ("計（実績）", [1000, 40, 1040], {"basis": "actual"})
    ]
    assert [total.basis_label for total in (*first.years, first.over_years)] == ["実績", "予算", "実績・予算が混在"]
    assert [total.total for total in (*totals.everything.years, totals.everything.over_years)] == [1000, 340, 1340]
    assert (totals.is_mixed, totals.has_plan, totals.accounts, totals.label) == (True, False, [], "")
    assert [line.name for line in totals.programs] == ["項目1", "項目2"]
    assert add_up([]) == []
    [bounded] = add_up(ROWS, lines={"2"})
    assert [line.name for line in bounded.programs] == ["項目2"]
    assert (bounded.everything, bounded.policies) == (totals.everything, totals.policies)


def test_plan_difference_and_rate_stand_beside_the_result_and_are_not_guessed():
    [totals] = add_up(
        [*ROWS, row("1", 2014, "saving", "planned", 1000), row("2", 2015, "saving", "planned", 5, policy=2)]
    )
    item, other = totals.programs
    assert [(one.label, one.values) for one in item.rows[3:]] == [
        ("計画", [1000, None, 1000]),
        # 2015 had no plan: what both years brought is not compared with the plan of one.
        ("計画との差", [0, None, None]),
        ("達成率", [Decimal("100.0"), None, None]),
    ]
    assert (totals.is_partly_planned, add_up(ROWS)[0].is_partly_planned) == (True, False)
    # The planned saving of item 2 has no result: its revenue is not taken for it.
    assert [(one.label, one.values) for one in other.rows] == [
        ("歳入確保", [None, 40, 40]),
        ("計画", [None, 5, 5]),
        ("計画との差", [None, None, None]),
        ("達成率", [None, None, None]),
    ]
    assert (totals.pending, totals.everything.over_years.difference, totals.everything.over_years.total) == (
        1,
        None,
        1340,
    )
    only_planned = add_up([row("1", 2014, "saving", "planned", 0)])[0]
    assert (only_planned.has_results, only_planned.everything.rows[0].values) == (False, [0, 0])


def test_series_are_never_added_up_and_accounts_stand_apart():
    rows = [
        row("1", 2014, "saving", "actual", 3)._replace(series="single", account="general"),
        row("1", 2014, "saving", "actual", 4)._replace(series="single", account="special"),
        row("1", 2014, "saving", "actual", 10)._replace(series="cumulative"),
        row("1", 2015, "saving", "actual", 25)._replace(series="cumulative"),
        row("1", 2015, "saving", "actual", 7)._replace(series="carried"),
    ]
    single, running, carried = add_up(rows, "円")
    assert [one.label for one in (single, running, carried)] == ["単年度", "累計", "継続"]
    assert single.everything.rows[0].values == [7000, 7000]
    assert [(line.name, line.rows[0].values) for line in single.accounts] == [
        ("一般会計", [3000, 3000]), ("特別会計", [4000, 4000]),
    ]  # fmt: skip
    # A running total holds the years before it: it has no sum over years.
    assert (running.adds_up, running.everything.rows[0].values, running.accounts) == (False, [10_000, 25_000], [])
    assert carried.everything.rows[0].values == [7000, 7000]


def test_amounts_are_converted_to_the_unit_that_was_printed():
    assert [in_unit(284600, unit) for unit in ("円", "千円", "万円", "百万円", "億円")] == [
        Decimal(284600000), Decimal(284600), Decimal(28460), Decimal("284.6"), Decimal("2.846"),
    ]  # fmt: skip
    assert [str(in_thousands(Decimal(value), unit)) for value, unit in (("0.1", "百万円"), ("1", "円"))] == [
        "100",
        "0.001",
    ]
    assert [as_json(Decimal(value)) for value in ("1200.000", "1200.500")] == [1200, "1200.5"]


def test_the_page_shows_sums_of_published_reports_and_compares_them_with_print(client, plan, cast):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    effects = [(2014, "saving", "actual", 284600), (2015, "saving", "budget", -500)]
    workflow.approve(factories.handed_in(opened, 1, by=cast.office, effects=effects), by=cast.office)
    factories.handed_in(opened, 2, by=cast.office, effects=[(2014, "saving", "actual", 777)])
    source = plan.sources.get()
    for key, category, printed, value in (("a", "saving", "約285百万円", 285), ("b", "total", "約300百万円", 300)):
        PublishedFigure.objects.create(
            plan=plan, key=key, measure="effect", label=key, fiscal_year=2014, basis="actual", category=category,
            printed=printed, value=value, unit="百万円", is_approximate=True, locator="表", source=source,
        )  # fmt: skip
    assert Effect.objects.count() == 0
    assert "項目ごとの効果額は未登録です。" in read(client.get("/plans/kodaira-2/effects/")).texts["p"]
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    page = read(client.get("/plans/kodaira-2/effects/"))
    cells = ["歳出削減", "284,600", "-500", "284,100"]
    printed, years, policies, items, ledger = page.tables
    assert years == [
        ["種類", "平成26年度（2014年度）", "平成27年度（2015年度）", "計"],
        ["歳出削減（実績）", "284,600", "—", "284,600"],
        ["歳出削減（予算）", "—", "-500", "-500"],
    ]
    chart = add_up(registered(plan))[0].year_chart
    assert [[(block.part, block.value) for block in column.blocks] for column in chart.columns] == [
        [(("saving", "actual"), 284600)],
        [(("saving", "budget"), -500)],
    ]
    assert [column.blocks[0].y < chart.zero for column in chart.columns] == [True, False]  # below zero hangs down
    assert printed[1] == ["平成26年度（2014年度）実績", "約300百万円", "未登録", "約285百万円"]
    assert policies[1:] == [["方針1 財政基盤の強化実績・予算が混在", *cells]]
    assert items[1] == ["1 項目1の取組実績・予算が混在", *cells]
    found = "登録した1項目の効果額は284,600千円です。百万円に四捨五入して比べます。"
    assert [line[0].endswith("出典：「テスト資料」（小平市） 表") for line in ledger[1:]] == [True, True]
    assert [line[1:] for line in ledger[1:]] == [
        ["約300百万円", f"285百万円{found}", "不一致"],
        ["約285百万円", f"285百万円{found}", "一致"],
    ]
    PublishedFigure.objects.filter(key="a").update(is_approximate=False)  # as precise as it was printed
    assert [line.computed for line in reconcile(plan)] == [Decimal(285), Decimal(285)]
    assert [line.amount for line in registered(plan)] == [284600, -500]
    assert frozen(PublishedReport.objects.order_by("sort_key")) == registered(plan)


def test_a_plan_shows_money_in_its_own_unit_exactly(client, plan, cast):
    Plan.objects.update(money_unit="百万円")
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    told = [(2014, "saving", "actual", Decimal("130712.5")), (2014, "saving", "planned", 100_000)]
    workflow.approve(factories.handed_in(opened, 1, by=cast.office, effects=told), by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    row_ = PublishedReport.objects.get(number="1")
    assert [(one["basis"], one["amount"]) for one in row_.effects] == [("actual", "130712.5"), ("planned", 100_000)]
    years = read(client.get("/plans/kodaira-2/effects/")).tables[0]
    assert years[1:] == [
        ["歳出削減（実績）", "130.7125", "130.7125"],
        ["計画", "100", "100"],
        ["計画との差", "30.7125", "30.7125"],
        ["達成率", "130.7%", "130.7%"],
    ]
    *_others, effects, compared = read(client.get("/plans/kodaira-2/programs/1/")).tables
    assert effects[1:] == [
        ["平成26年度（2014年度）", "歳出削減", "実績", "130.7125"],
        ["平成26年度（2014年度）", "歳出削減", "計画", "100"],
        ["実績の計", "130.7125"],
        ["計画の計", "100"],
    ]
    assert compared[-2:] == [["計画との差", "30.7125", "30.7125"], ["達成率", "130.7%", "130.7%"]]
    table = {
        (one["basis"], one["planned"], one["difference"], one["rate_percent"]) for one in rows(client, "effects.csv")
    }
    assert table == {("actual", "100000", "30712.5", "130.7"), ("planned", "", "", "")}
    long = [(one["measure"], one["basis"], one["value"], one["unit"]) for one in rows(client, "long.csv")]
    assert [one for one in long if one[0].startswith("effect")] == [
        ("effect", "actual", "130712.5", "千円"),
        ("effect", "planned", "100000", "千円"),
        ("effect_difference", "actual", "30712.5", "千円"),
        ("effect_rate", "actual", "130.7", "%"),
    ]
    report = client.get(f"/plans/kodaira-2/report/{opened.as_of}/").text
    assert "130.7125百万円（実績）" in report


@pytest.mark.parametrize(
    ("figure", "computed", "status"),
    [
        ({"measure": "effect_planned", "category": "saving", "value": 12}, 12, "一致"),
        (
            {"measure": "effect_difference", "basis": "actual", "category": "saving", "series": "single", "value": -2},
            -2,
            "一致",
        ),
        (
            {"measure": "effect_rate", "series": "single", "unit": "%", "printed": "83.3%", "value": "83.3"},
            "83.3",
            "一致",
        ),
        ({"measure": "effect", "basis": "actual", "category": "total", "series": "single", "value": 10}, 10, "一致"),
        (
            {"measure": "effect", "basis": "actual", "category": "total", "series": "cumulative", "value": 50},
            50,
            "一致",
        ),
        # Which series was printed is not said: nothing is added up across them.
        ({"measure": "effect", "basis": "actual", "category": "total", "value": 60}, None, "照合できません"),
        (
            {
                "measure": "effect",
                "basis": "actual",
                "category": "total",
                "series": "single",
                "account": "special",
                "value": 4,
            },
            4,
            "一致",
        ),
        # 6 of the general account, but the figure does not say so.
        (
            {"measure": "effect", "basis": "actual", "category": "total", "series": "single", "value": 6},
            10,
            "照合できません",
        ),
        (
            {"measure": "effect", "basis": "actual", "category": "total", "series": "carried", "value": 1},
            None,
            "照合できません",
        ),
    ],
)
def test_the_ledger_keeps_series_accounts_and_plans_apart(plan, figure, computed, status):
    program = plan.programs.first()
    for basis, account, series, amount in (
        ("actual", "general", "single", 6000),
        ("actual", "special", "single", 4000),
        ("actual", "", "cumulative", 50_000),
        ("planned", "general", "single", 7000),
        ("planned", "special", "single", 5000),
    ):
        Effect.objects.create(
            program=program, fiscal_year=2014, kind="saving", basis=basis, account=account, series=series, amount=amount
        )
    PublishedFigure.objects.create(
        **({"printed": f"{figure['value']}百万円", "unit": "百万円", "fiscal_year": 2014} | figure),
        plan=plan, key="f", label="f", locator="表", source=plan.sources.get(),
    )  # fmt: skip
    [line] = reconcile(plan)
    assert (line.computed, line.status) == (None if computed is None else Decimal(computed), status)
