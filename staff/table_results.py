"""取り込みの手引き: the columns of grades of a table, registered as past results, or written into the drafts of an open round
together with what was reached in its year."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from core.acts import WrongState
from core.fiscal import era_date
from core.spreadsheets.limits import UnreadableFile
from core.text import show_number
from policies.models import Plan, Source
from reviews import past
from reviews import table_results as results_of_rounds
from staff.base import person, tell_beside_fields
from staff.fields import DayField, choose_from
from staff.read_items import shown_effect, shown_indicator
from staff.table_pages import answers_said
from staff.tables import TablePages
from workbooks.tables import acts
from workbooks.tables.read_items import ReadEffect, TableReading
from workbooks.tables.results import DayOfResults, Stated, ask_grades, ask_triangles, days_of, lines_of
from workbooks.tables.uploads import keep_answers

_DAY = "released-"  # before an as-of date, the name of its field


class ResultsForm(forms.Form):
    """Where and when the city published what the table says of each day."""

    source = forms.ModelChoiceField(
        Source.objects.none(), label="出典", help_text="結果が載っている市の資料。先に「出典」に登録します。"
    )

    def __init__(self, plan: Plan, days: list[DayOfResults], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "source", Source.objects.filter(plan=plan))
        for one in days:
            self.fields[f"{_DAY}{one.as_of.isoformat()}"] = DayField(
                label=f"{era_date(one.as_of)}の公表日",
                required=False,
                help_text="" if one.round else "この基準日の調査はまだないので、あわせて作ります。",
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        days = {name.removeprefix(_DAY): day for name, day in cleaned.items() if name.startswith(_DAY) and day}
        if not self.errors and not days:
            self.add_error(None, "登録する基準日に、市が公表した日を入力してください。")
        cleaned["released"] = {date.fromisoformat(as_of): day for as_of, day in days.items()}
        return cleaned


class TableResultsPage(TablePages):
    """Part of the admin of plans."""

    def table_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.table_results_view)
        return [path("<int:pk>/tables/results/", view, name="policies_plan_table_results"), *super().table_urls()]

    def table_results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._upload(request, pk)
        if not request.user.has_perm(past.PERMISSION):
            raise PermissionDenied
        if upload is None:
            return self._table_again(request, pk)
        try:
            reading = acts.result_of(upload).reading
        except UnreadableFile as unreadable:
            return self._table_again(request, pk, str(unreadable))
        given = answers_said(request) if "_grades" in request.POST else {}
        said = upload.answers | given
        doubts = [*ask_grades(upload.plan, reading, said), *ask_triangles(upload.plan, reading, said)]
        if given:
            keep_answers(upload, doubts, given)
        is_open = any(not one.is_answered for one in doubts)
        days = days_of(upload.plan, reading)
        if reading.problems or reading.open_doubts or not days:
            return redirect("admin:policies_plan_table_doubts", pk)
        planned = [one for one in days if one.is_planned]
        typed = request.POST if "_register" in request.POST and not is_open else None
        form = ResultsForm(upload.plan, planned, typed, initial={"source": upload.source})
        error = "先に、評価の読み方を確かめてください。" if is_open and request.method == "POST" else ""
        if "_grades" in request.POST and not is_open:
            return redirect(request.path)
        if "_fill" in request.POST and not is_open:
            day = request.POST.get("day", "")
            one = next((one for one in days if one.is_open and one.as_of.isoformat() == day), None)
            error = self._filled(request, reading, one)
            if not error:
                return redirect(request.path)
        elif typed is not None and form.is_valid():
            released = form.cleaned_data["released"]
            told = {as_of: lines_of(upload.plan, reading, as_of) for as_of in released}
            figures = {one.as_of: one.figures for one in days}
            try:
                made = results_of_rounds.register_days(
                    upload.plan,
                    told,
                    figures,
                    source=form.cleaned_data["source"],
                    released=released,
                    by=person(request),
                )
                count = sum(len(one.text.splitlines()) for one in told.values())
                return self.act_done(
                    request, upload.plan, f"{len(made)}回の調査の公表結果（{count}件）を登録しました。"
                )
            except ValidationError as refused:
                tell_beside_fields(
                    form, ValidationError({f"{_DAY}{day}": told for day, told in refused.message_dict.items()})
                )
        return self.act_page(
            request,
            "staff/tables/results.html",
            title="表から調査の結果を登録する",
            original=upload.plan,
            plan=upload.plan,
            upload=upload,
            days=days,
            doubts=doubts,
            is_open=is_open,
            planned=planned,
            form=form,
            rows=_rows(reading, days),
            error=error or ("登録していません。赤字のところを直してください。" if form.errors else ""),
            status=400 if error or form.errors else 200,
        )

    def _filled(self, request: HttpRequest, reading: TableReading, one: DayOfResults | None) -> str:
        """Write into the drafts of the open round; why not, if not."""
        if one is None or one.round is None:
            return "受付中の調査がありません。何も記入していません。"
        try:
            told = lines_of(one.round.plan, reading, one.as_of)
            filled, left = results_of_rounds.fill_drafts(one.round, told, one.figures, by=person(request))
        except WrongState as refused:
            return str(refused)
        except ValidationError as refused:
            return " ".join(refused.messages)
        kept = f"すでに記入のあった{len(left)}件では、その欄を変えていません。" if left else ""
        messages.success(request, f"{era_date(one.as_of)}の報告{len(filled)}件に下書きとして記入しました。{kept}")
        return ""


def _rows(reading: TableReading, days: list[DayOfResults]) -> list[tuple[str, str, list[tuple[str, str, list[str]]]]]:
    """Number, name, and of each day grade, 取組状況 and what was reached, as they stand in the table."""
    return [
        (
            item.number,
            item.name,
            [
                (
                    *reading.results.get(one.as_of, {}).get(item.number, ("", "")),
                    _shown(one.figures.get(item.number, Stated())),
                )
                for one in days
            ],
        )
        for item in reading.items
    ]


def _shown(stated: Stated) -> list[str]:
    def said(one: Any) -> str:
        return shown_effect(one) if isinstance(one, ReadEffect) else shown_indicator(one)

    return [
        *(
            f"{said(one)}（{show_number(value)} が登録されているので、そのままにします）"
            if (value := stated.held.get(index)) is not None
            else said(one)
            for index, one in enumerate(stated.taken)
        ),
        *(f"{said(one)}（{why}ので、登録しません）" for one, why in stated.left),
    ]
