"""The plan workbook's sheets, declared once.

Export, import, the README sheet and the data dictionary all read this list; a column takes its Japanese name, meaning,
type, length and choices from its model field. The order is the order of dependence: a sheet refers to sheets above it
(and, where a reference may be empty, to itself or to a later one).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from accounts.models import Department
from policies.models import Direction, Edition, Plan, Policy, Position, Source, Viewpoint
from programs.models import Program
from reviews.models import Grade, Meeting, PublishedFigure, Round
from reviews.planbook.columns import Column, Kind, kind_of


@dataclass(frozen=True)
class Reference:
    """A foreign key, written in the sheet as the key columns of the sheet that it refers to."""

    field: str  # of the model
    sheet: str
    columns: tuple[str, ...] = ()  # in this sheet; by default one column named like the field

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns or (self.field,)


@dataclass(frozen=True)
class ListColumn:
    """A many-to-many relation, written as codes in one cell, in order."""

    name: str
    sheet: str
    through: type[models.Model]
    owner: str  # field of `through` that points to the sheet's model
    target: str
    label: str
    order: str = ""  # field of `through` that keeps the position, from 1


@dataclass(frozen=True)
class Sheet:
    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    plain: tuple[str, ...]  # columns that are fields of the model, in the order of the sheet
    references: tuple[Reference, ...] = ()
    lists: tuple[ListColumn, ...] = ()
    scope: str = "plan"  # lookup from the model to the plan
    order: tuple[str, ...] = ()  # of the rows; by default the key
    fixed: tuple[str, ...] = ()  # columns that cannot change once the row exists
    can_delete: bool = True
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the key first, then references, then the rest."""
        made = [*self._reference_columns(), *(self._plain_column(name) for name in self.plain)]
        made += [
            Column(one.name, "", models.CharField(), Kind.LIST, one.label, self.meanings.get(one.name, ""))
            for one in self.lists
        ]
        by_name = {column.name: column for column in made}
        return tuple(by_name.pop(name) for name in self.key) + tuple(by_name.values())

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def _plain_column(self, name: str) -> Column:
        model_field = _field(self.model, name)
        is_key = name in self.key
        kind = kind_of(model_field)
        return Column(
            name=name,
            path=name,
            field=model_field,
            kind=Kind.CODE if is_key and kind is Kind.TEXT else kind,
            label=str(model_field.verbose_name),
            meaning=self.meanings.get(name, str(model_field.help_text)),
            is_key=is_key,
            is_required=not (model_field.blank or model_field.has_default()),
        )

    def _reference_columns(self) -> Iterable[Column]:
        for reference in self.references:
            target = BY_NAME[reference.sheet] if reference.sheet != self.name else self
            foreign_key = _field(self.model, reference.field)
            for name, key_name in zip(reference.names, target.key, strict=True):
                key_column = target.by_name[key_name] if target is not self else self._plain_column(key_name)
                yield Column(
                    name=name,
                    path=f"{reference.field}__{key_column.path}",
                    field=key_column.field,
                    kind=key_column.kind,
                    label=str(foreign_key.verbose_name) if len(reference.names) == 1 else key_column.label,
                    meaning=self.meanings.get(name, f"{target.name} シートの {key_name}。"),
                    is_key=name in self.key,
                    is_reference=True,
                    is_required=not foreign_key.blank,
                )


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return model._meta.get_field(name)  # type: ignore[return-value]


_SOURCE = Reference("source", "sources")

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "plan",
        Plan,
        key=("slug",),
        plain=(
            "slug",
            "city",
            "name",
            "program_name",
            "summary",
            "first_fiscal_year",
            "last_fiscal_year",
            "rule_name",
            "rule_first_fiscal_year",
            "rule_last_fiscal_year",
            "committee_name",
            "committee_experts",
            "committee_citizens",
            "is_fictional",
            "is_public",
        ),
        references=(_SOURCE, Reference("committee_source", "sources")),
        scope="pk",
        fixed=("city",),  # departments belong to the city
        can_delete=False,
    ),
    Sheet("sources", Source, key=("key",), plain=("key", "title", "publisher", "date", "updated", "url", "note")),
    Sheet(
        "grades",
        Grade,
        key=("code",),
        plain=("code", "label", "definition", "order", "tone", "note"),
        references=(_SOURCE,),
        order=("order",),
    ),
    Sheet(
        "editions",
        Edition,
        key=("key",),
        plain=("key", "name", "first_fiscal_year", "last_fiscal_year", "decided"),
        references=(_SOURCE,),
        order=("first_fiscal_year",),
    ),
    Sheet("viewpoints", Viewpoint, key=("order",), plain=("order", "kind", "name"), references=(_SOURCE,)),
    Sheet("directions", Direction, key=("number",), plain=("number", "name"), references=(_SOURCE,)),
    Sheet(
        "policies",
        Policy,
        key=("number",),
        plain=("number", "name", "summary"),
        references=(Reference("direction", "directions"), _SOURCE),
    ),
    Sheet(
        "departments",
        Department,
        key=("code",),
        plain=("code", "name", "valid_from", "valid_to"),
        references=(Reference("successor", "departments"),),
        scope="",  # by city, see tables.py
    ),
    Sheet(
        "programs",
        Program,
        key=("number",),
        plain=("number", "number_is_provisional", "name", "name_kana", "note"),
        references=(Reference("policy", "policies"), _SOURCE),
        order=("sort_key",),
    ),
    Sheet(
        "rounds",
        Round,
        key=("as_of",),
        plain=("as_of", "opens_on", "due_on"),
        references=(Reference("edition", "editions"), _SOURCE),
    ),
    Sheet(
        "meetings",
        Meeting,
        key=("held_on",),
        plain=("held_on", "title"),
        lists=(ListColumn("documents", "sources", Meeting.documents.through, "meeting", "source", "資料"),),
    ),
    Sheet(
        "published_figures",
        PublishedFigure,
        key=("key",),
        plain=(
            "key",
            "measure",
            "label",
            "as_of",
            "fiscal_year",
            "category",
            "basis",
            "printed",
            "value",
            "unit",
            "is_approximate",
            "locator",
            "note",
        ),
        references=(Reference("policy", "policies"), Reference("edition", "editions"), _SOURCE),
    ),
    Sheet(
        "positions",
        Position,
        key=("order",),
        plain=("order", "layer", "name", "first_fiscal_year", "last_fiscal_year", "item_count"),
        references=(_SOURCE,),
    ),
)
BY_NAME = {sheet.name: sheet for sheet in SHEETS}
