"""Published figures, arranged as pages show them. Pure: the figures are read by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.plots import FLAT, Columns, columns
from figures.models import PublishedFigure
from policies.models import Edition, Grade, Tone
from programs.differences import Aspect
from reviews.models import EffectKind

Basis = PublishedFigure.Basis
Measure = PublishedFigure.Measure

EFFECT_KINDS = {"total": "合計", "revenue": "歳入確保", "saving": "歳出削減"}
_CATEGORIES = [*EFFECT_KINDS, *Aspect.values]


def reading_order(figure: PublishedFigure) -> tuple[Any, ...]:
    """A sort key: by what was counted, then by time and policy, the parts below their total."""
    return (
        Measure.values.index(figure.measure),
        figure.fiscal_year or 0,
        figure.as_of or date.min,
        figure.edition_id or 0,
        figure.policy.number if figure.policy else 0,
        _CATEGORIES.index(figure.category) if figure.category in _CATEGORIES else len(_CATEGORIES),
        figure.key,
    )


@dataclass
class PublishedGrades:
    """What was printed about the grades of all items on one day; `by_grade` in the order of the scale."""

    as_of: date
    by_grade: list[tuple[Grade, PublishedFigure | None]]
    total: PublishedFigure | None = None

    @property
    def cells(self) -> list[tuple[Grade, Decimal | None]]:
        return [(grade, figure.value if figure else None) for grade, figure in self.by_grade]

    @property
    def is_whole(self) -> bool:
        """Whether the number of every grade is known; what is not judged need not be printed."""
        return all(value is not None or grade.tone == Tone.EXCLUDED for grade, value in self.cells)

    @property
    def first(self) -> PublishedFigure:
        """The figure whose source stands for all."""
        return next(figure for figure in (self.total, *(figure for _, figure in self.by_grade)) if figure)


def published_grades(figures: Iterable[PublishedFigure], grades: Sequence[Grade]) -> dict[date, PublishedGrades]:
    """By day, oldest first. Figures of a single policy stay out, shares, and letters that are not in the scale."""
    counts: dict[date, dict[str, PublishedFigure]] = defaultdict(dict)
    codes = {grade.code for grade in grades}
    for figure in figures:
        if figure.as_of and figure.policy_id is None:
            if figure.measure == Measure.GRADED_TOTAL:
                counts[figure.as_of][""] = figure
            elif figure.measure == Measure.GRADE_COUNT and not figure.is_share and figure.category in codes:
                counts[figure.as_of][figure.category] = figure
    return {
        as_of: PublishedGrades(as_of, [(grade, found.get(grade.code)) for grade in grades], found.get(""))
        for as_of, found in sorted(counts.items())
    }


def item_counts(figures: Iterable[PublishedFigure], day: date | None) -> dict[int | None, PublishedFigure]:
    """Printed numbers of items, by the number of the policy (None: of all): of the last day up to this one, or without a day."""
    found: dict[int | None, PublishedFigure] = {}
    of_items = [figure for figure in figures if figure.measure == Measure.ITEM_COUNT]
    for figure in sorted(of_items, key=lambda figure: figure.as_of or date.min):
        if figure.as_of is None or (day is not None and figure.as_of <= day):
            found[figure.policy.number if figure.policy else None] = figure
    return found


@dataclass
class EffectYear:
    fiscal_year: int
    basis: str
    by_kind: dict[str, PublishedFigure] = field(default_factory=dict)

    @property
    def basis_label(self) -> str:
        return Basis(self.basis).label

    @property
    def cells(self) -> list[PublishedFigure | None]:
        return [self.by_kind.get(kind) for kind in EFFECT_KINDS]

    @property
    def parts(self) -> list[tuple[tuple[str, str], Decimal]]:
        """((kind, basis), amount) of the kinds that were printed; a total alone has no parts."""
        found = [(kind, self.by_kind.get(kind)) for kind in EffectKind.values]
        return [((kind, self.basis), figure.value) for kind, figure in found if figure and figure.value is not None]


@dataclass
class Effects:
    """Effect amounts by fiscal year and basis, and the sum of those years that are settled."""

    years: list[EffectYear]
    notes: list[PublishedFigure]

    kinds = list(EFFECT_KINDS.values())

    @property
    def settled(self) -> list[EffectYear]:
        return [year for year in self.years if year.basis == Basis.ACTUAL]

    @property
    def unsettled(self) -> list[EffectYear]:
        return [year for year in self.years if year.basis != Basis.ACTUAL]

    @property
    def unit(self) -> str:
        """The unit that all figures share, or ""."""
        units = {figure.unit for year in self.years for figure in year.by_kind.values()}
        return units.pop() if len(units) == 1 else ""

    @property
    def settled_sums(self) -> list[Decimal | None]:
        """By kind, over the settled years only: a budget is not a result. None where a year is unknown."""
        sums: list[Decimal | None] = []
        for kind in EFFECT_KINDS:
            values = [figure.value if (figure := year.by_kind.get(kind)) else None for year in self.settled]
            known = [value for value in values if value is not None]
            complete = bool(known) and len(known) == len(values) and bool(self.unit)
            sums.append(sum(known, Decimal()) if complete else None)
        return sums

    @property
    def is_approximate(self) -> bool:
        """Whether one of the figures was printed as 約."""
        return any(figure.is_approximate for year in self.years for figure in year.by_kind.values())

    @property
    def first(self) -> PublishedFigure:
        return next(iter(self.years[0].by_kind.values()))

    @property
    def chart(self) -> Columns | None:
        """By year, in the unit that all figures share. None without one, or where nothing but totals was printed."""
        if not self.unit or not self.parts:
            return None
        return columns(
            [
                (
                    f"{year.fiscal_year}{'年度' if year.basis == Basis.ACTUAL else year.basis_label}",
                    year.parts or None,
                )
                for year in self.years
            ],
            height=FLAT,
        )

    @property
    def parts(self) -> list[tuple[str, str, str, str]]:
        """(kind, basis, their names) for the legend."""
        drawn = {part for year in self.years for part, _ in year.parts}
        return [
            (kind.value, basis.value, kind.label, basis.label)
            for kind in EffectKind
            for basis in Basis
            if (kind.value, basis.value) in drawn
        ]


def effects(figures: Iterable[PublishedFigure]) -> Effects | None:
    """Of the plan as a whole: those of a policy are its parts. None if no effect was published."""
    years: dict[tuple[int, str], EffectYear] = {}
    notes = []
    for figure in figures:
        if figure.measure != Measure.EFFECT or figure.policy_id is not None or figure.category not in EFFECT_KINDS:
            continue
        if figure.fiscal_year is None:
            continue
        year = years.setdefault((figure.fiscal_year, figure.basis), EffectYear(figure.fiscal_year, figure.basis))
        year.by_kind[figure.category] = figure
        if figure.note:
            notes.append(figure)
    return Effects([years[key] for key in sorted(years)], notes) if years else None


@dataclass
class PublishedRevision:
    """How many items were revised with an edition, and in what."""

    edition: Edition
    items: PublishedFigure | None = None
    aspects: list[PublishedFigure] = field(default_factory=list)

    @property
    def first(self) -> PublishedFigure | None:
        return next(iter([*filter(None, [self.items]), *self.aspects]), None)

    @property
    def three(self) -> list[PublishedFigure]:
        """The numbers that tell most: how many items, and the two aspects that most of them were revised in."""
        whole = [figure for figure in self.aspects if figure.category != Aspect.INDICATORS_NEW]
        often = sorted(whole, key=lambda figure: -(figure.value or 0))  # stable: in reading order where equal
        return [*filter(None, [self.items]), *often][:3]


def revisions(figures: Iterable[PublishedFigure]) -> list[PublishedRevision]:
    """By edition, oldest first."""
    found: dict[int, PublishedRevision] = {}
    for figure in figures:
        if figure.edition is None or figure.measure not in (Measure.REVISED_ITEMS, Measure.REVISED_ASPECT):
            continue
        revision = found.setdefault(figure.edition.pk, PublishedRevision(figure.edition))
        if figure.measure == Measure.REVISED_ITEMS:
            revision.items = figure
        else:
            revision.aspects.append(figure)
    for revision in found.values():
        revision.aspects.sort(key=reading_order)
    return sorted(found.values(), key=lambda revision: revision.edition.first_fiscal_year)
