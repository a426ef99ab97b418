"""The admin's start page: what the person who signed in should do next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import update_wrapper
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from committee.opinions import Preparation, preparations
from policies.models import Plan
from reviews import report_fields
from reviews.board import with_state_counts
from reviews.models import Contribution, Report, Round
from reviews.report_fields import FieldKind
from staff import deletions, unsent
from staff.base import person
from staff.sign_ins import ADDRESS, NAME, SignInForm, sign_ins

SHOWN = 20


@dataclass
class StartPage:
    """What the page shows, by what the person may do. Empty parts are left out."""

    office: bool
    reporter: bool
    viewer: bool
    rounds: list[Round] = field(default_factory=list)
    next_rounds: list[Round] = field(default_factory=list)
    unfinished_plans: list[Plan] = field(default_factory=list)
    returned: list[Report] = field(default_factory=list)
    drafts: list[Report] = field(default_factory=list)
    handed_in: list[Report] = field(default_factory=list)
    supporting: list[Report] = field(default_factory=list)  # led by others, waiting for the word of the own department
    preparations: list[Preparation] = field(default_factory=list)  # of the next meetings of the committee
    public_plans: list[Plan] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return sum(round_.in_submitted for round_ in self.rounds)  # type: ignore[attr-defined]

    @property
    def nothing_to_do(self) -> bool:
        if self.office:
            return not (self.rounds or self.next_rounds or self.unfinished_plans)
        return not (self.returned or self.drafts or self.supporting)

    @property
    def sheet_rounds(self) -> list[Round]:
        """Open rounds in which this person's departments have items: there is a survey sheet to fill in."""
        return list({report.round_id: report.round for report in (*self.returned, *self.drafts)}.values())

    @property
    def more_drafts(self) -> int:
        return max(len(self.drafts) - SHOWN, 0)

    @property
    def first_drafts(self) -> list[Report]:
        return self.drafts[:SHOWN]


def start_for(user: User) -> StartPage:
    """A fixed number of queries, whatever there is to do."""
    office = user.has_perm("reviews.approve_report")
    start = StartPage(
        office=office,
        reporter=not office and user.has_perm("reviews.change_report"),
        viewer=not office and user.has_perm("reviews.view_report"),
        public_plans=list(Plan.objects.public()),
    )
    if office:
        _fill_office(start)
    elif start.viewer:
        _fill_department(start, user)
    if user.has_perm("committee.add_opinion"):
        start.preparations = preparations(user)
    return start


def _fill_office(start: StartPage) -> None:
    rounds = Round.objects.select_related("plan")
    start.rounds = list(with_state_counts(rounds.open()).order_by("due_on", "as_of"))
    start.next_rounds = _first_of_each_plan(rounds.filter(state=Round.State.PLANNED).order_by("as_of"))
    start.unfinished_plans = list(
        Plan.objects.annotate(
            unnamed=Count("programs", filter=Q(programs__name="")),
            provisional=Count("programs", filter=Q(programs__number_is_provisional=True)),
        ).filter(Q(unnamed__gt=0) | Q(provisional__gt=0))
    )


def _first_of_each_plan(rounds: Iterable[Round]) -> list[Round]:
    first: dict[int, Round] = {}
    for round_ in rounds:
        first.setdefault(round_.plan_id, round_)
    return list(first.values())


def _fill_department(start: StartPage, user: User) -> None:
    departments = user.owned_departments()
    own = (
        Report.objects.filter(round__state=Round.State.OPEN)
        .of_departments(departments)
        .annotate(
            leads=Exists(Report.objects.filter(pk=OuterRef("pk")).led_by(departments)),
            has_added=Exists(Contribution.objects.filter(report=OuterRef("pk"), department__in=departments)),
        )
        .select_related("program", "round__plan")
        .defer(*report_fields.names(FieldKind.TEXT))
        .order_by("round__due_on", "round__as_of", "program__sort_key")
    )
    for report in own:
        if start.reporter and not report.leads and report.state in Report.EDITABLE:
            start.supporting.append(report)
        elif report.state == Report.State.RETURNED:
            start.returned.append(report)
        elif report.state == Report.State.DRAFT:
            start.drafts.append(report)
        else:
            start.handed_in.append(report)


def _place(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)


def _mark_unsaved(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let a page that shows what was typed and is not saved ask before it is left (static/js/forms.js)."""
    shown: dict[str, Any] | None = getattr(response, "context_data", None)
    if shown is None:
        return
    refused = response.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT) or shown.get("errors")
    if unsent.is_shown(request) or (request.method == "POST" and refused):
        shown["unsaved"] = True


class ReformAdminSite(admin.AdminSite):
    site_header = "行財政改革プラン進捗管理"
    site_title = "行財政改革プラン進捗管理"
    index_title = "はじめに"
    empty_value_display = "－"
    login_form = SignInForm
    # What is used every half-year stands first.
    app_order = ("reviews", "programs", "committee", "policies", "figures", "workbooks", "accounts")
    model_order = ("Report", "Round", "Program", "Plan")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """What is sent after the session has run out is not lost (staff/unsent.py), and no address answers with an empty page."""
        inner = super().admin_view(view, cacheable)

        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method == "POST":
                unsent.discard(request) if self.has_permission(request) else unsent.store(request)
                try:
                    response = unsent.told_at_sign_in(inner(request, *args, **kwargs))
                except (Http404, PermissionDenied) as why:
                    if not (words := unsent.refused_words(request)):
                        raise
                    response = self._refused(request, why, words)
            else:
                response = self._looked_at(request, inner(request, *args, **kwargs))
            _mark_unsaved(request, response)
            return response

        return update_wrapper(page, inner)

    def _refused(self, request: HttpRequest, why: Exception, words: list[str]) -> HttpResponse:
        """The record is gone, or somebody else's by now: what was typed is shown once more."""
        is_gone = isinstance(why, Http404)
        context = {
            **self.each_context(request),
            "title": "保存していません",
            "reason": "" if is_gone else str(why),
            "is_gone": is_gone,
            "words": words,
        }
        status = HTTPStatus.NOT_FOUND if is_gone else HTTPStatus.FORBIDDEN
        return TemplateResponse(request, "staff/refused.html", context, status=status)

    def _looked_at(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The page shows what was typed before the person signed in; an act without a page leads to that of its record."""
        if not self.has_permission(request) or request.method not in ("GET", "HEAD"):
            return response
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = redirect(self._page_of(request))
            if not unsent.waits(request):
                messages.warning(request, "何も行っていません。行うときは、この画面のボタンから行ってください。")
        if isinstance(response, HttpResponseRedirectBase):
            if unsent.waits(request):
                unsent.lead(request, urlsplit(response.url).path)
            return response
        shown: dict[str, Any] | None = getattr(response, "context_data", None)
        if shown is not None and not unsent.is_shown(request):
            shown["typed_before"] = unsent.take(request)
        return response

    def _page_of(self, request: HttpRequest) -> str:
        """Of an act: the page of its record, else the list, else the start page, whatever the person may see."""
        index = reverse("admin:index")
        found = re.match(rf"{index}(\w+)/(\w+)/(?:(\d+)/)?", request.path)
        label = f"{found[1]}.{found[2]}" if found else ""
        one = next((one for model, one in self._registry.items() if model._meta.label_lower == label), None)
        if found is None or one is None or not one.has_view_or_change_permission(request):
            return index
        record = one.get_object(request, found[3]) if found[3] else None
        if record is not None and one.has_view_or_change_permission(request, record):
            return f"{found[0]}change/"
        return f"{index}{found[1]}/{found[2]}/"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().login(request, {**(extra_context or {}), "was_sent": unsent.was_sent(request)})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        opened_by = (unsent.FIELD, unsent.mark(person(request))) if self.has_permission(request) else ("", "")
        return super().each_context(request) | {"opened_by": opened_by}

    def get_urls(self) -> list[Any]:
        view = self.admin_view(lambda request: sign_ins(request, self))
        back = self.admin_view(lambda request: deletions.taken_back(request, self))
        return [
            path(ADDRESS, view, name=NAME),
            path(deletions.ADDRESS, back, name=deletions.NAME),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"], self.model_order))
        return sorted(apps, key=lambda app: _place(app["app_label"], self.app_order))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "start": start_for(person(request))})
