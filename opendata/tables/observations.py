"""A row of the tidy table: one published value, with all that says what it is a value of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from policies.models import Plan

THIS_SITE = "site"  # the source of what was published here
PLAN_LEVEL, POLICY_LEVEL, PROGRAM_LEVEL = "plan", "policy", "program"


class Observation(NamedTuple):
    """The columns of the tidy table in their order (opendata/tables/long.py says what each means); what does not apply is
    None. New columns go to the end."""

    plan: str
    program_number: str | None = None
    as_of: date | None = None
    fiscal_year: int | None = None
    measure: str = ""
    value: Any = None
    unit: str | None = None
    source: str = THIS_SITE
    is_fictional: bool = False
    indicator: int | None = None
    edition: str | None = None
    kind: str | None = None
    basis: str | None = None
    level: str = PROGRAM_LEVEL
    policy_number: int | None = None
    category: str | None = None
    account: str | None = None
    series: str | None = None
    axis: str | None = None
    plan_indicator: int | None = None


Observe = Callable[..., Observation]


def observe_in(plan: Plan) -> Observe:
    """Makes the observations of a plan from everything else that is known of them."""
    return partial(Observation, plan.slug, is_fictional=plan.is_fictional)
