"""Effect amounts added up: by policy, item and fiscal year, in 千円. `add_up()` is pure.

An item may have an amount on several bases for one year and kind: first a budget, later the result. Only the surest counts,
so nothing is counted twice, and a sum says on which bases it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from core.plots import Columns, columns
from policies.models import Plan
from programs.models import UNREGISTERED_NAME
from reviews.models import Basis, Effect, EffectKind, EffectPlace, PublishedReport

_SURENESS = list(Basis.values)  # the order of the model: results, budgets, forecasts


class EffectRow(NamedTuple):
    policy_number: int
    policy_name: str
    program_number: str
    program_name: str
    fiscal_year: int
    kind: str
    basis: str
    amount: Decimal
    account: str = ""
    series: str = ""


def registered(plan: Plan) -> list[EffectRow]:
    """List the amounts of a plan in 千円 as they were published last, by item. One query."""
    return [
        EffectRow(*values)
        for values in Effect.objects.filter(program__plan=plan)
        .order_by("program__policy__number", "program__sort_key", *EffectPlace._fields)
        .values_list(
            *("program__policy__number", "program__policy__name", "program__number", "program__name"),
            *("fiscal_year", "kind", "basis", "amount", "account", "series"),
        )
    ]


def frozen(rows: Iterable[PublishedReport]) -> list[EffectRow]:
    """List the amounts in 千円 that reports of a published round gave, under the names of then."""
    return [
        EffectRow(
            *(row.policy_number, row.policy_name, row.number, row.name),
            *(effect["fiscal_year"], effect["kind"], effect["basis"], Decimal(effect["amount"])),
            *(effect.get("account", ""), effect.get("series", "")),
        )
        for row in rows
        for effect in row.effects
    ]


@dataclass
class Sum:
    """Amounts by kind, and the bases on which they stand. A kind that nobody stated is unknown, not 0."""

    by_kind: dict[str, Decimal] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    by_part: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # (kind, basis) → amount

    def add(self, row: EffectRow) -> None:
        self.by_kind[row.kind] = self.by_kind.get(row.kind, Decimal()) + row.amount
        self.bases.add(row.basis)
        part = row.kind, row.basis
        self.by_part[part] = self.by_part.get(part, Decimal()) + row.amount

    @property
    def parts(self) -> list[tuple[tuple[str, str], Decimal]]:
        """In the order of kinds, the surest basis first."""
        return [
            ((kind, basis), self.by_part[kind, basis])
            for kind in EffectKind.values
            for basis in _SURENESS
            if (kind, basis) in self.by_part
        ]

    @property
    def total(self) -> Decimal | None:
        return sum(self.by_kind.values(), Decimal()) if self.by_kind else None

    @property
    def revenue(self) -> Decimal | None:
        return self.by_kind.get(EffectKind.REVENUE)

    @property
    def saving(self) -> Decimal | None:
        return self.by_kind.get(EffectKind.SAVING)

    @property
    def is_mixed(self) -> bool:
        return len(self.bases) > 1

    @property
    def basis_label(self) -> str:
        """実績, or 実績・予算が混在."""
        labels = "・".join(Basis(basis).label for basis in _SURENESS if basis in self.bases)
        return f"{labels}が混在" if self.is_mixed else labels


@dataclass
class SumLine:
    """A policy, an item, or everything: one sum per fiscal year, and over all years."""

    number: str
    name: str
    years: list[Sum]
    over_years: Sum


@dataclass
class Totals:
    fiscal_years: list[int]
    policies: list[SumLine]
    programs: list[SumLine]
    everything: SumLine

    @property
    def is_mixed(self) -> bool:
        return self.everything.over_years.is_mixed

    @property
    def year_chart(self) -> Columns:
        return columns(
            [(year, sum_.parts) for year, sum_ in zip(self.fiscal_years, self.everything.years, strict=True)]
        )

    @property
    def policy_chart(self) -> Columns:
        return columns([(line.number, line.over_years.parts) for line in self.policies])

    @property
    def by_year(self) -> list[tuple[int, list[Decimal | None], Sum]]:
        """(fiscal year, amounts in the order of `parts`, their sum)."""
        keys = [key for key, _ in self.everything.over_years.parts]
        return [
            (year, [found.by_part.get(key) for key in keys], found)
            for year, found in zip(self.fiscal_years, self.everything.years, strict=True)
        ]

    @property
    def parts(self) -> list[tuple[str, str, str, str]]:
        """(kind, basis, their names) of all amounts, for the legend."""
        return [
            (kind, basis, EffectKind(kind).label, Basis(basis).label)
            for (kind, basis), _ in self.everything.over_years.parts
        ]


def surest(rows: Iterable[EffectRow]) -> list[EffectRow]:
    """Keep, of the amounts that say the same of an item and year, the one on the surest basis. What was planned is no result."""
    best: dict[tuple[str, int, str, str, str], EffectRow] = {}
    for row in rows:
        if row.basis == Basis.PLANNED:
            continue
        key = (row.program_number, row.fiscal_year, row.kind, row.account, row.series)
        if key not in best or _SURENESS.index(row.basis) < _SURENESS.index(best[key].basis):
            best[key] = row
    return list(best.values())


def add_up(rows: Iterable[EffectRow]) -> Totals:
    """Add amounts up in the order in which the rows come: by policy, by item and in all."""
    counted = surest(rows)
    years = sorted({row.fiscal_year for row in counted})

    def lines(key: Callable[[EffectRow], tuple[str, str]]) -> list[SumLine]:
        cells: Mapping[tuple[str, str], dict[int, Sum]] = defaultdict(lambda: defaultdict(Sum))
        over: dict[tuple[str, str], Sum] = defaultdict(Sum)
        for row in counted:
            cells[key(row)][row.fiscal_year].add(row)
            over[key(row)].add(row)
        return [SumLine(*who, [by_year[year] for year in years], over[who]) for who, by_year in cells.items()]

    whole = lines(lambda row: ("", "計")) or [SumLine("", "計", [], Sum())]
    return Totals(
        years,
        lines(lambda row: (str(row.policy_number), row.policy_name)),
        lines(lambda row: (row.program_number, row.program_name or UNREGISTERED_NAME)),
        whole[0],
    )
