"""Files that want more than there is: made by whoever would stop the site, or by accident. For bench and tests.

Each is small or within the limits of size, and what it costs a naive reader is told beside it.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = f'<styleSheet {_MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="10"/></cellXfs></styleSheet>'


def workbook(rows: str, *, before: str = "", after: str = "", strings: str = "", styles: str = _STYLES) -> bytes:
    """A workbook of one sheet `data` with the given XML of rows."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Target="xl/workbook.xml"'
        f' Type="{_RELATIONS}/officeDocument"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets><sheet name="data" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="r3" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>",
        "xl/styles.xml": styles,
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{strings}</sst>",
    }
    return packed({name: content.encode() for name, content in parts.items()})


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _cell(at: str, value: object = 1, rest: str = "") -> str:
    return f'<c r="{at}"{rest}><v>{value}</v></c>'


def far_apart() -> bytes:
    """1.5 kB; the rectangle between its two values has 17 thousand million cells."""
    return workbook(f'<row r="1">{_cell("A1")}</row><row r="1048576">{_cell("XFD1048576")}</row>')


def far_apart_unnamed() -> bytes:
    """The same, the last row known by its number alone."""
    cells = "<c/>" * 16_383 + "<c><v>1</v></c>"
    return workbook(f'<row r="1"><c><v>1</v></c></row><row r="1048576">{cells}</row>')


def understated() -> bytes:
    """A part that says it is 1 kB long and unpacks to a gigabyte."""
    data = bytearray(workbook(f'<row r="1">{_cell("A1")}</row>'))
    start = f"<worksheet {_MAIN}><sheetData>".encode()
    deflate = zlib.compressobj(9, wbits=-15)
    content = (
        deflate.compress(start) + b"".join(deflate.compress(b" " * (1 << 20)) for _ in range(1_000)) + deflate.flush()
    )
    return _with_lying_part(bytes(data), content, stated=1_000)


def _with_lying_part(data: bytes, content: bytes, *, stated: int) -> bytes:
    """The workbook with its sheet replaced by deflated content whose unpacked size is a lie."""
    name = "xl/worksheets/sheet1.xml"
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
        entry = new.getinfo(name)
        offset = entry.header_offset
    packed_ = bytearray(file.getvalue())
    struct.pack_into("<H", packed_, offset + 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", packed_, offset + 22, stated)
    central = packed_.index(b"PK\x01\x02")
    while packed_[central + 46 : central + 46 + len(name)] != name.encode():
        central = packed_.index(b"PK\x01\x02", central + 4)
    struct.pack_into("<H", packed_, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", packed_, central + 24, stated)
    return bytes(packed_)


def many_cells_in_a_row() -> bytes:
    """A million values in row 1, without names."""
    return workbook('<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>")


def many_named_cells() -> bytes:
    """Three million values in a table that is not wide."""
    row = "<c><v>1</v></c>" * 100
    return workbook("".join(f'<row r="{number}">{row}</row>' for number in range(1, 30_001)))


def deep() -> bytes:
    """Two million elements, one in the other."""
    return workbook("<a>" * 2_000_000 + "</a>" * 2_000_000)


def long_string_again_and_again() -> bytes:
    """One text of 32,000 characters in half a million cells: 16 GB."""
    text = "長" * 32_000
    rows = "".join(f'<row r="{n}">{_cell(f"A{n}", 0, TEXT) * 25}</row>' for n in range(1, 20_000))
    return workbook(rows, strings=f"<si><t>{text}</t></si>")


TEXT = ' t="s"'


def long_text() -> bytes:
    """A cell of a hundred million characters."""
    return workbook(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 19_000_000}</t></is></c></row>')


def last_column() -> bytes:
    """3,000 rows, and one value in column XFD."""
    rows = "".join(f'<row r="{n}">{_cell(f"A{n}")}</row>' for n in range(2, 3_001))
    return workbook(f'<row r="1">{_cell("A1")}{_cell("XFD1")}</row>{rows}')


def giant_dimension() -> bytes:
    """A table of one cell that says it fills the sheet: no harm."""
    return workbook(f'<row r="1">{_cell("A1")}</row>', before='<dimension ref="A1:XFD1048576"/>')


def many_merged() -> bytes:
    """Half a million merged areas, each as large as the sheet."""
    return workbook(
        f'<row r="1">{_cell("A1")}</row>',
        after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 500_000 + "</mergeCells>",
    )


def unclosed() -> bytes:
    """A comment with a million beginnings of cells: who looks for the end of each by a pattern reads it a million times."""
    return workbook(
        f'<row r="1">{_cell("A1", 0.5, chr(32) + "s=" + chr(34) + "1" + chr(34))}</row>',
        after="<!--" + "<c >" * 1_000_000 + "-->",
    )


def long_format() -> bytes:
    """A number format of millions of signs."""
    code = "0" + "," * 3_000_000 + "0"
    styles = (
        f'<styleSheet {_MAIN}><numFmts><numFmt numFmtId="200" formatCode="{code * 3}"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    return workbook(f'<row r="1">{_cell("A1")}</row>', styles=styles)


def percent_everywhere() -> bytes:
    """Half a million values shown as percent, each with a note."""
    return workbook("".join(f'<row r="{n}">{RATE * 50}</row>' for n in range(1, 10_001)))


def errors_everywhere() -> bytes:
    """Seven hundred thousand errors, each with the sentence that says so."""
    return workbook("".join(f'<row r="{n}">{ERROR * 50}</row>' for n in range(1, 14_001)))


def formulas_everywhere() -> bytes:
    """As many formulas without a result: half a megabyte of sentences for each kilobyte."""
    return workbook("".join(f'<row r="{n}">{"<c><f>B1</f></c>" * 50}</row>' for n in range(1, 14_001)))


RATE, ERROR = '<c s="1"><v>0.5</v></c>', '<c t="e"><v>#N/A</v></c>'


def document_type() -> bytes:
    """Entities within entities, a thousand million of them at the end."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(io.BytesIO(workbook(f'<row r="1">{_cell("A1", "&e9;")}</row>'))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    return packed(parts | {sheet: f'<!DOCTYPE x [<!ENTITY e0 "1">{levels}]>'.encode() + parts[sheet]})


def ods_repeated() -> bytes:
    """1 kB; a cell that is repeated a thousand million times in each of as many rows."""
    many = 'repeated="1000000000"'
    return ods(f'office:value-type="float" office:value="1" table:number-columns-{many}', f" table:number-rows-{many}")


def ods(cell: str, row: str = "") -> bytes:
    """An OpenDocument spreadsheet of one cell with the given attributes, in a row with others."""
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table"))
    rows = f"<table:table-row{row}><table:table-cell {cell}/></table:table-row>"
    content = f"<office:document-content{names}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="data">{rows}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def xls_without_end() -> bytes:
    """An old container whose table of sectors leads from each sector back to it."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 1, 1, 1, 1, 109)
    return header + struct.pack("<109I", *[0] * 109) + b"\0" * 9_000_000


def page_of_spans() -> bytes:
    """A page whose every cell says that it covers a million others."""
    return b"<html><table>" + (b"<tr>" + b'<td rowspan="1000" colspan="1000">1' * 300) * 200 + b"</table>"


def csv_of_commas() -> bytes:
    return b"a" + b"," * 9_000_000 + b"b"


def csv_line() -> bytes:
    return b"x" * 50_000_000


def csv_open_quote() -> bytes:
    return b'"' + "あ\n".encode() * 2_000_000


def csv_newlines() -> bytes:
    return b"a,b\n" + b"\n" * 9_000_000


def csv_quoted_newlines() -> bytes:
    return b"a,b\n" + (b'"' + b"\n" * 30_000 + b'",1\n') * 300


def csv_quotes() -> bytes:
    return b'""' * 4_500_000


FILES: dict[str, Callable[[], bytes]] = {
    "両端に値（1.5kB）.xlsx": far_apart,
    "両端に値・番地なし.xlsx": far_apart_unnamed,
    "大きさを偽った部品（1GB）.xlsx": understated,
    "1行に100万セル.xlsx": many_cells_in_a_row,
    "300万セル.xlsx": many_named_cells,
    "深い入れ子.xlsx": deep,
    "長い文字列を50万回.xlsx": long_string_again_and_again,
    "1900万字のセル.xlsx": long_text,
    "XFD列の値と3000行.xlsx": last_column,
    "全体と称する表.xlsx": giant_dimension,
    "結合50万か所.xlsx": many_merged,
    "閉じないセル.xlsx": unclosed,
    "長い表示形式.xlsx": long_format,
    "百分率50万セル.xlsx": percent_everywhere,
    "エラー70万セル.xlsx": errors_everywhere,
    "結果のない数式70万セル.xlsx": formulas_everywhere,
    "文書型のある部品.xlsx": document_type,
    "10億回のくり返し（1kB）.ods": ods_repeated,
    "終わらない容器.xls": xls_without_end,
    "100万セルにまたがるセル.html": page_of_spans,
    "カンマ900万個.csv": csv_of_commas,
    "1行50MB.csv": csv_line,
    "閉じない引用符.csv": csv_open_quote,
    "空行900万.csv": csv_newlines,
    "引用符の中の改行.csv": csv_quoted_newlines,
    "引用符900万個.csv": csv_quotes,
}
