"""All components of the pages on one page, on a light ground and on a dark one. Nothing here comes from the database."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.differences import Segment
from core.plots import bars, columns, lines, stacked
from figures.revisions import Status
from policies.models import Tone
from reviews.models import Basis, EffectKind


class ShownGrade(NamedTuple):
    tone: str
    code: str
    label: str


GRADES = [
    ShownGrade(Tone.AHEAD, "S", "計画を上回る"),
    ShownGrade(Tone.ON_TRACK, "A", "計画のとおり"),
    ShownGrade(Tone.BEHIND, "B", "計画より遅れ"),
    ShownGrade(Tone.EXCLUDED, "－", "評価の対象外"),
]
# Tones that other plans need.
OTHER_TONES = [
    ShownGrade(Tone.PARTLY, "C", "一部だけ計画のとおり"),
    ShownGrade(Tone.NOT_STARTED, "D", "未着手"),
    ShownGrade(Tone.DONE, "済", "完了"),
    ShownGrade(Tone.ENDED, "止", "中止"),
    ShownGrade(Tone.NONE, "他", "その他"),
]
_ROUNDS: list[tuple[tuple[str, str, str], list[int] | None]] = [
    (("3月", "H26", "2014"), [2, 40, 12, 1]),
    (("9月", "H26", "2014"), None),
    (("3月", "H27", "2015"), [8, 38, 8, 1]),
]
_AMOUNTS = [(2013, [120, 0, 0, 60, 0, 0]), (2014, [80, 20, 0, -30, 0, 0]), (2015, [0, 40, 90, 0, 30, 20])]
_WORDS = [
    Segment("same", "窓口で案内を"),
    Segment("removed", "配る"),
    Segment("added", "渡し、会を紹介する"),
    Segment("same", "。"),
]


class _Conditions(forms.Form):
    name: str
    word = forms.CharField(label="キーワード", help_text="項目の番号や名前")
    grade = forms.ChoiceField(label="評価", choices=[("", "すべて"), *((each.code, each.label) for each in GRADES)])


class _TrendOfLegend(NamedTuple):
    """What a legend asks of a trend."""

    has_unknown: bool = True
    turns: bool = True


def _pane(scheme: str) -> dict[str, Any]:
    """What the components show on one ground. Names that a page may hold once begin with the ground's."""
    kinds = [f"{scheme}-{kind}" for kind in EffectKind.values]
    bases = [basis for basis in Basis if basis is not Basis.PLANNED]  # no result: it is in no chart of results
    keys = [(kind, basis.value) for kind in kinds for basis in bases]
    labels = [(kind.label, basis.label) for kind in EffectKind for basis in bases]
    tones = [grade.tone for grade in GRADES]
    grades_chart = columns(
        [(day, None if counts is None else list(zip(tones, counts, strict=True))) for day, counts in _ROUNDS]
    )
    form = _Conditions({}, prefix=scheme)
    form.name = f"条件の見本 {scheme}"
    return {
        "scheme": scheme,
        "grades": GRADES,
        "other_tones": OTHER_TONES,
        "cells": list(zip(GRADES, (8, 38, 8, 1), strict=True)),
        "other_cells": list(zip(OTHER_TONES, (5, 4, 3, 2, 1), strict=True)),
        "trend": _TrendOfLegend(),
        "grades_chart": grades_chart,
        "turns": grades_chart.starts[2:],
        "kinds": kinds,
        "parts": [(*key, *label) for key, label in zip(keys, labels, strict=True)],
        "effects_chart": columns([(year, list(zip(keys, amounts, strict=True))) for year, amounts in _AMOUNTS]),
        "bars_chart": bars([("全体", [("published", 50), ("computed", 48)]), ("目標", [("published", None)])]),
        "lines_chart": lines(
            [2013, 2014, 2015],
            [
                ("当初", "former", [(2013, 50, "former"), (2014, 52, "former"), (2015, 54, "former")]),
                ("改訂版", "target", [(2014, 51, "target"), (2015, 53, "target")]),
                ("実績", "actual", [(2013, 49, "actual"), (2014, 52, "actual"), (2015, 55, "forecast")]),
            ],
        ),
        "line": {"longest": 55, "bar": stacked(list(zip(tones, (8, 38, 8, 1), strict=True)))},
        "statuses": list(Status),
        "words": _WORDS,
        "form": form,
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/components.html", {"panes": [_pane("light"), _pane("dark")]})
