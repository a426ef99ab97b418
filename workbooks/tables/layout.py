"""Where the table of a sheet stands: its heading rows, its first and last row, and what the rows between are."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from core import grammar
from core.spreadsheets.limits import UnreadableFile
from core.spreadsheets.sheets import Area, Sheet
from workbooks.tables import column_roles
from workbooks.tables.guessing import guess

_LOOKED_AT = 40  # rows from the top among which headings are looked for
_MOST_HEADINGS = 4  # rows
_LONGEST_TOTAL = 60  # characters of a cell that may say that its row is a total
_MOST_MERGED = 100_000  # cells of a sheet that are merged with others
_NOTE = re.compile(
    r"^\s*(※|＊|\*|注|（注|\(注|【注|備考[:：]|資料[:：]|出典[:：]|[【（(〔\[＜<]?(評価の?)?凡例|[【（(〔\[＜<]?(評価|達成度|進捗)(の?区分|基準)?[】）)〕\]＞>]?[:：]"
    r"|[【（(〔\[＜<](評価|達成度|進捗)(の?区分|基準)?[】）)〕\]＞>]|問い?合わ?せ先?[:：])"
)
# Alone in its row: 1/2, - 3 -, P.4, 5ページ.
_PAGE = re.compile(
    r"\d{1,3}/\d{1,3}(ページ|頁)?|-\d{1,3}-|p\.?\d{1,3}|\(?\d{1,3}(ページ|頁)(/\d{1,3}(ページ|頁)?|中)?\)?",
    re.IGNORECASE,
)
_SUM = r"(?:小計|合計|総計|総合計|計|延べ計|累計|再掲計)"
_COUNT = r"\d+(?:項目|件)?"
_TOTAL = re.compile(
    rf"(?:(?:基本|重点)?(?:方針|方向性|目標|柱|大項目|分野|全体|項目)\S{{0,12}}(?<![会設統時家生推集]))?(?P<word>{_SUM})(?:\((?:計|全)?(?P<count>{_COUNT})\))?"
)
# What may stand before the word in a row of a total: how many items there are, and what they are the items of.
_BEFORE_TOTAL = re.compile(rf"{_COUNT}|(?:基本|重点)?(?:方針|方向性|目標|柱|大項目|分野).*", re.DOTALL)
_SUM_HEADING = re.compile(r".{0,24}計")
_MONEY = re.compile(r"効果額|財政効果|削減額|増収額|単位\s*[:：]?\s*(億|百万|千|万)?円|[(（](億|百万|千|万)?円[)）]")
_NUMBERED = re.compile(
    r"^\s*(基本|重点)?(方針|方向性|目標|柱|大項目|分野|施策|視点)?\s*[(（【]?[0-9０-９ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ一二三四五六七八九十①-⑳]"
)
# Alone in its row, a line between the items whatever stands behind it (重点項目（1）歳入確保).
_LINE = re.compile(
    r"\s*((基本|重点)(方針|目標|項目|施策)|方針|(施策の|改革の)?柱|[大中]項目|方向性)\s*[(（【]?[0-9０-９ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ一二三四五六七八九十①-⑳]"
)


_STROKES = str.maketrans(dict.fromkeys("−‐‑‒–—―", "-"))
_TITLED = re.compile(r"(?:[a-z]|[^\W\d_])*\d[\d年度月./-]*(?:日|末日?)?(?=現在|時点|末)")
_HALF_TITLED = re.compile("(上|下)半?期|四半期")


class RowKind(enum.Enum):
    BLANK = "空行"
    NOTE = "注記"
    TOTAL = "計の行"
    SECTION = "区切りの見出し"
    HEADING = "見出しの繰り返し"
    DATA = "項目"


@dataclass(frozen=True)
class Layout:
    """Rows counted from 1, all included. `header` 0: no headings."""

    header: int
    first: int
    last: int


def shown(value: object) -> str:
    """What stands in a cell, as text. (A number as it is shown, a day in ISO.)"""
    if value is None or isinstance(value, grammar.Faulty):
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    try:
        return grammar.text(value)
    except grammar.Unreadable:
        return str(value)


class Grid:
    """A sheet by rows and columns counted from 1, with its merged cells filled in for whoever asks."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.height = len(sheet.rows)
        self.width = max((len(row) for row in sheet.rows), default=0)
        self.kinds: dict[tuple[int, Layout], RowKind] = {}  # found by kind_of
        self.found: Layout | None = None  # by find
        self.is_searched = False
        self._lines: dict[int, list[str]] = {}
        self._areas: dict[tuple[int, int], Area] = {}
        for area in sheet.merged:
            if len(self._areas) > _MOST_MERGED or area.bottom - area.top > _MOST_MERGED:
                raise UnreadableFile(f"「{sheet.name}」シートの結合したセルが多すぎます。結合を解除してください。")
            for row in range(area.top, min(area.bottom, self.height) + 1):
                for column in range(area.left, min(area.right, self.width) + 1):
                    self._areas[row, column] = area

    def cell(self, row: int, column: int) -> grammar.Content:
        """This very cell, as it was read."""
        line = self.sheet.rows[row - 1] if 0 < row <= self.height else []
        return line[column - 1] if 0 < column <= len(line) else None

    def own(self, row: int, column: int) -> str:
        """What stands in this very cell."""
        line = self.line(row)
        return line[column - 1] if 0 < column <= len(line) else ""

    def day(self, row: int, column: int) -> date | None:
        """The day that stands in this very cell, where a program has made one of what was typed."""
        value = self.cell(row, column)
        return value if isinstance(value, date) else None

    def heading(self, row: int, column: int) -> str:
        """What a person sees there as a heading. A day that begins a year is that year, whatever its format shows of it."""
        area = self.area(row, column)
        day = self.day(area.top, area.left) if area else self.day(row, column)
        if day is not None and (day.month, day.day) in ((1, 1), (4, 1)):
            return f"{day.year}年度"
        return self.seen(row, column)

    def area(self, row: int, column: int) -> Area | None:
        return self._areas.get((row, column))

    def seen(self, row: int, column: int) -> str:
        """What a person sees there: of merged cells the value of the first."""
        area = self.area(row, column)
        return self.own(area.top, area.left) if area else self.own(row, column)

    def line(self, row: int) -> list[str]:
        """What stands in the cells of a row; asked for again and again, so it is made once."""
        found = self._lines.get(row)
        if found is None:
            cells = self.sheet.rows[row - 1] if 0 < row <= self.height else []
            texts = [shown(cell).strip() for cell in cells]
            found = self._lines[row] = texts + [""] * (self.width - len(texts))
        return found


def find(grid: Grid) -> Layout | None:
    """The table of a sheet, None where nothing looks like one."""
    if not grid.is_searched:
        grid.found, grid.is_searched = _find(grid), True
    return grid.found


def _find(grid: Grid) -> Layout | None:
    best, score = 0, 1
    for row in range(1, min(grid.height, _LOOKED_AT) + 1):
        cells = [grid.heading(row, column) for column, cell in enumerate(grid.line(row), 1) if cell]
        found = sum(
            len(cell) <= 40 and (column_roles.role_of(cell) is not None or column_roles.is_year(cell)) for cell in cells
        )
        roles_found = len({column_roles.role_of(cell) for cell in cells} - {None})
        if found and roles_found > score and found >= len(cells) / 2:
            best, score = row, roles_found
    if not best:
        return None
    header = best
    while header > 1 and best - header < _MOST_HEADINGS - 1 and _heads(grid, header - 1, header):
        header -= 1
    first = best + 1
    while first < grid.height and first - header < _MOST_HEADINGS and _continues(grid, first):
        first += 1
    last = _last(grid, Layout(header, first, grid.height))
    return Layout(header, first, last) if last >= first else None


def _heads(grid: Grid, row: int, below: int) -> bool:
    """Whether a row is a heading above headings: it spans some of them, not the whole table as a title does."""
    spans = [
        area
        for column in range(1, grid.width + 1)
        if (area := grid.area(row, column)) and area.top == row and grid.own(area.top, area.left)
    ]
    return any(
        (area.right > area.left and area.right - area.left + 1 < grid.width - 1) or area.bottom >= below
        for area in spans
    )


def _continues(grid: Grid, row: int) -> bool:
    """Whether a row below headings is one more of them."""
    if any((area := grid.area(row, column)) and area.top < row for column in range(1, grid.width + 1)):
        return True
    cells = [grid.heading(row, column) for column, cell in enumerate(grid.line(row), 1) if cell]
    if len(cells) == 1 and not column_roles.is_year(cells[0]):  # a line between the items
        return False
    told = [len(cell) <= 12 and bool(column_roles.year_in(cell) or column_roles.role_of(cell)) for cell in cells]
    return any(told) and all(is_told or _SUM_HEADING.fullmatch(cell) for is_told, cell in zip(told, cells, strict=True))


def _last(grid: Grid, layout: Layout) -> int:
    """The last row that is part of the table: notes below it are not; of totals a person is asked (totals.py)."""
    last = layout.first - 1
    blanks = 0
    for row in range(layout.first, grid.height + 1):
        match kind_of(grid, row, layout):
            case RowKind.BLANK:
                blanks += 1
                if blanks > 3:
                    break
            case RowKind.DATA | RowKind.SECTION | RowKind.TOTAL:
                last, blanks = row, 0
            case RowKind.NOTE:
                below = (kind_of(grid, after, layout) for after in range(row + 1, grid.height + 1))
                if not any(kind in (RowKind.DATA, RowKind.TOTAL) for kind in below):
                    break
    return last


def is_note(text: str) -> bool:
    return bool(_NOTE.match(text))


def is_total(text: str) -> bool:
    """Whether a cell says that its row is a total, and nothing else: 計, 合 計（62項目）, 方針１ 小計. 基本設計 is none."""
    return bool(_TOTAL.fullmatch(_bare(text)))


def count_in(text: str) -> int | None:
    """How many items a cell of a total says there are: 62, 62項目, 合計（62項目）."""
    bare = _bare(text)
    found = _TOTAL.fullmatch(bare)
    written = found["count"] if found else bare
    return int(re.sub(r"\D", "", written)) if written and re.fullmatch(_COUNT, written) else None


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:_LONGEST_TOTAL]).split())


def _is_of_total(cells: list[str]) -> bool:
    """Whether the first cells of a row say that it is a total: before the word stands no item."""
    for index, cell in enumerate(cells):
        bare = _bare(cell)
        if (found := _TOTAL.fullmatch(bare)) and (index == 0 or found.start("word") == 0):
            return True
        if not _BEFORE_TOTAL.fullmatch(bare):
            return False
    return False


def say(grid: Grid, row: int, layout: Layout, kind: RowKind) -> None:
    """What a row is, as a person says: it holds for whoever asks afterwards."""
    grid.kinds[row, layout] = kind


def kind_of(grid: Grid, row: int, layout: Layout) -> RowKind:
    """What a row of the table is."""
    found = grid.kinds.get((row, layout))
    if found is None:
        found = grid.kinds[row, layout] = _kind_of(grid, row, layout)
    return found


def _kind_of(grid: Grid, row: int, layout: Layout) -> RowKind:
    cells = [(column, cell) for column, cell in enumerate(grid.line(row), 1) if cell]
    if not cells:
        covered = any((area := grid.area(row, column)) and area.top < row for column in range(1, grid.width + 1))
        return RowKind.DATA if covered and _has_faulty(grid, row) else RowKind.BLANK
    column, first = cells[0]
    if (is_note(first) and len(cells) <= 2) or (len(cells) == 1 and _PAGE.fullmatch(_bare(first).translate(_STROKES))):
        return RowKind.NOTE
    if _is_of_total([cell for _, cell in cells[:3]]):
        return RowKind.TOTAL
    if _is_repeated(grid, row, layout):
        return RowKind.HEADING
    if len(cells) <= 3 and _is_repeated(grid, _next(grid, row, layout), layout):  # a title, on top of each page
        return RowKind.SECTION if len(cells) == 1 and _NUMBERED.match(first) else RowKind.HEADING
    area = grid.area(row, column)
    wide = area is not None and area.right - area.left + 1 >= grid.width / 2 and area.top == area.bottom
    names = column_roles.role_of(first) in (column_roles.Role.POLICY, column_roles.Role.DIRECTION) or _LINE.match(first)
    if len(cells) == 1 and (wide or (column <= 2 and names)):
        return RowKind.SECTION
    return RowKind.DATA


def _is_repeated(grid: Grid, row: int, layout: Layout) -> bool:
    """Whether a row says again what one of the headings does."""
    cells = [cell for cell in grid.line(row) if cell]
    rows = range(layout.header, layout.first) if layout.header else range(0)
    return bool(cells) and any(cells == [cell for cell in grid.line(heading) if cell] for heading in rows)


def _next(grid: Grid, row: int, layout: Layout) -> int:
    """The next row that is not blank."""
    return next((below for below in range(row + 1, layout.last + 1) if any(grid.line(below))), 0)


def _has_faulty(grid: Grid, row: int) -> bool:
    return any(isinstance(cell, grammar.Faulty) for cell in grid.sheet.rows[row - 1])


def headings(grid: Grid, layout: Layout) -> list[list[str]]:
    """By column: its headings from the top down, those that span several columns above each of them."""
    if not layout.header:
        return [[] for _ in range(grid.width)]
    found: list[list[str]] = []
    for column in range(1, grid.width + 1):
        path: list[str] = []
        for row in range(layout.header, layout.first):
            text = grid.heading(row, column)
            if not text and row < layout.first - 1:  # a heading over several columns that nobody merged
                text = _left_of(grid, row, column, layout)
            if text and (not path or path[-1] != text):
                path.append(text)
        found.append(path)
    return found


def _left_of(grid: Grid, row: int, column: int, layout: Layout) -> str:
    """The heading to the left that reaches here: there are headings below it here, and none of its own."""
    if not any(grid.own(below, column) for below in range(row + 1, layout.first)):
        return ""
    for left in range(column - 1, 0, -1):
        if text := grid.seen(row, left):
            return text if any(grid.own(below, left) for below in range(row + 1, layout.first)) else ""
    return ""


def values(grid: Grid, layout: Layout) -> list[list[str]]:
    """By column: what stands below the headings."""
    rows = [row for row in range(layout.first, layout.last + 1) if kind_of(grid, row, layout) is RowKind.DATA]
    return [[grid.own(row, column) for row in rows] for column in range(1, grid.width + 1)]


def titles(grid: Grid, layout: Layout) -> list[str]:
    """What stands above a table, and the name of its sheet."""
    above = [text for row in range(1, layout.header or layout.first) for text in grid.line(row) if text]
    return [grid.sheet.name, *above]


def as_of_in(titles: Iterable[str]) -> date | None:
    """The one day as of which titles above a table tell: 平成26年9月30日現在, 平成26年度上半期. None for none or several."""
    days = {
        day
        for title in titles
        for part in _TITLED.findall(column_roles.folded(title))
        or [column_roles.folded(title) if _HALF_TITLED.search(column_roles.folded(title)) else ""]
        if (day := column_roles.day_in(part))
    }
    return days.pop() if len(days) == 1 else None


def guess_columns(grid: Grid, layout: Layout) -> list[column_roles.ColumnUse]:
    above = titles(grid, layout)
    return guess(
        headings(grid, layout),
        values(grid, layout),
        is_of_money=any(_MONEY.search(text) for text in above),
        as_of=as_of_in(above),
    )
