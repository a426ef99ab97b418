"""Indicators over the years, of items and of the whole plan: targets, actuals, how far a target is reached, and the chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from core.fiscal import year_lines
from core.plots import Lines, lines
from policies.models import WELL, Edition, Plan, Policy
from programs.achievement import is_reached, rate
from programs.content import Target
from programs.models import (
    Indicator,
    IndicatorActual,
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorTarget,
)
from reviews.models import PublishedReport, Round

AnyIndicator = Indicator | PlanIndicator


@dataclass(frozen=True)
class MeasuredYear:
    """An indicator in one fiscal year: the target of every edition (oldest first), the actual, and the last grade.

    `forecast` is what was published of 全体の指標 before the actual came.
    """

    fiscal_year: int
    targets: Sequence[tuple[Edition, Target | PlanIndicatorTarget]]
    actual: IndicatorActual | PlanIndicatorActual | None
    better: str
    report: PublishedReport | None = None
    forecast: PlanIndicatorActual | None = None

    @property
    def in_force(self) -> Target | PlanIndicatorTarget | None:
        """The target of the edition that began last among those that set one."""
        return self.targets[-1][1] if self.targets else None

    @property
    def told_targets(self) -> list[tuple[Edition, Target | PlanIndicatorTarget]]:
        """The targets of the editions, newest first; an earlier one only where it said something else."""
        told: list[tuple[Edition, Target | PlanIndicatorTarget]] = []
        for edition, target in reversed(self.targets):
            if not told or (target.value, target.text) != (told[-1][1].value, told[-1][1].text):
                told.append((edition, target))
        return told

    @property
    def is_reached(self) -> bool | None:
        """None where it cannot be said."""
        if self.actual is None or self.actual.value is None or self.in_force is None or self.in_force.value is None:
            return None
        return is_reached(self.better, self.in_force.value, self.actual.value)

    @property
    def rate(self) -> Decimal | None:
        """達成率 in percent; None where it cannot be said."""
        if self.actual is None or self.in_force is None:
            return None
        return rate(self.better, self.in_force.value, self.actual.value)

    @property
    def is_contradiction(self) -> bool:
        """A grade is a person's judgement, and this only says that it and the indicator disagree."""
        good = self.report is not None and self.report.tone in WELL
        return good and self.is_reached is False


class Measured(NamedTuple):
    indicator: AnyIndicator
    years: list[MeasuredYear]

    @property
    def chart_name(self) -> str:
        return f"indicator-{self.indicator.number}"

    @property
    def latest(self) -> MeasuredYear | None:
        """The last year of which an actual or a forecast is known."""
        return next((year for year in reversed(self.years) if year.actual is not None), None)

    @property
    def goal(self) -> MeasuredYear | None:
        """The last year for which a target is set."""
        return next((year for year in reversed(self.years) if year.targets), None)

    @property
    def chart(self) -> Lines | None:
        """The targets of each edition (the last one "target", "former" before it) and the actuals by year, as lines. None where no number is known."""
        targets: dict[str, list[tuple[object, Decimal, str]]] = {}
        actuals = []
        newest = max((edition.first_fiscal_year for year in self.years for edition, _ in year.targets), default=0)
        for year in self.years:
            for edition, target in year.targets:
                if target.value is not None:
                    mark = "target" if edition.first_fiscal_year == newest else "former"
                    targets.setdefault(edition.name, []).append((year_lines(year.fiscal_year), target.value, mark))
            if year.actual is not None and year.actual.value is not None:
                mark = "forecast" if year.actual.is_forecast else "actual"
                actuals.append((year_lines(year.fiscal_year), year.actual.value, mark))
        series: list[tuple[str, str, Any]] = [(name, points[0][2], points) for name, points in targets.items()]
        if actuals:
            series.append(("実績", "actual", actuals))
        labels = [year_lines(year.fiscal_year) for year in self.years]
        return lines(labels, series, unit=self.indicator.unit, below="年度")


def plan_indicators(plan: Plan, policy: Policy | None = None, *, of_all: bool = False) -> list[Measured]:
    """全体の指標 of a plan, or of one of its policies (`of_all`: of the plan and of each policy), as far as they are published.
    Four queries, one where there are none."""
    found = list(
        PlanIndicator.objects.published()
        .filter(Q(plan=plan) if of_all else Q(plan=plan, policy=policy))
        .select_related("source", "policy")
        .prefetch_related("errata")
        .order_by("number")
    )
    if not found:
        return []
    targets: dict[tuple[int, int], list[tuple[Edition, PlanIndicatorTarget]]] = defaultdict(list)
    of_found = {"indicator__in": found}
    for target in (
        PlanIndicatorTarget.objects.published()
        .filter(**of_found)
        .select_related("edition")
        .order_by("edition__first_fiscal_year")
    ):
        targets[target.indicator_id, target.fiscal_year].append((target.edition, target))
    actuals: dict[tuple[int, int, bool], PlanIndicatorActual] = {
        (actual.indicator_id, actual.fiscal_year, actual.is_forecast): actual
        for actual in PlanIndicatorActual.objects.published().filter(**of_found).select_related("source")
    }
    measured = {one.pk: Measured(one, []) for one in found}
    for pk, year in sorted({*targets, *((pk, year) for pk, year, _forecast in actuals)}):
        settled, forecast = actuals.get((pk, year, False)), actuals.get((pk, year, True))
        better = measured[pk].indicator.better
        measured[pk].years.append(
            MeasuredYear(year, targets[pk, year], settled or forecast, better, forecast=forecast if settled else None)
        )
    return list(measured.values())


def as_told_in(round_: Round, measured: Measured) -> Measured:
    """An indicator as the report of a round tells it: actuals up to its fiscal year, targets of the editions that were in force."""
    last, newest = round_.fiscal_year, round_.edition.first_fiscal_year
    years = [
        replace(
            year,
            targets=[each for each in year.targets if each[0].first_fiscal_year <= newest],
            actual=year.actual if year.fiscal_year <= last else None,
            forecast=year.forecast if year.fiscal_year <= last else None,
        )
        for year in measured.years
    ]
    return Measured(measured.indicator, [year for year in years if year.targets or year.actual])
