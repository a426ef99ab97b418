"""The grid: every item of a plan in every published round, made of frozen rows alone.

An item stands under the names of its latest row, so one that has ended since stays in the grid with what was published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, FilteredRelation, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from core.fiscal import era_date, short_month
from figures.datasets import Items, by_lead, chosen, keyed, with_lead
from figures.rows import GradeChange, Selection, change_between
from policies.models import UNCOMPARED, Grade, Plan, Tone
from policies.words import word
from programs.models import Program
from reviews.models import PublishedReport, ReportErratum, Round, scale_breaks
from reviews.models.publication import PublishedReportQuerySet

UNJUDGED = "未登録"  # what an axis beside the first says of an item that it did not judge


@dataclass(frozen=True)
class GridColumn:
    """A published round. `turns` where another edition is in force than in the column before."""

    round: Round
    edition: str
    turns: bool
    iso: str
    day: str
    words: tuple[str, str]
    breaks: bool  # its grades are judged by another scale than those of the column before
    ungraded: str  # what is said of its items without a grade

    @property
    def edge(self) -> str:
        """The classes that draw a line before it."""
        return " ".join(["turn"] * self.turns + ["break"] * self.breaks)


class GridCell(NamedTuple):
    """What was published about an item in a round; its grade is "" where it was not reported."""

    grade: str
    label: str
    order: int | None
    tone: str
    is_corrected: bool
    has_row: bool = True  # False: the city published the round, and what it said of the item is not registered


@dataclass(frozen=True)
class GridLine:
    """An item; a cell for each column, None where the item was not among those that were asked."""

    number: str
    is_provisional: bool
    name: str
    policy: str
    departments: list[str]
    columns: Sequence[GridColumn]
    cells: list[GridCell | None]
    owners: str  # what the plan calls its departments

    @property
    def pairs(self) -> Iterable[tuple[GridColumn, GridCell | None]]:
        return zip(self.columns, self.cells, strict=True)

    @property
    def now(self) -> GridCell | None:
        return self.cells[-1]

    @property
    def behind_for(self) -> int:
        """In how many rounds up to the last one it was behind without a break, on one scale."""
        count = 0
        for column, cell in reversed(list(self.pairs)):
            if cell is None or cell.tone != Tone.BEHIND:
                break
            count += 1
            if column.breaks:
                break
        return count

    @property
    def change(self) -> str:
        """How it moved into the last column: a GradeChange, or ""."""
        *_, before, now = [None, *self.cells]
        if before is None or now is None or self.columns[-1].breaks:
            return ""
        return change_between(now.order, now.tone, before.order, before.tone)

    @property
    def remark(self) -> str:
        """What the symbols of the last columns say, in words."""
        if self.behind_for > 1:
            return f"{self.behind_for}回続けて遅れ"
        return {GradeChange.WORSE: "前回から下がった", GradeChange.BETTER: "前回から上がった"}.get(self.change, "")  # type: ignore[call-overload]

    def heading(self, sort: str) -> str:
        """What it is listed under."""
        if sort == "department":
            return self.departments[0] if self.departments else f"{self.owners} 未登録"
        if sort == "worst":
            if self.now is None:
                return "最後の基準日にはない項目"
            return f"{self.now.grade} {self.now.label}" if self.now.grade else self.columns[-1].ungraded
        return self.policy


def columns_of(rounds: Sequence[Round], shown: Round, axis: int | None = None) -> list[GridColumn]:
    """The published rounds up to the shown one, oldest first, as they were known when it was published. Those in which an
    axis beside the first judged, if it is named."""
    columns: list[GridColumn] = []
    known = [one for one in rounds if one.as_of <= shown.as_of and one.published_at <= shown.published_at]  # type: ignore[operator]
    breaks = scale_breaks(known)
    for round_ in sorted(known, key=lambda round_: round_.as_of):
        edition = (round_.framework.get("edition") or {}).get("name", "")
        turns, day = bool(columns) and columns[-1].edition != edition, round_.as_of
        columns.append(
            GridColumn(
                *(round_, edition, turns, day.isoformat(), era_date(day), short_month(day), round_ in breaks),
                UNJUDGED if axis else round_.ungraded_label,
            )
        )
    return columns


def editions_of(columns: Sequence[GridColumn]) -> list[tuple[str, int]]:
    """The editions above the columns: (name, number of columns); none if no name is known."""
    runs = [(name, len(list(run))) for name, run in groupby(columns, lambda column: column.edition)]
    return runs if any(name for name, _ in runs) else []


def _by(axis: int | None) -> tuple[dict[str, FilteredRelation], str]:
    """What a query of frozen rows has to know for the grades of an axis (None: the first), and what their names begin with."""
    if not axis:
        return {}, ""
    return {"judged": FilteredRelation("judgements", condition=Q(judgements__axis=axis))}, "judged__"


def items(plan: Plan, columns: Sequence[GridColumn], selection: Selection, sort: str, axis: int | None = None) -> Items:
    """The latest row of every item that was asked for, in the order that was asked for. `selection.grades` means the
    grade in the last column."""
    shown = columns[-1].round
    of_item = PublishedReport.objects.filter(round__in=[column.round.pk for column in columns])
    latest = of_item.filter(program=OuterRef("pk")).order_by("-round__as_of").values("pk")[:1]
    rows = chosen(
        PublishedReport.objects.filter(pk__in=Program.objects.filter(plan=plan).values(latest=Subquery(latest))),
        selection,
    )
    judged, of = _by(axis)
    rows = keyed(rows, selection, "program").alias(**judged)
    if selection.grades:
        none = Q(**{f"{of}grade_code": None}) if "" in selection.grade_codes else Q()
        rows = rows.filter(none | Q(**{f"{of}grade_code__in": selection.grade_codes}), round=shown)
    if sort == "department":
        return with_lead(rows, plan.city).order_by(*by_lead(), "sort_key", "pk")
    if sort == "worst":
        late = of_item.filter(program=OuterRef("program")).alias(**_by(axis)[0]).filter(**{f"{of}tone": Tone.BEHIND})
        behind = late.order_by().values("program")
        rows = rows.annotate(
            # The scale runs from good to bad; what is no judgement in the last column comes after all.
            worst=Case(
                When(~Q(round=shown), then=-2),
                When(Q(**{f"{of}tone__in": UNCOMPARED}) | Q(**{f"{of}grade_order": None}), then=-1),
                default=F(f"{of}grade_order"),
                output_field=IntegerField(),
            ),
            behind=Coalesce(Subquery(behind.annotate(count=Count("pk")).values("count")), 0),
        )
        return rows.order_by("-worst", "-behind", "sort_key", "pk")
    return rows.order_by("policy_number", "sort_key", "pk")


def cells_of(
    programs: Iterable[Program], columns: Sequence[GridColumn], axis: int | None = None
) -> dict[int, list[GridCell | None]]:
    """What was published about each of some items in each column, by an axis beside the first, if its key is given. One query."""
    place = {column.round.pk: index for index, column in enumerate(columns)}
    unknown = GridCell("", "", None, "", False, has_row=False)
    cells: dict[int, list[GridCell | None]] = {
        program.pk: [
            unknown if column.round.released_on and program.is_active_on(column.round.as_of) else None
            for column in columns
        ]
        for program in programs
    }
    judged, of = _by(axis)
    rows = PublishedReport.objects.filter(round__in=place, program__in=cells).alias(**judged)
    for key, round_, code, label, order, tone, is_corrected in rows.values_list(
        *("program", "round", f"{of}grade_code", f"{of}grade_label", f"{of}grade_order", f"{of}tone"),
        Exists(ReportErratum.objects.filter(published_report=OuterRef("pk"))),
    ):
        cells[key][place[round_]] = GridCell(code or "", label or "", order, tone or "", is_corrected)
    return cells


def lines(
    plan: Plan, rows: PublishedReportQuerySet, columns: Sequence[GridColumn], axis: int | None = None
) -> list[GridLine]:
    """The items with their cells. One query for all cells."""
    found = list(rows.select_related("program"))
    cells = cells_of([row.program for row in found], columns, axis)
    return [
        GridLine(
            row.number,
            row.number_is_provisional,
            row.name,
            f"{word(plan, 'policy')}{row.policy_number} {row.policy_name}",
            [department["name"] for department in row.departments],
            columns,
            cells[row.program_id],
            word(plan, "department"),
        )
        for row in found
    ]


def grouped(found: Sequence[GridLine], sort: str) -> list[tuple[str, list[GridLine]]]:
    """Lines under their headings, in the order that they are in."""
    return [(heading, list(group)) for heading, group in groupby(found, lambda line: line.heading(sort))]


# A grade (None: not reported) and how many of the lines have it in each column.
Sums = list[tuple[Grade | None, list[tuple[GridColumn, int]]]]


def sums(found: Sequence[GridLine], columns: Sequence[GridColumn], grades: Sequence[Grade]) -> Sums:
    """How many of the lines have which grade in each column, in the order of the scale; 未報告 last, if there are any."""
    counts = [Counter(cell.grade for line in found if (cell := line.cells[index])) for index in range(len(columns))]
    scale: list[Grade | None] = [*grades, None] if any(count[""] for count in counts) else [*grades]
    return [
        (grade, [(column, count[grade.code if grade else ""]) for column, count in zip(columns, counts, strict=True)])
        for grade in scale
    ]
