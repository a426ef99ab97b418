"""The overview of a plan, the list of plans, and whether the server is well."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from figures.datasets import PolicyCounts, distribution, snapshot
from figures.models import PublishedFigure
from opendata.frame import shown_plans
from opendata.pages import public, public_plans
from policies.models import Plan, Position, Viewpoint
from reviews.models import EffectKind
from website.published import effects, published_grades, revisions
from website.summary import of_printed, of_records, with_bars
from website.trend import trend


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
    answer = HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        answer = HttpResponse("database unavailable\n", status=503, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


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
    figures = list(PublishedFigure.objects.filter(plan=plan).select_related("source", "edition", "policy"))
    rounds.grades, rounds.printed = counts.grades, published_grades(figures, counts.grades)
    rounds.known_editions = {figure.edition_id for figure in figures if figure.edition_id is not None}
    latest = next(reversed(rounds.printed.values()), None)
    if current.round and latest and latest.as_of <= current.round.as_of:
        latest = None  # the records say the same or more
    item_counts = {f.policy.number if f.policy else None: f for f in figures if f.measure == "item_count"}
    return render(
        request,
        "website/plan.html",
        {
            "plan": plan,
            "section": "plan",
            "canonical_path": plan.get_absolute_url(),  # the default plan is served at "/" too
            "round": current.round,
            "previous": current.previous,
            "printed": latest,
            "standing": of_printed(latest) if latest else of_records(current.round, counts),
            "distribution": counts,
            "moves": current.moves(counts.changes, at_most=20),
            "trend": rounds,
            "item_count": item_counts.get(None),
            "policies": with_bars(counts, item_counts),
            "directions": _by_direction(counts.policies),
            "viewpoints": _by_kind(
                list(Viewpoint.objects.filter(plan=plan).select_related("source").order_by("order"))
            ),
            "effects": effects(figures),
            "kinds": EffectKind.values,
            "revisions": revisions(figures),
            "chart": _chart(plan, list(Position.objects.filter(plan=plan).select_related("source").order_by("order"))),
        },
    )


def _by_direction(policies: list[PolicyCounts]) -> list[tuple[int | None, str, list[PolicyCounts]]]:
    """(number, name, policies), in the order of the policies; plans without directions have one without number."""
    groups: dict[int | None, tuple[int | None, str, list[PolicyCounts]]] = {}
    for policy in policies:
        key = policy.direction_number
        groups.setdefault(key, (key, policy.direction_name, []))[2].append(policy)
    return list(groups.values())


def _by_kind(viewpoints: list[Viewpoint]) -> list[tuple[str, list[Viewpoint]]]:
    """(part in the picture, viewpoints), in the order goals, foundation, through."""
    kinds = [(kind.label, [view for view in viewpoints if view.kind == kind]) for kind in Viewpoint.Kind]
    return [(label, views) for label, views in kinds if views]


@dataclass(frozen=True)
class Bar:
    """A bar of the position chart; x and width count fiscal years."""

    position: Position
    x: int
    width: int
    is_this_plan: bool


@dataclass(frozen=True)
class Chart:
    first_fiscal_year: int
    last_fiscal_year: int
    bars: list[Bar]

    @property
    def width(self) -> int:
        return self.last_fiscal_year - self.first_fiscal_year + 1

    @property
    def grid(self) -> range:
        return range(1, self.width)


def _chart(plan: Plan, positions: list[Position]) -> Chart | None:
    if not positions:
        return None
    first = min(position.first_fiscal_year for position in positions)
    last = max(position.last_fiscal_year for position in positions)
    return Chart(
        first,
        last,
        [
            Bar(
                position,
                position.first_fiscal_year - first,
                position.last_fiscal_year - position.first_fiscal_year + 1,
                position.name == plan.name,
            )
            for position in positions
        ],
    )
