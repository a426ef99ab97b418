"""What a list was filled with, so that an old one undoes nobody's work: a mark of every cell, in one column of its own.

A file that people made has no such column; then the preview says that it can't tell their changes from those of others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

COLUMN = "書き出したときの印"
_LENGTH = 4  # characters of one mark: three bytes


def _mark(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:3]).decode()


def stamp(texts: Sequence[str]) -> str:
    """The marks of the cells of a row, in the order of the columns."""
    return "".join(map(_mark, texts))


class Stamp:
    """The marks of a row that came back. Raises ValueError for what `stamp` did not write."""

    def __init__(self, written: str, cells: int) -> None:
        if len(written) != cells * _LENGTH:
            raise ValueError(
                f"「{COLUMN}」の欄が、書き出したときの値と違います。もう一度書き出した一覧に、変えるところを写してください。"
            )
        self._marks = [written[start : start + _LENGTH] for start in range(0, len(written), _LENGTH)]

    def seen(self, place: int, *texts: str) -> str:
        """What stood in a cell: that of `texts` which has its mark, or a text that is none of them."""
        mark = self._marks[place]
        return next((text for text in texts if _mark(text) == mark), f"\x00{mark}")
