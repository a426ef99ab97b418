"""Why items are behind: how many of a round were reported with which cause. Published rows only."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count

from policies.models import Plan, Tone
from reviews.models import PublishedReport, Round


class CauseCount(NamedTuple):
    """`cause` is "" for items that are behind and name none."""

    cause: str
    items: int


def causes_of(plan: Plan) -> list[str]:
    """Every cause that a published round of a plan named, in the order of their characters. One query."""
    named = PublishedReport.objects.filter(round__plan=plan, tone=Tone.BEHIND).exclude(delay_cause="")
    return sorted(set(named.order_by().values_list("delay_cause", flat=True).distinct()))


def delay_causes(round_: Round) -> list[CauseCount]:
    """Count the items of a published round that are behind, by cause: the most frequent first, those without one last.
    Empty where nobody was asked for a cause. One query."""
    rows = PublishedReport.objects.filter(round=round_, tone=Tone.BEHIND).order_by()
    counted = [CauseCount(*values) for values in rows.values_list("delay_cause").annotate(items=Count("pk"))]
    if not any(count.cause for count in counted):
        return []
    return sorted(counted, key=lambda count: (not count.cause, -count.items, count.cause))
