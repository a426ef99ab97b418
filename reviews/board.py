"""The office's board of a round: departments × states, who is late, what was returned and not handed in again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Department, User
from reviews.duties import Duties, duties_of
from reviews.models import Report, Round

State = Report.State


def with_state_counts(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Each round with the number of its reports by state, as `in_draft`, `in_submitted` …, and `in_all`."""
    counts = {f"in_{state}": Count("reports", filter=Q(reports__state=state)) for state in Report.State.values}
    return rounds.annotate(in_all=Count("reports"), **counts)


def state_counts(round_: Round) -> list[tuple[Report.State, int]]:
    """Give (state, number of reports) of a round of `with_state_counts`, in the order in which reports advance."""
    return [(state, getattr(round_, f"in_{state}")) for state in Report.State]


@dataclass
class BoardRow:
    """One department as it is called today, with the items that it leads; the items of former names are its own.

    Without a department: the items that nobody answers for.
    """

    department: Department | None
    former: list[Department] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    supporting: int = 0
    late: int = 0
    last_activity: datetime | None = None
    submitted_at: datetime | None = None  # the last time that one of the reports was handed in
    people: list[User] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def unreachable(self) -> int:
        """People without an e-mail address."""
        return sum(not user.email for user in self.people)


@dataclass
class Returned:
    report: Report
    departments: list[Department]
    since: date
    days: int


@dataclass
class Board:
    rows: list[BoardRow]
    # Every report once, however many departments it has.
    total: BoardRow
    returned: list[Returned]

    @property
    def handed_in(self) -> int:
        return sum(self.total.states[state] for state in Report.HANDED_IN)

    @property
    def missing(self) -> list[BoardRow]:
        """Departments whose reports are not all approved, for the check before publication."""
        return [row for row in self.rows if row.total > row.states[State.APPROVED] + row.states[State.PUBLISHED]]


def is_late(round_: Round, state: str, today: date) -> bool:
    """Whether a report in this state should have been handed in before `today`: its round is open, and its due day is
    over."""
    return (
        round_.state == Round.State.OPEN
        and round_.due_on is not None
        and round_.due_on < today
        and state in Report.EDITABLE
    )


def board_of(round_: Round, today: date | None = None, reports: QuerySet[Report] | None = None) -> Board:
    """Count the reports of a round (or some of them) by department and state, as of `today` (by default now). Seven queries,
    whatever the number of items and departments."""
    today = today or timezone.localdate()
    duties = duties_of(round_)
    rows: dict[int | None, BoardRow] = {}
    total = BoardRow(None)

    def row_of(department: int | None) -> BoardRow:
        owner = duties.owner(department) if department is not None else None
        row = rows.setdefault(owner.pk if owner else None, BoardRow(owner))
        then = duties.departments[department] if department is not None else None
        if then and then != owner and then not in row.former:
            row.former.append(then)
        return row

    counted_reports = round_.reports.all() if reports is None else reports
    fields = ("program_id", "state", "version", "updated_at", "submitted_at")
    for program, state, version, updated_at, submitted_at in counted_reports.order_by().values_list(*fields):
        departments = duties.of_program.get(program, [])
        row = row_of(departments[0] if departments else None)
        for counted in (row, total):
            counted.states[state] += 1
            counted.late += is_late(round_, state, today)
            # The first version is what opening the round prepared: nobody has worked on it.
            if version > 1 and (counted.last_activity is None or counted.last_activity < updated_at):
                counted.last_activity = updated_at
            if submitted_at and (counted.submitted_at is None or counted.submitted_at < submitted_at):
                counted.submitted_at = submitted_at
        supporters = {id(supporter): supporter for supporter in map(row_of, departments[1:])}
        for supporter in supporters.values():
            supporter.supporting += supporter is not row
    for row in rows.values():
        if row.department:
            row.people = duties.people([row.department.pk, *(former.pk for former in row.former)])
    listed = [*duties.departments, None]  # in the order of the city
    return Board([rows[pk] for pk in listed if pk in rows], total, _returned(round_, duties, today))


def returned_since(round_: Round) -> dict[int, date]:
    """Report → the day since which it has been returned, for those that are. A draft saved meanwhile changes
    nothing."""
    returned = Report.objects.filter(round=round_, state=State.RETURNED)
    since: dict[int, date] = {}
    history = Report.history.filter(id__in=returned.order_by().values("pk")).order_by("history_id")
    for pk, state, moment in history.values_list("id", "state", "history_date"):
        if state == State.RETURNED:
            since.setdefault(pk, timezone.localdate(moment))
        else:
            since.pop(pk, None)
    return since


def _returned(round_: Round, duties: Duties, today: date) -> list[Returned]:
    since = returned_since(round_)
    reports = Report.objects.filter(round=round_, state=State.RETURNED).select_related("program")
    found = []
    for report in reports.only("round", "state", "return_reason", "program__number", "program__name"):
        departments = [duties.owner(pk) for pk in duties.of_program.get(report.program_id, [])[:1]]
        day = since.get(report.pk, today)
        found.append(Returned(report, departments, day, (today - day).days))
    return sorted(found, key=lambda one: one.since)
