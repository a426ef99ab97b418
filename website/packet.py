"""The packet of a meeting: what the committee has before it on that day.

Everything is told as of the day of the meeting: the round that was published last by then, the opinions that were waiting, the
answers since the meeting before. What was answered later stands beside it. Only published data is read here; the members' own
page asks for unpublished opinions by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from committee.models import KeyProgram, Meeting, Opinion
from core.fiscal import first_day, fiscal_year_of
from figures.axes import AxisCounts, counts_by_axis, with_judgements
from figures.counts import Distribution, distribution
from figures.datasets import Snapshot, published_rounds, snapshot
from figures.models import PublishedFigure
from figures.rows import ErratumRow, GradeChange, ProgramRow
from policies.models import UNCOMPARED, Edition, Plan, Source, Tone

SHOWN = 100  # items of a list; a packet is read on paper


@dataclass
class MeetingLine:
    """A meeting with its documents."""

    meeting: Meeting
    documents: list[Source] = field(default_factory=list)

    @property
    def held_on(self) -> date:
        return self.meeting.held_on

    @property
    def title(self) -> str:
        return self.meeting.title or self.committee

    @property
    def committee(self) -> str:
        return self.meeting.plan.committee_name or "推進委員会"

    @property
    def full_title(self) -> str:
        """The committee and which of its meetings."""
        return f"{self.committee} {self.meeting.title}".strip()


def meeting_lines(plan: Plan, meetings: QuerySet[Meeting]) -> list[MeetingLine]:
    """Of `meetings` those of the plan, newest first, with its documents. One query."""
    own = ("pk", "held_on", "title", "place", "agenda", "opinions_due_on")
    fields = ("key", "title", "publisher", "date", "updated", "url")
    lines: dict[int, MeetingLine] = {}
    for values in (
        meetings.filter(plan=plan)
        .order_by("-held_on", "documents__key")
        .values_list(*own, *(f"documents__{name}" for name in fields))
    ):
        pk, document = values[0], values[len(own) :]
        if pk not in lines:
            lines[pk] = MeetingLine(Meeting(plan=plan, **dict(zip(own, values, strict=False))))
        if document[0] is not None:
            lines[pk].documents.append(Source(**dict(zip(fields, document, strict=True))))
    return list(lines.values())


@dataclass(frozen=True)
class KeyItem:
    """主要管理項目 of the meeting's fiscal year; `row` is what the round said about it, None where nothing was published."""

    key: KeyProgram
    row: ProgramRow | None


@dataclass
class Packet:
    """All parts of the packet; an empty list is a part about which there is nothing to say."""

    line: MeetingLine
    newer: MeetingLine | None
    older: MeetingLine | None
    snapshot: Snapshot | None = None
    counts: Distribution | None = None
    axes: list[AxisCounts] = field(default_factory=list)  # beside the first
    worse: list[ProgramRow] = field(default_factory=list)
    behind: list[ProgramRow] = field(default_factory=list)  # those that were behind before, too
    watched: list[KeyItem] = field(default_factory=list)
    errata: list[ErratumRow] = field(default_factory=list)  # to what the round said of the named items
    revisions: list[Any] = field(default_factory=list)  # Edition with `printed`, `unit` and `marked`
    given: list[Opinion] = field(default_factory=list)
    waiting: list[Opinion] = field(default_factory=list)
    answered: list[Opinion] = field(default_factory=list)

    @property
    def meeting(self) -> Meeting:
        return self.line.meeting

    @property
    def has_packet(self) -> bool:
        """Whether anything is known that a packet could hold: one that says 未登録 throughout is none."""
        told = (self.snapshot, self.watched, self.given, self.waiting, self.answered, self.meeting.agenda_lines)
        return any(told)

    @property
    def documents(self) -> list[Source]:
        return self.line.documents

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.meeting.held_on)

    @property
    def is_another_scale(self) -> bool:
        """Whether its round judges by another scale than the one before, so that nothing is better or worse."""
        return self.snapshot is not None and self.snapshot.previous is not None and not self.snapshot.is_comparable

    @property
    def more_worse(self) -> int:
        return self.counts.changes[GradeChange.WORSE] - len(self.worse) if self.counts else 0

    @property
    def more_behind(self) -> int:
        """Items that are behind and stand in neither list."""
        if self.counts is None:
            return 0
        total = sum(count for grade, count in self.counts.cells if grade.tone == Tone.BEHIND)
        return total - len(self.behind) - sum(row.tone == Tone.BEHIND for row in self.worse)


def packet(plan: Plan, held_on: date, opinions: QuerySet[Opinion], meetings: QuerySet[Meeting]) -> Packet | None:
    """The packet of the meeting of that day; None if there is none. At most seven queries, one where
    something of it was corrected, and three for a plan that judges by several axes.

    `opinions` and `meetings` are those that the reader may see: `published()` and `shown()` for everybody.
    """
    lines = meeting_lines(plan, meetings)
    index = next((index for index, line in enumerate(lines) if line.meeting.held_on == held_on), None)
    if index is None:
        return None
    newer = lines[index - 1] if index else None
    older = lines[index + 1] if index + 1 < len(lines) else None
    found = Packet(lines[index], newer, older)
    keys = list(
        KeyProgram.objects.filter(program__plan=plan, program__public_at__isnull=False, fiscal_year=found.fiscal_year)
        .select_related("program__plan")
        .order_by("program__sort_key")
    )
    rounds = [
        each
        for each in published_rounds(plan)
        if (each.released_on or timezone.localdate(each.published_at)) <= held_on
    ]
    rows: dict[int, ProgramRow] = {}
    if rounds:
        current = snapshot(plan, rounds, as_of=rounds[0].as_of)
        found.snapshot, found.counts = current, distribution(current)
        chosen = _worth_a_word(current, [key.program_id for key in keys])
        named = chosen[: 2 * SHOWN + len(keys)]
        rows = {row.pk: row for row in current.rows(named)}
        if any(row.corrected for row in rows.values()):
            numbers = {row.number for row in rows.values()}
            found.errata = [each for each in current.errata() if each.program_number in numbers]
        rows = {row.pk: row for row in with_judgements(rows.values(), current.round)} if current.round else rows
        found.axes = counts_by_axis(rounds[0], found.counts.total.items)
    found.worse = [row for row in rows.values() if row.change == GradeChange.WORSE][:SHOWN]
    found.behind = [row for row in rows.values() if row.tone == Tone.BEHIND and row.change != GradeChange.WORSE][:SHOWN]
    found.watched = [KeyItem(key, rows.get(key.program_id)) for key in keys]
    found.revisions = _revisions(plan, held_on)
    _sort_opinions(found, opinions.filter(plan=plan), older.meeting.held_on if older else None)
    return found


def _worth_a_word(current: Snapshot, keys: Sequence[int]) -> Any:
    """The items that the packet names: watched ones first, then worsened ones, then those that are behind."""
    worse = Q(grade_order__gt=F("previous__grade_order"))
    worse &= ~Q(tone__in=UNCOMPARED) & ~Q(previous__tone__in=UNCOMPARED)
    yes, no = Value(True, BooleanField()), Value(False, BooleanField())
    # Without keys, is_watched is a constant, which PostgreSQL does not order by.
    watched_first = ["-is_watched"] if keys else []
    return (
        current.programs()
        .annotate(
            is_watched=Case(When(program__in=keys, then=yes), default=no),
            is_worse=Case(When(worse, then=yes), default=no) if current.is_comparable else no,
        )
        .filter(Q(is_watched=True) | Q(is_worse=True) | Q(tone=Tone.BEHIND))
        .order_by(*watched_first, "-is_worse", "sort_key", "pk")
    )


def _revisions(plan: Plan, held_on: date) -> list[Any]:
    """Published revisions that were known on the day, newest first, with their published and marked counts. One query."""
    printed = (
        PublishedFigure.objects.current()
        .filter(edition=OuterRef("pk"), measure=PublishedFigure.Measure.REVISED_ITEMS, policy=None)
        .order_by("key")
    )
    editions = (
        Edition.objects.filter(plan=plan)
        .select_related("revision__from_edition")
        .annotate(
            printed=Subquery(printed.values("printed")[:1]), marked=Count("revision__marks__program", distinct=True)
        )
        .order_by("-first_fiscal_year")
    )
    found = []
    for edition in editions:
        revision = getattr(edition, "revision", None)
        settled = revision and edition.frozen_at and revision.from_edition.frozen_at
        known_from = (revision.decided_on if revision else None) or first_day(edition.first_fiscal_year)
        if (settled or edition.printed) and known_from <= held_on:
            found.append(edition)
    return found


def _sort_opinions(found: Packet, opinions: QuerySet[Opinion], since: date | None) -> None:
    """Into those of the meeting, those that waited for an answer on its day, and those answered since the meeting before.

    One query; an opinion stands in the first part that it fits.
    """
    meeting, day = found.meeting, found.meeting.held_on
    waits = Q(given_on__lte=day) & (Q(answered_on=None) | Q(answered_on__gt=day))
    answered = Q(answered_on__lte=day, given_on__lte=day)
    if since is not None:
        answered &= Q(answered_on__gt=since)
    asked: Iterable[Opinion] = (
        opinions.filter(Q(meeting=meeting.pk) | waits | answered)
        .select_related("program__plan", "policy__plan", "meeting")
        .order_by("given_on", "key")
    )
    for opinion in asked:
        if opinion.meeting_id == meeting.pk:
            found.given.append(opinion)
        elif opinion.answered_on is None or opinion.answered_on > day:
            found.waiting.append(opinion)
        else:
            found.answered.append(opinion)
