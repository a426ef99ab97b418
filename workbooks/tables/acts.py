"""The way of a table that people made: received, its sheets and columns said, its doubts answered, made a plan workbook.

What its owner says is kept in the upload: `sheets` has for each sheet that is read its rows and columns, `answers` the
answers to doubts by their id. Everything else is found again from the file at each step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NotRequired, TypedDict

from accounts.models import User
from core.acts import require
from policies.models import Edition, Plan, Source
from workbooks.models import TableUpload
from workbooks.plan.changes import Problem, RawTable
from workbooks.tables import building
from workbooks.tables.column_roles import (
    MAY_HAVE_YEAR,
    OF_DAY,
    YEARLY,
    ColumnUse,
    Role,
    day_named,
    year_named,
)
from workbooks.tables.known import KnownPlan, known_of
from workbooks.tables.layout import Grid, Layout, as_of_in, find, guess_columns, headings, titles
from workbooks.tables.marks import Marks
from workbooks.tables.read_items import TableReading
from workbooks.tables.reading import ChosenSheet, read
from workbooks.tables.shapes import grids_of
from workbooks.tables.uploads import keep, keep_answers, keep_said, said_before, sheets_of

PERMISSION = "policies.import_plan"


def receive(
    data: bytes, file_name: str, plan: Plan, edition: Edition | None, source: Source | None, *, by: User
) -> TableUpload:
    """Keep a file while its owner says how it is to be read. Raises UnreadableFile; then nothing is kept."""
    require(by, PERMISSION, "計画を取り込む")
    upload = TableUpload(
        plan=plan, edition=edition, source=source, file_name=file_name[-255:], content=data, uploaded_by=by
    )
    choose_sheets(upload, choices_of(upload), {})
    return keep(upload)


class SaidColumn(TypedDict):
    """What a column is for, as it is kept."""

    role: str
    year: int | None
    as_of: str | None  # ISO
    slot: int
    is_sure: NotRequired[bool]  # left out where it is


@dataclass
class SheetChoice:
    """A sheet of the file, and how it is to be read. Without a layout it is not read."""

    grid: Grid
    layout: Layout | None
    columns: list[ColumnUse] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.grid.sheet.name

    @property
    def titles(self) -> list[str]:
        """By column: its headings in one line."""
        if self.layout is None:
            return []
        return ["／".join("".join(part.split()) for part in path) for path in headings(self.grid, self.layout)]


def choices_of(upload: TableUpload) -> list[SheetChoice]:
    """Every sheet of the file with what was said about it. Raises UnreadableFile where the machine is too busy now."""
    found = []
    for grid in grids_of(sheets_of(upload)):
        said = upload.sheets.get(grid.sheet.name)
        layout = Layout(*said["rows"]) if said else None
        columns = [_column(one) for one in said["columns"]] if said else []
        found.append(SheetChoice(grid, layout, columns))
    return found


def choose_sheets(upload: TableUpload, found: list[SheetChoice], said: Mapping[str, Layout | None]) -> None:
    """Say which sheets are read, and where their tables stand; of a sheet that is not named it is found, unless the sheet
    is hidden. The columns are guessed for what is new. Not saved."""
    kept = said_before(upload)
    for choice in found:
        before = choice.layout
        if choice.name in said:
            choice.layout = said[choice.name]
        else:
            choice.layout = None if choice.grid.sheet.looks.is_hidden else find(choice.grid)
        if choice.layout is None:
            continue
        if before != choice.layout or not choice.columns:
            guessed = guess_columns(choice.grid, choice.layout)
            above = as_of_in(titles(choice.grid, choice.layout))
            paths = headings(choice.grid, choice.layout)
            choice.columns = [
                _again(_column(kept[title]), path, above)
                if title in kept
                else replace(column, is_sure=_is_certain(column, guessed))
                for title, path, column in zip(choice.titles, paths, guessed, strict=True)
            ]
    _note(upload, found)


def _again(kept: ColumnUse, path: list[str], above: date | None) -> ColumnUse:
    """A column as somebody said last time. A year or a day holds again only where the headings themselves name it; otherwise
    it is that of this table (`above`: the day of its title), and a person sees to it."""
    if kept.role in OF_DAY:
        named = day_named(path)
        return replace(kept, as_of=named or above, is_sure=named is not None and named == kept.as_of)
    if kept.role in MAY_HAVE_YEAR:
        year = year_named(path)
        return replace(kept, year=year, is_sure=year == kept.year)
    return kept


def _is_certain(column: ColumnUse, beside: list[ColumnUse]) -> bool:
    """Whether a heading says all that there is to say of a column."""
    if column.role in YEARLY and column.year is None:
        return any(other.role is Role.ROW_YEAR for other in beside)
    return column.is_sure and column.role is not Role.IGNORE and (column.role not in OF_DAY or column.as_of is not None)


def choose_columns(upload: TableUpload, found: list[SheetChoice]) -> None:
    """Say what the columns are for, and keep it for the next table of this plan."""
    for choice in found:
        choice.columns = [replace(column, is_sure=True) for column in choice.columns]
    _note(upload, found)
    upload.save(update_fields=["sheets"])
    said = said_before(upload)
    for choice in found:
        for title, column in zip(choice.titles, choice.columns, strict=True):
            if title:
                said[title] = _as_said(column)
    keep_said(upload, said)


def _note(upload: TableUpload, found: list[SheetChoice]) -> None:
    upload.sheets = {
        choice.name: {
            "rows": [choice.layout.header, choice.layout.first, choice.layout.last],
            "columns": [_as_said(column) for column in choice.columns],
        }
        for choice in found
        if choice.layout is not None
    }


def _as_said(column: ColumnUse) -> SaidColumn:
    as_of = column.as_of.isoformat() if column.as_of else None
    said: SaidColumn = {"role": column.role.value, "year": column.year, "as_of": as_of, "slot": column.slot}
    return said if column.is_sure else {**said, "is_sure": False}


def _column(said: SaidColumn) -> ColumnUse:
    as_of = date.fromisoformat(said["as_of"]) if said["as_of"] else None
    return ColumnUse(Role(said["role"]), said["year"], as_of, said["slot"], said.get("is_sure", True))


@dataclass
class TableResult:
    """What a file becomes as far as its owner has decided."""

    reading: TableReading
    tables: list[RawTable]
    known: KnownPlan
    chosen: Sequence[ChosenSheet]

    @property
    def marks(self) -> Marks:
        """Where the doubts stand in the items."""
        return Marks(self.chosen, self.reading.doubts)

    def book(self, title: str) -> bytes:
        """The plan workbook that a person would have written."""
        return building.write(self.tables, title)

    @property
    def cells(self) -> list[RawTable]:
        """The tables with what the cells of that workbook hold: as it is read back from the file, without writing it."""
        return [building.in_cells(table) for table in self.tables]

    def place_of(self, problem: Problem) -> str:
        """Where a problem of the plan workbook comes from: the row of the person's own table, where there is one."""
        table = next((table for table in self.tables if table.sheet == problem.sheet), None)
        row = next((cells for number, cells in table.rows if number == problem.row), {}) if table else {}
        key = row.get("program", row.get("number")) if problem.sheet != "policies" else None
        item = next((item for item in self.reading.items if item.number == key), None)
        return f"{item.place}（項目{item.number}）" if item else ""


def result_of(upload: TableUpload, given: Mapping[str, str] | None = None) -> TableResult:
    """Read the file as its owner has said. `given` are answers to doubts (by their ids), which are kept from now on."""
    known = known_of(upload.plan, upload.edition, upload.source.key if upload.source else "")
    chosen = [
        ChosenSheet(choice.grid, choice.layout, choice.columns)
        for choice in choices_of(upload)
        if choice.layout is not None
    ]
    reading = read(chosen, known, upload.answers | (given or {}))
    if given:
        keep_answers(upload, reading.doubts, given)
    return TableResult(reading, building.tables_of(reading, known) if not reading.problems else [], known, chosen)
