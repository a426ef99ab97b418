"""The rounds' place in the order of policies/locking.py: after the plan, before everything else of it."""

from __future__ import annotations

from reviews.models import Round


def lock_round(pk: int) -> Round:
    """The round as it is now, locked until the end of the transaction. Raises Round.DoesNotExist."""
    return Round.objects.select_for_update(of=("self",)).select_related("plan", "edition").get(pk=pk)


def lock_rounds(**of: object) -> list[Round]:
    """The rounds that meet a condition, locked until the end of the transaction."""
    return list(Round.objects.select_for_update(of=("self",)).filter(**of).order_by("pk"))
