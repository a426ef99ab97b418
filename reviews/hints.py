"""What deserves a second look in a report. Hints never block: a grade is a person's judgement.

`hints()` is pure. `hints_of_round()` reads the facts of many reports in a fixed number of queries; `known()` reads what a
report is held against, for whoever has the report itself in hand (the preview of a sheet).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict, Unpack

from django.db.models import QuerySet

from core.fiscal import era_date, era_fiscal_year
from core.text import fold, show_number
from policies.models import WELL, Tone
from programs.models import Better, Indicator, IndicatorTarget
from reviews.models import PublishedReport, Report, ReportActual, ReportEffect, Round


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
class ReportFacts:
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


def hints(facts: ReportFacts) -> list[Hint]:
    """List what deserves a second look in a report, in the order of the form. Pure."""
    found = []
    if facts.tone in WELL:
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


class SaidInReport(TypedDict):
    """What a report says besides its actuals, as ReportFacts takes it."""

    as_of: date
    grade: str
    tone: str
    progress: str
    evidence: str
    effects: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class HeldAgainst:
    """What reports are held against: `targets` by indicator and fiscal year, the last published row by item."""

    targets: dict[tuple[int, int], Decimal | None]
    last: dict[int, PublishedReport]

    def facts(
        self, program: int, actuals: Iterable[tuple[Indicator, int, Decimal | None]], **said: Unpack[SaidInReport]
    ) -> ReportFacts:
        """`said` is what the report says besides its actuals (indicator, fiscal year, value)."""
        last = self.last.get(program)
        return ReportFacts(
            **said,
            actuals=[
                ActualFact(one.name, one.unit, one.better, self.targets.get((one.pk, year)), value)
                for one, year, value in actuals
            ],
            last_progress=last.progress if last else "",
            last_recovery_on=last.recovery_on if last and last.is_behind else None,
        )


def known(round_: Round, programs: Iterable[int]) -> HeldAgainst:
    """Read what the reports of some items of a round are held against. `programs` are the keys of the items, or a
    subquery of them. Two queries."""
    targets = IndicatorTarget.objects.filter(edition=round_.edition_id, indicator__program__in=programs)
    before = (
        Round.objects.filter(plan=round_.plan_id, state=Round.State.PUBLISHED, as_of__lt=round_.as_of)
        .order_by("-as_of")
        .values("pk")[:1]
    )
    rows = PublishedReport.objects.filter(round=before, program__in=programs)
    return HeldAgainst(
        {(target.indicator_id, target.fiscal_year): target.value for target in targets},
        {row.program_id: row for row in rows.only("program", "progress", "tone", "recovery_on")},
    )


@dataclass
class _ReportFigures:
    actuals: list[tuple[Indicator, int, Decimal | None]] = field(default_factory=list)
    effects: list[tuple[int, str]] = field(default_factory=list)


def hints_of_round(round_: Round, reports: Iterable[Report] | None = None) -> dict[int, list[Hint]]:
    """Find the hints of all reports of a round, or of some: report → hints; reports without any are left out. Five
    queries."""
    wanted = Report.objects.filter(round=round_)
    if reports is not None:
        wanted = wanted.filter(pk__in=[report.pk for report in reports])
    against = known(round_, wanted.order_by().values_list("program", flat=True))
    figures = _figures(wanted)
    found = {}
    for report in wanted.select_related("grade"):
        facts = against.facts(
            report.program_id,
            figures[report.pk].actuals,
            as_of=round_.as_of,
            grade=str(report.grade or ""),
            tone=report.tone,
            progress=report.progress,
            evidence=report.evidence,
            effects=figures[report.pk].effects,
        )
        if shown := hints(facts):
            found[report.pk] = shown
    return found


def _figures(reports: QuerySet[Report]) -> dict[int, _ReportFigures]:
    keys = reports.order_by().values("pk")
    figures: dict[int, _ReportFigures] = defaultdict(_ReportFigures)
    for actual in ReportActual.objects.filter(report__in=keys).select_related("indicator"):
        figures[actual.report_id].actuals.append((actual.indicator, actual.fiscal_year, actual.value))
    for effect in ReportEffect.objects.filter(report__in=keys):
        figures[effect.report_id].effects.append((effect.fiscal_year, effect.note))
    return figures
