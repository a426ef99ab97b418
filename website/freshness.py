"""How old is what a page says, when more is due, and whether the plan has ended: said where a reader looks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.fiscal import ago, last_day
from policies.models import Plan
from reviews.models import Round


@dataclass(frozen=True)
class Freshness:
    """`as_of`: the day that the latest result tells of, None while nothing is published; `published_on`: None where nobody
    registered it; `coming`: the day of the next round, None where nobody registered one."""

    as_of: date | None
    published_on: date | None
    coming: date | None
    ended_on: date | None

    @property
    def age(self) -> str:
        return ago(self.as_of, timezone.localdate()) if self.as_of else ""


def freshness(plan: Plan, as_of: date | None, round_: Round | None, coming: date | None) -> Freshness:
    """`round_` is the published one of that day, None for what is known by printed totals alone."""
    published_on = None
    if round_ and round_.as_of == as_of:
        published_on = round_.released_on or (timezone.localdate(round_.published_at) if round_.published_at else None)
    ended_on = last_day(plan.last_fiscal_year)
    return Freshness(as_of, published_on, coming, ended_on if ended_on < timezone.localdate() else None)


def coming_of_plan() -> QuerySet[Round]:
    """Of the plan of an outer query, the rounds whose results are awaited, the next one first: those after the last that was
    published, and where none was, those whose day is still to come."""
    published = Round.objects.filter(plan=OuterRef("plan"), state=Round.State.PUBLISHED)
    return (
        Round.objects.shown()
        .filter(Q(as_of__gte=timezone.localdate()) | Exists(published), plan=OuterRef("plan"))
        .exclude(Exists(published.filter(as_of__gte=OuterRef("as_of"))))
        .order_by("as_of")
    )
