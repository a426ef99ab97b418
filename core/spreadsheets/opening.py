"""What the readers of all formats share (xlsx, xls, ods, tables of pages). Runs in the process that core/spreadsheets/confined.py starts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

from defusedxml import ElementTree

from core.grammar import Content, Faulty
from core.spreadsheets.limits import LONGEST, UnreadableFile, place
from core.spreadsheets.sheets import Sheet

DAY_ZERO = datetime.date(1899, 12, 30)
DAY_ZERO_1904 = datetime.date(1904, 1, 1)
NO_RESULT = Faulty(
    "数式",
    "計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。",
)


class Opened(NamedTuple):
    begins_1904: bool
    sheets: Iterator[Sheet]


@contextmanager
def refusing(reason: str) -> Iterator[None]:
    """Turn whatever a damaged file makes the libraries raise into the refusal."""
    try:
        yield
    except (UnreadableFile, MemoryError):
        raise
    except BaseException as error:
        # Where calamine's own code gives up it raises something outside Exception, of a class that cannot be imported.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise UnreadableFile(reason) from error
        raise


@lru_cache(maxsize=1_000)
def local(tag: str) -> str:
    """A name without its namespace: Strict Open XML has another one."""
    return tag.rpartition("}")[2]


def attributes(element: ElementTree) -> dict[str, str]:
    return {local(name): value for name, value in element.attrib.items()}


def trimmed(row: Iterable[Content]) -> list[Content]:
    """Without what is empty behind its last value."""
    cells: list[Content] = [None if value == "" else value for value in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def error_cell(shown: str) -> Faulty:
    return Faulty(shown, f"エラー（{shown}）です。正しい値に直すか、空欄にしてください。")


def refuse_long_text(sheet: str, row: int, column: int, value: Content) -> None:
    """More than a cell of Excel takes is refused with its place."""
    if isinstance(value, str) and len(value) > LONGEST:
        raise UnreadableFile(f"{place(sheet, row, column)}: 1つのセルに入れられるのは{LONGEST:,}文字までです。")
