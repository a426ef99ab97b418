"""計画のあゆみ: the plans before and after a plan, in what was published about them, and what follows a plan that ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from core.fiscal import fiscal_year_of, last_day
from figures.measures import grade_named
from figures.models import PublishedFigure
from policies.models import Grade, LineageFigure, LineageNote, LineagePlan, Plan, Source, Tone


class GradeHead(NamedTuple):
    order: int
    code: str
    label: str
    tone: str


class LineageRow(NamedTuple):
    """Numbers of items, of the whole plan (`name` "") or of one policy; None is unknown."""

    number: int | None
    name: str
    total: int | None
    counts: list[int | None]


@dataclass(frozen=True)
class Results:
    """What was published about one plan as of one day."""

    as_of: date
    grades: list[GradeHead]
    lines: list[LineageRow]
    sources: list[Source]


@dataclass
class Stage:
    """One plan of the line."""

    plan: LineagePlan
    is_this_plan: bool
    slug: str  # of its own pages, "" without
    results: list[Results] = field(default_factory=list)
    notes: list[tuple[str, list[LineageNote]]] = field(default_factory=list)

    @property
    def latest(self) -> list[Results]:
        return self.results[-1:]

    @property
    def earlier(self) -> list[Results]:
        return self.results[:-1]


def lineage(plan: Plan, figures: Iterable[PublishedFigure]) -> list[Stage]:
    """Oldest first. `figures` are the plan's own. Six queries, one for a plan without a line."""
    plans = list(LineagePlan.objects.filter(plan=plan).order_by("order").prefetch_related("sources"))
    if not plans:
        return []
    public = set(Plan.objects.public().values_list("slug", flat=True))
    by_plan: dict[int, list[LineageFigure]] = defaultdict(list)
    for figure in LineageFigure.objects.filter(plan=plan).select_related("source"):
        by_plan[figure.lineage_id].append(figure)
    notes: dict[int, dict[str, list[LineageNote]]] = defaultdict(lambda: defaultdict(list))
    for note in LineageNote.objects.filter(plan=plan).select_related("source").order_by("key"):
        notes[note.lineage_id][note.get_kind_display()].append(note)
    stages = []
    for each in plans:
        own = each.key == plan.slug
        stage = Stage(each, own, each.key if each.key in public and not own else "")
        found = [*by_plan[each.pk], *(_own_figures(plan, figures) if own else [])]
        stage.results = [_results(as_of, rows) for as_of, rows in sorted(_by_day(found).items())]
        stage.notes = list(notes[each.pk].items())
        stages.append(stage)
    return stages


def _own_figures(plan: Plan, figures: Iterable[PublishedFigure]) -> list[LineageFigure]:
    """The printed numbers of the plan itself in the form of the others."""
    grades = list(Grade.objects.main_of(plan))
    found = []
    for figure in figures:
        grade = grade_named(figure.category, grades)
        is_total = figure.measure == PublishedFigure.Measure.GRADED_TOTAL
        if figure.as_of is None or figure.value is None or figure.axis_id or not (is_total or grade):
            continue
        if fiscal_year_of(figure.as_of) < plan.fiscal_years[0]:
            continue  # of the plan before it
        if not is_total and figure.measure != PublishedFigure.Measure.GRADE_COUNT:
            continue
        if grade and grade.tone == Tone.EXCLUDED:
            continue  # the total is that of the items that were graded
        row = LineageFigure(as_of=figure.as_of, value=int(figure.value), source=figure.source)
        if figure.policy:
            row.policy_number, row.policy_name = figure.policy.number, figure.policy.name
        if grade and not is_total:
            row.grade_order, row.grade_code, row.grade_label, row.tone = (
                *(grade.order, grade.code, grade.label),
                grade.tone,
            )
        found.append(row)
    return found


def _by_day(figures: Iterable[LineageFigure]) -> dict[date, list[LineageFigure]]:
    found: dict[date, list[LineageFigure]] = defaultdict(list)
    for figure in figures:
        found[figure.as_of].append(figure)
    return found


def _results(as_of: date, figures: Sequence[LineageFigure]) -> Results:
    grades = sorted(
        {
            GradeHead(figure.grade_order, figure.grade_code, figure.grade_label, figure.tone)
            for figure in figures
            if figure.grade_order is not None
        }
    )
    names = {figure.policy_number: figure.policy_name for figure in figures}
    values = {(figure.policy_number, figure.grade_order): figure.value for figure in figures}
    numbers = sorted(names, key=lambda number: (number is None, number))
    sources = {figure.source.pk: figure.source for figure in figures if figure.source}
    return Results(
        as_of,
        grades,
        [
            LineageRow(
                number,
                names[number],
                values.get((number, None)),
                [values.get((number, grade.order)) for grade in grades],
            )
            for number in numbers
        ],
        list(sources.values()),
    )


@dataclass(frozen=True)
class Ended:
    """A plan whose period is over, and the plans that follow it."""

    on: date
    following: list[LineagePlan]


def ended(plan: Plan, following: Sequence[LineagePlan]) -> Ended | None:
    """None while the plan runs. `following` are all plans of its line, oldest first."""
    on = last_day(plan.last_fiscal_year)
    if timezone.localdate() <= on:
        return None
    place = next((index for index, each in enumerate(following) if each.key == plan.slug), None)
    return Ended(on, [] if place is None else list(following[place + 1 :]))
