"""The form of a report, and what it becomes when somebody else saved first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from core.fiscal import era_date
from core.merge import Choice, Side
from policies.models import Grade
from reviews import report_fields
from reviews.models import Report
from reviews.report_fields import FieldKind
from staff.fields import TextField, choose_from


def with_meaning(grade: Grade) -> str:
    return f"{grade}: {grade.definition}" if grade.definition else str(grade)


class GradeField(forms.ModelChoiceField):
    """The grades of the report's plan, each with its meaning."""

    def label_from_instance(self, obj: Grade) -> str:
        return with_meaning(obj)


class ReportForm(forms.ModelForm):
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "この画面は古くなっています。一覧から開き直してください。"
        ),
    )

    class Meta:
        model = Report
        fields = Report.CONTENT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [name for name in Report.CONTENT if name in self.fields]:
            field: Any = self.fields[name]
            match report_fields.BY_NAME[name].kind:
                case FieldKind.CHOICE if not self.instance.choices_of(name):
                    del self.fields[name]
                case FieldKind.GRADE | FieldKind.CHOICE:
                    choose_from(self, name, field.queryset.filter(plan=self.instance.round.plan_id).order_by("order"))
                case FieldKind.DAY:
                    field.help_text = "例: 2016-03-31、平成28年3月31日"

    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in Report.CONTENT if name in self.fields}


class ReturnForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(
        label="差し戻しの理由",
        help_text="担当課の画面に表示されます。何を直せばよいかを書いてください。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "差し戻しの理由を入力してください。担当課に表示されます。"},
    )


def _shown(report: Report, name: str) -> str:
    """A field of a report, or of a row of its history, as people read it."""
    value = getattr(report, name)
    if isinstance(value, date):
        return era_date(value)
    return "" if value is None else str(value)


def seen_row(stored: Report, version: int) -> Any:
    """The row of the history that a person had seen; None if there is none."""
    return stored.history.filter(version=version).select_related("grade").first()


def choices(form: ReportForm, stored: Report, seen: Any, picks: QueryDict) -> list[Choice]:
    """The fields of a typed form beside what is stored. `form` is valid; `seen` is a `seen_row` or None."""
    return [
        Choice(
            name,
            str(form[name].label),
            None if seen is None else _shown(seen, name),
            _shown(stored, name),
            _shown(form.instance, name),
            asked=picks.get(f"pick_{name}"),
            field=form[name],
        )
        for name in Report.CONTENT
        if name in form.fields
    ]


def with_picks(typed: QueryDict, stored: Report) -> QueryDict:
    """What was typed, with the stored value where the person chose to keep it."""
    data = typed.copy()
    for name in Report.CONTENT:
        if typed.get(f"pick_{name}") == Side.THEIRS:
            value = stored.serializable_value(name)
            data[name] = "" if value is None else str(value)
    return data


class ContributionForm(forms.Form):
    """What one supporting department adds."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    department = forms.IntegerField(widget=forms.HiddenInput)
    text = TextField(label="取組状況", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
