"""What the items of the sample plan reported in each round, as rows of the plan workbook. Pure: items in, rows out.

What was done stands in the item's block, written by hand for every half-year. In March the figures of the year are added in
words, as departments do; indicators that are settled late are a forecast in March and confirmed in September.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.fiscal import era_fiscal_year, fiscal_year_of
from demo.promise import EDITIONS, REVISED_YEARS, YEARS, Row, SampleIndicator, SampleItem, table
from workbooks.plan.changes import RawTable

ROUNDS = tuple(day for year in YEARS for day in (date(year, 9, 30), date(year + 1, 3, 31)))
NOT_REPORTED = "未報告"
SAME = "前回と同じ"
_GRADES = "SAB"


@dataclass(frozen=True)
class SampleActual:
    indicator: int
    fiscal_year: int
    value: Decimal | None
    is_forecast: bool = False
    note: str = ""


@dataclass(frozen=True)
class SampleAmount:
    fiscal_year: int
    kind: str
    basis: str
    amount: int
    note: str


@dataclass(frozen=True)
class Reported:
    """A report as a department wrote it."""

    grade: str
    progress: str
    evidence: str = ""
    delay_cause: str = ""
    delay_reason: str = ""
    remedy: str = ""
    recovery_on: date | None = None
    contributions: dict[str, str] = field(default_factory=dict)
    actuals: list[SampleActual] = field(default_factory=list)
    effects: list[SampleAmount] = field(default_factory=list)


def tables(items: list[SampleItem]) -> list[RawTable]:
    """The reports of all items in all rounds; an item that reported nothing has its draft."""
    rounds = [
        (as_of, item, said, entry)
        for item in items
        for as_of, said, entry in zip(ROUNDS, reports_of(item), item.reports, strict=True)
        if entry is not None
    ]
    said_rows = [({"as_of": as_of, "program": item.number}, said) for as_of, item, said, _entry in rounds if said]
    return [
        table("reports", (_row(as_of, item, said) for as_of, item, said, _entry in rounds)),
        table("report_actuals", (key | vars(one) for key, said in said_rows for one in said.actuals)),
        table("report_effects", (key | vars(one) for key, said in said_rows for one in said.effects)),
        table(
            "contributions",
            (
                key | {"department": code, "text": text}
                for key, said in said_rows
                for code, text in said.contributions.items()
            ),
        ),
    ]


def _row(as_of: date, item: SampleItem, said: Reported | None) -> Row:
    row: Row = {"as_of": as_of, "program": item.number}
    if said is None:
        return row | {"state": "draft"}
    return row | {name: value for name, value in vars(said).items() if not isinstance(value, list | dict)}


def reports_of(item: SampleItem) -> list[Reported | None]:
    """One an as-of date of ROUNDS; None where the item was not there yet or nothing was reported."""
    found: list[Reported | None] = []
    for as_of, entry in zip(ROUNDS, item.reports, strict=True):
        found.append(_report(item, as_of, entry, found[-1] if found else None))
    return found


def _report(item: SampleItem, as_of: date, entry: Any, last: Reported | None) -> Reported | None:
    if entry is None or entry == NOT_REPORTED:
        return None
    grade = next(code for code in _GRADES if code in entry)
    actuals = _actuals(item, as_of)
    progress = entry[grade]
    if progress == SAME:
        if last is None:
            raise ValueError(f"item {item.number}: nothing was reported before {as_of}")
        progress = last.progress
    else:
        progress += "".join(_sentence(item, as_of, actual) for actual in actuals)
    return Reported(
        grade=grade,
        progress=progress,
        evidence=entry.get("evidence", ""),
        delay_cause=entry.get("cause", ""),
        delay_reason=entry.get("reason", ""),
        remedy=entry.get("remedy", ""),
        recovery_on=entry.get("recovery"),
        contributions=entry.get("also", {}),
        actuals=actuals,
        effects=_effects(item, as_of),
    )


def _actuals(item: SampleItem, as_of: date) -> list[SampleActual]:
    year = fiscal_year_of(as_of)
    if as_of.month == 3:
        return [
            _forecast(number, year, one) if one.is_late else _actual(number, year, one)
            for number, one in enumerate(item.indicators, start=1)
            if year in one.actuals
        ]
    return [
        _actual(number, year - 1, one)
        for number, one in enumerate(item.indicators, start=1)
        if one.is_late and year - 1 in one.actuals
    ]


def _actual(number: int, year: int, one: SampleIndicator) -> SampleActual:
    value = one.actuals[year]
    return SampleActual(number, year, None, note=value) if isinstance(value, str) else SampleActual(number, year, value)


def _forecast(number: int, year: int, one: SampleIndicator) -> SampleActual:
    value = Decimal(one.actuals[year])
    if year != YEARS[-1]:  # of the last year nothing better is known
        value = round(value, -1) if value >= 1000 else Decimal(round(value))
    return SampleActual(number, year, value, is_forecast=True)


def _effects(item: SampleItem, as_of: date) -> list[SampleAmount]:
    """September settles the year before. The last year is known as a budget in September or as a forecast in March."""
    year = fiscal_year_of(as_of)
    september, last = as_of.month == 9, YEARS[-1]
    wanted = {(year - 1, "actual")} if september else set()
    if year == last and september == item.has_only_a_budget:
        wanted.add((last, "budget" if september else "forecast"))
    return [
        SampleAmount(fiscal_year, kind, basis, amount, note)
        for kind, fiscal_year, amount, note in item.effects()
        for basis in ("actual", "budget", "forecast")
        if (fiscal_year, basis) in wanted
    ]


def _sentence(item: SampleItem, as_of: date, actual: SampleActual) -> str:
    """The figure in words. Two ways of saying it, so that a long list does not read like a form."""
    one = item.indicators[actual.indicator - 1]
    if actual.value is None:
        return ""
    value = _shown(actual.value, one.unit)
    if as_of.month == 9:
        return f"{era_fiscal_year(actual.fiscal_year)}の{one.name}は{value}で確定した。"
    edition = EDITIONS[1] if actual.fiscal_year in REVISED_YEARS else EDITIONS[0]
    target, words = one.targets[edition].get(actual.fiscal_year, (None, ""))
    if target is None:
        return f"{one.name}は{value}{'の見込みである' if actual.is_forecast else 'だった'}。"
    goal = _shown(target, one.unit) + words
    if actual.is_forecast:
        return f"{one.name}は{value}の見込みである（目標は{goal}）。"
    if one.better == "none":
        return f"{one.name}は{value}だった（目標は{goal}）。"
    met = actual.value >= target if one.better == "up" else actual.value <= target
    first_way = (int(item.number) + actual.fiscal_year) % 2 == 0
    if met:
        return (
            f"{one.name}は{value}で、目標の{goal}を達成した。"
            if first_way
            else f"{one.name}は{value}となり、目標（{goal}）を満たした。"
        )
    return (
        f"{one.name}は{value}で、目標の{goal}に達しなかった。"
        if first_way
        else f"{one.name}は{value}となり、目標（{goal}）との差が残った。"
    )


def _shown(value: Decimal, unit: str) -> str:
    plain = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
    return f"{plain:,f}{unit.replace('%', '％')}" if value >= 10000 else f"{plain:f}{unit.replace('%', '％')}"
