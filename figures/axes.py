"""The axes beside the first, as they were published with a round. Plans with one axis cost no query here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from django.db.models import Count

from figures.datasets import Items
from figures.rows import ProgramRow
from policies.models import MAIN_AXIS, Grade, Judge, Scale, ranks
from reviews.models import PublishedJudgement, PublishedReport, Round
from reviews.models.rounds import FrozenAxis


@dataclass
class AxisCounts:
    """How many items of a round have which grade by one axis, in the order of its scale, and how many none. `scale_note`
    says what changed where the round is the first that the axis judges by another scale."""

    key: str
    name: str
    judge: str
    definition: str
    cells: list[tuple[Grade, int]]
    unjudged: int
    scale_note: str = ""

    @property
    def is_judged(self) -> bool:
        return any(count for _, count in self.cells)


@dataclass
class AxisCourse:
    """The rounds in which an axis judged, oldest first, with the numbers of items by grade, and those of them that judge by
    another scale than the one before, with what changed."""

    key: str
    name: str
    judge: str
    definition: str
    grades: list[Grade]
    counts: list[tuple[Round, Counter[str]]]
    breaks: dict[date, str]


@dataclass
class Judged:
    """The grade of one item by one axis; `grade_ranks` tells apart the marks of grades of one tone."""

    key: str
    name: str
    judgement: PublishedJudgement | None
    grade_ranks: dict[str, int] = field(default_factory=dict)
    scale_note: str = ""  # what changed, where it is the first of an item by another scale


class _Scales:
    """By what the axes beside the first of a plan judge. One query."""

    def __init__(self, plan: int) -> None:
        self._of: dict[str, list[tuple[date, str]]] = defaultdict(list)
        rows = Scale.objects.filter(plan=plan).exclude(axis__key=MAIN_AXIS).order_by("starts_on")
        for key, starts_on, note in rows.values_list("axis__key", "starts_on", "note"):
            self._of[key].append((starts_on, note))

    def begun(self, axis: str, before: date | None, day: date) -> str:
        """What changed by the last scale that an axis began after one day and up to another; "" if none did."""
        begun = [note for starts_on, note in self._of[axis] if before and before < starts_on <= day]
        return begun[-1] if begun else ""

    def breaks(self, axis: str, days: Iterable[date]) -> dict[date, str]:
        """Of days on which an axis judged, those that judge by another scale than the one before."""
        in_order = sorted(days)
        found = {day: self.begun(axis, before, day) for before, day in pairwise(in_order)}
        return {day: note for day, note in found.items() if note}


def _scale(round_: Round, axis: FrozenAxis) -> list[Grade]:
    return [Grade(plan_id=round_.plan_id, **grade) for grade in axis["grades"]]


def courses(rounds: Iterable[Round], policy: int | None = None) -> list[AxisCourse]:
    """Of published rounds of one plan, for all items or those that belonged to a policy then. Two queries, none for a plan
    with one axis."""
    known = {round_.pk: round_ for round_ in sorted(rounds, key=lambda each: each.as_of) if round_.further_axes}
    if not known:
        return []
    rows = PublishedJudgement.objects.filter(published_report__round__in=known).order_by()
    if policy is not None:
        rows = rows.filter(published_report__policy_number=policy)
    found: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    counted = rows.values_list("axis__key", "published_report__round", "grade_code").annotate(items=Count("pk"))
    for key, pk, code, count in counted:
        found[key][pk][code] = count
    axes = {axis["key"]: (axis, round_) for round_ in known.values() for axis in round_.further_axes}  # the newest word
    scales = _Scales(next(iter(known.values())).plan_id)
    return [
        AxisCourse(
            key,
            axis["name"],
            Judge(axis["judge"]).label,
            axis["definition"],
            _scale(newest, axis),
            [(round_, found[key][pk]) for pk, round_ in known.items() if pk in found[key]],
            scales.breaks(key, (known[pk].as_of for pk in found[key])),
        )
        for key, (axis, newest) in axes.items()
        if key in found
    ]


def counts_by_axis(round_: Round, items: int, programs: Items | None = None) -> list[AxisCounts]:
    """Of a published round with so many items, the axes that judged in it; `programs` are the keys of those to count, instead
    of all. Two queries, none for a plan with one axis."""
    axes = round_.further_axes
    if not axes:
        return []
    judged = PublishedJudgement.objects.filter(
        published_report__round__plan=round_.plan_id, published_report__round__as_of__lte=round_.as_of
    ).order_by()
    if programs is not None:
        judged = judged.filter(published_report__program__in=programs)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    before: dict[str, date] = {}
    rows = judged.values_list("axis__key", "grade_code", "published_report__round__as_of")
    for key, code, as_of, count in rows.annotate(items=Count("pk")):
        if as_of == round_.as_of:
            found[key][code] = count
        else:
            before[key] = max(as_of, before.get(key, as_of))
    scales = _Scales(round_.plan_id)
    return [
        AxisCounts(
            axis["key"],
            axis["name"],
            Judge(axis["judge"]).label,
            axis["definition"],
            [(grade, found[axis["key"]][grade.code]) for grade in _scale(round_, axis)],
            items - found[axis["key"]].total(),
            scales.begun(axis["key"], before.get(axis["key"]), round_.as_of) if found[axis["key"]] else "",
        )
        for axis in axes
        if programs is not None or found[axis["key"]]
    ]


def _judging(rounds: Collection[int]) -> set[tuple[int, str]]:
    """Keys of rounds, each with the axes beside the first by which items were judged in it."""
    rows = PublishedJudgement.objects.filter(published_report__round__in=rounds).order_by()
    return set(rows.values_list("published_report__round", "axis__key").distinct())


def judged_by_report(reports: Iterable[PublishedReport]) -> dict[int, list[Judged]]:
    """Frozen row → every axis beside the first by which items of its round were judged. An axis may judge once a year only:
    of a round in which it did not, nothing is missing. Two queries."""
    of_axes = [report for report in reports if report.round.further_axes]
    if not of_axes:
        return {}
    told = _judging({report.round_id for report in of_axes})
    rows = PublishedJudgement.objects.filter(published_report__in=of_axes).select_related("axis")
    given = {(row.published_report_id, row.axis.key): row for row in rows}
    return {
        report.pk: [
            Judged(axis["key"], axis["name"], given.get((report.pk, axis["key"])), ranks(_scale(report.round, axis)))
            for axis in report.round.further_axes
            if (report.round_id, axis["key"]) in told
        ]
        for report in of_axes
    }


def mark_breaks(plan: int, course: Sequence[tuple[date, Sequence[Judged]]]) -> None:
    """Say of what was judged of one item, oldest first, where another scale of an axis begins. One query."""
    scales, before = _Scales(plan), dict[str, date]()
    for day, judged in course:
        for each in judged:
            if each.judgement is not None:
                each.scale_note = scales.begun(each.key, before.get(each.key), day)
                before[each.key] = day


def with_judgements(rows: Iterable[ProgramRow], round_: Round) -> list[ProgramRow]:
    """Items of a published round with every axis beside the first that judged in it. Two queries, none for a plan with one
    axis."""
    rows = list(rows)
    if not round_.further_axes or not rows:
        return rows
    told = _judging([round_.pk])
    axes = [(axis, ranks(_scale(round_, axis))) for axis in round_.further_axes if (round_.pk, axis["key"]) in told]
    items: Collection[int] = [row.pk for row in rows]
    judged = PublishedJudgement.objects.filter(published_report__round=round_, published_report__program__in=items)
    given = {
        (one.published_report.program_id, one.axis.key): one
        for one in judged.select_related("axis", "published_report")
    }
    return [
        replace(
            row,
            judged=[Judged(axis["key"], axis["name"], given.get((row.pk, axis["key"])), rank) for axis, rank in axes],
        )
        for row in rows
    ]
