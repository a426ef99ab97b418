"""How a plan is built: its viewpoints, directions and policies, the city's other plans around it, and 計画のあゆみ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from figures.models import PublishedFigure
from opendata.pages import public, public_plans
from policies.models import Axis, Grade, Plan, Policy, Position, Viewpoint, ranks
from website.lineage import lineage
from website.measured import plan_indicators


@public
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """Thirteen queries, eleven for a plan without 計画のあゆみ."""
    plan = get_object_or_404(public_plans(), slug=slug)
    policies = list(Policy.objects.filter(plan=plan).select_related("direction__source", "plan").order_by("number"))
    figures = list(PublishedFigure.objects.current().filter(plan=plan).select_related("source", "policy"))
    return render(
        request,
        "website/about.html",
        {
            "plan": plan,
            "section": "about",
            "axes": _by_axis(Grade.objects.filter(plan=plan).select_related("axis").order_by("axis__order", "order")),
            "directions": _by_direction(policies),
            "viewpoints": _by_kind(
                list(Viewpoint.objects.filter(plan=plan).select_related("source").order_by("order"))
            ),
            "chart": _chart(plan, list(Position.objects.filter(plan=plan).select_related("source").order_by("order"))),
            "indicators": plan_indicators(plan),
            "lineage": lineage(plan, figures),
        },
    )


def _by_direction(policies: list[Policy]) -> list[tuple[int | None, str, list[Policy]]]:
    """(number, name, policies), in the order of the policies; plans without directions have one without number."""
    groups: dict[int | None, tuple[int | None, str, list[Policy]]] = {}
    for policy in policies:
        direction = policy.direction
        key = direction.number if direction else None
        groups.setdefault(key, (key, direction.name if direction else "", []))[2].append(policy)
    return list(groups.values())


def _by_kind(viewpoints: list[Viewpoint]) -> list[tuple[str, list[Viewpoint]]]:
    """(part in the picture, viewpoints), in the order goals, foundation, through."""
    kinds = [(kind.label, [view for view in viewpoints if view.kind == kind]) for kind in Viewpoint.Kind]
    return [(label, views) for label, views in kinds if views]


def _by_axis(grades: Iterable[Grade]) -> list[tuple[Axis, list[Grade], dict[str, int]]]:
    """(axis, its grades, their ranks): codes and ranks mean something in one axis only."""
    found = [(axis, list(group)) for axis, group in groupby(grades, key=lambda grade: grade.axis)]
    return [(axis, scale, ranks(scale)) for axis, scale in found]


@dataclass(frozen=True)
class PeriodBar:
    """A bar of the position chart; x and width count fiscal years."""

    position: Position
    x: int
    width: int
    is_this_plan: bool


@dataclass(frozen=True)
class PeriodChart:
    first_fiscal_year: int
    last_fiscal_year: int
    bars: list[PeriodBar]

    @property
    def width(self) -> int:
        return self.last_fiscal_year - self.first_fiscal_year + 1

    @property
    def grid(self) -> range:
        return range(1, self.width)


def _chart(plan: Plan, positions: list[Position]) -> PeriodChart | None:
    if not positions:
        return None
    first = min(position.first_fiscal_year for position in positions)
    last = max(position.last_fiscal_year for position in positions)
    return PeriodChart(
        first,
        last,
        [
            PeriodBar(
                position,
                position.first_fiscal_year - first,
                position.last_fiscal_year - position.first_fiscal_year + 1,
                position.name == plan.name,
            )
            for position in positions
        ],
    )
