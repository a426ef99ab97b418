"""The ledger: published figures, each checked against the records as far as they go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from figures.effects import EffectRow
from figures.measures import Measure, compute
from figures.models import PublishedFigure
from figures.records import GradeCell, Records
from figures.revisions import Status
from policies.models import Plan
from reviews.models import Report, ReportJudgement, Round


@dataclass(frozen=True)
class Reconciled:
    """One published figure beside what the records give. `computed` has the figure's unit; None is unknown."""

    figure: PublishedFigure
    computed: Decimal | None
    reason: str
    is_whole: bool = True  # False: the records hold only a part of what the figure counts

    @property
    def status(self) -> Status:
        if self.computed is None or self.figure.value is None or not self.is_whole:
            return Status.UNCHECKED
        return Status.AGREES if self.computed == self.figure.value else Status.DIFFERS


def reconcile(
    plan: Plan, amounts: list[EffectRow] | None = None, measures: Collection[str] = tuple(Measure)
) -> list[Reconciled]:
    """Check the published figures of a plan, of these measures, in the order of the ledger.

    Only what the figures ask for is read. `amounts` are those of `registered(plan)`, if they were read already.
    """
    figures = list(
        plan.figures.filter(measure__in=measures).select_related(
            "source", "policy", "axis", "edition", "plan_indicator"
        )
    )
    records = Records(plan, figures, amounts)
    return [Reconciled(figure, *compute(records, figure)) for figure in figures]


def foresee(plan: Plan, figures: Sequence[PublishedFigure]) -> list[Reconciled]:
    """Figures as they would stand in the ledger, new ones and changed ones, each beside what the records give."""
    stored = {one.pk: one for one in plan.figures.select_related("source", "policy", "edition")}
    stored |= {one.pk: one for one in figures if one.pk}
    records = Records(plan, [*stored.values(), *(one for one in figures if one.pk is None)])
    return [Reconciled(figure, *compute(records, figure)) for figure in figures]


def forecast(round_: Round) -> list[Reconciled]:
    """The published figures of a round's day, each beside what it would be if the round were published now."""
    figures = list(
        round_.plan.figures.filter(as_of=round_.as_of).select_related(
            "source", "policy", "axis", "edition", "plan_indicator"
        )
    )
    records = Records(round_.plan, figures)
    records.rounds[round_.as_of] = Round.objects.with_scale().get(pk=round_.pk)
    approved = round_.reports.to_publish().filter(state=Report.State.APPROVED).order_by()
    records.grades.update(
        GradeCell(round_.as_of, *cell)
        for cell in approved.values_list("program__policy__number", "grade__code", "grade__tone")
    )
    if records.axes:
        judged = ReportJudgement.objects.filter(report__in=approved)
        cells = judged.values_list("axis", "report__program__policy__number", "grade__code", "grade__tone")
        for axis, policy, code, tone in cells:
            records.judgements[axis][GradeCell(round_.as_of, policy, code, tone)] += 1
    return [Reconciled(figure, *compute(records, figure)) for figure in figures]
