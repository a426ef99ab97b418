"""Workbooks that people send: opened only if they are what they claim to be, or refused with a reason that says what to do.

Knows no app. What is in them reads workbooks/sheets.py.
"""

from __future__ import annotations

import io
import zipfile

from defusedxml import ElementTree
from defusedxml.common import DTDForbidden
from openpyxl.utils import get_column_letter

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200  # of a part that is large when unpacked; real sheets stay below 60
LARGE_PART = 20 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 20_000
_PROLOG = 64 * 1024  # bytes of a part within which its first element begins; Excel needs some hundred

_HOW = "Excelで開けるか確かめ、xlsx形式で保存し直してください。"
_NO_XLSX = f"Excelのファイル（xlsx）として読めません。{_HOW}"
DAMAGED = f"ファイルが壊れていて読めません。{_HOW}"
_LOCKED = "パスワードで保護されたファイルです。パスワードを外して保存し直してください。"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what begins an old xls, and an xlsx with a password
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
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile(_LOCKED)
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


def _check_parts(packed: zipfile.ZipFile, max_unpacked: int) -> None:
    parts = packed.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(_LOCKED)
    too_much = len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > max_unpacked
    if too_much or any(
        part.file_size > LARGE_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
    ):
        raise UnreadableFile("ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。")
    if "xl/vbaProject.bin" in names:
        raise UnreadableFile("マクロ付きのファイルです。マクロのない xlsx形式で保存し直してください。")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise UnreadableFile(_NO_XLSX)
    for part in parts:
        if not part.filename.endswith(".svg"):  # a picture may have a document type, and nobody opens it here
            with packed.open(part) as content:
                refuse_document_type(part.filename, content.read(_PROLOG))


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
    return f"「{sheet}」シート {get_column_letter(column)}{row}"
