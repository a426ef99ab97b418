"""Reading a workbook (xlsx). Runs in the process that workbooks/confined.py starts: it imports little, and what a hostile
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
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import tostring

from defusedxml import ElementTree
from python_calamine import CalamineWorkbook, SheetTypeEnum

from core.fiscal import era_of
from core.grammar import Content, Faulty
from workbooks import looks
from workbooks.reader import (
    DAMAGED,
    LAST_COLUMN,
    LAST_ROW,
    LONGEST,
    MOST_CELLS,
    UnreadableFile,
    check_file,
    column_letters,
    column_number,
    place,
    refuse_document_type,
)
from workbooks.sheets import Area, Sheet

_MOST_MERGED = 10_000
_LONGEST_NAME = 100  # of a sheet; Excel takes 31 characters


class Opened(NamedTuple):
    begins_1904: bool
    sheets: Iterator[Sheet]


def opened(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int, with_looks: bool = False) -> Opened:
    """The sheets of a workbook, each read when it is asked for. Raises UnreadableFile, then too. `with_looks`: and what they
    hide and strike out."""
    check_file(data, max_bytes=max_bytes, max_unpacked=max_unpacked)
    with refusing(DAMAGED):
        data = _in_utf8(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
            scales = _scales(archive)
            struck = looks.struck_in(archive) if with_looks else None
    return Opened(parts.begins_1904, _sheets(data, parts, scales, max_rows, struck))


def _sheets(
    data: bytes, parts: _Parts, scales: dict[int, _Scale], max_rows: int, struck: looks.Struck | None
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
                    sheet = _sheet(calamine, name, text, scales, None if parts.begins_1904 else _DAY_ZERO)
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


@contextmanager
def refusing(reason: str) -> Iterator[None]:
    """Turn whatever a damaged file makes the libraries raise into the refusal."""
    try:
        yield
    except UnreadableFile:
        raise
    except BaseException as error:
        # Where calamine's own code gives up it raises something outside Exception, of a class that cannot be imported.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise UnreadableFile(reason) from error
        raise


# What a workbook consists of


class _Parts(NamedTuple):
    paths: dict[str, str]  # sheet → part of the archive
    begins_1904: bool
    hidden: set[str]  # sheets


def _local(tag: str) -> str:
    """A name without its namespace: Strict Open XML has another one."""
    return tag.rpartition("}")[2]


def _attributes(element: ElementTree) -> dict[str, str]:
    return {_local(name): value for name, value in element.attrib.items()}


def _parts(archive: zipfile.ZipFile) -> _Parts:
    targets = {}
    for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        found = _attributes(relation)
        if found.get("Type", "").endswith("/worksheet"):
            target = found["Target"]
            targets[found["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    paths = {}
    hidden = set()
    begins_1904 = False
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        found = _attributes(element)
        match _local(element.tag):
            case "sheet" if found.get("id") in targets:
                if len(found["name"]) > _LONGEST_NAME:
                    raise UnreadableFile(DAMAGED)
                paths[found["name"]] = targets[found["id"]]
                if found.get("state", "visible") != "visible":
                    hidden.add(found["name"])
            case "workbookPr":
                begins_1904 = found.get("date1904", "0") in ("1", "true")
    return _Parts(paths, begins_1904, hidden)


# Numbers that are shown otherwise than they are stored


class _Scale(NamedTuple):
    """A number format that shows a number multiplied: 68.1 % for 0.681, 1,234 for 1234000. With `era`: that shows of a day
    the year of its era and nothing else, which calamine does not take for a day."""

    factor: Decimal
    shown: str
    era: str = ""


_PERCENT = _Scale(Decimal(100), "百分率（%）")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ERA_ALONE = re.compile(r"\s*g{0,3}e{1,2}[^\w.,%]*", re.IGNORECASE)
_OF_ERA = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.|(g+)|(e+)|(.)', re.IGNORECASE | re.DOTALL)
_THOUSANDS = re.compile(r"[0#?](,+)(?![0#?,])")


def _scale_of(code: str) -> _Scale | None:
    """The scale of a number format by its code; only the first section, for positive numbers, counts."""
    first = _QUOTED.sub("", code).partition(";")[0]
    if "%" in first:
        return _PERCENT
    if _ERA_ALONE.fullmatch(first):
        return _Scale(Decimal(1), "", code.partition(";")[0])
    if found := _THOUSANDS.search(first):
        thousands = len(found[1])
        return _Scale(Decimal(1000) ** -thousands, f"{'千' if thousands == 1 else '百万'}単位")
    return None


def _as_era(code: str, day: datetime.date) -> str:
    """A day as its format shows it: ggge"年度" and 2012-04-01 as 平成24年度."""
    era = era_of(day)

    def part(found: re.Match[str]) -> str:
        quoted, escaped, name, year, other = found.groups()
        if name:
            return era.letter if len(name) == 1 else era.name[: len(name) - 1]
        return str(day.year - era.first_day.year + 1) if year else quoted or escaped or other or ""

    return _OF_ERA.sub(part, code).strip()


def _scales(archive: zipfile.ZipFile) -> dict[int, _Scale]:
    """Index of a cell's style → how its number is shown, where that is not how it is stored."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    codes = {9: "0%", 10: "0.00%"}
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    found: dict[int, _Scale] = {}
    for element in styles.iter():
        if _local(element.tag) == "numFmt":
            attributes = _attributes(element)
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
    for group in styles:
        if _local(group.tag) == "cellXfs":
            for index, style in enumerate(group):
                code = codes.get(int(_attributes(style).get("numFmtId", "0")), "")
                if scale := _scale_of(code):
                    found[index] = scale
    return found


# What stands in the XML of a sheet

_VALUED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
# LibreOffice and others store a day before 1900 as a negative number, of which calamine makes midnight. In the calendar
# of 1904 programs do not agree what it means: there it stays, and is refused as a day.
_DAY_ZERO = datetime.date(1899, 12, 30)
_DAY_ZERO_1904 = datetime.date(1904, 1, 1)
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
        attributes = dict(_ATTRIBUTE.findall(of_row if of_row is not None else of_cell))
        if of_row is not None:
            row, column = int(attributes.get(b"r", row + 1)), 0
            continue
        column += 1
        if reference := attributes.get(b"r"):
            letters = reference.rstrip(b"0123456789")
            row, column = int(reference[len(letters) :]), column_number(letters.decode())
        yield row, column, attributes.get(b"s", b""), attributes.get(b"t", b""), inside or b""


def _sheet(
    calamine: CalamineWorkbook, name: str, text: bytes, scales: dict[int, _Scale], zero: datetime.date | None
) -> Sheet:
    found = calamine.get_sheet_by_name(name)
    if found.total_width > LAST_COLUMN:  # of cells that do not say where they stand
        raise UnreadableFile(_too_wide(name, found.total_width))
    areas = found.merged_cell_ranges or ()
    if len(areas) > _MOST_MERGED:
        raise UnreadableFile(
            f"「{name}」シートに、結合したセルが{len(areas):,}か所あります。結合を解除してから取り込んでください。"
        )
    rows = [trimmed(row) for row in found.to_python(skip_empty_area=False)]
    _refuse_long_texts(name, rows)
    merged = [
        Area(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in areas
        if (top, left) != (bottom, right)
    ]
    sheet = Sheet(name, rows, merged)
    if scales or _MAY_NEED_A_LOOK.search(text) or any(_MIDNIGHT in row for row in rows):
        for row, column, style, kind, inside in _cells(text):
            _look(sheet, row, column, scales.get(int(style)) if style else None, kind, inside, zero or _DAY_ZERO_1904)
            if zero and (before := _NEGATIVE.search(inside)) and _cell(sheet, row, column) == _MIDNIGHT:
                _put(sheet, row, column, zero + datetime.timedelta(days=math.floor(float(before[1]))))
    return sheet


def _refuse_long_texts(name: str, rows: list[list[Content]]) -> None:
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            if isinstance(value, str) and len(value) > LONGEST:
                raise UnreadableFile(f"{place(name, row, column)}: 1つのセルに入れられるのは{LONGEST:,}文字までです。")


def trimmed(row: Iterable[Content]) -> list[Content]:
    """Without what is empty behind its last value."""
    cells: list[Content] = [None if value == "" else value for value in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _look(
    sheet: Sheet, row: int, column: int, scale: _Scale | None, kind: bytes, inside: bytes, zero: datetime.date
) -> None:
    """Put right one cell of which calamine tells less than the person saw."""
    stored = _STORED.search(inside)
    if kind == b"e":
        shown = stored[1].decode("utf-8", "replace") if stored else "エラー"
        _put(sheet, row, column, Faulty(shown, f"エラー（{shown}）です。正しい値に直すか、空欄にしてください。"))
    elif _FORMULA.search(inside) and (stored is None or (not stored[1] and kind != b"str")):
        reason = "計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。"
        _put(sheet, row, column, Faulty("数式", reason))
    elif scale is not None and row <= len(sheet.rows) and column <= len(sheet.rows[row - 1]):
        value = sheet.rows[row - 1][column - 1]
        if isinstance(value, int | float) and not isinstance(value, bool):
            if scale.era:
                with suppress(ValueError, OverflowError):  # no day of an era: it stays a number
                    day = zero + datetime.timedelta(days=math.floor(value))
                    sheet.rows[row - 1][column - 1] = _as_era(scale.era, day)
                return
            seen = (Decimal(f"{value:.15g}") * scale.factor).normalize()
            seen = Decimal(f"{seen:f}")
            sheet.rows[row - 1][column - 1] = seen
            sheet.notes[row, column] = f"{scale.shown}の書式で表示されている値を、表示のとおり {seen:f} と読みました。"


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
