"""The cells of files that people send, as the person saw them: one reader for every door.

What a stranger's file makes a reader do is done in a process of its own (core/spreadsheets/confined.py), where core/spreadsheets/xlsx.py
and core/spreadsheets/delimited.py read it; a sheet comes back as lines of JSON. Knows no app.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from core.grammar import Content, Faulty
from core.spreadsheets import confined
from core.spreadsheets.limits import MOST_NOTED, UnreadableFile, check_size, column_letters, place


class Area(NamedTuple):
    """Merged cells, by rows and columns counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


class Doubtful(NamedTuple):
    """What is asked about a cell that was put together: what stands there, how it was read, and what else it may say."""

    original: str
    question: str
    otherwise: str  # the other choice
    text: str  # what the cell says then


def _say(found: dict[tuple[int, int], str], row: int, column: int, text: str) -> None:
    if len(found) >= MOST_NOTED:
        raise UnreadableFile(
            "百分率や千単位で表示されている数、取り消し線を引いた値が多すぎます。"
            f"読めるのは1枚のシートに{MOST_NOTED:,}個までです。書式を標準に直すか、シートを分けてください。"
        )
    found[row, column] = text


@dataclass
class Looks:
    """What a sheet shows by its looks and says in no value: what is hidden, by rows and columns counted from 1, and of cells with
    struck letters what is left without them."""

    is_hidden: bool = False
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    struck: dict[tuple[int, int], str] = field(default_factory=dict)

    def strike(self, row: int, column: int, left: str) -> None:
        """Say of a cell with struck letters what is left of it. Raises UnreadableFile where too much is to say."""
        _say(self.struck, row, column, left)


@dataclass
class Sheet:
    """One sheet from A1 on: each of `rows` ends with its last value, empty cells before it are None. `notes` say of
    converted cells what was shown, by (row, column) counted from 1. `origin` of a table that was put together from others says
    where a cell stands in them, `doubtful` what is to be asked about it."""

    name: str
    rows: list[list[Content]]
    merged: list[Area] = field(default_factory=list)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    looks: Looks = field(default_factory=Looks)
    origin: dict[tuple[int, int], tuple[str, int, int]] = field(default_factory=dict)
    doubtful: dict[tuple[int, int], Doubtful] = field(default_factory=dict)

    def note(self, row: int, column: int, text: str) -> None:
        """Say of a cell what was shown. Raises UnreadableFile where too much is to say."""
        _say(self.notes, row, column, text)

    def place(self, row: int, column: int) -> str:
        return place(*self.origin.get((row, column), (self.name, row, column)))

    def merged_below(self, row: int) -> list[Area]:
        """Areas that reach below a row. In a table they would leave all cells but the first without their value."""
        return sorted(area for area in self.merged if area.bottom > row)


@dataclass
class Book:
    sheets: dict[str, Sheet]
    begins_1904: bool = False  # the calendar in which bare numbers count days

    @property
    def names(self) -> list[str]:
        return list(self.sheets)


def read_book(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int) -> Book:
    """Read every sheet. Raises UnreadableFile, with a Japanese reason, for what is no workbook, too large or too slow."""
    check_size(len(data), max_bytes)
    limits = {"max_bytes": max_bytes, "max_unpacked": max_unpacked, "max_rows": max_rows}
    return _read("book", data, limits)


def read_any(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int) -> Book:
    """Read every table of a file in whatever form people have it (core/spreadsheets/loose.py). Raises UnreadableFile."""
    check_size(len(data), max_bytes)
    return _read("any", data, {"max_bytes": max_bytes, "max_unpacked": max_unpacked, "max_rows": max_rows})


def read_csv(data: bytes, *, max_bytes: int, max_rows: int) -> Sheet:
    """Read a table of texts. Raises UnreadableFile, with a Japanese reason."""
    check_size(len(data), max_bytes)
    book = _read("csv", data, {"max_rows": max_rows})
    return book.sheets["CSV"]


def _read(task: str, data: bytes, limits: dict[str, int]) -> Book:
    with closing(confined.answer(task, data, limits)) as lines:
        return loaded(lines)


# Sheets as lines: of a workbook its calendar; of each sheet its name, its rows, its merged cells and notes, its looks; the end

_KEPT = 1_000  # values of a book that are compared with those that follow
_KINDS: dict[str, Callable[[str], Content]] = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "seconds": lambda text: datetime.timedelta(seconds=float(text)),
    "decimal": Decimal,
}


def _tagged(value: object) -> dict[str, object]:
    """What JSON does not know; a day and a time is a day too, so it is asked for first."""
    match value:
        case datetime.datetime():
            return {"datetime": value.isoformat()}
        case datetime.date():
            return {"date": value.isoformat()}
        case datetime.time():
            return {"time": value.isoformat()}
        case datetime.timedelta():
            return {"seconds": repr(value.total_seconds())}
        case Decimal():
            return {"decimal": str(value)}
        case Faulty():
            return {"faulty": [value.shown, value.reason]}
    raise TypeError(type(value))


class _Values:
    """What JSON does not know, made anew; of one book, in which the same value stands once, however many cells have it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Content] = {}

    def untagged(self, found: dict[str, Any]) -> object:  # as json.loads gives every object that it meets
        if len(found) != 1:
            return found
        (kind, value) = next(iter(found.items()))
        if kind != "faulty" and kind not in _KINDS:
            return found
        key = (kind, *value) if kind == "faulty" else (kind, value)
        if key in self._known:
            return self._known[key]
        made = Faulty(*value) if kind == "faulty" else _KINDS[kind](value)
        if len(self._known) < _KEPT:
            self._known[key] = made
        return made


_ENCODER = json.JSONEncoder(default=_tagged, ensure_ascii=False, separators=(",", ":"))


def line(value: object) -> bytes:
    """One line for the process that asked."""
    return _ENCODER.encode(value).encode() + b"\n"


def lines_of(sheet: Sheet) -> Iterator[bytes]:
    yield line({"sheet": sheet.name, "of": len(sheet.rows)})
    for row in sheet.rows:
        yield line(row)
    yield line({"merged": sheet.merged, "notes": [[*where, note] for where, note in sheet.notes.items()]})
    if sheet.looks != Looks():
        struck = [[*where, left] for where, left in sheet.looks.struck.items()]
        rows, columns = sorted(sheet.looks.rows), sorted(sheet.looks.columns)
        yield line({"hides": sheet.looks.is_hidden, "rows": rows, "columns": columns, "struck": struck})


def loaded(lines: Iterator[bytes]) -> Book:
    book = Book({})
    sheet = Sheet("", [])
    decoder = json.JSONDecoder(object_hook=_Values().untagged)
    for text in lines:
        found = decoder.decode(text.decode())
        match found:
            case list():
                sheet.rows.append(found)
            case {"sheet": name, "of": _}:
                sheet = book.sheets[name] = Sheet(name, [])
            case {"merged": merged, "notes": notes}:
                sheet.merged = [Area(*area) for area in merged]
                sheet.notes = {(row, column): note for row, column, note in notes}
            case {"hides": is_hidden, "rows": rows, "columns": columns, "struck": struck}:
                left = {(row, column): text for row, column, text in struck}
                sheet.looks = Looks(is_hidden, {*rows}, {*columns}, left)
            case {"begins_1904": begins, "sheets": _}:
                book.begins_1904 = begins
            case {"refused": reason}:
                raise UnreadableFile(reason)
    return book
