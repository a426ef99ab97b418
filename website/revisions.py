"""What changed: the revisions of a plan and the latest movements, and one revision with its items before and after."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.plots import Bars, bars
from figures import version
from figures.counts import distribution
from figures.datasets import published_rounds, snapshot
from figures.filters import RevisionFilter
from figures.models import PublishedFigure
from figures.revised import cached_item_revisions
from figures.revisions import REVISION_MEASURES, CheckedRevision
from opendata.pages import page_of, public, public_plans
from policies.models import Edition
from policies.words import in_words_of
from programs.models import Program
from programs.revisions import details, entries_of, events, policies_and_items
from website.published_figures import PublishedRevision
from website.published_figures import revisions as published_revisions

_PER_PAGE = 50  # a card each, whose before and after is folded
_DISAGREEMENTS = 100  # beyond that it is not an item that is wrong, and the page would be endless


@public
def revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """Seven queries, however many revisions and items there are."""
    plan = get_object_or_404(public_plans(), slug=slug)
    editions = Edition.objects.filter(plan=plan).select_related("source", "revision__source")
    figures = PublishedFigure.objects.current().filter(plan=plan, measure__in=REVISION_MEASURES)
    counted = {
        found.edition.pk: found for found in published_revisions(figures.select_related("source", "edition", "policy"))
    }
    known = [
        (event, counted.get(event.edition.pk, PublishedRevision(event.edition)))
        for event in events(editions)
        if event.is_public(counted)
    ]
    rounds = published_rounds(plan)
    current = snapshot(plan, rounds, as_of=rounds[0].as_of if rounds else None)
    return render(
        request,
        "website/revisions.html",
        {
            "plan": plan,
            "section": "revisions",
            "revisions": known,
            "round": current.round,
            "previous": current.previous,
            "moves": current.moves(distribution(current).changes) if current.is_comparable else [],
            "errata": current.errata() if current.round else [],
        },
    )


@partial(public, takes=RevisionFilter.base_fields)
def revision(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """At most eight queries, however many items there are; one more where items came or went."""
    comparison, policies, promises = compared(slug, key)
    event = comparison.event
    plan = event.edition.plan
    form = RevisionFilter(request.GET, plan=plan, policies=policies)
    context = {
        "plan": plan,
        "section": "revisions",
        "event": event,
        "comparison": comparison,
        "counts": comparison.counts,
        "chart": counts_chart(comparison),
        "figure": first_published(comparison),
        "disagreements": comparison.disagreements,
        "shown_disagreements": comparison.disagreements[:_DISAGREEMENTS],
        "form": form,
        "stories": _stories(comparison),
    }
    if not form.is_valid():
        return render(request, "website/revision.html", context, status=400)
    chosen = [entry for entry in comparison.revised if form.wants(entry.aspects, entry.item.policy_number)]
    page = page_of(chosen, form.page_number, per_page=_PER_PAGE)
    shown = details(event, page.object_list, promises)
    return render(
        request, "website/revision.html", {**context, "page": page, "rows": shown, "conditions": form.conditions}
    )


def compared(slug: str, key: str) -> tuple[CheckedRevision, list[tuple[int, str]], Any]:
    """A revision with what was published about it, the policies of its plan, and what the items promised. Raises Http404 for
    one that citizens do not know of."""
    number = version.settled()
    editions = list(
        Edition.objects.filter(plan__slug=slug, plan__is_public=True)
        .select_related("plan__source", "source", "revision__source")
        .order_by("first_fiscal_year")
    )
    event = next((event for event in events(editions) if event.edition.key == key), None)
    if event is None:
        raise Http404("edition")
    plan = event.edition.plan
    figures = list(
        PublishedFigure.objects.current()
        .filter(edition=event.edition, measure__in=REVISION_MEASURES)
        .select_related("source", "policy")
    )
    if not event.is_public({figure.edition_id for figure in figures}):
        raise Http404("not published")
    policies, items = policies_and_items(plan)
    found, promises = cached_item_revisions(event, number, lambda: items)
    return CheckedRevision(event, entries_of(items, found), figures=figures), policies, promises


def first_published(comparison: CheckedRevision) -> PublishedFigure | None:
    """The first of the published counts; it says where all of them stand."""
    return next((count.published for count in comparison.counts if count.published), None)


def counts_chart(comparison: CheckedRevision) -> Bars:
    plan = comparison.event.edition.plan
    return bars(
        [
            (
                in_words_of(plan, count.label),
                [("published", count.published.value if count.published else None), ("computed", count.computed)],
            )
            for count in comparison.counts
        ],
        unit="項目",
    )


def _stories(comparison: CheckedRevision) -> list[tuple[bool, Program]]:
    """Whether it came (or went), and the item, of those that stand in one of the editions alone. One query, if there are
    any."""
    found = [(True, entry.item.pk) for entry in comparison.added]
    found += [(False, entry.item.pk) for entry in comparison.ended]
    if not found:
        return []
    items = Program.objects.with_next_plan().select_related("merged_into").in_bulk([pk for _, pk in found])
    return [(came, items[pk]) for came, pk in found]
