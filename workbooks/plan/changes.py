"""What a file would change: tables as read, problems, differences, and how they are shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from core.grammar import quoted
from workbooks.plan.columns import Value
from workbooks.plan.specification import BY_NAME, Key, PlanSheet, Rows, Values

DELETE = "delete"


@dataclass(frozen=True)
class RawTable:
    """A sheet as it was read: column names of row 1, and the cells below with their row numbers."""

    sheet: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, object]], ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file, and where. `row` 0 means the sheet itself, an empty `sheet` the file."""

    sheet: str
    row: int
    column: str
    value: str
    message: str

    @property
    def sheet_named(self) -> str:
        """By the names that people know, beside those in the file."""
        return BY_NAME[self.sheet].named if self.sheet in BY_NAME else self.sheet

    @property
    def column_named(self) -> str:
        return BY_NAME[self.sheet].column_named(self.column) if self.sheet in BY_NAME else self.column

    def __str__(self) -> str:
        place = [f"シート「{self.sheet_named}」"] if self.sheet else []
        place += [f"{self.row}行目"] if self.row else []
        place += [f"列「{self.column_named}」"] if self.column else []
        shown = f"（値「{self.value}」）" if self.value else ""
        return f"{' '.join(place)}{': ' if place else ''}{self.message}{shown}"


@dataclass(frozen=True)
class RowChange:
    """A row of the file whose values differ from the stored ones: column → (stored, in the file)."""

    key: Key
    row: int
    fields: dict[str, tuple[Value, Value]]


@dataclass
class SheetChanges:
    sheet: PlanSheet
    created: dict[Key, Values] = field(default_factory=dict)
    changed: list[RowChange] = field(default_factory=list)
    unchanged: int = 0
    deleted: list[Key] = field(default_factory=list)
    numbers: dict[Key, int] = field(default_factory=dict)  # in which row of the file they stand

    def row_of(self, key: Key) -> int | None:
        """None for what the file only implies: its problems are told in the row of the heading."""
        number = self.numbers.get(key, 1)
        return number if number > 1 else None


@dataclass
class PlanComparison:
    """What would happen. Nothing may be written while there are problems."""

    sheets: dict[str, SheetChanges] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    final: Rows = field(default_factory=dict)  # all rows as they would be

    @property
    def is_empty(self) -> bool:
        return not any(one.created or one.changed or one.deleted for one in self.sheets.values())

    def count(self, what: str) -> int:
        """The number of rows `created`, `changed` or `deleted` in all sheets."""
        return sum(len(getattr(one, what)) for one in self.sheets.values())

    @property
    def fingerprint(self) -> str:
        """The same for the same changes: what a person saw in the preview is what is written on confirmation."""
        digest = hashlib.sha256()
        for name, one in self.sheets.items():
            digest.update(repr((name, one.created, one.changed, one.deleted)).encode())
        return digest.hexdigest()


def show_cell(cell: object) -> str:
    """Give what stands in a cell for people, of a long text the first 40 characters."""
    return "" if cell is None else quoted(cell)


def show_value(value: Value) -> str:
    """A value for people: 空欄 for unknown, TRUE / FALSE, ISO dates."""
    if value is None or value == "" or value == ():
        return "（空欄）"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    return str(value)


def show_key(key: Key) -> str:
    """Give the key of a row for people: its values with " / " between them."""
    return " / ".join(show_value(part) for part in key if part != "")


def shown_rows(changes: SheetChanges, most: int) -> list[tuple[int | None, str, list[tuple[str, str]]]]:
    """Give the first of the new rows for people: row in the file (None for one that it only implies), key, and
    (label, value) of every other column that is not blank."""
    columns = [column for column in changes.sheet.columns if not column.is_key]
    return [
        (
            changes.row_of(key),
            show_key(key),
            [(one.label, show_value(value)) for one in columns if (value := values[one.name]) != one.blank],
        )
        for key, values in list(changes.created.items())[:most]
    ]
