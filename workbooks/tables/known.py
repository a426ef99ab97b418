"""What a plan has already, as far as reading somebody's table asks for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Department
from core.text import as_seen
from policies.models import Edition, Plan
from programs.models import Indicator, Program


class KnownIndicator(NamedTuple):
    """An indicator of an item that the plan has already."""

    number: int
    unit: str
    better: str
    baseline: Decimal | None
    baseline_year: int | None
    baseline_note: str


@dataclass(frozen=True)
class KnownPlan:
    slug: str
    first_year: int
    last_year: int
    edition: str  # key
    edition_name: str = ""
    edition_is_new: bool = False
    source: str = ""
    policies: dict[int, str] = field(default_factory=dict)
    directions: dict[int, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)  # number → name
    policy_of: dict[str, int] = field(default_factory=dict)  # item's number → its policy's
    departments: dict[str, str] = field(default_factory=dict)  # name as it is seen → code
    codes: frozenset[str] = frozenset()
    # Item's number → name of an indicator as it is seen → what is registered of it.
    indicators: dict[str, dict[str, KnownIndicator]] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))


FIRST_EDITION = ("original", "当初")


def known_of(plan: Plan, edition: Edition | None, source: str = "") -> KnownPlan:
    """Without an edition the plan's first one is made."""
    departments = Department.objects.filter(city=plan.city).values_list("name", "code")
    indicators: dict[str, dict[str, KnownIndicator]] = defaultdict(dict)
    facts = ("number", "unit", "better", "baseline", "baseline_fiscal_year", "baseline_note")
    for program, name, *row in Indicator.objects.filter(program__plan=plan).values_list(
        "program__number", "name", *facts
    ):
        indicators[program][as_seen(name)] = KnownIndicator(*row)
    programs = list(Program.objects.filter(plan=plan).values_list("number", "name", "policy__number"))
    return KnownPlan(
        slug=plan.slug,
        first_year=plan.first_fiscal_year,
        last_year=plan.last_fiscal_year,
        edition=edition.key if edition else FIRST_EDITION[0],
        edition_name=edition.name if edition else FIRST_EDITION[1],
        edition_is_new=edition is None,
        source=source,
        policies=dict(plan.policies.values_list("number", "name")),
        directions=dict(plan.directions.values_list("number", "name")),
        programs={number: name for number, name, _policy in programs},
        policy_of={number: policy for number, _name, policy in programs},
        departments={as_seen(name): code for name, code in departments},
        codes=frozenset(code for _name, code in departments),
        indicators=dict(indicators),
    )
