"""The sheets of axes: their grades and scales, and what is judged by those beside the first."""

from __future__ import annotations

from policies.models import MAIN_AXIS, Axis, Grade, Scale
from reviews.models import PublishedJudgement, ReportJudgement
from workbooks.plan import derivation
from workbooks.plan.shared import REPORT, SOURCE
from workbooks.plan.specification import PlanSheet, Reference

_AXIS = Reference("axis", "axes", blank=MAIN_AXIS)
_BLANK_AXIS = {"axis": f"axes シートの key。空欄は {MAIN_AXIS}（1番目の軸）。"}
_FURTHER = Reference("axis", "axes")

OF_AXES = (
    PlanSheet("axes", Axis, key=("key",), plain=("key", "name", "order", "judge", "definition"), order=("order",)),
    PlanSheet(
        "grades",
        Grade,
        key=("axis", "code"),
        plain=("code", "label", "definition", "order", "tone", "note"),
        references=(_AXIS, SOURCE),
        order=("axis", "order"),
        meanings=_BLANK_AXIS,
    ),
    PlanSheet(
        "scales",
        Scale,
        key=("axis", "starts_on"),
        plain=("starts_on", "name", "note"),
        references=(_AXIS, SOURCE),
        meanings=_BLANK_AXIS,
    ),
)
JUDGEMENTS = PlanSheet(
    "judgements",
    ReportJudgement,
    key=("as_of", "program", "axis"),
    plain=(),
    references=(REPORT, _FURTHER, Reference("grade", "grades", ("axis", "grade"))),
    scope="report__round__plan",
    check=derivation.check_judgement,
)
PUBLISHED_JUDGEMENTS = PlanSheet(
    "published_judgements",
    PublishedJudgement,
    key=("as_of", "program", "axis"),
    plain=("axis_name", "axis_order", "grade_code", "grade_label", "grade_order", "tone"),
    references=(
        Reference("published_report", "published_reports", ("as_of", "program")),
        _FURTHER,
    ),
    scope="published_report__round__plan",
    can_delete=False,
    check=derivation.check_judgement,
    asks=("grades",),
)
