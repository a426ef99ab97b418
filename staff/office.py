"""What the office does with a round: open it, watch its board, approve, publish after a check, tell people by e-mail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from figures.ledger import forecast
from opendata.pages import file_response
from programs import editions
from programs.models import Program
from reviews import notices, workflow
from reviews.board import board_of
from reviews.hints import Hint, hints_of_round
from reviews.judging import unjudged
from reviews.models import Notice, Report, Round
from reviews.notices import Outcome
from staff.base import person
from staff.notices import tell
from staff.round_files import RoundFiles
from staff.round_status import state_columns, write_status

State = Report.State
# A page of reports to approve: the form must stay below Django's limit of fields, and somebody reads it.
PAGE = 100
# Hints in which the report says the opposite of its own figures or promise; the others ask for a better text.
CONTRADICTIONS = {"target_missed", "recovery_passed"}


class OfficePages(RoundFiles):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/open/", view(self.open_view), name="reviews_round_open"),
            path("<int:pk>/board/", view(self.board_view), name="reviews_round_board"),
            path("<int:pk>/status/", view(self.status_view), name="reviews_round_status"),
            path("<int:pk>/approve/", view(self.approve_view), name="reviews_round_approve"),
            path("<int:pk>/notify/", view(self.notify_view), name="reviews_round_notify"),
            path("<int:pk>/publish/", view(self.publish_view), name="reviews_round_publish"),
            *self.past_urls(),
            *self.file_urls(),
            *super().get_urls(),
        ]

    def _page(self, request: HttpRequest, name: str, round_: Round, **context: object) -> HttpResponse:
        status = 400 if context.get("error") else 200
        context |= {"original": round_, "mails_leave": notices.reaches_people(), "sender": notices.sender()}
        return self.act_page(request, f"staff/round/{name}.html", status=status, **context)

    def _done(self, request: HttpRequest, round_: Round, message: str, notify: Callable[..., Outcome]) -> HttpResponse:
        done = self.act_done(request, round_, message)
        if "notify" in request.POST:
            tell(request, notify(round_, by=person(request)))
        return done

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.round_of(request, pk, "reviews.open_round")
        error = ""
        if request.method == "POST":
            try:
                opened = workflow.open_round(round_, by=person(request))
            except workflow.WrongState as refused:
                error = str(refused)
            else:
                return self._done(request, opened, f"{round_}の調査の受付を始めました。", notices.notify_opened)
        return self._page(
            request,
            "open",
            round_,
            title="調査の受付を始める",
            programs=Program.objects.filter(plan=round_.plan).active_on(round_.as_of).count(),
            error=error,
        )

    # Board

    def board_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.round_of(request, pk, "reviews.approve_report")
        board = board_of(round_)
        columns = state_columns(round_)
        logged = Notice.objects.filter(round=round_).select_related("user")
        return self._page(
            request,
            "board",
            round_,
            title=f"{round_.plan} {round_}の進み具合",
            board=board,
            columns=columns,
            lines=[
                (row, [(state, row.states[state]) for state, _label in columns]) for row in [*board.rows, board.total]
            ],
            is_open=round_.state == Round.State.OPEN,
            is_published=round_.state == Round.State.PUBLISHED,
            notices=list(logged[:5]),
            delivery=notices.delivery(round_),
        )

    def status_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The board as a workbook: who has handed in."""
        round_, now = self.round_of(request, pk, "reviews.approve_report"), timezone.localtime()
        write = partial(write_status, round_=round_, board=board_of(round_), columns=state_columns(round_), now=now)
        name = f"{round_.plan.slug}_{round_.as_of}_status_{now:%Y-%m-%d}.xlsx"
        return file_response(write, name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")

    def notify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tell those who were not told yet: it was not asked for at the time, a mail failed, no server was set."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        round_ = self.round_of(request, pk, "reviews.approve_report")
        try:
            outcome = notices.notify_missing(round_, by=person(request))
        except workflow.WrongState as refused:
            messages.error(request, str(refused))
        else:
            tell(request, outcome)
            if not outcome.sent and not outcome.problems:
                said = (
                    f"知らせる{len(outcome.already)}人には、すでに送ってあります。"
                    if outcome.already
                    else "知らせる人がいません。"
                )
                messages.info(request, f"{said}新しく送ったメールはありません。")
        return redirect("admin:reviews_round_board", pk)

    # Approving many at once

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Reports that wait, each with the version that is shown: one that changes meanwhile is left and named."""
        round_ = self.round_of(request, pk, "reviews.approve_report")
        if request.method == "POST":
            self._approve(request, round_)
            return redirect(request.get_full_path())
        waiting = round_.reports.filter(state=State.SUBMITTED).order_by("program__sort_key")
        page = Paginator(waiting.select_related("program", "grade", "submitted_by"), PAGE).get_page(
            request.GET.get("page")
        )
        return self._page(
            request,
            "approve",
            round_,
            title="報告をまとめて承認する",
            page=page,
            hinted=_hinted(round_, list(page)),
            shown=",".join(_seen(report) for report in page),
            is_open=round_.state == Round.State.OPEN,
        )

    def _approve(self, request: HttpRequest, round_: Round) -> None:
        chosen = request.POST.getlist("chosen")
        if "all" in request.POST:
            chosen = request.POST.get("shown", "").split(",")
        seen = dict(pair for text in chosen if (pair := _read(text)))
        if not seen:
            messages.error(request, "承認する報告を選んでください。何も承認していません。")
            return
        reports = list(round_.reports.filter(pk__in=seen).only("round", "version"))
        for report in reports:
            report.version = seen[report.pk]
        approved, refused = workflow.approve_all(reports, by=person(request))
        for report, why in refused:
            messages.warning(request, f"{report.program}: {why}")
        for report in approved:
            self.log_change(request, report, "承認")
        if approved:
            messages.success(request, f"{len(approved)}件を承認しました。")

    # Publication

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self.round_of(request, pk, "reviews.publish_round")
        reports = round_.reports.to_publish()
        missing = list(
            reports.exclude(state=State.APPROVED)
            .select_related("program")
            .only("round", "state", "program__number", "program__name")
            .order_by("program__sort_key")
        )
        seen = _fingerprint(missing)
        accept, freeze_edition = "accept_unreported" in request.POST, "freeze_edition" in request.POST
        error = ""
        if request.method == "POST":
            try:
                if accept and request.POST.get("seen") != seen:
                    raise workflow.WrongState(
                        "承認されていない報告が、画面を開いたあとに変わりました。もう一度確かめてください。"
                    )
                published = workflow.publish(
                    round_, by=person(request), accept_unreported=accept, freeze_edition=freeze_edition
                )
            except workflow.WrongState as refused:
                error = str(refused)
            else:
                return self._done(request, published, f"{round_}の調査を公表しました。", notices.notify_published)
        checks = _checks(round_)
        states = checks["board"].total.states
        return self._page(
            request,
            "publish",
            round_,
            title="調査を公表する",
            counts=[(state.label, states[state]) for state in State if state != State.PUBLISHED],
            approved=states[State.APPROVED],
            withdrawn=list(Program.objects.filter(reports__round=round_).exclude(withdrawn="")),
            missing=missing,
            seen=seen,
            error=error,
            **checks,
        )


def _checks(round_: Round) -> dict[str, Any]:
    """What the office should have seen before it publishes. None of it forbids anything."""
    ledger = forecast(round_)
    reports = round_.reports.to_publish()
    approved = reports.filter(state=State.APPROVED).order_by("program__sort_key")
    found = _hinted(round_, list(approved.select_related("program").only("program__number", "program__name", "round")))
    contradicted = [(report, hints) for report, hints in found if {hint.code for hint in hints} & CONTRADICTIONS]
    unasked: QuerySet[Program] = Program.objects.filter(plan=round_.plan).active_on(round_.as_of)
    return {
        "board": board_of(round_, reports=reports),
        "unjudged": unjudged(round_),
        "unasked": list(unasked.exclude(reports__round=round_)),
        "unknown": editions.missing(round_.edition) if round_.edition.frozen_at is None else [],
        "contradicted": contradicted,
        "hinted": [one for one in found if one not in contradicted],
        "ledger": ledger,
        "differing": sum(line.status.differs for line in ledger),
    }


def _hinted(round_: Round, reports: list[Report]) -> list[tuple[Report, list[Hint]]]:
    """The reports that have hints, in their order."""
    found = hints_of_round(round_, reports)
    return [(report, found[report.pk]) for report in reports if report.pk in found]


def _seen(report: Report) -> str:
    return f"{report.pk}:{report.version}"


def _read(text: str) -> tuple[int, int] | None:
    pk, _colon, version = text.partition(":")
    if not (pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10):
        return None
    return int(pk), int(version)


def _fingerprint(reports: list[Report]) -> str:
    """Changes when another report is missing, or one in another state."""
    text = ",".join(sorted(f"{report.pk}:{report.state}" for report in reports))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
