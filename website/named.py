"""Lists for citizens name the items that are known, and say how many more there are: nothing can be read in a row without
a name and without a grade. Files and counts have all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Count, Q

from figures.datasets import Items, Snapshot


class Unnamed(NamedTuple):
    """Items of one policy of which neither name nor grade is known."""

    number: int
    name: str
    items: int


def named(current: Snapshot, items: Items) -> tuple[Items, list[Unnamed]]:
    """The items of a snapshot that a list shows, and how many more there are by policy. One query."""
    if current.is_frozen:
        nothing, number, name = Q(name="", grade_code=""), "policy_number", "policy_name"
    else:
        ungraded = Q(current__pk=None) | Q(current__grade_code="")
        nothing, number, name = Q(name="") & ungraded, "policy__number", "policy__name"
    rows: Any = items.filter(nothing).order_by(number).values_list(number, name).annotate(items=Count("pk"))
    return items.exclude(nothing), [Unnamed(*row) for row in rows]
