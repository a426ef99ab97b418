"""Rows as they will be: items read from tables that people made, with what is doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from workbooks.tables.doubts import Doubt


@dataclass
class ReadIndicator:
    name: str
    unit: str = ""
    better: str = ""
    baseline: Decimal | None = None
    baseline_year: int | None = None
    baseline_note: str = ""
    targets: dict[int, tuple[Decimal | None, str]] = field(default_factory=dict)  # year → value, words
    actuals: dict[int, tuple[Decimal | None, str, bool]] = field(default_factory=dict)  # year → value, note, forecast


@dataclass
class ReadEffect:
    year: int
    kind: str
    basis: str
    amount: str | Decimal  # a text with △ where a person is to say what it means


@dataclass
class ReadItem:
    place: str
    number: str
    name: str
    policy: int | None
    number_is_provisional: bool = False
    note: str = ""
    departments: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)  # contents, planned_years, expected_effect
    year_plans: dict[int, tuple[str, bool]] = field(default_factory=dict)  # year → text, is none
    indicators: list[ReadIndicator] = field(default_factory=list)
    effects: list[ReadEffect] = field(default_factory=list)
    sheet: str = ""
    number_place: str = ""  # the cell of its number, or of its name where the table has no column of numbers
    rows: list[tuple[str, int]] = field(default_factory=list)  # sheet and row of all that it was read from
    without_policy: bool = False  # the table in which it stands does not tell its policy


@dataclass
class TableReading:
    """What the tables hold, and what stands in the way of taking them in (Japanese)."""

    items: list[ReadItem] = field(default_factory=list)
    policies: dict[int, str] = field(default_factory=dict)  # number → name, of those that the tables name
    codes: dict[str, int] = field(default_factory=dict)  # of policies whose names a person gives → number
    stated: dict[int, str] = field(default_factory=dict)  # number of a policy → its first name, as it is written
    policy_numbers: set[int] = field(default_factory=set)  # all that the tables state
    numbers: dict[str, set[str]] = field(
        default_factory=dict
    )  # sheet → numbers of items that it states, as they are read
    directions: dict[int, tuple[str, list[int]]] = field(default_factory=dict)  # number → name, its policies
    doubts: list[Doubt] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # As-of date → number of an item → its grade and 取組状況, as they are written.
    results: dict[date, dict[str, tuple[str, str]]] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)  # roles that some column has
    by_policy: bool = False  # the numbers of its items begin with that of the policy, which the tables do not write

    @property
    def open_doubts(self) -> int:
        return sum(not doubt.is_answered for doubt in self.doubts)
