"""Reading an old workbook (xls) by xlrd, which tells how a cell looks, too. Runs in the process that core/spreadsheets/confined.py starts."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import xlrd
from xlrd.biffh import XLRDError
from xlrd.book import Book
from xlrd.sheet import Sheet as Found

from core.grammar import Content
from core.spreadsheets.limits import DAMAGED, LAST_COLUMN, LOCKED, MOST_CELLS, MOST_SHEETS, TOO_LARGE, UnreadableFile
from core.spreadsheets.number_formats import NumberFormat, scale_of
from core.spreadsheets.opening import DAY_ZERO, DAY_ZERO_1904, Opened, error_cell, refusing, trimmed
from core.spreadsheets.sheets import Area, Looks, Sheet


def opened(data: bytes, max_rows: int) -> Opened:
    """The sheets, each read when it is asked for. Raises UnreadableFile, then too."""
    with refusing(DAMAGED):
        try:
            book = xlrd.open_workbook(
                file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
            )
        except XLRDError as error:
            raise UnreadableFile(LOCKED if "encrypted" in str(error) else DAMAGED) from error
        return Opened(bool(book.datemode), _sheets(book, max_rows))


class _XlsStyle(NamedTuple):
    scale: NumberFormat | None
    is_length: bool  # [h]:mm
    is_struck: bool


def _style(book: Book, index: int) -> _XlsStyle:
    found = book.xf_list[index]
    code = book.format_map[found.format_key].format_str
    is_length = bool(re.search(r"\[[hms]+\]", code, re.IGNORECASE))
    return _XlsStyle(scale_of(code, with_words=True), is_length, bool(book.font_list[found.font_index].struck_out))


def _sheets(book: Book, max_rows: int) -> Iterator[Sheet]:
    with refusing(DAMAGED):
        styles = [_style(book, index) for index in range(len(book.xf_list))]
        left = MOST_CELLS
        for index in range(min(book.nsheets, MOST_SHEETS)):
            found = book.sheet_by_index(index)
            left -= found.nrows * found.ncols
            if found.nrows > max_rows or found.ncols > LAST_COLUMN or left < 0:
                raise UnreadableFile(TOO_LARGE)
            yield _sheet(book, found, styles)
            book.unload_sheet(index)


def _sheet(book: Book, found: Found, styles: list[_XlsStyle]) -> Sheet:
    sheet = Sheet(found.name, [])
    sheet.looks = Looks(
        found.visibility != 0,
        {row + 1 for row, looks in found.rowinfo_map.items() if looks.hidden or looks.height == 0},
        {column + 1 for column, looks in found.colinfo_map.items() if looks.hidden or looks.width == 0},
    )
    sheet.merged = [Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in found.merged_cells]
    zero = DAY_ZERO_1904 if book.datemode else DAY_ZERO
    for row in range(found.nrows):
        line: list[Content] = []
        for column, (kind, value) in enumerate(zip(found.row_types(row), found.row_values(row), strict=True)):
            style = styles[found.cell_xf_index(row, column)]
            cell, note = _content(book, kind, value, is_length=style.is_length), ""
            if kind == xlrd.XL_CELL_NUMBER and style.scale:
                cell, note = style.scale.seen(value, zero)
            if note:
                sheet.note(row + 1, column + 1, note)
            if cell not in (None, "") and (rest := _left(book, found, row, column, style)) is not None:
                sheet.looks.strike(row + 1, column + 1, rest)
            line.append(cell)
        sheet.rows.append(trimmed(line))
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
    return sheet


def _content(book: Book, kind: int, value: Any, *, is_length: bool) -> Content:
    """Of xlrd, which says by `kind` what the value is."""
    match kind:
        case xlrd.XL_CELL_DATE if is_length:
            return datetime.timedelta(days=value)
        case xlrd.XL_CELL_DATE:
            try:
                moment = xlrd.xldate_as_datetime(value, book.datemode)
            except (ValueError, OverflowError):  # no day of any calendar: it stays a number
                return float(value)
            if value < 1:
                return moment.time()
            return moment.date() if moment.time() == datetime.time(0) else moment
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        case xlrd.XL_CELL_ERROR:
            return error_cell(xlrd.error_text_from_code.get(value, "エラー"))
        case xlrd.XL_CELL_TEXT:
            return str(value)
        case xlrd.XL_CELL_NUMBER:
            return float(value)
    return None


def _left(book: Book, found: Found, row: int, column: int, style: _XlsStyle) -> str | None:
    """What is left of a cell without its struck letters; None if none is struck."""
    if style.is_struck:
        return ""
    runs = found.rich_text_runlist_map.get((row, column))
    if not runs or not any(book.font_list[font].struck_out for _start, font in runs):
        return None
    text = str(found.cell_value(row, column))
    ends = [*(start for start, _font in runs[1:]), len(text)]
    kept = [
        text[start:end] for (start, font), end in zip(runs, ends, strict=True) if not book.font_list[font].struck_out
    ]
    return text[: runs[0][0]] + "".join(kept)
