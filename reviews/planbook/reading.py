"""A plan workbook read from an Excel file: tables as they stand there, and what makes them unusable.

A file that is no workbook, or may harm the server, is refused as a whole before it is parsed. What is wrong inside
(formulas, errors, merged cells) is told with sheet, row and column, together with everything that the comparison finds.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from kodaira_reform.text import clean_code
from reviews.planbook.changes import Problem, RawTable, show_cell
from reviews.planbook.columns import Unusable
from reviews.planbook.sheets import BY_NAME
from reviews.planbook.writing import README

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200  # of a part that is large when unpacked; real sheets stay below 60
LARGE_PART = 20 * 1024 * 1024
MAX_PARTS = 1_000
MAX_ROWS = 200_000

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z0-9:]+)\"")
_DOCTYPE = b"<!DOCTYPE"
_HOW = "Excel で開けるか確かめ、xlsx 形式で保存し直してください。"


class Unreadable(Exception):
    """The file is no plan workbook; the message says why and what to do."""


@dataclass
class Book:
    tables: list[RawTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_book(data: bytes) -> Book:
    """Read a file. Raises Unreadable with a Japanese reason; problems inside are in the result."""
    check_file(data)
    book = Book()
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know are of no concern
            workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            try:
                for sheet in workbook.worksheets:
                    if sheet.title.upper() != README:
                        _read_sheet(sheet, archive, book)
            finally:
                workbook.close()
    except Unreadable:
        raise
    except Exception as error:  # openpyxl fails in many ways on a damaged file
        raise Unreadable(f"ファイルが壊れていて読めません。{_HOW}") from error
    return book


def check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise Unreadable(f"ファイルが大きすぎます。{MAX_BYTES // 1024 // 1024}MB までのファイルにしてください。")


def check_file(data: bytes) -> None:
    """Refuse what is no workbook or too large, without parsing it."""
    if not data:
        raise Unreadable("ファイルが空です（0バイト）。取り込む計画ブックを選び直してください。")
    check_size(len(data))
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Unreadable("パスワードで保護されたファイルです。パスワードを外して保存し直してください。")
        raise Unreadable("古い形式（xls）のファイルです。Excel で開き、xlsx 形式で保存し直してください。")
    if not data.startswith(b"PK"):
        if b"\x00" not in data[:4096]:
            raise Unreadable(
                "文字だけのファイル（CSV など）です。計画ブックは Excel のブック（xlsx）で取り込んでください。"
            )
        raise Unreadable(f"Excel のブック（xlsx）ではありません。{_HOW}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise Unreadable(f"ファイルが壊れていて読めません。{_HOW}") from error


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("パスワードで保護されたファイルです。パスワードを外して保存し直してください。")
    too_much = len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED
    if too_much or any(
        part.file_size > LARGE_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
    ):
        raise Unreadable("ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。")
    if "xl/vbaProject.bin" in names:
        raise Unreadable("マクロ付きのブックです。マクロのない xlsx 形式で保存し直してください。")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Unreadable(f"Excel のブック（xlsx）ではありません。{_HOW}")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as content:
                if _DOCTYPE in content.read(2048).upper():
                    raise Unreadable(f"ファイルが壊れていて読めません。{_HOW}")


def _read_sheet(sheet: Any, archive: zipfile.ZipFile, book: Book) -> None:
    name = sheet.title
    if name not in BY_NAME:
        book.tables.append(RawTable(name, (), ()))  # refused by name, so what it holds does not matter
        return
    before = len(book.problems)
    for area in _merged(archive, sheet._worksheet_path):
        book.problems.append(
            Problem(name, 0, "", area, "結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。")
        )
    sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    lines = sheet.iter_rows()
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
                letter = openpyxl.utils.get_column_letter(index + 1)
                message = "1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。"
                book.problems.append(Problem(name, number, letter, show_cell(cell), message))
        row: dict[str, object] = dict.fromkeys(columns)
        row.update(zip(columns, cells, strict=False))
        row.pop("", None)
        rows.append((number, row))
    book.tables.append(RawTable(name, tuple(column for column in columns if column), tuple(rows)))


def _columns(header: tuple[Any, ...]) -> list[str]:
    names = [clean_code("" if cell.value is None else str(cell.value)) for cell in header]
    while names and not names[-1]:
        names.pop()
    return names


def _value(cell: Any) -> object:
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
