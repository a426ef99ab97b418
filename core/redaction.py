"""Words taken out of texts, structures and files: what is looked for, and what stands there afterwards. Knows no model."""

from __future__ import annotations

import codecs
import html
import io
import json
import re
import zipfile
from functools import lru_cache
from html.entities import html5

from core.text import fold

MARK = "［個人情報を削除］"
_SHORTER = (MARK, "［削除］", "■")  # where a field has no room; the last is never longer than what it replaces
LEAST = 2  # characters
_ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp")
_WIDE = ("utf-16-le", "utf-16-be")  # also of texts between the binary records of an xls
_MOST_UNPACKED = 20 * 1024 * 1024  # bytes; an office's sheet has some hundred kB, and this thread reads it by itself
_TAG = re.compile(r"<[^>]*>")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)  # the reading above a word in a cell, which parts its runs


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
    written = _written(words)
    if data[:2] != b"PK":
        texts = {_decoded(data, encoding) for encoding in _ENCODINGS}  # most are the same in several
        return any(words.encode(encoding, "ignore") in data for encoding in _WIDE) or any(
            _stands_in(text, written) for text in texts
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(part.file_size for part in book.infolist()) > _MOST_UNPACKED:
                raise UnopenedFile
            return any(_stands_in(_decoded(book.read(name)), written) for name in book.namelist())
    except Exception as error:  # whatever zipfile and its decompressors raise for damaged bytes
        raise UnopenedFile from error


def _decoded(part: bytes, encoding: str = "utf-8") -> str:
    wide = part[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return part.decode("utf-16" if wide else encoding, "replace")


def _stands_in(text: str, written: re.Pattern[str]) -> bool:
    """With its markup, or without it."""
    bare = _without(_TAG, ">", _without(_PHONETIC, "</rPh>", text))
    return written.search(text) is not None or (bare != text and written.search(bare) is not None)


@lru_cache(maxsize=1)
def _written(words: str) -> re.Pattern[str]:
    """The words, each character as it is or as a reference of HTML.

    A file is not read as HTML for that: ten million of `&a` would be looked up one by one, for a minute.
    """
    return re.compile("".join(map(_character, words)))


def _character(one: str) -> str:
    numbers = [number for number in (ord(one), *range(128, 160)) if html.unescape(f"&#{number};") == one]
    references = [f"#0*{number}(?![0-9]);?" for number in numbers]
    references += [f"#[xX]0*(?i:{number:x})(?![0-9a-fA-F]);?" for number in numbers]
    references += [re.escape(name) for name, meaning in html5.items() if meaning == one]
    return f"(?:{re.escape(one)}|&(?:{'|'.join(references)}))" if references else re.escape(one)


def _without(what: re.Pattern[str], end: str, text: str) -> str:
    """Behind the last end nothing is looked for: of many beginnings there, each would be followed to the end of the text."""
    before, last, behind = text.rpartition(end)
    return what.sub("", before + last) + behind
