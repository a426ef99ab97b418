"""Fields of forms that read what people type by the grammar of all doors (core/grammar.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from core import grammar
from core.money import STORED


def _read(reader: Callable[[Any], Any], value: Any) -> Any:
    try:
        return reader(value)
    except grammar.Unreadable as refused:
        raise ValidationError(str(refused)) from refused


class TextField(forms.CharField):
    """A text. Browsers send CR LF; one line end is stored, or every comparison would show a change.

    One that is too long is refused, never cut: a browser that knows the limit drops the end of what is pasted. The page
    counts instead (static/js/forms.js).
    """

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes = super().widget_attrs(widget)
        most = attributes.pop("maxlength", None)
        return attributes if most is None else attributes | {"data-most": most}

    def to_python(self, value: Any) -> str:
        text: str = _read(grammar.text, super().to_python(value))
        return text


class DayField(forms.DateField):
    """A day in either calendar: 2014-10-31, 平成26年10月31日, H26.10.31."""

    def to_python(self, value: Any) -> Any:
        return _read(grammar.day, value)


class FiscalYearField(forms.IntegerField):
    """A fiscal year in either calendar: 2011, 平成23年度, H23."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return _read(grammar.fiscal_year, value)


class NumberField(forms.DecimalField):
    """A number as people type it: １，２３４, △5."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Any:
        return _read(grammar.number, value)


class AmountField(NumberField):
    """An amount, in 千円 whatever it was typed in: 1,234 (of `unit`), △5, 130.7百万円."""

    unit = STORED

    def to_python(self, value: Any) -> Any:
        return _read(lambda typed: grammar.amount(typed, self.unit), value)


def choose_from(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of a form offer these rows alone."""
    field: Any = form.fields[name]
    field.queryset = rows
