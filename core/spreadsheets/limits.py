"""Workbooks that people send: opened only if they are what they claim to be, or refused with a reason that says what to do.

Knows no app, and imports little: the process that reads a file starts with it.
"""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

from defusedxml import ElementTree
from defusedxml.common import DTDForbidden

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200  # of a file, or of a part of it, that is large when unpacked; real sheets stay below 60
LARGE_PART = 20 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 20_000
LAST_COLUMN, LAST_ROW = 1_000, 1_048_576  # a table is not wider, and no workbook is longer
MOST_CELLS = 1_500_000  # of a file, by the rectangles around its values; a plan of 6,200 items has 285,000
MOST_SHEETS, MOST_MERGED = 200, 10_000  # of a file, of a sheet
MOST_NOTED = (
    100_000  # cells of a sheet of which there is more to say than their value; a plan of 6,200 items has 31,000 rates
)
LONGEST = 32_767  # characters that a cell of Excel takes
_PROLOG = 64 * 1024  # bytes of a part within which its first element begins; Excel needs some hundred

_HOW = "Excelで開けるか確かめ、xlsx形式で保存し直してください。"
_NO_XLSX = f"Excelのファイル（xlsx）として読めません。{_HOW}"
DAMAGED = f"ファイルが壊れていて読めません。{_HOW}"
TOO_LARGE = "ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。"
LOCKED = "パスワードで保護されたファイルです。パスワードを外して保存し直してください。"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what begins an old xls, and an xlsx with a password
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class UnreadableFile(ValueError):
    """The file cannot be taken in; the message says where and what to do."""


def check_size(size: int, max_bytes: int = MAX_BYTES) -> None:
    if size > max_bytes:
        raise UnreadableFile(f"ファイルは{max_bytes // 1024 // 1024}MBまでです。不要なシートや画像を消してください。")


def check_file(data: bytes, *, max_bytes: int = MAX_BYTES, max_unpacked: int = MAX_UNPACKED) -> None:
    """Refuse what is no workbook, is encrypted, too large, or would unpack to something too large.

    The sizes that a zip file states bound what is read from it: a part is never read beyond its stated size.
    """
    check_size(len(data), max_bytes)
    if not data:
        raise UnreadableFile("ファイルが空です（0バイト）。ファイルを選び直してください。")
    if is_ole(data):
        if is_locked(data):
            raise UnreadableFile(LOCKED)
        raise UnreadableFile("古い形式（xls）のファイルです。Excelで開き、xlsx形式で保存し直してください。")
    if not data.startswith(b"PK"):
        if b"\x00" not in data[:4096]:
            raise UnreadableFile("文字だけのファイル（CSVなど）です。Excelのファイル（xlsx）にしてください。")
        raise UnreadableFile(_NO_XLSX)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_parts(packed, max_unpacked)
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(DAMAGED) from error


def is_ole(data: bytes) -> bool:
    """Whether this is an old xls, or an xlsx with a password."""
    return data.startswith(_OLE)


def is_ods(data: bytes) -> bool:
    """Whether this is an OpenDocument spreadsheet: the part `mimetype` says so, which is the first and not compressed until
    another program packs it again."""
    if not data.startswith(b"PK") or _ODS in data[:200]:
        return data.startswith(b"PK")
    with suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open("mimetype") as kind:
        return kind.read(len(_ODS)) == _ODS
    return False


def is_locked(data: bytes) -> bool:
    """Whether an old container holds a workbook with a password."""
    return _ENCRYPTED in data


def check_packed(data: bytes, max_unpacked: int) -> None:
    """Refuse a packed file that is encrypted or would unpack to something too large, whatever is in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_sizes(packed, max_unpacked)
            for part in packed.infolist():
                if part.filename.endswith(".xml"):
                    with packed.open(part) as content:
                        refuse_document_type(part.filename, content.read(_PROLOG))
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(DAMAGED) from error


def _check_parts(packed: zipfile.ZipFile, max_unpacked: int) -> None:
    _check_sizes(packed, max_unpacked)
    parts = packed.infolist()
    names = {part.filename for part in parts}
    if "xl/vbaProject.bin" in names:
        raise UnreadableFile("マクロ付きのファイルです。マクロのない xlsx形式で保存し直してください。")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise UnreadableFile(_NO_XLSX)
    for part in parts:
        if not part.filename.endswith(".svg"):  # a picture may have a document type, and nobody opens it here
            with packed.open(part) as content:
                refuse_document_type(part.filename, content.read(_PROLOG))


def _check_sizes(packed: zipfile.ZipFile, max_unpacked: int) -> None:
    parts = packed.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(LOCKED)
    sizes = [(part.file_size, part.compress_size) for part in parts]
    whole = sum(size for size, _ in sizes), sum(packed for _, packed in sizes)
    if (
        len(parts) > MAX_PARTS
        or whole[0] > max_unpacked
        or any(size > LARGE_PART and size > MAX_RATIO * max(packed, 1) for size, packed in (whole, *sizes))
    ):
        raise UnreadableFile(TOO_LARGE)


def refuse_document_type(name: str, start: bytes) -> None:
    """Refuse XML with a document type, in any encoding: Excel never writes one, and it could hold entities without end.

    It can only stand before the first element, so the start of a part tells. What is no XML at all is left to whoever
    reads it.
    """
    try:
        next(ElementTree.iterparse(io.BytesIO(start), events=("start",), forbid_dtd=True))
    except DTDForbidden as error:
        raise UnreadableFile(DAMAGED) from error
    except (ElementTree.ParseError, ValueError) as error:
        if len(start) == _PROLOG and name.endswith((".xml", ".rels")):
            raise UnreadableFile(DAMAGED) from error  # no element has begun: what does it hide?


def place(sheet: str, row: int, column: int) -> str:
    """「報告」シート F12; row and column count from 1."""
    return f"「{sheet}」シート {column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """1 → A, 28 → AB. (openpyxl has it too, and takes a quarter of a second to import.)"""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 1, AB → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
