"""Taking in a 調査票: receive the file, confirm what the preview showed, undo it.

SurveyUpload.changes, written by `confirm` and read by `undo`, has one ChangedReport per report. Locks are taken in one order:
upload, round, reports.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from typing import TypedDict

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Department, User
from core.history import signed
from policies.words import word
from reviews import workflow
from reviews.locking import lock_round
from reviews.models import Report, Round
from reviews.redaction import redacted
from workbooks.models import SurveyUpload
from workbooks.survey.cells import choices_of, content
from workbooks.survey.changes import Preview, preview
from workbooks.survey.layout import CONTRIBUTION
from workbooks.survey.loading import SurveyContents, SurveyItem, gather, require
from workbooks.survey.reading import read_sheet

KEPT = datetime.timedelta(days=7)  # for a file that nobody confirmed

_State = SurveyUpload.State


class ChangedCell(TypedDict):
    """Name and texts as workbooks/survey/cells.py has them."""

    name: str
    label: str
    old: str
    new: str


class ChangedReport(TypedDict):
    report: int
    program: str  # 27 項目名
    submitted: bool
    cells: list[ChangedCell]


class NotConfirmed(Exception):
    """Nothing was written. The message says why; `preview` is what there is to see now."""

    def __init__(self, message: str, preview: Preview) -> None:
        super().__init__(message)
        self.preview = preview


class NotUndone(Exception):
    """Nothing was undone; `reasons` says for each report what stands against it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("取り消していません。取り込んだあとに変わった報告があります。")
        self.reasons = reasons


def receive(data: bytes, file_name: str, round_: Round, department: Department, *, by: User) -> SurveyUpload:
    """Keep a file for its preview. Raises NotAllowed, WrongState or UnreadableFile; then nothing is kept.

    What the same person sent before and did not confirm is dropped, and so is what nobody confirmed for a week.
    """
    require(by, round_, department)
    read_sheet(data, round_, department, choices_of(round_.plan))
    with transaction.atomic():
        waiting = SurveyUpload.objects.filter(state=_State.PREVIEWED)
        waiting.filter(uploaded_at__lt=timezone.now() - KEPT).delete()
        waiting.filter(round=round_, department=department, uploaded_by=by).delete()
        upload = SurveyUpload(
            round=round_,
            department=department,
            file_name=file_name[-255:],
            content=data,
            sha256=hashlib.sha256(data).hexdigest(),
            uploaded_by=by,
        )
        return _save(upload, by, "受け取り")


@receiver(redacted, dispatch_uid="uploads_emptied_while_waiting")
def _forget_emptied(**_: object) -> None:
    """A sheet whose file was taken out can't be confirmed any more; the department sends another."""
    SurveyUpload.objects.filter(state=_State.PREVIEWED, content=b"").delete()


def earlier_confirmation(upload: SurveyUpload) -> SurveyUpload | None:
    """The upload by which the very same file was taken in before, and not undone."""
    same = SurveyUpload.objects.filter(
        round=upload.round_id, department=upload.department_id, sha256=upload.sha256, state=_State.CONFIRMED
    )
    return same.exclude(pk=upload.pk).defer("content").select_related("uploaded_by").first()


def require_owner(upload: SurveyUpload, by: User) -> None:
    """Raise NotAllowed unless the upload is the person's own, or the person is of the office."""
    if upload.uploaded_by_id != by.pk and not by.has_perm("reviews.approve_report"):
        office = word(upload.round.plan, "office")
        raise workflow.NotAllowed(f"ほかの人が取り込んだ調査票です。取り込んだ人か{office}に頼んでください。")


def _save(upload: SurveyUpload, by: User, reason: str) -> SurveyUpload:
    signed(upload, by, reason).save()
    return upload


def _lock(upload: SurveyUpload, by: User) -> SurveyUpload:
    """The upload as it is now, locked, and its round. Call inside a transaction."""
    round_ = lock_round(upload.round_id)
    current = SurveyUpload.objects.select_for_update(of=("self",)).select_related("department").get(pk=upload.pk)
    current.round = round_
    require_owner(current, by)
    require(by, current.round, current.department)
    return current


def confirm(
    upload: SurveyUpload, *, fingerprint: str, picks: Mapping[str, str] | None = None, submit: bool = False, by: User
) -> SurveyUpload:
    """Write what the preview showed, all of it or nothing; with `submit`, hand in what is complete.

    Reports that lack something stay drafts. Raises NotConfirmed (with the preview as it is now), NotAllowed, WrongState.
    """
    with transaction.atomic():
        current = _lock(upload, by)
        if current.state != _State.PREVIEWED:
            raise workflow.WrongState("この調査票は取り込み済みです。同じ内容を二度取り込むことはありません。")
        found = preview(current, picks, lock=True)
        if found.faults:
            raise NotConfirmed("誤りがあるため、取り込んでいません。直してから、もう一度取り込んでください。", found)
        if found.fingerprint != fingerprint:
            raise NotConfirmed(
                "確かめたあとに報告が変わったため、取り込んでいません。下の内容をもう一度確かめてください。", found
            )
        if found.unpicked:
            raise NotConfirmed("どちらを残すか、重なった欄すべてで選んでください。まだ取り込んでいません。", found)
        changes = []
        for row in found.items:
            entry: ChangedReport = {
                "report": row.item.report.pk,
                "program": str(row.item.report.program),
                "submitted": False,
                "cells": [
                    {"name": change.name, "label": change.label, "old": change.stored, "new": change.mine}
                    for change in row.changes
                    if change.counts
                ],
            }
            saved = _write(found.contents, row.item, row.new, by) if row.new else row.item.report
            if submit and row in found.ready:
                workflow.submit(saved, by=by, version=saved.version)
                entry["submitted"] = True
            if entry["cells"] or entry["submitted"]:
                changes.append(entry)
        current.changes = changes
        current.state, current.confirmed_at = _State.CONFIRMED, timezone.now()
        return _save(current, by, "取り込み")


def undo(upload: SurveyUpload, *, by: User) -> SurveyUpload:
    """Put back every cell that confirming the upload changed, all of them or none.

    Only while each of them still holds what the upload wrote and its report can be edited; other cells may have changed.
    Raises NotUndone, NotAllowed, WrongState.
    """
    with transaction.atomic():
        current = _lock(upload, by)
        if current.state != _State.CONFIRMED:
            raise workflow.WrongState(f"この調査票は{current.get_state_display()}のため、取り消せません。")
        contents = gather(current.round, current.department, lock=True)
        by_report = {item.report.pk: item for item in contents.items}
        reasons, old = [], []
        for entry in current.changes:
            if not entry["cells"]:
                continue
            item = by_report.get(entry["report"])
            reason = _against_undo(entry, item, word(current.round.plan, "office"))
            if item is None or reason:
                reasons.append(f"{entry['program']}: {reason}")
            else:
                old.append((item, {cell["name"]: cell["old"] for cell in entry["cells"]}))
        if reasons:
            raise NotUndone(reasons)
        if not old:
            raise workflow.WrongState("この調査票で変えた欄はないため、取り消すものがありません。")
        for item, cells in old:
            _write(contents, item, cells, by)
        current.state, current.undone_at, current.undone_by = _State.UNDONE, timezone.now(), by
        return _save(current, by, "取り消し")


def _against_undo(entry: ChangedReport, item: SurveyItem | None, office: str) -> str:
    """Why a report cannot be put back; "" if it can."""
    if item is None:
        return "いまはこの課の項目ではありません。"
    if item.report.state not in Report.EDITABLE:
        return f"{item.report.get_state_display()}です。{office}が差し戻したあとなら、取り消せます。"
    if not all(item.is_open(cell["name"]) for cell in entry["cells"]):
        return "主担当の課が変わりました。"
    moved = [cell["label"] for cell in entry["cells"] if item.cells.get(cell["name"], "") != cell["new"]]
    return f"取り込んだあとに{'、'.join(moved)}が変わりました。" if moved else ""


def _write(contents: SurveyContents, item: SurveyItem, cells: Mapping[str, str], by: User) -> Report:
    """Change some cells of a report through the acts that the form uses."""
    report = item.report
    if item.supports is not None:
        return workflow.contribute(report, item.supports, cells[CONTRIBUTION], by=by, version=report.version)
    filled = content(
        report,
        cells,
        fiscal_year=contents.round.fiscal_year,
        choices=contents.choices,
        indicators=item.indicators,
    )
    return workflow.save_draft(report, filled, by=by, version=report.version)
