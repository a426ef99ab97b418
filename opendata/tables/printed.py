"""What the city printed about a plan or a policy, as rows of the open tables that hold the same of items.

A column `level` says how finely a row is known: of the plan as a whole, of a policy, or by items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q

from core.fiscal import fiscal_year_of, in_gregorian
from core.money import UNITS, in_thousands
from figures.measures import grade_named
from figures.models import PublishedFigure
from opendata.tables.table import Field, Row
from policies.models import Edition, Grade, Plan
from programs.models import Revision
from reviews.models import Basis, Round

PLAN_LEVEL, POLICY_LEVEL, PROGRAM_LEVEL = "plan", "policy", "program"
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
    return list(
        PublishedFigure.objects.current()
        .filter(plan=plan)
        .select_related("source", "policy", "edition")
        .order_by("as_of", "fiscal_year", "policy__number", "key")
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


def grade_counts(plan: Plan, figures: Iterable[PublishedFigure] | None = None) -> Iterator[Row]:
    """Printed numbers of items by grade, of days of which no item is known. `figures` are the plan's, if they were read."""
    grades = list(Grade.objects.main_of(plan))
    counted = _counted(plan)
    for figure in _figures(plan) if figures is None else figures:
        is_counted = figure.measure == Measure.GRADE_COUNT and figure.axis_id is None
        grade = grade_named(figure.category, grades) if is_counted else None
        if grade is None or figure.as_of is None or figure.as_of in counted or figure.value is None:
            continue
        policy = figure.policy.number if figure.policy else None
        yield (
            *(level_of(figure), policy, figure.as_of, fiscal_year_of(figure.as_of)),
            *(grade.code, grade.label, grade.tone, int(figure.value), figure.source.key),
        )


def _thousands(figure: PublishedFigure) -> Decimal | None:
    return None if figure.value is None or figure.unit not in UNITS else in_thousands(figure.value, figure.unit)


def basis_of(figure: PublishedFigure) -> str | None:
    return Basis.PLANNED.value if figure.measure == Measure.EFFECT_PLANNED else figure.basis or None


def effects(plan: Plan, figures: Iterable[PublishedFigure] | None = None) -> Iterator[Row]:
    """Printed effects in 千円; what is no money stands in the table of figures alone."""
    for figure in _figures(plan) if figures is None else figures:
        amount = _thousands(figure) if figure.measure in (Measure.EFFECT, Measure.EFFECT_PLANNED) else None
        if amount is None or figure.fiscal_year is None:
            continue
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


def long_rows(plan: Plan) -> Iterator[Row]:
    """All of them, as rows of the tidy table: (number, day, year, measure, value, unit, source, indicator, edition, kind,
    basis, level, policy, category; of an effect also account, series)."""
    figures = _figures(plan)
    for found, policy, day, year, code, _label, _tone, items, source in grade_counts(plan, figures):
        yield (None, day, year, "grade_count", items, "項目", source, None, None, None, None, found, policy, code)
    for found, policy, _number, year, kind, basis, amount, unit, _about, _note, source, *books in effects(
        plan, figures
    ):
        yield (
            None,
            None,
            year,
            "effect",
            amount,
            unit,
            source,
            None,
            None,
            kind,
            basis,
            found,
            policy,
            None,
            *books[:2],
        )
    for figure in figures:
        if figure.measure not in _BESIDE_PLAN or figure.value is None or figure.fiscal_year is None:
            continue
        is_rate = figure.measure == Measure.EFFECT_RATE
        value = figure.value if is_rate else _thousands(figure)
        if value is not None:
            yield (
                *(None, None, figure.fiscal_year, figure.measure, value, "%" if is_rate else THOUSAND_YEN),
                *(figure.source.key, None, None, figure.category or TOTAL, figure.basis or None, level_of(figure)),
                *(figure.policy.number if figure.policy else None, None, figure.account or None, figure.series or None),
            )
    for figure in figures:
        if figure.value is None or figure.measure not in _COUNTED:
            continue
        edition = figure.edition.key if figure.edition else None
        policy = figure.policy.number if figure.policy else None
        yield (
            *(None, figure.as_of, figure.fiscal_year, figure.measure, int(figure.value), figure.unit),
            *(figure.source.key, None, edition, None, None, level_of(figure), policy, figure.category or None),
        )
