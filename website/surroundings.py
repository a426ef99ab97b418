"""What stands beside the pages: feeds, the map of the site, what robots may do, and the glossary."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from committee.models import Meeting
from core.fiscal import first_day
from figures.models import PublishedFigure
from figures.revisions import REVISION_MEASURES
from opendata.frame import copy_of, page_address, shown_plans
from opendata.glossary import TERMS
from opendata.pages import public
from policies.models import Edition, Plan, Policy
from programs.models import Program
from programs.revisions import events
from reviews.models import Round
from website.updates import updates

_ATOM = "application/atom+xml; charset=utf-8"
_SECTIONS = ("plan", "programs", "progress", "revisions", "effects", "committee", "figures", "data")


@public
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What was published about one plan. Five queries."""
    return _feed(request, [get_object_or_404(shown_plans(request), slug=slug)], slug)


@public
def feed_of_all(request: HttpRequest) -> HttpResponse:
    return _feed(request, list(shown_plans(request)), "")


def _feed(request: HttpRequest, plans: list[Plan], slug: str) -> HttpResponse:
    entries = updates(plans)
    years = [plan.first_fiscal_year for plan in plans]
    return render(
        request,
        "website/feed.xml",
        {
            "plan": plans[0] if slug else None,
            "entries": [(entry, page_address(request, entry.path)) for entry in entries],
            # A feed without updates has to say a moment too; it is one that never moves.
            "updated": entries[0].moment if entries else None,
            "first_day": first_day(min(years)) if years else first_day(1970),
            "page": page_address(request, reverse("plan", args=[slug]) if slug else reverse("plans")),
            "self": page_address(request),
        },
        content_type=_ATOM,
    )


@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page of every plan. Seven queries."""
    plans = {plan.pk: plan.slug for plan in shown_plans(request)}
    paths = [reverse("plans"), reverse("glossary")]
    for slug in plans.values():
        paths += [reverse(name, args=[slug]) for name in _SECTIONS]
    rows = {"plan__in": plans}
    editions = list(Edition.objects.filter(**rows).select_related("revision"))
    told: set[int | None] = set(
        PublishedFigure.objects.filter(measure__in=REVISION_MEASURES, **rows).values_list("edition", flat=True)
    )
    policies = Policy.objects.filter(**rows).order_by("plan", "number").values_list("plan", "number")
    items = Program.objects.filter(**rows).order_by("plan", "sort_key").values_list("plan", "number")
    rounds = Round.objects.published().filter(**rows).order_by("plan", "as_of").values_list("plan", "as_of")
    meetings = Meeting.objects.filter(**rows).order_by("plan", "held_on").values_list("plan", "held_on")
    for name, found in (("policy", policies), ("program", items), ("round", rounds), ("meeting", meetings)):
        paths += [reverse(name, args=[plans[plan], key]) for plan, key in found]
    for pk, slug in plans.items():
        paths += [reverse("revision", args=[slug, key]) for key in _revisions(pk, editions, told)]
    addresses = [page_address(request, path) for path in paths]
    return render(
        request, "website/sitemap.xml", {"addresses": addresses}, content_type="application/xml; charset=utf-8"
    )


def _revisions(plan: int, editions: list[Edition], told: set[int | None]) -> list[str]:
    """The keys of the revisions of a plan that have a page; `told` are editions that printed figures are about."""
    found = events(edition for edition in editions if edition.plan_id == plan)
    return [event.edition.key for event in found if event.is_public(told)]


@public
def robots(request: HttpRequest) -> HttpResponse:
    closed = "" if copy_of(request) else reverse("admin:index")  # a copy has no pages for staff
    lines = ["User-agent: *", f"Disallow: {closed}", f"Sitemap: {page_address(request, reverse('sitemap'))}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "website/glossary.html", {"terms": TERMS, "section": "glossary"})
