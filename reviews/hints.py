"""What deserves a second look in a report. Hints never block: a grade is a person's judgement.

`hints()` is pure. `hints_of_round()` reads the facts of many reports in a fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kodaira_reform.fiscal import era_date, era_fiscal_year
from kodaira_reform.text import fold, show_number
from programs.models import Better, IndicatorTarget
from reviews.models import PublishedReport, Report, ReportActual, ReportEffect, Round, Tone


class Hint(NamedTuple):
    code: str
    text: str


@dataclass(frozen=True)
class ActualFact:
    name: str
    unit: str
    better: str
    target: Decimal | None
    value: Decimal | None

    @property
    def is_missed(self) -> bool:
        if self.target is None or self.value is None:
            return False
        return (self.better == Better.UP and self.value < self.target) or (
            self.better == Better.DOWN and self.value > self.target
        )


@dataclass(frozen=True)
class Facts:
    """What a report says, and what the last published one of the item said."""

    as_of: date
    grade: str = ""
    tone: str = ""
    progress: str = ""
    evidence: str = ""
    actuals: Sequence[ActualFact] = ()
    effects: Sequence[tuple[int, str]] = ()  # fiscal year and note of each amount
    last_progress: str = ""
    last_recovery_on: date | None = None  # of a behind grade


def hints(facts: Facts) -> list[Hint]:
    found = []
    if facts.tone in (Tone.AHEAD, Tone.ON_TRACK):
        for actual in facts.actuals:
            if actual.is_missed:
                values = f"目標{show_number(actual.target)}{actual.unit}、実績{show_number(actual.value)}{actual.unit}"
                found.append(
                    Hint(
                        "target_missed",
                        f"評価は「{facts.grade}」ですが、指標「{actual.name}」は目標に届いていません（{values}）。",
                    )
                )
    if facts.tone == Tone.AHEAD and not facts.evidence.strip():
        found.append(
            Hint(
                "no_evidence",
                f"評価が「{facts.grade}」ですが、評価の根拠が書かれていません。事実や資料を書いてください。",
            )
        )
    if facts.progress.strip() and fold(facts.progress) == fold(facts.last_progress):
        found.append(Hint("same_text", "取組状況が前回と同じ文章です。この半年に進んだことを書いてください。"))
    for fiscal_year, note in facts.effects:
        if not note.strip():
            text = f"{era_fiscal_year(fiscal_year)}の効果額に、算定の根拠（補足）が書かれていません。"
            found.append(Hint("effect_without_note", text))
    if facts.tone == Tone.BEHIND and facts.last_recovery_on and facts.last_recovery_on <= facts.as_of:
        day = era_date(facts.last_recovery_on)
        found.append(
            Hint(
                "recovery_passed",
                f"前回の回復予定日（{day}）を過ぎていますが、まだ遅れています。新しい見通しを書いてください。",
            )
        )
    return found


@dataclass
class _Figures:
    actuals: list[ActualFact] = field(default_factory=list)
    effects: list[tuple[int, str]] = field(default_factory=list)


def hints_of_round(round_: Round, reports: Iterable[Report] | None = None) -> dict[int, list[Hint]]:
    """The hints of all reports of a round, or of some, by report; reports without any are left out. Five queries."""
    wanted: Any = Report.objects.filter(round=round_)
    if reports is not None:
        wanted = wanted.filter(pk__in=[report.pk for report in reports])
    figures = _figures(round_, wanted)
    before = {
        row.program_id: row
        for row in PublishedReport.objects.filter(
            round=Round.objects.filter(plan=round_.plan_id, state=Round.State.PUBLISHED, as_of__lt=round_.as_of)
            .order_by("-as_of")
            .values("pk")[:1]
        ).only("program", "progress", "tone", "recovery_on")
    }
    found = {}
    for report in wanted.select_related("grade"):
        last = before.get(report.program_id)
        facts = Facts(
            as_of=round_.as_of,
            grade=str(report.grade or ""),
            tone=report.tone,
            progress=report.progress,
            evidence=report.evidence,
            actuals=figures[report.pk].actuals,
            effects=figures[report.pk].effects,
            last_progress=last.progress if last else "",
            last_recovery_on=last.recovery_on if last and last.is_behind else None,
        )
        if shown := hints(facts):
            found[report.pk] = shown
    return found


def _figures(round_: Round, reports: Any) -> dict[int, _Figures]:
    keys = reports.order_by().values("pk")
    figures: dict[int, _Figures] = defaultdict(_Figures)
    targets = {
        (target.indicator_id, target.fiscal_year): target.value
        for target in IndicatorTarget.objects.filter(
            edition=round_.edition_id, indicator__program__in=reports.order_by().values("program")
        )
    }
    for actual in ReportActual.objects.filter(report__in=keys).select_related("indicator"):
        indicator = actual.indicator
        target = targets.get((indicator.pk, actual.fiscal_year))
        figures[actual.report_id].actuals.append(
            ActualFact(indicator.name, indicator.unit, indicator.better, target, actual.value)
        )
    for effect in ReportEffect.objects.filter(report__in=keys):
        figures[effect.report_id].effects.append((effect.fiscal_year, effect.note))
    return figures
