"""The same cells as other programs write them: XlsxWriter, pandas, and XML as somebody's own program writes it by hand."""

import datetime
import io
import zipfile
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pandas
import xlsxwriter
from openpyxl.utils import get_column_letter


@dataclass(frozen=True)
class Shown:
    """A number with the format that shows it."""

    value: float
    code: str


@dataclass(frozen=True)
class Merged:
    """The rows and columns of `area` are one cell."""

    value: object
    area: str


def plain(value):
    return value.value if isinstance(value, (Shown, Merged)) else value


def by_xlsxwriter(sheets, far=None):
    """`far` is one more cell of each sheet: (row, column) and what is in it; None is a cell with nothing but a format."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                if isinstance(value, Shown):
                    sheet.write_number(y, x, value.value, book.add_format({"num_format": value.code}))
                elif isinstance(value, datetime.date):
                    sheet.write_datetime(y, x, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                elif isinstance(value, Merged):
                    sheet.merge_range(value.area, value.value)
                elif value is not None:
                    (sheet.write_string if isinstance(value, str) else sheet.write)(y, x, value)
        if far:
            (y, x), value = far
            sheet.write(y - 1, x - 1, value, book.add_format({"bold": True}))
    book.close()
    return file.getvalue()


def by_pandas(sheets):
    file = io.BytesIO()
    with pandas.ExcelWriter(file, engine="openpyxl") as writer:
        for name, (head, *rows) in sheets.items():
            table = pandas.DataFrame([[plain(value) for value in row] for row in rows], columns=head, dtype=object)
            table.to_excel(writer, sheet_name=name, index=False)
    return file.getvalue()


TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATIONS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}


def by_hand(sheets, main=TRANSITIONAL):
    """Prefixed names, texts inside of their cells, no dimensions, a format by its number: all of it allowed."""
    codes = sorted(
        {value.code for rows in sheets.values() for row in rows for value in row if isinstance(value, Shown)}
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        "</Types>",
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")], main),
        "xl/workbook.xml": f'<x:workbook xmlns:x="{main}" xmlns:r="{RELATIONS[main]}"><x:sheets>'
        + "".join(f'<x:sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
        + "</x:sheets></x:workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [*(("worksheet", f"s{n}.xml") for n in range(1, len(sheets) + 1)), ("styles", "styles.xml")], main
        ),
        "xl/styles.xml": f'<x:styleSheet xmlns:x="{main}"><x:numFmts>'
        + "".join(f'<x:numFmt numFmtId="{200 + n}" formatCode="{escape(code)}"/>' for n, code in enumerate(codes))
        + '</x:numFmts><x:cellXfs><x:xf numFmtId="0"/>'
        + "".join(f'<x:xf numFmtId="{200 + n}" applyNumberFormat="1"/>' for n in range(len(codes)))
        + "</x:cellXfs></x:styleSheet>",
    }
    for n, rows in enumerate(sheets.values(), 1):
        parts[f"xl/s{n}.xml"] = _sheet(rows, codes, main)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return file.getvalue()


def _relations(found, main):
    lines = (
        f'<Relationship Id="r{n}" Type="{RELATIONS[main]}/{kind}" Target="{name}"/>'
        for n, (kind, name) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _sheet(rows, codes, main):
    cells = "".join(
        f'<x:row r="{y}">{"".join(_cell(f"{get_column_letter(x)}{y}", value, codes) for x, value in enumerate(row, 1))}</x:row>'
        for y, row in enumerate(rows, 1)
    )
    areas = [value.area for row in rows for value in row if isinstance(value, Merged)]
    merged = "".join(f'<x:mergeCell ref="{area}"/>' for area in areas)
    return (
        f'<x:worksheet xmlns:x="{main}"><x:sheetData>{cells}</x:sheetData>'
        f"{f'<x:mergeCells>{merged}</x:mergeCells>' if merged else ''}</x:worksheet>"
    )


def _cell(place, value, codes):
    style = f' s="{codes.index(value.code) + 1}"' if isinstance(value, Shown) else ""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<x:c r="{place}" t="b"><x:v>{int(value)}</x:v></x:c>'
    if isinstance(value, (int, float)):
        return f'<x:c r="{place}"{style}><x:v>{value}</x:v></x:c>'
    return f'<x:c r="{place}" t="inlineStr"><x:is><x:t xml:space="preserve">{escape(value)}</x:t></x:is></x:c>'
