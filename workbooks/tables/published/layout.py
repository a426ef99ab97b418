"""Where the numbers of a printed table stand: its heading rows, the columns with headings of rows, its last row."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.spreadsheets.limits import column_letters
from workbooks.tables import layout as lists
from workbooks.tables.column_roles import is_year, part_in
from workbooks.tables.layout import Grid
from workbooks.tables.published.values import is_stroke, looks_like_value

_LOOKED_AT = 60  # rows from the top among which the first numbers are looked for
_MOST_HEADINGS = 4  # rows
_MOST_LABELS = 4  # columns
_MOST_BLANKS = 3  # rows inside a table
_MOST_SECTIONS = 2  # rows between the headings and the first numbers
_OUTSIDE = r"単位|^(表|図表|資料|第(?!\s*[0-9０-９]\s*四半期))\s*[0-9０-９]+|^※"
_TITLE = re.compile(rf"{_OUTSIDE}|現在\W*$")
_BARE_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True)
class FigureLayout:
    """Rows and columns counted from 1, all included. `header` 0: no headings. `labels`: the last column that holds headings
    of rows."""

    header: int
    first: int
    last: int
    labels: int


def find(grid: Grid) -> FigureLayout | None:
    """The table of a sheet; None where nothing looks like one."""
    first = next((row for row in range(1, min(grid.height, _LOOKED_AT) + 1) if _has_values(grid, row)), 0)
    if not first:
        return None
    rows = [row for row in range(first, grid.height + 1) if _has_values(grid, row)]
    labels = _labels(grid, rows)
    last = first
    for row in rows:
        if row - last > _MOST_BLANKS + 1:
            break
        last = row
    first = _with_section(grid, first)
    header = first
    while header > 1 and first - header < _MOST_HEADINGS and _heads(grid, header - 1):
        header -= 1
    return FigureLayout(header if header < first else 0, first, last, labels)


def _is_value(text: str) -> bool:
    return looks_like_value(text) and not _BARE_YEAR.fullmatch(text) and not is_year(text) and part_in(text) is None


def _has_values(grid: Grid, row: int) -> bool:
    return any(_is_value(cell) for cell in grid.line(row)[1:])


def _labels(grid: Grid, rows: list[int]) -> int:
    labels = 1
    for column in range(2, min(grid.width, _MOST_LABELS + 1)):
        cells = [cell for row in rows if (cell := grid.seen(row, column))]
        numbers = sum(_is_value(cell) or is_stroke(cell) for cell in cells)
        if cells and numbers >= len(cells) / 2:
            break
        labels = column
    return labels


def _heads(grid: Grid, row: int) -> bool:
    """Whether a row above the numbers is one of headings: a title stands alone, or spans the whole table."""
    cells = [(column, cell) for column, cell in enumerate(grid.line(row), 1) if cell]
    if not cells:
        return any((area := grid.area(row, column)) and area.top < row for column in range(1, grid.width + 1))
    if all(column == 1 or _TITLE.search(cell) for column, cell in cells):
        return False
    column, _cell = cells[0]
    if len(cells) > 1:
        return True
    area = grid.area(row, column)
    width = area.right - area.left + 1 if area else 1
    return column > 1 and width < grid.width


def _with_section(grid: Grid, first: int) -> int:
    """The row in which a table begins that has a heading for its first rows between its headings and its numbers."""
    for above in range(first - 1, max(first - 1 - _MOST_SECTIONS, 1), -1):
        cells = [(column, cell) for column, cell in enumerate(grid.line(above), 1) if cell]
        if len(cells) != 1 or cells[0][0] != 1 or re.search(_OUTSIDE, cells[0][1]):
            break
        if _heads(grid, above - 1) and any(grid.line(above - 1)):
            return above
    return first


def titles(grid: Grid, table: FigureLayout) -> list[str]:
    """What stands above the table, and the name of the sheet."""
    above = range(1, table.header or table.first)
    return [*(cell for row in above for cell in grid.line(row) if cell), grid.sheet.name]


def is_row_of_values(grid: Grid, row: int, table: FigureLayout) -> bool:
    return any(grid.own(row, column) for column in range(table.labels + 1, grid.width + 1))


def is_section(grid: Grid, row: int, table: FigureLayout) -> bool:
    """Whether a row of the table is a heading for the rows below it."""
    return any(grid.line(row)[: table.labels]) and not is_row_of_values(grid, row, table)


def sections(grid: Grid, table: FigureLayout) -> dict[int, int]:
    """Each row with numbers, and the row that is the heading for it and those around it; 0 where none is."""
    found: dict[int, int] = {}
    section = 0
    for row in range(table.first, table.last + 1):
        if is_row_of_values(grid, row, table):
            found[row] = section
        elif is_section(grid, row, table):
            section = row
    return found


def rows_of(grid: Grid, table: FigureLayout) -> list[tuple[int, list[str], bool]]:
    """Each row with numbers, the headings that it stands under, from the outermost on, and whether one of them was taken
    from the row above because its own cell is blank."""
    found: list[tuple[int, list[str], bool]] = []
    before = 0
    above: list[str] = [""] * table.labels
    for row, section in sections(grid, table).items():
        if section != before:
            before, above = section, [""] * table.labels
        own = [_line(grid.seen(row, column)) for column in range(1, table.labels + 1)]
        is_filled = bool(any(own[1:]) and not own[0] and above[0])
        if is_filled:
            own[0] = above[0]
        above = own
        of_all = next(filter(None, grid.line(section))) if section else ""
        path = list(dict.fromkeys(filter(None, (of_all, *own))))
        found.append((row, path or [f"{row}行目"], is_filled))
    return found


def columns_of(grid: Grid, table: FigureLayout) -> list[tuple[int, list[str]]]:
    """Each column with numbers, and the headings above it, from the top down; its letter where it has none."""
    as_list = lists.Layout(table.header, table.first, table.last)
    paths = lists.headings(grid, as_list)
    used = [
        column
        for column in range(table.labels + 1, grid.width + 1)
        if any(grid.own(row, column) for row in range(table.first, table.last + 1))
    ]
    return [(column, [*map(_line, paths[column - 1])] or [f"{column_letters(column)}列"]) for column in used]


def corner(grid: Grid, table: FigureLayout) -> list[str]:
    """What stands above the headings of the rows."""
    paths = lists.headings(grid, lists.Layout(table.header, table.first, table.last))
    return [" ".join(map(_line, path)) for path in paths[: table.labels]]


def _line(text: str) -> str:
    return " ".join(text.split())
