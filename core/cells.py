"""What a cell holds.

`clean` reads what people type (ValueError with a Japanese reason), `render` gives a value that a sheet knows.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db import models
from import_export.widgets import Widget

from core.fiscal import parse_date, parse_fiscal_year
from core.text import clean_code

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def plain(value: Any) -> str:
    """A value as text: an unknown one is empty, a day is ISO."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


class Text(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a spreadsheet keeps the text 27 as the number 27.0
        text = "" if value is None else re.sub(r"\r\n?", "\n", str(value))
        if _CONTROL.search(text):
            raise ValueError("目に見えない制御文字が入っています。入力し直してください。")
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class Code(Text):
    """A key: half-width, no spaces around it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return clean_code(super().clean(value))


class Number(Code):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value).replace(",", "")
        try:
            number = Decimal(text) if text else None
        except InvalidOperation:
            number = Decimal("nan")
        if number is not None and not (number.is_finite() and abs(number) < 10**15):
            raise ValueError(f"「{value}」は数として読めません。半角の数字で入力してください。")
        return number


class Whole(Number):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        number = super().clean(value)
        if number is not None and number != int(number):
            raise ValueError(f"「{value}」は整数ではありません。")
        return None if number is None else int(number)


class FiscalYear(Code):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value)
        return parse_fiscal_year(text) if text else None


class Day(Text):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return None if value is None or not str(value).strip() else parse_date(value)


class Flag(Code):
    _WORDS = {"はい": True, "1": True, "true": True, "○": True, "いいえ": False, "0": False, "false": False, "": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return self._WORDS[super().clean(value).lower()]
        except KeyError:
            raise ValueError(f"「{value}」は「はい」か「いいえ」にしてください。") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "はい" if value else "いいえ"


class Choice(Code):
    """One of a field's choices: its label, or the value that is stored."""

    def __init__(self, choices: list[tuple[Any, Any]]) -> None:
        super().__init__()
        self.labels = {value: str(label) for value, label in choices if value}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = super().clean(value)
        for stored, label in self.labels.items():
            if text in (stored, clean_code(label)):
                return stored
        if text:
            raise ValueError(f"「{text}」は選べません。{'、'.join(self.labels.values())}のいずれかにしてください。")
        return ""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, "")


def record_key(model: type[models.Model]) -> tuple[str, ...]:
    """The fields that name a record to people: its unique field, or those of its first unique constraint."""
    for field in model._meta.fields:
        if field.unique and not field.primary_key:
            return (field.name,)
    return next(tuple(c.fields) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))


class Ref(Widget):
    """A record of another list by its key, in the plan (or city) that the row names where keys repeat between plans."""

    def __init__(self, model: type[models.Model], *, own_list: bool = False) -> None:
        super().__init__()
        self.model = model
        self.own_list = own_list
        *scope, self.key = record_key(model)
        self.scope: Any = model._meta.get_field(scope[0]) if scope else None
        self.cell = cell_for(model._meta.get_field(self.key))

    @cached_property
    def known(self) -> dict[tuple[str, Any], models.Model]:
        records = self.model._default_manager.all()
        if self.scope and self.scope.is_relation:
            records = records.select_related(self.scope.name)
        return {(self._scope_of(record), self.cell.clean(getattr(record, self.key))): record for record in records}

    def _scope_of(self, record: models.Model) -> Any:
        if not self.scope:
            return ""
        return Code().clean(cell_for(self.scope).render(getattr(record, self.scope.name)))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value is None or not str(value).strip():
            return None
        scope = Code().clean(row.get(str(self.scope.verbose_name))) if self.scope else ""
        key = scope, self.cell.clean(value)
        if self.own_list and key not in self.known:
            del self.known  # an earlier row of the same file may have made it
        try:
            return self.known[key]
        except KeyError:
            where = f"「{scope}」に、" if scope else ""
            raise ValueError(f"{where}「{plain(value)}」という{self.model._meta.verbose_name}はありません。") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return None if value is None else getattr(value, self.key)


class Refs(Widget):
    """Several records by their keys, in order, separated by 、 or a comma."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.ref = Ref(model)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        return [self.ref.clean(key, row) for key in re.split(r"[、,]", Code().clean(value)) if key.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "、".join(str(self.ref.render(record)) for record in value or [])


_CELLS: dict[str, type[Widget]] = {
    "FiscalYearField": FiscalYear,
    "BooleanField": Flag,
    "DateField": Day,
    "DecimalField": Number,
    "IntegerField": Whole,
    "SlugField": Code,
    "CharField": Text,
    "TextField": Text,
}


def cell_for(field: Any) -> Widget:
    """How a model field is written in a sheet."""
    if field.is_relation:
        return Ref(field.related_model, own_list=field.related_model is field.model)
    if field.choices:
        return Choice(field.choices)
    cell = next(_CELLS[kind.__name__] for kind in type(field).__mro__ if kind.__name__ in _CELLS)
    return Code() if cell is Text and field.name in record_key(field.model) else cell()
