"""The committee: what it watches, its opinions and the city's answers, its meetings and their packets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from committee.models import Disposition, KeyProgram, Meeting, Opinion
from figures.filters import QueryForm, any_of, policy_choices
from figures.rows import UNNAMED
from opendata.floods import bounded, limited
from opendata.frame import copy_of
from opendata.pages import page_of, public, public_plans
from policies.models import Plan
from reviews.models import PublishedReport
from website.packet import Packet, meeting_lines, packet
from website.pdf import Unavailable, is_available, pdf_of

STATES = {"open": "回答を待っている", **{str(code): str(label) for code, label in Disposition.choices}}
# What an opinion is about: a policy, itself or by one of its items; nothing of both for one about the whole plan.
_POLICY = {name: Coalesce(f"policy__{name}", f"program__policy__{name}") for name in ("number", "name")}


@dataclass(frozen=True)
class PublishedOpinion:
    """A published opinion, as far as it is counted and chosen by."""

    disposition: str
    due: date | None
    number: int | None
    policy: str | None

    @property
    def state(self) -> str:
        return self.disposition or "open"

    @property
    def about(self) -> str:
        return str(self.number or UNNAMED)


class OpinionFilter(QueryForm):
    """What the opinions of a plan may be asked for: what there is of them, and nothing else is offered."""

    CRITERIA: tuple[str, ...] = ("state", "policy")

    state = any_of("市の対応", "この市の対応はありません。")
    policy = any_of("方針", "この方針についての意見はありません。")

    def __init__(self, data: QueryDict, *, plan: Plan, told: Sequence[PublishedOpinion]) -> None:
        super().__init__(data)
        self._speak(plan)
        self.counts = Counter(each.state for each in told)
        self._offer(
            "state", [pair for pair in STATES.items() if self.counts[pair[0]] or pair[0] in data.getlist("state")]
        )
        known = sorted({(each.number, each.policy or "") for each in told if each.number})
        self._offer("policy", policy_choices(plan, known))
        if len({each.about for each in told}) > len(known):
            self._offer("policy", [(UNNAMED, "計画全体")])

    def chosen(self, told: Iterable[PublishedOpinion]) -> int:
        """How many of the opinions a valid form asks for."""
        state, policy = self.cleaned_data["state"], self.cleaned_data["policy"]
        return sum((not state or each.state in state) and (not policy or each.about in policy) for each in told)


def _asked(opinions: QuerySet[Opinion], form: OpinionFilter) -> QuerySet[Opinion]:
    """Those of the opinions that a valid form asks for."""
    if state := form.cleaned_data["state"]:
        opinions = opinions.filter(disposition__in=["" if each == "open" else each for each in state])
    if policy := form.cleaned_data["policy"]:
        numbers = [int(each) for each in policy if each != UNNAMED]
        about = Q(policy__number__in=numbers) | Q(program__policy__number__in=numbers)
        opinions = opinions.filter(about | Q(policy=None, program=None) if UNNAMED in policy else about)
    return opinions


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


@partial(public, takes=OpinionFilter.base_fields)
def committee(request: HttpRequest, slug: str) -> HttpResponse:
    """Five queries, however many opinions, items and meetings there are."""
    plan = get_object_or_404(public_plans(), slug=slug)
    published = Opinion.objects.published().filter(plan=plan)
    today = timezone.localdate()
    told = [
        PublishedOpinion(*each)
        for each in published.order_by().values_list("disposition", "answer_due_on", *_POLICY.values())
    ]
    form = OpinionFilter(request.GET, plan=plan, told=told)
    page = None
    if form.is_valid():
        shown = waiting_first(_asked(published, form)).select_related("program__plan", "policy__plan", "meeting")
        page = page_of(shown, form.page_number, count=form.chosen(told))
    by_year = groupby(_keys(plan), lambda key: key.fiscal_year)
    meetings = meeting_lines(plan, Meeting.objects.shown())
    return render(
        request,
        "website/committee.html",
        {
            "plan": plan,
            "section": "committee",
            "form": form,
            "conditions": form.conditions if page is not None else [],
            "count": len(told),
            "open": form.counts["open"],
            "answers": [(code, label, form.counts[code]) for code, label in Disposition.choices if form.counts[code]],
            "overdue": sum(each.state == "open" and each.due is not None and each.due < today for each in told),
            "page": page,
            "opinions": list(page.object_list) if page is not None else [],
            "today": today,
            "key_years": [(year, list(items)) for year, items in by_year],
            "meetings": meetings,
            "next": min(
                (line for line in meetings if line.meeting.held_on >= today),
                key=lambda line: line.meeting.held_on,
                default=None,
            ),
        },
        status=400 if page is None else 200,
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
