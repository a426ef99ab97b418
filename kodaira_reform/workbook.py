"""Excel tables that people can read and print: one table per sheet, written row by row.

Every text is written as text, whatever it begins with, and dates as dates. Knows no app.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from kodaira_reform.text import display_width

Value = str | int | Decimal | date | bool | None

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@")
_WIDTHS_FROM = 300  # rows that decide the column widths; the rest is written as it comes
_NARROWEST, _WIDEST = 8, 44
_A4 = 9


@dataclass(frozen=True)
class Page:
    """How a sheet is printed: A4 landscape, as wide as the paper, the header row on every page."""

    header: str
    footer: str


def new_workbook(title: str) -> Workbook:
    """An empty workbook that keeps written rows on disk, not in memory."""
    workbook = Workbook(write_only=True)
    workbook.properties.title = clean_text(title)
    workbook.properties.creator = ""
    return workbook


def clean_text(text: str) -> str:
    """The text as a workbook can hold it: characters that XML forbids become "�", line ends become "\\n"."""
    return _NOT_IN_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def add_table(
    workbook: Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    freeze: str = "A2",
    page: Page | None = None,
) -> None:
    """Write one sheet: `headers` in row 1, then `rows`, each as long as the headers. `freeze` is the first cell that moves."""
    sheet: Any = workbook.create_sheet(name)
    rows = iter(rows)
    first_rows = list(islice(rows, _WIDTHS_FROM))
    for index, header in enumerate(headers):
        # The arrow of the filter covers about three columns of the header.
        texts = chain.from_iterable(_lines(row[index]) for row in first_rows)
        width = max([display_width(header) + 4, *(display_width(text) + 2 for text in texts), _NARROWEST])
        sheet.column_dimensions[get_column_letter(index + 1)].width = min(width, _WIDEST)
    sheet.freeze_panes = freeze
    if page is not None:
        _set_up_page(sheet, page)

    styles = _Styles(sheet)
    sheet.append([styles.header_cell(header) for header in headers])
    count = 0
    for row in chain(first_rows, rows):
        sheet.append([styles.cell(value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{count + 1}"


def _lines(value: Value) -> list[str]:
    if isinstance(value, date):
        return ["yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"]
    return [] if value is None else str(value).splitlines()


def _set_up_page(sheet: Any, page: Page) -> None:
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    for part, text in ((sheet.oddHeader.left, page.header), (sheet.oddFooter.left, page.footer)):
        part.text = clean_text(text).replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"


class _Styles:
    """The looks of a sheet's cells, made once: setting them cell by cell costs more than the writing."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        line = Side(style="thin", color="B3B3B3")
        border = Border(left=line, right=line, top=line, bottom=line)
        top = Alignment(vertical="top", wrap_text=True)
        font = Font(name="Yu Gothic", size=10)

        self._header = self._style(
            font=Font(name="Yu Gothic", size=10, bold=True),
            fill=PatternFill("solid", fgColor="E8F1FE"),
            alignment=Alignment(vertical="center", wrap_text=True),
            border=border,
        )
        self._text = self._style(font=font, alignment=top, border=border)
        # Keeps Excel from taking the text for a formula when somebody edits the cell and presses Enter.
        self._quoted = self._style(font=font, alignment=top, border=border, quotePrefix=True)
        self._date = self._style(font=font, alignment=top, border=border, number_format="yyyy-mm-dd")
        self._moment = self._style(font=font, alignment=top, border=border, number_format="yyyy-mm-dd hh:mm:ss")

    def _style(self, **looks: Any) -> Any:
        sample: Any = Cell(self._sheet, row=1, column=1)
        for name, look in looks.items():
            setattr(sample, name, look)
        return sample._style

    def _new(self, value: Value, style: Any) -> Cell:
        return Cell(self._sheet, row=1, column=1, value=value, style_array=style)

    def _as_text(self, value: str, style: Any) -> Cell:
        cell = self._new(clean_text(value), style)
        cell.data_type = "s"  # "=1+1" and "#N/A" too
        return cell

    def header_cell(self, text: str) -> Cell:
        return self._as_text(text, self._header)

    def cell(self, value: Value) -> Cell:
        if isinstance(value, str) and value:
            return self._as_text(value, self._quoted if value.startswith(_LOOKS_LIKE_FORMULA) else self._text)
        if isinstance(value, date):
            return self._new(value, self._moment if isinstance(value, datetime) else self._date)
        return self._new(value or None if isinstance(value, str) else value, self._text)
