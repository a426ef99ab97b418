"""意見・助言 of the committee: who writes it, who has not yet, and how it gets its number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from committee.models import CommitteeMember, Meeting, Opinion
from core.history import signed
from policies.locking import lock_plan

# What a member fills in; the rest is the office's.
WRITTEN_BY_MEMBERS = ("plan", "meeting", "program", "policy", "text")


def may_edit(opinion: Opinion, by: User) -> bool:
    """Whether a person may change an opinion: the office always; a member the own opinion, until it is published."""
    if not (by.is_active and by.has_perm("committee.change_opinion")):
        return False
    return by.has_perm("committee.answer_opinion") or (opinion.author_id == by.pk and opinion.published_on is None)


def record(opinion: Opinion, *, by: User) -> Opinion:
    """Store an opinion that was filled in; a new one gets its number, day and author.

    Raises PermissionDenied when the person may not write it.
    """
    office = by.has_perm("committee.answer_opinion")
    if opinion.pk is None:
        allowed = by.is_active and by.has_perm("committee.add_opinion")
    else:
        allowed = may_edit(Opinion.objects.get(pk=opinion.pk), by)
    if not allowed:
        raise PermissionDenied("この意見を書く権限がありません。")
    with transaction.atomic():
        if opinion.pk is None:
            # Two members who write at once wait for each other here, or they would get the same number.
            lock_plan(opinion.plan_id)
            if not office:
                opinion.author = by
            opinion.given_on = opinion.given_on or timezone.localdate()
            opinion.key = _next_key(opinion.plan_id, opinion.given_on)
        signed(opinion, by, "記入").save()
    return opinion


def _next_key(plan: int, day: date) -> str:
    """2014-1, 2014-2, …: the calendar year and a running number."""
    prefix = f"{day.year}-"
    keys = Opinion.objects.filter(plan=plan, key__startswith=prefix).values_list("key", flat=True)
    numbers = [int(key.removeprefix(prefix)) for key in keys if key.removeprefix(prefix).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1}"


class Seat(NamedTuple):
    """A member, and how many opinions the member has written for a meeting."""

    member: CommitteeMember
    written: int


@dataclass
class Preparation:
    """A meeting that is to come, as one person prepares it. `seats` is empty for whom it does not concern who has
    written."""

    meeting: Meeting
    own: int = 0
    seats: list[Seat] = field(default_factory=list)

    @property
    def silent(self) -> list[CommitteeMember]:
        """Who has not written yet."""
        return [seat.member for seat in self.seats if not seat.written]


def may_see_seats(user: User, plan: int) -> bool:
    """Whether a person may know who of the committee has written: the chair of the plan's committee, and the office.
    `plan` is its key. At most one query of its own."""
    return bool(
        user.has_perm("committee.answer_opinion")
        or (
            user.has_perm("committee.add_opinion")
            and CommitteeMember.objects.filter(plan=plan, user=user, is_chair=True).exists()
        )
    )


def seats(meetings: Iterable[Meeting]) -> dict[int, list[Seat]]:
    """Count the opinions of the members for each meeting: meeting → its seats, the chair first. Two queries."""
    wanted = list(meetings)
    written = {
        (meeting, author): count
        for meeting, author, count in Opinion.objects.filter(meeting__in=[each.pk for each in wanted])
        .order_by()
        .values_list("meeting", "author")
        .annotate(count=Count("pk"))
    }
    members = list(CommitteeMember.objects.filter(plan__in={each.plan_id for each in wanted}).select_related("user"))
    return {
        each.pk: [
            Seat(member, written.get((each.pk, member.user_id), 0))
            for member in members
            if member.plan_id == each.plan_id
        ]
        for each in wanted
    }


def preparations(user: User) -> list[Preparation]:
    """List the next meeting of each committee on which the person sits (of every plan for the office). Four queries."""
    office = user.has_perm("committee.answer_opinion")
    chaired = dict(CommitteeMember.objects.filter(user=user).values_list("plan", "is_chair"))
    coming = Meeting.objects.filter(held_on__gte=timezone.localdate()).select_related("plan").order_by("held_on")
    first: dict[int, Meeting] = {}
    for meeting in coming if office else coming.filter(plan__in=chaired):
        first.setdefault(meeting.plan_id, meeting)
    by_meeting = seats(first.values())
    found = []
    for meeting in first.values():
        all_seats = by_meeting[meeting.pk]
        own = sum(seat.written for seat in all_seats if seat.member.user_id == user.pk)
        shown = all_seats if office or chaired.get(meeting.plan_id) else []
        found.append(Preparation(meeting, own, shown))
    return found
