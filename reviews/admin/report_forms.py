"""The form of a report, and what it becomes when somebody else saved first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString

from kodaira_reform.differences import side_by_side
from kodaira_reform.fiscal import era_date
from kodaira_reform.staff import LinesField
from reviews.models import Grade, Report

THEIRS, MINE = "theirs", "mine"


class GradeField(forms.ModelChoiceField):
    """The grades of the report's plan, each with its meaning."""

    def label_from_instance(self, obj: Grade) -> str:
        return f"{obj}: {obj.definition}" if obj.definition else str(obj)


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
        if "grade" in self.fields:
            grade: Any = self.fields["grade"]
            grade.queryset = Grade.objects.filter(plan=self.instance.round.plan_id)
        if "recovery_on" in self.fields:
            self.fields["recovery_on"].help_text = "例: 2016-03-31、平成28年3月31日"

    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in Report.CONTENT}


class ReturnForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="差し戻しの理由",
        help_text="担当課の画面に表示されます。何を直せばよいかを書いてください。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "差し戻しの理由を入力してください。担当課に表示されます。"},
    )


def _shown(report: Any, name: str) -> str:
    """A field of a report, or of a row of its history, as people read it."""
    value = getattr(report, name)
    if name == "recovery_on":
        return era_date(value) if value else ""
    return "" if value is None else str(value)


class Choice:
    """One field on the conflict page: what is stored, what was typed, and which of them is to stay."""

    def __init__(self, name: str, stored: Report, form: ReportForm, seen: Any, picked: str | None) -> None:
        self.name = name
        self.field = form[name]
        self.label = self.field.label
        theirs, mine = _shown(stored, name), _shown(form.instance, name)
        self.differs = theirs != mine
        self.theirs: SafeString
        self.mine: SafeString
        self.theirs, self.mine = side_by_side(theirs, mine)
        self.picked = picked
        if picked is None and seen is not None:
            # Whoever left a field as it was does not mean to undo the other's work on it.
            before = _shown(seen, name)
            self.picked = THEIRS if mine == before else MINE if theirs == before else None


def choices(stored: Report, form: ReportForm, picks: QueryDict) -> list[Choice]:
    """The fields of a typed form beside what is stored. `form` is valid; its version is the one the person saw."""
    seen = None
    if "_resolve" not in picks:  # afterwards only what the person picked counts
        seen = stored.history.filter(version=form.cleaned_data["version"]).select_related("grade").first()
    return [Choice(name, stored, form, seen, picks.get(f"pick_{name}")) for name in Report.CONTENT]


def with_picks(typed: QueryDict, stored: Report) -> QueryDict:
    """What was typed, with the stored value where the person chose to keep it."""
    data = typed.copy()
    for name in Report.CONTENT:
        if typed.get(f"pick_{name}") == THEIRS:
            value = stored.grade_id if name == "grade" else getattr(stored, name)
            data[name] = "" if value is None else str(value)
    return data


class ContributionForm(forms.Form):
    """What one supporting department adds."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    department = forms.IntegerField(widget=forms.HiddenInput)
    text = LinesField(label="取組状況", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
