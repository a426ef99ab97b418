"""Geometry of charts. Pure: numbers in, numbers of an SVG drawing out; colours, words and tables belong to the templates.

A drawing is measured in its own units, x to the right and y down, and scales with the page. Numbers are rounded to a
tenth of a unit, and whole ones are ints, so that a template writes them as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

Number = int | float | Decimal

_STEPS = (1, 2, 5, 10)


def rounded(value: Number) -> int | float:
    """To a tenth: 3.0 → 3, 3.14 → 3.1."""
    tenth = round(float(value), 1)
    return int(tenth) if tenth == int(tenth) else tenth


class Scale(NamedTuple):
    """From values to places: `low` stands at `start`, `high` at `end`; `end` may be the smaller one (y goes down)."""

    low: Number
    high: Number
    start: Number
    end: Number

    def __call__(self, value: Number) -> int | float:
        """Where a value stands; everything stands at `start` where `low` and `high` are the same."""
        length = float(self.high) - float(self.low)
        share = (float(value) - float(self.low)) / length if length else 0.0
        return rounded(float(self.start) + share * (float(self.end) - float(self.start)))


def ticks(low: Number, high: Number, about: int = 4) -> list[Decimal]:
    """Round values (steps of 1, 2 or 5 times a power of ten) that cover low to high, in about as many steps.

    ticks(0, 62) → 0, 20, 40, 60, 80. A single value gets a step around it. Raises ValueError if high < low.
    """
    if high < low:
        raise ValueError("high < low")
    span = Decimal(str(high)) - Decimal(str(low)) or Decimal(1)
    exponent = math.floor(math.log10(span / about))
    power = Decimal(1).scaleb(exponent)
    step = next(power * factor for factor in _STEPS if power * factor * about >= span)
    first = math.floor(Decimal(str(low)) / step)
    last = max(math.ceil(Decimal(str(high)) / step), first + 1)
    return [Decimal(format((step * index).normalize(), "f")) for index in range(first, last + 1)]


class Segment(NamedTuple):
    """A part of a bar: what it is, where it begins and how long it is."""

    kind: str
    start: int | float
    length: int | float


def stacked(parts: Iterable[tuple[str, Number]], length: Number | None = None) -> list[Segment]:
    """Parts (kind, value) of one bar, one after the other; nothing for a part of zero.

    Without `length` the bar is as long as the sum of its parts. Raises ValueError for a negative part.
    """
    known = [(kind, value) for kind, value in parts if value]
    if any(value < 0 for _, value in known):
        raise ValueError("negative part")
    total = sum(float(value) for _, value in known)
    scale = Scale(0, total, 0, total if length is None else length)
    segments, done = [], 0.0
    for kind, value in known:
        start, end = scale(done), scale(done + float(value))
        segments.append(Segment(kind, start, rounded(end - start)))
        done += float(value)
    return segments


@dataclass(frozen=True)
class Frame:
    """The drawing: its size, and the room for the words around its plot."""

    width: int = 720
    height: int = 300
    left: int = 48
    right: int = 8
    top: int = 16
    bottom: int = 64

    @property
    def plot_right(self) -> int:
        return self.width - self.right

    @property
    def plot_bottom(self) -> int:
        return self.height - self.bottom

    def bands(self, count: int) -> list[tuple[int | float, int | float]]:
        """`count` equal parts of the plot from left to right: (begin, width)."""
        width = (self.plot_right - self.left) / count if count else 0
        return [(rounded(self.left + index * width), rounded(width)) for index in range(count)]


class Tick(NamedTuple):
    """A line across the plot at y, and the value it stands for."""

    y: int | float
    value: Decimal


class Box(NamedTuple):
    kind: str
    x: int | float
    y: int | float
    width: int | float
    height: int | float


class Column(NamedTuple):
    """One column: its words below the axis, line by line, at x; its boxes; `is_known` is False where there is no value."""

    words: tuple[str, ...]
    x: int | float
    boxes: list[Box]
    is_known: bool


@dataclass(frozen=True)
class ColumnChart:
    """Stacked columns. `zero` is the y of the value 0, `starts` where each column's band begins."""

    frame: Frame
    ticks: list[Tick]
    zero: int | float
    columns: list[Column]
    starts: list[int | float]


# A column: the words below it and its parts (kind, value), the lowest first; None where nothing is known.
Stack = tuple[Sequence[str], Sequence[tuple[str, Number]] | None]


def column_chart(stacks: Sequence[Stack], frame: Frame | None = None) -> ColumnChart:
    """Positive parts grow up from zero, negative ones down. An unknown column is an empty box over the whole plot."""
    frame = frame or Frame()
    heights = [
        (sum(float(v) for _, v in parts or () if v < 0), sum(float(v) for _, v in parts or () if v > 0))
        for _, parts in stacks
    ]
    low, high = min((low for low, _ in heights), default=0), max((high for _, high in heights), default=0)
    values = ticks(rounded(low), rounded(high) or (1 if not low else 0))
    scale = Scale(values[0], values[-1], frame.plot_bottom, frame.top)
    bands = frame.bands(len(stacks))
    columns = []
    for (words, parts), (begin, width) in zip(stacks, bands, strict=True):
        x, wide = rounded(begin + width * 0.2), rounded(width * 0.6)
        if parts is None:
            boxes = [Box("unknown", x, frame.top, wide, frame.plot_bottom - frame.top)]
        else:
            boxes = list(_boxes(parts, scale, x, wide))
        columns.append(Column(tuple(words), rounded(begin + width / 2), boxes, parts is not None))
    return ColumnChart(
        frame, [Tick(scale(value), value) for value in values], scale(0), columns, [begin for begin, _ in bands]
    )


def _boxes(parts: Sequence[tuple[str, Number]], scale: Scale, x: int | float, width: int | float) -> Iterable[Box]:
    up = down = 0.0
    for kind, value in parts:
        if value > 0:
            bottom, up = up, up + float(value)
            yield Box(kind, x, scale(up), width, rounded(scale(bottom) - scale(up)))
        elif value < 0:
            top, down = down, down + float(value)
            yield Box(kind, x, scale(top), width, rounded(scale(down) - scale(top)))


class Point(NamedTuple):
    x: int | float
    y: int | float
    value: Number


class Line(NamedTuple):
    """A series: `pieces` are the points of each unbroken stretch as SVG writes them ("60,40 120,38")."""

    kind: str
    points: list[Point]
    pieces: list[str]


@dataclass(frozen=True)
class LineChart:
    frame: Frame
    ticks: list[Tick]
    words: list[tuple[tuple[str, ...], int | float]]
    lines: list[Line]


def line_chart(
    words: Sequence[Sequence[str]],
    series: Sequence[tuple[str, Sequence[Number | None]]],
    frame: Frame | None = None,
    *,
    from_zero: bool = False,
) -> LineChart:
    """Lines over the same places. `words` stand below each place, `series` are (kind, a value or None for each place);
    a line is broken where a value is unknown. Raises ValueError if a series has another number of values."""
    frame = frame or Frame()
    known = [float(value) for _, values in series for value in values if value is not None] or [0.0, 1.0]
    steps = ticks(min([0.0, *known] if from_zero else known), max([0.0, *known] if from_zero else known))
    scale = Scale(steps[0], steps[-1], frame.plot_bottom, frame.top)
    places = [rounded(begin + width / 2) for begin, width in frame.bands(len(words))]
    lines = []
    for kind, values in series:
        points: list[Point] = []
        pieces: list[list[str]] = [[]]
        for x, value in zip(places, values, strict=True):
            if value is None:
                pieces.append([])
                continue
            point = Point(x, scale(value), value)
            points.append(point)
            pieces[-1].append(f"{point.x},{point.y}")
        lines.append(Line(kind, points, [" ".join(piece) for piece in pieces if len(piece) > 1]))
    below = [(tuple(lines_), x) for lines_, x in zip(words, places, strict=True)]
    return LineChart(frame, [Tick(scale(value), value) for value in steps], below, lines)
