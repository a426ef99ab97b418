"""What the city printed about a plan or a policy, as rows of the open tables that hold the same of items.

A column `level` says how finely a row is known: of the plan as a whole, of a policy, or by items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Q

from core.fiscal import fiscal_year_of, in_gregorian
from core.money import UNITS, in_thousands
from figures.measures import grade_named
from figures.models import PublishedFigure
from opendata.tables.observations import PLAN_LEVEL, POLICY_LEVEL, PROGRAM_LEVEL, Observation, Observe
from opendata.tables.table import Field, Row
from policies.models import Edition, Grade, Plan
from programs.models import Revision
from reviews.models import Basis, Round

LEVELS = (
    (PLAN_LEVEL, "計画の全体（市が公表した数、全体の指標）"),
    (POLICY_LEVEL, "方針（市が公表した数、方針の指標）"),
    (PROGRAM_LEVEL, "実施項目ごとの記録"),
)
TOTAL = "total"
THOUSAND_YEN = "千円"
Measure = PublishedFigure.Measure
_BESIDE_PLAN = (Measure.EFFECT_DIFFERENCE, Measure.EFFECT_RATE)
_COUNTED = (Measure.ITEM_COUNT, Measure.REVISED_ITEMS, Measure.REVISED_ASPECT)


def level(of: Callable[[Any], str] = lambda _: PROGRAM_LEVEL, path: str = "pk") -> Field:
    """The column of a table whose query holds records of items; `of` tells it from the value at `path`."""
    return Field(
        "level", "細かさ", "この行がどの細かさの記録か。", path=path, codes=LEVELS, of=of, example=PROGRAM_LEVEL
    )


def policy_number() -> Field:
    """None in rows about the whole plan or about items."""
    return Field(
        "policy_number",
        "方針の番号",
        "level が policy のとき。",
        path="pk",
        type="integer",
        of=lambda _: None,
        example=1,
    )


def level_of(figure: PublishedFigure) -> str:
    return POLICY_LEVEL if figure.policy_id else PLAN_LEVEL


def _figures(plan: Plan) -> list[PublishedFigure]:
    """What is of the whole plan, or of no day, comes first, whatever the database does with what is empty."""
    return list(
        PublishedFigure.objects.current()
        .filter(plan=plan)
        .select_related("source", "policy", "edition")
        .order_by(*(F(name).asc(nulls_first=True) for name in ("as_of", "fiscal_year", "policy__number")), "key")
    )


def _counted(plan: Plan) -> set[Any]:
    """The days of which items are known: what the city printed about them stands in the table of figures alone."""
    return set(Round.objects.published().filter(plan=plan).values_list("as_of", flat=True))


def known_editions(plan: Plan) -> Iterable[Edition]:
    """Editions that are not frozen here, and that printed figures or a revision told by them name."""
    named = PublishedFigure.objects.filter(plan=plan, edition__isnull=False).values("edition")
    before = Revision.objects.filter(to_edition__in=named).values("from_edition")
    return (
        Edition.objects.filter(Q(pk__in=named) | Q(pk__in=before), plan=plan, frozen_at=None)
        .select_related("source")
        .order_by("first_fiscal_year")
    )


def rounds(plan: Plan) -> list[Row]:
    """Rounds that a document names and of which no item is known, with the printed total of the day where there is one."""
    totals = {
        figure.as_of: figure
        for figure in _figures(plan)
        if figure.measure == Measure.GRADED_TOTAL and not figure.policy_id
    }
    known = {edition.pk for edition in known_editions(plan)}
    found = (
        Round.objects.shown().filter(plan=plan).exclude(state=Round.State.PUBLISHED).select_related("edition", "source")
    )
    rows = []
    for each in found.order_by("as_of"):
        total = totals.get(each.as_of)
        if total is None and each.source is None:
            continue
        count = None if total is None or total.value is None else int(total.value)
        source = total.source.key if total else each.source.key if each.source else None
        edition = each.edition.key if each.edition.frozen_at or each.edition_id in known else None
        rows.append(
            (PLAN_LEVEL, each.as_of, fiscal_year_of(each.as_of), edition, None, count, count, *[None] * 4, source)
        )
    return rows


class _CountedItems(NamedTuple):
    """A printed number of items with a grade."""

    figure: PublishedFigure
    grade: Grade
    as_of: date
    items: int


def _counts_of_grades(plan: Plan, figures: Iterable[PublishedFigure]) -> Iterator[_CountedItems]:
    """Of days of which no item is known."""
    grades = list(Grade.objects.main_of(plan))
    counted = _counted(plan)
    for figure in figures:
        is_counted = figure.measure == Measure.GRADE_COUNT and figure.axis_id is None
        grade = grade_named(figure.category, grades) if is_counted else None
        if grade and figure.as_of and figure.as_of not in counted and figure.value is not None:
            yield _CountedItems(figure, grade, figure.as_of, int(figure.value))


def grade_counts(plan: Plan) -> Iterator[Row]:
    for figure, grade, as_of, items in _counts_of_grades(plan, _figures(plan)):
        policy = figure.policy.number if figure.policy else None
        yield (
            *(level_of(figure), policy, as_of, fiscal_year_of(as_of)),
            *(grade.code, grade.label, grade.tone, items, figure.source.key),
        )


def _thousands(figure: PublishedFigure) -> Decimal | None:
    return None if figure.value is None or figure.unit not in UNITS else in_thousands(figure.value, figure.unit)


def basis_of(figure: PublishedFigure) -> str | None:
    return Basis.PLANNED.value if figure.measure == Measure.EFFECT_PLANNED else figure.basis or None


def _amounts(figures: Iterable[PublishedFigure]) -> Iterator[tuple[PublishedFigure, Decimal]]:
    """Printed effects in 千円; what is no money stands in the table of figures alone."""
    for figure in figures:
        amount = _thousands(figure) if figure.measure in (Measure.EFFECT, Measure.EFFECT_PLANNED) else None
        if amount is not None and figure.fiscal_year is not None:
            yield figure, amount


def effects(plan: Plan) -> Iterator[Row]:
    for figure, amount in _amounts(_figures(plan)):
        policy = figure.policy.number if figure.policy else None
        yield (
            *(level_of(figure), policy, None, figure.fiscal_year, figure.category or TOTAL, basis_of(figure)),
            *(amount, THOUSAND_YEN, figure.is_approximate, figure.note or None, figure.source.key),
            *(figure.account or None, figure.series or None, None, None, None),
        )


def editions(plan: Plan) -> Iterator[Row]:
    for edition in known_editions(plan):
        source = edition.source.key if edition.source else None
        years = (edition.first_fiscal_year, edition.last_fiscal_year)
        decided = (edition.decided, in_gregorian(edition.decided)) if edition.decided else (None, None)
        yield (PLAN_LEVEL, edition.key, edition.name, *years, *decided, None, source)


def observations(plan: Plan, observe: Observe) -> Iterator[Observation]:
    """All of them as rows of the tidy table."""
    figures = _figures(plan)

    def row(
        figure: PublishedFigure, measure: str, value: Any, unit: str, *, year: int | None = None, **known: Any
    ) -> Observation:
        return observe(
            measure=measure,
            value=value,
            unit=unit,
            fiscal_year=year or figure.fiscal_year,
            source=figure.source.key,
            level=level_of(figure),
            policy_number=figure.policy.number if figure.policy else None,
            **known,
        )

    def of_effect(figure: PublishedFigure) -> dict[str, Any]:
        books = {"account": figure.account or None, "series": figure.series or None}
        return {"kind": figure.category or TOTAL, "basis": basis_of(figure), **books}

    for figure, grade, as_of, items in _counts_of_grades(plan, figures):
        year = fiscal_year_of(as_of)
        yield row(figure, "grade_count", items, "項目", year=year, as_of=as_of, category=grade.code)
    for figure, amount in _amounts(figures):
        yield row(figure, "effect", amount, THOUSAND_YEN, **of_effect(figure))
    for figure in figures:
        if figure.measure not in _BESIDE_PLAN or figure.fiscal_year is None:
            continue
        is_rate = figure.measure == Measure.EFFECT_RATE
        value = figure.value if is_rate else _thousands(figure)
        if value is not None:
            yield row(figure, figure.measure, value, "%" if is_rate else THOUSAND_YEN, **of_effect(figure))
    for figure in figures:
        if figure.measure in _COUNTED and figure.value is not None:
            yield row(
                figure,
                figure.measure,
                int(figure.value),
                figure.unit,
                as_of=figure.as_of,
                edition=figure.edition.key if figure.edition else None,
                category=figure.category or None,
            )
