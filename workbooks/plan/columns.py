"""One column of the plan workbook: how a value is typed, read from a cell and explained.

A value in memory is one of: None (unknown), str ("" for an empty text), int, Decimal, date, datetime (whole seconds),
bool, and for a list column a tuple of codes; a JSON value is its canonical text. The same types come from the database
and from a file, so they compare with ==.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from core import grammar
from core.fields import ModelField
from core.grammar import Faulty, Unreadable, is_blank
from core.text import clean_code
from policies.models import FiscalYearField

Value = str | int | Decimal | date | datetime | bool | None | tuple[str, ...]
LIST_SEPARATOR = ";"


class ColumnKind(enum.Enum):
    """The type of a column; the value is its Japanese name in the data dictionary."""

    CODE = "記号"
    TEXT = "文字列"
    CHOICE = "区分"
    INTEGER = "整数"
    DECIMAL = "数値"
    FISCAL_YEAR = "年度（西暦）"
    DATE = "日付（YYYY-MM-DD）"
    DATETIME = "日時（YYYY-MM-DD HH:MM:SS）"
    BOOLEAN = "真偽（TRUE / FALSE）"
    LIST = "記号の並び（; 区切り）"
    JSON = "JSON"


def kind_of(field: ModelField) -> ColumnKind:
    """Tell the kind of column that a model field makes."""
    if field.choices:
        return ColumnKind.CHOICE
    for kind, classes in (
        (ColumnKind.BOOLEAN, models.BooleanField),
        (ColumnKind.JSON, models.JSONField),
        (ColumnKind.FISCAL_YEAR, FiscalYearField),
        (ColumnKind.INTEGER, models.IntegerField),
        (ColumnKind.DECIMAL, models.DecimalField),
        (ColumnKind.DATETIME, models.DateTimeField),
        (ColumnKind.DATE, models.DateField),
        (ColumnKind.CODE, models.SlugField),
    ):
        if isinstance(field, classes):
            return kind
    return ColumnKind.TEXT


@dataclass(frozen=True)
class PlanColumn:
    name: str  # ASCII, stands in row 1
    paths: tuple[str, ...]  # lookups from the sheet's model to the value, the first that finds one; () for a list
    field: ModelField  # the model field that types the value
    kind: ColumnKind
    label: str  # Japanese name
    meaning: str = ""
    is_key: bool = False
    is_reference: bool = False
    is_required: bool = False
    shape: frozenset[str] = frozenset()  # of each item of a JSON list
    also: frozenset[str] = frozenset()  # what such an item may have beside it
    stands_for: str | None = None  # what an empty cell stands for, also where the column is a key

    def joined(self, other: PlanColumn | None) -> PlanColumn:
        """One column that belongs to two references of the sheet (an item stands in both)."""
        if other is None:
            return self
        return replace(other, paths=other.paths + self.paths, is_required=other.is_required or self.is_required)

    @property
    def may_be_blank(self) -> bool:
        """Whether a key may leave this part of it empty: what it says is unknown, or the cell stands for something."""
        if self.stands_for is not None:
            return True
        return (self.field.blank or self.kind is ColumnKind.BOOLEAN) and not self.is_reference

    @property
    def must_be_filled(self) -> bool:
        return self.is_required or (self.is_key and not self.may_be_blank)

    @property
    def choices(self) -> dict[str, str]:
        """Code → Japanese label; empty for a free column."""
        if self.kind is not ColumnKind.CHOICE:
            return {}
        return {str(code): str(label) for code, label in self.field.flatchoices if code != ""}

    @property
    def blank(self) -> Value:
        """What an empty cell means."""
        if self.kind is ColumnKind.LIST:
            return ()
        if self.stands_for is not None:
            return self.stands_for
        if self.is_reference or self.field.null:
            return None
        if self.field.has_default():
            return self.stored(self.field.get_default())
        return "" if self.field.empty_strings_allowed else None

    def stored(self, value: object) -> Value:
        """A value of the database as it is compared and written."""
        if self.kind is ColumnKind.JSON and value is not None:
            return canonical(value)
        if self.kind is ColumnKind.CODE and value is not None:
            return clean_code(str(value))  # typed in the admin it may be full-width
        if isinstance(value, datetime):
            return value.replace(microsecond=0)  # what a cell can hold
        return cast("Value", value)  # the fields of the sheets give no other types

    def to_field(self, value: Value) -> object:
        """The value that the model field takes."""
        return json.loads(value) if self.kind is ColumnKind.JSON and isinstance(value, str) else value

    def parse(self, cell: object) -> Value:
        """Read a cell. Raises ValueError with a Japanese reason that says what to write instead."""
        if (
            cell is None
            or cell == ""
            or (self.kind is not ColumnKind.TEXT and isinstance(cell, str) and is_blank(cell))
        ):
            if self.must_be_filled:
                raise Unreadable(f"{self.label}が空欄です。入力してください。")
            return self.blank
        value = self._typed(cell)
        if not (self.is_reference or self.kind in (ColumnKind.LIST, ColumnKind.JSON)):
            try:
                self.field.clean(value, None)
            except ValidationError as error:
                raise Unreadable("".join(error.messages)) from None
        return value

    def _typed(self, cell: object) -> Value:
        match self.kind:
            case ColumnKind.CODE:
                code = grammar.code(cell)
                if LIST_SEPARATOR in code:
                    raise Unreadable(f"記号に {LIST_SEPARATOR} は使えません。")
                return code
            case ColumnKind.TEXT:
                return grammar.text(cell)
            case ColumnKind.CHOICE:
                return grammar.choice(cell, self.choices)
            case ColumnKind.INTEGER:
                return grammar.whole(cell)
            case ColumnKind.DECIMAL:
                return grammar.amount(cell) if self.label.endswith("（千円）") else grammar.number(cell)
            case ColumnKind.FISCAL_YEAR:
                return grammar.fiscal_year(cell)
            case ColumnKind.DATE:
                return grammar.day(cell)
            case ColumnKind.DATETIME:
                found = grammar.moment(cell)
                return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found
            case ColumnKind.BOOLEAN:
                return grammar.flag(cell)
            case ColumnKind.LIST:
                parts = cell if isinstance(cell, list) else grammar.text(cell).split(LIST_SEPARATOR)
                codes = tuple(code for part in parts if (code := grammar.code(part)))
                if len(set(codes)) < len(codes):
                    raise Unreadable("同じ記号が2回あります。1回だけ書いてください。")
                return codes
            case ColumnKind.JSON:
                return self._json(cell)

    def _json(self, cell: object) -> str:
        try:
            value = json.loads(grammar.text(cell)) if isinstance(cell, str | Faulty) else cell
        except ValueError:
            raise Unreadable(
                "書き出したときの形ではないので、読めません。書き出したブックの値を、そのまま使ってください。"
            ) from None
        wanted = type(self.field.get_default())
        if not isinstance(value, wanted):
            kind = "[ ] で囲んだ並び" if wanted is list else "{ } で囲んだ組"
            raise Unreadable(f"JSON の{kind}で入力してください。")
        if self.shape and not all(isinstance(item, dict) and item.keys() - self.also == self.shape for item in value):
            raise Unreadable(f"JSON の並びの一つ一つは、{'、'.join(sorted(self.shape))} を持つ組にしてください。")
        return canonical(value)


def canonical(value: object) -> str:
    """A JSON value as text, the same from every database: PostgreSQL does not keep the order of names."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
