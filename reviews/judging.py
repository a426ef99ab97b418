"""What is judged by the axes beside the first, written and frozen. Called by reviews/workflow.py and reviews/freezing.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db.models import Count

from accounts.models import User
from core.history import create_with_history, signed, update_with_history
from policies.models import Axis, Grade, Judge, Plan
from reviews.models import PublishedJudgement, PublishedReport, Report, ReportJudgement, Round

# Those whose judgement the office enters: its own, and the committee's from the minutes.
OF_OFFICE = (Judge.OFFICE, Judge.COMMITTEE)
# Key of the axis → its grade; None for none yet.
Judgements = Mapping[str, Grade | None]


def axes_judged_by(plan: Plan, judges: Collection[str]) -> list[Axis]:
    """The axes beside the first on which these judge, in order."""
    return [axis for axis in plan.further_axes if axis.judge in judges]


def write_judgements(
    report: Report, judgements: Judgements, judges: Collection[str], *, by: User, reason: str
) -> list[ReportJudgement]:
    """Set the grades of a locked report by these axes; axes that are not named keep theirs. Gives back what was written.
    Raises ValidationError for `judgements`."""
    axes = {axis.key: axis for axis in axes_judged_by(report.round.plan, judges)}
    stored = {row.axis_id: row for row in report.judgements.all()} if axes else {}
    added, changed, removed, errors = [], [], [], []
    for key, grade in judgements.items():
        axis = axes.get(key)
        if axis is None:
            errors.append(f"評価の軸「{key}」の評価は、ここでは入力できません。画面を開き直してください。")
        elif grade is not None and grade.axis_id != axis.pk:
            errors.append(f"「{grade}」は、{axis}の評価ではありません。")
        elif (row := stored.get(axis.pk)) is None:
            if grade is not None:
                added.append(ReportJudgement(report=report, axis=axis, grade=grade))
        elif grade is None:
            removed.append(row)
        elif row.grade_id != grade.pk:
            row.grade = grade
            changed.append(row)
    if errors:
        raise ValidationError({"judgements": errors})
    for row in removed:
        signed(row, by, reason).delete()
    create_with_history(ReportJudgement, added, by=by, reason=reason)
    update_with_history(ReportJudgement, changed, by=by, reason=reason)
    return [*added, *changed, *removed]


def missing_judgements(report: Report) -> list[str]:
    """What a department has still to judge before it hands a report in."""
    axes = axes_judged_by(report.round.plan, [Judge.DEPARTMENT])
    known = set(report.judgements.values_list("axis", flat=True)) if axes else set()
    return [f"「{axis}」の評価を選んでください。" for axis in axes if axis.pk not in known]


def unjudged(round_: Round) -> list[tuple[Axis, int]]:
    """The axes beside the first, each with the number of approved reports that have no grade by it; those without any are
    left out."""
    axes = round_.plan.further_axes
    if not axes:
        return []
    approved = Report.objects.to_publish().filter(round=round_, state=Report.State.APPROVED)
    rows = ReportJudgement.objects.filter(report__in=approved)
    total, judged = approved.count(), dict(rows.order_by().values_list("axis").annotate(Count("pk")))
    return [(axis, missing) for axis in axes if (missing := total - judged.get(axis.pk, 0))]


def frozen_judgement(row: PublishedReport, axis: Axis, grade: Grade) -> PublishedJudgement:
    """What citizens will read of one axis, not stored."""
    return PublishedJudgement(
        published_report=row,
        axis=axis,
        axis_name=str(axis),
        axis_order=axis.order,
        grade_code=grade.code,
        grade_label=grade.label,
        grade_order=grade.order,
        tone=grade.tone,
    )
