"""Of which items each move of the published version may have changed what is searched: a short text beside its number, written
with it in one statement (docs/decisions/0072-touched-items.md). Oldest first; its beginning is cut off when it grows long.

`;1764309600123456:12,13` is one move: its moment, and the keys of the items; `p3` is the whole plan 3, `*` everything.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

MOST = 100  # items of one move, above which it is one of everything
LENGTH = 4_000  # of the text: some hundred moves
EVERYTHING = "*"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def whole(plan: int) -> str:
    """How a whole plan stands among the items."""
    return f"p{plan}"


def entry(moment: datetime, reached: Collection[str]) -> str:
    """One move, as it is appended."""
    items = EVERYTHING if len(reached) > MOST or EVERYTHING in reached else ",".join(sorted(reached))
    return f";{_stamp(moment)}:{items}"


def between(before: tuple[int, datetime], number: int, text: str, plan: int) -> frozenset[int] | None:
    """The items that were touched after one version (number and moment) up to another that has this number and text. None:
    the plan as a whole, or nobody knows. The moment tells whether the text goes on from that very version, and not from
    one of a database that was brought back."""
    earlier, moment = before
    moves = [move.partition(":") for move in text.split(";")[1:]]  # what stands before the first may be cut off
    place = len(moves) - 1 - (number - earlier)
    if number < earlier or place < 0 or moves[place][0] != _stamp(moment):
        return None
    reached = {one for _, _, items in moves[place + 1 :] for one in items.split(",") if one}
    if not reached.isdisjoint({EVERYTHING, whole(plan)}):
        return None
    return frozenset(int(one) for one in reached if one.isdigit())


def _stamp(moment: datetime) -> str:
    return str((moment - _BEGINNING) // timedelta(microseconds=1))
