"""What becomes of a content's form when somebody else saved first: group by group, theirs or mine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from core.merge import Choice, Side
from programs.content import Content
from staff import unsent
from staff.content_form import ContentForm


def seen_of(posted: Mapping[str, Any]) -> dict[str, str] | None:
    """The flat content that the person saw, as the form sent it back; None if that cannot be read."""
    try:
        seen = json.loads(posted.get("seen", ""))
    except ValueError:
        return None
    if not isinstance(seen, dict) or not all(isinstance(value, str) for value in seen.values()):
        return None
    return seen


def group_of(name: str) -> str:
    """What is decided together: all departments, one year, one indicator with its targets, or one text."""
    if name.startswith("department_"):
        return "departments"
    return name.partition("-")[0].replace("none_", "year_")


def part(flat: Mapping[str, str], group: str) -> dict[str, str]:
    return {name: value for name, value in flat.items() if value and group_of(name) == group}


def typed_flat(posted: QueryDict, stored: Content) -> dict[str, str]:
    """What was typed, by field name. Facts that the form only showed are as stored."""
    found = {name: str(posted[name]).strip().replace("\r\n", "\n") for name in posted if name not in _OWN}
    found = {name: value for name, value in found.items() if not name.startswith("pick_")}
    for key, indicator in stored.indicators.items():
        if any(name.startswith(f"{key}-") for name in found):
            for name, value in indicator.flat().items():
                found.setdefault(f"{key}-{name}", value)
    return {name: value for name, value in found.items() if value}


_OWN = {"csrfmiddlewaretoken", "seen", "pending", "_save", "_next", unsent.FIELD}


class SentContent:
    """`pending` are the groups that others changed since the person opened the page."""

    def __init__(self, posted: QueryDict, stored: Content) -> None:
        self.posted, self.stored = posted, stored.flat()
        self.typed = typed_flat(posted, stored)
        self.seen = seen_of(posted)
        self.pending = [group for group in posted.get("pending", "").split() if group]

    @property
    def is_stale(self) -> bool:
        return self.seen != self.stored

    @property
    def is_open(self) -> bool:
        """A group waits for a choice."""
        return any(self._choice(group).picked is None for group in self.pending)

    def find(self) -> None:
        """Note what others changed since then. What only they wrote is taken over; what both wrote waits for a choice."""
        seen = self.seen if self.seen is not None else {}
        for group in dict.fromkeys(map(group_of, [*self.stored, *seen])):
            if part(self.stored, group) == part(seen, group) and self.seen is not None:
                continue
            if part(self.stored, group) != part(self.typed, group) and group not in self.pending:
                self.pending.append(group)

    def _choice(self, group: str, form: ContentForm | None = None) -> Choice:
        """Of a group, compared as a whole; with a `form`, as people read it."""
        seen, stored, typed = (part(flat, group) for flat in (self.seen or {}, self.stored, self.typed))
        if self._is_new(group):
            typed = seen  # the typed form knows nothing of it
        return Choice(
            group,
            self._label(form, group) if form else "",
            # Sent back from this page, what was seen is what is stored: only a pick says that mine is meant.
            None if typed != seen and (self.seen is None or stored == seen) else json.dumps(seen, sort_keys=True),
            json.dumps(stored, sort_keys=True),
            json.dumps(typed, sort_keys=True),
            asked=self.posted.get(f"pick_{group}"),
            stored_text=self._text(form, self.stored, group) if form else None,
            mine_text=self._text(form, self.typed, group) if form else None,
        )

    def _is_new(self, group: str) -> bool:
        """An indicator that a colleague added: the typed form knows nothing of it."""
        return group.startswith("i") and not any(name.startswith(f"{group}-") for name in self.posted)

    def data(self, *, resolved: bool) -> QueryDict:
        """What the form goes on with: the typed values; with `resolved`, the stored ones where the person chose them."""
        data = self.posted.copy()
        for group in self.pending:
            is_gone = group[0] == "i" and group[1:].isdecimal() and not part(self.stored, group)
            if self._is_new(group) or (self._choice(group).picked is Side.THEIRS and (resolved or is_gone)):
                for name in [name for name in data if group_of(name) == group]:
                    del data[name]
                for name, value in part(self.stored, group).items():
                    data[name] = value
            elif (
                is_gone and self._choice(group).picked is not Side.THEIRS
            ):  # a colleague removed the indicator: what was typed becomes a new one
                self._as_new(data, group)
        return data

    def _as_new(self, data: QueryDict, group: str) -> None:
        number = 1
        while data.get(f"n{number}-name"):
            number += 1
        for name in [name for name in data if group_of(name) == group]:
            data[f"n{number}-{name.partition('-')[2]}"] = str(data[name])
            del data[name]

    def choices(self, form: ContentForm) -> list[Choice]:
        return [self._choice(group, form) for group in self.pending]

    def _label(self, form: ContentForm, group: str) -> str:
        if group == "departments":
            return "推進担当課"
        if group in form.fields:
            label = str(form.fields[group].label)
            return f"年度計画 {label}" if group.startswith("year_") else label
        name = self.stored.get(f"{group}-name") or self.typed.get(f"{group}-name", "")
        return f"成果指標「{name}」"

    def _text(self, form: ContentForm, flat: Mapping[str, str], group: str) -> str:
        values = part(flat, group)
        if list(values) == [group]:
            return form.shown(group, values)
        lines = []
        for name in values:
            label = str(form.fields[name].label) if name in form.fields else name.partition("-")[2]
            lines.append(f"{label}: {form.shown(name, flat)}")
        return "\n".join(lines)
