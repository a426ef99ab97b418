"""The form of a report, and what it becomes when somebody else saved first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString

from core.differences import side_by_side
from core.fiscal import era_date
from policies.models import Grade
from reviews.models import Report
from staff.fields import TextField

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
        self.picked = picked or pick(mine, theirs, None if seen is None else _shown(seen, name))


def pick(mine: Any, theirs: Any, seen: Any) -> str | None:
    """What is picked beforehand, by what the person saw before typing (None: not known). Whoever left a field as it was
    does not mean to undo the other's work on it."""
    if seen is None:
        return None
    return THEIRS if mine == seen else MINE if theirs == seen else None


def seen_row(stored: Report, version: int) -> Any:
    """The row of the history that a person had seen; None if there is none."""
    return stored.history.filter(version=version).select_related("grade").first()


def choices(form: ReportForm, stored: Report, seen: Any, picks: QueryDict) -> list[Choice]:
    """The fields of a typed form beside what is stored. `form` is valid; `seen` is a `seen_row` or None."""
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
    text = TextField(label="取組状況", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
