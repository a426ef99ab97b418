"""Words in charts (core/plots.py): about how wide they are, and which of them stand free of each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.text import display_width

LETTER, DIGIT, NARROW = 13.5, 7.6, 4  # the widths of a kanji, of a digit, and of a comma, a point or a minus
ASCENT, DESCENT = 11.5, 2.5  # of a line of words, from its baseline


def width_of(text: str) -> float:
    """About as wide as the letters are in the picture."""
    return sum(
        DIGIT if letter.isdigit() else NARROW if letter in ",.-" else LETTER / 2 * display_width(letter)
        for letter in text
    )


class Box(NamedTuple):
    """The place that something takes in a chart."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, others: Iterable[Box]) -> bool:
        """Whether any of them covers a part of it."""
        return any(
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
            for other in others
        )

    def is_in(self, other: Box) -> bool:
        """Whether it lies in the other one as a whole."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


class Label(NamedTuple):
    """A line of words in a chart or below it; `x` is its middle, `y` its baseline."""

    x: float
    y: float
    text: object

    @property
    def box(self) -> Box:
        half = width_of(str(self.text)) / 2
        return Box(self.x - half, self.y - ASCENT, self.x + half, self.y + DESCENT)


def apart(labels: Sequence[Label]) -> list[Label]:
    """Those that stand free of each other, the last one first: what is newest is always said."""
    kept: list[Label] = []
    for label in reversed(labels):
        if not label.box.meets(each.box for each in kept):
            kept.append(label)
    return kept[::-1]
