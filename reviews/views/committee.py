"""The committee: what it watches, its opinions and the city's answers, its meetings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from policies.models import Plan, Source
from reviews.models import Disposition, KeyProgram, Meeting, Opinion
from reviews.views.pages import page_of, public, public_plans, requested_page

# The filter of the page: query value → label.
STATES = {"open": "回答を待っている", **{str(code): str(label) for code, label in Disposition.choices}}


@dataclass(frozen=True)
class MeetingLine:
    held_on: date
    title: str
    place: str = ""
    agenda: str = ""
    documents: list[Source] = field(default_factory=list)


def meeting_lines(plan: Plan) -> list[MeetingLine]:
    """Newest first, with their documents. One query."""
    fields = ("key", "title", "publisher", "date", "updated", "url")
    meetings: dict[int, MeetingLine] = {}
    for pk, held_on, title, place, agenda, *document in (
        Meeting.objects.filter(plan=plan)
        .order_by("-held_on", "documents__key")
        .values_list("pk", "held_on", "title", "place", "agenda", *(f"documents__{name}" for name in fields))
    ):
        line = meetings.setdefault(pk, MeetingLine(held_on, title, place, agenda))
        if document[0] is not None:
            line.documents.append(Source(**dict(zip(fields, document, strict=True))))
    return list(meetings.values())


def _counts(opinions: Sequence[tuple[str, date | None]], today: date) -> dict[str, int]:
    """Published opinions: in all, by state, and those whose answer is overdue."""
    states = Counter(disposition or "open" for disposition, _due in opinions)
    overdue = sum(not disposition and due is not None and due < today for disposition, due in opinions)
    return {"all": len(opinions), "overdue": overdue} | {state: states[state] for state in STATES}


@public
def committee(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    state = request.GET.get("state", "")
    refused = state not in ("", *STATES)
    published = Opinion.objects.published().filter(plan=plan)
    today = timezone.localdate()
    counts = _counts(list(published.order_by().values_list("disposition", "answer_due_on")), today)
    asked = published.order_by(F("answered_on").asc(nulls_first=True), "-given_on", "key")
    if state:
        asked = asked.filter(disposition="" if state == "open" else state)
    page = page_of(
        asked.select_related("program__plan", "policy__plan", "meeting"),
        requested_page(request),
        count=counts.get(state, 0) if state else counts["all"],
    )
    keys = KeyProgram.objects.filter(program__plan=plan).select_related("program__plan")
    by_year = groupby(keys.order_by("-fiscal_year", "program__sort_key"), lambda key: key.fiscal_year)
    return render(
        request,
        "committee.html",
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
            "meetings": meeting_lines(plan),
        },
        status=400 if refused else 200,
    )
