"""Amounts of the plan workbook: any unit in, 千円 out, exact to the yen; accounts and series are part of the key."""

from decimal import Decimal

import pytest

from policies.models import Plan
from reviews.models import Effect
from tests.workbooks.plan import books, full_plan
from tests.workbooks.plan.books import bring_in
from workbooks.plan.importing import ImportRefused


def row(amount, unit=None, **more):
    return {
        "program": "2",
        "fiscal_year": 2015,
        "kind": "saving",
        "basis": "actual",
        "amount": amount,
        "unit": unit,
    } | more


def brought(cast, *rows):
    tables = full_plan.full()
    bring_in(books.written(tables), cast.office)
    return bring_in(books.written({"plan": tables["plan"], "effects": rows}), cast.office)


def test_every_unit_is_read_and_written_as_thousands(cast):
    brought(
        cast,
        row("0.1", "百万円", series="single"),
        row(1234567, "円", series="cumulative"),
        row("△130.7百万円", None, kind="revenue"),
        row(88.5, "万円", account="general", series="single"),
        row(3, "", account="special", series="single"),
    )
    found = Effect.objects.filter(fiscal_year=2015).order_by("series", "account")
    assert [(one.account, one.series, one.amount) for one in found] == [
        ("", "", Decimal(-130_700)),
        ("", "cumulative", Decimal("1234.567")),
        ("", "single", Decimal(100)),
        ("general", "single", Decimal(885)),
        ("special", "single", Decimal(3)),
    ]
    header, *lines = books.cells(books.exported("midori"))["effects"]
    shown = [(line[header.index("amount")], line[header.index("unit")]) for line in lines]
    assert sorted(shown) == sorted(
        [
            (-5, "千円"),
            (1234.567, "千円"),
            (-130_700, "千円"),
            (1234.567, "千円"),
            (100, "千円"),
            (885, "千円"),
            (3, "千円"),
        ]
    )
    assert Plan.objects.get(slug="midori").money_unit == "百万円"


def test_a_file_of_today_without_accounts_and_series_means_unknown(cast):
    again = brought(cast, row(-5, fiscal_year=2014) | {"source": "S2"})
    assert again.is_empty
    assert Effect.objects.filter(account="", series="").count() == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            row("約1.5", "百万円"),
            "「約1.5」は金額として読めません。百万円単位の数だけを入力するか、130.7百万円、1,234,567円 のように単位を付けてください。",
        ),
        (row(1.5, "円"), "「1.5」（円単位）は1円より細かい金額です。1円までの数にしてください。"),
        (row(1, "ドル"), "「ドル」は選べません。円、千円、万円、百万円、億円のいずれかにしてください。"),
        (row(1, account="企業"), "「企業」は選べません。一般会計、特別会計のいずれかにしてください。"),
        (row(1, series="通年"), "「通年」は選べません。単年度、累計、継続のいずれかにしてください。"),
    ],
)
def test_what_is_no_amount_is_told_once(cast, line, message):
    with pytest.raises(ImportRefused) as refused:
        brought(cast, line)
    assert [problem.message for problem in refused.value.comparison.problems] == [message]
