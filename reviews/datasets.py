"""The one flat table of what citizens may know about the items of a plan.

Pages, counts, Excel, CSV and JSON all come from here, so they cannot disagree. Only published rounds and frozen editions
are read; a caller passes a plan that is public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, TextChoices
from django.utils import timezone

from kodaira_reform.fiscal import fiscal_year_of
from policies.models import Edition, Plan, Policy
from programs.models import UNREGISTERED_NAME, Program, ProgramQuerySet, Responsibility
from reviews.models import Grade, Report, Round, Tone

UNREPORTED = "unreported"  # the filter value for items without a published report
FICTIONAL = "架空のデータ"
LICENCE = "公共データ利用規約（第1.0版）"
LICENCE_URL = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"


class Change(TextChoices):
    """How a grade moved since the published round before."""

    BETTER = "better", "上がった"
    WORSE = "worse", "下がった"
    SAME = "same", "変わらない"


def change_between(order: int | None, tone: str, earlier_order: int | None, earlier_tone: str) -> str:
    """Compare two grades of one scale (order 1 is best): a Change, or "" where there is nothing to compare."""
    if order is None or earlier_order is None or Tone.NONE in (tone, earlier_tone):
        return ""
    if order == earlier_order:
        return Change.SAME
    return Change.BETTER if order < earlier_order else Change.WORSE


class DepartmentName(NamedTuple):
    code: str
    name: str


@dataclass(frozen=True)
class FrozenEdition:
    """A published wording of the plan, with the departments that it names."""

    pk: int
    key: str
    name: str
    first_fiscal_year: int
    departments: list[DepartmentName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """One item as of one round. Texts are "" and numbers None where nothing is registered or published."""

    pk: int
    plan: str
    number: str
    number_is_provisional: bool
    name: str
    direction_number: int | None
    direction_name: str
    policy_number: int
    policy_name: str
    edition: str
    departments: Sequence[DepartmentName]
    as_of: date | None
    grade: str
    grade_label: str
    tone: str
    progress: str
    delay_reason: str
    remedy: str
    recovery_on: date | None
    previous_as_of: date | None
    previous_grade: str
    previous_label: str
    previous_tone: str
    change: str
    source: str
    note: str
    fictional: bool

    @property
    def display_name(self) -> str:
        return self.name or UNREGISTERED_NAME

    @property
    def fiscal_year(self) -> int | None:
        return fiscal_year_of(self.as_of) if self.as_of else None

    @property
    def no_grade(self) -> str:
        """What is said where the grade would stand."""
        return "未報告" if self.as_of else "未公表"

    @property
    def change_label(self) -> str:
        return Change(self.change).label if self.change else ""


@dataclass(frozen=True)
class Selection:
    """What a reader asked for; empty means everything. `grade` is a code or UNREPORTED."""

    text: str = ""
    policy: int | None = None
    department: str = ""
    grade: str = ""


_EVERYTHING = Selection()

# ProgramRow field → where the database has it.
_PATHS = {
    "pk": "pk",
    "number": "number",
    "number_is_provisional": "number_is_provisional",
    "name": "name",
    "direction_number": "policy__direction__number",
    "direction_name": "policy__direction__name",
    "policy_number": "policy__number",
    "policy_name": "policy__name",
    "grade": "current__grade__code",
    "grade_label": "current__grade__label",
    "tone": "current__tone",
    "progress": "current__progress",
    "delay_reason": "current__delay_reason",
    "remedy": "current__remedy",
    "recovery_on": "current__recovery_on",
    "previous_grade": "previous__grade__code",
    "previous_label": "previous__grade__label",
    "previous_tone": "previous__tone",
    "source": "source__key",
    "note": "note",
}
_ORDERS = ("current__grade__order", "previous__grade__order")
_MAY_BE_UNKNOWN = ("direction_number", "recovery_on")


@dataclass(frozen=True)
class Snapshot:
    """A plan as of one published round (None: nothing is published yet), compared with the published round before it."""

    plan: Plan
    round: Round | None
    previous: Round | None
    edition: FrozenEdition | None

    def programs(self, selection: Selection = _EVERYTHING) -> ProgramQuerySet:
        """The items that a reader asked for, in order, joined with their reports of the two rounds."""
        programs: Any = Program.objects.filter(plan=self.plan)
        if selection.text:
            programs = programs.search(selection.text)
        if selection.policy is not None:
            programs = programs.filter(policy__number=selection.policy)
        if selection.department:
            programs = programs.filter(Exists(self._responsibilities().filter(department__code=selection.department)))
        programs = programs.annotate(
            current=FilteredRelation("reports", condition=_published_in(self.round, "reports")),
            previous=FilteredRelation("reports", condition=_published_in(self.previous, "reports")),
        )
        if selection.grade == UNREPORTED:
            programs = programs.filter(current__pk=None)
        elif selection.grade:
            programs = programs.filter(current__grade__code=selection.grade)
        return programs.order_by("sort_key", "pk")

    def changed(self) -> ProgramQuerySet:
        """Items whose grade moved since the round before, in order."""
        moved = Q(current__grade__order__lt=F("previous__grade__order")) | Q(
            current__grade__order__gt=F("previous__grade__order")
        )
        return self.programs().filter(moved).exclude(Q(current__tone=Tone.NONE) | Q(previous__tone=Tone.NONE))

    def _responsibilities(self) -> Any:
        """Of the item of an outer query."""
        return Responsibility.objects.filter(
            program_edition__program=OuterRef("pk"),
            program_edition__edition=self.edition.pk if self.edition else None,
        )

    def rows(self, programs: ProgramQuerySet, *, with_departments: bool = True) -> Iterator[ProgramRow]:
        """The rows of `programs` (made by this snapshot, sliced or not). Two queries, streamed."""
        departments = self._departments(programs) if with_departments else {}
        as_of = self.round.as_of if self.round else None
        previous_as_of = self.previous.as_of if self.previous else None
        for values in programs.values_list(*_PATHS.values(), *_ORDERS).iterator(chunk_size=2000):
            *known, order, previous_order = values
            row: dict[str, Any] = {
                name: value if value is not None or name in _MAY_BE_UNKNOWN else ""
                for name, value in zip(_PATHS, known, strict=True)
            }
            yield ProgramRow(
                **row,
                plan=self.plan.slug,
                edition=self.edition.key if self.edition else "",
                departments=departments.get(row["pk"], ()),
                as_of=as_of,
                previous_as_of=previous_as_of,
                change=change_between(order, row["tone"], previous_order, row["previous_tone"]),
                fictional=self.plan.is_fictional,
            )

    def _departments(self, programs: ProgramQuerySet) -> dict[int, list[DepartmentName]]:
        owners: dict[int, list[DepartmentName]] = defaultdict(list)
        if self.edition is None:
            return owners
        responsibilities = Responsibility.objects.filter(program_edition__edition=self.edition.pk)
        if programs.query.is_sliced:  # one page
            responsibilities = responsibilities.filter(program_edition__program__in=programs.values("pk"))
        for program, code, name in (
            responsibilities.order_by("order")
            .values_list("program_edition__program", "department__code", "department__name")
            .iterator(chunk_size=2000)
        ):
            owners[program].append(DepartmentName(code, name))
        return owners


def _published_in(round_: Round | None, relation: str) -> Q:
    # A report always has a round, so without one nothing is joined.
    return Q(**{f"{relation}__round": round_, f"{relation}__state": Report.State.PUBLISHED})


@dataclass(frozen=True, slots=True)
class LongRow:
    """One observation of one item: the tidy form, for computing."""

    program_number: str
    as_of: date
    measure: str
    value: str
    unit: str
    source: str

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.as_of)


def long_rows(programs: ProgramQuerySet) -> Iterator[LongRow]:
    """Every published grade of the given items, by item and day. One query, streamed."""
    for number, as_of, code, source in (
        Report.objects.published()
        .filter(program__in=programs.order_by().values("pk"))
        .order_by("program__sort_key", "program", "round__as_of")
        .values_list("program__number", "round__as_of", "grade__code", "round__source__key")
        .iterator(chunk_size=2000)
    ):
        yield LongRow(number, as_of, "grade", code, "grade_code", source or "")


def published_rounds(plan: Plan) -> list[Round]:
    """Newest first. One query."""
    return list(Round.objects.published().filter(plan=plan).select_related("source").order_by("-as_of"))


def frozen_editions(plan: Plan) -> list[FrozenEdition]:
    """Newest first, each with its departments by code. One query."""
    editions: dict[int, FrozenEdition] = {}
    department = "contents__responsibilities__department__"
    for pk, key, name, first_year, code, department_name in (
        Edition.objects.filter(plan=plan, frozen_at__isnull=False)
        .order_by("-first_fiscal_year", f"{department}code")
        .values_list("pk", "key", "name", "first_fiscal_year", f"{department}code", f"{department}name")
        .distinct()
    ):
        edition = editions.setdefault(pk, FrozenEdition(pk, key, name, first_year))
        if code is not None:
            edition.departments.append(DepartmentName(code, department_name))
    return list(editions.values())


def snapshot(
    plan: Plan, rounds: Sequence[Round], editions: Sequence[FrozenEdition], as_of: date | None = None
) -> Snapshot:
    """The plan as of one of its published `rounds` (newest first), or as of the latest.

    Departments are those of that round's edition; without `as_of` those of the edition in force today (of the first one,
    before it begins). Raises ValueError if no published round has that date.
    """
    index = 0
    if as_of is not None:
        index = [round_.as_of for round_ in rounds].index(as_of)
        edition = next((edition for edition in editions if edition.pk == rounds[index].edition_id), None)
    else:
        this_year = fiscal_year_of(timezone.localdate())
        begun = [edition for edition in editions if edition.first_fiscal_year <= this_year]
        edition = next(iter(begun or editions[-1:]), None)
    current, previous, *_ = [*rounds[index : index + 2], None, None]
    return Snapshot(plan, current, previous, edition)


@dataclass
class Counts:
    """Numbers of items: in all, by grade in the order of the plan's scale, and without a published report."""

    items: int
    by_grade: list[int]

    @property
    def unreported(self) -> int:
        return self.items - sum(self.by_grade)

    @property
    def reported(self) -> int:
        return sum(self.by_grade)


@dataclass
class PolicyCounts(Counts):
    number: int
    name: str
    direction_number: int | None
    direction_name: str


@dataclass
class Distribution:
    """How many items of which policy have which grade in a round, and how the grades moved since the round before."""

    grades: list[Grade]
    policies: list[PolicyCounts]
    total: Counts
    unnamed: int = 0
    provisional: int = 0
    changes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Change.values, 0))

    @property
    def cells(self) -> list[tuple[Grade, int]]:
        return list(zip(self.grades, self.total.by_grade, strict=True))


def distribution(current: Snapshot, policy: int | None = None) -> Distribution:
    """Count the items of a snapshot by policy and grade; policies without items are there with zeros. Two queries."""
    grades = list(Grade.objects.filter(plan=current.plan).order_by("order"))
    position = {grade.code: index for index, grade in enumerate(grades)}
    nothing = [0] * len(grades)
    result = Distribution(grades, [], Counts(0, list(nothing)))
    cells = Policy.objects.filter(plan=current.plan)
    if policy is not None:
        cells = cells.filter(number=policy)
    by_number: dict[int, PolicyCounts] = {}
    for cell in (
        cells.annotate(
            current=FilteredRelation("programs__reports", condition=_published_in(current.round, "programs__reports")),
            previous=FilteredRelation(
                "programs__reports", condition=_published_in(current.previous, "programs__reports")
            ),
        )
        .values(
            "number",
            "name",
            "direction__number",
            "direction__name",
            "current__grade__code",
            "current__tone",
            "previous__tone",
            *_ORDERS,
        )
        .annotate(
            items=Count("programs"),
            unnamed=Count("programs", filter=Q(programs__name="")),
            provisional=Count("programs", filter=Q(programs__number_is_provisional=True)),
        )
        .order_by("number")
    ):
        row = by_number.setdefault(
            cell["number"],
            PolicyCounts(
                0, list(nothing), cell["number"], cell["name"], cell["direction__number"], cell["direction__name"] or ""
            ),
        )
        for counts in (row, result.total):
            counts.items += cell["items"]
            if cell["current__grade__code"] is not None:
                counts.by_grade[position[cell["current__grade__code"]]] += cell["items"]
        result.unnamed += cell["unnamed"]
        result.provisional += cell["provisional"]
        order, previous_order = (cell[path] for path in _ORDERS)
        if change := change_between(order, cell["current__tone"], previous_order, cell["previous__tone"]):
            result.changes[change] += cell["items"]
    result.policies = list(by_number.values())
    return result
