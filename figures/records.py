"""What the records of one plan say, each part read once and only when a figure asks for it. Published rows only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, F, Q

from figures.datasets import scale_of
from figures.effects import EffectRow, frozen, planned, registered, surest
from figures.models import PublishedFigure
from figures.revisions import REVISION_MEASURES
from policies.models import Axis, Grade, Plan, Scale, Tone
from programs.models import Indicator, PlanIndicatorActual, PlanIndicatorTarget, Program, ProgramEdition, YearPlan
from programs.revisions import ComparedRevision, RevisionItem, comparisons, editions_of, events, policies_and_items
from reviews.models import PublishedJudgement, PublishedReport, Round

Measure = PublishedFigure.Measure


class GradeCell(NamedTuple):
    """Items of one day and policy with one grade."""

    as_of: date
    policy_number: int
    code: str
    tone: str


class Level(NamedTuple):
    """What two printed amounts must share to be parts of one whole."""

    fiscal_year: int | None
    basis: str
    policy: int | None
    as_of: date | None
    unit: str
    account: str
    series: str


def level_of(figure: PublishedFigure) -> Level:
    return Level(
        *(figure.fiscal_year, figure.basis, figure.policy_id, figure.as_of, figure.unit),
        *(figure.account, figure.series),
    )


class Records:
    def __init__(self, plan: Plan, figures: list[PublishedFigure], amounts: list[EffectRow] | None = None) -> None:
        self.plan = plan
        self.figures = figures
        self.superseded = {figure.supersedes_id: figure for figure in figures if figure.supersedes_id}
        if amounts is not None:
            self.registered_amounts = amounts

    @cached_property
    def _items(self) -> list[RevisionItem]:
        return policies_and_items(self.plan)[1]

    @cached_property
    def _days(self) -> set[date]:
        return {figure.as_of for figure in self.figures if figure.as_of}

    @cached_property
    def _reported_when_over(self) -> Counter[tuple[date, int]]:
        """Items that were reported on a day on which, by their dates, they were not there."""
        rows = PublishedReport.objects.filter(
            Q(program__ended_on__lt=F("round__as_of")) | Q(program__added_on__gt=F("round__as_of")),
            round__plan=self.plan,
            round__state=Round.State.PUBLISHED,
        ).order_by()
        counts = rows.values_list("round__as_of", "program__policy__number").annotate(Count("pk"))
        return Counter({(as_of, policy): number for as_of, policy, number in counts})

    @property
    def depends_on_date(self) -> bool:
        """Whether the number of items is another one on another day."""
        return any(item.added_on or item.ended_on for item in self._items)

    def items(self, policy: int | None, day: date | None) -> int:
        """How many items were there on a day (None: all that are registered), of a policy or of all."""
        count = sum(
            (policy is None or item.policy_number == policy)
            and (
                day is None
                or ((item.added_on is None or item.added_on <= day) and (item.ended_on is None or item.ended_on >= day))
            )
            for item in self._items
        )
        if self.depends_on_date and day in self.rounds:
            over = self._reported_when_over
            count += sum(number for (as_of, own), number in over.items() if as_of == day and policy in (None, own))
        return count

    @cached_property
    def _relisted(self) -> list[tuple[int, date | None, date | None]]:
        """(number of the policy in which an item stands a second time, when it came, when it ended)"""
        rows = Program.relisted_in.through.objects.filter(program__plan=self.plan, program__public_at__isnull=False)
        return list(rows.values_list("policy__number", "program__added_on", "program__ended_on"))

    def relisted(self, policy: int | None, day: date | None) -> int | None:
        """How many times items stood a second time (in a policy) on a day; None if nothing of it is registered."""
        if not self._relisted:
            return None
        return sum(
            policy in (None, own)
            and (day is None or ((added is None or added <= day) and (ended is None or ended >= day)))
            for own, added, ended in self._relisted
        )

    @cached_property
    def rounds(self) -> dict[date, Round]:
        return {one.as_of: one for one in Round.objects.published().filter(plan=self.plan).with_scale()}

    def before(self, day: date) -> Round | None:
        """The published round before a day."""
        earlier = [as_of for as_of in self.rounds if as_of < day]
        return self.rounds[max(earlier)] if earlier else None

    @cached_property
    def axes(self) -> dict[int, Axis]:
        """The axes beside the first by primary key, each with its grades of today."""
        return {axis.pk: axis for axis in self.plan.further_axes}

    @cached_property
    def judgements(self) -> dict[int | None, Counter[GradeCell]]:
        """The grades by each axis; None is the first."""
        found: dict[int | None, Counter[GradeCell]] = defaultdict(Counter, {None: self.grades})
        if self.axes:
            rows = PublishedJudgement.objects.filter(published_report__round__plan=self.plan).order_by()
            of = "published_report__"
            counts = rows.values_list("axis", f"{of}round__as_of", f"{of}policy_number", "grade_code", "tone")
            for axis, *cell, number in counts.annotate(Count("pk")):
                found[axis][GradeCell(*cell)] += number
        return found

    @cached_property
    def grades(self) -> Counter[GradeCell]:
        graded = PublishedReport.objects.filter(round__plan=self.plan).exclude(grade_code="").order_by()
        counts = graded.values_list("round__as_of", "policy_number", "grade_code", "tone").annotate(Count("pk"))
        return Counter({GradeCell(*cell): number for *cell, number in counts})

    def graded(self, day: date, policy: int | None, codes: Iterable[str] | None = None, axis: int | None = None) -> int:
        """How many items of a day have one of these grades by an axis (None: the first); None: any that judges."""
        wanted = None if codes is None else set(codes)
        return sum(
            number
            for cell, number in self.judgements[axis].items()
            if cell.as_of == day
            and policy in (None, cell.policy_number)
            and (cell.tone != Tone.EXCLUDED if wanted is None else cell.code in wanted)
        )

    def unregistered(self, day: date, policy: int | None, axis: int | None = None) -> int:
        """How many items of a day have no result by an axis here, of a round that the city published: 0 of our own rounds."""
        round_ = self.rounds.get(day)
        if round_ is None or not round_.released_on:
            return 0
        known = sum(
            number
            for cell, number in self.judgements[axis].items()
            if cell.as_of == day and policy in (None, cell.policy_number)
        )
        return self.items(policy, day) - known

    @cached_property
    def _grades_of_today(self) -> list[Grade]:
        return scale_of(self.plan)

    def is_judged(self, day: date, axis: int | None) -> bool:
        """Whether anything was published of an axis beside the first on a day."""
        return axis is None or any(cell.as_of == day for cell in self.judgements[axis])

    def begun(self, day: date, axis: int | None) -> int | None:
        """The scale by which an axis judges on a day, as a key; None before the first that is declared."""
        if axis is None:
            return self.rounds[day].scale
        return next((pk for of, starts_on, pk in self._scales if of == axis and starts_on <= day), None)

    @cached_property
    def _scales(self) -> list[tuple[int, date, int]]:
        rows = Scale.objects.filter(plan=self.plan).order_by("-starts_on")
        return list(rows.values_list("axis", "starts_on", "pk"))

    def scale(self, day: date, axis: int | None = None) -> list[Grade]:
        """The grades of an axis as they were published with a round, best first."""
        round_ = self.rounds.get(day)
        if axis is not None:
            key = self.axes[axis].key
            published = round_.framework.get("axes", []) if round_ else []
            frozen = next((each["grades"] for each in published if each["key"] == key), None)
            if frozen is None:
                return list(self.axes[axis].grades.all())
            return [Grade(plan=self.plan, **each) for each in frozen]
        return scale_of(self.plan, round_) if round_ and round_.framework.get("grades") else self._grades_of_today

    @cached_property
    def registered_amounts(self) -> list[EffectRow]:
        return registered(self.plan)

    @cached_property
    def _frozen_amounts(self) -> dict[date, list[EffectRow]]:
        rows = PublishedReport.objects.filter(round__plan=self.plan, round__as_of__in=self._days).exclude(effects=[])
        found: dict[date, list[PublishedReport]] = defaultdict(list)
        for row in rows.select_related("round").order_by("sort_key"):
            found[row.round.as_of].append(row)
        return {as_of: frozen(of_day) for as_of, of_day in found.items()}

    def amounts(self, figure: PublishedFigure, kinds: Iterable[str], *, is_plan: bool = False) -> list[EffectRow]:
        """The amounts of items that a figure speaks of: those that hold, or those that its day published. On the basis of the
        figure, or the surest; with `is_plan` those that were planned."""
        rows = self._frozen_amounts.get(figure.as_of, []) if figure.as_of else self.registered_amounts
        wanted = set(kinds)
        found = [
            row
            for row in rows
            if row.kind in wanted
            and figure.fiscal_year in (None, row.fiscal_year)
            and figure.account in ("", row.account)
            and figure.series in ("", row.series)
            and (figure.policy is None or row.policy_number == figure.policy.number)
        ]
        if is_plan:
            return planned(found)
        return [row for row in found if row.basis == figure.basis] if figure.basis else surest(found)

    @cached_property
    def _printed(self) -> dict[tuple[str, str, Level], Decimal | None]:
        return {
            (figure.measure, figure.category, level_of(figure)): figure.value
            for figure in self.figures
            if figure.pk not in self.superseded
        }

    def printed(self, measure: str, category: str, level: Level) -> Decimal | None:
        """What a current figure of the same level says; None if there is none, or it cannot be read."""
        return self._printed.get((measure, category, level))

    @cached_property
    def revisions(self) -> dict[int, ComparedRevision]:
        revised = {figure.edition_id for figure in self.figures if figure.measure in REVISION_MEASURES}
        wanted = [event for event in events(editions_of(self.plan)) if event.edition.pk in revised]
        return {found.event.edition.pk: found for found in comparisons(wanted, self._items)} if wanted else {}

    @cached_property
    def _contents(self) -> Counter[tuple[int, int]]:
        """How many items of which edition and policy have a content; frozen editions only."""
        rows = ProgramEdition.objects.filter(program__plan=self.plan, edition__frozen_at__isnull=False).order_by()
        counts = rows.values_list("edition", "program__policy__number").annotate(Count("pk"))
        return Counter({(edition, policy): number for edition, policy, number in counts})

    def contents(self, edition: int, policy: int | None) -> int:
        return _sum_of(self._contents, edition, policy)

    @cached_property
    def _indicators(self) -> Counter[tuple[int, int]]:
        rows = Indicator.objects.filter(program__plan=self.plan, targets__edition__frozen_at__isnull=False).order_by()
        counts = rows.values_list("targets__edition", "program__policy__number").annotate(Count("pk", distinct=True))
        return Counter({(edition, policy): number for edition, policy, number in counts})

    def indicators(self, edition: int, policy: int | None) -> int:
        """How many indicators have a target in a frozen edition."""
        return _sum_of(self._indicators, edition, policy)

    @cached_property
    def _overall_targets(self) -> list[tuple[int, int, int, Decimal | None]]:
        """(indicator, fiscal year, edition, value), of the edition that begins last first."""
        rows = PlanIndicatorTarget.objects.published().filter(indicator__plan=self.plan)
        found = rows.order_by("-edition__first_fiscal_year")
        return list(found.values_list("indicator", "fiscal_year", "edition", "value"))

    def overall_target(self, indicator: int, year: int | None, edition: int | None) -> Decimal | None:
        """A published target of 全体の指標: of an edition, or of the one in force that began last."""
        return next(
            (
                value
                for of, in_year, by, value in self._overall_targets
                if (of, in_year) == (indicator, year) and edition in (None, by)
            ),
            None,
        )

    @cached_property
    def _overall_actuals(self) -> dict[tuple[int, int, bool], Decimal | None]:
        rows = PlanIndicatorActual.objects.published().filter(indicator__plan=self.plan)
        return {
            (of, year, forecast): value
            for of, year, forecast, value in rows.values_list("indicator", "fiscal_year", "is_forecast", "value")
        }

    def overall_actual(self, indicator: int, year: int | None, *, is_forecast: bool) -> Decimal | None:
        return self._overall_actuals.get((indicator, year or 0, is_forecast))

    @cached_property
    def _year_plans(self) -> Counter[tuple[int, int, int]]:
        rows = YearPlan.objects.filter(
            program_edition__program__plan=self.plan, program_edition__edition__frozen_at__isnull=False
        )
        counts = (
            rows.order_by()
            .values_list("program_edition__edition", "program_edition__program__policy__number", "fiscal_year")
            .annotate(Count("pk"))
        )
        return Counter({(edition, policy, year): number for edition, policy, year, number in counts})

    def year_plans(self, edition: int, policy: int | None, fiscal_year: int | None) -> int:
        return sum(
            number
            for (own, of_policy, year), number in self._year_plans.items()
            if own == edition and policy in (None, of_policy) and fiscal_year in (None, year)
        )


def _sum_of(counts: Counter[tuple[int, int]], edition: int, policy: int | None) -> int:
    return sum(number for (own, of_policy), number in counts.items() if own == edition and policy in (None, of_policy))
