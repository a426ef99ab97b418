"""What a person decides about a table that people made: every doubtful cell, and what was made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
