"""Sheets in whatever shape an office gave them, as tables with a row an item. Pure.

Two tables on one sheet become two; a sheet an item (個票) and items beside each other become one table, of which each cell says
where it came from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.grammar import Content
from workbooks.looks import Looks
from workbooks.sheets import Area, Sheet
from workbooks.tables import roles
from workbooks.tables.layout import Grid, find
from workbooks.tables.roles import Role

FORMS = "個票の一覧"  # the table that a sheet an item becomes
_LABELS_OF_A_FORM = 4  # labels of different roles with a value beside them, the name of the item among them
_LABEL = re.compile(
    r"(no\.?|番号|(通し|整理|体系|管理|個票)(番号|no\.?)|(実施|取組|改革|推進|重点)?(項目|取組|事業|プログラム)(の)?(番号|no\.?|コード|名|名称)?"
    r"|件名|名称|(基本|重点)?方針|方向性|基本目標|重点項目|(施策の)?柱|[大中]項目|施策名?|体系"
    r"|(推進|主管|所管|担当|実施|関係)?(担当)?(課|部署|所属)(名|等)?|担当|所管"
    r"|(実施|取組|事業|改革)?の?(内容|概要)|目的|(見込まれる|期待される|見込み?|期待)?の?効果"
    r"|(年度|年次|実施|推進|行動)?(計画|スケジュール|工程)(表)?|(成果|数値|活動|管理)?指標(の?名称?)?|単位"
    r"|(現状|基準|現況)値?|(数値)?目標(値)?|実績(値)?|備考|特記事項|(実施|取組)(予定)?(年度|期間|時期)|計画期間"
    r"|評価|進捗(状況|度)|取組状況|効果額|財政効果額?|歳入確保額?|歳出削減額?|区分)(の欄)?"
)
_TITLE_ROWS = 4  # at most, above a second table
_ROWS_OF_A_FORM = 300  # a few printed pages; anything longer is a list


def grids_of(sheets: Iterable[Sheet]) -> list[Grid]:
    """The tables of a file, one after the other."""
    forms: list[tuple[Sheet, list[_Entry]]] = []
    others: list[Grid] = []
    for sheet in sheets:
        grid = Grid(sheet)
        if across := _across(grid):
            others.append(Grid(across))
        elif entries := _form(grid):
            forms.append((sheet, entries))
        else:
            others += [below for beside in _beside(grid) for below in _below(beside)]
    return ([Grid(_of_forms(forms))] if forms else []) + others


@lru_cache(maxsize=4096)
def is_label(text: str) -> bool:
    """Whether a text is the name of a field and nothing else: 項目名, 担当課, 目標（H27）."""
    if not 0 < len(text) <= 20:
        return False
    bare = re.sub(r"\([^)]*\)|[:：※＊*\d]", "", roles.without_year(roles.folded(text)))
    return bool(_LABEL.fullmatch(bare))


# Several tables on one sheet


def _beside(grid: Grid) -> list[Grid]:
    """The tables that stand beside each other: their headings begin anew."""
    layout = find(grid)
    if layout is None:
        return [grid]
    line = [roles.folded(text) for text in grid.line(layout.header)]
    given = [column for column, text in enumerate(line) if text]
    starts = [
        column
        for column in given
        if roles.role_of(line[column]) in (Role.NUMBER, Role.NAME)
        and line[column : column + 2] == line[given[0] : given[0] + 2]
        and all(line[column : column + 2])
    ]
    if len(starts) < 2:
        return [grid]
    ends = [*starts[1:], grid.width]
    return [
        Grid(_part(grid.sheet, f"{grid.sheet.name}（左から{number}つ目の表）", columns=(start + 1, end)))
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
        Grid(_part(grid.sheet, _name_of(grid, number), rows=(start, end)))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _name_of(grid: Grid, number: int) -> str:
    return f"{grid.sheet.name}（{number}つ目の表）" if number > 1 else grid.sheet.name


def _is_heading(cells: list[str]) -> bool:
    """Whether a row can be nothing but headings: a number and a name of items, and every cell a heading."""
    if len(cells) < 3 or not any(map(is_label, cells)):  # most rows are items: said fast
        return False
    found = [roles.role_of(cell) for cell in cells]
    told = sum(role is not None or roles.is_year(cell) for cell, role in zip(cells, found, strict=True))
    return (
        told >= len(cells) - len(cells) // 4
        and any(role in (Role.NUMBER, Role.NAME) and is_label(cell) for cell, role in zip(cells, found, strict=True))
        and len({*found} - {None}) >= 2
        and all(is_label(cell) or roles.year_in(cell) is not None or len(cell) <= 12 for cell in cells)
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


def _part(sheet: Sheet, name: str, *, rows: tuple[int, int] = (1, 0), columns: tuple[int, int] = (1, 0)) -> Sheet:
    """A sheet of which everything else is blank, so that its cells stand where they stood."""
    top, bottom = rows[0], rows[1] or len(sheet.rows)
    left, right = columns[0], columns[1] or max(map(len, sheet.rows))

    def lies_in(row: int, column: int) -> bool:
        return top <= row <= bottom and left <= column <= right

    lines: list[list[Content]] = [
        [cell if lies_in(row, column) else None for column, cell in enumerate(line[:right], 1)]
        for row, line in enumerate(sheet.rows[:bottom], 1)
    ]
    looks = replace(sheet.looks, struck={at: text for at, text in sheet.looks.struck.items() if lies_in(*at)})
    return Sheet(
        name,
        lines,
        [area for area in sheet.merged if lies_in(area.top, area.left)],
        {at: note for at, note in sheet.notes.items() if lies_in(*at)},
        looks,
        {
            (row, column): (sheet.name, row, column)
            for row, line in enumerate(lines, 1)
            for column, cell in enumerate(line, 1)
            if cell is not None
        },
    )


# Items beside each other: labels down, an item a column


def _across(grid: Grid) -> Sheet | None:
    """A sheet whose labels stand below each other in one column, with an item in each of the others."""
    if grid.height > _ROWS_OF_A_FORM:
        return None
    labelled = next(
        (
            column
            for column in range(1, min(grid.width, 3) + 1)
            if len({roles.role_of(text) for text in _labels_of(grid, column)} - {None}) >= _LABELS_OF_A_FORM
        ),
        0,
    )
    names = [row for row in range(1, grid.height + 1) if labelled and _names(grid.own(row, labelled))]
    if not names or len([1 for column in range(labelled + 1, grid.width + 1) if grid.own(names[0], column)]) < 2:
        return None
    rows = [row for row in range(1, grid.height + 1) if any(grid.line(row))]
    table = _Table(grid.sheet.name)
    for index, row in enumerate(rows, 1):
        for column in range(labelled, grid.width + 1):
            table.put(column - labelled + 1, index, grid, row, column)
    return table.sheet(grid.sheet)


def _labels_of(grid: Grid, column: int) -> list[str]:
    texts = [grid.own(row, column) for row in range(1, grid.height + 1)]
    found = [text for text in texts if is_label(text)]
    return found if len(found) == len({*found}) else []  # 計画, 目標, 計画 … are rows of items


def _names(text: str) -> bool:
    return is_label(text) and roles.role_of(text) is Role.NAME


# A sheet an item


@dataclass(frozen=True)
class _Entry:
    """What one cell of a form says: its headings from the top down, and where it stands."""

    path: tuple[str, ...]
    row: int
    column: int


def _form(grid: Grid) -> list[_Entry]:
    """The entries of a sheet that is a form for one item; none if it is another kind of sheet."""
    entries = list(_entries(grid)) if grid.height <= _ROWS_OF_A_FORM else []
    told = {roles.role_of(entry.path[-1]) for entry in entries if len(entry.path) == 1}
    is_form = Role.NAME in told and len(told - {None}) >= _LABELS_OF_A_FORM
    return entries if is_form and sum(_names(entry.path[-1]) for entry in entries) == 1 else []


def _entries(grid: Grid) -> Iterator[_Entry]:
    row = 1
    while row <= grid.height:
        heads = [(column, text) for column, text in enumerate(grid.line(row), 1) if text]
        years = [(column, text) for column, text in heads if roles.is_year(text)]
        labels = [(column, text) for column, text in heads if is_label(text) or roles.is_year(text)]
        if len(years) >= 2 or (len(labels) >= 3 and len(labels) == len(heads)):
            rows = yield from _inner(grid, row, heads)
            row += rows
            continue
        yield from _pairs(grid, row, heads)
        row += 1


def _pairs(grid: Grid, row: int, heads: list[tuple[int, str]]) -> Iterator[_Entry]:
    """Labels with their value to the right of them."""
    for index, (_column, text) in enumerate(heads):
        if not is_label(text):
            continue
        following = heads[index + 1] if index + 1 < len(heads) else None
        if following and not is_label(following[1]):
            yield _Entry((text,), row, following[0])


def _inner(grid: Grid, row: int, heads: list[tuple[int, str]]) -> Generator[_Entry, None, int]:
    """A table within a form: years or labels beside each other, values below them. Gives the number of its rows."""
    first = next((text for _column, text in heads if is_label(text) and not roles.is_year(text)), "")
    columns = [(column, text) for column, text in heads if len(heads) < 2 or column > heads[0][0] or text != first]
    if not any(roles.is_year(text) for _column, text in columns):
        columns = heads
    height = 0
    for below in range(row + 1, grid.height + 1):
        line = [(column, text) for column, text in enumerate(grid.line(below), 1) if text]
        values = [(column, text) for column, text in columns if grid.own(below, column)]
        side = next((text for column, text in line if column < columns[0][0] and is_label(text)), "")
        if not values or any(is_label(grid.own(below, column)) for column, _text in values):
            break
        if not side and line[0][0] < columns[0][0]:
            break
        height += 1
        for column, text in values:
            path = (side or first, text) if roles.is_year(text) else (f"指標{height}", text)
            yield _Entry(tuple(filter(None, path)), below, column)
    return height + 1


def _of_forms(forms: list[tuple[Sheet, list[_Entry]]]) -> Sheet:
    """One table of all forms: a row a form, the headings in the order in which they come first."""
    paths: dict[tuple[str, ...], int] = {}
    table = _Table(FORMS)
    height = max(len(entry.path) for _sheet, entries in forms for entry in entries)
    for number, (sheet, entries) in enumerate(forms, height + 1):
        grid, seen = Grid(sheet), Counter[tuple[str, ...]]()
        for entry in entries:
            seen[entry.path] += 1
            path = entry.path if seen[entry.path] == 1 else (f"{entry.path[0]}{seen[entry.path]}", *entry.path[1:])
            column = paths.setdefault(path, len(paths) + 1)
            table.put(number, column, grid, entry.row, entry.column)
    for path, column in paths.items():
        for index, text in enumerate((*path[:1] * (height - len(path)), *path), 1):
            table.cells[index, column] = text
        if len(path) < height:
            table.merged.append(Area(1, column, height, column))
    return table.sheet(forms[0][0])


@dataclass
class _Table:
    """A table that is put together from cells of others."""

    name: str
    cells: dict[tuple[int, int], Content] = field(default_factory=dict)
    origin: dict[tuple[int, int], tuple[str, int, int]] = field(default_factory=dict)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    looks: Looks = field(default_factory=Looks)
    merged: list[Area] = field(default_factory=list)

    def put(self, row: int, column: int, grid: Grid, from_row: int, from_column: int) -> None:
        area = grid.area(from_row, from_column)
        at = (area.top, area.left) if area else (from_row, from_column)
        content = grid.cell(*at)
        if content is None:
            return
        self.cells[row, column] = content
        self.origin[row, column] = (grid.sheet.name, *at)
        if at in grid.sheet.notes:
            self.notes[row, column] = grid.sheet.notes[at]
        if at in grid.sheet.looks.struck:
            self.looks.struck[row, column] = grid.sheet.looks.struck[at]

    def sheet(self, like: Sheet) -> Sheet:
        height = max(row for row, _column in self.cells)
        width = max(column for _row, column in self.cells)
        rows = [[self.cells.get((row, column)) for column in range(1, width + 1)] for row in range(1, height + 1)]
        looks = replace(self.looks, is_hidden=like.looks.is_hidden)
        return Sheet(self.name, rows, self.merged, self.notes, looks, self.origin)
