"""A plan as an Excel file: every table, losslessly, and a README sheet that explains every column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import IO

from django.utils import timezone

from core.progress import Progress, heard
from core.spreadsheets.limits import LONGEST
from core.text import MAKER
from policies.models import Plan
from workbooks.plan import dictionary
from workbooks.plan.changes import show_key
from workbooks.plan.columns import LIST_SEPARATOR, Value
from workbooks.plan.sheets import BY_NAME, SHEETS
from workbooks.plan.stored_plan import StoredPlan, in_order, load
from workbooks.writer import Value as CellValue
from workbooks.writer import WrittenBook

README = "README"
EXAMPLE = "【例】"  # begins a text of the example rows of the blank workbook (workbooks/plan/blank.py)


class FORMAT:
    """The format of the workbook, as its README states it. A change that an older version would misread raises it."""

    name = "format_version"
    # 1 had the errata of contents among those of reports, and no line that says so; 2 had no scales, and `none` for a grade
    # that judges nothing; 3 had one axis of grades, which no sheet named.
    version = 4


_FIRST_EXCEL_DAY = date(1900, 3, 1)  # Excel counts a 29 February 1900 that was not


class TooLong(Exception):
    """A text does not fit into a cell of Excel; cut off it would be lost."""


def write_book(plan: Plan, file: IO[bytes], progress: Progress = lambda done, total: None) -> None:
    """Write all tables of a plan. A sheet without rows is written too: its header shows what can stand there.

    `progress` hears how many sheets of how many are written; none of them while all are read.
    """
    tables = load(plan, tell=lambda: progress(0, len(SHEETS)))
    _check_lengths(tables)
    with WrittenBook(file, f"計画ブック {plan.name}（{MAKER}が作成）") as book:
        book.add_table(README, dictionary.HEADERS, _readme(plan))
        for done, sheet in enumerate(SHEETS):
            tell = partial(progress, done, len(SHEETS))
            tell()
            names = [column.name for column in sheet.columns]
            rows = in_order(sheet, tables.rows.pop(sheet.name).values())
            book.add_table(
                sheet.name, names, ([to_cell(values[name]) for name in names] for values in heard(rows, tell))
            )


def _check_lengths(tables: StoredPlan) -> None:
    for sheet_name, rows in tables.rows.items():
        for key, values in rows.items():
            for name, value in values.items():
                if isinstance(value, str) and len(value) > LONGEST:
                    raise TooLong(
                        f"シート「{BY_NAME[sheet_name].named}」の {show_key(key)} の{BY_NAME[sheet_name].column_named(name)}は {len(value):,}字あり、"
                        f"Excel のセルに入る {LONGEST:,}字を超えるため、書き出せません。文章を短くしてください。"
                    )


def _readme(plan: Plan) -> Iterator[tuple[str, ...]]:
    general = (*dictionary.RULES, dictionary.FICTIONAL) if plan.is_fictional else dictionary.RULES
    for text in general:
        yield ("", "すべてのシート", *[""] * (len(dictionary.HEADERS) - 3), text)
    yield from dictionary.rows()
    yield (FORMAT.name, str(FORMAT.version), *[""] * (len(dictionary.HEADERS) - 3), "このブックの形式の版。")


def to_cell(value: Value) -> CellValue:
    """The value as Excel can hold it without loss: what its numbers and dates cannot say is written as text."""
    if isinstance(value, tuple):
        return LIST_SEPARATOR.join(str(code) for code in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return timezone.make_naive(value)
    if isinstance(value, date):
        return value if value >= _FIRST_EXCEL_DAY else value.isoformat()
    if isinstance(value, int | Decimal):
        return _number(Decimal(value))
    return value


def _number(value: Decimal) -> CellValue:
    if Decimal(repr(float(value))) != value:  # more digits than Excel's numbers have
        return f"{value:f}"
    return int(value) if value == value.to_integral_value() else value.normalize()
