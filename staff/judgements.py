"""The grades of a report by the axes beside the first: a part of its form, and the office's own form."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.merge import Choice, Side
from policies.models import Axis, Grade
from policies.words import word
from reviews import workflow
from reviews.judging import OF_OFFICE, axes_judged_by
from reviews.models import Report, Round
from staff.base import StaffAdmin, person
from staff.report_forms import with_meaning

PREFIX = "judgement"


class JudgementForm(forms.Form):
    """One field an axis. `data` without them (a sheet of an older page) leaves the stored ones alone."""

    def __init__(self, report: Report, judges: Collection[str], data: QueryDict | None = None) -> None:
        self.axes = axes_judged_by(report.round.plan, judges)
        rows = report.judgements.select_related("grade") if self.axes else ()
        self.stored: dict[int, Grade] = {row.axis_id: row.grade for row in rows}
        given = data is not None and any(name.startswith(f"{PREFIX}-") for name in data)
        super().__init__(
            data if given else None,
            prefix=PREFIX,
            initial={axis.key: _key(self.stored.get(axis.pk)) for axis in self.axes},
        )
        for axis in self.axes:
            grades = {_key(grade): grade for grade in axis.grades.all()}
            self.fields[axis.key] = forms.TypedChoiceField(
                choices=[("", "まだ選んでいない"), *((key, with_meaning(grade)) for key, grade in grades.items())],
                coerce=grades.__getitem__,
                empty_value=None,
                label=axis.name,
                help_text=axis.definition,
                required=False,
                widget=forms.RadioSelect,
                show_hidden_initial=True,  # what the person saw, for the page of a conflict
            )

    @property
    def shown(self) -> list[tuple[Axis, Grade | None]]:
        """What is stored, for reading."""
        return [(axis, self.stored.get(axis.pk)) for axis in self.axes]

    def is_valid(self) -> bool:
        return not self.is_bound or super().is_valid()

    def content(self) -> dict[str, Any]:
        """For workflow.save_draft(), of a valid form: what was typed, and of a conflict what was picked."""
        if not self.is_bound or not self.axes:
            return {}
        return {"judgements": {axis.key: self._kept(axis) for axis in self.axes}}

    def _kept(self, axis: Axis) -> Grade | None:
        if self.data.get(f"pick_{PREFIX}-{axis.key}") == Side.THEIRS:
            return self.stored.get(axis.pk)
        typed: Grade | None = self.cleaned_data[axis.key]
        return typed

    def choices(self) -> list[Choice]:
        """Every axis of which the typed grade differs from what is stored."""
        if not self.is_bound:
            return []
        found = [self._choice(axis) for axis in self.axes]
        return [each for each in found if each.differs]

    def _choice(self, axis: Axis) -> Choice:
        name = f"{PREFIX}-{axis.key}"
        stored, mine = self.stored.get(axis.pk), self.cleaned_data[axis.key]
        return Choice(
            name,
            f"{axis}の評価",
            self.data.get(f"initial-{name}"),
            _key(stored),
            _key(mine),
            asked=self.data.get(f"pick_{name}"),
            stored_text=str(stored or ""),
            mine_text=str(mine or ""),
        )

    @property
    def typed(self) -> SafeString:
        """What was typed, to travel along through the page of a conflict."""
        names = (f"{PREFIX}-", f"initial-{PREFIX}-")
        pairs = [(name, value) for name, value in self.data.items() if name.startswith(names)]
        return format_html_join("\n", '<input type="hidden" name="{}" value="{}">', pairs)


def _key(grade: Grade | None) -> str:
    return str(grade.pk) if grade else ""


class OfficeJudgementForm(JudgementForm):
    """What the office enters: its own judgement and the committee's, of the version that it sees."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, report: Report, data: QueryDict | None = None) -> None:
        super().__init__(report, OF_OFFICE, data)
        self.initial["version"] = report.version

    @property
    def of_axes(self) -> list[forms.BoundField]:
        return [self[axis.key] for axis in self.axes]


class JudgementsPart(StaffAdmin):
    """Part of the admin of reports: what the office enters of the axes that are its own or the committee's."""

    # Of ReportAdmin:
    _office_act: Any
    _page: Any
    _report: Any

    def _office_judgements(self, request: HttpRequest, report: Report) -> dict[str, Any]:
        form = OfficeJudgementForm(report)
        if not form.axes:
            return {}
        writable = report.state in (Report.State.SUBMITTED, Report.State.APPROVED)
        writable = writable and report.round.state == Round.State.OPEN
        may = request.user.has_perm("reviews.approve_report")
        return {"office_judgements": form.shown, "judge_form": form if may and writable else None}

    def judge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        report: Any = self._office_act(request, pk)
        if not isinstance(report, Report):
            return report
        form = OfficeJudgementForm(report, request.POST)
        if form.is_bound and form.is_valid():
            judgements = form.content()["judgements"]
            try:
                saved = workflow.judge(report, judgements, by=person(request), version=form.cleaned_data["version"])
            except (workflow.WrongState, workflow.ReportConflict) as refused:
                return self._judgements_refused(request, pk, str(refused), status=409)
            except ValidationError as wrong:
                return self._judgements_refused(request, pk, "、".join(wrong.messages), status=400)
            else:
                self.log_change(request, saved, f"{word(report.round.plan, 'office')}・委員会の評価")
                messages.success(request, f"{saved.program}の評価を保存しました。")
        else:
            messages.error(request, "評価を保存していません。この画面を開き直し、一覧から選んでください。")
        return redirect("admin:reviews_report_change", pk)

    def _judgements_refused(self, request: HttpRequest, pk: int, why: str, *, status: int) -> HttpResponse:
        """The page as it is now, with the grades that were chosen: sending them again means to replace what is stored."""
        report = self._report(request, pk)
        data = request.POST.copy()
        data[f"{PREFIX}-version"] = str(report.version)
        why = f"評価を保存していません。{why}"
        form = OfficeJudgementForm(report, data)
        return self._page(request, report, status=status, judge_form=form, judgements_refused=why)
