"""進捗状況報告書: the whole report of one round, as a city publishes it at the end of a survey, for the page, paper and PDF.

A published round is told from its frozen rows, the editions that were frozen, and what was published by then; a round of
which only the city's totals are known is told from those, and is short. What is unknown is said once, not field by field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import IO, Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from committee.models import Opinion
from core.fiscal import year_lines
from core.money import in_unit
from core.plots import Lines, lines
from core.progress import Progress
from figures.axes import AxisCounts, counts_by_axis, with_judgements
from figures.causes import CauseCount, delay_causes
from figures.counts import Distribution, distribution
from figures.datasets import Snapshot, known_with, published_rounds, snapshot
from figures.departments import DepartmentLine, by_department
from figures.effects import EffectTotals, frozen, totals
from figures.models import PublishedFigure
from figures.rows import ErratumRow, GradeChange, ProgramRow, Selection
from opendata.floods import bounded, limited
from opendata.frame import copy_of
from opendata.pages import public
from policies.models import Edition, Grade, Plan, Source, Tone
from programs.content import Content, IndicatorKey, Target
from programs.models import ContentErratum, PlanIndicator
from programs.promises import by_year, load
from reviews.models import EffectKind, EffectPlace, PublishedReport, ReportErratum, Round
from website.measured import Measured, as_told_in, plan_indicators
from website.pdf import Unavailable, is_available, pdf_of, public_pdf
from website.published_figures import Effects, PublishedGrades, PublishedRevision, effects, published_grades, revisions
from workbooks import exports
from workbooks.exports import CannotMake, ExportKind

MOST_SHEETS = 150  # items with a sheet of their own; the PDF of more would take longer than a request may


@dataclass(frozen=True)
class ReportedActual:
    """What reports have said of an indicator in a year, the last word."""

    value: Decimal | None
    is_forecast: bool
    note: str


@dataclass
class IndicatorSheet:
    number: int
    name: str
    unit: str
    years: list[tuple[int, Target | None, ReportedActual | None]]

    @property
    def chart(self) -> Lines | None:
        """The same numbers as lines; None where no number is known."""
        targets = [
            (year_lines(year), target.value, "target")
            for year, target, _ in self.years
            if target and target.value is not None
        ]
        actuals = [
            (year_lines(year), actual.value, "forecast" if actual.is_forecast else "actual")
            for year, _, actual in self.years
            if actual and actual.value is not None
        ]
        series = [("その年度の計画", "target", targets), ("実績", "actual", actuals)]
        labels = [year_lines(year) for year, *_ in self.years]
        return lines(labels, [each for each in series if each[2]], unit=self.unit, below="年度")


@dataclass
class ItemSheet:
    """One item: what was promised, what was reported, and what was said about it."""

    row: ProgramRow
    wording: Content | None = None
    years: list[tuple[int, str]] = field(default_factory=list)
    course: list[PublishedReport] = field(default_factory=list)  # of this item up to the round, oldest first
    indicators: list[IndicatorSheet] = field(default_factory=list)
    effects: list[tuple[int, str, str, Decimal]] = field(default_factory=list)  # (year, kind, basis, amount)
    contributions: list[Mapping[str, str]] = field(default_factory=list)
    errata: list[ErratumRow] = field(default_factory=list)
    content_errata: list[ContentErratum] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)

    @property
    def has_years(self) -> bool:
        return any(text for _, text in self.years) or any(report.grade_code for report in self.course)

    @property
    def years_told(self) -> list[tuple[int, str, list[PublishedReport]]]:
        """Each year with what was planned and the reports of it."""
        return [
            (year, text, [report for report in self.course if report.round.fiscal_year == year])
            for year, text in self.years
        ]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(name, text) of what the edition of the round says."""
        if self.wording is None:
            return []
        said = (
            ("実施内容", self.wording.texts["contents"]),
            ("実施予定年度", self.wording.texts["planned_years"]),
            ("見込まれる効果", self.wording.texts["expected_effect"]),
        )
        return [(name, text.strip()) for name, text in said if text.strip()]

    @property
    def unknown(self) -> list[str]:
        """What this site does not know of the item, to be said in one line."""
        known = {name for name, _ in self.texts}
        missing = [name for name in ("実施内容", "実施予定年度", "見込まれる効果") if name not in known]
        missing += [] if self.row.departments else ["推進担当課"]
        missing += [] if any(text for _, text in self.years) else ["年度計画"]
        missing += [] if self.indicators else ["成果指標"]
        missing += [] if self.effects else ["効果額"]
        return missing


@dataclass
class ReportBook:
    """Everything that the report of a round holds. Of a round whose results are not known by item, `snapshot` is None."""

    plan: Plan
    round: Round
    printed: PublishedGrades | None
    published_effects: list[Effects]  # one an account and series
    revision: PublishedRevision | None
    indicators: list[Measured] = field(default_factory=list)  # of the plan, then of its policies
    edition: Edition | None = None
    snapshot: Snapshot | None = None
    counts: Distribution | None = None
    axes: list[AxisCounts] = field(default_factory=list)  # beside the first
    departments: list[DepartmentLine] = field(default_factory=list)
    worse: list[ProgramRow] = field(default_factory=list)
    better: list[ProgramRow] = field(default_factory=list)
    behind: list[ProgramRow] = field(default_factory=list)  # those that did not get worse just now
    causes: list[CauseCount] = field(default_factory=list)
    totals: list[EffectTotals] = field(default_factory=list)  # by series
    opinions: list[Opinion] = field(default_factory=list)
    errata: list[ErratumRow] = field(default_factory=list)
    content_errata: list[ContentErratum] = field(default_factory=list)
    sheets: list[ItemSheet] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    without_sheet: int = 0  # items beyond MOST_SHEETS

    @property
    def is_another_scale(self) -> bool:
        return self.snapshot is not None and self.snapshot.previous is not None and not self.snapshot.is_comparable


def book(plan: Plan, as_of: date) -> ReportBook | None:
    """None if there is no such round, or nothing of it is known. At most twenty-two queries and one of
    the caller for the plan, for any number of items."""
    shown = Round.objects.shown().filter(plan=plan, as_of=as_of).select_related("source", "edition__source").first()
    if shown is None:
        return None
    figures = list(PublishedFigure.objects.current().filter(plan=plan).select_related("source", "edition", "policy"))
    is_published = shown.state == Round.State.PUBLISHED
    current = counts = None
    if is_published:
        current = snapshot(plan, published_rounds(plan), as_of=as_of)
        counts = distribution(current)
    grades = counts.grades if counts else list(Grade.objects.main_of(plan))
    printed = published_grades(figures, grades).get(as_of)
    if not is_published and printed is None:
        return None
    found = ReportBook(
        plan,
        shown,
        printed,
        effects(f for f in figures if f.fiscal_year is None or f.fiscal_year <= shown.fiscal_year),
        next((each for each in revisions(figures) if each.edition.pk == shown.edition_id), None),
        indicators=[as_told_in(shown, each) for each in plan_indicators(plan, of_all=True)],
        snapshot=current,
        counts=counts,
    )
    if current and counts:
        _fill(found, current, counts)
    keys = {sheet.row.source for sheet in found.sheets}
    pks = {source.pk for source in (shown.source, shown.edition.source) if source}
    of_plan = [each.indicator for each in found.indicators if isinstance(each.indicator, PlanIndicator)]
    pks |= {indicator.source.pk for indicator in of_plan if indicator.source}
    pks |= {figure.source_id for figure in figures if figure.as_of == as_of}
    found.sources = list(Source.objects.filter(Q(key__in=keys) | Q(pk__in=pks), plan=plan).order_by("key"))
    return found


def _fill(found: ReportBook, current: Snapshot, counts: Distribution) -> None:
    rows = sorted(current.rows(current.programs()), key=lambda row: row.policy_number)  # in each the order of numbers
    rows = with_judgements(rows, found.round)
    frozen_rows = list(PublishedReport.objects.filter(round=found.round).order_by("policy_number", "sort_key"))
    if current.edition:  # settled when the round was published
        found.edition = found.round.edition
    found.axes = counts_by_axis(found.round, counts.total.items)
    found.departments = by_department(found.round, counts.grades, city=current.plan.city)
    found.worse = [row for row in rows if row.change == GradeChange.WORSE]
    found.better = [row for row in rows if row.change == GradeChange.BETTER]
    found.behind = [row for row in rows if row.tone == Tone.BEHIND and row.change != GradeChange.WORSE]
    found.causes = delay_causes(found.round)
    found.totals = totals(frozen(frozen_rows), found.plan.money_unit)
    found.errata = current.errata()
    found.opinions = list(_opinions(found, current))
    found.without_sheet = len(rows[MOST_SHEETS:])
    _write_sheets(found, current, rows[:MOST_SHEETS], {row.program_id: row for row in frozen_rows})


def sheets_of(current: Snapshot, selection: Selection) -> ReportBook:
    """A book of sheets alone: of some items of a published round, with the opinions on them. At most twelve queries."""
    if current.round is None:
        raise ValueError("sheets are of a published round")
    found = ReportBook(current.plan, current.round, None, [], None, snapshot=current)
    if current.edition:
        found.edition = current.round.edition
    rows = list(current.rows(current.programs(selection)))
    frozen_rows = PublishedReport.objects.filter(round=current.round, program__in=[row.pk for row in rows])
    found.errata = current.errata()
    found.opinions = list(_opinions(found, current).filter(program__in=[row.pk for row in rows]))
    found.without_sheet = len(rows[MOST_SHEETS:])
    _write_sheets(found, current, rows[:MOST_SHEETS], {row.program_id: row for row in frozen_rows})
    return found


def _opinions(found: ReportBook, current: Snapshot) -> Any:
    """What the committee said since the round before, up to the day on which this one was published. Newest last."""
    published = found.round.released_on or timezone.localdate(found.round.published_at)
    opinions = Opinion.objects.published().filter(plan=found.plan, given_on__lte=max(published, found.round.as_of))
    if current.previous:
        opinions = opinions.filter(given_on__gt=current.previous.as_of)
    return opinions.select_related("program__plan", "policy__plan", "meeting").order_by("given_on", "key")


def _write_sheets(
    found: ReportBook, current: Snapshot, rows: Sequence[ProgramRow], own: Mapping[int, PublishedReport]
) -> None:
    items = [row.pk for row in rows]
    editions = list(
        Edition.objects.filter(
            plan=found.plan,
            frozen_at__isnull=False,
            first_fiscal_year__lte=found.round.edition.first_fiscal_year,
        ).order_by("first_fiscal_year")
    )
    wordings = load([edition.pk for edition in editions], items)
    courses: dict[int, list[PublishedReport]] = defaultdict(list)
    for said in (
        PublishedReport.objects.filter(known_with(found.round), program__in=items)
        .select_related("round")
        .prefetch_related(Prefetch("errata", _known_errata(found.round), to_attr="known_errata"))
        .order_by("round__as_of")
    ):
        corrected = {erratum.field: erratum.new for erratum in said.known_errata}
        said.grade_code = corrected.get("grade", said.grade_code)
        for each in said.actuals:
            each["value"] = corrected.get(f"actuals:{each['indicator']}:{each['fiscal_year']}", each["value"]) or None
        courses[said.program_id].append(said)
    if found.edition:
        found.content_errata = list(
            ContentErratum.objects.filter(program_edition__edition=found.edition)
            .annotate(
                program_number=F("program_edition__program__number"), program_name=F("program_edition__program__name")
            )
            .order_by("-corrected_on", "-pk")
        )
    for row in rows:
        report = own[row.pk]
        in_force = by_year(found.plan, editions, wordings, row.pk)
        wording = wordings.get(found.edition.pk, {}).get(row.pk) if found.edition else None
        found.sheets.append(
            ItemSheet(
                row,
                wording,
                years=[(year, each.year_plans.get(year, "").strip()) for year, each in in_force],
                course=courses[row.pk],
                indicators=indicator_sheets(in_force, told_actuals(courses[row.pk])),
                effects=_effects(report, found.plan.money_unit),
                contributions=report.contributions,
                errata=[each for each in found.errata if each.program_number == row.number],
                content_errata=[each for each in found.content_errata if each.program_edition.program_id == row.pk],
                opinions=[each for each in found.opinions if each.program_id == row.pk],
            )
        )


def _effects(report: PublishedReport, unit: str) -> list[tuple[int, str, str, Decimal]]:
    """(year, kind, basis with account and series, amount in the plan's unit)"""
    found = []
    for each in report.effects:
        place = EffectPlace.told(each)
        found.append(
            (place.fiscal_year, EffectKind(place.kind).label, place.marks, in_unit(Decimal(each["amount"]), unit))
        )
    return found


def _known_errata(round_: Round) -> QuerySet[ReportErratum]:
    """What had been corrected in earlier rounds when this one was published; its own errata stand beside what it said."""
    published_on = timezone.localdate(round_.published_at)
    earlier = ReportErratum.objects.filter(published_report__round__as_of__lt=round_.as_of)
    return earlier.filter(corrected_on__lte=published_on).order_by("pk")


def told_actuals(course: Iterable[PublishedReport]) -> Iterator[tuple[IndicatorKey, int, ReportedActual]]:
    """What the reports of an item said of its indicators, in their order, with the fiscal year of each value."""
    for report in course:
        for each in report.actuals:
            value = Decimal(each["value"]) if each["value"] is not None else None
            key = IndicatorKey(each["indicator"], each["name"], each["unit"])
            yield key, each["fiscal_year"], ReportedActual(value, each["is_forecast"], each["note"])


def indicator_sheets(
    in_force: Iterable[tuple[int, Content]], told: Iterable[tuple[IndicatorKey, int, ReportedActual]]
) -> list[IndicatorSheet]:
    """The target that was in force in each year, and the last actual that was told of it."""
    found: dict[IndicatorKey, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(lambda: [None, None]))
    for year, wording in in_force:
        for key, targets in wording.targets.items():
            if year in targets:
                found[key][year][0] = targets[year]
    for key, year, actual in told:
        found[key][year][1] = actual
    return [
        IndicatorSheet(key.number, key.name, key.unit, [(year, *found[key][year]) for year in sorted(found[key])])
        for key in sorted(found, key=lambda key: key.number)
    ]


def _context(slug: str, as_of: date) -> dict[str, Any]:
    plan = get_object_or_404(Plan.objects.public().select_related("source"), slug=slug)
    found = book(plan, as_of)
    if found is None:
        raise Http404("round")
    return {"plan": plan, "section": "progress", "book": found, "today": timezone.localdate()}


@public
def report(request: HttpRequest, slug: str, as_of: date) -> HttpResponse:
    return render(request, "website/report.html", {**_context(slug, as_of), "has_pdf": is_available()})


@public
@limited
@bounded
def report_pdf(request: HttpRequest, slug: str, as_of: date) -> HttpResponse:
    """The same as a file, the office's one while nothing has changed since; where no PDF can be made, a page that says what to
    do instead."""
    site, name = request.build_absolute_uri("/"), f"{slug}-{as_of}-report"
    is_copy = copy_of(request)
    if not is_copy and (kept := exports.current_of_round(slug, as_of, REPORT.key, site.rstrip("/"))):
        return public_pdf(kept, name)
    context = _context(slug, as_of)
    try:
        content = _file({**context, "static_copy": is_copy}, site)
    except Unavailable:
        page = request.path.removesuffix(".pdf") + "/"
        return render(request, "website/packet_unavailable.html", {"plan": context["plan"], "page": page}, status=503)
    return public_pdf(content, name)


def _file(context: dict[str, Any], site: str) -> bytes:
    """The report as PDF. Raises Unavailable."""
    return pdf_of(render_to_string("website/report_file.html", {**context, "site": site.rstrip("/")}), "css/packet.css")


def _write_round(round_: Round, site: str, file: IO[bytes], progress: Progress) -> None:
    """The report of a round as citizens can read it, for its files."""
    found = book(round_.plan, round_.as_of) if round_.plan.is_public else None
    if found is None:
        raise CannotMake(
            "この調査の結果はまだ公表されていないため、報告書を作れません。公表してから、もう一度作成してください。"
        )
    progress(0, 1)
    try:
        file.write(_file({"plan": round_.plan, "book": found, "today": timezone.localdate()}, site))
    except Unavailable as error:
        raise CannotMake("このサーバーには PDF を作る部品がありません。報告書のページを印刷してください。") from error


REPORT = ExportKind("report", "進捗状況報告書（PDF）", Round, _write_round, "pdf", prefix="report-")
