"""One item for citizens: the promise in each edition, what happened year by year, and what was said about it.

Only frozen editions and published facts are read. The arithmetic is in small pure functions and properties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Department
from kodaira_reform.differences import Segment, segments
from kodaira_reform.fiscal import fiscal_year_of
from policies.models import Edition
from programs.differences import Aspect, Difference, IndicatorKey, Owner, Target, Wording, common_years, compare
from programs.models import Better, Indicator, IndicatorActual, Program, ProgramEdition, YearPlan
from reviews.models import Basis, Effect, EffectKind, Erratum, Opinion, PublishedReport, Tone


class Holder(NamedTuple):
    """A department by its name of the time, and by today's if it was renamed or merged since."""

    name: str
    today: str


@dataclass
class Promise:
    """What one frozen edition says about the item."""

    content: ProgramEdition
    wording: Wording = field(default_factory=Wording)
    holders: list[Holder] = field(default_factory=list)

    @property
    def edition(self) -> Edition:
        return self.content.edition

    @property
    def years(self) -> range:
        return range(self.edition.first_fiscal_year, self.edition.last_fiscal_year + 1)


class Step(NamedTuple):
    """What changed from one edition of the item to the next."""

    old: Promise
    new: Promise
    difference: Difference


class Line(NamedTuple):
    """One of the three single texts: as it is in force, and marked where an edition changed it (newest first)."""

    label: str
    text: str
    changes: list[tuple[Step, list[Segment]]]


class PlannedYear(NamedTuple):
    """A fiscal year: what each edition that covers it plans, and what the published rounds of the year say."""

    fiscal_year: int
    plans: list[tuple[Promise, str, list[Segment] | None]]
    reports: list[PublishedReport]


def is_reached(better: str, target: Decimal, actual: Decimal) -> bool | None:
    """Whether an actual meets its target; None where an indicator has no better direction."""
    if better == Better.NONE:
        return None
    return actual >= target if better == Better.UP else actual <= target


@dataclass(frozen=True)
class MeasuredYear:
    """An indicator in one fiscal year: the target of every edition (oldest first), the actual, and the last grade."""

    fiscal_year: int
    targets: list[tuple[Edition, Target]]
    actual: IndicatorActual | None
    better: str
    report: PublishedReport | None

    @property
    def in_force(self) -> Target | None:
        """The target of the edition that began last among those that set one."""
        return self.targets[-1][1] if self.targets else None

    @property
    def is_reached(self) -> bool | None:
        """None where it cannot be said."""
        if self.actual is None or self.actual.value is None or self.in_force is None or self.in_force.value is None:
            return None
        return is_reached(self.better, self.in_force.value, self.actual.value)

    @property
    def is_contradiction(self) -> bool:
        """A grade is a person's judgement, and this only says that it and the indicator disagree."""
        good = self.report is not None and self.report.tone in (Tone.AHEAD, Tone.ON_TRACK)
        return good and self.is_reached is False


class Measured(NamedTuple):
    indicator: Indicator
    years: list[MeasuredYear]


class EffectSum(NamedTuple):
    """The amounts of one basis. Sums over several bases are never made."""

    basis: Basis
    by_kind: list[int | None]

    @property
    def total(self) -> int:
        return sum(amount for amount in self.by_kind if amount is not None)


def effect_sums(effects: Iterable[Effect]) -> list[EffectSum]:
    """By basis, in the order of how sure they are; None where a kind has no amount."""
    amounts: dict[tuple[str, str], int] = defaultdict(int)
    for effect in effects:
        amounts[effect.basis, effect.kind] += effect.amount
    return [
        EffectSum(basis, [amounts.get((basis, kind)) for kind in EffectKind.values])
        for basis in Basis
        if any(key[0] == basis for key in amounts)
    ]


@dataclass(frozen=True)
class ItemPage:
    """Everything that the page of an item shows below its name."""

    promises: list[Promise]  # oldest first
    steps: list[Step]  # newest first
    years: list[PlannedYear]
    measured: list[Measured]
    effects: list[Effect]
    reports: list[PublishedReport]  # newest first
    errata: list[Erratum]
    opinions: list[Opinion]

    @property
    def current(self) -> Promise | None:
        """The wording in force today; before the first one begins, the first."""
        this_year = fiscal_year_of(timezone.localdate())
        begun = [promise for promise in self.promises if promise.edition.first_fiscal_year <= this_year]
        return next(iter(begun[-1:] or self.promises), None)

    @property
    def lines(self) -> list[Line]:
        current = self.current
        if current is None:
            return []
        return [
            Line(
                str(aspect.label),
                getattr(current.wording, aspect).strip(),
                [
                    (step, step.difference.texts[aspect].segments)
                    for step in self.steps
                    if aspect in step.difference.texts
                ],
            )
            for aspect in (Aspect.CONTENTS, Aspect.PLANNED_YEARS, Aspect.EXPECTED_EFFECT)
        ]

    @property
    def effect_sums(self) -> list[EffectSum]:
        return effect_sums(self.effects)

    @property
    def contradictions(self) -> list[tuple[Indicator, MeasuredYear]]:
        return [(each.indicator, year) for each in self.measured for year in each.years if year.is_contradiction]


def item_page(program: Program) -> ItemPage:
    """Eight queries, and one more if one of its departments was renamed or merged."""
    promises = _promises(program)
    reports = list(
        PublishedReport.objects.public()
        .filter(program=program)
        .select_related("round__source")
        .order_by("-round__as_of")
    )
    by_year: dict[int, list[PublishedReport]] = defaultdict(list)
    for report in reversed(reports):
        by_year[report.round.fiscal_year].append(report)
    measured = _measured(program, promises, by_year)
    steps = [
        Step(old, new, compare(old.wording, new.wording, common_years(old.years, new.years)))
        for old, new in pairwise(promises)
    ][::-1]
    editions = [promise.content.pk for promise in promises]
    errata = Erratum.objects.filter(Q(published_report__program=program) | Q(program_edition__in=editions))
    return ItemPage(
        promises=promises,
        steps=steps,
        years=_planned_years(program, promises, by_year),
        measured=measured,
        effects=list(program.effects.select_related("source").order_by("fiscal_year", "kind", "basis")),
        reports=reports,
        errata=list(
            errata.select_related("published_report__round", "program_edition__edition").order_by(
                "-corrected_on", "-pk"
            )
        ),
        opinions=list(
            Opinion.objects.published().filter(program=program).select_related("meeting").order_by("-given_on", "key")
        ),
    )


def _promises(program: Program) -> list[Promise]:
    """Two queries, and one if a department has a successor."""
    promises: dict[int, Promise] = {}
    departments: list[tuple[Promise, str, int | None]] = []
    contents: Any = (
        ProgramEdition.objects.filter(program=program, edition__frozen_at__isnull=False)
        .select_related("edition__source", "edition__revision", "source")
        .annotate(
            owner_code=F("responsibilities__department__code"),
            owner_name=F("responsibilities__department__name"),
            owner_successor=F("responsibilities__department__successor"),
        )
        .order_by("edition__first_fiscal_year", "pk", "responsibilities__order")
    )
    for content in contents:  # one row per department
        promise = promises.get(content.pk)
        if promise is None:
            texts = (content.contents, content.planned_years, content.expected_effect, content.revision_reason)
            promise = promises[content.pk] = Promise(content, Wording(*texts))
        if content.owner_code is not None:
            promise.wording.owners.append(Owner(content.owner_code, content.owner_name))
            departments.append((promise, content.owner_name, content.owner_successor))
    owners = Department.objects.owners_today() if any(successor for *_, successor in departments) else {}
    for promise, name, successor in departments:
        promise.holders.append(Holder(name, owners[successor].name if successor else ""))
    for content, year, text in (
        YearPlan.objects.filter(program_edition__in=promises)
        .order_by("fiscal_year")
        .values_list("program_edition", "fiscal_year", "text")
    ):
        promises[content].wording.year_plans[year] = text
    return list(promises.values())


def _planned_years(
    program: Program, promises: Sequence[Promise], reports: Mapping[int, list[PublishedReport]]
) -> list[PlannedYear]:
    years = {*program.plan.fiscal_years, *reports, *(year for promise in promises for year in promise.years)}
    lines = []
    for year in sorted(years):
        plans: list[tuple[Promise, str, list[Segment] | None]] = []
        for promise in promises:
            if year in promise.years:
                text = promise.wording.year_plans.get(year, "").strip()
                changed = bool(plans) and plans[-1][1] != text
                plans.append((promise, text, segments(plans[-1][1], text) if changed else None))
        lines.append(PlannedYear(year, plans, reports.get(year, [])))
    return lines


def _measured(
    program: Program, promises: Sequence[Promise], reports: Mapping[int, list[PublishedReport]]
) -> list[Measured]:
    """Two queries. Fills the targets of the wordings. An indicator without a frozen target and without an actual is
    not published."""
    by_edition = {promise.edition.pk: promise for promise in promises}
    indicators: dict[int, Indicator] = {}
    rows: Any = program.indicators.annotate(
        target_edition=F("targets__edition"),
        target_year=F("targets__fiscal_year"),
        target_value=F("targets__value"),
        target_text=F("targets__text"),
    ).order_by("number", "targets__fiscal_year")
    targets: dict[int, dict[int, dict[int, Target]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:  # one row per target
        indicators.setdefault(row.pk, row)
        if row.target_edition in by_edition:
            target = Target(row.target_value, row.target_text)
            targets[row.pk][row.target_year][row.target_edition] = target
            key = IndicatorKey(row.number, row.name, row.unit)
            by_edition[row.target_edition].wording.targets.setdefault(key, {})[row.target_year] = target
    actuals: dict[int, dict[int, IndicatorActual]] = defaultdict(dict)
    for actual in IndicatorActual.objects.filter(indicator__program=program):
        actuals[actual.indicator_id][actual.fiscal_year] = actual
    found = []
    for pk, indicator in indicators.items():
        years = []
        for year in sorted({*targets[pk], *actuals[pk]}):
            set_by = [
                (by.edition, targets[pk][year][by.edition.pk]) for by in promises if by.edition.pk in targets[pk][year]
            ]
            last = reports[year][-1] if reports.get(year) else None
            years.append(MeasuredYear(year, set_by, actuals[pk].get(year), indicator.better, last))
        if years:
            found.append(Measured(indicator, years))
    return found
