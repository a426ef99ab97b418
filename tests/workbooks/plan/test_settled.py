"""What the accounts settled does not vanish or change by a plan workbook, and the refusal names the row and what to do."""

import datetime
from decimal import Decimal

import pytest

from programs.models import Indicator, IndicatorActual
from reviews.models import Effect, EffectPlace
from reviews.settling import settle
from tests.kept import kept
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import ImportRefused, import_tables

ACTUAL = {"program": "1", "indicator": 1, "fiscal_year": 2014}
EFFECT = {"program": "1", "fiscal_year": 2014, "kind": "saving", "basis": "actual", "account": "", "series": ""}
WHAT_TO_DO = "変わったときは、項目の画面の「決算で確定した値を登録する」で登録します。"
GONE = f"決算で確定した値が登録されているため、削除できません。この欄を空にしてください。{WHAT_TO_DO}"
MOVED = f"決算で確定した値が登録されているため、変えられません。元の値に戻してください。{WHAT_TO_DO}"


@kept
def item(plan, cast):
    """Item 1, not public: in 2014 its indicator and its saving are settled; 2013 of each is not."""
    program = plan.programs.get(number="1")
    indicator = Indicator.objects.create(program=program, number=1, name="収納率", unit="%")
    Indicator.objects.create(program=program, number=2, name="件数", unit="件")
    indicator.actuals.create(fiscal_year=2013, value=Decimal(96))
    Effect.objects.create(program=program, fiscal_year=2013, kind="saving", basis="actual", amount=5)
    how = {"source": plan.sources.get(), "settled_on": datetime.date(2015, 10, 1), "by": cast.office}
    settle(program, (indicator, 2014), "97", **how)
    settle(program, (indicator, 2014), "97.2", **how)
    settle(program, EffectPlace(2014, "saving", "actual"), "1300", **how)
    program.plan.programs.update(public_at=None)
    return program


def book(sheet, *rows):
    tables = {"plan": [{"slug": "kodaira-2"}], sheet: list(rows)}
    return [
        RawTable(name, tuple(found[0]), tuple((number, row) for number, row in enumerate(found, 2)))
        for name, found in tables.items()
    ]


@pytest.mark.parametrize(
    ("sheet", "row", "column", "message"),
    [
        ("indicator_actuals", {**ACTUAL, "delete": True}, "delete", GONE),
        ("effects", {**EFFECT, "delete": True}, "delete", GONE),
        ("indicator_actuals", {**ACTUAL, "value": 97}, "value", MOVED),
        ("indicator_actuals", {**ACTUAL, "is_forecast": True}, "is_forecast", MOVED),
        ("effects", {**EFFECT, "amount": 1299}, "amount", MOVED),
        ("effects", {**EFFECT, "source": None}, "source", MOVED),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
def test_a_settled_value_neither_goes_nor_changes_by_a_workbook(item, cast, sheet, row, column, message):
    with pytest.raises(ImportRefused) as refused:
        import_tables(book(sheet, row), by=cast.office)
    [problem] = refused.value.comparison.problems
    assert (problem.sheet, problem.row, problem.column, problem.message) == (sheet, 2, column, message)
    assert IndicatorActual.objects.get(indicator__number=1, fiscal_year=2014).value == Decimal("97.2")
    assert Effect.objects.get(fiscal_year=2014).amount == 1300


def test_what_is_said_beside_it_and_other_years_are_written(item, cast):
    import_tables(book("indicator_actuals", {**ACTUAL, "note": "決算による"}), by=cast.office)
    import_tables(book("effects", {**EFFECT, "fiscal_year": 2013, "delete": True}), by=cast.office)
    import_tables(book("indicator_actuals", {**ACTUAL, "fiscal_year": 2013, "delete": True}), by=cast.office)
    assert list(IndicatorActual.objects.values_list("fiscal_year", "note")) == [(2014, "決算による")]
    assert list(Effect.objects.values_list("fiscal_year", flat=True)) == [2014]


@pytest.mark.parametrize(
    ("sheet", "row"),
    [("indicators", {"program": "1", "number": 1, "delete": True}), ("programs", {"number": "1", "delete": True})],
)
def test_the_item_and_the_indicator_stay_too(item, cast, sheet, row):
    with pytest.raises(ImportRefused) as refused:
        import_tables(book(sheet, row), by=cast.office)
    found = refused.value.comparison.problems
    assert {problem.row for problem in found} == {2}
    assert "使われているため削除できません。先にそちらを直すか削除してください。" in found[0].message
    assert Indicator.objects.filter(program=item, number=1).exists()


def test_a_row_that_comes_back_says_what_was_settled(item, cast):
    IndicatorActual.objects.filter(fiscal_year=2014).delete()
    with pytest.raises(ImportRefused) as refused:
        import_tables(book("indicator_actuals", {**ACTUAL, "value": 90}), by=cast.office)
    [problem] = refused.value.comparison.problems
    assert problem.message == (
        f"決算で確定した値（97.2）が登録されています。その値にするか、この行を消してください。{WHAT_TO_DO}"
    )
    import_tables(book("indicator_actuals", {**ACTUAL, "value": 97.2}), by=cast.office)
    assert IndicatorActual.objects.get(fiscal_year=2014).value == Decimal("97.2")
