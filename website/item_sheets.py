"""One item, or the items of a policy, as PDF: their sheets from the report of the newest published round that has them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from figures.datasets import published_rounds, snapshot
from figures.rows import Selection
from opendata.floods import bounded, limited
from opendata.frame import copy_of
from opendata.pages import public
from policies.models import Policy
from programs.models import Program
from reviews.models import PublishedReport
from website.pdf import Unavailable, pdf_of, public_pdf
from website.report import sheets_of


@public
@limited
@bounded
def item_pdf(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    found = get_object_or_404(Program.objects.public().select_related("plan__source"), plan__slug=slug, number=number)
    title = f"{found.number} {found.display_name}"
    return _file(request, found, title, Selection(programs=frozenset([found.pk])))


@public
@limited
@bounded
def policy_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    shown = Policy.objects.filter(plan__is_public=True).select_related("plan__source")
    found = get_object_or_404(shown, plan__slug=slug, number=number)
    return _file(request, found, f"{found.number} {found.name}", Selection(policies=(found.number,)))


def _file(request: HttpRequest, of: Program | Policy, title: str, selection: Selection) -> HttpResponse:
    """The sheets of an item or policy; where no PDF can be made, a page that says what to do instead."""
    plan = of.plan
    rounds = published_rounds(plan)
    days = PublishedReport.objects.public().filter(round__plan=plan)
    days = days.filter(program=of) if isinstance(of, Program) else days.filter(policy_number=of.number)
    newest = days.order_by("-round__as_of").values_list("round__as_of", flat=True).first()
    if newest is None:
        raise Http404("not in a published round")
    current = snapshot(plan, rounds, as_of=newest)
    book = sheets_of(current, selection)
    context: dict[str, Any] = {"plan": plan, "book": book, "title": title, "of": of, "static_copy": copy_of(request)}
    site = request.build_absolute_uri("/").rstrip("/")
    try:
        content = pdf_of(render_to_string("website/sheets_file.html", {**context, "site": site}), "css/packet.css")
    except Unavailable:
        page = of.get_absolute_url()
        return render(request, "website/packet_unavailable.html", {**context, "page": page}, status=503)
    kind = "item" if isinstance(of, Program) else "policy"
    return public_pdf(content, f"{plan.slug}-{kind}-{of.number}")
