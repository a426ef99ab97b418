"""Words taken out of texts, structures and files: what is looked for, and what stands there afterwards. Knows no model."""

from __future__ import annotations

import codecs
import html
import io
import json
import re
import zipfile

from core.text import fold

MARK = "［個人情報を削除］"
_SHORTER = (MARK, "［削除］", "■")  # where a field has no room; the last is never longer than what it replaces
LEAST = 2  # characters
_ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp")
_WIDE = ("utf-16-le", "utf-16-be")  # also of texts between the binary records of an xls
_MOST_UNPACKED = 20 * 1024 * 1024  # bytes; an office's sheet has some hundred kB, and this thread reads it by itself
_TAG = re.compile(r"<[^>]*>")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)  # the reading above a word in a cell, which parts its runs
_LONG_NUMBER = re.compile(r"&#0*[0-9]{8,};?")  # of no character; Python refuses to count so far


def variants(words: str) -> dict[str, str]:
    """How the words may stand in a stored text, and what takes their place: as they are, and inside of written JSON."""
    found = {words: MARK}
    for is_ascii in (True, False):
        found.setdefault(json.dumps(words, ensure_ascii=is_ascii)[1:-1], json.dumps(MARK, ensure_ascii=is_ascii)[1:-1])
    return found


def count_in_text(text: str, words: str) -> int:
    return sum(text.count(one) for one in variants(words))


def cut_from_text(text: str, words: str, longest: int | None = None) -> str:
    """The text with a mark in place of the words; with a shorter one where the text would grow beyond its field."""
    for mark in _SHORTER:
        cut = text
        for one, in_its_place in variants(words).items():
            cut = cut.replace(one, in_its_place if mark == MARK else mark)
        if longest is None or len(cut) <= longest:
            break
    return cut


def count_in_folded(text: str, words: str) -> int:
    """In a text for searching, which holds all words folded."""
    return text.count(fold(words))


def cut_from_folded(text: str, words: str) -> str:
    return text.replace(fold(words), fold(MARK))


def count_in_structure(value: object, words: str) -> int:
    """In what a JSON field holds: in texts and in names, at any depth."""
    if isinstance(value, str):
        return count_in_text(value, words)
    if isinstance(value, list):
        return sum(count_in_structure(each, words) for each in value)
    if isinstance(value, dict):
        return sum(count_in_structure(each, words) for pair in value.items() for each in pair)
    return 0


def cut_from_structure(value: object, words: str) -> object:
    if isinstance(value, str):
        return cut_from_text(value, words)
    if isinstance(value, list):
        return [cut_from_structure(each, words) for each in value]
    if isinstance(value, dict):
        return {cut_from_text(name, words): cut_from_structure(each, words) for name, each in value.items()}
    return value


class UnopenedFile(Exception):
    """It is damaged, locked or too large, so nobody can tell what it holds."""


def stands_in_file(data: bytes, words: str) -> bool:
    """Whether a file holds the words: a text or a page in the encodings of offices, or a workbook, also where a cell is
    written in several runs. Raises UnopenedFile."""
    if data[:2] != b"PK":
        return any(words.encode(encoding, "ignore") in data for encoding in _WIDE) or any(
            words in _plain(data, encoding) for encoding in _ENCODINGS
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(part.file_size for part in book.infolist()) > _MOST_UNPACKED:
                raise UnopenedFile
            return any(words in _plain(book.read(name)) for name in book.namelist())
    except Exception as error:  # whatever zipfile and its decompressors raise for damaged bytes
        raise UnopenedFile from error


def _plain(part: bytes, encoding: str = "utf-8") -> str:
    """A text with and without its markup."""
    wide = part[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    text = _LONG_NUMBER.sub("\ufffd", part.decode("utf-16" if wide else encoding, "replace"))
    bare = html.unescape(_without(_TAG, ">", _without(_PHONETIC, "</rPh>", text)))
    return f"{html.unescape(text)}\n{bare}"


def _without(what: re.Pattern[str], end: str, text: str) -> str:
    """Behind the last end nothing is looked for: of many beginnings there, each would be followed to the end of the text."""
    before, last, behind = text.rpartition(end)
    return what.sub("", before + last) + behind
