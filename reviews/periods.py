"""What of check stands in the years of a plan."""

from __future__ import annotations

from collections.abc import Collection

from core.fiscal import first_day, last_day
from policies.models import Plan
from policies.periods import models_with_rows
from reviews.models import Effect, Round


def rows_in_years(sender: type[Plan], plan: Plan, years: Collection[int], **_: object) -> list[str]:
    """Rounds as of a day of these years, and effects of them."""
    days = (first_day(min(years)), last_day(max(years)))
    rounds = ["調査"] if Round.objects.filter(plan=plan, as_of__range=days).exists() else []
    return [*rounds, *models_with_rows(plan, years, {Effect: "program__plan"})]
