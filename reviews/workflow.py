"""The acts that move a round and its reports. Admin, sheets, API and commands all come through here.

    draft → submitted → approved → published        submitted → returned → submitted        approved → returned

Each act takes its actor as `by=`, runs in one transaction, locks the round and then the report (always in that order),
checks the person, the version that the person saw and the state, and leaves a history row.

Errors: NotAllowed (the person), WrongState (the moment), ReportConflict (somebody else saved first), ValidationError (the
content, by field). Their messages are Japanese and meant to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Department, User
from core import acts
from core.acts import NotAllowed, WrongState
from core.acts import require as _require
from core.history import create_with_history, signed, update_with_history
from policies.locking import lock_plan
from policies.models import Judge
from policies.publicity import show_with
from policies.words import word
from programs import editions
from programs.correction import Why, refuse_unseen, said
from programs.models import Program
from reviews.corrections import CORRECTION, correctables, follow, read_new
from reviews.freezing import freeze
from reviews.judging import OF_OFFICE, Judgements, missing_judgements, write_judgements
from reviews.locking import lock_round
from reviews.models import Contribution, PublishedReport, Report, ReportErratum, Round
from reviews.report_figures import write_actuals, write_effects

__all__ = [
    "NotAllowed",
    "ReportConflict",
    "WrongState",
    "approve",
    "approve_all",
    "contribute",
    "correct",
    "judge",
    "open_round",
    "publish",
    "return_",
    "save_draft",
    "submit",
]

State = Report.State


class ReportConflict(acts.Conflict):
    """Somebody saved the report after the person had opened it. Nothing was written."""

    current: Report

    def __init__(self, current: Report, by: User) -> None:
        super().__init__(current, "この報告", own=current.updated_by_id == by.pk)


def _lock_report(report: Report) -> Report:
    """The report as it is now, locked after its round. Call inside a transaction."""
    current_round = lock_round(report.round_id)
    current = Report.objects.select_for_update(of=("self",)).select_related("program__plan", "grade").get(pk=report.pk)
    current.round = current_round
    return current


def _require_seen(report: Report, version: int | None, by: User) -> None:
    """After the person was checked: a conflict shows what others wrote."""
    if version is not None and report.version != version:
        raise ReportConflict(report, by)


def _require_state(report: Report, allowed: Iterable[str], what: str) -> None:
    if report.round.state != Round.State.OPEN:
        raise WrongState(f"{report.round}の調査は{report.round.get_state_display()}のため、{what}できません。")
    if report.state not in allowed:
        raise WrongState(f"この報告は{report.get_state_display()}のため、{what}できません。")


def require_editor(report: Report, by: User, what: str) -> None:
    """The office may write any report, a reporter those that an own department leads."""
    _require(by, "reviews.change_report", what)
    if by.has_perm("reviews.approve_report"):
        return
    if not Report.objects.filter(pk=report.pk).led_by(by.owned_departments()).exists():
        raise NotAllowed(f"自分の課が主担当の項目ではないため、{what}権限がありません。")


def _save(report: Report, by: User, reason: str) -> Report:
    report.version += 1
    report.updated_by = by
    signed(report, by, reason).save()
    return report


def save_draft(report: Report, content: Mapping[str, Any], *, by: User, version: int) -> Report:
    """Store what a person has typed, complete or not.

    `content` has keys of Report.CONTENT, and may have `actuals` ({(indicator's key, fiscal year): Actual}) and `effects`
    (a list of Amount): either replaces all of its kind; and `judgements` ({key of an axis: Grade}) by the axes beside the
    first on which departments judge. Returns the saved report; `report` itself is left as it was.
    """
    with transaction.atomic():
        current = _lock_report(report)
        require_editor(current, by, "この報告を保存する")
        _require_seen(current, version, by)
        _require_state(current, Report.EDITABLE, "保存")
        return _fill(current, content, by, "保存")


def _fill(current: Report, content: Mapping[str, Any], by: User, reason: str) -> Report:
    unknown = set(content) - {*Report.CONTENT, "actuals", "effects", "judgements"}
    if unknown:
        raise ValueError(f"not content of a report: {sorted(unknown)}")
    for field in Report.CONTENT:
        if field in content:
            setattr(current, field, content[field])
    current.clean_content()
    if "actuals" in content:
        write_actuals(current, content["actuals"], by=by, reason=reason)
    if "effects" in content:
        write_effects(current, content["effects"], by=by, reason=reason)
    if "judgements" in content:
        write_judgements(current, content["judgements"], [Judge.DEPARTMENT], by=by, reason=reason)
    return _save(current, by, reason)


def contribute(report: Report, department: Department, text: str, *, by: User, version: int) -> Report:
    """Store what a supporting department adds to the report of a shared item; an empty text takes it away.

    The leading department writes the report itself and hands it in.
    """
    what = "関係課として記入する"
    _require(by, "reviews.change_report", what)
    with transaction.atomic():
        current = _lock_report(report)
        if department not in current.supporting_departments():
            raise NotAllowed(f"{department}はこの項目の関係課ではないため、{what}ことはできません。")
        if not by.has_perm("reviews.approve_report") and department.pk not in by.owned_departments():
            raise NotAllowed(f"{department}に所属していないため、{what}権限がありません。")
        _require_seen(current, version, by)
        _require_state(current, Report.EDITABLE, "記入")
        contribution = current.contributions.filter(department=department).first() or Contribution(
            report=current, department=department
        )
        contribution.text, contribution.updated_by = text.strip(), by
        signed(contribution, by, "関係課の記入")
        if contribution.text:
            contribution.clean_fields(exclude=["report", "department", "updated_by"])
            contribution.save()
        elif contribution.pk:
            contribution.delete()
        return _save(current, by, "関係課の記入")


def submit(report: Report, *, by: User, version: int | None = None) -> Report:
    """Hand a report in to the office. It must be complete; a behind grade needs reason, remedy and recovery date."""
    with transaction.atomic():
        current = _lock_report(report)
        require_editor(current, by, "この報告を提出する")
        _require_seen(current, version, by)
        _require_state(current, Report.EDITABLE, "提出")
        current.check_complete(missing_judgements(current))
        current.state = State.SUBMITTED
        current.submitted_at, current.submitted_by = timezone.now(), by
        current.return_reason = ""
        return _save(current, by, "提出")


def judge(report: Report, judgements: Judgements, *, by: User, version: int) -> Report:
    """Enter what the office judges itself, and what the committee has judged, about a report that was handed in."""
    office = word(report.round.plan, "office")
    _require(by, "reviews.approve_report", f"{office}と委員会の評価を入力する")
    with transaction.atomic():
        current = _lock_report(report)
        _require_seen(current, version, by)
        _require_state(current, (State.SUBMITTED, State.APPROVED), f"{office}と委員会の評価の入力は")
        reason = f"{office}・委員会の評価"
        if not write_judgements(current, judgements, OF_OFFICE, by=by, reason=reason):
            return current
        return _save(current, by, reason)


def return_(report: Report, *, reason: str, by: User, version: int | None = None) -> Report:
    """Give a report back to its department, which sees the reason."""
    _require(by, "reviews.approve_report", "報告を差し戻す")
    if not reason.strip():
        raise ValidationError({"reason": "差し戻しの理由を入力してください。担当課に表示されます。"})
    with transaction.atomic():
        current = _lock_report(report)
        _require_seen(current, version, by)
        _require_state(current, (State.SUBMITTED, State.APPROVED), "差し戻し")
        current.state = State.RETURNED
        current.return_reason = reason.strip()
        current.approved_at = current.approved_by = None
        return _save(current, by, "差し戻し")


def approve(report: Report, *, by: User, version: int | None = None) -> Report:
    """Accept a report that was handed in. It is published with its round."""
    _require(by, "reviews.approve_report", "報告を承認する")
    with transaction.atomic():
        current = _lock_report(report)
        _require_seen(current, version, by)
        _require_state(current, (State.SUBMITTED,), "承認")
        current.state = State.APPROVED
        current.approved_at, current.approved_by = timezone.now(), by
        return _save(current, by, "承認")


def approve_all(reports: Iterable[Report], *, by: User) -> tuple[list[Report], list[tuple[Report, str]]]:
    """Approve many reports as they were seen: (approved, [(not approved, why)]). A fixed number of queries per round."""
    _require(by, "reviews.approve_report", "報告を承認する")
    approved: list[Report] = []
    refused: list[tuple[Report, str]] = []
    with transaction.atomic():
        seen = {report.pk: report.version for report in reports}
        rounds = Report.objects.filter(pk__in=seen).order_by("round").values_list("round", flat=True).distinct()
        for round_id in list(rounds):
            current_round = lock_round(round_id)
            locked = Report.objects.select_for_update(of=("self",)).filter(pk__in=seen, round=round_id)
            changed = []
            for report in locked.select_related("program", "grade").order_by("program__sort_key"):
                report.round = current_round
                try:
                    if report.version != seen[report.pk]:
                        raise ReportConflict(report, by)
                    _require_state(report, (State.SUBMITTED,), "承認")
                except (ReportConflict, WrongState) as why:
                    refused.append((report, str(why)))
                    continue
                report.state = State.APPROVED
                report.approved_at, report.approved_by = timezone.now(), by
                report.updated_by = by
                report.version += 1
                changed.append(report)
            update_with_history(Report, changed, by=by, reason="承認")
            approved += changed
    return approved, refused


def open_round(round: Round, *, by: User) -> Round:
    """Begin a round: one draft report for every item that is active on its day."""
    _require(by, "reviews.open_round", "調査の受付を始める")
    with transaction.atomic():
        current = lock_round(round.pk)
        if current.state != Round.State.PLANNED:
            raise WrongState(
                f"{current}の調査は{current.get_state_display()}です。受付を始められるのは「予定」の調査だけです。"
            )
        current.state = Round.State.OPEN
        current.opens_on = current.opens_on or timezone.localdate()
        if current.due_on and current.due_on < current.opens_on:
            raise WrongState("提出期限が受付開始日より前です。調査の提出期限を直してから始めてください。")
        signed(current, by, "受付開始").save()
        programs = Program.objects.filter(plan=current.plan).active_on(current.as_of).exclude(reports__round=current)
        reports = [Report(round=current, program=program, updated_by=by) for program in programs]
        create_with_history(Report, reports, by=by, reason="受付開始")
        return current


def publish(round: Round, *, by: User, accept_unreported: bool = False, freeze_edition: bool = False) -> Round:
    """Publish a round: every approved report becomes public, and nothing of the round can change afterwards.

    Each item gets a frozen row with every name as of today (reviews/freezing.py); citizens read those rows only. Reports that are not approved stay out and their items are shown as 未報告; the caller must say that this is meant
    (`accept_unreported`), or WrongState tells how many there are. An item that was withdrawn stays so, and its report is left
    out of the round.

    What is published stands on a promise that no longer moves: an edition that is not frozen yet is frozen in the same act,
    with what is unknown in it, if the caller says so (`freeze_edition`); otherwise the round is not published.
    """
    _require(by, "reviews.publish_round", "調査を公表する")
    with transaction.atomic():
        lock_plan(round.plan_id)
        current = lock_round(round.pk)
        if current.state != Round.State.OPEN:
            raise WrongState(
                f"{current}の調査は{current.get_state_display()}です。公表できるのは「受付中」の調査だけです。"
            )
        rows = Report.objects.to_publish().filter(round=current).select_related("program")
        # Nobody withdraws or shows an item meanwhile.
        reports = list(rows.select_for_update(of=("self", "program")))
        approved = [report for report in reports if report.state == State.APPROVED]
        if not approved:
            raise WrongState("承認済みの報告が一つもありません。提出された報告を承認してから公表してください。")
        missing = len(reports) - len(approved)
        if missing and not accept_unreported:
            raise WrongState(
                f"承認されていない報告が{missing}件あります。「未報告」として公表するか、承認を待つかを選んでください。"
            )
        if current.edition.frozen_at is None:
            if not freeze_edition:
                raise WrongState(
                    f"「{current.edition}」がまだ確定していません。先に版を確定するか、公表と同時に確定することを選んでください。"
                )
            current.edition = editions.freeze(current.edition, by=by, accept_incomplete=True)
        freeze(current, reports, by=by)
        show_with(Program.objects.filter(published_reports__round=current), by=by, reason="公表にともなう公開")
        now = timezone.now()
        for report in approved:
            report.state = State.PUBLISHED
            report.published_at, report.published_by = now, by
            report.updated_at, report.updated_by = now, by
            report.version += 1
        update_with_history(Report, approved, by=by, reason="公表")
        current.state = Round.State.PUBLISHED
        current.published_at, current.published_by = now, by
        signed(current, by, "公表").save()
        return current


def correct(published: PublishedReport, field: str, new: object, *, by: User, **why: Unpack[Why]) -> ReportErratum:
    """Correct a published value: the value stays, the erratum stands beside it.

    `field` is one of reviews.corrections.correctables(published). What is wrong now is the frozen value, or what an
    earlier erratum made of it.
    """
    _require(by, "reviews.add_reporterratum", "公表した内容を訂正する")
    reason, day = said(why)
    with transaction.atomic():
        row = PublishedReport.objects.select_for_update(of=("self",)).select_related("round__plan").get(pk=published.pk)
        refuse_unseen(row.errata.all(), why.get("seen"))
        what = next((each for each in correctables(row) if each.field == field), None)
        if what is None:
            raise ValidationError({"field": "この欄は公表されていないため、訂正できません。"})
        if day <= row.round.as_of:
            raise ValidationError({"corrected_on": "訂正日は、調査の基準日より後の日にしてください。"})
        text = read_new(row, field, new)
        latest = row.errata.filter(field=field).order_by("-pk").first()
        old = latest.new if latest else what.value
        if text == old:
            raise ValidationError({"new": "いまの内容と同じです。正しい内容を入力してください。"})
        erratum = ReportErratum(
            plan=row.round.plan,
            corrected_on=day,
            published_report=row,
            field=field,
            label=what.label,
            old=old,
            new=text,
            reason=reason,
            corrected_by=by,
        )
        signed(erratum, by, CORRECTION).save()
        follow(row, field, old, text, by=by)
        return erratum
