"""Reading a table in whatever form people have it: xlsx, xls, ods, CSV or TSV in any Japanese encoding, HTML of a page.

Runs in the process that workbooks/confined.py starts. The doors for our own formats stay with xlsx and CSV.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from defusedxml import ElementTree
from python_calamine import CalamineWorkbook

from core.grammar import Content
from workbooks import delimited, looks, xlsx
from workbooks.reader import (
    DAMAGED,
    LAST_COLUMN,
    LONGEST,
    MOST_CELLS,
    TOO_LARGE,
    UnreadableFile,
    check_packed,
    is_locked,
    is_ole,
)
from workbooks.sheets import Area, Sheet

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_UNSEEN = ("script", "style", "title")
_STRIKING = ("s", "strike", "del")
_BLOCKS = ("br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_TITLE = 200  # characters of the line before a table
_TOLD_BY = 400  # bytes
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffe\uffff]")
_MOST_SHEETS, _MOST_MERGED = 200, 10_000
_MOST_HIDDEN = 10_000  # rows in a row: the empty ones at the end of a sheet are as many as there can be


def opened(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int) -> xlsx.Opened:
    """The sheets of a file, whatever it is. Raises UnreadableFile, with a Japanese reason."""
    if not data.strip():
        raise UnreadableFile("中身がありません。ファイルを選び直すか、表を貼り付けてください。")
    if is_ole(data):
        if is_locked(data):
            raise UnreadableFile("パスワードで保護されたファイルです。パスワードを外して保存し直してください。")
        return xlsx.Opened(False, _other_sheets(data, max_rows))
    if data.startswith(b"PK"):
        if _ODS in data[:200]:
            check_packed(data, max_unpacked)
            with xlsx.refusing(DAMAGED):
                told = _told_in_ods(data)
            return xlsx.Opened(False, _other_sheets(data, max_rows, told))
        limits = {"max_bytes": max_bytes, "max_unpacked": max_unpacked, "max_rows": max_rows}
        return xlsx.opened(data, with_looks=True, **limits)
    text = decoded(data)
    if re.search(r"<(table|html)\b", text[:4096], re.IGNORECASE):
        return xlsx.Opened(False, _tables_of_page(text, max_rows))
    return xlsx.Opened(False, iter([_delimited(text, max_rows)]))


class _Told(NamedTuple):
    """What calamine does not tell of a sheet of an ods."""

    merged: list[Area]
    looks: looks.Looks


def _other_sheets(data: bytes, max_rows: int, told: dict[str, _Told] | None = None) -> Iterator[Sheet]:
    """The sheets of an xls, or of an ods with what calamine does not tell of it."""
    with xlsx.refusing(DAMAGED):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        left = MOST_CELLS
        for name in book.sheet_names[:_MOST_SHEETS]:
            found = book.get_sheet_by_name(name)
            left -= found.total_height * found.total_width
            if found.total_height > max_rows or found.total_width > LAST_COLUMN or left < 0:
                raise UnreadableFile(TOO_LARGE)
            rows = [xlsx.trimmed(row) for row in found.to_python(skip_empty_area=False)]
            areas = [
                Area(top + 1, first + 1, bottom + 1, last + 1)
                for (top, first), (bottom, last) in found.merged_cell_ranges or ()
                if (top, first) != (bottom, last)
            ]
            sheet = Sheet(name, rows, areas)
            if told is not None:
                sheet.merged, sheet.looks = told.get(name, _Told([], looks.Looks()))
            yield sheet


_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}style"


def _told_in_ods(data: bytes) -> dict[str, _Told]:
    found: dict[str, _Told] = {}
    styles = looks.OdsStyles()
    of_sheet = _Told([], looks.Looks())
    row = column = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as content:
        for event, element in ElementTree.iterparse(content, events=("start", "end"), forbid_dtd=True):
            name = element.tag.removeprefix(_TABLE)
            if event == "start":
                if name == "table":
                    is_hidden = element.get(f"{_TABLE}style-name") in styles.hiding
                    of_sheet = found[element.get(f"{_TABLE}name", "")] = _Told([], looks.Looks(is_hidden))
                    row = column = 1
                elif name == "table-row":
                    column = 1
                continue
            if name in ("table-cell", "covered-table-cell"):
                height, width = (_span(element.get(f"{_TABLE}number-{side}-spanned")) for side in ("rows", "columns"))
                if (height, width) != (1, 1) and len(of_sheet.merged) < _MOST_MERGED:
                    of_sheet.merged.append(Area(row, column, row + height - 1, column + width - 1))
                if (left := styles.left(element)) is not None:
                    of_sheet.looks.struck[row, column] = left
                column += _repeated(element, "columns")
                element.clear()
            elif name == "table-column":
                following = column + _repeated(element, "columns")
                if looks.hides(element):
                    of_sheet.looks.columns.update(range(column, min(following, LAST_COLUMN + 1)))
                column = following
            elif name == "table-row":
                following = row + _repeated(element, "rows")
                if looks.hides(element):
                    of_sheet.looks.rows.update(range(row, min(following, row + _MOST_HIDDEN)))
                row = following
                element.clear()
            elif element.tag == _STYLE:
                styles.see(element)
    return found


def _repeated(element: ElementTree, side: str) -> int:
    written = element.get(f"{_TABLE}number-{side}-repeated", "1")
    return int(written) if written.isdigit() else 1


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


class _Tables(HTMLParser):
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
            if self._row > self.max_rows or len(self.sheets) > _MOST_SHEETS:
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
            self.sheets[-1].looks.struck[self._row, self._column] = _lines("".join(self._left))
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
    parser = _Tables(max_rows)
    parser.feed(text)
    parser.close()
    for sheet in parser.sheets:
        rows: list[list[Content]] = [xlsx.trimmed(row) for row in sheet.rows]
        areas = [area for area in sheet.merged if area.bottom <= len(rows)]
        yield Sheet(sheet.name, rows, areas, looks=sheet.looks)
