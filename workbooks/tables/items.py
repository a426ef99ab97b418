"""Rows as they will be: items read from tables that people made, with every doubtful cell and what was made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass
class Indicator:
    name: str
    unit: str = ""
    better: str = ""
    baseline: Decimal | None = None
    baseline_year: int | None = None
    baseline_note: str = ""
    targets: dict[int, tuple[Decimal | None, str]] = field(default_factory=dict)  # year → value, words
    actuals: dict[int, tuple[Decimal | None, str, bool]] = field(default_factory=dict)  # year → value, note, forecast


@dataclass
class Effect:
    year: int
    kind: str
    basis: str
    amount: str | Decimal  # a text with △ where a person is to say what it means


@dataclass
class Item:
    place: str
    number: str
    name: str
    policy: int | None
    number_is_provisional: bool = False
    note: str = ""
    departments: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)  # contents, planned_years, expected_effect
    year_plans: dict[int, tuple[str, bool]] = field(default_factory=dict)  # year → text, is none
    indicators: list[Indicator] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    sheet: str = ""
    rows: list[tuple[str, int]] = field(default_factory=list)  # sheet and row of all that it was read from
    without_policy: bool = False  # the table in which it stands does not tell its policy


Choices = Sequence[tuple[str, str]]
LONGEST_ANSWER = 200  # characters of what a person writes


@dataclass
class Doubt:
    """One thing that a person decides, once for all cells that hold the same: the first choice is what we make of it.

    `is_guessed` False: nothing speaks for one of the choices, so none is chosen beforehand. Without choices a person writes
    what is missing."""

    id: str
    about: str
    original: str
    question: str
    choices: Choices
    answer: str
    is_answered: bool
    places: list[str] = field(default_factory=list)
    is_guessed: bool = True

    @property
    def is_text(self) -> bool:
        return not self.choices

    def takes(self, answer: str) -> bool:
        """Whether something can be an answer."""
        return 0 < len(answer) <= LONGEST_ANSWER if self.is_text else answer in {code for code, _label in self.choices}

    @property
    def chosen(self) -> str:
        """The choice that a page shows as chosen."""
        return self.answer if self.is_answered or self.is_guessed else ""


class Questions:
    """Collects what is doubtful, and gives the answers that there are."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers
        self.doubts: dict[str, Doubt] = {}
        self._places: set[tuple[str, str]] = set()

    def ask(
        self, about: str, original: str, question: str, place: str, choices: Choices, *, is_guessed: bool = True
    ) -> str:
        """The code of the answer; the first choice as long as nobody has answered."""
        written = "\x1f".join((about, original, question, *(label for _code, label in choices)))
        key = hashlib.sha256(written.encode()).hexdigest()[:12]
        doubt = self.doubts.get(key)
        if doubt is None:
            first = choices[0][0] if choices else ""
            doubt = Doubt(key, about, original, question, choices, first, is_answered=False, is_guessed=is_guessed)
            if doubt.takes(given := self._answers.get(key, "")):
                doubt.answer, doubt.is_answered = given, True
            self.doubts[key] = doubt
        if (key, place) not in self._places:
            self._places.add((key, place))
            doubt.places.append(place)
        return doubt.answer

    def ask_text(self, about: str, original: str, question: str, place: str) -> str:
        """What a person writes; "" as long as nobody has."""
        return self.ask(about, original, question, place, ())


@dataclass
class Reading:
    """What the tables hold, and what stands in the way of taking them in (Japanese)."""

    items: list[Item] = field(default_factory=list)
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

    @property
    def open_doubts(self) -> int:
        return sum(not doubt.is_answered for doubt in self.doubts)
