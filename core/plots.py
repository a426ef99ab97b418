"""Geometry of charts over values: columns, bars and lines. Pure numbers in, places in an SVG out; templates draw them.

Lengths are units of a picture that is WIDTH units wide, about the pixels of a phone, so that its texts are as large as those
around it. y grows downwards, as in SVG. Every chart stands beside a table with the same numbers: those for which a chart has no
room are left out of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from math import ceil, floor, hypot, log10
from typing import NamedTuple

from core.plot_words import ASCENT, DESCENT, DIGIT, Box, Label, apart, width_of
from core.text import show_number

WIDTH = 360
FLAT = 132  # the height of a chart that stands above its own table
_TOP, _BOTTOM, _RIGHT = 30, 22, 6  # above: the unit, and the number of what reaches the top
_LINE = 15  # from one line of a label to the next
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


@dataclass(frozen=True)
class ValueAxis:
    """A vertical axis from `low` to `high`, whose ticks are round numbers."""

    low: float
    high: float
    step: float
    height: float
    bottom: float = _BOTTOM  # the room below its lowest tick

    def y(self, value: Number) -> float:
        room = self.height - _TOP - self.bottom
        return round(_TOP + (self.high - float(value)) / (self.high - self.low) * room, 1)

    @property
    def ticks(self) -> list[Tick]:
        count = round((self.high - self.low) / self.step)
        values = [self.low + index * self.step for index in range(count + 1)]
        return [Tick(self.y(value), Decimal(str(round(value, 6)))) for value in values]

    @property
    def left(self) -> float:
        """Where the axis stands: its numbers need no more room than they take."""
        widest = max(width_of(show_number(tick.value)) for tick in self.ticks)
        return max(_LEAST, ceil(widest) + 2 * _GAP)


def scale(values: Iterable[Number], height: float, *, from_zero: bool) -> ValueAxis:
    """An axis that holds all values with about four steps, whole ones where all values are; 0 to 1 for none. `from_zero`: lengths are
    compared, so 0 is on it."""
    known = [float(value) for value in values]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - 1, high + 1) if not from_zero or low else (0.0, 1.0)
    raw = (high - low) / 4
    magnitude = 10.0 ** floor(log10(raw))
    is_whole = all(value.is_integer() for value in known)
    steps = (factor * magnitude for factor in _STEPS if factor * magnitude >= raw * 0.999)
    step = next((step for step in steps if not is_whole or step.is_integer()), 1.0)
    bottom = _BOTTOM + (_LINE if from_zero and low < 0 else 0)  # what hangs down has its number below it
    return ValueAxis(floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step, height, bottom)


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
    totals: Sequence[Label] = ()  # what stands above zero, and what hangs below


class _Frame(ABC):
    """What charts with a vertical axis share."""

    scale: ValueAxis
    unit: str  # of the numbers of the axis
    below: str  # what the words below are (年度)
    width = WIDTH
    right = WIDTH - _RIGHT
    unit_y = 12

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
    def last_line(self) -> float:
        """The baseline of the last line below the chart."""
        return self.baseline + _LINE * (max((len(_lines_of(label)) for _, label in self._named), default=1) - 1)

    @property
    def labels_top(self) -> float:
        return self.scale.y(self.scale.low) + _GAP

    @property
    def height(self) -> float:
        return self.last_line + _GAP

    @property
    def labels(self) -> list[Label]:
        """The words below the chart, as many as there is room for. The first line of a label stands for itself, those below it are said
        once for neighbours that share them: the months of a year."""
        found = apart([Label(x, self.baseline, _lines_of(label)[0]) for x, label in self._named])
        shared = [
            (
                Label(_middle(places), self.baseline + _LINE, max(map(str, lines), key=width_of)),
                lines,
            )
            for lines, places in self._runs
        ]
        kept = apart([widest for widest, _ in shared])
        for widest, lines in shared:
            if widest in kept:
                found += [Label(widest.x, widest.y + _LINE * index, text) for index, text in enumerate(lines)]
        return found

    @property
    def borders(self) -> list[float]:
        """Where the words of one year end and those of the next begin, if any year has several."""
        if all(len(places) == 1 for _, places in self._runs):
            return []
        return [
            round((before[-1] + after[0]) / 2, 1)
            for (_, before), (_, after) in zip(self._runs, self._runs[1:], strict=False)
        ]

    @property
    def ruling(self) -> str:
        """The lines across at each tick, and the borders between years, as one path."""
        across = [f"M{self.left} {tick.y:g}H{self.right}" for tick in self.scale.ticks]
        return "".join(across + [f"M{x:g} {self.labels_top:g}V{self.height:g}" for x in self.borders])

    @property
    def _unit_box(self) -> Box:
        return Box(0, 0, width_of(self.unit), self.unit_y + DESCENT)

    @property
    def _runs(self) -> list[tuple[tuple[object, ...], list[float]]]:
        """The lines below the first that neighbours share, and their places."""
        runs = groupby(self._named, key=lambda each: _lines_of(each[1])[1:])
        return [(lines, [x for x, _ in each]) for lines, each in runs if lines]

    @property
    @abstractmethod
    def values(self) -> list[Label]:
        """The numbers of what is drawn, as many as there is room for."""

    @property
    @abstractmethod
    def _named(self) -> Sequence[tuple[float, object]]:
        """(x, label) from left to right."""


def _middle(places: Sequence[float]) -> float:
    """Of what stands in these places; of one, that very number."""
    return places[0] if len(places) == 1 else round((places[0] + places[-1]) / 2, 1)


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
    scale: ValueAxis
    unit: str = ""
    below: str = ""

    @property
    def values(self) -> list[Label]:
        """The last column first, a line higher where its neighbour's number is in the way."""
        told: list[Label] = []
        for total in reversed([total for column in self.columns for total in column.totals]):
            places = [total, total._replace(y=total.y - _LINE)] if total.y < self.zero else [total]
            taken = [self._unit_box, *(each.box for each in told)]
            told += [each for each in places if each.y >= ASCENT and not each.box.meets(taken)][:1]
        return told[::-1]

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


def columns(
    rows: Sequence[tuple[object, Sequence[tuple[object, Number]] | None]],
    *,
    height: float = 220,
    unit: str = "",
    below: str = "",
) -> Columns:
    """(label, [(part, value)]) from left to right, the parts from the zero line outwards. Parts None: nothing is known."""
    up = [sum(value for _, value in parts or () if value > 0) for _, parts in rows]
    down = [sum(value for _, value in parts or () if value < 0) for _, parts in rows]
    axis = scale([*up, *down], height, from_zero=True)
    width = min((WIDTH - axis.left - _RIGHT) / max(len(rows), 1) * 0.6, 48)

    def block(part: object, value: Number, middle: float, low: Number, high: Number) -> Block:
        top, bottom = sorted((axis.y(low), axis.y(high)))
        return Block(part, value, round(middle - width / 2, 1), top, round(width, 1), round(bottom - top, 1))

    def totals(middle: float, high: Number, low: Number) -> list[Label]:
        ends = ((high, axis.y(high) - _GAP),) if high or not low else ()
        return [
            Label(middle, round(y, 1), show_number(Decimal(str(end))))
            for end, y in (*ends, *(((low, axis.y(low) + ASCENT + 1),) if low else ()))
        ]

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
        found.append(
            ChartColumn(label, middle, blocks, totals=totals(middle, ends[True], ends[False]) if parts else ())
        )
    return Columns(found, axis, unit, below)


class BarPart(NamedTuple):
    """A part of one bar of a table, in the units of its values."""

    kind: str
    start: int
    length: int


def stacked(parts: Iterable[tuple[str, int]]) -> list[BarPart]:
    """Parts (kind, value ≥ 0) of one bar, one after the other; nothing for a part of zero."""
    segments: list[BarPart] = []
    start = 0
    for kind, value in parts:
        if value:
            segments.append(BarPart(kind, start, value))
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
    unit: str = ""  # of the number behind each bar
    width: float = WIDTH
    thickness: float = 12


def bars(rows: Sequence[tuple[object, Sequence[tuple[object, Number | None]]]], *, unit: str = "") -> Bars:
    """(label, [(part, value ≥ 0 or None)]) from top to bottom; each bar leaves room for its number behind it."""
    known = [value for _, parts in rows for _, value in parts if value is not None]
    most = max((float(value) for value in known), default=0) or 1
    room = max([60, *(ceil(width_of(f"{show_number(Decimal(str(value)))}{unit}")) + 2 * _GAP for value in known)])
    y, found = 0.0, []
    for label, parts in rows:
        y += 18
        row = BarRow(label, y - 4, [])
        for part, value in parts:
            length = 0 if value is None else float(value) / most * (WIDTH - room)
            row.bars.append(Bar(part, value, y, round(length, 1)))
            y += 15
        found.append(row)
        y += 4
    return Bars(found, y, unit)


# Points of lines: squares and circles that look equally large.
SIDE, RADIUS = 8, 4.5


class Point(NamedTuple):
    x: float
    y: float
    value: Number
    mark: object

    @property
    def box(self) -> Box:
        return Box(self.x - RADIUS, self.y - RADIUS, self.x + RADIUS, self.y + RADIUS)

    @property
    def labels(self) -> list[Label]:
        """Its number in the places where it may stand: above, below, on the right, on the left."""
        text = show_number(Decimal(str(self.value)))
        aside, middle = RADIUS + _GAP + width_of(text) / 2, self.y + _GAP
        places = (
            *((self.x, self.y - RADIUS - _GAP), (self.x, self.y + RADIUS + ASCENT + 1)),
            *((self.x + aside, middle), (self.x - aside, middle)),
        )
        return [Label(round(x), round(y), text) for x, y in places]


class ChartLine(NamedTuple):
    name: object
    style: object  # how it is drawn
    points: list[Point]

    @property
    def path(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def along(self) -> Iterator[Box]:
        """What the line covers, in pieces about as long as a letter is wide."""
        for start, end in zip(self.points, self.points[1:], strict=False):
            pieces = ceil(hypot(end.x - start.x, end.y - start.y) / (DIGIT / 2))
            for index in range(1, pieces):
                x, y = (one + (other - one) * index / pieces for one, other in zip(start[:2], end[:2], strict=True))
                yield Box(x - 1, y - 1, x + 1, y + 1)


@dataclass(frozen=True)
class Lines(_Frame):
    places: list[tuple[float, object]]  # x, what stands there
    lines: list[ChartLine]
    scale: ValueAxis
    unit: str = ""
    below: str = ""
    side = SIDE
    radius = RADIUS

    @property
    def values(self) -> list[Label]:
        """Beside their points, those of the last line and of the last years first: what is and what is aimed at now."""
        inside = Box(self.values_end, 0, WIDTH, self.scale.height - _LINE)
        points = [point for line in reversed(self.lines) for point in reversed(line.points)]
        covered = [
            self._unit_box,
            *(point.box for point in points),
            *(box for line in self.lines for box in line.along),
        ]
        told: dict[tuple[float, float], Label] = {}  # a place may be that of several points
        for point in points:
            taken = [*covered, *(each.box for each in told.values())]
            free = (each for each in point.labels if each.box.is_in(inside) and not each.box.meets(taken))
            if (point.x, point.y) not in told and (label := next(free, None)):
                told[point.x, point.y] = label
        return list(told.values())

    @property
    def _named(self) -> Sequence[tuple[float, object]]:
        return self.places


def lines(
    labels: Sequence[object],
    series: Sequence[tuple[object, object, Sequence[tuple[object, Number, object]]]],
    *,
    height: float = 200,
    unit: str = "",
    below: str = "",
) -> Lines | None:
    """`labels` from left to right; (name, style, [(label, value, mark)]) per line. None if there is no value to draw."""
    values = [value for _, _, points in series for _, value, _ in points]
    if not values:
        return None
    axis = scale(values, height, from_zero=False)
    place: dict[object, float] = dict(zip(labels, map(round, _middles(len(labels), axis.left)), strict=True))
    drawn = [
        ChartLine(
            name, style, [Point(place[label], round(axis.y(value)), value, mark) for label, value, mark in points]
        )
        for name, style, points in series
    ]
    return Lines([(x, label) for label, x in place.items()], drawn, axis, unit, below)
