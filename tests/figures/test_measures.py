"""Measures that count what a plan promises and what it brought, on the small plan."""

from decimal import Decimal

import pytest

from figures.found import printed_digits
from figures.measures import MEASURES
from figures.models import PublishedFigure
from programs.models import Indicator, IndicatorTarget, ProgramEdition, YearPlan
from reviews.models import Effect
from tests.figures.imported import figure, ledger, reasons

Measure = PublishedFigure.Measure


def test_every_measure_says_how_it_is_computed():
    assert set(MEASURES) == set(Measure)


def test_items_with_and_without_effect_by_year_and_policy(published):
    one, two = (published.programs.get(number=number) for number in "12")
    for program, year, amount in ((one, 2014, 500), (one, 2015, 0), (two, 2014, -20)):
        Effect.objects.create(program=program, fiscal_year=year, kind="saving", basis="actual", amount=amount)
    policy = two.policy
    figure(published, "with", Measure.ITEMS_WITH_EFFECT, 2, fiscal_year=2014)
    figure(published, "without", Measure.ITEMS_WITHOUT_EFFECT, 1, fiscal_year=2014, as_of=None)
    figure(published, "zero", Measure.ITEMS_WITH_EFFECT, 0, fiscal_year=2015)
    figure(published, "policy", Measure.ITEMS_WITH_EFFECT, 1, fiscal_year=2014, policy=policy)
    figure(published, "never", Measure.ITEMS_WITH_EFFECT, 1, fiscal_year=2013)
    found = ledger(published)
    assert [found[key] for key in ("with", "without", "zero", "policy", "never")] == [
        ("一致", 2), ("一致", 1), ("一致", 0), ("一致", 1), ("照合できません", None),
    ]  # fmt: skip
    assert reasons(published)["without"] == "3項目から、効果額のある2項目を引きました。"


def test_an_amount_is_compared_as_precisely_as_it_was_printed(published):
    program = published.programs.get(number="1")
    Effect.objects.create(program=program, fiscal_year=2014, kind="saving", basis="actual", amount=628912)
    values = {"fiscal_year": 2014, "basis": "actual", "category": "saving"}
    figure(published, "million", Measure.EFFECT, Decimal("628.9"), unit="百万円", **values)
    figure(published, "thousand", Measure.EFFECT, 628900, unit="千円", **values)
    figure(published, "wrong", Measure.EFFECT, Decimal("628.8"), unit="百万円", **values)
    figure(published, "people", Measure.EFFECT, 1, unit="人", **values)
    found = ledger(published)
    assert found["million"] == ("一致", Decimal("628.9"))
    assert found["thousand"] == ("不一致", 628912)
    assert found["wrong"] == ("不一致", Decimal("628.912"))
    assert found["people"] == ("照合できません", None)


@pytest.mark.parametrize(
    ("printed", "digits"),
    [("81.0%", 1), ("８１．０％", 1), ("約285百万円", 0), ("1,234.56", 2), ("▲3", 0), ("なし", 1)],
)
def test_the_digits_are_those_that_were_printed(printed, digits):
    assert printed_digits(PublishedFigure(printed=printed, value=Decimal("1.50"))) == digits


def test_indicators_and_yearly_plans_of_an_edition(published):
    edition = published.editions.get(key="fy2013-revision")
    contents = {one.program.number: one for one in ProgramEdition.objects.filter(edition=edition)}
    indicators = [Indicator.objects.create(program=contents["1"].program, number=n, name="指標") for n in (1, 2, 3)]
    # In bulk, because a frozen edition refuses to be edited.
    IndicatorTarget.objects.bulk_create(
        [
            IndicatorTarget(indicator=one, edition=edition, fiscal_year=year, value=1)
            for one in indicators[:2]
            for year in (2014, 2015)
        ]
    )
    YearPlan.objects.bulk_create([YearPlan(program_edition=contents["2"], fiscal_year=2014, text="実施")])
    figure(published, "indicators", Measure.INDICATOR_COUNT, 2, unit="指標", edition=edition)
    figure(published, "plans", Measure.YEAR_PLAN_COUNT, 1, unit="件", edition=edition)
    figure(published, "of 2015", Measure.YEAR_PLAN_COUNT, 1, unit="件", edition=edition, fiscal_year=2015)
    figure(published, "items", Measure.ITEM_COUNT, len(contents), edition=edition)
    found = ledger(published)
    assert found["indicators"] == ("一致", 2)
    assert found["plans"] == ("一致", 1)
    assert found["of 2015"] == ("照合できません", None)  # not registered is not 0
    assert found["items"] == ("一致", len(contents))
