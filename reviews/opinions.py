"""意見・助言 of the committee: who writes it, and how it gets its number."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from policies.models import Plan
from reviews.models import Opinion

# What a member fills in; the rest is the office's.
WRITTEN_BY_MEMBERS = ("plan", "meeting", "program", "policy", "text")


def may_edit(opinion: Opinion, by: User) -> bool:
    """The office always; a member the own opinion, until it is published."""
    if not (by.is_active and by.has_perm("reviews.change_opinion")):
        return False
    return by.has_perm("reviews.answer_opinion") or (opinion.author_id == by.pk and opinion.published_on is None)


def record(opinion: Opinion, *, by: User) -> Opinion:
    """Store an opinion that was filled in; a new one gets its number, day and author.

    Raises PermissionDenied when the person may not write it.
    """
    office = by.has_perm("reviews.answer_opinion")
    if opinion.pk is None:
        allowed = by.is_active and by.has_perm("reviews.add_opinion")
    else:
        allowed = may_edit(Opinion.objects.get(pk=opinion.pk), by)
    if not allowed:
        raise PermissionDenied("この意見を書く権限がありません。")
    with transaction.atomic():
        if opinion.pk is None:
            # Two members who write at once wait for each other here, or they would get the same number.
            Plan.objects.select_for_update().get(pk=opinion.plan_id)
            if not office:
                opinion.author = by
            opinion.given_on = opinion.given_on or timezone.localdate()
            opinion.key = _next_key(opinion.plan_id, opinion.given_on)
        opinion._history_user = by  # type: ignore[attr-defined]
        opinion.save()
    return opinion


def _next_key(plan: int, day: date) -> str:
    """2014-1, 2014-2, …: the calendar year and a running number."""
    prefix = f"{day.year}-"
    keys = Opinion.objects.filter(plan=plan, key__startswith=prefix).values_list("key", flat=True)
    numbers = [int(key.removeprefix(prefix)) for key in keys if key.removeprefix(prefix).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1}"
