"""Items as the tables of a plan workbook, and as the file that a person would have written by hand."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping

from core.text import MAKER, as_seen
from workbooks.plan.changes import RawTable
from workbooks.plan.columns import Value
from workbooks.plan.writing import to_cell
from workbooks.tables.column_roles import Role
from workbooks.tables.known import KnownPlan
from workbooks.tables.read_items import ReadEffect, ReadItem, TableReading
from workbooks.writer import WrittenBook

Rows = list[dict[str, Value]]
_OF_INDICATOR = ("name", "unit", "better", "baseline", "baseline_fiscal_year", "baseline_note")
_MADE_CODE = re.compile(r"d(\d+)")


def tables_of(reading: TableReading, known: KnownPlan) -> list[RawTable]:
    """What import_tables takes. A column that the tables don't have is left out, so that it changes nothing."""
    sheets: dict[str, Rows] = {"plan": [{"slug": known.slug}]}
    if known.edition_is_new:
        years: dict[str, Value] = {"first_fiscal_year": known.first_year, "last_fiscal_year": known.last_year}
        sheets["editions"] = [{"key": known.edition, "name": known.edition_name, **years}]
    sheets["directions"] = [
        {"number": number, "name": name} for number, (name, _) in sorted(reading.directions.items())
    ]
    sheets["policies"] = _policies(reading)
    codes, sheets["departments"] = _departments(reading.items, known)
    sheets["programs"] = [_program(item, reading, known) for item in reading.items]
    sheets["program_editions"] = [_content(item, reading, known, codes) for item in reading.items]
    sheets["year_plans"] = [
        {"program": item.number, "edition": known.edition, "fiscal_year": year, "text": text, "is_none": is_none}
        for item in reading.items
        for year, (text, is_none) in sorted(item.year_plans.items())
    ]
    _indicators(reading.items, known, sheets)
    sheets["effects"] = [_effect(item, effect, known) for item in reading.items for effect in item.effects]
    return [_table(name, rows) for name, rows in sheets.items() if rows]


def _table(name: str, rows: Rows) -> RawTable:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    return RawTable(name, columns, tuple((number, {**row}) for number, row in enumerate(rows, 2)))


def _policies(reading: TableReading) -> Rows:
    rows: Rows = []
    above = {policy: number for number, (_name, policies) in reading.directions.items() for policy in policies}
    for number, name in sorted(reading.policies.items()):
        row: dict[str, Value] = {"number": number, "name": name}
        if above:
            row["direction"] = above.get(number)
        rows.append(row)
    return rows


def _departments(items: Iterable[ReadItem], known: KnownPlan) -> tuple[Mapping[str, str], Rows]:
    """Name as it is seen → code, and the departments that the city does not have yet. Codes are made, not asked for."""
    codes = dict(known.departments)
    rows: Rows = []
    numbers = [int(found[1]) for code in known.codes if (found := _MADE_CODE.fullmatch(code))]
    following = max([0, *numbers]) + 1
    for name in dict.fromkeys(name for item in items for name in item.departments):
        if as_seen(name) not in codes:
            codes[as_seen(name)] = code = f"d{following:02}"
            rows.append({"code": code, "name": name})
            following += 1
    return codes, rows


def _program(item: ReadItem, reading: TableReading, known: KnownPlan) -> dict[str, Value]:
    row: dict[str, Value] = {"number": item.number}
    if item.number not in known.programs:
        row["number_is_provisional"] = item.number_is_provisional
    row |= {"policy": item.policy, "name": item.name}
    if Role.NOTE in reading.roles or item.note:
        row["note"] = item.note
    if known.source:
        row["source"] = known.source
    return row


def _content(item: ReadItem, reading: TableReading, known: KnownPlan, codes: Mapping[str, str]) -> dict[str, Value]:
    row: dict[str, Value] = {"program": item.number, "edition": known.edition}
    for role in (Role.CONTENTS, Role.PLANNED_YEARS, Role.EXPECTED_EFFECT):
        if role in reading.roles:
            row[role.value] = item.texts.get(role.value, "")
    if Role.DEPARTMENTS in reading.roles:
        row["departments"] = tuple(dict.fromkeys(codes[as_seen(name)] for name in item.departments))
    if known.source:
        row["source"] = known.source
    return row


def _effect(item: ReadItem, effect: ReadEffect, known: KnownPlan) -> dict[str, Value]:
    row: dict[str, Value] = {
        "program": item.number,
        "fiscal_year": effect.year,
        "kind": effect.kind,
        "basis": effect.basis,
        "amount": effect.amount,
    }
    if known.source:
        row["source"] = known.source
    return row


def _indicators(items: Iterable[ReadItem], known: KnownPlan, sheets: dict[str, Rows]) -> None:
    sheets["indicators"], sheets["indicator_targets"], sheets["indicator_actuals"] = [], [], []
    for item in items:
        numbers = {name: one.number for name, one in known.indicators.get(item.number, {}).items()}
        for one in item.indicators:
            number = numbers.setdefault(as_seen(one.name), max([0, *numbers.values()]) + 1)
            key: dict[str, Value] = {"program": item.number, "indicator": number}
            values = (one.name, one.unit, one.better, one.baseline, one.baseline_year, one.baseline_note)
            row: dict[str, Value] = {"program": item.number, "number": number}
            sheets["indicators"].append(row | dict(zip(_OF_INDICATOR, values, strict=True)))
            for year, (value, text) in sorted(one.targets.items()):
                target = {**key, "edition": known.edition, "fiscal_year": year, "value": value, "text": text}
                sheets["indicator_targets"].append(target)
            for year, (value, note, forecast) in sorted(one.actuals.items()):
                actual = {**key, "fiscal_year": year, "value": value, "is_forecast": forecast, "note": note}
                sheets["indicator_actuals"].append(actual)


def in_cells(table: RawTable) -> RawTable:
    """A table with its values as a workbook holds them."""
    rows: list[tuple[int, dict[str, object]]] = [
        (number, {name: to_cell(value) for name, value in row.items()})  # type: ignore[arg-type]
        for number, row in table.rows
    ]
    return RawTable(table.sheet, table.columns, tuple(rows))


def write(tables: Iterable[RawTable], title: str) -> bytes:
    """The tables as a plan workbook."""
    file = io.BytesIO()
    with WrittenBook(file, f"計画ブック {title}（{MAKER}が作成）") as book:
        for table in tables:
            rows = ([to_cell(row.get(column)) for column in table.columns] for _number, row in table.rows)  # type: ignore[arg-type]
            book.add_table(table.sheet, table.columns, rows)
    return file.getvalue()
