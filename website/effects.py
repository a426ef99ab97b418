"""Effect amounts: what the city printed, what the items give, and whether they agree."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from figures.effects import registered, totals
from figures.ledger import reconcile
from figures.measures import EFFECT_MEASURES
from opendata.pages import public, public_plans
from reviews.models import EffectKind
from website.published import effects as published_effects
from website.published import reading_order


@public
def effects(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    rows = registered(plan)
    lines = reconcile(plan, rows, EFFECT_MEASURES)
    replaced = {line.figure.supersedes_id for line in lines}
    lines.sort(key=lambda line: reading_order(line.figure))
    return render(
        request,
        "website/effects.html",
        {
            "plan": plan,
            "section": "effects",
            "printed": published_effects(line.figure for line in lines if line.figure.pk not in replaced),
            "totals": totals(rows, plan.money_unit),
            "ledger": lines,
            "statuses": Counter(line.status for line in lines).most_common(),
            "kinds": EffectKind.values,
        },
    )
