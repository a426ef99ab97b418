"""Three versions of a value: what a person saw, what is stored now, and what the person gives. Which one stays?

Forms, sheets and lists all judge here, by the texts of the values or by marks of these texts. Whoever left a value as it was
does not mean to undo another's work on it; where both have changed it to something else, a person chooses. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from core.differences import merged, side_by_side


class Side(StrEnum):
    THEIRS = "theirs"  # what is stored
    MINE = "mine"


def side(seen: str | None, stored: str, mine: str) -> Side | None:
    """The side that stays without a question; None where a person must choose. `seen` is None where it is not known."""
    if mine in (stored, seen):
        return Side.THEIRS
    return Side.MINE if seen == stored else None


@dataclass
class Choice:
    """One value of which there may be two versions.

    `name` is that of the choice among the fields of a form (`input_name`), `asked` what that form sent back. `stored_text`
    and `mine_text` are what people read where the values are codes; `field` can be shown to rewrite one's own version.
    """

    name: str
    label: str
    seen: str | None
    stored: str
    mine: str
    asked: str | None = None
    stored_text: str | None = None
    mine_text: str | None = None
    field: BoundField | None = None

    @property
    def input_name(self) -> str:
        return f"pick_{self.name}"

    @property
    def differs(self) -> bool:
        return self.stored != self.mine

    @property
    def is_conflict(self) -> bool:
        return side(self.seen, self.stored, self.mine) is None

    @property
    def picked(self) -> Side | None:
        """What the person chose; before that, what needs no choice."""
        return Side(self.asked) if self.asked in list(Side) else side(self.seen, self.stored, self.mine)

    @property
    def is_open(self) -> bool:
        """Whether a choice is still to be made."""
        return self.differs and self.picked is None

    @property
    def outcome(self) -> str:
        """What stays, once nothing is open."""
        return self.mine if self.picked is Side.MINE else self.stored

    @property
    def _texts(self) -> tuple[str, str]:
        stored = self.stored if self.stored_text is None else self.stored_text
        return stored, self.mine if self.mine_text is None else self.mine_text

    @cached_property
    def beside(self) -> tuple[SafeString, SafeString]:
        """Theirs and mine, with what only one of them has marked."""
        return side_by_side(*self._texts)

    @property
    def marked(self) -> SafeString:
        """Both in one text."""
        return merged(*self._texts)
