"""The ledger: published figures, each checked against the records as far as they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.db.models import Count

from core.text import show_number
from figures.effects import EffectRow, in_unit, registered
from figures.models import PublishedFigure
from figures.revisions import REVISION_MEASURES, Status, count_for
from policies.models import Plan
from programs.revisions import Comparison, RevisionItem, comparisons, editions_of, events, policies_and_items
from reviews.models import EffectKind, PublishedReport, Report, Round

Measure = PublishedFigure.Measure


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
    figures = list(plan.figures.filter(measure__in=measures).select_related("source", "policy", "edition"))
    records = _Records(plan, figures, amounts)
    return [Reconciled(figure, *records.compute(figure)) for figure in figures]


def forecast(round_: Round) -> list[Reconciled]:
    """The published figures of a round's day, each beside what it would be if the round were published now."""
    figures = list(round_.plan.figures.filter(as_of=round_.as_of).select_related("source", "policy", "edition"))
    records = _Records(round_.plan, figures)
    records.rounds.add(round_.as_of)
    approved = round_.reports.filter(state=Report.State.APPROVED).order_by()
    records.grades.update((round_.as_of, code) for code in approved.values_list("grade__code", flat=True))
    return [Reconciled(figure, *records.compute(figure)) for figure in figures]


class _Records:
    """What the records of one plan say, each part read once and only when asked for. Published rows only."""

    def __init__(self, plan: Plan, figures: list[PublishedFigure], amounts: list[EffectRow] | None = None) -> None:
        self.plan = plan
        self.figures = figures
        if amounts is not None:
            self.amounts = amounts

    @cached_property
    def amounts(self) -> list[EffectRow]:
        return registered(self.plan)

    @cached_property
    def _items(self) -> list[RevisionItem]:
        return policies_and_items(self.plan)[1]

    @cached_property
    def items(self) -> Counter[int]:
        if any(figure.measure in REVISION_MEASURES for figure in self.figures):  # those are read anyhow
            return Counter(item.policy_number for item in self._items)
        return Counter(dict(self.plan.policies.order_by().values_list("number").annotate(Count("programs"))))

    @cached_property
    def rounds(self) -> set[date]:
        return set(Round.objects.published().filter(plan=self.plan).values_list("as_of", flat=True))

    @cached_property
    def grades(self) -> Counter[tuple[date, str]]:
        graded = PublishedReport.objects.filter(round__plan=self.plan).exclude(grade_code="").order_by()
        counts = graded.values_list("round__as_of", "grade_code").annotate(Count("pk"))
        return Counter({(as_of, code): number for as_of, code, number in counts})

    @cached_property
    def effects(self) -> dict[tuple[int | None, str, str], Decimal | None]:
        return {
            (figure.fiscal_year, figure.basis, figure.category): figure.value
            for figure in self.figures
            if figure.measure == Measure.EFFECT
        }

    @cached_property
    def revisions(self) -> dict[int, Comparison]:
        revised = {figure.edition_id for figure in self.figures if figure.measure in REVISION_MEASURES}
        wanted = [event for event in events(editions_of(self.plan)) if event.edition.pk in revised]
        return {found.event.edition.pk: found for found in comparisons(wanted, self._items)} if wanted else {}

    def compute(self, figure: PublishedFigure) -> tuple[Decimal | None, str] | tuple[Decimal | None, str, bool]:
        """(value, how it was found or why it could not be, whether the records are whole)."""
        match figure.measure:
            case Measure.ITEM_COUNT:
                count = self.items[figure.policy.number] if figure.policy else self.items.total()
                return Decimal(count), "登録されている実施項目を数えました。"
            case Measure.GRADE_COUNT | Measure.GRADED_TOTAL:
                return self._grades(figure)
            case Measure.EFFECT:
                return self._effect(figure)
        return count_for(self.revisions[figure.edition_id or 0], figure)  # a constraint sees to it that there is one

    def _grades(self, figure: PublishedFigure) -> tuple[Decimal | None, str]:
        if figure.as_of not in self.rounds:
            return None, "この基準日の項目別の評価が未登録のため、計算できません。"
        count = sum(
            number
            for (as_of, code), number in self.grades.items()
            if as_of == figure.as_of and figure.category in ("", code)
        )
        return Decimal(count), "公表した項目別の報告を数えました。"

    def _effect(self, figure: PublishedFigure) -> tuple[Decimal | None, str]:
        """From the amounts of the items on the same basis; without any, a total from its published parts."""
        kinds = EffectKind.values if figure.category == "total" else [figure.category]
        amounts = [
            row
            for row in self.amounts
            if (row.fiscal_year, row.basis) == (figure.fiscal_year, figure.basis)
            and row.kind in kinds
            and (figure.policy is None or row.policy_number == figure.policy.number)
        ]
        if amounts:
            return self._of_items(figure, amounts)
        if figure.category != "total":
            return None, "項目別の効果額が登録されていないため、計算できません。"
        parts = [self.effects.get((figure.fiscal_year, figure.basis, kind)) for kind in ("revenue", "saving")]
        if None in parts:
            return None, "内訳（歳入確保と歳出削減）が未登録のため、計算できません。"
        return sum(
            (part for part in parts if part is not None), Decimal()
        ), "公表された内訳（歳入確保と歳出削減）を足しました。"

    def _of_items(self, figure: PublishedFigure, amounts: list[EffectRow]) -> tuple[Decimal | None, str]:
        thousands = sum(row.amount for row in amounts)
        computed = in_unit(thousands, figure.unit)
        items = len({row.program_number for row in amounts})
        found = f"登録した{items}項目の効果額は{show_number(thousands)}千円です。"
        if computed is None:
            return None, f"{found}単位「{figure.unit}」に直せないため、比べられません。"
        if figure.is_approximate and figure.value is not None:
            # As precise as it was printed: 284.6 百万円 is 約285百万円.
            digits = min(int(figure.value.normalize().as_tuple().exponent), 0)
            rounded = computed.quantize(Decimal(1).scaleb(digits), ROUND_HALF_UP)
            if rounded != computed:
                found += f"{figure.unit}に四捨五入して比べます。"
            computed = rounded
        return computed, found
