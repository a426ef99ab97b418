"""Tables that are put together from cells of others, and the names of fields by which forms are told. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.grammar import Content
from core.spreadsheets.sheets import Area, Doubtful, Looks, Sheet
from workbooks.tables import column_roles
from workbooks.tables.layout import Grid

_LABEL = re.compile(
    r"(no\.?|番号|(通し|整理|体系|管理|個票)(番号|no\.?)|(実施|取組|改革|推進|重点)?(項目|取組|事業|プログラム)(の)?(番号|no\.?|コード|名|名称)?"
    r"|件名|名称|(基本|重点)?方針|方向性|基本目標|重点項目|(施策の)?柱|[大中]項目|施策名?|体系"
    r"|(推進|主管|所管|担当|実施|関係)?(担当)?(課|部署|所属)(名|等)?|担当(者|課長)?|所管"
    r"|(実施|取組|事業|改革)?の?(内容|概要)|目的|現状(と|・|及び)課題|(見込まれる|期待される|見込み?|期待)?の?効果"
    r"|(年度|年次|実施|推進|行動)?(計画|スケジュール|工程)(表)?|(成果|数値|活動|管理)?指標(の?名称?)?|k[pg]i|単位"
    r"|(現状|基準|現況)値?|(数値)?目標(値)?|実績(値)?|備考|特記事項|(実施|取組)(予定)?(年度|期間|時期)|計画期間"
    r"|(自己|総合)?評価(の?(理由|根拠))?|今後の(取組|方向性|方針|予定|対応)|進捗(状況|度)|取組状況|効果(見込|予定|目標)?額|財政効果額?|歳入確保額?|歳出削減額?|区分)(の欄)?"
)


@lru_cache(maxsize=4096)
def is_label(text: str) -> bool:
    """Whether a text is the name of a field and nothing else: 項目名, 担当課, 目標（H27）."""
    if not 0 < len(text) <= 20:
        return False
    bare = re.sub(r"\([^)]*\)", "", column_roles.without_year(column_roles.folded(text)))
    if re.search(r":\d", bare):  # 番号：1 is a name with its value
        return False
    return bool(_LABEL.fullmatch(re.sub(r"[:※＊*\d]", "", bare)))


def part(sheet: Sheet, name: str, *, rows: tuple[int, int] = (1, 0), columns: tuple[int, int] = (1, 0)) -> Sheet:
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


@dataclass
class JoinedTable:
    """A table that is put together from cells of others."""

    name: str
    cells: dict[tuple[int, int], Content] = field(default_factory=dict)
    origin: dict[tuple[int, int], tuple[str, int, int]] = field(default_factory=dict)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    looks: Looks = field(default_factory=Looks)
    merged: list[Area] = field(default_factory=list)
    doubtful: dict[tuple[int, int], Doubtful] = field(default_factory=dict)

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
        return Sheet(self.name, rows, self.merged, self.notes, looks, self.origin, self.doubtful)
