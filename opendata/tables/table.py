"""What an open table is: typed, documented columns, and rows that can be counted, cut into pages or streamed.

The API, the CSV files, the zip, their metadata and the page /data/ all read the same tables, so they cannot disagree.
"""

from __future__ import annotations

import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import IO, Any, Literal, Protocol, Self

from django.db.models import QuerySet

from core.formulas import defused
from core.text import FICTIONAL, plain_decimal
from policies.models import Plan
from policies.words import in_words_of

Type = Literal["string", "integer", "number", "boolean", "date", "any"]  # any: text or number
Row = tuple[Any, ...]
_COLUMN_OF_FILTER = {"program": "program_number", "round": "as_of"}
CHUNK = 2000
_LINE_END = re.compile(
    r"\s*[\r\n]+\s*"
)  # a value with a line end is no value of a table (rules of the state for tables)
_TYPE_LABELS = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "真偽",
    "date": "日付",
    "any": "文字か数",
}


@dataclass(frozen=True)
class Field:
    """One column. `path` says where the database has it ("" where its name says so), `of` what is made of that value."""

    name: str
    label: str
    meaning: str
    path: str = ""
    type: Type = "string"
    unit: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    of: Callable[[Any], Any] | None = None
    example: Any = None

    @property
    def source(self) -> str:
        return self.path or self.name

    @property
    def type_label(self) -> str:
        return _TYPE_LABELS[self.type]

    def read(self, value: Any) -> Any:
        """A value of the database as a value of the table: what is unknown is None."""
        if self.of is not None and value is not None:
            value = self.of(value)
        return None if value == "" else value


PLAN = Field("plan", "計画", "計画の識別名。アドレスの /plans/ の次にある文字。", example="kodaira-2")
IS_FICTIONAL = Field(
    "is_fictional",
    FICTIONAL,
    "true のとき、架空のデータ（見本）であり、実在の市のものではない。",
    type="boolean",
    example=False,
)


class Rows(Protocol):
    """The rows of a table, in a stable order. Each has a value for every column of the table."""

    def count(self) -> int: ...

    def slice(self, start: int, stop: int) -> Iterable[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


@dataclass(frozen=True)
class StreamedRows(ABC):
    """Rows of one query, streamed; subclasses say how its values become rows."""

    queryset: QuerySet[Any]

    def count(self) -> int:
        return self.queryset.order_by().count()

    def slice(self, start: int, stop: int) -> Iterator[Row]:
        return self._read(self.queryset[start:stop])

    def __iter__(self) -> Iterator[Row]:
        return self._read(self.queryset)

    @abstractmethod
    def _read(self, queryset: QuerySet[Any]) -> Iterator[Row]: ...


@dataclass(frozen=True)
class QueryRows(StreamedRows):
    """Rows read from the database by the fields of a table. `before` and `after` stand around every row."""

    fields: Sequence[Field]
    before: Row = ()
    after: Row = ()

    def _read(self, queryset: QuerySet[Any]) -> Iterator[Row]:
        paths = list(dict.fromkeys(field.source for field in self.fields))
        position = [paths.index(field.source) for field in self.fields]
        for values in queryset.values_list(*paths).iterator(chunk_size=CHUNK):
            known = (field.read(values[at]) for field, at in zip(self.fields, position, strict=True))
            yield (*self.before, *known, *self.after)


@dataclass(frozen=True)
class UnfoldedRows:
    """Rows that stand as a list of {name: value} in one column, `at`, of other rows: each becomes a row, with what
    stands around it."""

    rows: QueryRows
    at: int
    keys: Sequence[str]  # "" stands for the place in the list, from 1

    def count(self) -> int:
        return sum(1 for _ in self)

    def slice(self, start: int, stop: int) -> Iterator[Row]:
        return islice(self, start, stop)

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            for place, part in enumerate(row[self.at], start=1):
                values = (part[key] or None if key else place for key in self.keys)
                yield (*row[: self.at], *values, *row[self.at + 1 :])


@dataclass(frozen=True)
class ListRows:
    """Rows that are computed as a whole, because there are few."""

    rows: Sequence[Row]

    def count(self) -> int:
        return len(self.rows)

    def slice(self, start: int, stop: int) -> Sequence[Row]:
        return self.rows[start:stop]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


@dataclass(frozen=True)
class ChainedRows:
    """Several kinds of rows one after the other."""

    parts: Sequence[Rows]

    @cached_property
    def _counts(self) -> list[int]:
        return [part.count() for part in self.parts]

    def count(self) -> int:
        return sum(self._counts)

    def slice(self, start: int, stop: int) -> Iterator[Row]:
        for part, count in zip(self.parts, self._counts, strict=True):
            if stop <= 0:
                return
            if start < count:
                yield from part.slice(max(start, 0), min(stop, count))
            start, stop = start - count, stop - count

    def __iter__(self) -> Iterator[Row]:
        for part in self.parts:
            yield from part


@dataclass(frozen=True)
class Table:
    """One open table. `read` gives the public rows of a plan; `filters` are the names that readers may filter by,
    with the path of each in the query of `read`. `key` are the columns that together name a row,
    where such columns have no blanks."""

    name: str
    title: str
    meaning: str
    fields: tuple[Field, ...]
    read: Callable[[Plan], QuerySet[Any] | Sequence[Row]]
    key: tuple[str, ...]
    filters: Mapping[str, str] = field(default_factory=dict)
    # Rows that no query gives, after those of `read`: what was printed about the plan as a whole.
    printed: Callable[[Plan], Iterable[Row]] | None = None

    @property
    def columns(self) -> tuple[Field, ...]:
        return (PLAN, *self.fields, IS_FICTIONAL)

    def in_words_of(self, plan: Plan) -> Self:
        """The same table, titled and explained in the words of a plan."""
        fields = tuple(
            replace(
                one,
                label=in_words_of(plan, one.label),
                meaning=in_words_of(plan, one.meaning),
                codes=tuple((code, in_words_of(plan, label)) for code, label in one.codes),
            )
            for one in self.fields
        )
        title, meaning = in_words_of(plan, self.title), in_words_of(plan, self.meaning)
        return replace(self, title=title, meaning=meaning, fields=fields)

    def rows(self, plan: Plan, **conditions: Any) -> Rows:
        """All public rows of a plan, or those that meet conditions on `filters` (a list: any of its values)."""
        found = self.read(plan)
        around: tuple[Row, Row] = ((plan.slug,), (plan.is_fictional,))
        if not isinstance(found, QuerySet):
            return ListRows([(*around[0], *row, *around[1]) for row in found])
        for name, value in conditions.items():
            path = self.filters[name]
            found = found.filter(**{f"{path}__in" if isinstance(value, list) else path: value})
        rows = QueryRows(found, self.fields, *around)
        if self.printed is None or "program" in conditions:  # an item has no printed rows
            return rows
        more = [(*around[0], *row, *around[1]) for row in self.printed(plan) if self._meets(row, conditions)]
        return ChainedRows([rows, ListRows(more)])

    def _meets(self, row: Row, conditions: Mapping[str, Any]) -> bool:
        """The same conditions on a row, by the columns that the filters stand for."""
        places = {column.name: place for place, column in enumerate(self.fields)}
        for name, wanted in conditions.items():
            value = row[places[_COLUMN_OF_FILTER.get(name, name)]]
            if value not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        return True


@dataclass(frozen=True)
class UnfoldedTable(Table):
    """A table whose last columns stand together, as a list, in one column of the database, `unfolds`; `keys` are
    their names there. `unfold` makes the list of what is no JSON."""

    unfolds: str = ""
    keys: tuple[str, ...] = ()
    unfold: Callable[[Any], list[Mapping[str, Any]]] | None = None

    def rows(self, plan: Plan, **conditions: Any) -> Rows:
        outer = self.fields[: -len(self.keys)]
        folded = replace(self, fields=(*outer, Field(self.unfolds, "", "", of=self.unfold)))
        found = Table.rows(folded, plan, **conditions)
        assert isinstance(found, QueryRows)  # noqa: S101 - `read` of such a table is a query
        return UnfoldedRows(found, 1 + len(outer), self.keys)


def json_row(columns: Sequence[Field], row: Row) -> dict[str, Any]:
    """A row for JSON: exact numbers as numbers, what is unknown as null."""
    return {column.name: _json_value(value) for column, value in zip(columns, row, strict=True)}


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def csv_value(value: Any) -> str:
    """A value for CSV: what is unknown is empty, a day is ISO, a number has no needless zeros, a text is one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return value.isoformat() if isinstance(value, date) else _LINE_END.sub(" ", str(value))


def _for_excel(value: Any) -> str:
    """A number stays one, with its sign."""
    return defused(csv_value(value)) if isinstance(value, str) else csv_value(value)


def write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row], *, bom: bool) -> int:
    """Write one table and count its rows. The file stays open. With the mark (`bom`) it is meant for Excel, which must run no text
    of it; without, for programs, each text is written as it is."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig" if bom else "utf-8", newline="")
    writer, written = csv.writer(text), _for_excel if bom else csv_value
    writer.writerow(written(column) for column in columns)  # of a chart they hold a plan's own words
    count = 0
    for row in rows:
        writer.writerow([written(value) for value in row])
        count += 1
    text.detach()
    return count
