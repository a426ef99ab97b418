"""A plan as tables in memory: read from the database with one query a sheet (and one a list column)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from core.money import STORED
from core.progress import heard
from core.text import natural_key
from policies.models import Plan
from workbooks.plan.columns import ColumnKind, PlanColumn, Value
from workbooks.plan.sheets import BY_NAME, SHEETS
from workbooks.plan.specification import UNIT, Key, ListColumn, PlanSheet, Rows, Values


@dataclass
class StoredPlan:
    """What the database holds of one plan: per sheet, natural key → values, and natural key → primary key."""

    rows: Rows = field(default_factory=dict)
    pks: dict[str, dict[Key, int]] = field(default_factory=dict)


def queryset(sheet: PlanSheet, plan: Plan | None, city: str) -> models.QuerySet[models.Model]:
    """The rows of a sheet that belong to a plan, or for departments to its city."""
    manager = sheet.model._default_manager
    if not sheet.scope:
        return manager.filter(city=city).order_by("pk")
    return manager.filter(**{sheet.scope: plan.pk}).order_by("pk") if plan else manager.none()


def with_needs(names: Iterable[str]) -> set[str]:
    """Add to sheets all that they refer to, near or far."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= BY_NAME[name].needs - found
    return found


def load(
    plan: Plan | None,
    sheets: Collection[str] | None = None,
    *,
    city: str = "",
    tell: Callable[[], None] = lambda: None,
) -> StoredPlan:
    """Read tables of a plan (all sheets, or those named). A plan that does not exist yet has the departments of its `city`.

    `tell` is called before each sheet, and now and then within it.
    """
    tables = StoredPlan()
    for sheet in SHEETS:
        tell()
        rows: dict[Key, Values] = {}
        pks: dict[Key, int] = {}
        if sheets is None or sheet.name in sheets:
            for pk, values in heard(read_rows(sheet, queryset(sheet, plan, plan.city if plan else city)), tell):
                key = sheet.key_of(values)
                rows[key] = values
                pks[key] = pk
        tables.rows[sheet.name] = rows
        tables.pks[sheet.name] = pks
    return tables


def read_rows(sheet: PlanSheet, found: models.QuerySet[models.Model]) -> Iterable[tuple[int, Values]]:
    lists = {one.name: _load_list(one, found) for one in sheet.lists}
    columns = [column for column in sheet.columns if column.paths]
    paths = [path for column in columns for path in column.paths]
    simple = len(paths) == len(columns)
    names = [column.name for column in columns]
    converted = [column for column in columns if column.kind in (ColumnKind.JSON, ColumnKind.DATETIME, ColumnKind.CODE)]
    for number, (pk, *cells) in enumerate(found.values_list("pk", *paths), start=1):
        values: Values = dict(zip(names, cells if simple else _first_known(columns, cells), strict=True))
        for column in converted:
            values[column.name] = column.stored(values[column.name])
        for name, codes in lists.items():
            values[name] = tuple(codes[pk])
        if sheet.numbered:
            values["number"] = number
        if sheet.money:
            values[UNIT] = STORED
        yield pk, values


def _first_known(columns: list[PlanColumn], cells: list[Value]) -> list[Value]:
    """One value a column, of the lookups that it has."""
    values: list[Value] = []
    start = 0
    for column in columns:
        end = start + len(column.paths)
        values.append(next((cell for cell in cells[start:end] if cell is not None), None))
        start = end
    return values


def _load_list(one: ListColumn, owners: models.QuerySet[models.Model]) -> dict[int, list[str]]:
    target = BY_NAME[one.sheet]
    code = f"{one.target}__{target.by_name[target.key[0]].paths[0]}"
    codes = defaultdict(list)
    found = one.through._default_manager.filter(**{f"{one.owner}__in": owners.order_by().values("pk")})
    for owner, value in found.order_by(one.owner, one.order or "pk").values_list(one.owner, code):
        codes[owner].append(str(value))
    if not one.order:  # a set: in an order that every database gives
        for values in codes.values():
            values.sort()
    return codes


def in_order(sheet: PlanSheet, rows: Iterable[Values]) -> list[Values]:
    """Rows as the workbook lists them, alike whatever the database: 2 before 10, unknown first."""
    columns = dict.fromkeys((*sheet.order, *sheet.key))
    return sorted(rows, key=lambda values: [_rank(values[name]) for name in columns])


def _rank(value: Value) -> tuple[int, Any]:  # of one column, whose values can be compared
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        return (1, (natural_key(value), value))
    return (1, value.timestamp() if isinstance(value, datetime) else value)
