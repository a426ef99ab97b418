"""The page of one item."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from opendata.frame import page_address
from opendata.pages import public
from programs.models import Program
from website.freshness import coming_of_plan, freshness
from website.item_page import item_page


@public
def program(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Seven queries, eight if one of its departments was renamed or merged."""
    rows: list[Any] = list(_with_neighbours().filter(plan__slug=slug, number=number))
    if not rows:
        raise Http404("program")
    found = rows[0]
    page = item_page(found)
    known = page.latest.round if page.latest else None
    return render(
        request,
        "website/program.html",
        {
            "plan": found.plan,
            "section": "programs",
            "program": found,
            "page": page,
            "fresh": freshness(found.plan, known.as_of if known else None, known, found.coming),
            "relisted": list(found.relisted_in.order_by("number")),
            "address": page_address(request, found.get_absolute_url()),
            "key_years": sorted({row.key_year for row in rows if row.key_year is not None}),
            "absorbed": sorted(
                {(row.absorbed_key, row.absorbed_number, row.absorbed_name) for row in rows if row.absorbed_key}
            ),
        },
    )


def _with_neighbours() -> Any:
    """Items of public plans with what stands around them; one row per key year and absorbed item."""
    same_plan = Program.objects.shown().filter(plan=OuterRef("plan"))
    before = Q(sort_key__lt=OuterRef("sort_key")) | Q(sort_key=OuterRef("sort_key"), pk__lt=OuterRef("pk"))
    after = Q(sort_key__gt=OuterRef("sort_key")) | Q(sort_key=OuterRef("sort_key"), pk__gt=OuterRef("pk"))
    previous = same_plan.filter(before).order_by("-sort_key", "-pk")
    following = same_plan.filter(after).order_by("sort_key", "pk")
    return (
        Program.objects.public()
        .with_next_plan()
        .select_related("plan__source", "policy__direction", "source", "merged_into")
        .annotate(
            previous_number=Subquery(previous.values("number")[:1]),
            previous_name=Subquery(previous.values("name")[:1]),
            next_number=Subquery(following.values("number")[:1]),
            next_name=Subquery(following.values("name")[:1]),
            carried_to=Subquery(
                Program.objects.public()
                .filter(plan__slug=OuterRef("carried_plan"), number=OuterRef("carried_number"))
                .values("plan__name")[:1]
            ),
            coming=Subquery(coming_of_plan().values("as_of")[:1]),
            key_year=F("key_years__fiscal_year"),
            known_absorbed=FilteredRelation("absorbed", condition=Q(absorbed__public_at__isnull=False)),
            absorbed_key=F("known_absorbed__sort_key"),
            absorbed_number=F("known_absorbed__number"),
            absorbed_name=F("known_absorbed__name"),
        )
    )
