"""Geometry of charts over values: columns, bars and lines. Pure numbers in, places in an SVG out; templates draw them.

Lengths are units of a picture that is WIDTH units wide, about the pixels of a phone, so that its texts are as large as those
around it. y grows downwards, as in SVG. Every chart stands beside a table with the same numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import NamedTuple

from core.text import show_number

WIDTH = 360
FLAT = 140  # the height of a chart that stands above its own table
_TOP, _BOTTOM, _RIGHT = 14, 22, 6
_LINE = 15  # from one line of a label to the next
_DIGIT, _NARROW = 7.6, 4  # the widths of a digit of an axis, and of a comma, a point or a minus
_LEAST = 34  # left of an axis: room for its numbers, and for the two letters that say what stands below it
_GAP = 4  # between the axis and its numbers, a bar and its number
_STEPS = (1, 2, 2.5, 5, 10)

Number = Decimal | int | float


class Tick(NamedTuple):
    y: float
    value: Decimal

    @property
    def label_y(self) -> float:
        return self.y + 4


class Label(NamedTuple):
    """A line of words below a chart; `x` is its middle."""

    x: float
    y: float
    text: object


@dataclass(frozen=True)
class Scale:
    """A vertical axis from `low` to `high`, whose ticks are round numbers."""

    low: float
    high: float
    step: float
    height: float

    def y(self, value: Number) -> float:
        return round(_TOP + (self.high - float(value)) / (self.high - self.low) * (self.height - _TOP - _BOTTOM), 1)

    @property
    def ticks(self) -> list[Tick]:
        count = round((self.high - self.low) / self.step)
        values = [self.low + index * self.step for index in range(count + 1)]
        return [Tick(self.y(value), Decimal(str(round(value, 6)))) for value in values]

    @property
    def left(self) -> float:
        """Where the axis stands: its numbers need no more room than they take."""
        shown = (show_number(tick.value) for tick in self.ticks)
        widest = max(sum(_DIGIT if letter.isdigit() else _NARROW for letter in text) for text in shown)
        return max(_LEAST, ceil(widest) + 2 * _GAP)


def scale(values: Iterable[Number], height: float, *, from_zero: bool) -> Scale:
    """An axis that holds all values with about four steps; 0 to 1 for none. `from_zero`: lengths are compared, so 0 is on it."""
    known = [float(value) for value in values]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - 1, high + 1) if not from_zero or low else (0.0, 1.0)
    raw = (high - low) / 4
    magnitude = 10 ** floor(log10(raw))
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude >= raw * 0.999)
    return Scale(floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step, height)


class Block(NamedTuple):
    """A piece of a column or a bar; `part` is what it stands for."""

    part: object
    value: Number
    x: float
    y: float
    width: float
    height: float


class ChartColumn(NamedTuple):
    label: object  # a tuple has a line for each part
    x: float  # of its middle
    blocks: list[Block]
    is_known: bool = True  # otherwise its only block is an empty one over the whole height


class _Frame(ABC):
    """What charts with a vertical axis share."""

    scale: Scale
    width = WIDTH
    right = WIDTH - _RIGHT

    @property
    def left(self) -> float:
        return self.scale.left

    @property
    def values_end(self) -> float:
        """Where the numbers of the axis end."""
        return self.left - _GAP

    @property
    def baseline(self) -> float:
        """Of the first line of words below the chart."""
        return self.scale.height - _GAP

    @property
    def height(self) -> float:
        return self.scale.height + _LINE * (max((len(_lines_of(label)) for _, label in self._named), default=1) - 1)

    @property
    def labels(self) -> list[Label]:
        """The words below the chart, line by line."""
        return [
            Label(x, self.baseline + _LINE * index, text)
            for x, label in self._named
            for index, text in enumerate(_lines_of(label))
        ]

    @property
    @abstractmethod
    def _named(self) -> Sequence[tuple[float, object]]:
        """(x, label) from left to right."""


def _lines_of(label: object) -> tuple[object, ...]:
    return label if isinstance(label, tuple) else (label,)


def _middles(count: int, left: float) -> list[float]:
    """The places of so many columns or points from left to right, each in the middle of its room."""
    room = (WIDTH - left - _RIGHT) / max(count, 1)
    return [round(left + room * (index + 0.5), 1) for index in range(count)]


@dataclass(frozen=True)
class Columns(_Frame):
    """Stacked columns; negative pieces hang below zero."""

    columns: list[ChartColumn]
    scale: Scale

    @property
    def _named(self) -> Sequence[tuple[float, object]]:
        return [(column.x, column.label) for column in self.columns]

    @property
    def zero(self) -> float:
        return self.scale.y(0)

    @property
    def starts(self) -> list[float]:
        """Where the room of each column begins, for lines between them."""
        room = (self.right - self.left) / max(len(self.columns), 1)
        return [round(column.x - room / 2, 1) for column in self.columns]


def columns(rows: Sequence[tuple[object, Sequence[tuple[object, Number]] | None]], *, height: float = 220) -> Columns:
    """(label, [(part, value)]) from left to right, the parts from the zero line outwards. Parts None: nothing is known."""
    above = [sum(value for _, value in parts or () if value > 0) for _, parts in rows]
    below = [sum(value for _, value in parts or () if value < 0) for _, parts in rows]
    axis = scale([*above, *below], height, from_zero=True)
    width = min((WIDTH - axis.left - _RIGHT) / max(len(rows), 1) * 0.6, 48)

    def block(part: object, value: Number, middle: float, low: Number, high: Number) -> Block:
        top, bottom = sorted((axis.y(low), axis.y(high)))
        return Block(part, value, round(middle - width / 2, 1), top, round(width, 1), round(bottom - top, 1))

    found = []
    for middle, (label, parts) in zip(_middles(len(rows), axis.left), rows, strict=True):
        if parts is None:
            found.append(ChartColumn(label, middle, [block(None, 0, middle, axis.low, axis.high)], is_known=False))
            continue
        blocks = []
        ends = {True: Decimal(0), False: Decimal(0)}  # how far the column has come above zero, and below
        for part, value in parts:
            if value:
                start = ends[value > 0]
                ends[value > 0] = end = start + Decimal(str(value))
                blocks.append(block(part, value, middle, start, end))
        found.append(ChartColumn(label, middle, blocks))
    return Columns(found, axis)


class Segment(NamedTuple):
    """A part of one bar of a table, in the units of its values."""

    kind: str
    start: int
    length: int


def stacked(parts: Iterable[tuple[str, int]]) -> list[Segment]:
    """Parts (kind, value ≥ 0) of one bar, one after the other; nothing for a part of zero."""
    segments: list[Segment] = []
    start = 0
    for kind, value in parts:
        if value:
            segments.append(Segment(kind, start, value))
            start += value
    return segments


class Bar(NamedTuple):
    """A horizontal bar of a row; value None: unknown, no bar."""

    part: object
    value: Number | None
    y: float
    width: float

    @property
    def end(self) -> float:
        return round(self.width + _GAP, 1)

    @property
    def text_y(self) -> float:
        return self.y + 11


class BarRow(NamedTuple):
    label: object
    y: float  # of the line of its label
    bars: list[Bar]


@dataclass(frozen=True)
class Bars:
    rows: list[BarRow]
    height: float
    width: float = WIDTH
    thickness: float = 12


def bars(rows: Sequence[tuple[object, Sequence[tuple[object, Number | None]]]]) -> Bars:
    """(label, [(part, value ≥ 0 or None)]) from top to bottom; each bar leaves room for its number behind it."""
    most = max((float(value) for _, parts in rows for _, value in parts if value is not None), default=0) or 1
    y, found = 0.0, []
    for label, parts in rows:
        y += 18
        row = BarRow(label, y - 4, [])
        for part, value in parts:
            length = 0 if value is None else float(value) / most * (WIDTH - 60)
            row.bars.append(Bar(part, value, y, round(length, 1)))
            y += 15
        found.append(row)
        y += 4
    return Bars(found, y)


# Points of lines: squares and circles that look equally large.
SIDE, RADIUS = 8, 4.5


class Point(NamedTuple):
    x: float
    y: float
    value: Number
    mark: object

    @property
    def left(self) -> float:
        """Of the square around it."""
        return round(self.x - SIDE / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - SIDE / 2, 1)


class ChartLine(NamedTuple):
    name: object
    style: object  # how it is drawn
    points: list[Point]

    @property
    def path(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Lines(_Frame):
    places: list[tuple[float, object]]  # x, what stands there
    lines: list[ChartLine]
    scale: Scale
    side = SIDE
    radius = RADIUS

    @property
    def _named(self) -> Sequence[tuple[float, object]]:
        return self.places


def lines(
    labels: Sequence[object],
    series: Sequence[tuple[object, object, Sequence[tuple[object, Number, object]]]],
    *,
    height: float = 200,
) -> Lines | None:
    """`labels` from left to right; (name, style, [(label, value, mark)]) per line. None if there is no value to draw."""
    values = [value for _, _, points in series for _, value, _ in points]
    if not values:
        return None
    axis = scale(values, height, from_zero=False)
    place = dict(zip(labels, _middles(len(labels), axis.left), strict=True))
    drawn = [
        ChartLine(name, style, [Point(place[label], axis.y(value), value, mark) for label, value, mark in points])
        for name, style, points in series
    ]
    return Lines([(x, label) for label, x in place.items()], drawn, axis)
