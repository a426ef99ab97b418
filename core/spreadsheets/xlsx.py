"""Reading a workbook (xlsx). Runs in the process that core/spreadsheets/confined.py starts: it imports little, and what a hostile
file makes of it ends there.

Values and merged areas come from python-calamine. What it does not tell is looked for in the XML itself, and only where it
is there: numbers shown as percent or in thousands, formulas without a stored result, errors.
"""

from __future__ import annotations

import codecs
import datetime
import io
import math
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import tostring

from defusedxml import ElementTree
from python_calamine import CalamineWorkbook, SheetTypeEnum

from core.grammar import Content
from core.spreadsheets import looks
from core.spreadsheets.limits import (
    DAMAGED,
    LAST_COLUMN,
    LAST_ROW,
    LONGEST,
    MOST_CELLS,
    MOST_MERGED,
    UnreadableFile,
    check_file,
    column_letters,
    column_number,
    refuse_document_type,
)
from core.spreadsheets.number_formats import NumberFormat, scale_of
from core.spreadsheets.opening import (
    DAY_ZERO,
    DAY_ZERO_1904,
    NO_RESULT,
    Opened,
    attributes,
    error_cell,
    local,
    refuse_long_text,
    refusing,
    trimmed,
)
from core.spreadsheets.sheets import Area, Sheet

_LONGEST_NAME = 100  # of a sheet; Excel takes 31 characters


def opened(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int, with_looks: bool = False) -> Opened:
    """The sheets of a workbook, each read when it is asked for. Raises UnreadableFile, then too. `with_looks`: and what they
    hide and strike out, and the words that a format shows beside a number."""
    check_file(data, max_bytes=max_bytes, max_unpacked=max_unpacked)
    with refusing(DAMAGED):
        data = _in_utf8(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
            scales = _scales(archive, with_words=with_looks)
            struck = looks.struck_in(archive) if with_looks else None
    return Opened(parts.begins_1904, _sheets(data, parts, scales, max_rows, struck))


def _sheets(
    data: bytes, parts: _ArchiveParts, scales: dict[int, NumberFormat], max_rows: int, struck: looks.Struck | None
) -> Iterator[Sheet]:
    left = MOST_CELLS
    with refusing(DAMAGED), zipfile.ZipFile(io.BytesIO(data)) as archive:
        calamine = CalamineWorkbook.from_filelike(io.BytesIO(data))
        kinds = {meta.name: meta.typ for meta in calamine.sheets_metadata}
        for name, path in parts.paths.items():
            text = archive.read(path)
            refuse_document_type(path, text)  # whatever the part is called
            left -= _check_bounds(name, text, max_rows, left)
            if kinds.get(name) is SheetTypeEnum.WorkSheet:
                with refusing(f"「{name}」シートが壊れています。Excelで開いて保存し直してください。"):
                    sheet = _sheet(calamine, name, text, scales, None if parts.begins_1904 else DAY_ZERO)
                    if struck is not None:
                        sheet.looks = looks.of_sheet(text, struck, _cells(text), is_hidden=name in parts.hidden)
                    yield sheet


_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*\sencoding=["'](?!utf-?8["'])""", re.IGNORECASE)


def _in_utf8(data: bytes) -> bytes:
    """The same workbook with the parts that make it up in UTF-8: other encodings are valid, and rare."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        own = [name for name in archive.namelist() if name.startswith(("xl/", "_rels/", "[Content"))]
        other = [name for name in own if _is_other(archive, name)]
        if not other:
            return data
        rewritten = io.BytesIO()
        with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in archive.namelist():
                content = archive.read(name)
                packed.writestr(name, _recoded(content) if name in other else content)
    return rewritten.getvalue()


def _is_other(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as part:
        start = part.read(200)
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"<\x00" in start.replace(
        b"\x00<", b"<\x00"
    )
    return is_utf16 or bool(_OTHER_ENCODING.match(start))


def _recoded(content: bytes) -> bytes:
    """XML in UTF-8, whatever it was in."""
    root = ElementTree.fromstring(content)
    recoded: bytes = tostring(root, encoding="utf-8")
    return recoded


# What a workbook consists of


class _ArchiveParts(NamedTuple):
    paths: dict[str, str]  # sheet → part of the archive
    begins_1904: bool
    hidden: set[str]  # sheets


def _parts(archive: zipfile.ZipFile) -> _ArchiveParts:
    targets = {}
    for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        found = attributes(relation)
        if found.get("Type", "").endswith("/worksheet"):
            target = found["Target"]
            targets[found["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    paths = {}
    hidden = set()
    begins_1904 = False
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        found = attributes(element)
        match local(element.tag):
            case "sheet" if found.get("id") in targets:
                if len(found["name"]) > _LONGEST_NAME:
                    raise UnreadableFile(DAMAGED)
                paths[found["name"]] = targets[found["id"]]
                if found.get("state", "visible") != "visible":
                    hidden.add(found["name"])
            case "workbookPr":
                begins_1904 = found.get("date1904", "0") in ("1", "true")
    return _ArchiveParts(paths, begins_1904, hidden)


# Numbers that are shown otherwise than they are stored


def _scales(archive: zipfile.ZipFile, *, with_words: bool) -> dict[int, NumberFormat]:
    """Index of a cell's style → how its number is shown, where that is not how it is stored."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    codes = {9: "0%", 10: "0.00%"}
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    found: dict[int, NumberFormat] = {}
    for element in styles.iter():
        if local(element.tag) == "numFmt":
            given = attributes(element)
            code = given.get("formatCode", "")
            if len(code) > LONGEST:
                raise UnreadableFile(DAMAGED)
            codes[int(given["numFmtId"])] = code
    for group in styles:
        if local(group.tag) == "cellXfs":
            for index, style in enumerate(group):
                code = codes.get(int(attributes(style).get("numFmtId", "0")), "")
                if scale := scale_of(code, with_words=with_words):
                    found[index] = scale
    return found


# What stands in the XML of a sheet

_VALUED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
# LibreOffice and others store a day before 1900 as a negative number, of which calamine makes midnight. In the calendar
# of 1904 programs do not agree what it means: there it stays, and is refused as a day.
_MIDNIGHT = datetime.time(0)
_NEGATIVE = re.compile(rb"<(?:\w+:)?v>(-[0-9.]{1,9})</")
_MAY_NEED_A_LOOK = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_CELL = re.compile(
    rb"""<(?:\w+:)?row\b([^>]*?)/?>|<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""\b(r|s|t)=["']([^"']*)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_STORED = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^>]*>(.*?)</(?:\w+:)?(?:v|is)>", re.DOTALL)


def _too_wide(name: str, column: int) -> str:
    return (
        f"「{name}」シートの{column_letters(column)}列に値があり、表が広すぎます。表から離れた列の値を消してください。"
    )


def _check_bounds(name: str, text: bytes, max_rows: int, left: int) -> int:
    """How many cells the rectangle around all values has. Refuses one that is too large to be a table: values so far
    from each other take memory for everything between them."""
    letters: set[bytes] = set()
    last_row = 0
    for found in _VALUED.finditer(text):
        letters.add(found[1])
        last_row = max(last_row, int(found[2]))
    last_column = max((column_number(column.decode()) for column in letters), default=0)
    if last_row > max_rows:
        raise UnreadableFile(
            f"「{name}」シートの{last_row:,}行目に値があります。読めるのは{max_rows:,}行までです。"
            "表から離れた値を消すか、シートを分けてください。"
        )
    if last_column > LAST_COLUMN or last_row * last_column > MOST_CELLS:
        raise UnreadableFile(_too_wide(name, last_column))
    if last_row * last_column > left:
        raise UnreadableFile(
            f"値が多すぎます。読めるのは、すべてのシートで{MOST_CELLS:,}セルまでです。分けてください。"
        )
    return last_row * last_column


def _cells(text: bytes) -> Iterator[tuple[int, int, bytes, bytes, bytes]]:
    """(row, column, index of style, type, what stands inside) of every cell; a cell without a name follows the one before."""
    row = column = 0
    for found in _CELL.finditer(text):
        of_row, of_cell, inside = found.groups()
        given = dict(_ATTRIBUTE.findall(of_row if of_row is not None else of_cell))
        if of_row is not None:
            row, column = int(given.get(b"r", row + 1)), 0
            continue
        column += 1
        if reference := given.get(b"r"):
            letters = reference.rstrip(b"0123456789")
            row, column = int(reference[len(letters) :]), column_number(letters.decode())
        yield row, column, given.get(b"s", b""), given.get(b"t", b""), inside or b""


def _sheet(
    calamine: CalamineWorkbook, name: str, text: bytes, scales: dict[int, NumberFormat], zero: datetime.date | None
) -> Sheet:
    found = calamine.get_sheet_by_name(name)
    if found.total_width > LAST_COLUMN:  # of cells that do not say where they stand
        raise UnreadableFile(_too_wide(name, found.total_width))
    areas = found.merged_cell_ranges or ()
    if len(areas) > MOST_MERGED:
        raise UnreadableFile(
            f"「{name}」シートに、結合したセルが{len(areas):,}か所あります。結合を解除してから取り込んでください。"
        )
    rows = [trimmed(row) for row in found.to_python(skip_empty_area=False)]
    for row, line in enumerate(rows, 1):
        for column, value in enumerate(line, 1):
            refuse_long_text(name, row, column, value)
    merged = [
        Area(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in areas
        if (top, left) != (bottom, right)
    ]
    sheet = Sheet(name, rows, merged)
    if scales or _MAY_NEED_A_LOOK.search(text) or any(_MIDNIGHT in row for row in rows):
        for row, column, style, kind, inside in _cells(text):
            _look(sheet, row, column, scales.get(int(style)) if style else None, kind, inside, zero or DAY_ZERO_1904)
            if zero and (before := _NEGATIVE.search(inside)) and _cell(sheet, row, column) == _MIDNIGHT:
                _put(sheet, row, column, zero + datetime.timedelta(days=math.floor(float(before[1]))))
    return sheet


def _look(
    sheet: Sheet, row: int, column: int, scale: NumberFormat | None, kind: bytes, inside: bytes, zero: datetime.date
) -> None:
    """Put right one cell of which calamine tells less than the person saw."""
    stored = _STORED.search(inside)
    if kind == b"e":
        shown = stored[1].decode("utf-8", "replace") if stored else "エラー"
        _put(sheet, row, column, error_cell(shown))
    elif _FORMULA.search(inside) and (stored is None or (not stored[1] and kind != b"str")):
        _put(sheet, row, column, NO_RESULT)
    elif scale is not None and row <= len(sheet.rows) and column <= len(sheet.rows[row - 1]):
        sheet.rows[row - 1][column - 1], note = scale.seen(sheet.rows[row - 1][column - 1], zero)
        if note:
            sheet.note(row, column, note)


def _cell(sheet: Sheet, row: int, column: int) -> Content:
    """What calamine gave for a cell, None outside of it."""
    return sheet.rows[row - 1][column - 1] if row <= len(sheet.rows) and column <= len(sheet.rows[row - 1]) else None


def _put(sheet: Sheet, row: int, column: int, content: Content) -> None:
    """Set a cell that may lie outside what calamine gave, because it holds no value for it."""
    if column > LAST_COLUMN or row > LAST_ROW:
        raise UnreadableFile(DAMAGED)
    sheet.rows.extend([] for _ in range(row - len(sheet.rows)))
    line = sheet.rows[row - 1]
    line.extend([None] * (column - len(line)))
    line[column - 1] = content
