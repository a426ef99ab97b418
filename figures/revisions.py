"""見直し: the published counts of a revision beside those that the records give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from figures.models import PublishedFigure
from policies.models import Plan
from programs.models import Aspect
from programs.revisions import ComparedRevision, comparisons, editions_of, events, policies_and_items

REVISION_MEASURES = (PublishedFigure.Measure.REVISED_ITEMS, PublishedFigure.Measure.REVISED_ASPECT)


class Status(StrEnum):
    AGREES = "一致"
    DIFFERS = "不一致"
    UNCHECKED = "照合できません"

    @property
    def agrees(self) -> bool:
        return self is Status.AGREES

    @property
    def differs(self) -> bool:
        return self is Status.DIFFERS


@dataclass(frozen=True)
class Count:
    """Numbers of items revised in one aspect (None: in any). None is unknown."""

    aspect: Aspect | None
    published: PublishedFigure | None
    computed: int | None
    marked: int | None
    is_complete: bool
    label: str

    @property
    def status(self) -> Status:
        """Of all numbers that are known and complete."""
        numbers: list[Decimal | int] = (
            [] if self.published is None or self.published.value is None else [self.published.value]
        )
        if self.computed is not None and self.is_complete:
            numbers.append(self.computed)
        if self.marked is not None:
            numbers.append(self.marked)
        if len(numbers) < 2:
            return Status.UNCHECKED
        return Status.AGREES if len(set(map(Decimal, numbers))) == 1 else Status.DIFFERS


@dataclass(frozen=True)
class CheckedRevision(ComparedRevision):
    """A revision with what was published about it."""

    figures: list[PublishedFigure] = field(default_factory=list)

    @property
    def counts(self) -> list[Count]:
        """All items, and then aspect by aspect."""
        published = {figure.category: figure for figure in self.figures if figure.policy_id is None}
        return [
            Count(
                aspect,
                published.get(aspect or ""),
                self.computed(aspect),
                self.marked(aspect),
                self.is_complete,
                self.event.label_of(aspect) if aspect else "見直した項目",
            )
            for aspect in (None, *Aspect)
        ]


def checked(comparison: ComparedRevision, figures: Iterable[PublishedFigure]) -> CheckedRevision:
    """Compare a revision with the published counts of its edition."""
    own = [
        figure
        for figure in figures
        if figure.measure in REVISION_MEASURES and figure.edition_id == comparison.event.edition.pk
    ]
    return CheckedRevision(comparison.event, comparison.entries, figures=own)


def of_plan(plan: Plan) -> list[CheckedRevision]:
    """Check every revision of a plan, oldest first. At most seven queries."""
    wanted = [event for event in events(editions_of(plan)) if event.before]
    if not wanted:
        return []
    figures = list(
        plan.figures.filter(measure__in=REVISION_MEASURES, superseded_by=None).select_related("source", "policy")
    )
    return [checked(found, figures) for found in comparisons(wanted, policies_and_items(plan)[1])]


def count_for(comparison: ComparedRevision, figure: PublishedFigure) -> tuple[Decimal | None, str, bool]:
    """What the records say about a published count: (number, how it was found or why not, whether it is whole)."""
    aspect = _aspect_of(figure)
    if figure.measure == PublishedFigure.Measure.REVISED_ASPECT and aspect is None:
        return None, f"見直し箇所「{figure.category}」は、計算できる箇所ではありません。", False
    policy = figure.policy.number if figure.policy else None
    if comparison.is_complete:
        return _decimal(comparison.computed(aspect, policy)), "二つの版の計画内容を比べて数えました。", True
    if comparison.has_marks:
        return _decimal(comparison.marked(aspect, policy)), "市の表の○印を数えました。", True
    if not comparison.registered:
        return None, "版ごとの計画内容が登録されていないため、計算できません。", False
    return (
        _decimal(comparison.computed(aspect, policy)),
        f"{len(comparison.entries)}項目のうち{comparison.registered}項目の計画内容だけが登録されているため、照合できません。",
        False,
    )


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _aspect_of(figure: PublishedFigure) -> Aspect | None:
    return Aspect(figure.category) if figure.category in Aspect.values else None
