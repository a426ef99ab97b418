"""What a sheet of the plan workbook is: a model with its key, columns, references and rules.

The sheets themselves are declared in workbooks/plan/sheets.py. A column takes its Japanese name, meaning, type, length
and choices from its model field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db import models

from core.fields import model_field
from core.money import STORED, UNITS
from core.text import clean_code
from workbooks.plan.columns import ColumnKind, PlanColumn, Value, kind_of

UNIT = "unit"
_UNIT_FIELD = models.CharField(max_length=3, choices=[(unit, unit) for unit in UNITS], default=STORED)
_UNIT_MEANING = (
    "amount の単位。書き出したブックでは千円。ほかの単位のまま記入してもよく、千円に直して登録する。空欄は千円。"
)

Key = tuple[Value, ...]
Values = dict[str, Value]
Rows = dict[str, dict[Key, Values]]  # sheet → key → column → value


@dataclass(frozen=True)
class Reference:
    """A foreign key, written in the sheet as the key columns of the sheet that it refers to.

    `of` are the first parts of that key where they are always the same and no column says them; `blank` is what an empty
    cell of a single column stands for.
    """

    field: str  # of the model
    sheet: str
    columns: tuple[str, ...] = ()  # in this sheet; by default one column named like the field
    of: tuple[str, ...] = ()
    blank: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns or (self.field,)

    def target(self, values: Values) -> Key | None:
        """The key that a row refers to; None for a row that refers to nothing."""
        key = (*self.of, *(values[name] for name in self.names))
        return None if None in key else key


@dataclass(frozen=True)
class NamedRows:
    """The rows that a column names by their codes: the sheet, the parts of their key before the code that are always the
    same, and the column that says what people call them."""

    sheet: str
    of: tuple[str, ...]
    column: str


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

    def codes(self, values: Values) -> tuple[str, ...]:
        """The codes of a row, in order."""
        codes = values[self.name]
        return codes if isinstance(codes, tuple) else ()

    def key(self, code: str) -> Key:
        """The key of the row that a code names."""
        is_number = BY_NAME[self.sheet].columns[0].kind is ColumnKind.INTEGER
        return (int(code),) if is_number and code.isascii() and code.isdecimal() else (code,)


@dataclass(frozen=True)
class Person:
    """A field that says who did something. People are not part of a workbook: whoever imports stands in for them."""

    field: str
    when: str = (
        ""  # the column that says when; without a moment there is no person. "" for a person who is always there
    )


def no_problems(_values: Values, _rows: Rows) -> Iterator[str]:
    """The check of a sheet whose rows hold nothing beyond their constraints."""
    yield from ()


def nothing_derived(_values: Values, _rows: Rows) -> Values:
    """The derivation of a sheet whose model derives its fields by itself."""
    return {}


@dataclass(frozen=True)
class PlanSheet:
    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    plain: tuple[str, ...]  # columns that are fields of the model, in the order of the sheet
    references: tuple[Reference, ...] = ()
    lists: tuple[ListColumn, ...] = ()
    scope: str = "plan"  # lookup from the model to the plan; "" for a model that belongs to the city
    order: tuple[str, ...] = ()  # columns that order the rows; by default the key
    fixed: tuple[str, ...] = ()  # columns that cannot change once the row exists
    can_delete: bool = True
    people: tuple[Person, ...] = ()
    # For the items of a JSON list: column → the names that each item has.
    shapes: dict[str, frozenset[str]] = field(default_factory=dict)
    also: dict[str, frozenset[str]] = field(default_factory=dict)  # names that they may have beside these
    meanings: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    # Fields that follow from the row and the tables around it, and what a row must hold beyond its constraints.
    derived: Callable[[Values, Rows], Values] = nothing_derived
    check: Callable[[Values, Rows], Iterator[str]] = no_problems
    # Sheets that are read by what is checked of its rows, beside those that it refers to.
    asks: tuple[str, ...] = ()
    # The column of an amount in 千円. A column `unit` stands beside it: a file may give the amount in another one.
    money: str = ""
    # The column that says which row comes before which: where a file has none, its new rows come after all others.
    place: str = ""
    # A model without a natural key: its rows are numbered in the order in which they were written.
    numbered: bool = False

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def named(self) -> str:
        """As people find it in a file, whichever of the names they have there."""
        return f"{self.label}（{self.name}）"

    def column_named(self, name: str) -> str:
        column = self.by_name.get(name)
        return f"{column.label}（{name}）" if column else name

    @cached_property
    def columns(self) -> tuple[PlanColumn, ...]:
        """All columns: the key first, then references, then the rest."""
        by_name: dict[str, PlanColumn] = {}
        if self.numbered:
            number = models.PositiveIntegerField("番号")
            by_name["number"] = PlanColumn(
                "number", (), number, ColumnKind.INTEGER, "番号", "登録された順の番号。", is_key=True, is_required=True
            )
        for column in (*self._reference_columns(), *(self._plain_column(name) for name in self.plain)):
            by_name[column.name] = column.joined(by_name.get(column.name))
        for one in self.lists:
            meaning = self.meanings.get(one.name, f"{one.sheet} シートの {BY_NAME[one.sheet].key[0]} を並べる。")
            by_name[one.name] = PlanColumn(one.name, (), models.CharField(), ColumnKind.LIST, one.label, meaning)
        if self.money:
            by_name[UNIT] = PlanColumn(UNIT, (), _UNIT_FIELD, ColumnKind.CHOICE, "単位", _UNIT_MEANING)
        return tuple(by_name.pop(name) for name in self.key) + tuple(by_name.values())

    @cached_property
    def by_name(self) -> dict[str, PlanColumn]:
        return {column.name: column for column in self.columns}

    @cached_property
    def by_title(self) -> dict[str, str]:
        """Japanese name → name, of the columns that have one to themselves."""
        labels = Counter(clean_code(column.label) for column in self.columns)
        return {label: column.name for column in self.columns if labels[label := clean_code(column.label)] == 1}

    @cached_property
    def unique(self) -> tuple[tuple[str, ...], ...]:
        """Columns that are unique together beside the key."""
        found = []
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None:
                columns = dict.fromkeys(name for field in constraint.fields for name in self._columns_of(field))
                if columns and set(columns) != set(self.key):
                    found.append(tuple(columns))
        return tuple(found)

    @property
    def needs(self) -> set[str]:
        """Sheets that must be known where this one is read: those that it refers to, and those that it asks."""
        return {reference.sheet for reference in self.references} | {one.sheet for one in self.lists} | {*self.asks}

    @cached_property
    def targets(self) -> dict[str, NamedRows]:
        """Column → what it names, of the columns whose rows have names beside their codes."""
        found: dict[str, NamedRows] = {one.name: NamedRows(one.sheet, (), _name_of(one.sheet)) for one in self.lists}
        for reference in self.references:
            for name, key in zip(reference.names, BY_NAME[reference.sheet].key[len(reference.of) :], strict=True):
                if len(reference.names) == 1:
                    found[name] = NamedRows(reference.sheet, reference.of, _name_of(reference.sheet))
                elif target := BY_NAME[reference.sheet].targets.get(key):
                    found.setdefault(name, target)
        return {name: target for name, target in found.items() if target.column}

    def key_of(self, values: Values) -> Key:
        return tuple(values[name] for name in self.key)

    def _columns_of(self, name: str) -> tuple[str, ...]:
        if name in self.plain:
            return (name,)
        return next((reference.names for reference in self.references if reference.field == name), ())

    def _plain_column(self, name: str) -> PlanColumn:
        own_field = model_field(self.model, name)
        is_key = name in self.key
        kind = kind_of(own_field)
        return PlanColumn(
            name=name,
            paths=(name,),
            field=own_field,
            kind=ColumnKind.CODE if is_key and kind is ColumnKind.TEXT else kind,
            label=str(own_field.verbose_name),
            meaning=self.meanings.get(name, str(own_field.help_text)),
            is_key=is_key,
            is_required=not (own_field.blank or own_field.null or own_field.has_default()),
            shape=self.shapes.get(name, frozenset()),
            also=self.also.get(name, frozenset()),
        )

    def _reference_columns(self) -> Iterable[PlanColumn]:
        for reference in self.references:
            target = BY_NAME[reference.sheet]
            foreign_key = model_field(self.model, reference.field)
            for name, key_name in zip(reference.names, target.key[len(reference.of) :], strict=True):
                key_column = target.by_name[key_name] if target is not self else self._plain_column(key_name)
                own = len(reference.names) == 1
                yield PlanColumn(
                    name=name,
                    paths=tuple(f"{reference.field}__{path}" for path in key_column.paths),
                    field=key_column.field,
                    kind=key_column.kind,
                    label=str(foreign_key.verbose_name) if own else key_column.label,
                    meaning=self.meanings.get(name, f"{target.name} シートの {key_name}。"),
                    is_key=name in self.key,
                    is_reference=True,
                    is_required=not (foreign_key.blank or foreign_key.null),
                    stands_for=reference.blank,
                )


def _name_of(sheet: str) -> str:
    """The column that says what people call the rows of a sheet; "" where there is none beside the code."""
    plain = BY_NAME[sheet].plain
    return next((name for name in ("name", "title", "label") if name in plain and name not in BY_NAME[sheet].key), "")


BY_NAME: dict[str, PlanSheet] = {}  # filled by workbooks/plan/sheets.py


def place_of(sheet: str, column: str) -> str:
    """Where a message sends people, by the names that they know beside those in the file."""
    return f"シート「{BY_NAME[sheet].named}」の列「{BY_NAME[sheet].column_named(column)}」"
