"""Reading a table in whatever form people have it: xlsx, xls, ods, CSV or TSV in any Japanese encoding, HTML of a page.

Runs in the process that core/spreadsheets/confined.py starts. The doors for our own formats stay with xlsx, ods and CSV.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from core.grammar import Content
from core.spreadsheets import delimited, ods, xls, xlsx
from core.spreadsheets.limits import (
    LAST_COLUMN,
    LOCKED,
    LONGEST,
    MOST_CELLS,
    MOST_SHEETS,
    TOO_LARGE,
    UnreadableFile,
    is_locked,
    is_ods,
    is_ole,
)
from core.spreadsheets.opening import Opened, trimmed
from core.spreadsheets.sheets import Area, Sheet

_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_UNSEEN = ("script", "style", "title")
_STRIKING = ("s", "strike", "del")
_BLOCKS = ("br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_TITLE = 200  # characters of the line before a table
_TOLD_BY = 400  # bytes
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffe\uffff]")


def opened(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int) -> Opened:
    """The sheets of a file, whatever it is. Raises UnreadableFile, with a Japanese reason."""
    if not data.strip():
        raise UnreadableFile("中身がありません。ファイルを選び直すか、表を貼り付けてください。")
    if is_ole(data):
        if is_locked(data):
            raise UnreadableFile(LOCKED)
        return xls.opened(data, max_rows)
    if is_ods(data):
        return ods.opened(data, max_unpacked=max_unpacked, max_rows=max_rows, with_words=True)
    if data.startswith(b"PK"):
        limits = {"max_bytes": max_bytes, "max_unpacked": max_unpacked, "max_rows": max_rows}
        return xlsx.opened(data, with_looks=True, **limits)
    text = decoded(data)
    if re.search(r"<(table|html)\b", text[:4096], re.IGNORECASE):
        return Opened(False, _tables_of_page(text, max_rows))
    return Opened(False, iter([_delimited(text, max_rows)]))


# Texts


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with its mark or without), Shift JIS, EUC-JP or JIS. Raises UnreadableFile."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\x1b$" in data or b"\x1b(" in data:
        candidates = ["iso2022_jp"]
    elif b"\x00" in data[:_TOLD_BY] and (text := _unmarked(data)):
        return text
    else:
        candidates = ["utf-8-sig"]
    for encoding in candidates:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    readings = []
    for encoding in ("cp932", "euc_jp"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Each of the two reads the other's kanji as half-width kana or not at all.
        readings.append((len(_HALF_WIDTH_KANA.findall(text)), text))
    if not readings or "\x00" in min(readings)[1]:
        raise UnreadableFile("読める形式ではありません。Excel（xlsx、xls）、ods、CSV のファイルを選んでください。")
    return min(readings, key=lambda one: one[0])[1]


def _unmarked(data: bytes) -> str:
    """A text in UTF-16 that does not begin with its mark: of commas and line breaks every second byte is zero. "" for
    anything else."""
    beginning = data[:_TOLD_BY]
    encoding = "utf-16-le" if beginning[1::2].count(0) > beginning[0::2].count(0) else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    return "" if _NO_TEXT.search(text) else text


def _delimited(text: str, max_rows: int) -> Sheet:
    first = text[:10_000]
    delimiter = max("\t,;", key=first.count)
    return delimited.rows_of(text, max_rows=max_rows, delimiter=delimiter, name="表", strict=False)


class _PageTables(HTMLParser):
    """The outermost tables of a page, with what spans rows and columns. The line before a table and its caption stand above
    it as they do on the page: 「平成27年9月30日現在（単位：項目）」."""

    def __init__(self, max_rows: int) -> None:
        super().__init__(convert_charrefs=True)
        self.max_rows = max_rows
        self.sheets: list[Sheet] = []
        self._depth = 0
        self._taken: dict[tuple[int, int], bool] = {}
        self._row = self._column = 0
        self._span = (1, 1)
        self._text: list[str] | None = None
        self._hidden = 0
        self._before = ""  # the line before the next table
        self._is_new_line = True
        self._struck = 0  # tags that strike out what stands in them
        self._left: list[str] | None = None  # of the text of a cell, what is not struck out; None while nothing is

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _STRIKING:
            self._strike()
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.sheets.append(Sheet(f"表{len(self.sheets) + 1}", []))
                self._taken, self._row = {}, 0
                if before := self._before.strip():
                    self._begin_title()
                    self._text = [before]
                    self._close_cell()
                self._before = ""
        elif self._depth == 0 and tag in _BLOCKS:
            self._is_new_line = True
        elif self._depth == 1 and tag == "caption":
            self._begin_title()
        elif self._depth == 1 and tag == "tr":
            self._close_cell()
            self._row, self._column = self._row + 1, 0
            if self._row > self.max_rows or len(self.sheets) > MOST_SHEETS:
                raise UnreadableFile(TOO_LARGE)
            self.sheets[-1].rows.append([])
            if "display:none" in "".join((found.get("style") or "").split()):
                self.sheets[-1].looks.rows.add(self._row)
        elif self._depth == 1 and tag in ("td", "th") and self._row:
            self._close_cell()
            self._column += 1
            while (self._row, self._column) in self._taken:
                self._column += 1
            self._span = _span(found.get("rowspan")), _span(found.get("colspan"))
            self._text, self._struck, self._left = [], 0, None
        elif tag in ("br", "p", "div", "li") and self._text:
            self._add("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _STRIKING:
            self._struck = max(0, self._struck - 1)
        elif tag == "table":
            if self._depth == 1:
                self._close_cell()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in ("td", "th", "tr", "caption"):
            self._close_cell()

    def _strike(self) -> None:
        self._struck += 1
        if self._text is not None and self._left is None:
            self._left = [*self._text]

    def _add(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
            if self._left is not None and not self._struck:
                self._left.append(text)

    def _begin_title(self) -> None:
        """A row above the table, with one cell."""
        self._row, self._column, self._span, self._text = self._row + 1, 1, (1, 1), []
        self.sheets[-1].rows.append([])

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._text is not None:
            self._add(re.sub(r"\s+", " ", data))
        elif self._depth == 0 and data.strip():
            line = " ".join(data.split())
            self._before = (line if self._is_new_line else f"{self._before} {line}")[-_LONGEST_TITLE:]
            self._is_new_line = False

    def _close_cell(self) -> None:
        if self._text is None:
            return
        value = _lines("".join(self._text))
        if value and self._left is not None:
            self.sheets[-1].looks.strike(self._row, self._column, _lines("".join(self._left)))
        self._text, self._left = None, None
        height, width = self._span
        if self._column + width - 1 > LAST_COLUMN or len(value) > LONGEST:
            raise UnreadableFile(TOO_LARGE)
        for row in range(self._row, self._row + height):
            for column in range(self._column, self._column + width):
                self._taken[row, column] = True
        if len(self._taken) > MOST_CELLS:
            raise UnreadableFile(TOO_LARGE)
        sheet = self.sheets[-1]
        line = sheet.rows[self._row - 1]
        line.extend([None] * (self._column - len(line)))
        line[self._column - 1] = value or None
        if (height, width) != (1, 1):
            area = Area(self._row, self._column, self._row + height - 1, self._column + width - 1)
            sheet.merged.append(area)
        self._column += width - 1


def _lines(text: str) -> str:
    return re.sub(r" ?\n+ ?", "\n", text).strip(" \n\u00a0")


def _span(written: str | None) -> int:
    return min(max(int(written), 1), 1000) if written and written.isdigit() else 1


def _tables_of_page(text: str, max_rows: int) -> Iterator[Sheet]:
    parser = _PageTables(max_rows)
    parser.feed(text)
    parser.close()
    for sheet in parser.sheets:
        rows: list[list[Content]] = [trimmed(row) for row in sheet.rows]
        areas = [area for area in sheet.merged if area.bottom <= len(rows)]
        yield Sheet(sheet.name, rows, areas, looks=sheet.looks)
