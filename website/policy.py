"""One policy: its items, and how many of them had which grade in every published round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.fiscal import month_lines
from core.plots import Columns, columns
from figures.counts import distribution
from figures.datasets import frozen_editions, published_rounds, snapshot
from figures.models import PublishedFigure
from figures.rows import Selection, shades
from opendata.pages import page_of, public, requested_page
from policies.models import Grade, Plan, Policy
from policies.words import word
from programs.models import active_on
from reviews.models import PublishedReport, Round, scale_breaks, ungraded_labels
from website.courses import last_columns, with_courses
from website.measured import plan_indicators
from website.named import named
from website.trend import axis_trends, unregistered


class GradeKey(NamedTuple):
    """A grade as it was published; `code` "" for items without a published report."""

    order: int
    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class PolicyTrend:
    """`counts` are numbers of items by round (oldest first), in the order of `grades`."""

    grades: list[GradeKey]
    counts: list[tuple[date, list[int]]]
    missing_label: str  # what the days call their items without a grade
    breaks: dict[date, str] = field(default_factory=dict)  # days on which another scale begins, with what changed

    @property
    def lines(self) -> list[tuple[date, list[tuple[Any, int]]]]:
        """Each round with its numbers, each beside its grade."""
        return [(as_of, list(zip(self.grades, counts, strict=True))) for as_of, counts in self.counts]

    @property
    def chart(self) -> Columns:
        judged = iter(shades(Grade(code=f"{grade.code}/{grade.label}", tone=grade.tone) for grade in self.judged))
        tones = [next(judged) if grade.code else "" for grade in self.grades]
        order = sorted(range(len(tones)), key=lambda index: (not self.grades[index].code, -index))
        return columns(
            [(month_lines(as_of), [(tones[index], counts[index]) for index in order]) for as_of, counts in self.counts],
            height=200,
            unit="項目",
        )

    @property
    def scale_starts(self) -> list[float]:
        """Where in the chart another scale begins."""
        days = (as_of for as_of, _ in self.counts)
        return [x for as_of, x in zip(days, self.chart.starts, strict=True) if as_of in self.breaks]

    @property
    def items(self) -> dict[date, int]:
        """How many items of the policy each round has."""
        return {as_of: sum(counts) for as_of, counts in self.counts}

    @property
    def judged(self) -> list[GradeKey]:
        """Without what was not reported."""
        return [grade for grade in self.grades if grade.code]

    @property
    def has_missing(self) -> bool:
        return len(self.judged) < len(self.grades)


def trend_of(plan: Plan, policy: int, rounds: Sequence[Round]) -> PolicyTrend | None:
    """By the number that the policy had when each of the published rounds was. None before anything is. One query, and
    one more where the city published rounds."""
    found: dict[date, dict[GradeKey, int]] = defaultdict(dict)
    rows: Any = (
        PublishedReport.objects.public()
        .filter(round__plan=plan, policy_number=policy)
        .order_by("round__as_of")
        .values_list("round__as_of", "grade_order", "grade_code", "grade_label", "tone")
        .annotate(items=Count("pk"))
    )
    for as_of, order, code, label, tone, items in rows:
        found[as_of][GradeKey(order or 0, code, label, tone)] = items
    if not found:
        return None
    unknown = unregistered(plan, rounds, policy)
    nothing = GradeKey(0, "", "", "")
    for one in rounds:
        if missing := unknown.get(one.pk):
            found[one.as_of][nothing] = found[one.as_of].get(nothing, 0) + missing
    days = dict(sorted(found.items()))
    grades = sorted({grade for cells in days.values() for grade in cells}, key=lambda grade: (not grade.code, grade))
    counts = [(as_of, [cells.get(grade, 0) for grade in grades]) for as_of, cells in days.items()]
    breaks = scale_breaks(one for one in rounds if one.as_of in found)
    missing_label = ungraded_labels(one for one in rounds if any(not key.code for key in found.get(one.as_of, ())))
    return PolicyTrend(grades, counts, missing_label, {one.as_of: one.scale_note or "" for one in breaks})


@partial(public, takes=("page",))
def policy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Fourteen queries, however many items and rounds there are."""
    item_count = PublishedFigure.objects.current().filter(
        policy=OuterRef("pk"), measure=PublishedFigure.Measure.ITEM_COUNT
    )
    newest = item_count.order_by(F("as_of").desc(nulls_first=True), "key")
    found = get_object_or_404(
        Policy.objects.filter(plan__is_public=True)
        .select_related("plan__source", "direction", "source")
        .annotate(
            item_count=Subquery(newest.values("printed")[:1]),
            item_count_key=Subquery(newest.values("key")[:1]),
        ),
        plan__slug=slug,
        number=number,
    )
    rounds = published_rounds(found.plan)
    current = snapshot(found.plan, rounds, frozen_editions(found.plan))
    counts = distribution(current, found.number)
    items, unnamed = named(current, current.programs(Selection(policies=(found.number,))))
    count = counts.total.items - sum(each.items for each in unnamed)
    page = page_of(items, requested_page(request), count=count)
    shown = last_columns(rounds, current.round)
    course = trend_of(found.plan, found.number, rounds)
    return render(
        request,
        "website/policy.html",
        {
            "plan": found.plan,
            "section": "programs",
            "policy": found,
            "named": f"{word(found.plan, 'policy')}{found.number} {found.name}",
            "snapshot": current,
            "distribution": counts,
            "page": page,
            "rows": with_courses(list(current.rows(page.object_list)), shown),
            "course_columns": shown,
            "unnamed": unnamed,
            "relisted": list(
                found.relisted.shown()
                .filter(active_on(current.day))
                .select_related("policy")
                .order_by("sort_key", "pk")
            ),
            "ended": list(found.programs.shown().ended_before(current.day).order_by("sort_key", "pk")),
            "indicators": plan_indicators(found.plan, found),
            "course": course,
            "axis_trends": axis_trends(rounds, course.items if course else {}, found.number),
        },
    )
