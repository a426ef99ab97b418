"""What stands beside the pages: the map of the site, what robots may do, and the glossary."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_of
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from committee.models import Meeting
from figures.models import PublishedFigure
from figures.revisions import REVISION_MEASURES
from opendata.frame import copy_of, page_address, shown_plans
from opendata.glossary import TERMS
from opendata.pages import public
from policies.models import Edition, Plan, Policy
from programs.models import Program
from programs.revisions import events
from reviews.models import Round

_SECTIONS = (
    "plan",
    "plan_about",
    "programs",
    "progress",
    "compare",
    "revisions",
    "effects",
    "committee",
    "figures",
    "data",
)


@partial(public, takes=("p",))
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page of every plan; items without a known name have nothing to be found for. Seven queries."""
    return sitemap_of(request, {"pages": _Pages(shown_plans(request))}).render()


class _Pages(Sitemap):
    """The paths of all pages of some plans."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self.plans = plans

    def location(self, item: str) -> str:
        return item

    def items(self) -> list[str]:
        plans = {plan.pk: plan.slug for plan in self.plans}
        paths = [reverse(name) for name in ("plans", "glossary", "site_about", "accessibility", "privacy")]
        for slug in plans.values():
            paths += [reverse(name, args=[slug]) for name in _SECTIONS]
        rows = {"plan__in": plans}
        editions = list(Edition.objects.filter(**rows).select_related("revision"))
        with_figures: set[int | None] = set(
            PublishedFigure.objects.filter(measure__in=REVISION_MEASURES, **rows).values_list("edition", flat=True)
        )
        policies = Policy.objects.filter(**rows).order_by("plan", "number").values_list("plan", "number")
        items = (
            Program.objects.shown()
            .filter(**rows)
            .exclude(name="")
            .order_by("plan", "sort_key")
            .values_list("plan", "number")
        )
        rounds = Round.objects.published().filter(**rows).order_by("plan", "as_of").values_list("plan", "as_of")
        meetings = Meeting.objects.shown().filter(**rows).order_by("plan", "held_on").values_list("plan", "held_on")
        for name, found in (
            ("policy", policies),
            ("program", items),
            ("round", rounds),
            ("report", rounds),
            ("meeting", meetings),
        ):
            paths += [reverse(name, args=[plans[plan], key]) for plan, key in found]
        for pk, slug in plans.items():
            paths += [reverse("revision", args=[slug, key]) for key in _revisions(pk, editions, with_figures)]
        return paths


def _revisions(plan: int, editions: list[Edition], with_figures: set[int | None]) -> list[str]:
    """The keys of the revisions of a plan that have a page; `with_figures` are editions that printed figures are about."""
    found = events(edition for edition in editions if edition.plan_id == plan)
    return [event.edition.key for event in found if event.is_public(with_figures)]


@public
def robots(request: HttpRequest) -> HttpResponse:
    closed = "" if copy_of(request) else reverse("admin:index")  # a copy has no pages for staff
    lines = ["User-agent: *", f"Disallow: {closed}", f"Sitemap: {page_address(request, reverse('sitemap'))}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "website/glossary.html", {"terms": TERMS, "section": "glossary"})
