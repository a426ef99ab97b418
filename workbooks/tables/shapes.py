"""Sheets in whatever shape an office gave them, as tables with a row an item. Pure.

Two tables on one sheet become two; a sheet an item (個票) and items beside each other become one table, of which each cell says
where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.spreadsheets.sheets import Sheet
from workbooks.tables import column_roles
from workbooks.tables.column_roles import Role
from workbooks.tables.forms import Form, forms_on, table_of
from workbooks.tables.layout import Grid, find
from workbooks.tables.pieces import JoinedTable, is_label, part

_LABELS = 4  # of different roles, by which items beside each other are told
_TITLE_ROWS = 4  # at most, above a second table
_ROWS_ACROSS = 300  # a few printed pages; anything longer is a list


def grids_of(sheets: Iterable[Sheet]) -> list[Grid]:
    """The tables of a file, one after the other."""
    forms: list[Form] = []
    others: list[Grid] = []
    for sheet in sheets:
        grid = Grid(sheet)
        if across := _across(grid):
            others.append(Grid(across))
        elif items := forms_on(grid):
            forms += items
        else:
            others += [below for beside in _beside(grid) for below in _below(beside)]
    return ([Grid(table_of(forms))] if forms else []) + others


# Several tables on one sheet


def _beside(grid: Grid) -> list[Grid]:
    """The tables that stand beside each other: their headings begin anew."""
    layout = find(grid)
    if layout is None:
        return [grid]
    line = [column_roles.folded(text) for text in grid.line(layout.header)]
    given = [column for column, text in enumerate(line) if text]
    starts = [
        column
        for column in given
        if column_roles.role_of(line[column]) in (Role.NUMBER, Role.NAME)
        and line[column : column + 2] == line[given[0] : given[0] + 2]
        and all(line[column : column + 2])
    ]
    if len(starts) < 2:
        return [grid]
    ends = [*starts[1:], grid.width]
    return [
        Grid(part(grid.sheet, f"{grid.sheet.name}（左から{number}つ目の表）", columns=(start + 1, end)))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _below(grid: Grid) -> list[Grid]:
    """The tables that stand below each other: a row between their items is a heading of another kind."""
    layout = find(grid)
    starts = [1]
    heading = layout.header if layout else 0
    if layout is not None:
        known = [[text for text in grid.line(row) if text] for row in range(layout.header, layout.first)]
        for row in range(layout.first + 1, grid.height + 1):
            cells = [text for text in grid.line(row) if text]
            if cells in known or not _is_heading(cells):
                continue
            start = _with_titles(grid, row)
            if start > heading:
                starts.append(start)
                heading = row
                known.append(cells)
    if len(starts) < 2:
        return [grid]
    ends = [*(start - 1 for start in starts[1:]), grid.height]
    return [
        Grid(part(grid.sheet, _name_of(grid, number), rows=(start, end)))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _name_of(grid: Grid, number: int) -> str:
    return f"{grid.sheet.name}（{number}つ目の表）" if number > 1 else grid.sheet.name


def _is_heading(cells: list[str]) -> bool:
    """Whether a row can be nothing but headings: a number and a name of items, and every cell a heading."""
    if len(cells) < 3 or not any(map(is_label, cells)):  # most rows are items: said fast
        return False
    found = [column_roles.role_of(cell) for cell in cells]
    told = sum(role is not None or column_roles.is_year(cell) for cell, role in zip(cells, found, strict=True))
    return (
        told >= len(cells) - len(cells) // 4
        and any(role in (Role.NUMBER, Role.NAME) and is_label(cell) for cell, role in zip(cells, found, strict=True))
        and len({*found} - {None}) >= 2
        and all(is_label(cell) or column_roles.year_in(cell) is not None or len(cell) <= 12 for cell in cells)
    )


def _with_titles(grid: Grid, heading: int) -> int:
    """The first row of a table that begins above its headings with a title or a line about units."""
    start = heading
    for row in range(heading - 1, max(1, heading - _TITLE_ROWS) - 1, -1):
        texts = [text for text in grid.line(row) if text]
        if len(texts) > 2 or (texts and texts[0].startswith("※")):
            break
        if texts:
            start = row
    return start


# Items beside each other: labels down, an item a column


def _across(grid: Grid) -> Sheet | None:
    """A sheet whose labels stand below each other in one column, with an item in each of the others."""
    if grid.height > _ROWS_ACROSS:
        return None
    labelled = next(
        (
            column
            for column in range(1, min(grid.width, 3) + 1)
            if len({column_roles.role_of(text) for text in _labels_of(grid, column)} - {None}) >= _LABELS
        ),
        0,
    )
    names = [row for row in range(1, grid.height + 1) if labelled and _names(grid.own(row, labelled))]
    beside = [text for text in grid.line(names[0])[labelled:] if text] if names else []
    if len(beside) < 2 or any(map(is_label, beside)):  # with more names of fields beside it, it is a form
        return None
    rows = [row for row in range(1, grid.height + 1) if any(grid.line(row))]
    table = JoinedTable(grid.sheet.name)
    for index, row in enumerate(rows, 1):
        for column in range(labelled, grid.width + 1):
            table.put(column - labelled + 1, index, grid, row, column)
    return table.sheet(grid.sheet)


def _labels_of(grid: Grid, column: int) -> list[str]:
    texts = [grid.own(row, column) for row in range(1, grid.height + 1)]
    found = [text for text in texts if is_label(text)]
    return found if len(found) == len({*found}) else []  # 計画, 目標, 計画 … are rows of items


def _names(text: str) -> bool:
    return is_label(text) and column_roles.role_of(text) is Role.NAME
