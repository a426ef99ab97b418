"""The committee: what it watches, its opinions and the city's answers, its meetings and their packets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from committee.models import Disposition, KeyProgram, Meeting, Opinion
from opendata.floods import bounded, limited
from opendata.frame import copy_of
from opendata.pages import page_of, public, public_plans, requested_page
from policies.models import Plan
from reviews.models import PublishedReport
from website.packet import Packet, meeting_lines, packet
from website.pdf import Unavailable, is_available, pdf_of

# The filter of the page: query value → label.
STATES = {"open": "回答を待っている", **{str(code): str(label) for code, label in Disposition.choices}}


def _counts(opinions: Sequence[tuple[str, date | None]], today: date) -> dict[str, int]:
    """Published opinions: in all, by state, and those whose answer is overdue."""
    states = Counter(disposition or "open" for disposition, _due in opinions)
    overdue = sum(not disposition and due is not None and due < today for disposition, due in opinions)
    return {"all": len(opinions), "overdue": overdue} | {state: states[state] for state in STATES}


def _keys(plan: Plan) -> Any:
    """What the committee watches, newest year first, with the grade that was published last for the item. One query."""
    latest = PublishedReport.objects.public().filter(program=OuterRef("program")).order_by("-round__as_of")
    return (
        KeyProgram.objects.filter(program__plan=plan, program__public_at__isnull=False)
        .select_related("program__plan")
        .annotate(**{name: Subquery(latest.values(name)[:1]) for name in ("grade_code", "grade_label", "tone")})
        .order_by("-fiscal_year", "program__sort_key")
    )


def waiting_first(opinions: QuerySet[Opinion]) -> QuerySet[Opinion]:
    """In the order of their page."""
    return opinions.order_by(F("answered_on").asc(nulls_first=True), "-given_on", "key")


@partial(public, takes=("state", "page"))
def committee(request: HttpRequest, slug: str) -> HttpResponse:
    """Five queries, however many opinions, items and meetings there are."""
    plan = get_object_or_404(public_plans(), slug=slug)
    state = request.GET.get("state", "")
    refused = state not in ("", *STATES)
    published = Opinion.objects.published().filter(plan=plan)
    today = timezone.localdate()
    counts = _counts(list(published.order_by().values_list("disposition", "answer_due_on")), today)
    shown = waiting_first(published)
    if state:
        shown = shown.filter(disposition="" if state == "open" else state)
    page = page_of(
        shown.select_related("program__plan", "policy__plan", "meeting"),
        requested_page(request),
        count=counts.get(state, 0) if state else counts["all"],
    )
    by_year = groupby(_keys(plan), lambda key: key.fiscal_year)
    meetings = meeting_lines(plan, Meeting.objects.shown())
    return render(
        request,
        "website/committee.html",
        {
            "plan": plan,
            "section": "committee",
            "refused": refused,
            "state": state,
            "states": [(code, label, counts[code]) for code, label in STATES.items()],
            "counts": counts,
            "page": page,
            "opinions": [] if refused else list(page.object_list),
            "today": today,
            "key_years": [(year, list(items)) for year, items in by_year],
            "meetings": meetings,
            "next": min(
                (line for line in meetings if line.meeting.held_on >= today),
                key=lambda line: line.meeting.held_on,
                default=None,
            ),
        },
        status=400 if refused else 200,
    )


def _found(slug: str, held_on: date) -> tuple[Plan, Packet]:
    plan = get_object_or_404(public_plans(), slug=slug)
    found = packet(plan, held_on, Opinion.objects.published(), Meeting.objects.shown())
    if found is None:
        raise Http404("meeting")
    return plan, found


@public
def meeting(request: HttpRequest, slug: str, held_on: date) -> HttpResponse:
    """The packet as a page, to be read and printed. Eight queries."""
    plan, found = _found(slug, held_on)
    return render(request, "website/meeting.html", meeting_context(plan, found))


def meeting_context(plan: Plan, found: Packet) -> dict[str, Any]:
    return {
        "plan": plan,
        "section": "committee",
        "packet": found,
        "today": timezone.localdate(),
        "has_pdf": is_available(),
    }


@public
@limited
@bounded
def packet_pdf(request: HttpRequest, slug: str, held_on: date) -> HttpResponse:
    """The same packet as a file. Eight queries."""
    plan, found = _found(slug, held_on)
    return pdf_response(request, meeting_context(plan, found))


def pdf_response(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The packet of a context of `meeting_context`; where no PDF can be made, a page that says what to do instead.
    Raises Http404 for a meeting of which nothing is known."""
    if not context["packet"].has_packet:
        raise Http404("nothing known")
    site = request.build_absolute_uri("/").rstrip("/")
    html = render_to_string("website/packet.html", {**context, "site": site, "static_copy": copy_of(request)})
    try:
        content = pdf_of(html, "css/packet.css")
    except Unavailable:
        page = request.path.removesuffix("packet.pdf")
        return render(request, "website/packet_unavailable.html", {**context, "page": page}, status=503)
    held_on = context["packet"].meeting.held_on
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{context["plan"].slug}-{held_on}-packet.pdf"'
    return response
