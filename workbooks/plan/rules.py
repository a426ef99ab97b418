"""Database constraints, evaluated in memory.

The models' CheckConstraints are the rules of the data. A file of thousands of rows is checked against the same
constraints without a query, so that every broken row is told at once and with the constraint's own message. What cannot
be decided here (a column that the sheet does not have) passes, as it would in SQL, and the database has the last word.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q

UNKNOWN = object()
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {  # of one field: the database compares them, too
    "": operator.eq,
    "lte": operator.le,
    "lt": operator.lt,
    "gte": operator.ge,
    "gt": operator.gt,
}

# Constraints that the acts of reviews/workflow.py keep by themselves; only a file can break them.
MESSAGES = {
    "round_published_paired": "公表済みの調査には「公表した日時（published_at）」を入力し、ほかの調査では空欄にしてください。",
    "report_tone_with_grade": "評価を入力してください。",
    "report_handed_in_complete": (
        "提出済みより先の報告には、評価、取組状況、「提出日時（submitted_at）」が必要です。"
        "遅れの評価には、遅れの理由、対応策、回復予定日も入力してください。"
    ),
    "report_returned_with_reason": "差し戻しの報告には、差し戻しの理由を入力してください。",
    "report_approved_paired": "承認済みと公表済みの報告だけに、必ず「承認日時（approved_at）」を入力してください。",
    "report_published_paired": "公表済みの報告だけに、必ず「公表日時（published_at）」を入力してください。",
    "published_report_grade_whole": "評価の記号、順、意味は、3つとも入力するか、3つとも空欄にしてください。",
    "reporterratum_with_reason": "訂正の理由を入力してください。",
    "round_released_with_source": (
        "「市が公表した日（released_on）」は、公表済みで出典のある調査だけに、基準日以後の日を入力してください。"
    ),
    "contenterratum_with_reason": "訂正の理由を入力してください。",
    "planindicatorerratum_with_reason": "訂正の理由を入力してください。",
}


def broken_checks(model: type[models.Model], values: Mapping[str, object]) -> Iterator[str]:
    """Messages of the model's check constraints that a row (field name → value) breaks."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint) and holds(constraint.condition, values) is False:
            yield MESSAGES.get(constraint.name) or str(constraint.get_violation_error_message())


def holds(condition: object, values: Mapping[str, object]) -> bool | None:
    """Evaluate a Q, or a lookup with what it expects, for a row: True, False, or None when a value is unknown, as CHECK does."""
    match condition:
        case (str(name), expected):
            return _lookup(name, expected, values)
    if not isinstance(condition, Q):
        raise TypeError(f"constraint {condition!r}")
    results = [holds(child, values) for child in condition.children]
    decisive = condition.connector == Q.OR  # one True decides OR, one False decides AND
    if decisive not in results and None in results:
        return None
    return (decisive in results) is (decisive is not condition.negated)


def _lookup(name: str, expected: object, values: Mapping[str, object]) -> bool | None:
    field, _, lookup = name.partition("__")
    actual = values.get("pk" if field == "pk" else field, UNKNOWN)
    if isinstance(expected, F):
        expected = values.get(expected.name, UNKNOWN)  # type: ignore[attr-defined]
    if actual is UNKNOWN or expected is UNKNOWN:
        return None
    if lookup == "isnull":
        return (actual is None) == expected
    if expected is None and not lookup:
        return actual is None
    if actual is None or expected is None:
        return None
    if lookup == "in" and isinstance(expected, Container):
        return actual in expected
    if compared := _COMPARISONS.get(lookup):
        return compared(actual, expected)
    raise ValueError(f"constraint lookup {name}")
