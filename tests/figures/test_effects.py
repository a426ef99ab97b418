"""Effect amounts: what is counted once, what is unknown, and how sums and printed figures are compared."""

from decimal import Decimal

from core.money import as_json, in_thousands, in_unit
from figures.effects import EffectRow, add_up, frozen, registered
from figures.ledger import reconcile
from figures.models import PublishedFigure
from reviews import workflow
from reviews.models import Effect, PublishedReport
from tests import factories
from tests.reading import read


def row(program, year, kind, basis, amount, policy=1):
    return EffectRow(policy, f"方針の名{policy}", program, f"項目{program}", year, kind, basis, amount)


ROWS = [
    row("1", 2014, "saving", "actual", 1200),
    row("1", 2014, "saving", "budget", 9999),  # the result is there: not counted
    row("1", 2014, "revenue", "actual", -200),
    row("1", 2015, "saving", "forecast", 500),
    row("1", 2015, "saving", "budget", 300),
    row("2", 2015, "revenue", "actual", 40, policy=2),
]


def test_sums_by_policy_item_and_year_count_the_surest_basis_once():
    totals = add_up(ROWS)
    assert totals.fiscal_years == [2014, 2015]
    shown = {line.number: [total.total for total in (*line.years, line.over_years)] for line in totals.policies}
    assert shown == {"1": [1000, 300, 1300], "2": [None, 40, 40]}
    first = totals.policies[0]
    assert [(total.revenue, total.saving, total.basis_label) for total in (*first.years, first.over_years)] == [
        (-200, 1200, "実績"),
        (None, 300, "予算"),
        (-200, 1500, "実績・予算が混在"),
    ]
    assert [total.total for total in (*totals.everything.years, totals.everything.over_years)] == [1000, 340, 1340]
    assert totals.is_mixed
    assert [line.name for line in totals.programs] == ["項目1", "項目2"]
    nothing = add_up([])
    assert (nothing.fiscal_years, nothing.everything.over_years.total, nothing.is_mixed) == ([], None, False)


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
    saving = "歳出削減"
    cells = [f"284,600{saving} 284,600実績", f"-500{saving} -500予算", f"284,100{saving} 284,100実績・予算が混在"]
    printed, years, policies, items, ledger = page.tables
    assert years == [
        ["年度", "歳出削減（実績）", "歳出削減（予算）", "計"],
        ["平成26年度（2014年度）", "284,600", "—", "284,600"],
        ["平成27年度（2015年度）", "—", "-500", "-500"],
    ]
    chart = add_up(registered(plan)).year_chart
    assert [[(block.part, block.value) for block in column.blocks] for column in chart.columns] == [
        [(("saving", "actual"), 284600)],
        [(("saving", "budget"), -500)],
    ]
    assert [column.blocks[0].y < chart.zero for column in chart.columns] == [True, False]  # below zero hangs down
    assert printed[1] == ["平成26年度（2014年度）実績", "約300百万円", "未登録", "約285百万円"]
    assert policies[1:] == [["方針1 財政基盤の強化", *cells], ["計", *cells]]
    assert items[1] == ["1 項目1の取組", *cells]
    found = "登録した1項目の効果額は284,600千円です。百万円に四捨五入して比べます。"
    assert [line[1:] for line in ledger[1:]] == [
        ["約300百万円出典：「テスト資料」（小平市） 表", f"285百万円{found}", "不一致"],
        ["約285百万円出典：「テスト資料」（小平市） 表", f"285百万円{found}", "一致"],
    ]
    PublishedFigure.objects.filter(key="a").update(is_approximate=False)  # as precise as it was printed
    assert [line.computed for line in reconcile(plan)] == [Decimal(285), Decimal(285)]
    assert [line.amount for line in registered(plan)] == [284600, -500]
    assert frozen(PublishedReport.objects.order_by("sort_key")) == registered(plan)
