"""The overview of a plan, the list of plans, and whether the server is well."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from figures.counts import distribution
from figures.datasets import snapshot
from figures.models import PublishedFigure
from opendata.faults import health
from opendata.frame import shown_plans
from opendata.pages import public, public_plans
from policies.models import LineagePlan, Plan, Tone
from reviews.models import EffectKind, Round
from website.freshness import freshness
from website.lineage import ended
from website.measured import plan_indicators
from website.published_figures import effects, item_counts, revisions
from website.summary import of_printed, of_records, with_bars
from website.trend import trend

BEHIND, MOVED = 8, 20  # items that the overview names: those that are behind, and those that moved


@public
def home(request: HttpRequest) -> HttpResponse:
    """The default plan; while it is not public (or not there), the list of the plans that are."""
    plan = shown_plans(request).filter(slug=settings.DEFAULT_PLAN).first()
    return _overview(request, plan) if plan else _plans(request)


@public
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    return _overview(request, get_object_or_404(public_plans(), slug=slug))


@public
def plans(request: HttpRequest) -> HttpResponse:
    return _plans(request)


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Asked of the address itself it is answered before: opendata/faults.py."""
    return health()


def _plans(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "website/plans.html",
        {"plans": list(shown_plans(request)), "section": "plans", "canonical_path": reverse("plans")},
    )


def _overview(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Seven queries after that of the plan, however many items and rounds there are."""
    rounds = trend(plan)
    current = snapshot(plan, rounds.published)
    counts = distribution(current)
    figures = list(PublishedFigure.objects.current().filter(plan=plan).select_related("source", "edition", "policy"))
    rounds.surround(counts.grades, figures)
    latest = next(reversed(rounds.printed.values()), None)
    if current.round and latest and latest.as_of <= current.round.as_of:
        latest = None  # the records say the same or more
    behind = list(current.rows(current.behind()[:BEHIND], with_departments=False)) if current.round else []
    told = {row.number for row in behind}
    summary = of_printed(latest) if latest else of_records(current.round, counts)
    known_to = summary.as_of if summary else date.min
    coming = next((one for one in rounds.rounds if one.as_of > known_to and one.state != Round.State.PUBLISHED), None)
    following = list(LineagePlan.objects.filter(plan=plan).order_by("order"))
    counted = item_counts(figures, latest.as_of if latest else current.day)
    return render(
        request,
        "website/plan.html",
        {
            "plan": plan,
            "section": "plan",
            "canonical_path": plan.get_absolute_url(),  # the default plan is served at "/" too
            "indicators": plan_indicators(plan),
            "round": current.round,
            "previous": current.previous,
            "comparable": current.is_comparable,
            "printed": latest,
            "summary": summary,
            "fresh": freshness(
                plan,
                summary.as_of if summary else None,
                None if latest else current.round,
                coming.as_of if coming else None,
            ),
            "distribution": counts,
            "moves": [
                (move, [row for row in move.rows if row.number not in told])
                for move in current.moves(counts.changes, MOVED)
            ],
            "behind": behind,
            "behind_count": sum(count for grade, count in counts.cells if grade.tone == Tone.BEHIND),
            "behind_codes": [grade.code for grade in counts.grades if grade.tone == Tone.BEHIND],
            "trend": rounds,
            "item_count": counted.get(None),
            "policies": with_bars(counts, counted),
            "printed_effects": effects(figures),
            "kinds": EffectKind.values,
            "revisions": revisions(figures),
            "ended": ended(plan, following),
        },
    )
