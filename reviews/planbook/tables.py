"""A plan as tables in memory: read from the database with one query a sheet (and one a list column)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from policies.models import Plan
from reviews.planbook.columns import Value
from reviews.planbook.sheets import SHEETS, ListColumn, Sheet

Key = tuple[Value, ...]
Values = dict[str, Value]


@dataclass
class Tables:
    """What the database holds of one plan: per sheet, natural key → values, and natural key → primary key."""

    rows: dict[str, dict[Key, Values]] = field(default_factory=dict)
    pks: dict[str, dict[Key, int]] = field(default_factory=dict)


def key_of(sheet: Sheet, values: Values) -> Key:
    return tuple(values[name] for name in sheet.key)


def queryset(sheet: Sheet, plan: Plan) -> models.QuerySet[Any]:
    """The rows of a sheet that belong to a plan."""
    manager = sheet.model._default_manager
    if sheet.scope:
        return manager.filter(**{sheet.scope: plan.pk})
    return manager.filter(city=plan.city)


def load(plan: Plan | None) -> Tables:
    """All tables of a plan; empty ones for a plan that does not exist yet."""
    tables = Tables()
    for sheet in SHEETS:
        rows: dict[Key, Values] = {}
        pks: dict[Key, int] = {}
        if plan is not None:
            plain = [column for column in sheet.columns if column.path]
            found = queryset(sheet, plan).order_by(*(sheet.order or [sheet.by_name[name].path for name in sheet.key]))
            lists = {one.name: _load_list(one, sheet, found) for one in sheet.lists}
            for pk, *cells in found.values_list("pk", *(column.path for column in plain)):
                values: Values = dict(zip((column.name for column in plain), cells, strict=True))
                for name, codes in lists.items():
                    values[name] = tuple(codes[pk])
                key = key_of(sheet, values)
                rows[key] = values
                pks[key] = pk
        tables.rows[sheet.name] = rows
        tables.pks[sheet.name] = pks
    return tables


def _load_list(one: ListColumn, sheet: Sheet, owners: models.QuerySet[Any]) -> dict[int, list[str]]:
    target = next(other for other in SHEETS if other.name == one.sheet)
    code = f"{one.target}__{target.by_name[target.key[0]].path}"
    codes = defaultdict(list)
    found = one.through._default_manager.filter(**{f"{one.owner}__in": owners.order_by().values("pk")})
    for owner, value in found.order_by(one.owner, one.order or code).values_list(one.owner, code):
        codes[owner].append(value)
    return codes
