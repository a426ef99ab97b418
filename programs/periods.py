"""What of the promise stands in the years of a plan."""

from __future__ import annotations

from collections.abc import Collection

from policies.models import Edition, Plan
from policies.periods import models_with_rows
from programs.models import (
    IndicatorActual,
    IndicatorTarget,
    PlanIndicatorActual,
    PlanIndicatorTarget,
    YearPlan,
)

_ROWS = {
    YearPlan: "program_edition__program__plan",
    IndicatorTarget: "indicator__program__plan",
    IndicatorActual: "indicator__program__plan",
    PlanIndicatorTarget: "indicator__plan",
    PlanIndicatorActual: "indicator__plan",
}


def rows_in_years(sender: type[Plan], plan: Plan, years: Collection[int], **_: object) -> list[str]:
    """Frozen editions that speak for these years, and rows of them."""
    frozen = Edition.objects.filter(plan=plan, frozen_at__isnull=False)
    speak = frozen.filter(first_fiscal_year__lte=max(years), last_fiscal_year__gte=min(years)).exists()
    return [*(["確定した版"] if speak else []), *models_with_rows(plan, years, _ROWS)]
