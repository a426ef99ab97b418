"""The ledger: published figures, each checked against the records as far as they go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from kodaira_reform.text import show_number
from policies.models import Plan
from programs.models import Program
from reviews.effects import EffectRow, in_unit, registered
from reviews.models import EffectKind, PublishedFigure, PublishedReport, Round

Measure = PublishedFigure.Measure


class Status(StrEnum):
    AGREES = "一致"
    DIFFERS = "不一致"
    UNCHECKED = "照合できません"


@dataclass(frozen=True)
class Reconciled:
    """One published figure beside what the records give. `computed` has the figure's unit; None is unknown."""

    figure: PublishedFigure
    computed: Decimal | None
    reason: str

    @property
    def status(self) -> Status:
        if self.computed is None or self.figure.value is None:
            return Status.UNCHECKED
        return Status.AGREES if self.computed == self.figure.value else Status.DIFFERS


def reconcile(plan: Plan, amounts: list[EffectRow] | None = None) -> list[Reconciled]:
    """Check every published figure of a plan, in the order of the ledger. Five queries, four with `amounts` at hand."""
    figures = list(plan.figures.select_related("source", "policy", "edition"))
    records = _Records(plan, figures, registered(plan) if amounts is None else amounts)
    return [Reconciled(figure, *records.compute(figure)) for figure in figures]


class _Records:
    """What the records of one plan say, read once. Published rows only: the ledger is public."""

    def __init__(self, plan: Plan, figures: list[PublishedFigure], amounts: list[EffectRow]) -> None:
        self.amounts = amounts
        self.items = Counter(Program.objects.filter(plan=plan).values_list("policy_id", flat=True))
        self.rounds = set(Round.objects.published().filter(plan=plan).values_list("as_of", flat=True))
        self.grades = Counter(
            PublishedReport.objects.filter(round__plan=plan)
            .exclude(grade_code="")
            .values_list("round__as_of", "grade_code")
        )
        self.effects = {
            (figure.fiscal_year, figure.basis, figure.category): figure.value
            for figure in figures
            if figure.measure == Measure.EFFECT
        }

    def compute(self, figure: PublishedFigure) -> tuple[Decimal | None, str]:
        """(value, how it was found or why it could not be)."""
        match figure.measure:
            case Measure.ITEM_COUNT:
                count = self.items[figure.policy_id] if figure.policy_id else self.items.total()
                return Decimal(count), "登録されている実施項目を数えました。"
            case Measure.GRADE_COUNT | Measure.GRADED_TOTAL:
                return self._grades(figure)
            case Measure.EFFECT:
                return self._effect(figure)
        return None, "版ごとの計画内容が登録されていないため、計算できません。"

    def _grades(self, figure: PublishedFigure) -> tuple[Decimal | None, str]:
        if figure.as_of not in self.rounds:
            return None, "この基準日の項目別の報告が公表されていないため、計算できません。"
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
            return None, "内訳（歳入確保と歳出削減）が公表されていないため、計算できません。"
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
