"""What the sheets for people tell: the items that were asked for with their promise, course and figures, and the counts of
the pages. Published data only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from figures.axes import AxisCounts, counts_by_axis, with_judgements
from figures.counts import Distribution, distribution
from figures.datasets import Items, Snapshot, known_with
from figures.departments import DepartmentLine, by_department
from figures.effects import EffectRow, EffectTotals, frozen, registered, totals
from figures.models import PublishedFigure
from figures.rows import ProgramRow
from opendata.program_files import ProgramExport
from opendata.tables.promise import public_actuals
from policies.models import Edition, Plan
from programs.content import Content, IndicatorContent, IndicatorKey
from programs.models import Program
from programs.promises import Promises, by_year, load
from reviews.models import PublishedReport
from website.grid import GridCell, GridColumn, cells_of, columns_of
from website.named import Unnamed, named
from website.published_figures import Effects, PublishedGrades, effects, published_grades
from website.report import IndicatorSheet, ReportedActual, indicator_sheets, told_actuals
from website.trend import RoundLine, trend

MOST_ITEMS = 1000  # with rows of their own; more of them nobody reads on paper, and the tables for programs have all


class Subject(StrEnum):
    """What can be known of items, as the sheets call it."""

    DEPARTMENTS = "推進担当課"
    CONTENTS = "実施内容"
    YEAR_PLANS = "年度計画"
    INDICATORS = "成果指標"
    GRADES = "項目ごとの評価"
    EFFECTS = "項目ごとの効果額"


@dataclass
class ListedIndicator:
    """An indicator by year, and what it means as far as an edition says it."""

    sheet: IndicatorSheet
    content: IndicatorContent | None


@dataclass
class ListedItem:
    row: ProgramRow
    wording: Content | None = None
    years: list[tuple[int, str]] = field(default_factory=list)
    cells: list[GridCell | None] = field(default_factory=list)
    indicators: list[ListedIndicator] = field(default_factory=list)
    effects: list[EffectTotals] = field(default_factory=list)  # one of each series

    @property
    def contents(self) -> str:
        return self.wording.texts["contents"].strip() if self.wording else ""


@dataclass
class SheetFacts:
    plan: Plan
    snapshot: Snapshot
    counts: Distribution
    columns: list[GridColumn]
    items: list[ListedItem]  # by policy
    unnamed: list[Unnamed]
    count: int  # of all that were asked for, with those without a name
    left_out: int  # beyond MOST_ITEMS
    departments: list[DepartmentLine]
    course: list[RoundLine]
    totals: list[EffectTotals]
    printed: PublishedGrades | None  # the city's numbers of a day of which no results are registered here by item
    printed_effects: list[Effects]
    axes: list[AxisCounts]  # beside the first

    @property
    def main_axis(self) -> str:
        """What the first axis is called, where there are others."""
        return self.snapshot.round.main_axis_name if self.axes and self.snapshot.round else ""

    @property
    def has_departments(self) -> bool:
        return any(line.name for line in self.departments)

    @property
    def years(self) -> list[int]:
        """Of the plan, and others that indicators or effects have a value for."""
        known = {year for item in self.items for each in item.indicators for year, *_ in each.sheet.years}
        return sorted({*self.plan.fiscal_years, *known})

    @property
    def unknown(self) -> list[Subject]:
        """What this site knows of none of the items, to be said once."""
        known = (
            (Subject.DEPARTMENTS, any(item.row.departments for item in self.items)),
            (Subject.CONTENTS, any(item.contents for item in self.items)),
            (Subject.YEAR_PLANS, any(text for item in self.items for _, text in item.years)),
            (Subject.INDICATORS, any(item.indicators for item in self.items)),
            (Subject.GRADES, any(cell and cell.grade for item in self.items for cell in item.cells)),
            (Subject.EFFECTS, any(item.effects for item in self.items)),
        )
        return [name for name, is_known in known if not is_known]


def read(export: ProgramExport) -> SheetFacts:
    """A fixed number of queries, however many items there are: at most twenty-five."""
    current, plan = export.snapshot, export.snapshot.plan
    programs = export.programs
    keys = current.keys(programs) if export.narrowed else None
    counts = distribution(current, programs=programs if export.narrowed else None)
    over_time = trend(plan, _keys_of_all(export) if export.narrowed else None)
    figures = []
    if not export.narrowed:
        figures = list(
            PublishedFigure.objects.current().filter(plan=plan).select_related("source", "edition", "policy")
        )
    over_time.grades = counts.grades
    over_time.printed = published_grades(figures, counts.grades)
    columns = columns_of(over_time.published, current.round) if current.round else []
    course = _up_to(current, over_time.lines, columns)
    latest = next((line.printed for line in reversed(course) if line.printed), None)
    if latest and current.round and latest.as_of <= current.round.as_of:
        latest = None  # the records say the same or more
    shown, unnamed = _shown(export)
    items = _items(current, shown, columns)
    amounts = _effect_rows(current, keys)
    lines = {item.row.number: list[EffectRow]() for item in items}
    for amount in amounts:
        if amount.program_number in lines:
            lines[amount.program_number].append(amount)
    for item in items:
        item.effects = totals(lines[item.row.number], plan.money_unit)
    count = counts.total.items
    return SheetFacts(
        plan,
        current,
        counts,
        columns,
        items,
        unnamed,
        count,
        count - len(items) - sum(each.items for each in unnamed),
        by_department(current.round, counts.grades, city=plan.city, programs=keys) if current.round else [],
        course,
        totals(amounts, plan.money_unit, lines=lines),
        latest,
        effects(_told_by(current, figures)),
        counts_by_axis(current.round, count, keys) if current.round else [],
    )


def _keys_of_all(export: ProgramExport) -> Items:
    """Those of the items that were asked for, whether or not they live on the day: in earlier rounds they did."""
    known = replace(export.snapshot, with_ended=True)
    return known.keys(known.programs(export.selection))


def _up_to(current: Snapshot, lines: Sequence[RoundLine], columns: Sequence[GridColumn]) -> list[RoundLine]:
    """The rounds of which something is known, as far as the round that was asked for knew of them."""
    known = {column.round.pk for column in columns}
    last = current.round.as_of if current.is_frozen and current.round else None
    return [
        line
        for line in lines
        if (line.counts is not None and line.round.pk in known)
        or (line.counts is None and line.printed is not None and (last is None or line.round.as_of <= last))
    ]


def _told_by(current: Snapshot, figures: Iterable[PublishedFigure]) -> list[PublishedFigure]:
    """Figures of the years that the round that was asked for could speak of."""
    last = current.round.fiscal_year if current.is_frozen and current.round else None
    return [each for each in figures if last is None or each.fiscal_year is None or each.fiscal_year <= last]


def _shown(export: ProgramExport) -> tuple[Items, list[Unnamed]]:
    """The items that have rows, by policy, and how many more there are of which nothing is known, as in the list of pages."""
    programs, unnamed = export.programs, list[Unnamed]()
    if {name for name, *_ in export.conditions} <= {"policy", "round", "sort"}:
        programs, unnamed = named(export.snapshot, programs)
    policy = "policy_number" if export.snapshot.is_frozen else "policy__number"
    return programs.order_by(policy, *programs.query.order_by)[:MOST_ITEMS], unnamed


def _items(current: Snapshot, programs: Items, columns: Sequence[GridColumn]) -> list[ListedItem]:
    rows = current.rows(programs)
    items = [ListedItem(row) for row in (with_judgements(rows, current.round) if current.round else rows)]
    keys = [item.row.pk for item in items]
    editions = _editions(current)
    wordings = load([edition.pk for edition in editions], keys)
    cells = cells_of(Program.objects.filter(pk__in=keys).only("added_on", "ended_on"), columns)
    told = _told(current, keys)
    in_order = sorted(editions, key=lambda edition: _order(current, edition))
    for item in items:
        key = item.row.pk
        in_force = by_year(current.plan, editions, wordings, key)
        own = [wordings[edition.pk][key] for edition in in_order if key in wordings[edition.pk]]
        item.wording = own[-1] if own else None
        item.years = [(year, wording.year_plans.get(year, "").strip()) for year, wording in in_force]
        item.cells = cells[key]
        meant = _meant(editions, wordings, key)
        item.indicators = [
            ListedIndicator(sheet, meant.get(IndicatorKey(sheet.number, sheet.name, sheet.unit)))
            for sheet in indicator_sheets(in_force, told.get(key, []))
        ]
    return items


def _editions(current: Snapshot) -> list[Edition]:
    """The frozen editions, oldest first, as far as the round that was asked for knew of them."""
    editions = Edition.objects.filter(plan=current.plan, frozen_at__isnull=False).order_by("first_fiscal_year", "pk")
    if current.is_frozen and current.round:
        editions = editions.filter(first_fiscal_year__lte=current.round.fiscal_year)
    return list(editions)


def _order(current: Snapshot, edition: Edition) -> tuple[bool, int]:
    """The edition of the snapshot and those before it come last: what they say of an item goes before one to come."""
    last = current.edition.first_fiscal_year if current.edition else 0
    return (edition.first_fiscal_year <= last, edition.first_fiscal_year)


def _meant(editions: Iterable[Edition], wordings: Promises, key: int) -> dict[IndicatorKey, IndicatorContent]:
    return {
        IndicatorKey(one.number or 0, one.name, one.unit): one
        for edition in editions
        if key in wordings[edition.pk]
        for one in wordings[edition.pk][key].indicators.values()
    }


def _told(current: Snapshot, keys: Sequence[int]) -> Mapping[int, list[tuple[IndicatorKey, int, ReportedActual]]]:
    """The actuals of each item: as they hold, or as the reports up to the round that was asked for told them."""
    told: dict[int, list[Any]] = defaultdict(list)
    if current.is_frozen and current.round:
        course = PublishedReport.objects.filter(known_with(current.round), program__in=keys).exclude(actuals=[])
        for report in course.only("program", "actuals").order_by("round__as_of"):
            told[report.program_id] += told_actuals([report])
        return told
    of_indicator = (f"indicator__{name}" for name in ("program", "number", "name", "unit"))
    rows = public_actuals(current.plan).filter(indicator__program__in=keys)
    for key, number, name, unit, year, *actual in rows.values_list(
        *of_indicator, "fiscal_year", "value", "is_forecast", "note"
    ):
        told[key].append((IndicatorKey(number, name, unit), year, ReportedActual(*actual)))
    return told


def _effect_rows(current: Snapshot, keys: Items | None) -> list[EffectRow]:
    """The effects of the items that were asked for: as they hold, or as the round that was asked for published them."""
    if not current.is_frozen:
        return registered(current.plan, keys)
    published = PublishedReport.objects.filter(round=current.round).exclude(effects=[]).order_by("sort_key")
    return frozen(published if keys is None else published.filter(program__in=keys))
