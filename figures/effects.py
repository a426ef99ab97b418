"""Effect amounts added up: by policy, item, account and fiscal year, each series by itself. `totals()` is pure.

An item may have an amount on several bases for one year and kind: first a budget, later the result. Only the surest counts,
so nothing is counted twice, and a sum says on which bases it stands. What was planned stands beside it and is never added.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from core.fiscal import year_lines
from core.money import STORED, in_unit
from core.plots import Columns, columns
from figures.models import PublishedFigure
from policies.models import Plan
from programs.models import UNREGISTERED_NAME, Program
from reviews.models import PLACE, Account, Basis, Effect, EffectKind, PublishedReport, ReportEffect, Series

_SURENESS = [basis for basis in Basis.values if basis != Basis.PLANNED]  # the order of the model
# Amounts of which nobody says how they were counted come first: most plans know one series alone.
_SERIES = ["", *Series.values]
ACCOUNTS = {**dict(Account.choices), "": "会計 未登録"}


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

    @property
    def subject(self) -> tuple[str, int, str, str, str]:
        """What it says something of: two amounts of one subject differ in their basis alone."""
        return self.program_number, self.fiscal_year, self.kind, self.account, self.series


def are_told_apart(plan: Plan) -> bool:
    """Whether any amount of a plan, reported, published or printed, says its account or how it was counted. One query."""
    said = ~Q(account="") | ~Q(series="")
    reported = ReportEffect.objects.filter(said, report__round__plan=plan).values("pk")
    printed = PublishedFigure.objects.filter(said, plan=plan).values("pk")
    return Effect.objects.filter(said, program__plan=plan).values("pk").union(reported, printed, all=True).exists()


def registered(plan: Plan, programs: QuerySet[Program, object] | None = None) -> list[EffectRow]:
    """List the amounts of a plan (of the items with these keys) in 千円 as they were published last, by item. One query."""
    effects = Effect.objects.filter(program__plan=plan, program__public_at__isnull=False)
    if programs is not None:
        effects = effects.filter(program__in=programs)
    return [
        EffectRow(*values)
        for values in effects.order_by("program__policy__number", "program__sort_key", *PLACE).values_list(
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


def rate(done: Decimal, planned: Decimal) -> Decimal | None:
    """How many percent of the plan was reached, to a tenth; None of a plan of 0."""
    return (100 * done / planned).quantize(Decimal("0.1"), ROUND_HALF_UP) if planned else None


@dataclass
class Sum:
    """Amounts by kind, and the bases on which they stand. A kind that nobody stated is unknown, not 0."""

    by_kind: dict[str, Decimal] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    by_part: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # (kind, basis) → amount
    planned: Decimal | None = None
    pending: int = 0  # planned amounts whose result is unknown
    is_partly_planned: bool = False  # over years: a year with a result had no plan

    def add(self, row: EffectRow) -> None:
        self.by_kind[row.kind] = self.by_kind.get(row.kind, Decimal()) + row.amount
        self.bases.add(row.basis)
        part = row.kind, row.basis
        self.by_part[part] = self.by_part.get(part, Decimal()) + row.amount

    def plan(self, row: EffectRow, *, is_pending: bool) -> None:
        self.planned = (self.planned or Decimal()) + row.amount
        self.pending += is_pending

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
    def difference(self) -> Decimal | None:
        """Result less plan; None where one of them is unknown, for a single amount or year too."""
        pair = self._pair
        return pair[0] - pair[1] if pair else None

    @property
    def rate(self) -> Decimal | None:
        pair = self._pair
        return rate(*pair) if pair else None

    @property
    def _pair(self) -> tuple[Decimal, Decimal] | None:
        if self.total is None or self.planned is None or self.pending or self.is_partly_planned:
            return None
        return self.total, self.planned

    @property
    def is_mixed(self) -> bool:
        return len(self.bases) > 1

    @property
    def basis_label(self) -> str:
        """実績, or 実績・予算が混在."""
        labels = "・".join(Basis(basis).label for basis in _SURENESS if basis in self.bases)
        return f"{labels}が混在" if self.is_mixed else labels


class TableLine(NamedTuple):
    """One line of a table: what it holds, and a number a year and over all years (None: unknown). `asks` are the kind and
    the basis of the amounts that were added up; None: its numbers are no sums."""

    label: str
    values: list[Decimal | None]
    is_total: bool = False
    suffix: str = ""
    asks: dict[str, str] | None = None


@dataclass
class SumLine:
    """A policy, an item, an account, or everything: one sum per fiscal year, and over all years.

    `over_years` is None of a running total: each year holds the years before it.
    """

    number: str
    name: str
    years: list[Sum]
    over_years: Sum | None

    @property
    def sums(self) -> list[Sum]:
        return [*self.years, self.over_years] if self.over_years else self.years

    @property
    def basis_label(self) -> str:
        return Sum(bases={basis for one in self.years for basis in one.bases}).basis_label

    @property
    def has_year_without_plan(self) -> bool:
        """A result of such a year is compared with nothing, so that the sums over years are not, either."""
        return any(one.total is not None and one.planned is None for one in self.years)

    @property
    def rows(self) -> list[TableLine]:
        """By kind, and their sum where there are two."""
        rows = [
            TableLine(kind.label, [one.by_kind.get(kind) for one in self.sums], asks={"kind": kind.value})
            for kind in EffectKind
            if any(kind in one.by_kind for one in self.years)
        ]
        return self._with_plan([*rows, self._sum] if len(rows) > 1 else rows)

    @property
    def rows_by_basis(self) -> list[TableLine]:
        """By kind and basis, and the sum of each basis: what is sure, budgeted and expected is no one amount."""
        keys: list[tuple[str, str]] = [
            (kind.value, basis)
            for kind in EffectKind
            for basis in _SURENESS
            if any((kind, basis) in one.by_part for one in self.years)
        ]
        rows = [
            TableLine(
                f"{EffectKind(kind).label}（{Basis(basis).label}）",
                [one.by_part.get((kind, basis)) for one in self.sums],
                asks={"kind": kind, "basis": basis},
            )
            for kind, basis in keys
        ]
        bases = [basis for basis in _SURENESS if any(of == basis for _, of in keys)]
        if len(bases) > 1:
            parts = {basis: [key for key in keys if key[1] == basis] for basis in bases}
            rows += [self._sum_of(basis, of_basis) for basis, of_basis in parts.items() if len(of_basis) > 1]
        elif len(rows) > 1:
            rows.append(self._sum)
        return self._with_plan(rows)

    @property
    def _sum(self) -> TableLine:
        return TableLine("計", [one.total for one in self.sums], is_total=True, asks={})

    def _sum_of(self, basis: str, parts: list[tuple[str, str]]) -> TableLine:
        found = [[one.by_part[part] for part in parts if part in one.by_part] for one in self.sums]
        values = [sum(amounts, Decimal()) if amounts else None for amounts in found]
        return TableLine(f"計（{Basis(basis).label}）", values, is_total=True, asks={"basis": basis})

    def _with_plan(self, rows: list[TableLine]) -> list[TableLine]:
        if any(one.planned is not None for one in self.years):
            rows = [
                *rows,
                TableLine("計画", [one.planned for one in self.sums], asks={"basis": Basis.PLANNED.value}),
                TableLine("計画との差", [one.difference for one in self.sums]),
                TableLine("達成率", [one.rate for one in self.sums], suffix="%"),
            ]
        return rows


@dataclass
class EffectTotals:
    """All sums of one series, in one unit."""

    series: str
    unit: str
    fiscal_years: list[int]
    policies: list[SumLine]
    programs: list[SumLine]
    accounts: list[SumLine]  # none where no amount says its account
    everything: SumLine

    @property
    def label(self) -> str:
        """累計, or "" where nobody says how was counted."""
        return Series(self.series).label if self.series else ""

    @property
    def chart_suffix(self) -> str:
        """Of the names of its charts."""
        return f"-{self.series}" if self.series else ""

    @property
    def adds_up(self) -> bool:
        """Whether years may be added up: a running total holds those before it."""
        return self.series != Series.CUMULATIVE

    @property
    def is_mixed(self) -> bool:
        return self.everything.basis_label.endswith("混在")

    @property
    def basis_label(self) -> str:
        return self.everything.basis_label

    @property
    def pending(self) -> int:
        """How many planned amounts have no result yet."""
        return sum(one.pending for one in self.everything.years)

    @property
    def has_plan(self) -> bool:
        return any(one.planned is not None for one in self.everything.years)

    @property
    def is_partly_planned(self) -> bool:
        """Whether a line has no difference over years, because a year of it had no plan."""
        return self.adds_up and any(
            line.has_year_without_plan and any(one.planned is not None for one in line.years)
            for line in (self.everything, *self.policies, *self.programs, *self.accounts)
        )

    @property
    def has_results(self) -> bool:
        return any(one.bases for one in self.everything.years)

    @property
    def year_chart(self) -> Columns:
        return columns(
            [(year_lines(year), one.parts) for year, one in zip(self.fiscal_years, self.everything.years, strict=True)],
            unit=self.unit,
            below="年度",
        )

    @property
    def policy_chart(self) -> Columns | None:
        """None of a running total, whose years cannot be added up."""
        return columns(
            [(line.number, line.over_years.parts if line.over_years else []) for line in self.policies],
            unit=self.unit,
            below="番号",
        )

    @property
    def parts(self) -> list[tuple[str, str, str, str]]:
        """(kind, basis, their names) of all amounts, for the legend."""
        found = {part for one in self.everything.years for part in one.by_part}
        return [
            (kind.value, basis, kind.label, Basis(basis).label)
            for kind in EffectKind
            for basis in _SURENESS
            if (kind, basis) in found
        ]


def surest(rows: Iterable[EffectRow]) -> list[EffectRow]:
    """Keep, of the amounts of one subject, the one on the surest basis. What was planned is no result."""
    best: dict[object, EffectRow] = {}
    for row in rows:
        if row.basis == Basis.PLANNED:
            continue
        if row.subject not in best or _SURENESS.index(row.basis) < _SURENESS.index(best[row.subject].basis):
            best[row.subject] = row
    return list(best.values())


def planned(rows: Iterable[EffectRow]) -> list[EffectRow]:
    return [row for row in rows if row.basis == Basis.PLANNED]


def totals(rows: Iterable[EffectRow], unit: str = STORED, *, lines: Container[str] | None = None) -> list[EffectTotals]:
    """Add amounts in 千円 up in `unit`, in the order in which the rows come. Each series by itself; none for no rows. Items
    have a line each, or those alone whose numbers are in `lines`; every sum is of all."""
    by_series: dict[str, list[EffectRow]] = {}
    for row in rows:
        by_series.setdefault(row.series, []).append(row._replace(amount=in_unit(row.amount, unit)))
    return [_add_up(series, unit, by_series[series], lines) for series in _SERIES if series in by_series]


def _add_up(series: str, unit: str, rows: Sequence[EffectRow], own_lines: Container[str] | None) -> EffectTotals:
    counted, plans = surest(rows), planned(rows)
    done = {row.subject for row in counted}
    fiscal_years = sorted({row.fiscal_year for row in rows})
    adds_up = series != Series.CUMULATIVE

    def lines(key: Callable[[EffectRow], tuple[str, str]], only: Container[str] | None = None) -> list[SumLine]:
        def of(some: Iterable[EffectRow]) -> Iterator[EffectRow]:
            return (row for row in some if only is None or row.program_number in only)

        found: dict[tuple[str, str], SumLine] = {}
        for row in of(rows):  # in the order in which they come
            if (who := key(row)) not in found:
                found[who] = SumLine(*who, [Sum() for _ in fiscal_years], Sum() if adds_up else None)
        for row in of(counted):
            line = found[key(row)]
            for one in filter(None, (line.years[fiscal_years.index(row.fiscal_year)], line.over_years)):
                one.add(row)
        for row in of(plans):
            line = found[key(row)]
            for one in filter(None, (line.years[fiscal_years.index(row.fiscal_year)], line.over_years)):
                one.plan(row, is_pending=row.subject not in done)
        for line in found.values():
            if line.over_years:
                line.over_years.is_partly_planned = line.has_year_without_plan
        return list(found.values())

    has_accounts = any(row.account for row in rows)
    by_account = lines(lambda row: (row.account, ACCOUNTS[row.account])) if has_accounts else []
    return EffectTotals(
        series,
        unit,
        fiscal_years,
        lines(lambda row: (str(row.policy_number), row.policy_name)),
        lines(lambda row: (row.program_number, row.program_name or UNREGISTERED_NAME), own_lines),
        sorted(by_account, key=lambda line: list(ACCOUNTS).index(line.number)),
        lines(lambda row: ("", "計"))[0],
    )
