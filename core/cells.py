"""How a model field stands in a cell of a list: `clean` reads it by the grammar (core/grammar.py), `render` writes it."""

from __future__ import annotations

import datetime
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from django.db import models
from import_export.widgets import Widget

from core import grammar
from core.fields import ModelField, model_field
from core.text import plain_decimal

# The row of a sheet that a cell stands in: Japanese name of the column → what stands there.
SheetRow: TypeAlias = "Mapping[str, object] | None"


def plain(value: object) -> str:
    """Give a value as text: an unknown one is empty, a day is ISO."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


class Cell(Widget, ABC):
    """One kind of cell, as import-export asks for it."""

    @abstractmethod
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> object: ...

    def render(self, value: object, obj: object = None, **kwargs: object) -> object:
        return value


class TextCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> str:
        return grammar.text(value)


class CodeCell(Cell):
    """A key: half-width, no spaces around it."""

    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> str:
        return grammar.code(value)


class NumberCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> Decimal | None:
        return grammar.number(value)

    def render(self, value: object, obj: object = None, **kwargs: object) -> object:
        """Without the zeros that fill the places of its column: they say how the number is kept, not how exact it is."""
        return Decimal(plain_decimal(value)) if isinstance(value, Decimal) else value


class WholeCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> int | None:
        return grammar.whole(value)


class FiscalYearCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> int | None:
        return grammar.fiscal_year(value)


class DayCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> datetime.date | None:
        return grammar.day(value)


class FlagCell(Cell):
    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> bool:
        return grammar.flag(value) or False

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "はい" if value else "いいえ"


class ChoiceCell(Cell):
    """One of a field's choices, (stored value, label): its label, or the value that is stored."""

    def __init__(self, choices: Iterable[tuple[object, object]]) -> None:
        super().__init__()
        self.labels = {str(value): str(label) for value, label in choices if value}

    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> str:
        return grammar.choice(value, self.labels)

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return self.labels.get(plain(value), "")


def record_key(model: type[models.Model]) -> tuple[str, ...]:
    """The fields that name a record to people: its unique field, or those of its first unique constraint."""
    for field in model._meta.fields:
        if field.unique and not field.primary_key:
            return (field.name,)
    return next(tuple(c.fields) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))


class Ref(Cell):
    """A record of another list by its key, in the plan (or city) that the row names where keys repeat between plans."""

    def __init__(self, model: type[models.Model], *, own_list: bool = False) -> None:
        super().__init__()
        self.model = model
        self.own_list = own_list
        *scope, self.key = record_key(model)
        self.scope = model_field(model, scope[0]) if scope else None
        self.cell = cell_for(model_field(model, self.key))

    @cached_property
    def known(self) -> grammar.Codes[tuple[str, object], models.Model]:
        records = self.model._default_manager.all()
        if self.scope and self.scope.is_relation:
            records = records.select_related(self.scope.name)
        return grammar.Codes(
            ((self._scope_of(record), self.cell.clean(getattr(record, self.key))), record) for record in records
        )

    def _scope_of(self, record: models.Model) -> str:
        if not self.scope:
            return ""
        return grammar.code(cell_for(self.scope).render(getattr(record, self.scope.name)))

    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> models.Model | None:
        if grammar.is_blank(value):
            return None
        scope = grammar.code((row or {}).get(str(self.scope.verbose_name))) if self.scope else ""
        key = scope, self.cell.clean(value)
        if self.own_list and key not in self.known:
            del self.known  # an earlier row of the same file may have made it
        found = self.known.meant(key)
        if found is None:
            where = f"「{scope}」に、" if scope else ""
            raise ValueError(f"{where}「{grammar.quoted(value)}」という{self.model._meta.verbose_name}はありません。")
        return found

    def render(self, value: object, obj: object = None, **kwargs: object) -> object:
        return None if value is None else getattr(value, self.key)


class Refs(Cell):
    """Several records by their keys, in order, separated by 、 or a comma."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.ref = Ref(model)

    def clean(self, value: object, row: SheetRow = None, **kwargs: object) -> list[models.Model]:
        keys = (key for key in re.split(r"[、,]", grammar.code(value)) if key.strip())
        return [record for key in keys if (record := self.ref.clean(key, row)) is not None]

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        records = value if isinstance(value, Iterable) else ()
        return "、".join(str(self.ref.render(record)) for record in records)


_CELLS: dict[str, type[Cell]] = {
    "FiscalYearField": FiscalYearCell,
    "BooleanField": FlagCell,
    "DateField": DayCell,
    "DecimalField": NumberCell,
    "IntegerField": WholeCell,
    "SlugField": CodeCell,
    "CharField": TextCell,
    "TextField": TextCell,
}


def cell_for(field: ModelField) -> Cell:
    """Give the cell in which a model field is written and read."""
    if field.related_model:
        model = field.related_model
        return Ref(model, own_list=model is field.model)
    if field.choices:
        return ChoiceCell(field.flatchoices)
    cell = next(_CELLS[kind.__name__] for kind in type(field).__mro__ if kind.__name__ in _CELLS)
    return CodeCell() if cell is TextCell and field.name in record_key(field.model) else cell()
