"""What a department's sheet is made of: the reports of a round, each with its promise and its last report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Department, User
from figures.effects import are_told_apart
from programs.models import Indicator, IndicatorActual, IndicatorTarget, ProgramEdition, Responsibility, YearPlan
from reviews import report_fields, workflow
from reviews.models import Contribution, Report, ReportActual, ReportJudgement, Round
from reviews.report_fields import FieldKind
from workbooks.survey.cells import Choices, choices_of, flat, text_of
from workbooks.survey.layout import ACCOUNT, CONTRIBUTION, SERIES


@dataclass
class SurveyItem:
    """One item of a sheet."""

    report: Report
    supports: Department | None = None  # as which the sheet's department adds to a report that another one leads
    lead: str = ""  # the department that leads
    promise: ProgramEdition | None = None
    year_plan: str = ""
    last: Report | None = None
    indicators: list[Indicator] = field(default_factory=list)
    targets: dict[int, IndicatorTarget] = field(default_factory=dict)  # by indicator, of the round's fiscal year
    last_actuals: dict[int, IndicatorActual] = field(default_factory=dict)  # by indicator, the newest published

    @property
    def number(self) -> str:
        return self.report.program.number

    @property
    def is_editable(self) -> bool:
        """Whether the department writes the report itself, and may do so now."""
        return self.is_open("progress")

    def is_open(self, name: str) -> bool:
        """Whether a cell may be filled in: the report by the department that leads, the contribution by the others."""
        belongs = (name == CONTRIBUTION) == (self.supports is not None)
        return belongs and self.report.state in Report.EDITABLE

    @cached_property
    def cells(self) -> dict[str, str]:
        """All filled cells, as they are stored."""
        stored = flat(self.report, self.report.round.fiscal_year)
        if self.supports is not None:
            texts = (each.text for each in self.report.contributions.all() if each.department_id == self.supports.pk)
            stored[CONTRIBUTION] = text_of(next(texts, ""))
        return stored


@dataclass
class SurveyContents:
    """A department's items in a round. `round` has its plan and edition."""

    round: Round
    department: Department
    items: list[SurveyItem]

    @cached_property
    def choices(self) -> Choices:
        return choices_of(self.round.plan)

    @property
    def unit(self) -> str:
        """In which amounts are written and read."""
        unit: str = self.round.plan.money_unit
        return unit

    @cached_property
    def left_out(self) -> list[str]:
        """Entry cells that the plan does not ask for: it has nothing to choose from, or tells no accounts and series."""
        fields = [name for name in report_fields.names(FieldKind.CHOICE) if not self.choices[name]]
        return fields if are_told_apart(self.round.plan) else [*fields, ACCOUNT.name, SERIES.name]

    @cached_property
    def by_number(self) -> dict[str, SurveyItem]:
        return {item.number: item for item in self.items}


def require(by: User, round_: Round, department: Department) -> None:
    """Refuse whoever may not fill in this department's sheet, and a round that is not open."""
    if not (by.is_active and by.has_perm("reviews.change_report")):
        raise workflow.NotAllowed("調査票を使う権限がありません。")
    if not by.has_perm("reviews.approve_report") and department.pk not in by.owned_departments():
        raise workflow.NotAllowed(f"{department}の調査票を使う権限がありません。自分の課の調査票を選んでください。")
    if round_.state != Round.State.OPEN:
        raise workflow.WrongState(
            f"{round_}の調査は{round_.get_state_display()}です。調査票を使えるのは「受付中」の調査だけです。"
        )


def reports_of(round_: Round, department: Department) -> QuerySet[Report]:
    """The reports that a department answers for, those under its former names included."""
    owned = Department.objects.with_predecessors([department.pk])
    return round_.reports.of_departments(owned).order_by("program__sort_key")


def gather(round_: Round, department: Department, *, lock: bool = False) -> SurveyContents:
    """What comparing needs: reports, figures, indicators. A fixed number of queries.

    `lock` holds the reports until the end of the transaction; the caller has locked the round before.
    """
    owned = Department.objects.with_predecessors([department.pk])
    supported = set(round_.reports.supported_by(owned).values_list("program", flat=True))
    responsible = Responsibility.objects.filter(
        program_edition__program__in=supported, program_edition__edition=round_.edition_id, department__in=owned
    )
    supporting = {
        each.program_edition.program_id: each.department
        for each in responsible.select_related("program_edition", "department").order_by("-order")
    }
    reports = round_.reports.of_departments(owned).order_by("program__sort_key")
    if lock:
        reports = reports.select_for_update(of=("self",))
    figures = Prefetch("actuals", ReportActual.objects.select_related("indicator"))
    contributions = Prefetch("contributions", Contribution.objects.select_related("department"))
    reports = reports.select_related("program", "grade", "updated_by").prefetch_related(
        figures, contributions, "effects"
    )
    if round_.plan.further_axes:
        reports = reports.prefetch_related(Prefetch("judgements", ReportJudgement.objects.select_related("grade")))
    items = []
    for report in reports:
        report.round = round_
        items.append(SurveyItem(report, supporting.get(report.program_id)))
    by_program = {item.report.program_id: item for item in items}
    in_force = Q(targets__edition=round_.edition_id) | Q(targets=None)
    for indicator in (
        Indicator.objects.filter(in_force, program__in=by_program).distinct().order_by("program", "number")
    ):
        by_program[indicator.program_id].indicators.append(indicator)
    return SurveyContents(round_, department, items)


def add_background(contents: SurveyContents) -> None:
    """What only writing needs: the promise, this year's plan, targets, the last report. A fixed number of queries."""
    round_ = contents.round
    year = round_.fiscal_year
    by_program = {item.report.program_id: item for item in contents.items}
    plans = Prefetch("year_plans", YearPlan.objects.filter(fiscal_year=year))
    responsible = Prefetch("responsibilities", Responsibility.objects.select_related("department").order_by("order"))
    promises = ProgramEdition.objects.filter(program__in=by_program, edition=round_.edition_id)
    for promise in promises.prefetch_related(plans, responsible):
        item = by_program[promise.program_id]
        item.promise = promise
        item.lead = next((each.department.name for each in promise.responsibilities.all()), "")
        item.year_plan = "、".join(plan.text for plan in promise.year_plans.all())
    earlier = Report.objects.filter(program__in=by_program, round__as_of__lt=round_.as_of).exclude(progress="")
    for report in earlier.select_related("round", "grade").order_by("round__as_of"):
        by_program[report.program_id].last = report  # the newest comes last
    item_of = {indicator.pk: item for item in contents.items for indicator in item.indicators}
    for target in IndicatorTarget.objects.filter(indicator__in=item_of, edition=round_.edition_id, fiscal_year=year):
        item_of[target.indicator_id].targets[target.indicator_id] = target
    actuals = IndicatorActual.objects.filter(indicator__in=item_of, fiscal_year__lte=year, value__isnull=False)
    for actual in actuals.order_by("fiscal_year"):
        item_of[actual.indicator_id].last_actuals[actual.indicator_id] = actual


def departments_of(round_: Round) -> list[tuple[Department, int]]:
    """The departments that answer for items of a round today, each with the number of its reports, as the city
    lists them. Two queries."""
    departments = {department.pk: department for department in Department.objects.all()}

    def today(pk: int) -> int:
        while (successor := departments[pk].successor_id) is not None:
            pk = successor
        return pk

    responsible = (
        ProgramEdition.objects.filter(edition=round_.edition_id, program__reports__round=round_)
        .exclude(departments=None)
        .values_list("departments", "program")
    )
    programs: dict[int, set[int]] = defaultdict(set)
    for department, program in responsible:
        programs[today(department)].add(program)
    return [(one, len(programs[pk])) for pk, one in departments.items() if pk in programs]
