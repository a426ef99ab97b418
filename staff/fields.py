"""Fields of forms that read what people type by the grammar of all doors (core/grammar.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from core import grammar
from core.fiscal import era_date, fiscal_year_label
from core.money import STORED, in_unit
from core.text import plain_decimal, show_number
from policies.models import FiscalYearField as FiscalYears


def _read(reader: Callable[[Any], Any], value: Any) -> Any:
    try:
        return reader(value)
    except grammar.Unreadable as refused:
        raise ValidationError(str(refused)) from refused


class CountedField(forms.CharField):
    """A field whose text is refused where it is too long, never cut: a browser that knows the limit drops the end of what is
    pasted. The page counts instead (static/js/forms.js)."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes = super().widget_attrs(widget)
        most = attributes.pop("maxlength", None)
        return attributes if most is None else attributes | {"data-most": most}


class AddressField(CountedField, forms.URLField):
    """An address of the web."""


class CodeField(CountedField, forms.SlugField):
    """What stands in addresses."""


class MailField(CountedField, forms.EmailField):
    """An address of e-mail."""


class TextField(CountedField):
    """A text. Browsers send CR LF; one line end is stored, or every comparison would show a change."""

    def to_python(self, value: Any) -> str:
        text: str = _read(grammar.text, super().to_python(value))
        return text


class DayField(forms.DateField):
    """A day in either calendar: 2014-10-31, 平成26年10月31日, H26.10.31."""

    def to_python(self, value: Any) -> Any:
        return _read(grammar.day, value)


class FiscalYearFormField(forms.IntegerField):
    """A fiscal year in either calendar: 2011, 平成23年度, H23."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return _read(grammar.fiscal_year, value)


class NumberField(forms.DecimalField):
    """A number as people type it: １，２３４, △5. What is stored stands in the form as people type it: 90, not 90.0000."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        return plain_decimal(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        return _read(grammar.number, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(self.prepare_value(initial)), data)


class AmountField(NumberField):
    """An amount, in 千円 whatever it was typed in: 1,234 (of `unit`), △5, 130.7百万円. What is stored stands there in `unit`."""

    unit = STORED

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(in_unit(value, self.unit) if isinstance(value, Decimal) else value)

    def to_python(self, value: Any) -> Any:
        return _read(lambda typed: grammar.amount(typed, self.unit), value)


def choose_from(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of a form offer these rows alone."""
    field: Any = form.fields[name]
    field.queryset = rows


_READ: dict[type[models.Field[Any, Any]], Callable[[Any], str]] = {
    models.DecimalField: show_number,
    FiscalYears: fiscal_year_label,
    models.DateField: era_date,
}


class ReadNumber:
    """A number, fiscal year or day of a record where its page only shows it: 1,234.5 and not 1234.5000, 平成23年度 and not 2011."""

    def __init__(self, field: Any, shown: Callable[[Any], str]) -> None:
        self.name, self.short_description, self.shown = field.name, field.verbose_name, shown
        self.__name__ = field.name

    def __call__(self, record: models.Model) -> str:
        value = getattr(record, self.name)
        return "" if value is None else self.shown(value)


def read_numbers(shown: Any, model: type[models.Model]) -> None:
    """Let a form of the admin, or a set of lines in it, show what is only read of numbers, years and days as people write them."""
    numbers = {
        field.name: ReadNumber(field, shown_as)
        for field in model._meta.fields
        for kind, shown_as in _READ.items()
        if isinstance(field, kind) and not isinstance(field, models.DateTimeField)
    }
    lines_are_read = not (getattr(shown, "has_change_permission", True) or shown.has_add_permission)
    readable = {name: of for name, of in numbers.items() if lines_are_read or name in shown.readonly_fields}
    shown.readonly_fields = [readable.get(name, name) for name in shown.readonly_fields]
    shown.fieldsets = [
        (title, {**options, "fields": [_replaced(name, readable) for name in options["fields"]]})
        for title, options in shown.fieldsets
    ]


def _replaced(name: Any, by: Mapping[str, Any]) -> Any:
    """A name of a field, or several that share a line."""
    return [by.get(each, each) for each in name] if isinstance(name, (list, tuple)) else by.get(name, name)
