"""Excel tables that people can read and print: one table per sheet, streamed into the file row by row.

Memory does not grow with the rows, and nothing is left behind if a row cannot be made. Every text is written as text,
whatever it begins with, and dates as dates. openpyxl reads workbooks here; it writes those with forms in them
(workbooks/survey/), but takes several times as long for a table. Knows no app.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from core.text import MAKER, display_width, xml_text
from workbooks.reader import LONGEST

Value = str | int | float | Decimal | date | bool | None

_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@")
_WIDTHS_FROM = 300  # rows that decide the column widths; the rest is written as it comes
_ROWS_AT_ONCE = 200  # written together
_NARROWEST, _WIDEST = 8, 44
_DAY_ZERO = date(1899, 12, 30)  # Excel counts days from here
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that was not
_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Page:
    """How a sheet is printed: A4 landscape, as wide as the paper, the header row on every page."""

    header: str
    footer: str


def clean_text(text: str) -> str:
    """The text as a workbook can hold it: characters that XML forbids become "�", line ends become "\\n"."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return xml_text(text)


class Book:
    """A workbook that is written to an open binary file. Used with `with`; leaving the block completes the file.

    `made_at` (aware; now by default) is the moment that the file states: the same rows and moment give the same bytes.
    """

    def __init__(self, file: IO[bytes], title: str, *, made_at: datetime | None = None) -> None:
        self._title = title
        self._made_at = made_at or datetime.now(UTC).astimezone()
        self._archive = zipfile.ZipFile(file, "w")
        self._names: list[str] = []
        self._defined: list[str] = []

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._complete()
        self._archive.close()

    def add_table(
        self,
        name: str,
        headers: Sequence[str],
        rows: Iterable[Sequence[Value]],
        *,
        freeze: str = "A2",
        page: Page | None = None,
    ) -> None:
        """Write one sheet: `headers` in row 1, then `rows`, each as long as the headers. `freeze` is the first cell that
        moves, in row 2. Raises TypeError for a value that is none of `Value`."""
        rows = iter(rows)
        first_rows = list(islice(rows, _WIDTHS_FROM))
        index, letters = len(self._names), [get_column_letter(at + 1) for at in range(len(headers))]
        self._names.append(name)
        with self._archive.open(self._part(f"xl/worksheets/sheet{index + 1}.xml"), "w", force_zip64=True) as part:
            part.write(_head(_widths(headers, first_rows), freeze, page is not None, first=index == 0).encode())
            part.write(_header_row(headers, letters).encode())
            lines = (_row(number, row, letters) for number, row in enumerate(chain(first_rows, rows), 2))
            count = 1
            while some := list(islice(lines, _ROWS_AT_ONCE)):
                part.write("".join(some).encode())
                count += len(some)
            part.write(_tail(f"A1:{letters[-1]}{count}", page).encode())
        sheet = quoteattr(f"'{name}'")[1:-1]
        self._defined.append(
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
            f"{sheet}!$A$1:${letters[-1]}${count}</definedName>"
        )
        if page is not None:
            self._defined.append(
                f'<definedName name="_xlnm.Print_Titles" localSheetId="{index}">{sheet}!$1:$1</definedName>'
            )

    def _part(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, date_time=self._made_at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _complete(self) -> None:
        numbers = range(1, len(self._names) + 1)
        created = self._made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
            '<Override PartName="/docProps/core.xml" '
            'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
                for n in numbers
            )
            + "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/>'
            f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/></Relationships>',
            "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{escape(clean_text(self._title))}</dc:title><dc:creator>{escape(MAKER)}</dc:creator>"
            f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created></cp:coreProperties>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>'
            + "".join(
                f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(self._names, 1)
            )
            + f"</sheets><definedNames>{''.join(self._defined)}</definedNames></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in numbers
            )
            + f'<Relationship Id="rId{len(self._names) + 1}" Type="{_OFFICE}/relationships/styles" Target="styles.xml"/>'
            "</Relationships>",
            "xl/styles.xml": _STYLES,
        }
        for path, content in parts.items():
            self._archive.writestr(self._part(path), _XML + content)


def _widths(headers: Sequence[str], rows: Sequence[Sequence[Value]]) -> Iterator[int]:
    for index, header in enumerate(headers):
        # The arrow of the filter covers about three columns of the header.
        texts = chain.from_iterable(_lines(row[index]) for row in rows)
        width = max([display_width(header) + 4, *(display_width(text) + 2 for text in texts), _NARROWEST])
        yield min(width, _WIDEST)


def _lines(value: Value) -> list[str]:
    if isinstance(value, date):
        return ["yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"]
    return [] if value is None else str(value).splitlines()


# --- the XML of a sheet, in the order that Excel wants ---

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEADER, _TEXT, _QUOTED, _DATE, _MOMENT = range(1, 6)  # places in cellXfs of _STYLES
_FONT = '<sz val="10"/><name val="Yu Gothic"/><family val="2"/></font>'
_LINE = "".join(f'<{side} style="thin"><color rgb="FFB3B3B3"/></{side}>' for side in ("left", "right", "top", "bottom"))
_TOP = '<alignment vertical="top" wrapText="1"/></xf>'
_CELL = 'fontId="0" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" applyAlignment="1"'
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}<font><b/>{_FONT}</fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE8F1FE"/></patternFill></fill></fills>'
    f'<borders count="2"><border/><border>{_LINE}</border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" '
    'applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>'
    f'<xf numFmtId="0" {_CELL}>{_TOP}'
    # Keeps Excel from taking the text for a formula when somebody edits the cell and presses Enter.
    f'<xf numFmtId="0" {_CELL} quotePrefix="1">{_TOP}'
    f'<xf numFmtId="164" {_CELL} applyNumberFormat="1">{_TOP}'
    f'<xf numFmtId="165" {_CELL} applyNumberFormat="1">{_TOP}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
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


def _tail(area: str, page: Page | None) -> str:
    set_up = ""
    if page is not None:
        header, footer = (escape(clean_text(text).replace("&", "&&")) for text in (page.header, page.footer))
        set_up = (
            '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/><headerFooter>'
            f"<oddHeader>&amp;L{header}</oddHeader>"
            f"<oddFooter>&amp;L{footer}&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
        )
    return f'</sheetData><autoFilter ref="{area}"/>{set_up}</worksheet>'
