"""How many items had which grade on each day: from frozen rows, or from the city's printed totals where there are none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q

from core.fiscal import month_lines
from core.plots import FLAT, Columns, columns
from figures.axes import courses
from figures.counts import Counts
from figures.datasets import Items
from figures.models import PublishedFigure
from figures.rows import shades
from policies.models import Grade, Plan
from programs.models import Program, active_on
from reviews.models import PublishedReport, Round, scale_breaks, ungraded_labels
from website.published_figures import PublishedGrades, published_grades

_MANY, _LAST = 10, 4  # rounds: half-yearly for five years stand together, of quarterly ones the last year


@dataclass(frozen=True)
class RoundLine:
    """One round; `counts` only if it is published."""

    round: Round
    counts: Counts | None
    printed: PublishedGrades | None

    def parts(self, grades: Sequence[Grade]) -> list[tuple[str, int]] | None:
        """(shade, number of items), the worst grade first and what was not reported last; None if nothing is known."""
        if self.counts is not None:
            *known, missing = self.counts.parts(grades)
            return [*reversed(known), missing]
        if self.printed is not None and self.printed.is_whole:
            return [
                (shade, int(value or 0))
                for shade, (_, value) in reversed([*zip(shades(grades), self.printed.cells, strict=True)])
            ]
        return None


@dataclass
class Trend:
    """The rounds of a plan, oldest first, and what is known of each."""

    rounds: list[Round] = field(default_factory=list)
    reported: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # round → grade → items
    unknown: dict[int, int] = field(default_factory=dict)  # round → items of which the city's result is not registered
    grades: Sequence[Grade] = ()
    printed: dict[date, PublishedGrades] = field(default_factory=dict)
    known_editions: Collection[int] = ()  # those that published figures name, beside the frozen ones
    chart_name = "trend"

    def surround(self, grades: Sequence[Grade], figures: Collection[PublishedFigure]) -> None:
        """Say by which scale is counted, and what the city published about the plan."""
        self.grades, self.printed = grades, published_grades(figures, grades)
        self.known_editions = {figure.edition_id for figure in figures if figure.edition_id is not None}

    @property
    def published(self) -> list[Round]:
        """Newest first."""
        return [round_ for round_ in reversed(self.rounds) if round_.state == Round.State.PUBLISHED]

    @property
    def items(self) -> dict[date, int]:
        """How many items each published round has."""
        return {line.round.as_of: line.counts.items for line in self.lines if line.counts is not None}

    @cached_property
    def lines(self) -> list[RoundLine]:
        return [self._line(round_) for round_ in self.rounds]

    @property
    def late(self) -> list[RoundLine]:
        """The lines that the overview shows unfolded: all, or the last of many."""
        return self.lines if len(self.lines) <= _MANY else self.lines[-_LAST:]

    @property
    def early(self) -> list[RoundLine]:
        return self.lines[: -len(self.late)] if self.lines else []

    def _line(self, round_: Round) -> RoundLine:
        by_code, counts = self.reported[round_.pk], None
        if round_.state == Round.State.PUBLISHED:
            counts = Counts(
                by_code.total() + self.unknown.get(round_.pk, 0), [by_code[grade.code] for grade in self.grades]
            )
        return RoundLine(round_, counts, self.printed.get(round_.as_of))

    @cached_property
    def chart(self) -> Columns:
        rows = [(month_lines(line.round.as_of), line.parts(self.grades)) for line in self.lines]
        return columns(rows, height=FLAT, unit="項目")

    @property
    def is_drawn(self) -> bool:
        return any(column.is_known for column in self.chart.columns)

    @property
    def has_unknown(self) -> bool:
        return any(not column.is_known for column in self.chart.columns)

    @property
    def has_totals_only(self) -> bool:
        """Whether the city's printed totals are all that is known of a day."""
        return any(line.printed and not line.counts for line in self.lines)

    @property
    def has_missing(self) -> bool:
        return any(line.counts is not None and line.counts.unreported for line in self.lines)

    @property
    def width(self) -> int:
        """Columns of numbers: a grade each, and what has no grade where items are known at all."""
        return len(self.grades) + bool(self.published)

    @property
    def caption(self) -> str:
        return "基準日ごとの項目数"

    @property
    def unreported_is_meant(self) -> bool:
        """Whether what has no grade was published without a report, and is not merely unknown."""
        return self.has_missing and not self.unknown

    @property
    def missing_label(self) -> str:
        """What the rounds call their items without a grade."""
        return ungraded_labels(line.round for line in self.lines if line.counts is not None and line.counts.unreported)

    @property
    def turns(self) -> list[float]:
        """Where in the chart another edition comes into force, of which citizens may know."""
        steps = zip(self.rounds, self.rounds[1:], self.chart.starts[1:], strict=False)
        return [
            x
            for before, round_, x in steps
            if before.edition_id != round_.edition_id
            and (round_.edition.frozen_at or round_.edition_id in self.known_editions)
        ]

    @cached_property
    def breaks(self) -> list[Round]:
        """Rounds of which something is known and that judge by another scale than those before."""
        return scale_breaks(line.round for line in self.lines if line.counts is not None or line.printed is not None)

    @property
    def scale_starts(self) -> list[float]:
        """Where in the chart another scale begins."""
        return [x for line, x in zip(self.lines, self.chart.starts, strict=True) if line.round in self.breaks]


@dataclass
class AxisTrend(Trend):
    """The rounds in which an axis beside the first judged; who is not judged by it is 未登録."""

    name: str = ""
    judge: str = ""
    key: str = ""

    @property
    def chart_name(self) -> str:  # type: ignore[override]
        return f"trend-{self.key}"

    @property
    def caption(self) -> str:
        return f"{self.name}の、基準日ごとの項目数"

    @property
    def unreported_is_meant(self) -> bool:
        return False

    @property
    def missing_label(self) -> str:
        return "未登録"

    @property
    def turns(self) -> list[float]:
        return []  # drawn in the chart of the first axis


def axis_trends(rounds: Sequence[Round], items: Mapping[date, int], policy: int | None = None) -> list[AxisTrend]:
    """Of published rounds with so many items (of a policy). Two queries, none for a plan with one axis."""
    found = []
    for course in courses(rounds, policy):
        one = AxisTrend(name=course.name, judge=course.judge, key=course.key, grades=course.grades)
        scale = 0
        for round_, counts in course.counts:
            own = copy(round_)
            scale += round_.as_of in course.breaks
            own.scale, own.scale_note = scale, course.breaks.get(round_.as_of)
            one.rounds.append(own)
            left = items.get(round_.as_of, 0) - counts.total()
            one.reported[own.pk] = counts + Counter({"": left})
        found.append(one)
    return found


def trend(plan: Plan, programs: Items | None = None) -> Trend:
    """Without what stands around the numbers: see `surround`. One query, and
    one more where the city published rounds. `programs`: the keys of those items to count, instead of all."""
    among = None if programs is None else Q(published_reports__program__in=programs)
    # A line for each round and grade, with the round itself; rounds without rows have one line without a grade.
    pairs = (
        Round.objects.shown()
        .filter(plan=plan)
        .with_scale()
        .select_related("source", "edition")
        .annotate(code=F("published_reports__grade_code"))
        .annotate(count=Count("published_reports", filter=among))
        .order_by("as_of")
    )
    found = Trend()
    for round_ in pairs:
        if not found.rounds or found.rounds[-1].pk != round_.pk:
            found.rounds.append(round_)
        if round_.code is not None:
            found.reported[round_.pk][round_.code] = round_.count
    found.unknown = unregistered(plan, found.published, programs=programs)
    return found


def unregistered(
    plan: Plan, rounds: Sequence[Round], policy: int | None = None, programs: Items | None = None
) -> dict[int, int]:
    """How many items (of a policy, or of those keys) that lived then have no row in the rounds that the city published. One query, if there are any."""
    of_city = [round_ for round_ in rounds if round_.released_on]
    if not of_city:
        return {}
    registered = PublishedReport.objects.filter(program=OuterRef("pk"))
    counted = {
        f"round_{one.pk}": Count("pk", filter=active_on(one.as_of) & Q(~Exists(registered.filter(round=one))))
        for one in of_city
    }
    items = Program.objects.shown().filter(plan=plan)
    if policy is not None:
        items = items.filter(policy__number=policy)
    if programs is not None:
        items = items.filter(pk__in=programs)
    found = items.aggregate(**counted)
    return {one.pk: found[f"round_{one.pk}"] for one in of_city}
