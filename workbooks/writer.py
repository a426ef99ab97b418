"""Excel workbooks of tables: one table per sheet, streamed into the file row by row, beside sheets that XlsxWriter makes.

XlsxWriter makes the workbook (styles, names, properties) and the sheets with a layout of their own;
the rows of tables are written here, in a fraction of its time. Memory does not grow with the rows, and nothing is left
behind if a row cannot be made. Every text is written as text, whatever it begins with, and dates as dates. openpyxl
reads workbooks here, and writes those with forms in them (workbooks/survey/). Knows no app.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape

import xlsxwriter
from openpyxl.utils import get_column_letter

from core.spreadsheets.limits import LONGEST
from core.text import MAKER, display_width, xml_text
from core.waiting import waiting_file

Value = str | int | float | Decimal | date | bool | None

FONT = "Yu Gothic"
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@")
_WIDTHS_FROM = 300  # rows that decide the column widths; the rest is written as it comes
_ROWS_AT_ONCE = 200  # written together
_NARROWEST, _WIDEST = 8, 44
# Characters of columns beside each other on A3 in landscape: 1,450 pixels at 10 points, a fifth more at the 8 that are left;
# less what a font that stands in for ours and cuts through wide columns take.
_PAGE_WIDTH = 175
_DAY_ZERO = date(1899, 12, 30)  # Excel counts days from here
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that was not
_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class PrintedPage:
    """How a sheet is printed: A3 landscape, on so many pages side by side that eight points are left; the header row and
    the columns that do not move on every page."""

    header: str
    footer: str


def clean_text(text: str) -> str:
    """The text as a workbook can hold it: characters that XML forbids become "�", line ends become "\\n"."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return xml_text(text)


class WrittenBook:
    """A workbook that is written to an open binary file. Used with `with`; leaving the block completes the file.

    `made_at` (aware; now by default) is the moment that the file states: the same rows and moment give the same bytes.
    Sheets stand in the order in which they are added: tables here, others as `sheets.add_worksheet(…)`.
    """

    def __init__(self, file: IO[bytes], title: str, *, made_at: datetime | None = None) -> None:
        self._made_at = made_at or datetime.now(UTC).astimezone()
        self._open = ExitStack()
        self._archive = self._open.enter_context(zipfile.ZipFile(file, "w"))
        self._frame = self._open.enter_context(waiting_file())
        self.sheets = xlsxwriter.Workbook(
            self._frame,
            {
                "constant_memory": True,
                "tmpdir": self._open.enter_context(TemporaryDirectory()),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "default_format_properties": {"font_name": FONT, "font_size": 10},
            },
        )
        created = self._made_at.astimezone(UTC).replace(tzinfo=None)
        self.sheets.set_properties({"title": clean_text(title), "author": MAKER, "created": created})
        for place, style in enumerate(_STYLES, 1):
            # The rows of tables name their styles by these places.
            if self.sheets.add_format(_CELL | style)._get_xf_index() != place:
                raise RuntimeError("the styles of tables are the first ones")
        self._tables: set[str] = set()

    def __enter__(self) -> WrittenBook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            self.sheets.close()  # in any case: it holds open files
            if kind is None:
                self._complete()

    def add_table(
        self,
        name: str,
        headers: Sequence[str],
        rows: Iterable[Sequence[Value]],
        *,
        freeze: str = "A2",
        page: PrintedPage | None = None,
        widest: Sequence[Sequence[Value]] = (),
    ) -> None:
        """Write one sheet: `headers` in row 1, then `rows`, each as long as the headers. `freeze` is the first cell that
        moves, in row 2. `widest` are rows as wide as any may be, where the first ones are not. Raises TypeError for a
        value that is none of `Value`."""
        rows = iter(rows)
        first_rows = list(islice(rows, _WIDTHS_FROM))
        letters = [get_column_letter(at + 1) for at in range(len(headers))]
        # In the workbook stands an empty sheet with the names that belong to it; its part is the one that is written here.
        sheet = self.sheets.add_worksheet(name)
        path = f"xl/worksheets/sheet{len(self.sheets.worksheets())}.xml"
        self._tables.add(path)
        widths, still = list(_widths(headers, [*first_rows, *widest])), ord(freeze[0]) - ord("A")
        with self._archive.open(self._part(path), "w", force_zip64=True) as part:
            is_first = path.endswith("/sheet1.xml")
            part.write(_head(widths, freeze, page is not None, first=is_first).encode())
            part.write(_header_row(headers, letters).encode())
            lines = (_row(number, row, letters) for number, row in enumerate(chain(first_rows, rows), 2))
            count = 1
            while some := list(islice(lines, _ROWS_AT_ONCE)):
                part.write("".join(some).encode())
                count += len(some)
            part.write(_tail(f"A1:{letters[-1]}{count}", page, _pages_wide(widths, still)).encode())
        sheet.autofilter(0, 0, count - 1, len(headers) - 1)
        if page is not None:
            sheet.repeat_rows(0)
            if still:
                sheet.repeat_columns(0, still - 1)

    def _part(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, date_time=self._made_at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _complete(self) -> None:
        with zipfile.ZipFile(self._frame) as frame:
            for path in frame.namelist():
                if path not in self._tables:
                    with frame.open(path) as made, self._archive.open(self._part(path), "w", force_zip64=True) as part:
                        copyfileobj(made, part)


def _widths(headers: Sequence[str], rows: Sequence[Sequence[Value]]) -> Iterator[int]:
    for index, header in enumerate(headers):
        # The arrow of the filter covers about three columns of the header.
        texts = chain.from_iterable(_lines(row[index]) for row in rows)
        width = max([display_width(header) + 4, *(display_width(text) + 2 for text in texts), _NARROWEST])
        yield min(width, _WIDEST)


def _pages_wide(widths: Sequence[int], still: int) -> int:
    """Pages side by side; `still` columns stand on each of them."""
    left = sum(widths[:still])
    return max(1, math.ceil((sum(widths) - left) / max(1, _PAGE_WIDTH - left)))


def _lines(value: Value) -> list[str]:
    if isinstance(value, date):
        return ["yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"]
    return [] if value is None else str(value).splitlines()


# --- the XML of a sheet, in the order that Excel wants ---

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEADER, _TEXT, _QUOTED, _DATE, _MOMENT = range(1, 6)  # places of _STYLES in the workbook
_CELL = {"border": 1, "border_color": "#B3B3B3", "text_wrap": True, "valign": "top"}
_STYLES: tuple[dict[str, str | bool], ...] = (
    {"bold": True, "bg_color": "#E8F1FE", "valign": "vcenter"},
    {},
    # Keeps Excel from taking the text for a formula when somebody edits the cell and presses Enter.
    {"quote_prefix": True},
    {"num_format": "yyyy-mm-dd"},
    {"num_format": "yyyy-mm-dd hh:mm:ss"},
)


def _head(widths: Iterable[int], freeze: str, fits: bool, *, first: bool) -> str:
    columns = ord(freeze[0]) - ord("A")
    pane = f'xSplit="{columns}" ' if columns else ""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">'
        + ('<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>' if fits else "")
        + f'<sheetViews><sheetView workbookViewId="0"{" tabSelected=" + chr(34) + "1" + chr(34) if first else ""}>'
        f'<pane {pane}ySplit="1" topLeftCell="{freeze}" activePane="{"bottomRight" if columns else "bottomLeft"}" '
        'state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>'
        + "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1))
        + "</cols><sheetData>"
    )


def _header_row(headers: Sequence[str], letters: Sequence[str]) -> str:
    cells = (_text(f"{letter}1", header, _HEADER) for letter, header in zip(letters, headers, strict=True))
    return f'<row r="1">{"".join(cells)}</row>'


def _row(number: int, row: Sequence[Value], letters: Sequence[str]) -> str:
    cells = [_cell(f"{letter}{number}", value) for letter, value in zip(letters, row, strict=True)]
    return f'<row r="{number}">{"".join(cells)}</row>'


# What a program would take for an escaped character, "_x0041_" for "A", is escaped itself.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def _text(place: str, text: str, style: int) -> str:
    text = clean_text(text)[:LONGEST]
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cell(place: str, value: object) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{_TEXT}"/>'
    if isinstance(value, str):
        return _text(place, value, _QUOTED if value[0] in _LOOKS_LIKE_FORMULA else _TEXT)
    if isinstance(value, bool):
        return f'<c r="{place}" s="{_TEXT}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float | Decimal):
        return f'<c r="{place}" s="{_TEXT}"><v>{value}</v></c>'
    if isinstance(value, date):
        return _day(place, value)
    raise TypeError(f"{place}: {value!r}")


def _day(place: str, value: date) -> str:
    day = value.date() if isinstance(value, datetime) else value
    if day < _FIRST_DAY:
        return _text(place, value.isoformat(), _TEXT)
    days = (day - _DAY_ZERO).days
    if not isinstance(value, datetime):
        return f'<c r="{place}" s="{_DATE}"><v>{days}</v></c>'
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return f'<c r="{place}" s="{_MOMENT}"><v>{days + seconds / _DAY_SECONDS!r}</v></c>'


def _tail(area: str, page: PrintedPage | None, pages_wide: int) -> str:
    set_up = ""
    if page is not None:
        header, footer = (escape(clean_text(text).replace("&", "&&")) for text in (page.header, page.footer))
        set_up = (
            f'<pageSetup paperSize="8" orientation="landscape" fitToWidth="{pages_wide}" fitToHeight="0"/><headerFooter>'
            f"<oddHeader>&amp;L{header}</oddHeader>"
            f"<oddFooter>&amp;L{footer}&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
        )
    return f'</sheetData><autoFilter ref="{area}"/>{set_up}</worksheet>'
