"""計画内容: what an edition says about an item, as one value: typed, read, compared and saved in this form. No database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from core.text import plain_decimal

# What an indicator means: settled as soon as a frozen edition sets a target for it.
TYPED_FACTS = ("name", "unit", "better", "baseline", "baseline_fiscal_year", "baseline_note")
FACTS = ("number", *TYPED_FACTS)  # of an indicator
TEXTS = ("contents", "planned_years", "expected_effect", "revision_reason")


def plain_number(value: Decimal | None) -> str:
    """A number as people type it: 285.0000 → 285; unknown → ""."""
    return plain_decimal(value) or ""


@dataclass(frozen=True, slots=True)
class Target:
    """A target of one fiscal year: a number, words, or both."""

    value: Decimal | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return self.value is not None or bool(self.text)

    def __str__(self) -> str:
        return f"{plain_number(self.value)}{self.text}"


class Owner(NamedTuple):
    """A department as an edition names it; `successors` are the keys of those that took its work over, one after the other."""

    code: str
    name: str
    successors: tuple[int, ...] = ()


class IndicatorKey(NamedTuple):
    number: int
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class IndicatorContent:
    """An indicator with its targets in one edition; `pk` is None for a new one."""

    pk: int | None = None
    number: int | None = None
    name: str = ""
    unit: str = ""
    better: str = "up"  # Better.UP; models stand on this module
    baseline: Decimal | None = None
    baseline_fiscal_year: int | None = None
    baseline_note: str = ""
    targets: Mapping[int, Target] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:  # as Indicator takes them
        return {name: getattr(self, name) for name in TYPED_FACTS}

    def flat(self) -> dict[str, str]:
        baseline = plain_number(self.baseline)
        year = "" if self.baseline_fiscal_year is None else str(self.baseline_fiscal_year)
        flat = self.facts | {"baseline": baseline, "baseline_fiscal_year": year}
        for fiscal_year, target in self.targets.items():
            flat |= {f"value_{fiscal_year}": plain_number(target.value), f"text_{fiscal_year}": target.text}
        return flat


@dataclass(frozen=True, slots=True)
class Content:
    """All that one edition says about one item. Departments are ids, the leading one first, and so is the source; `owners`
    names the same departments where the content was read."""

    texts: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[int, ...] = ()
    year_plans: Mapping[int, str] = field(default_factory=dict)
    indicators: Mapping[str, IndicatorContent] = field(default_factory=dict)  # "i<pk>", or "n1", "n2" … for new ones
    source: int | None = None
    no_plan: frozenset[int] = frozenset()  # years of `year_plans` for which the source says that there is none
    owners: tuple[Owner, ...] = field(default=(), compare=False)

    @property
    def targets(self) -> dict[IndicatorKey, Mapping[int, Target]]:
        """What the edition sets targets for. An indicator without one is not in the edition."""
        return {
            IndicatorKey(one.number or 0, one.name, one.unit): one.targets
            for one in self.indicators.values()
            if one.targets
        }

    def flat(self) -> dict[str, str]:
        """Field name → text; what is empty is left out."""
        flat = {name: self.texts.get(name, "") for name in TEXTS}
        flat["source"] = "" if self.source is None else str(self.source)
        flat |= {f"department_{place}": str(pk) for place, pk in enumerate(self.departments, 1)}
        flat |= {f"year_{year}": text for year, text in self.year_plans.items()}
        flat |= {f"none_{year}": "on" for year in self.no_plan}
        for key, indicator in self.indicators.items():
            flat |= {f"{key}-{name}": value for name, value in indicator.flat().items()}
        return {name: value for name, value in flat.items() if value}


def fingerprint(flat: Mapping[str, str]) -> str:
    """Give a digest of a flat content: the same for the same content."""
    return hashlib.sha256(json.dumps(dict(flat), sort_keys=True).encode()).hexdigest()
