"""The figures of a report in its form: a line per indicator, and rows of effect amounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.merge import Choice, Side
from core.money import in_unit
from core.text import show_number
from figures.effects import are_told_apart
from programs.models import Indicator, IndicatorActual, IndicatorTarget
from reviews.models import (
    PLACE,
    Account,
    Basis,
    EffectKind,
    EffectPlace,
    Report,
    ReportActual,
    ReportEffect,
    Series,
)
from reviews.report_figures import Actual, Amount
from staff.fields import AmountField, FiscalYearFormField, NumberField, TextField
from staff.report_figure_cells import Cells, FigureCell, choice


class ActualForm(forms.Form):
    value = NumberField(label="実績値", required=False, max_digits=18, decimal_places=4)
    is_forecast = forms.BooleanField(label="見込", required=False)
    note = TextField(label="補足", required=False, max_length=500)


class EffectForm(forms.Form):
    """One amount. A row that is left empty, or emptied, is no amount."""

    fiscal_year = FiscalYearFormField(label="年度", required=False)
    kind = forms.ChoiceField(label="種類", required=False, choices=[("", "選ぶ"), *EffectKind.choices])
    basis = forms.ChoiceField(label="根拠", required=False, choices=[("", "選ぶ"), *Basis.choices])
    account = forms.ChoiceField(label="会計", required=False, choices=[("", "未登録"), *Account.choices])
    series = forms.ChoiceField(label="数え方", required=False, choices=[("", "未登録"), *Series.choices])
    amount = AmountField(label="金額", required=False)
    note = TextField(label="算定の根拠（補足）", required=False, max_length=500)

    def __init__(self, *args: Any, unit: str, tells_apart: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tells_apart = tells_apart
        field: Any = self.fields["amount"]
        field.unit, field.label = unit, f"金額（{unit}）"
        field.help_text = "減るときは -5 か △5。ほかの単位のときは、130.7百万円 のように単位を付けます。"

    @property
    def folded(self) -> list[forms.BoundField]:
        """Account and series, where the plan has not told them apart yet and nobody is entering them now."""
        found = [self[name] for name in ("account", "series")]
        return [] if self.tells_apart or any(field.value() or field.errors for field in found) else found

    @property
    def asked(self) -> list[forms.BoundField]:
        folded = {field.name for field in self.folded}
        return [field for field in self if field.name not in folded]

    @property
    def is_blank(self) -> bool:
        return not any(self.cleaned_data.get(name) not in (None, "") for name in self.fields)

    def clean(self) -> dict[str, Any]:
        if not self.is_blank:
            for name in ("fiscal_year", "kind", "basis", "amount"):
                if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
                    self.add_error(
                        name, f"{self.fields[name].label}を入力してください。使わない行は、すべて空欄にします。"
                    )
        return self.cleaned_data


EffectFormSet = formset_factory(EffectForm, extra=2, max_num=60)


@dataclass
class FigureLine:
    """An indicator in the form: what was promised and published, and the fields for this year."""

    indicator: Indicator
    target: str
    published: str
    form: ActualForm


class FigureForms:
    """All figures of one report. `data` without them (a sheet of an older page) leaves the stored ones alone."""

    def __init__(self, report: Report, data: QueryDict | None = None) -> None:
        self.fiscal_year = report.round.fiscal_year
        self._stored = {(row.indicator_id, row.fiscal_year): row for row in report.actuals.all()}
        self.data = data if data is not None and "effects-TOTAL_FORMS" in data else None
        indicators = list(Indicator.objects.filter(program=report.program_id).order_by("number"))
        of_year = {"indicator__program": report.program_id, "fiscal_year": self.fiscal_year}
        targets = {
            target.indicator_id: target
            for target in IndicatorTarget.objects.filter(edition=report.round.edition_id, **of_year)
        }
        published = {actual.indicator_id: actual for actual in IndicatorActual.objects.filter(**of_year)}
        self.lines = [
            FigureLine(
                indicator,
                _target_text(targets.get(indicator.pk)),
                _value_text(published[indicator.pk]) if indicator.pk in published else "",
                ActualForm(self.data, prefix=f"actual-{indicator.pk}", initial=self._initial(indicator.pk)),
            )
            for indicator in indicators
        ]
        self.effect_rows = list(report.effects.order_by(*PLACE))
        self.unit = report.round.plan.money_unit
        self.tells_apart = are_told_apart(report.round.plan)
        self.effects: BaseFormSet = EffectFormSet(
            self.data,
            prefix="effects",
            initial=[{**row.place._asdict(), "amount": row.amount, "note": row.note} for row in self.effect_rows],
            form_kwargs={"unit": self.unit, "tells_apart": self.tells_apart},
        )

    def _initial(self, indicator: int) -> dict[str, Any]:
        row = self._stored.get((indicator, self.fiscal_year))
        if row is None:
            return {}
        return {"value": row.value, "is_forecast": row.is_forecast, "note": row.note}

    @property
    def shown_effects(self) -> list[tuple[EffectPlace, str, str]]:
        """(place, amount with its unit, note) of those that are stored, for reading."""
        return [
            (row.place, f"{show_number(in_unit(row.amount, self.unit))}{self.unit}", row.note)
            for row in self.effect_rows
        ]

    def is_valid(self) -> bool:
        if self.data is None:
            return True
        return all([line.form.is_valid() for line in self.lines] + [self.effects.is_valid()])

    @property
    def actuals(self) -> dict[tuple[int, int], Actual]:
        """As typed, of valid forms; other years stay as they are stored."""
        kept = {
            key: Actual(row.value, row.is_forecast, row.note)
            for key, row in self._stored.items()
            if key[1] != self.fiscal_year
        }
        typed = {
            (line.indicator.pk, self.fiscal_year): Actual(**line.form.cleaned_data)
            for line in self.lines
            if line.form.cleaned_data["value"] is not None or line.form.cleaned_data["note"].strip()
        }
        return kept | typed

    @property
    def amounts(self) -> list[Amount]:
        """As typed, of valid forms."""
        return [Amount(**form.cleaned_data) for form in self.effects.forms if not form.is_blank]

    def content(self) -> dict[str, Any]:
        """For workflow.save_draft(), of valid forms: what was typed, and of a conflict, cell by cell, what was picked."""
        if self.data is None:
            return {}
        amounts = self.amounts
        # Two amounts of one kind have no cells of their own; the act refuses them.
        if "_resolve" not in self.data or len({EffectPlace.of(one) for one in amounts}) < len(amounts):
            return {"actuals": self.actuals, "effects": amounts}
        stored, mine = self._cells(self._stored, self.effect_rows), self._cells(self.actuals, amounts)
        return self._from_cells(
            {
                cell: (stored if self.data.get(f"pick_{cell.name}") == Side.THEIRS else mine).get(cell, cell.empty)
                for cell in [*stored, *(cell for cell in mine if cell not in stored)]
            }
        )

    def choices(self, seen: Any = None) -> list[Choice]:
        """Every cell that differs from what is stored. `seen` is the row of the report's history that the person saw."""
        if self.data is None:
            return []
        stored, mine = self._cells(self._stored, self.effect_rows), self._cells(self.actuals, self.amounts)
        before = self._seen(seen) if seen is not None else None
        names = {line.indicator.pk: str(line.indicator) for line in self.lines}
        found = [
            choice(
                cell, names, self.unit, seen=before, stored=stored, mine=mine, asked=self.data.get(f"pick_{cell.name}")
            )
            for cell in sorted({*stored, *mine})
        ]
        return [each for each in found if each.differs]

    @property
    def hidden(self) -> SafeString:
        """What was typed, to travel along through the conflict page."""
        data = self.data or QueryDict()
        typed = [(k, v) for k in data if k.startswith(("actual-", "effects-")) for v in data.getlist(k)]
        return format_html_join("\n", '<input type="hidden" name="{}" value="{}">', typed)

    def _cells(self, actuals: Mapping[tuple[int, int], Any], amounts: Iterable[Any]) -> Cells:
        found: Cells = {}
        for (indicator, year), row in actuals.items():
            if year == self.fiscal_year:
                found[FigureCell("actual", indicator, "value")] = (row.value, row.is_forecast)
                found[FigureCell("actual", indicator, "note")] = row.note.strip()
        for row in amounts:
            found[FigureCell("effect", EffectPlace.of(row), "amount")] = row.amount
            found[FigureCell("effect", EffectPlace.of(row), "note")] = row.note.strip()
        return found

    def _seen(self, seen: Any) -> Cells:
        """The figures as they stood with a row of the report's history: those written no later."""
        rows = [
            model.history.filter(report_id=seen.id, history_date__lte=seen.history_date).order_by("history_id")
            for model in (ReportActual, ReportEffect)
        ]
        actuals, effects = ({row.id: row for row in found} for found in rows)  # the last of each counts
        return self._cells(
            {(row.indicator_id, row.fiscal_year): row for row in actuals.values() if row.history_type != "-"},
            [row for row in effects.values() if row.history_type != "-"],
        )

    def _from_cells(self, cells: Cells) -> dict[str, Any]:
        actuals = {
            key: Actual(row.value, row.is_forecast, row.note)
            for key, row in self._stored.items()
            if key[1] != self.fiscal_year
        }
        effects = []
        for cell, value in cells.items():
            note = cells[cell._replace(part="note")]
            if cell.part == "value" and (value[0] is not None or note):
                actuals[cell.of, self.fiscal_year] = Actual(value[0], value[1], note)
            elif cell.part == "amount" and value is not None:
                effects.append(Amount(amount=value, note=note, **cell.of._asdict()))
        return {"actuals": actuals, "effects": effects}


def _target_text(target: IndicatorTarget | None) -> str:
    if target is None:
        return "未登録"
    value = show_number(target.value) if target.value is not None else ""
    return f"{value}{target.text}"


def _value_text(actual: Any) -> str:
    value = show_number(actual.value) if actual.value is not None else "数値なし"
    return f"{value}{'（見込）' if actual.is_forecast else ''}{f' {actual.note}' if actual.note else ''}"


def add_refusal(form: forms.BaseForm, error: ValidationError) -> None:
    """What the act refused, at its field; refusals of figures, which have no single field, above the form."""
    by_field = dict(error.error_dict) if hasattr(error, "error_dict") else {None: [error]}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, ValidationError(list(errors)))
