"""Sheets that people read and print: type, paper, and rows as high as their text. Knows no app; what the sheets say is
written where it is known (website/workbook/, staff/).

Heights are set, never left to the program that opens the file: LibreOffice and Excel measure differently, and a file that
nobody has opened yet has none. They are measured for the narrower of the two, so no text is cut off.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.spreadsheets.limits import LONGEST
from workbooks.writer import WrittenBook, clean_text

FONT = "BIZ UDPGothic"  # on every Windows of today; made to be read small
INK, SOFT, LINK, LINE, HEADER = "#1A1A1A", "#595959", "#0017C1", "#8C8C8C", "#E8F1FE"
WHITE, LATE, GRID_LINE = "#FFFFFF", "#FFE2D1", "#D9D9D9"
_PAPER = {"A3": 8, "A4": 9}
_LEADING = 1.46  # of the fonts that stand in for ours; ours needs less
_PADDING = 4.5  # points of a cell beside its text
_PIXEL = 0.75  # points
_ROW = 15.0  # points of a row that was not measured
# Pixels between the margins, at full size in LibreOffice, whose columns are wider.
_A4_UPRIGHT, _A4_LANDSCAPE = 600, 880
HIGHEST = 409.0  # points of a row; Excel knows no higher one

Paper = Literal["A3", "A4"]


@lru_cache(maxsize=20_000)  # the same short texts stand in a list again and again, and each is measured twice
def line_count(text: str, ems: float) -> int:
    """Lines that a text takes in a column of so many full-width characters."""
    count = 0
    for paragraph in text.split("\n"):
        count, used = count + 1, 0.0
        for char in paragraph:
            width = _ems(char)
            if used + width > ems and used:
                count, used = count + 1, 0.0
            used += width
    return count


def _ems(char: str) -> float:
    return 1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.62


def pixels_for(texts: Iterable[str], size: float, least: float) -> float:
    """The width of a column that shows each of these in one line: a number that does not fit is shown as ###."""
    ems = max((sum(map(_ems, text)) for text in texts), default=0.0)
    return max(least, math.ceil((ems * size + _PADDING) / _PIXEL))


def lines_in(text: str, pixels: float, size: float) -> int:
    """Lines of a text of `size` points in a column of so many pixels. A line may end early, before a mark of punctuation."""
    return line_count(text, max(1.0, (pixels * _PIXEL - _PADDING) / size))


def height_of(texts: Iterable[tuple[str, float]], size: float) -> float:
    """Points that a row needs for (text, pixels of its column)."""
    return height_of_lines(max((lines_in(text, pixels, size) for text, pixels in texts), default=1), size)


def height_of_lines(lines: int, size: float) -> float:
    return min(math.ceil(lines * size * _LEADING + 3), HIGHEST)


def fitting(text: str, pixels: float, size: float, more: str) -> str:
    """The text, or as much of its beginning as the highest row holds, with `more` behind it."""
    most = int((HIGHEST - 3) / (size * _LEADING))
    if lines_in(text, pixels, size) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if lines_in(text[:middle] + more, pixels, size) <= most else (low, middle - 1)
    return text[:low] + more


def item_number(text: str) -> int | str:
    """The number of an item as Excel sorts it, and shows it without a warning."""
    return int(text) if text.isascii() and text.isdecimal() and not text.startswith("0") else text


class CellStyles:
    """The styles of one book, each made once."""

    def __init__(self, book: WrittenBook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, size: float = 10, **properties: object) -> Format:
        """A style as XlsxWriter describes it; a text stands at the top and is wrapped."""
        key = (("size", size), *sorted(properties.items()))
        if key not in self._made:
            plain = {"font_name": FONT, "font_size": size, "font_color": INK, "valign": "top", "text_wrap": True}
            self._made[key] = self._book.sheets.add_format(plain | properties)
        return self._made[key]

    def cell(self, size: float = 10, **properties: object) -> Format:
        """A style with the lines of a table."""
        return self(size, **{"border": 1, "border_color": LINE} | properties)

    def header(self, size: float = 10, **properties: object) -> Format:
        return self.cell(size, **{"bold": True, "bg_color": HEADER, "valign": "vcenter"} | properties)


class PrintedSheet:
    """One sheet, written from top to bottom."""

    def __init__(self, book: WrittenBook, name: str) -> None:
        self.name = name
        self.made: Worksheet = book.sheets.add_worksheet(name)
        self.made.hide_gridlines(2)
        self._widths: list[float] = []
        self._heights: dict[int, float] = {}

    def widths(self, pixels: Iterable[float]) -> None:
        self._widths = list(pixels)
        for column, width in enumerate(self._widths):
            self.made.set_column_pixels(column, column, round(width))

    @property
    def columns(self) -> int:
        return len(self._widths)

    def put(self, row: int, column: int, value: str | int | Decimal | None, style: Format) -> None:
        """A text is text, whatever it begins with; unknown stays blank."""
        if value is None or value == "":
            self.made.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.made.write_string(row, column, clean_text(value)[:LONGEST], style)
        else:
            self.made.write_number(row, column, value, style)

    def line(self, row: int, text: str, size: float, style: Format) -> None:
        """A text over the whole width, above or below a table."""
        last = len(self._widths) - 1
        self.set_height(row, height_of([(text, self.width_between(0, last))], size))
        self.made.merge_range(row, 0, row, last, clean_text(text), style)

    def over(self, row: int, first: int, last: int, text: str, style: Format) -> None:
        """A heading over several columns."""
        if first == last:
            self.put(row, first, text, style)
        else:
            self.made.merge_range(row, first, row, last, clean_text(text), style)

    def link(self, row: int, column: int, address: str, text: str, style: Format) -> None:
        """`address`: of a page, or of a cell as in "internal:一覧!A1"."""
        self.made.write_url(row, column, address, style, clean_text(text))

    def height(self, row: int, texts: Iterable[tuple[str, int]], size: float) -> None:
        """As high as the (text, column) of a row."""
        self.set_height(row, height_of(((text, self._widths[column]) for text, column in texts), size))

    def set_height(self, row: int, points: float) -> None:
        self._heights[row] = points
        self.made.set_row(row, points)

    def row_below(self, first: int, points: float) -> int:
        """The row below what is so high and begins at the top of a row."""
        row = first
        while points > 0:
            points -= self._heights.get(row, _ROW)
            row += 1
        return row

    def break_between(self, ends: Iterable[int], points: float) -> None:
        """Begin a page before each part that does not fit on the rest of one of so many points; `ends` are the rows after
        the parts and the empty row below each, in order."""
        start = top = 0
        breaks = []
        for end in ends:
            if sum(self._heights.get(row, _ROW) for row in range(top, end - 1)) > points and start > top:
                breaks.append(start)
                top = start
            start = end
        self.made.set_h_pagebreaks(breaks)

    def width_between(self, first: int, last: int) -> float:
        return sum(self._widths[first : last + 1])

    def fit(self, text: str, column: int, size: float, more: str) -> str:
        return fitting(text, self._widths[column], size, more)

    def paper(
        self,
        size: Paper,
        *,
        header: str,
        footer: str,
        last_row: int,
        landscape: bool = True,
        repeat: tuple[int, int] | None = None,
        left: int = 0,
        pages_wide: int = 1,
    ) -> None:
        """How it is printed: as wide as the paper, the rows `repeat` on each page and, on several side by side, the `left`
        first columns; the number of the page below. What is no wider than A4 needs no A3."""
        width = self.width_between(0, self.columns - 1)
        if size == "A3" and pages_wide == 1 and width <= _A4_LANDSCAPE:
            size, landscape = "A4", width > _A4_UPRIGHT
        self.made.set_paper(_PAPER[size])
        if landscape:
            self.made.set_landscape()
        self.made.set_margins(left=0.4, right=0.4, top=0.55, bottom=0.5 if landscape else 0.65)
        self.made.fit_to_pages(pages_wide, 0)
        self.made.print_area(0, 0, last_row, self.columns - 1)
        head, foot = (clean_text(text)[:100].replace("&", "&&") for text in (header, footer))
        self.made.set_header(f"&L{head}&R&A", {"margin": 0.25})
        if not landscape:  # too narrow for all of it beside the number of the page
            foot = foot.replace("\u3000", "\n", 1)
        self.made.set_footer(f"&L{foot}&R&P / &N", {"margin": 0.25})
        if repeat:
            self.made.repeat_rows(*repeat)
        if pages_wide > 1:
            self.made.repeat_columns(0, left - 1)
