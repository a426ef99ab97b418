"""The cells of workbooks that people send, as the person saw them: one reader for every door.

Values and merged areas come from python-calamine. What it does not tell is looked for in the XML itself, and only where it
is there: numbers shown as percent or in thousands, formulas without a stored result, errors. Knows no app.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import tostring

from defusedxml import ElementTree
from openpyxl.utils import column_index_from_string, get_column_letter
from python_calamine import CalamineWorkbook, SheetTypeEnum

from core.grammar import Content, Faulty
from workbooks.reader import DAMAGED, UnreadableFile, check_file, place, refuse_document_type

MOST_CELLS = 20_000_000  # of the rectangle around all values of a sheet; a plan of 6,200 items takes a twentieth


class Area(NamedTuple):
    """Merged cells, by rows and columns counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{get_column_letter(self.left)}{self.top}:{get_column_letter(self.right)}{self.bottom}"


@dataclass
class Sheet:
    """One sheet from A1 on: `rows` all of one length, empty cells None. `notes` say of converted cells what was shown,
    by (row, column) counted from 1."""

    name: str
    rows: list[list[Content]]
    merged: list[Area] = field(default_factory=list)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)

    def place(self, row: int, column: int) -> str:
        return place(self.name, row, column)

    def merged_below(self, row: int) -> list[Area]:
        """Areas that reach below a row. In a table they would leave all cells but the first without their value."""
        return sorted(area for area in self.merged if area.bottom > row)


@dataclass
class Book:
    sheets: dict[str, Sheet]
    begins_1904: bool = False  # the calendar in which bare numbers count days

    @property
    def names(self) -> list[str]:
        return list(self.sheets)


def read_book(data: bytes, *, max_bytes: int, max_unpacked: int, max_rows: int) -> Book:
    """Read every sheet. Raises UnreadableFile, with a Japanese reason, for what is no workbook or too large."""
    check_file(data, max_bytes=max_bytes, max_unpacked=max_unpacked)
    with _refusing(DAMAGED):
        data = _in_utf8(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive)
            scales = _scales(archive)
            book = Book({}, begins_1904=parts.begins_1904)
            texts = {name: archive.read(path) for name, path in parts.paths.items()}
        for name, text in texts.items():
            refuse_document_type(parts.paths[name], text)  # whatever the part is called
            _check_bounds(name, text, max_rows)
        calamine = CalamineWorkbook.from_filelike(io.BytesIO(data))
        kinds = {meta.name: meta.typ for meta in calamine.sheets_metadata}
        for name, text in texts.items():
            if kinds.get(name) is SheetTypeEnum.WorkSheet:
                with _refusing(f"「{name}」シートが壊れています。Excelで開いて保存し直してください。"):
                    book.sheets[name] = _sheet(calamine, name, text, scales)
    return book


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
def _refusing(reason: str) -> Iterator[None]:
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
    begins_1904 = False
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        found = _attributes(element)
        match _local(element.tag):
            case "sheet" if found.get("id") in targets:
                paths[found["name"]] = targets[found["id"]]
            case "workbookPr":
                begins_1904 = found.get("date1904", "0") in ("1", "true")
    return _Parts(paths, begins_1904)


# Numbers that are shown otherwise than they are stored


class _Scale(NamedTuple):
    """A number format that shows a number multiplied: 68.1 % for 0.681, 1,234 for 1234000."""

    factor: Decimal
    shown: str


_PERCENT = _Scale(Decimal(100), "百分率（%）")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_THOUSANDS = re.compile(r"[0#?](,+)(?![0#?,])")


def _scale_of(code: str) -> _Scale | None:
    """The scale of a number format by its code; only the first section, for positive numbers, counts."""
    first = _QUOTED.sub("", code).partition(";")[0]
    if "%" in first:
        return _PERCENT
    if found := _THOUSANDS.search(first):
        thousands = len(found[1])
        return _Scale(Decimal(1000) ** -thousands, f"{'千' if thousands == 1 else '百万'}単位")
    return None


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
_MAY_NEED_A_LOOK = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_CELL = re.compile(
    rb"""<(?:\w+:)?row\b([^>]*?)/?>|<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""\b(r|s|t)=["']([^"']*)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_STORED = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^>]*>(.*?)</(?:\w+:)?(?:v|is)>", re.DOTALL)


def _check_bounds(name: str, text: bytes, max_rows: int) -> None:
    """Refuse a sheet whose values lie so far from each other that the rectangle around them fits into no memory."""
    letters: set[bytes] = set()
    last_row = 0
    for column, row in _VALUED.findall(text):
        letters.add(column)
        last_row = max(last_row, int(row))
    last_column = max((column_index_from_string(column.decode()) for column in letters), default=0)
    if last_row > max_rows:
        raise UnreadableFile(
            f"「{name}」シートの{last_row:,}行目に値があります。読めるのは{max_rows:,}行までです。"
            "表から離れた値を消すか、シートを分けてください。"
        )
    if last_row * last_column > MOST_CELLS:
        column = get_column_letter(last_column)
        raise UnreadableFile(
            f"「{name}」シートの{column}列に値があり、表が広すぎます。表から離れた列の値を消してください。"
        )


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
            row, column = int(reference[len(letters) :]), column_index_from_string(letters.decode())
        yield row, column, attributes.get(b"s", b""), attributes.get(b"t", b""), inside or b""


def _sheet(calamine: CalamineWorkbook, name: str, text: bytes, scales: dict[int, _Scale]) -> Sheet:
    found = calamine.get_sheet_by_name(name)
    rows: list[list[Content]] = [
        [None if value == "" else value for value in row] for row in found.to_python(skip_empty_area=False)
    ]
    merged = [
        Area(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in found.merged_cell_ranges or ()
        if (top, left) != (bottom, right)
    ]
    sheet = Sheet(name, rows, merged)
    if scales or _MAY_NEED_A_LOOK.search(text):
        for row, column, style, kind, inside in _cells(text):
            _look(sheet, row, column, scales.get(int(style)) if style else None, kind, inside)
    return sheet


def _look(sheet: Sheet, row: int, column: int, scale: _Scale | None, kind: bytes, inside: bytes) -> None:
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
            seen = (Decimal(f"{value:.15g}") * scale.factor).normalize()
            seen = Decimal(f"{seen:f}")
            sheet.rows[row - 1][column - 1] = seen
            sheet.notes[row, column] = f"{scale.shown}の書式で表示されている値を、表示のとおり {seen:f} と読みました。"


def _put(sheet: Sheet, row: int, column: int, content: Content) -> None:
    """Set a cell that may lie outside what calamine gave, because it holds no value for it."""
    width = max(column, len(sheet.rows[0]) if sheet.rows else 0)
    sheet.rows.extend([] for _ in range(row - len(sheet.rows)))
    for line in sheet.rows:
        line.extend([None] * (width - len(line)))
    sheet.rows[row - 1][column - 1] = content
