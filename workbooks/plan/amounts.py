"""Amounts that a file gives in another unit than 千円, by its column `unit`."""

from __future__ import annotations

from collections.abc import Iterable

from core import grammar
from core.money import STORED, UNITS
from workbooks.plan.changes import RawTable
from workbooks.plan.specification import BY_NAME, UNIT


def in_thousands(tables: Iterable[RawTable]) -> list[RawTable]:
    """The tables with all amounts in 千円. A unit that is none stays as it is: its column tells what it may hold."""
    found = []
    for table in tables:
        sheet = BY_NAME.get(table.sheet)
        if sheet is not None and sheet.money and UNIT in table.columns:
            rows = tuple((number, _row(row, sheet.money)) for number, row in table.rows)
            table = RawTable(table.sheet, table.columns, rows)
        found.append(table)
    return found


def _row(row: dict[str, object], column: str) -> dict[str, object]:
    unit = grammar.code(row[UNIT]) if isinstance(row.get(UNIT), str) else ""
    if unit not in UNITS or unit == STORED:
        return row
    cell = row.get(column)
    try:
        thousands: object = grammar.amount(cell, unit)
    except grammar.Unreadable as error:
        thousands = cell if isinstance(cell, grammar.Faulty) else grammar.Faulty(grammar.quoted(cell), str(error))
    return row | {column: thousands, UNIT: STORED}
