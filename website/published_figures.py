"""Published figures, arranged as pages show them. Pure: the figures are read by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.fiscal import year_lines
from core.plots import FLAT, Columns, columns
from figures.measures import grade_named
from figures.models import PublishedFigure
from policies.models import Edition, Grade, Tone
from programs.differences import Aspect
from reviews.models import Account, EffectKind, Series

Basis = PublishedFigure.Basis
Measure = PublishedFigure.Measure

TOTAL = "total"
EFFECT_KINDS = {TOTAL: "合計", "revenue": "歳入確保", "saving": "歳出削減"}
_CATEGORIES = [*EFFECT_KINDS, *Aspect.values]


def reading_order(figure: PublishedFigure, grades: Sequence[Grade] = ()) -> tuple[Any, ...]:
    """A sort key: by what was counted and of which axis, then by time and policy, the parts below their total, and those of a
    scale as its `grades` stand."""
    grade = grade_named(figure.category, grades)
    return (
        Measure.values.index(figure.measure),
        figure.axis.order if figure.axis else 0,
        figure.fiscal_year or 0,
        figure.as_of or date.min,
        figure.edition_id or 0,
        figure.policy.number if figure.policy else 0,
        _CATEGORIES.index(figure.category) if figure.category in _CATEGORIES else len(_CATEGORIES),
        grade.order if grade else 0,
        figure.key,
    )


def cited(figures: Iterable[PublishedFigure]) -> list[PublishedFigure]:
    """Of figures that stand together, the first of each source."""
    found: dict[int, PublishedFigure] = {}
    for figure in figures:
        found.setdefault(figure.source_id, figure)
    return list(found.values())


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
    def cited(self) -> list[PublishedFigure]:
        """One figure for each place where these numbers were printed."""
        return cited(figure for figure in (self.total, *(figure for _, figure in self.by_grade)) if figure)


def published_grades(figures: Iterable[PublishedFigure], grades: Sequence[Grade]) -> dict[date, PublishedGrades]:
    """By day, oldest first. Figures of a single policy or of a further axis stay out, shares, and letters that are not in the scale."""
    counts: dict[date, dict[str, PublishedFigure]] = defaultdict(dict)
    for figure in figures:
        if figure.as_of and figure.policy_id is None and figure.axis_id is None:
            if figure.measure == Measure.GRADED_TOTAL:
                counts[figure.as_of][""] = figure
            elif (
                figure.measure == Measure.GRADE_COUNT
                and not figure.is_share
                and (grade := grade_named(figure.category, grades)) is not None
            ):
                counts[figure.as_of][grade.code] = figure
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
    """Effect amounts of one account and series by fiscal year and basis, and the sum of those years that are settled."""

    years: list[EffectYear]
    notes: list[PublishedFigure]
    account: str = ""
    series: str = ""

    kinds = list(EFFECT_KINDS.values())

    @property
    def settled(self) -> list[EffectYear]:
        return [year for year in self.years if year.basis == Basis.ACTUAL]

    @property
    def unsettled(self) -> list[EffectYear]:
        return [year for year in self.years if year.basis != Basis.ACTUAL]

    @property
    def note_count(self) -> int:
        """The notes of the city, and the one of this site about the years that are left out of the sum."""
        return len(self.notes) + bool(self.unsettled)

    @property
    def unit(self) -> str:
        """The unit that all figures share, or ""."""
        units = {figure.unit for year in self.years for figure in year.by_kind.values()}
        return units.pop() if len(units) == 1 else ""

    @property
    def label(self) -> str:
        """一般会計、累計; "" where nothing of it was printed."""
        account = [Account(self.account).label] if self.account else []
        return "、".join([*account, *([Series(self.series).label] if self.series else [])])

    @property
    def settled_sums(self) -> list[tuple[Decimal | None, bool]]:
        """By kind, over the settled years only: a budget is not a result. (sum, None where a year is unknown; whether one of
        them is about so much)"""
        sums: list[tuple[Decimal | None, bool]] = []
        for kind in EFFECT_KINDS:
            known = [
                figure
                for year in self.settled
                if (figure := year.by_kind.get(kind)) is not None and figure.value is not None
            ]
            if known and len(known) == len(self.settled) and self.unit:
                about = any(figure.is_approximate for figure in known)
                sums.append((sum((figure.value or Decimal() for figure in known), Decimal()), about))
            else:
                sums.append((None, False))
        return sums

    @property
    def adds_up(self) -> bool:
        """Whether the settled years have a sum: a running total holds those before it."""
        return len(self.settled) > 1 and self.series != Series.CUMULATIVE

    @property
    def is_approximate(self) -> bool:
        """Whether one of the figures was printed as 約."""
        return any(figure.is_approximate for year in self.years for figure in year.by_kind.values())

    @property
    def cited(self) -> list[PublishedFigure]:
        """One figure for each place where these amounts were printed."""
        return cited(figure for year in self.years for figure in year.cells if figure)

    @property
    def chart(self) -> Columns | None:
        """By year, in the unit that all figures share. None without one, or where nothing but totals was printed."""
        if not self.unit or not self.parts:
            return None
        return columns(
            [
                ((*([year.basis_label] if self.unsettled else []), *year_lines(year.fiscal_year)), year.parts or None)
                for year in self.years
            ],
            height=FLAT,
            unit=self.unit,
            below="年度",
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


def effects(figures: Iterable[PublishedFigure]) -> list[Effects]:
    """Of the plan as a whole: those of a policy are its parts. By account and series, whose amounts never stand for each other;
    those of all accounts and of no other series come first."""
    found: dict[tuple[str, str], dict[tuple[int, str], EffectYear]] = defaultdict(dict)
    notes: dict[tuple[str, str], list[PublishedFigure]] = defaultdict(list)
    for figure in figures:
        basis = Basis.PLANNED.value if figure.measure == Measure.EFFECT_PLANNED else figure.basis
        if figure.measure not in (Measure.EFFECT, Measure.EFFECT_PLANNED) or figure.policy_id is not None:
            continue
        category = figure.category or TOTAL
        if category not in EFFECT_KINDS or figure.fiscal_year is None:
            continue
        group = figure.series, figure.account
        year = found[group].setdefault((figure.fiscal_year, basis), EffectYear(figure.fiscal_year, basis))
        year.by_kind[category] = figure
        if figure.note:
            notes[group].append(figure)
    order = ["", *Series.values]
    return [
        Effects([found[group][key] for key in sorted(found[group])], notes[group], account, series)
        for group in sorted(found, key=lambda group: (order.index(group[0]), group[1]))
        for series, account in [group]
    ]


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
