"""A plan workbook read from an Excel file: tables as they stand there, and what makes them unusable.

A file that is no workbook, or may harm the server, is refused as a whole before it is parsed. What is wrong inside
(formulas, errors, merged cells) is told with sheet, row and column, together with everything that the comparison finds.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from core.text import clean_code
from workbooks.plan import former
from workbooks.plan.changes import Problem, RawTable, show_cell
from workbooks.plan.columns import Unusable
from workbooks.plan.sheets import BY_NAME
from workbooks.plan.writing import README
from workbooks.reader import DAMAGED, SheetCell, UnreadableFile, open_safely

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_ROWS = 200_000

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z0-9:]+)\"")


@dataclass
class Book:
    tables: list[RawTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_book(data: bytes) -> Book:
    """Read a file. Raises UnreadableFile with a Japanese reason; problems inside are in the result."""
    book = Book()
    workbook = open_safely(data, max_bytes=MAX_BYTES, max_unpacked=MAX_UNPACKED)
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            warnings.simplefilter("ignore")  # cells that openpyxl cannot read come as errors, and are refused as such
            for sheet in workbook.worksheets:
                if isinstance(sheet, ReadOnlyWorksheet) and sheet.title.upper() != README:
                    _read_sheet(sheet, archive, book)
    except Exception as error:  # openpyxl fails in many ways on a damaged sheet
        raise UnreadableFile(DAMAGED) from error
    finally:
        workbook.close()
    return book


def _read_sheet(sheet: ReadOnlyWorksheet, archive: zipfile.ZipFile, book: Book) -> None:
    name = sheet.title
    if name not in BY_NAME:
        book.tables.append(RawTable(name, (), ()))  # refused by name, so what it holds does not matter
        return
    before = len(book.problems)
    for area in _merged(archive, sheet._worksheet_path):  # type: ignore[attr-defined]
        book.problems.append(
            Problem(name, 0, "", area, "結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。")
        )
    sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    lines = sheet.rows
    columns = _columns(next(lines, ()))
    if not any(columns):
        if len(book.problems) == before:
            message = "1行目に列の名前がありません。書き出したブックと同じ列の名前を1行目に入れてください。"
            book.problems.append(Problem(name, 1, "", "", message))
        return
    rows: list[tuple[int, dict[str, object]]] = []
    for number, line in enumerate(lines, start=2):
        cells = [_value(cell) for cell in line]
        if all(cell is None for cell in cells):
            continue
        if len(rows) >= MAX_ROWS:
            message = f"行が多すぎます。1枚のシートは{MAX_ROWS:,}行までです。ブックを分けてください。"
            book.problems.append(Problem(name, number, "", "", message))
            break
        for index, cell in enumerate(cells):
            if cell is not None and not (index < len(columns) and columns[index]):
                letter = get_column_letter(index + 1)
                message = "1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。"
                book.problems.append(Problem(name, number, letter, show_cell(cell), message))
        row: dict[str, object] = dict.fromkeys(columns)
        row.update(zip(columns, cells, strict=False))
        row.pop("", None)
        rows.append((number, row))
    read = RawTable(name, tuple(column for column in columns if column), tuple(rows))
    book.tables += former.today(read)


def _columns(header: tuple[SheetCell, ...]) -> list[str]:
    names = [clean_code("" if cell.value is None else str(cell.value)) for cell in header]
    while names and not names[-1]:
        names.pop()
    return names


def _value(cell: SheetCell) -> object:
    value = cell.value
    if cell.data_type == "f":
        shown = value if isinstance(value, str) else "数式"
        return Unusable(shown, "数式は使えません。計算の結果を値として貼り付けてください。")
    if cell.data_type == "e":
        return Unusable(str(value), "Excel のエラー値です。正しい値に直すか、空欄にしてください。")
    return None if value == "" else value


def _merged(archive: zipfile.ZipFile, path: str) -> list[str]:
    """Areas of merged cells. They stand behind the cells, where openpyxl's row reader does not come."""
    found: list[str] = []
    tail = b""
    with archive.open(path) as part:
        while block := part.read(1 << 20):
            tail += block
            found += [match.decode() for match in _MERGED.findall(tail)]
            last = tail.rfind(b"<")
            tail = tail[last:] if last >= 0 else b""
    return list(dict.fromkeys(found))  # one that ends a block is found again in the next
