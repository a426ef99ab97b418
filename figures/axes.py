"""The axes beside the first, as they were published with a round. Plans with one axis cost no query here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from policies.models import Grade, Judge, ranks
from reviews.models import PublishedJudgement, PublishedReport, Round


@dataclass
class AxisCounts:
    """How many items of a round have which grade by one axis, in the order of its scale, and how many none."""

    key: str
    name: str
    judge: str
    definition: str
    cells: list[tuple[Grade, int]]
    unjudged: int


@dataclass
class Judged:
    """The grade of one item by one axis; `grade_ranks` tells apart the marks of grades of one tone."""

    key: str
    name: str
    judgement: PublishedJudgement | None
    grade_ranks: dict[str, int] = field(default_factory=dict)


def _scale(round_: Round, axis: dict[str, object]) -> list[Grade]:
    grades: Iterable[dict[str, object]] = axis["grades"]  # type: ignore[assignment] # JSON
    return [Grade(plan_id=round_.plan_id, **grade) for grade in grades]


def counts_by_axis(round_: Round, items: int) -> list[AxisCounts]:
    """Of a published round with so many items. One query."""
    axes = round_.further_axes
    if not axes:
        return []
    rows = PublishedJudgement.objects.filter(published_report__round=round_).order_by()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, code in rows.values_list("axis__key", "grade_code"):
        found[key][code] += 1
    return [
        AxisCounts(
            axis["key"],
            axis["name"],
            Judge(axis["judge"]).label,
            axis["definition"],
            [(grade, found[axis["key"]][grade.code]) for grade in _scale(round_, axis)],
            items - found[axis["key"]].total(),
        )
        for axis in axes
    ]


def judged_by_report(reports: Iterable[PublishedReport]) -> dict[int, list[Judged]]:
    """Frozen row → every axis beside the first of its round. One query."""
    of_axes = [report for report in reports if report.round.further_axes]
    if not of_axes:
        return {}
    rows = PublishedJudgement.objects.filter(published_report__in=of_axes).select_related("axis")
    given = {(row.published_report_id, row.axis.key): row for row in rows}
    return {
        report.pk: [
            Judged(axis["key"], axis["name"], given.get((report.pk, axis["key"])), ranks(_scale(report.round, axis)))
            for axis in report.round.further_axes
        ]
        for report in of_axes
    }
