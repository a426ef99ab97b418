"""One item for citizens: the promise in each edition, what happened year by year, and what was said about it.

Only frozen editions and published facts are read. The arithmetic is in small pure functions and properties. The page costs
at most fourteen queries, whatever there is to tell; errata are joined to what they correct.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Department
from committee.models import Opinion
from core.differences import Segment, segments
from core.fiscal import fiscal_year_of
from figures.axes import judged_by_report, mark_breaks
from figures.effects import EffectRow, EffectTotals, totals
from policies.models import Edition, Scale
from programs.content import Content, Target
from programs.differences import Aspect, Difference, common_years, compare
from programs.models import (
    Indicator,
    IndicatorActual,
    LateContent,
    Program,
    ProgramEdition,
)
from programs.promises import load
from reviews.corrections import JUDGEMENT
from reviews.models import PLACE, Basis, Effect, PublishedReport, Redaction, Series, Settlement
from website.measured import AnyIndicator, Measured, MeasuredYear


class Holder(NamedTuple):
    """A department by its name of the time, and by today's if it was renamed or merged since."""

    name: str
    today: str
    code: str


@dataclass
class Promise:
    """What one frozen edition says about the item."""

    content: ProgramEdition
    wording: Content
    holders: list[Holder]

    @property
    def edition(self) -> Edition:
        return self.content.edition

    @property
    def years(self) -> range:
        return self.edition.fiscal_years


class Step(NamedTuple):
    """What changed from one edition of the item to the next."""

    old: Promise
    new: Promise
    difference: Difference


class SingleText(NamedTuple):
    """One of the three single texts: as it is in force, and marked where an edition changed it (newest first)."""

    label: str
    text: str
    changes: list[tuple[Step, list[Segment]]]


class EffectSum(NamedTuple):
    """The amounts of one basis and series. Sums over several of them are never made."""

    label: str  # 実績 / 実績、単年度
    total: Decimal


def effect_sums(effects: Iterable[Effect]) -> list[EffectSum]:
    """By basis, in the order of how sure they are, and series. A running total has no sum."""
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for effect in effects:
        if effect.series != Series.CUMULATIVE:
            amounts[effect.basis, effect.series] += effect.amount
    return [
        EffectSum("、".join([basis.label, *([Series(series).label] if series else [])]), amounts[basis, series])
        for basis in Basis
        for series in ("", *Series.values)
        if (basis, series) in amounts
    ]


def _effect_row(program: Program, effect: Effect) -> EffectRow:
    return EffectRow(0, "", program.number, program.name, *effect.place[:3], effect.amount, *effect.place[3:])


class Correction(NamedTuple):
    """An erratum to a published report or to what an edition says of the item; the other of the two is None."""

    pk: int
    corrected_on: date
    label: str
    old: str
    new: str
    reason: str
    field: str
    report: PublishedReport | None = None
    edition: Edition | None = None


class Planned(NamedTuple):
    """What an edition plans for a year; `marks` where the edition before it planned something else."""

    promise: Promise
    text: str
    is_none: bool  # the source says that there is none
    marks: list[Segment] | None


@dataclass(frozen=True)
class YearOverview:
    """A fiscal year: what every edition that covers it plans (oldest first), and what became of it."""

    fiscal_year: int
    plans: list[Planned]
    reports: list[PublishedReport]  # oldest first
    measured: list[tuple[AnyIndicator, MeasuredYear]]
    effects: list[Effect]
    opinions: list[Opinion]

    @property
    def in_force(self) -> Planned | None:
        return self.plans[-1] if self.plans else None

    @property
    def happened(self) -> bool:
        return bool(self.reports or self.effects or any(year.actual for _, year in self.measured))

    @property
    def says_something(self) -> bool:
        return bool(self.plans or self.measured or self.happened or self.opinions)

    @property
    def is_known(self) -> bool:
        """Whether something stands there beside 未登録."""
        planned = any(plan.text or plan.is_none for plan in self.plans)
        return bool(planned or self.happened or self.opinions or any(year.targets for _, year in self.measured))


class Name(NamedTuple):
    """A name under which the item was published, and the first and last day of that."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class ItemPage:
    """Everything that the page of an item shows below its name."""

    promises: list[Promise]  # oldest first
    steps: list[Step]  # newest first
    years: list[YearOverview]
    measured: list[Measured]
    effects: list[Effect]
    effect_totals: list[EffectTotals]
    reports: list[PublishedReport]  # newest first
    errata: list[Correction]  # newest first
    settlements: list[Settlement]  # what the accounts settled after a survey, newest first
    learned: list[LateContent]  # what frozen editions say only since later, oldest first
    opinions: list[Opinion]
    redactions: list[Redaction]  # newest first
    is_over: bool  # the item has ended: nothing said of it is of today

    @property
    def current(self) -> Promise | None:
        """The wording in force today; before the first one begins, the first."""
        this_year = fiscal_year_of(timezone.localdate())
        begun = [promise for promise in self.promises if promise.edition.first_fiscal_year <= this_year]
        return next(iter(begun[-1:] or self.promises), None)

    @property
    def lines(self) -> list[SingleText]:
        current = self.current
        if current is None:
            return []
        return [
            SingleText(
                str(aspect.label),
                current.wording.texts[aspect].strip(),
                [
                    (step, step.difference.texts[aspect].segments)
                    for step in self.steps
                    if aspect in step.difference.texts
                ],
            )
            for aspect in (Aspect.CONTENTS, Aspect.PLANNED_YEARS, Aspect.EXPECTED_EFFECT)
        ]

    @property
    def names(self) -> list[Name]:
        """Under which names the item was published, oldest first."""
        runs = [list(run) for _, run in groupby(reversed(self.reports), lambda report: report.name)]
        return [Name(run[0].name, run[0].round.as_of, run[-1].round.as_of) for run in runs]

    @property
    def years_overview(self) -> list[YearOverview]:
        """None of them while nothing is known of any: five empty years would only repeat that."""
        return self.years if any(year.says_something for year in self.years) else []

    @property
    def breaks(self) -> list[PublishedReport]:
        """Reports that were judged by another scale than the one before them, oldest first."""
        return [now for now, before in pairwise(self.reports) if now.scale != before.scale][::-1]  # type: ignore[attr-defined]

    @property
    def corrected(self) -> set[int]:
        """Keys of the reports whose grade was corrected, by any axis."""
        graded = [each for each in self.errata if each.field == "grade" or each.field.startswith(JUDGEMENT)]
        return {each.report.pk for each in graded if each.report is not None}

    @property
    def latest_errata(self) -> list[Correction]:
        """What was corrected of the latest report."""
        return [each for each in self.errata if each.report is not None and each.report == self.latest]

    @property
    def latest(self) -> PublishedReport | None:
        return self.reports[0] if self.reports else None

    @property
    def effect_sums(self) -> list[EffectSum]:
        return effect_sums(self.effects)

    @property
    def planned_effects(self) -> list[EffectTotals]:
        """By series, of those with a planned amount: plan, difference and rate beside what came of it."""
        return [each for each in self.effect_totals if each.has_plan]

    @property
    def contradictions(self) -> list[tuple[AnyIndicator, MeasuredYear]]:
        return [(each.indicator, year) for each in self.measured for year in each.years if year.is_contradiction]


def item_page(program: Program) -> ItemPage:
    """Fourteen queries at most, and one more if one of its departments was renamed or merged."""
    promises, edition_errata = _promises(program)
    reports, report_errata = _reports(program)
    by_year: dict[int, list[PublishedReport]] = defaultdict(list)
    for report in reversed(reports):
        by_year[report.round.fiscal_year].append(report)
    measured = _measured(program, promises, by_year)
    steps = [
        Step(
            old,
            new,
            compare(old.wording, new.wording, common_years(old.years, new.years), added_only=_added_only(new.edition)),
        )
        for old, new in pairwise(promises)
    ][::-1]
    effects = list(program.effects.order_by(*PLACE))
    opinions = list(
        Opinion.objects.published().filter(program=program).select_related("meeting").order_by("-given_on", "key")
    )
    return ItemPage(
        promises=promises,
        steps=steps,
        years=_years_overview(program, promises, by_year, measured, effects, opinions),
        measured=measured,
        effects=effects,
        effect_totals=totals((_effect_row(program, effect) for effect in effects), program.plan.money_unit),
        reports=reports,
        settlements=list(Settlement.objects.filter(program=program).select_related("indicator", "source", "plan")),
        learned=list(
            LateContent.objects.filter(program_edition__program=program)
            .select_related("source", "program_edition__edition")
            .order_by("learned_on", "pk")
        ),
        errata=sorted([*edition_errata, *report_errata], key=lambda each: (each.corrected_on, each.pk), reverse=True),
        opinions=opinions,
        redactions=list(Redaction.objects.public().filter(program=program)),
        is_over=program.ended_on is not None and program.ended_on < timezone.localdate(),
    )


def _added_only(edition: Edition) -> bool:
    revision = getattr(edition, "revision", None)
    return revision is not None and revision.counts_added_only


_ERRATUM = ("pk", "corrected_on", "field", "label", "old", "new", "reason")


def _with_errata(rows: Any) -> Any:
    """One row for each erratum to what the row says, one without if there is none."""
    return rows.annotate(**{f"erratum_{name}": F(f"errata__{name}") for name in _ERRATUM})


def _corrections(rows: Iterable[Any], of: str) -> list[Correction]:
    """Each erratum of such rows once; `of` is where a Correction names what it corrects."""
    found = {}
    for row in rows:
        if row.erratum_pk is not None:
            values = {name: getattr(row, f"erratum_{name}") for name in _ERRATUM}
            found[row.erratum_pk] = Correction(**values, **{of: row if of == "report" else row.edition})
    return list(found.values())


def _reports(program: Program) -> tuple[list[PublishedReport], list[Correction]]:
    """Newest first, and the errata to them. One query."""
    scale = Scale.objects.main_of(OuterRef("round__plan")).in_force_on(OuterRef("round__as_of"))
    rows = list(
        _with_errata(PublishedReport.objects.public().filter(program=program))
        .select_related("round__source")
        .annotate(scale=Subquery(scale.values("pk")), scale_note=Subquery(scale.values("note")))
        .order_by("-round__as_of")
    )
    reports = list({row.pk: row for row in rows}.values())
    judged = judged_by_report(reports)
    for report in reports:
        report.judged = judged.get(report.pk, [])
    if judged:
        mark_breaks(program.plan_id, [(report.round.as_of, report.judged) for report in reversed(reports)])
    return reports, _corrections(rows, "report")


def _promises(program: Program) -> tuple[list[Promise], list[Correction]]:
    """Oldest first, and the errata to them. Four queries, and two if a department has a successor."""
    contents = list(
        _with_errata(ProgramEdition.objects.filter(program=program, edition__frozen_at__isnull=False))
        .select_related("edition__source", "edition__revision", "source")
        .order_by("edition__first_fiscal_year", "pk")
    )
    once = {content.pk: content for content in contents}  # one row per erratum
    wordings = load([content.edition_id for content in once.values()], [program.pk])
    renamed = any(
        owner.successors for of_item in wordings.values() for each in of_item.values() for owner in each.owners
    )
    today = Department.objects.owners_today() if renamed else {}
    promises = []
    for content in once.values():
        wording = wordings[content.edition_id][program.pk]
        holders = [
            Holder(owner.name, today[owner.successors[-1]].name if owner.successors else "", owner.code)
            for owner in wording.owners
        ]
        promises.append(Promise(content, wording, holders))
    return promises, _corrections(contents, "edition")


def _years_overview(
    program: Program,
    promises: Sequence[Promise],
    reports: Mapping[int, list[PublishedReport]],
    measured: Sequence[Measured],
    effects: Sequence[Effect],
    opinions: Sequence[Opinion],
) -> list[YearOverview]:
    """Every year of the plan, and every other one in which something was promised, reported or said; oldest first."""
    asked: dict[int, list[Opinion]] = defaultdict(list)
    for opinion in reversed(opinions):
        asked[fiscal_year_of(opinion.given_on)].append(opinion)
    years = {
        *program.plan.fiscal_years,
        *reports,
        *(year for promise in promises for year in promise.years),
        *(effect.fiscal_year for effect in effects),
        *asked,
    }
    overviews = []
    for year in sorted(years):
        plans: list[Planned] = []
        for promise in promises:
            if year in promise.years:
                text = promise.wording.year_plans.get(year, "").strip()
                changed = bool(plans) and plans[-1].text != text
                marks = segments(plans[-1].text, text) if changed else None
                plans.append(Planned(promise, text, year in promise.wording.no_plan, marks))
        overviews.append(
            YearOverview(
                year,
                plans,
                reports.get(year, []),
                [(each.indicator, one) for each in measured for one in each.years if one.fiscal_year == year],
                [effect for effect in effects if effect.fiscal_year == year],
                asked[year],
            )
        )
    first = fiscal_year_of(program.added_on) if program.added_on else min(years)
    last = fiscal_year_of(program.ended_on) if program.ended_on else max(years)
    # Before it came and after it ended nothing is unknown of an item: it was not there.
    return [each for each in overviews if first <= each.fiscal_year <= last or each.is_known]


def measured_of(program: Program) -> list[Measured]:
    """The indicators alone. Five queries at most, and two more if one of its departments was renamed or merged."""
    promises, _errata = _promises(program)
    return _measured(program, promises, {})


def _measured(
    program: Program, promises: Sequence[Promise], reports: Mapping[int, list[PublishedReport]]
) -> list[Measured]:
    """By the number of the indicator. One query. An indicator without a frozen target and without an actual is not
    published."""
    indicators: dict[int, Indicator] = {}
    set_by: dict[tuple[int, int], dict[int, Target]] = defaultdict(dict)
    for promise in promises:
        for one in promise.wording.indicators.values():
            indicator = Indicator(program=program, pk=one.pk, number=one.number or 0, **one.facts)
            indicators[indicator.pk] = indicator
            for year, target in one.targets.items():
                set_by[indicator.pk, year][promise.edition.pk] = target
    reached: dict[tuple[int, int], IndicatorActual] = {}
    for actual in IndicatorActual.objects.filter(indicator__program=program).select_related("indicator"):
        indicators.setdefault(actual.indicator_id, actual.indicator)
        reached[actual.indicator_id, actual.fiscal_year] = actual
    found = {one.pk: Measured(one, []) for one in sorted(indicators.values(), key=lambda one: one.number)}
    for pk, year in sorted({*set_by, *reached}):
        by = [(promise.edition, set_by[pk, year].get(promise.edition.pk)) for promise in promises]
        last = reports[year][-1] if reports.get(year) else None
        found[pk].years.append(
            MeasuredYear(
                year,
                [(edition, target) for edition, target in by if target is not None],
                reached.get((pk, year)),
                found[pk].indicator.better,
                last,
            )
        )
    return list(found.values())
