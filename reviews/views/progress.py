"""Rounds over time, one round, and the ledger of published figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from policies.models import Plan
from reviews.datasets import Counts, distribution, published_rounds, snapshot
from reviews.figures import Status, reconcile
from reviews.models import Grade, PublishedFigure, PublishedReport, Round
from reviews.views.pages import page_of, public, public_plans, requested_page
from reviews.views.published import PublishedGrades, published_grades, reading_order


@dataclass(frozen=True)
class RoundLine:
    """One round in the list; `counts` only if it is published."""

    round: Round
    counts: Counts | None
    printed: PublishedGrades | None


@public
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    grades = list(Grade.objects.filter(plan=plan).order_by("order"))
    reported: dict[int, Counter[str]] = defaultdict(Counter)
    for round_id, code, count in (
        PublishedReport.objects.filter(round__plan=plan)
        .order_by()
        .values_list("round", "grade_code")
        .annotate(count=Count("pk"))
    ):
        reported[round_id][code] = count
    printed = _printed(plan, grades)
    lines = []
    for round_ in Round.objects.filter(plan=plan).select_related("source").order_by("as_of"):
        by_code = reported[round_.pk]
        is_published = round_.state == Round.State.PUBLISHED
        counts = Counts(by_code.total(), [by_code[grade.code] for grade in grades]) if is_published else None
        lines.append(RoundLine(round_, counts, printed.get(round_.as_of)))
    return render(
        request,
        "progress.html",
        {"plan": plan, "section": "progress", "grades": grades, "lines": lines},
    )


@public
def round_page(request: HttpRequest, slug: str, as_of: date) -> HttpResponse:
    shown = get_object_or_404(
        Round.objects.filter(plan__is_public=True).select_related("plan__source", "source"),
        plan__slug=slug,
        as_of=as_of,
    )
    if shown.state == Round.State.PUBLISHED:
        return _published_round(request, shown)
    grades = list(Grade.objects.filter(plan=shown.plan).order_by("order"))
    printed = _printed(shown.plan, grades, as_of).get(as_of)
    context = {"plan": shown.plan, "section": "progress", "round": shown, "printed": printed}
    return render(request, "round.html", context)


def _published_round(request: HttpRequest, shown: Round) -> HttpResponse:
    plan = shown.plan
    current = snapshot(plan, published_rounds(plan), as_of=shown.as_of)
    counts = distribution(current)
    page = page_of(current.programs(), requested_page(request), count=counts.total.items)
    return render(
        request,
        "round.html",
        {
            "plan": plan,
            "section": "progress",
            "round": shown,
            "snapshot": current,
            "distribution": counts,
            "printed": _printed(plan, counts.grades, shown.as_of).get(shown.as_of),
            "moves": current.moves(counts.changes),
            "errata": current.errata(),
            "page": page,
            "rows": list(current.rows(page.object_list)),
        },
    )


def _printed(plan: Plan, grades: list[Grade], as_of: date | None = None) -> dict[date, PublishedGrades]:
    figures = PublishedFigure.objects.filter(plan=plan, as_of__isnull=False).select_related("source")
    return published_grades(figures if as_of is None else figures.filter(as_of=as_of), grades)


@public
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    lines = sorted(reconcile(plan), key=lambda line: reading_order(line.figure))
    found = Counter(line.status for line in lines)
    return render(
        request,
        "figures.html",
        {
            "plan": plan,
            "section": "figures",
            "count": len(lines),
            "ledger": [(m, list(group)) for m, group in groupby(lines, lambda line: line.figure.get_measure_display())],
            "statuses": [(status, found[status]) for status in Status],
        },
    )
