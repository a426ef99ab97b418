"""One record in two windows: what somebody else saved meanwhile is kept, and where both changed the same, a person chooses.

The page of a record sends back marks of what it showed. They are compared field by field with what the page would show now
and with what was typed: in the values that a browser sends, so that every form of the admin is served, its lines of other
records included, whatever it is made of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms.boundfield import BoundField
from django.http import QueryDict

from core.merge import Choice, Side, side

SEEN, PENDING = "_seen", "_pending"
_OWN = {SEEN, PENDING, "csrfmiddlewaretoken"}
MOST_LINES = 1000  # of one kind in a form that is sent


@dataclass(frozen=True)
class Shown:
    """A field as a page shows it: what the browser sends for it if nobody touches it, by the names of a form."""

    name: str  # that stays the same while lines of the form come and go
    bound: BoundField
    sent: Mapping[str, list[str]]

    @property
    def text(self) -> str:
        return text_of(self.sent.values())

    def keys_in(self, posted: QueryDict) -> dict[str, str]:
        """The names of the field in a form that was sent, by its names here: a line may stand in another place there."""
        prefix, _, rest = self.name.rpartition(":")
        if not prefix:
            return {key: key for key in self.sent}
        formset, _, pk = prefix.rpartition(":")
        place = place_of(posted, formset, pk)
        if place is None:
            return {}
        here = self.bound.html_name
        return {key: f"{formset}-{place}-{rest}{key.removeprefix(here)}" for key in self.sent}

    def typed(self, posted: QueryDict) -> str | None:
        """What was sent for it; None if the form that was sent had no such field."""
        keys = self.keys_in(posted)
        if not keys:
            return None
        return text_of([posted.getlist(key) for key in keys.values()])

    def put_into(self, posted: QueryDict) -> None:
        """Let a form that was sent say what is stored."""
        for here, there in self.keys_in(posted).items():
            posted.setlist(there, self.sent[here])

    def as_read(self, text: str) -> str:
        """A text of the field as people read it: the labels of what is chosen."""
        if isinstance(self.bound.field.widget, forms.CheckboxInput):
            return "はい" if text else "いいえ"
        if not hasattr(self.bound.field, "choices"):
            return text.replace("\x1f", " ")
        labels = {str(value): str(label) for value, label in _flat_choices(self.bound.field.choices)}
        return "、".join(labels.get(value, value) for value in text.split("\x1f") if value)


def place_of(posted: QueryDict, formset: str, pk: str) -> int | None:
    """The number of a record's line in a form that was sent."""
    total = posted.get(f"{formset}-TOTAL_FORMS", "")
    lines = range(min(int(total), MOST_LINES) if total.isdecimal() else 0)
    return next((n for n in lines if posted.get(f"{formset}-{n}-id") == pk), None)


def _flat_choices(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield value, label


def text_of(values: Iterable[Sequence[str]]) -> str:
    """Values as one text; line breaks as forms send them and space around them make no difference."""
    found = (value.replace("\r\n", "\n").strip() for several in values for value in sorted(several))
    return "\x1f".join(value for value in found if value)


def _sent(bound: BoundField) -> dict[str, list[str]]:
    widget: Any = bound.field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    value = bound.value()
    if isinstance(widget, forms.MultiWidget):
        of: Any = widget
        parts = zip(of.widgets_names, of.widgets, of.decompress(value), strict=True)
        return {f"{bound.html_name}{name}": _as_list(one.format_value(part)) for name, one, part in parts}
    if isinstance(widget, forms.CheckboxInput):
        return {bound.html_name: ["on"] if value else []}
    return {bound.html_name: _as_list(widget.format_value(value))}


def _as_list(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value if each not in (None, "")]
    return [] if value in (None, "") else [str(value)]


def shown_in(form: forms.BaseForm, formsets: Iterable[Any] = ()) -> dict[str, Shown]:
    """What a page shows: forms and formsets as they are before anything is typed."""
    found = [Shown(bound.name, bound, _sent(bound)) for bound in _fillable(form)]
    for formset in formsets:
        for line in formset.initial_forms:
            for bound in _fillable(line):
                name = f"{formset.prefix}:{line.instance.pk}:{bound.name}"
                found.append(Shown(name, bound, _sent(bound)))
    return {each.name: each for each in found}


def _fillable(form: forms.BaseForm) -> Iterator[BoundField]:
    for bound in form:
        hidden = bound.field.widget.is_hidden or isinstance(bound.field.widget, forms.FileInput)
        if not (bound.field.disabled or hidden or bound.name == "DELETE"):
            yield bound


def marks(shown: Mapping[str, Shown]) -> str:
    """What a page keeps of what it shows."""
    return json.dumps({name: marked(each.text) for name, each in shown.items()})


def marked(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class SentForm:
    """A form that was sent meets what is stored now. `data` is what the form goes on with."""

    def __init__(self, posted: QueryDict, stored: Mapping[str, Shown]) -> None:
        self.posted, self.stored = posted, stored
        self.seen = seen_in(posted)
        self.pending = set(posted.get(PENDING, "").split())
        self.choices = [choice for each in stored.values() if (choice := self._choice(each)) is not None]

    def _choice(self, stored: Shown) -> Choice | None:
        """Of a field that somebody else has changed, or that waits for a choice."""
        typed, mark = stored.typed(self.posted), self.seen.get(stored.name)
        if typed is None or mark is None:
            return None
        seen = next((text for text in (stored.text, typed) if marked(text) == mark), f"\x00{mark}")
        if stored.name in self.pending:
            seen = f"\x00{mark}"  # asked about before: only a pick counts
        elif seen == stored.text:
            return None
        return Choice(
            stored.name,
            str(stored.bound.label),
            seen,
            stored.text,
            typed,
            asked=self.posted.get(f"pick_{stored.name}"),
            stored_text=stored.as_read(stored.text),
            mine_text=stored.as_read(typed),
        )

    @property
    def open(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_open]

    @property
    def asked(self) -> list[Choice]:
        """Everything that a person is asked about, chosen already or not."""
        return [
            choice
            for choice in self.choices
            if choice.differs and side(choice.seen, choice.stored, choice.mine) is None
        ]

    @property
    def data(self) -> QueryDict:
        data = self.posted.copy()
        for choice in self.choices:
            if choice.picked is Side.THEIRS:
                self.stored[choice.name].put_into(data)
        return data

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the page of the choices sends again."""
        data = self.data
        names = [name for name in data if name not in _OWN and not name.startswith("pick_")]
        return [(name, value) for name in names for value in data.getlist(name)]


def seen_in(posted: QueryDict) -> dict[str, str]:
    try:
        seen = json.loads(posted.get(SEEN, ""))
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}
