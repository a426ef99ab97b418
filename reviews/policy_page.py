"""One policy over time: how many of its items had which grade in every published round."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count

from kodaira_reform.fiscal import short_month
from kodaira_reform.plots import Columns, columns
from policies.models import Plan
from reviews.models import PublishedReport


class Judged(NamedTuple):
    """A grade as it was published; `code` "" for items without a published report."""

    order: int
    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class Course:
    """`counts` are numbers of items by round (oldest first), in the order of `grades`."""

    grades: list[Judged]
    counts: list[tuple[date, list[int]]]

    @property
    def chart(self) -> Columns:
        tones = [grade.tone for grade in self.grades]
        return columns(
            [(short_month(as_of), list(zip(tones, counts, strict=True))) for as_of, counts in self.counts], height=200
        )

    @property
    def judged(self) -> list[Judged]:
        """Without what was not reported."""
        return [grade for grade in self.grades if grade.code]

    @property
    def has_missing(self) -> bool:
        return len(self.judged) < len(self.grades)


def course_of(plan: Plan, policy: int) -> Course | None:
    """By the number that the policy had when each round was published. None before anything is. One query."""
    found: dict[date, dict[Judged, int]] = defaultdict(dict)
    rows: Any = (
        PublishedReport.objects.public()
        .filter(round__plan=plan, policy_number=policy)
        .order_by("round__as_of")
        .values_list("round__as_of", "grade_order", "grade_code", "grade_label", "tone")
        .annotate(items=Count("pk"))
    )
    for as_of, order, code, label, tone, items in rows:
        found[as_of][Judged(order or 0, code, label, tone)] = items
    if not found:
        return None
    grades = sorted({grade for cells in found.values() for grade in cells}, key=lambda grade: (not grade.code, grade))
    return Course(grades, [(as_of, [cells.get(grade, 0) for grade in grades]) for as_of, cells in found.items()])
