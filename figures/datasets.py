"""The one flat table of what citizens may know about the items of a plan.

Pages, counts, Excel, CSV and JSON all come from here, so they cannot disagree. Only frozen rows of published rounds and
frozen editions are read; a caller passes a plan that is public.

A snapshot of a round that was asked for shows every name as it was published, for ever. Without a round, items stand
under today's names and departments, with what the latest published round says about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    Case,
    Exists,
    Expression,
    F,
    FilteredRelation,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Collate, NullIf
from django.utils import timezone

from accounts.models import Department
from committee.models import KeyProgram
from core.fiscal import fiscal_year_of
from figures.rows import (
    NO,
    UNNAMED,
    UNREPORTED,
    YES,
    DepartmentName,
    ErratumRow,
    FrozenEditionRow,
    GradeChange,
    Move,
    ProgramRow,
    Selection,
    change_between,
    codes_of,
)
from policies.models import UNCOMPARED, Edition, Grade, Plan, Policy, Tone, ranks
from programs.models import Program, Responsibility, active_on
from reviews import report_fields
from reviews.models import PublishedReport, ReportErratum, Round
from reviews.models.publication import PublishedReportQuerySet
from reviews.report_fields import FieldKind

# Items of today (Program) or frozen rows (PublishedReport), with the joins of a snapshot.
Items = QuerySet[Any]
_Items = TypeVar("_Items", bound=QuerySet[Any])

LICENCE = "公共データ利用規約（第1.0版）"
LICENCE_URL = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"

_EVERYTHING = Selection()
_MOVES = (GradeChange.WORSE, GradeChange.BETTER)

# What a published report says about an item: ProgramRow field → field of PublishedReport.
_REPORTED = {
    "grade": "grade_code",
    "grade_label": "grade_label",
    "tone": "tone",
    **{field.name: field.as_frozen for field in report_fields.PLAIN},
}
_COMPARED = {
    "previous_grade": "previous__grade_code",
    "previous_label": "previous__grade_label",
    "previous_tone": "previous__tone",
}
# ProgramRow field → where the database has it, from a frozen row and from an item of today.
_FROZEN = {
    "pk": "program",
    **{
        name: name
        for name in (
            *("number", "number_is_provisional", "name"),
            *("direction_number", "direction_name", "policy_number", "policy_name"),
        )
    },
    **_REPORTED,
    **_COMPARED,
    "edition": "edition_key",
    "departments": "departments",
    "source": "source_key",
    "note": "note",
    "corrected": "corrected",
}
_TODAY = {
    "pk": "pk",
    "number": "number",
    "number_is_provisional": "number_is_provisional",
    "name": "name",
    "direction_number": "policy__direction__number",
    "direction_name": "policy__direction__name",
    "policy_number": "policy__number",
    "policy_name": "policy__name",
    **{name: f"current__{path}" for name, path in _REPORTED.items()},
    **_COMPARED,
    "source": "source__key",
    "note": "note",
    "corrected": "corrected",
    "merged_into": "merged_into__number",
    **{name: name for name in ("added_on", "ended_on", "end_reason", "carried_plan", "carried_number")},
}
_MAY_BE_UNKNOWN = {"direction_number", "added_on", "ended_on", *report_fields.names(FieldKind.DAY)}
_SAID = tuple(field.name for field in report_fields.PLAIN)


@dataclass(frozen=True)
class Snapshot:
    """A plan as of one published round (None: nothing is published yet), compared with the published round before it.

    `is_frozen`: the round was asked for, so rows are those that were published. Otherwise they are today's items, as far as
    they live on the day of the round or were reported in it; `with_ended`: those that ended before or came later, too.
    """

    plan: Plan
    round: Round | None
    previous: Round | None
    edition: FrozenEditionRow | None
    is_frozen: bool = False
    with_ended: bool = False

    @property
    def is_comparable(self) -> bool:
        """Whether both rounds judge by the same scale: only then a grade can get better or worse."""
        return self.round is not None and self.previous is not None and self.round.scale == self.previous.scale

    @property
    def day(self) -> date:
        """On which the items of today are counted."""
        return self.round.as_of if self.round else timezone.localdate()

    def programs(self, selection: Selection = _EVERYTHING) -> Items:
        """The items that a reader asked for, in order, joined with the frozen rows of the two rounds."""
        items = self._frozen(selection) if self.is_frozen else self._today(selection)
        if selection.changes:
            moved = reduce(or_, map(self._moved, selection.changes))
            items = items.filter(moved) if self.is_comparable else items.none()
        if selection.was:
            items = items.filter(previous__grade_code__in=codes_of(selection.was))
        items = keyed(items, selection, "program" if self.is_frozen else "pk")
        errata = ReportErratum.objects.filter(
            published_report__round=self.round,
            published_report__program=OuterRef("program" if self.is_frozen else "pk"),
        )
        order = self._order(selection.sort.removeprefix("-"), is_reversed=selection.sort.startswith("-"))
        found: Items = items.annotate(corrected=Exists(errata)).order_by(*order, "sort_key", "pk")
        return found

    def _order(self, sort: str, *, is_reversed: bool) -> Sequence[str | Expression]:
        """What comes before the numbers; the same in every database. What is not known comes last in both directions."""
        order, _previous = self._orders
        tone = order.replace("grade_order", "tone")
        match sort:
            case "number" if is_reversed:
                return ["-sort_key"]
            case "name":
                kana = "program__name_kana" if self.is_frozen else "name_kana"
                name = NullIf(Coalesce(NullIf(kana, Value("")), "name"), Value(""))
                return [directed(_by_code_point(name), is_reversed)]
            case "department":
                return by_lead(is_reversed)
            case "grade":  # the scale runs from good to bad; what judges nothing comes after all
                place = Case(When(**{f"{tone}__in": UNCOMPARED}, then=None), default=F(order))
                return [directed(place, not is_reversed)]
            case "change" if self.is_comparable:
                first, then = (self._moved(change) for change in _MOVES[:: -1 if is_reversed else 1])
                return [Case(When(first, then=0), When(then, then=1), default=2)]
        return []

    def _moved(self, change: str) -> Q:
        """Which items moved in one direction since the round before, where both are judged by one scale."""
        order, previous = self._orders
        tone = order.replace("grade_order", "tone")
        judged = ~Q(**{f"{tone}__in": UNCOMPARED}) & ~Q(previous__tone__in=UNCOMPARED)
        how = {GradeChange.WORSE: "__gt", GradeChange.BETTER: "__lt", GradeChange.SAME: ""}[GradeChange(change)]
        return judged & Q(**{f"{order}{how}": F(previous)})

    def _frozen(self, selection: Selection) -> Items:
        rows = chosen(PublishedReport.objects.filter(round=self.round), selection)
        if selection.grades:
            rows = rows.filter(grade_code__in=selection.grade_codes)
        if selection.causes:
            rows = rows.filter(_caused(selection.causes, ""))
        if selection.sort.endswith("department") or selection.leads:
            rows = with_lead(rows, self.plan.city)
        if selection.leads:
            rows = rows.filter(_led(selection.leads))
        return rows.annotate(previous=joined("program__published_reports", self.previous))

    def _today(self, selection: Selection) -> Items:
        programs = Program.objects.shown().filter(plan=self.plan)
        if selection.sort.endswith("department") or selection.leads:
            lead = self._responsibilities().order_by("order")
            programs = programs.annotate(
                lead=Subquery(lead.values("department__code")[:1]), place=Subquery(lead.values("department__order")[:1])
            )
        if selection.leads:
            programs = programs.filter(_led(selection.leads))
        if selection.programs is not None:
            programs = programs.filter(pk__in=selection.programs)
        if selection.policies:
            programs = programs.filter(policy__number__in=selection.policies)
        if selection.departments:
            own = self._responsibilities().filter(department__code__in=selection.departments)
            programs = programs.filter(Exists(own))
        programs = programs.annotate(
            current=joined("published_reports", self.round), previous=joined("published_reports", self.previous)
        )
        if not self.with_ended:
            programs = programs.filter(active_on(self.day) | Q(current__pk__isnull=False))
        if selection.grades:
            wanted = Q(current__grade_code__in=selection.grade_codes)
            programs = programs.filter(wanted | Q(current__pk=None) if UNREPORTED in selection.grades else wanted)
        if selection.causes:
            programs = programs.filter(_caused(selection.causes, "current__"))
        return programs

    @property
    def _orders(self) -> tuple[str, str]:
        """Where the places of the two grades in their scales stand."""
        return ("grade_order" if self.is_frozen else "current__grade_order", "previous__grade_order")

    def changed(self) -> Items:
        """Items whose grade moved since the round before, in order; none across a change of the scale."""
        return self.programs(Selection(changes=_MOVES))

    def behind(self) -> Items:
        """Items that are behind, the worst grade first."""
        order, _ = self._orders
        rows = self.programs(Selection(sort="grade"))
        return rows.filter(**{order.replace("grade_order", "tone"): Tone.BEHIND})

    def moves(self, counts: Mapping[str, int], at_most: int = 100) -> list[Move]:
        """What got worse and what got better since the round before: `at_most` items of both together, with the numbers
        of all of them from `counts`. One query."""
        rows = list(self.rows(self.changed()[:at_most], with_departments=False))
        return [Move(change, counts[change], [row for row in rows if row.change == change]) for change in _MOVES]

    def _responsibilities(self) -> QuerySet[Responsibility]:
        """Of the item of an outer query."""
        return Responsibility.objects.filter(
            program_edition__program=OuterRef("pk"),
            program_edition__edition=self.edition.pk if self.edition else None,
        )

    def rows(self, programs: Items, *, with_departments: bool = True) -> Iterator[ProgramRow]:
        """The rows of `programs` (made by this snapshot, sliced or not). At most two queries, streamed."""
        paths = _FROZEN if self.is_frozen else _TODAY
        owners = self._departments(programs) if with_departments and not self.is_frozen else {}
        always = {
            "plan": self.plan.slug,
            "edition": self.edition.key if self.edition else "",
            "as_of": self.round.as_of if self.round else None,
            "previous_as_of": self.previous.as_of if self.previous else None,
            "is_fictional": self.plan.is_fictional,
            "of_city": bool(self.round and self.round.released_on),
        }
        for values in programs.values_list(*paths.values(), *self._orders).iterator(chunk_size=2000):
            *known, order, previous_order = values
            row: dict[str, Any] = always | {  # as ProgramRow takes them
                name: value if value is not None or name in _MAY_BE_UNKNOWN else ""
                for name, value in zip(paths, known, strict=True)
            }
            row["reported"] = {name: row.pop(name) for name in _SAID}
            row["departments"] = (
                [DepartmentName(**department) for department in row["departments"]]
                if self.is_frozen
                else owners.get(row["pk"], ())
            )
            row["change"] = (
                change_between(order, row["tone"], previous_order, row["previous_tone"]) if self.is_comparable else ""
            )
            yield ProgramRow(**row)

    def _departments(self, programs: Items) -> dict[int, tuple[DepartmentName, ...]]:
        owners: dict[int, tuple[DepartmentName, ...]] = {}
        if self.edition is None:
            return owners
        # The same few names and combinations again and again, kept once.
        known: dict[str, DepartmentName] = {}
        combinations: dict[tuple[DepartmentName, ...], tuple[DepartmentName, ...]] = {}
        responsibilities = Responsibility.objects.filter(program_edition__edition=self.edition.pk)
        if programs.query.is_sliced:  # one page
            responsibilities = responsibilities.filter(program_edition__program__in=programs.values("pk"))
        for program, code, name in (
            responsibilities.order_by("order")
            .values_list("program_edition__program", "department__code", "department__name")
            .iterator(chunk_size=2000)
        ):
            department = known.setdefault(code, DepartmentName(code, name))
            together = (*owners.get(program, ()), department)
            owners[program] = combinations.setdefault(together, together)
        return owners

    def keys(self, programs: Items) -> Items:
        """The keys of the items behind such rows, as a subquery."""
        return programs.order_by().values("program" if self.is_frozen else "pk")

    def errata(self, programs: Items | None = None) -> list[ErratumRow]:
        """Corrections to the reports of the round, of all items or of those given, newest first. One query, two where there
        are any: the few that are corrected are looked for among the items, not the many items among what is corrected."""
        errata = ReportErratum.objects.filter(published_report__round=self.round)
        row = "published_report__"
        found = list(
            errata.order_by("-corrected_on", "-pk").values_list(
                *(f"{row}program", f"{row}number", f"{row}name", f"{row}round__as_of"),
                *("corrected_on", "field", "label", "old", "new", "reason"),
            )
        )
        if found and programs is not None:
            key = "program" if self.is_frozen else "pk"
            corrected = programs.order_by().filter(**{f"{key}__in": {program for program, *_ in found}})
            wanted = set(corrected.values_list(key, flat=True))
            found = [values for values in found if values[0] in wanted]
        return [ErratumRow(*values) for _program, *values in found]

    def grades(self, programs: Items) -> tuple[Items, str]:
        """Every published grade of the given items, by item and day, and where their number stands; of a round that
        was asked for, as known then."""
        reports: Items = PublishedReport.objects.public().exclude(grade_code="")
        reports = reports.filter(program__in=self.keys(programs))
        if not self.is_frozen or self.round is None:
            return reports.order_by("program__sort_key", "program", "round__as_of"), "program__number"
        reports = reports.filter(known_with(self.round)).annotate(
            shown=joined("program__published_reports", self.round)
        )
        return reports.order_by("shown__sort_key", "program", "round__as_of"), "shown__number"


def chosen(rows: PublishedReportQuerySet, selection: Selection) -> PublishedReportQuerySet:
    """Keep those frozen rows that a reader asked for, whatever their grade is."""
    if selection.programs is not None:
        rows = rows.filter(program__in=selection.programs)
    if selection.policies:
        rows = rows.filter(policy_number__in=selection.policies)
    if selection.departments:
        named = (Q(department_codes__contains=f";{code};") for code in selection.departments)
        rows = rows.filter(reduce(or_, named))
    return rows


def _led(leads: Sequence[str]) -> Q:
    """Items that one of these departments leads, of rows with their `lead`; UNNAMED those that name none."""
    return Q(lead__in=leads) | (Q(lead=None) if UNNAMED in leads else Q(pk__in=[]))


def _caused(causes: Sequence[str], report: str) -> Q:
    """Items that are behind for one of these causes; `report` leads to the row. UNNAMED: without one."""
    named = ["" if cause == UNNAMED else cause for cause in causes]
    return Q(**{f"{report}tone": Tone.BEHIND, f"{report}delay_cause__in": named})


def with_lead(rows: PublishedReportQuerySet, city: str) -> PublishedReportQuerySet:
    """Frozen rows with the code of the department that stands first, and its place in the list of the city."""
    own = Department.objects.filter(city=city, code=OuterRef("lead")).order_by()
    code = Cast(KT("departments__0__code"), TextField())  # a text, which is compared as one: a key compares as JSON
    return rows.annotate(lead=code).annotate(place=Subquery(own.values("order")[:1]))


def directed(value: F | Expression, is_reversed: bool) -> OrderBy:
    """A value to sort by in one direction or the other, without one last."""
    return value.desc(nulls_last=True) if is_reversed else value.asc(nulls_last=True)


def by_lead(is_reversed: bool = False) -> list[OrderBy]:
    """The order of items with their `lead` and its `place`: as the city lists its departments, without one last."""
    return [directed(F("place"), is_reversed), directed(_by_code_point(F("lead")), is_reversed)]


def keyed(items: _Items, selection: Selection, program: str) -> _Items:
    """Keep those items that the committee chose, or never chose, as a reader asked; `program` is the lookup to the
    item's key."""
    if not selection.keys:
        return items
    chosen_in = KeyProgram.objects.filter(program=OuterRef(program))
    years = [int(key) for key in selection.keys if key not in (YES, NO)]
    wanted = Q(Exists(chosen_in if YES in selection.keys else chosen_in.filter(fiscal_year__in=years)))
    return items.filter(wanted | ~Exists(chosen_in) if NO in selection.keys else wanted)


def _by_code_point(text: F | Expression) -> Collate:
    """A text to sort by. The collation of a database sorts Japanese in its own way; the order of the characters is the same
    everywhere, and kana stand in it as in a dictionary."""
    return Collate(text, "C") if connection.vendor == "postgresql" else Collate(text, "BINARY")


def joined(relation: str, round_: Round | None) -> FilteredRelation:
    # A row always has a round, so without one nothing is joined.
    return FilteredRelation(relation, condition=Q(**{f"{relation}__round": round_}))


def known_with(round_: Round) -> Q:
    """Rows of rounds as far back as this one, and published by then: one that is published late does not change it."""
    return Q(round__as_of__lte=round_.as_of, round__published_at__lte=_published_at(round_))


def published_rounds(plan: Plan) -> list[Round]:
    """List the published rounds of a plan with their sources, newest first. One query."""
    rounds = Round.objects.published().filter(plan=plan).with_scale()
    return list(rounds.select_related("source").order_by("-as_of"))


def frozen_editions(plan: Plan) -> list[FrozenEditionRow]:
    """List the frozen editions of a plan, newest first, each with its departments by code. One query."""
    editions: dict[int, FrozenEditionRow] = {}
    department = "contents__responsibilities__department__"
    for pk, key, name, first_year, code, department_name in (
        Edition.objects.filter(plan=plan, frozen_at__isnull=False)
        .order_by("-first_fiscal_year", f"{department}code")
        .values_list("pk", "key", "name", "first_fiscal_year", f"{department}code", f"{department}name")
        .distinct()
    ):
        edition = editions.setdefault(pk, FrozenEditionRow(pk, key, name, first_year))
        if code is not None:
            edition.departments.append(DepartmentName(code, department_name))
    return list(editions.values())


def snapshot(
    plan: Plan,
    rounds: Sequence[Round],
    editions: Sequence[FrozenEditionRow] = (),
    as_of: date | None = None,
    since: date | None = None,
) -> Snapshot:
    """The plan as of one of its published `rounds` (newest first), frozen; without `as_of` its items of today. Compared with
    the round before it, or with that of `since`.

    Today's departments are those of the edition in force (of the first one, before it begins). Raises ValueError if no
    published round has that date.
    """
    compared = next((one for one in rounds if one.as_of == since), None)
    if as_of is not None:
        index = [round_.as_of for round_ in rounds].index(as_of)
        shown = rounds[index]
        before = (one for one in rounds[index + 1 :] if _published_at(one) <= _published_at(shown))
        edition = edition_of(shown)
        return Snapshot(plan, shown, compared or next(before, None), edition, is_frozen=True)
    this_year = fiscal_year_of(timezone.localdate())
    begun = [edition for edition in editions if edition.first_fiscal_year <= this_year]
    current, previous, *_ = [*rounds[:2], None, None]
    return Snapshot(plan, current, compared or previous, next(iter(begun or editions[-1:]), None))


def _published_at(round_: Round) -> datetime:
    if round_.published_at is None:
        raise ValueError(f"{round_} is not published")
    return round_.published_at


def edition_of(round_: Round) -> FrozenEditionRow | None:
    """Give the edition of a published round under its name of then; None if it was not settled."""
    known = round_.framework.get("edition")
    if known is None:
        return None
    departments = [DepartmentName(**each) for each in known["departments"]]
    return FrozenEditionRow(round_.edition_id, known["key"], known["name"], known["first_fiscal_year"], departments)


def scale_of(plan: Plan, round_: Round | None = None) -> list[Grade]:
    """List the grades of a plan's first axis in order: as published with a round, or as of today. At most one query."""
    if round_ is not None and round_.framework.get("grades"):
        grades = [Grade(plan=plan, **grade) for grade in round_.framework["grades"]]
    else:
        grades = list(Grade.objects.main_of(plan))
    plan.grade_ranks = ranks(grades)
    return grades


def policies_of(plan: Plan, round_: Round | None = None) -> list[Policy]:
    """List the policies of a plan in order: as published with a round, or as of today. At most one query."""
    if round_ is not None and round_.framework.get("policies"):
        return [Policy(plan=plan, number=each["number"], name=each["name"]) for each in round_.framework["policies"]]
    return list(Policy.objects.filter(plan=plan).order_by("number"))
