"""取り込みの手引き: a table that people made becomes a plan workbook, step by step, and goes on as a plan workbook does.

What is read and how stands in workbooks/tables/; the preview and its confirmation are those of staff/books.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from core.fiscal import era_date, era_fiscal_year
from core.spreadsheets.limits import UnreadableFile, column_letters
from policies.models import Edition, Plan, Source
from staff.base import person
from staff.books import BookPages
from staff.fields import choose_from
from staff.read_items import shown_items
from staff.table_pages import (
    HIDDEN_ROW,
    NO_TABLE,
    TableFileForm,
    answers_said,
    letters,
    numbers_said,
    short,
    shown_rows,
)
from workbooks.models import TableUpload
from workbooks.plan import triangles
from workbooks.plan.blank import write_blank
from workbooks.plan.reading import PlanTables as PlanBook
from workbooks.tables import acts
from workbooks.tables.acts import SheetChoice
from workbooks.tables.column_roles import LABELS, MAY_HAVE_YEAR, OF_DAY, OF_INDICATOR, ColumnUse, Role
from workbooks.tables.layout import Layout, RowKind, find, kind_of
from workbooks.tables.results import days_of
from workbooks.tables.unseen import hidden_said
from workbooks.tables.uploads import waiting_upload

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_DOUBTS, SHOWN_PROBLEMS, SHOWN_ITEMS = 300, 50, 200
EXAMPLES = 3  # values of a column
_STEPS = ("表を選ぶ", "シートと行", "列の役割", "読み方の確認", "取り込み")


class TableForm(TableFileForm):
    """A table with the edition that it is the content of."""

    edition = forms.ModelChoiceField(Edition.objects.none(), label="どの版の内容ですか", required=False)
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label="出典",
        required=False,
        empty_label="あとで決める",
        help_text="この表が載っている資料。登録してある出典から選びます。",
    )

    def __init__(self, plan: Plan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        all_editions = Edition.objects.filter(plan=plan)
        open_editions = all_editions.filter(frozen_at=None)
        self.is_frozen = not open_editions and all_editions.exists()  # the table may have results all the same
        choose_from(self, "edition", all_editions if self.is_frozen else open_editions)
        choose_from(self, "source", Source.objects.filter(plan=plan))
        editions: Any = self.fields["edition"]
        if not editions.queryset:
            editions.empty_label = "新しい版「当初」を作る"
            return
        editions.required, editions.empty_label = True, None
        editions.initial = editions.queryset.last() if self.is_frozen else editions.queryset.first()
        editions.help_text = (
            "確定した版の内容は、取り込めません。" if self.is_frozen else "確定していない版だけを選べます。"
        )


class TablePages(BookPages):
    """Part of the admin of plans."""

    def table_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("book/blank/", view(self.blank_book_view), name="policies_plan_blank_book"),
            path("<int:pk>/tables/", view(self.table_view), name="policies_plan_table"),
            path("<int:pk>/tables/sheets/", view(self.table_sheets_view), name="policies_plan_table_sheets"),
            path("<int:pk>/tables/columns/", view(self.table_columns_view), name="policies_plan_table_columns"),
            path("<int:pk>/tables/doubts/", view(self.table_doubts_view), name="policies_plan_table_doubts"),
            path("<int:pk>/tables/book/", view(self.table_book_view), name="policies_plan_table_book"),
        ]

    def blank_book_view(self, request: HttpRequest) -> HttpResponse:
        """A blank plan workbook to write a plan into."""
        self._require_import(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        answer = HttpResponse(write_blank(), content_type=XLSX)
        answer["Content-Disposition"] = 'attachment; filename="plan-blank.xlsx"'
        return answer

    def _table_plan(self, request: HttpRequest, pk: int) -> Plan:
        self._require_import(request)
        return get_object_or_404(Plan, pk=pk)

    def _require_import(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _upload(self, request: HttpRequest, pk: int) -> TableUpload | None:
        """The table that this person brings in for the plan."""
        self._require_import(request)
        return waiting_upload(pk, by=person(request))

    def _table_again(self, request: HttpRequest, pk: int, why: str = NO_TABLE) -> HttpResponse:
        messages.error(request, f"{why}何も取り込んでいません。")
        return redirect("admin:policies_plan_table", pk)

    def _step(self, request: HttpRequest, template: str, plan: Plan, step: int, **context: Any) -> HttpResponse:
        return self.act_page(
            request,
            f"staff/tables/{template}.html",
            title=f"取り込みの手引き {step}／{len(_STEPS)} {_STEPS[step - 1]}",
            original=plan,
            plan=plan,
            **context,
        )

    # 1: the table

    def table_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self._table_plan(request, pk)
        form = TableForm(plan, request.POST, request.FILES) if request.method == "POST" else TableForm(plan)
        if request.method == "POST" and form.is_valid():
            cleaned = form.cleaned_data
            try:
                acts.receive(*form.taken(), plan, cleaned["edition"], cleaned["source"], by=person(request))
                return redirect("admin:policies_plan_table_sheets", pk)
            except UnreadableFile as error:
                form.refuse(str(error))
        status = 400 if request.method == "POST" else 200
        waiting = self._upload(request, pk)
        return self._step(request, "start", plan, 1, form=form, frozen=form.is_frozen, waiting=waiting, status=status)

    # 2: sheets and rows

    def table_sheets_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._upload(request, pk)
        if upload is None:
            return self._table_again(request, pk)
        errors: list[str] = []
        try:
            found = acts.choices_of(upload)
            if request.method == "POST":
                said = {choice.name: self._layout(request, index, choice, errors) for index, choice in enumerate(found)}
                if not errors:
                    acts.choose_sheets(upload, found, said)
                    upload.save(update_fields=["sheets"])
                    if not any(said.values()):
                        errors.append("読むシートを1つ以上選んでください。")
                    elif "again" not in request.POST:
                        return redirect("admin:policies_plan_table_columns", pk)
        except UnreadableFile as error:
            return self._table_again(request, pk, str(error))
        shown = [_shown_sheet(choice) for choice in found]
        nowhere = not any(choice.layout for choice in found)
        return self._step(
            request,
            "sheets",
            upload.plan,
            2,
            upload=upload,
            sheets=shown,
            back=reverse("admin:policies_plan_table", args=[pk]),
            nowhere=nowhere and request.method != "POST",
            errors=errors,
            status=400 if errors else 200,
        )

    def _layout(self, request: HttpRequest, index: int, choice: SheetChoice, errors: list[str]) -> Layout | None:
        if f"use-{index}" not in request.POST:
            return None
        if (rows := numbers_said(request, ("header", "first", "last"), index)) is not None:
            header, first, last = rows
            if 0 <= header < first <= last <= max(choice.grid.height, 1):
                return Layout(header, first, last)
        errors.append(
            f"「{choice.name}」シート: 行は、見出しの行、項目の最初の行、最後の行の順に、"
            f"{choice.grid.height}行目までの数字で入力してください。"
        )
        return choice.layout

    # 3: columns

    def table_columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._upload(request, pk)
        if upload is None:
            return self._table_again(request, pk)
        errors: list[str] = []
        try:
            found = [choice for choice in acts.choices_of(upload) if choice.layout is not None]
        except UnreadableFile as error:
            return self._table_again(request, pk, str(error))
        if not found:
            return redirect("admin:policies_plan_table_sheets", pk)
        groups = _groups(found)
        if request.method == "POST":
            for number, group in enumerate(groups):
                columns = [
                    _said_column(request, f"{number}-{index}", column) for index, column in enumerate(group[0].columns)
                ]
                for choice in group:
                    choice.columns = list(columns)
                roles = {column.role for column in columns}
                if not roles & {Role.NUMBER, Role.NAME}:
                    errors.append(f"「{group[0].name}」シート: 「番号」か「項目名」の列を選んでください。")
            if not errors:
                acts.choose_columns(upload, found)
                return redirect("admin:policies_plan_table_doubts", pk)
        shown = [_shown_columns(number, group) for number, group in enumerate(groups)]
        years = [(year, era_fiscal_year(year)) for year in _years(upload.plan, found)]
        return self._step(
            request,
            "columns",
            upload.plan,
            3,
            upload=upload,
            groups=shown,
            roles=list(LABELS.items()),
            years=years,
            slots=range(1, 6),
            days=_days(upload.plan, found),
            errors=errors,
            status=400 if errors else 200,
        )

    # 4: doubts, and on to the preview of the plan workbook

    def table_doubts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._upload(request, pk)
        if upload is None:
            return self._table_again(request, pk)
        status, problems = 200, []
        try:
            result = acts.result_of(upload, answers_said(request))
            if request.method == "POST":
                if not result.reading.problems and not result.reading.open_doubts:
                    compared = self.compared_tables(request, PlanBook(result.cells))
                    wrong = [problem for problem in compared[1].problems if not triangles.is_asked(problem)]
                    if not wrong:
                        data = result.book(upload.plan.name)
                        return self.preview_made(request, data, f"{Path(upload.file_name).stem}.xlsx", compared)
                    problems = [(result.place_of(problem), problem) for problem in wrong[:SHOWN_PROBLEMS]]
                status = 400
        except UnreadableFile as error:
            return self._table_again(request, pk, str(error))
        reading = result.reading
        doubts = sorted(reading.doubts, key=lambda doubt: doubt.is_answered)
        start = _start(request, len(reading.items))
        return self._step(
            request,
            "doubts",
            upload.plan,
            4,
            upload=upload,
            reading=reading,
            doubts=doubts[:SHOWN_DOUBTS],
            more=max(0, len(doubts) - SHOWN_DOUBTS),
            rows=shown_items(reading.items[start : start + SHOWN_ITEMS], result.marks),
            parts=_parts(len(reading.items), start),
            problems=problems,
            days=days_of(upload.plan, reading),
            asked_again=status == 400 and not problems and not reading.problems,
            status=status,
        )

    def table_book_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The plan workbook that the table has become, to look at or to write on in."""
        upload = self._upload(request, pk)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if upload is None:
            return self._table_again(request, pk)
        try:
            result = acts.result_of(upload)
        except UnreadableFile as error:
            return self._table_again(request, pk, str(error))
        if result.reading.problems:
            raise Http404
        answer = HttpResponse(result.book(upload.plan.name), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{upload.plan.slug}-table.xlsx"'
        return answer


def _shown_sheet(choice: SheetChoice) -> dict[str, Any]:
    """A sheet as the page shows it: its first rows, those around the end of its table, and what each of them is."""
    grid, layout = choice.grid, choice.layout
    at = layout or find(grid) or Layout(1, min(2, max(grid.height, 1)), max(grid.height, 1))
    return {
        "is_hidden": grid.sheet.looks.is_hidden,
        "hidden": hidden_said(grid),
        "name": choice.name,
        "used": layout is not None,
        "fields": [
            ("header", "見出しの最初の行（見出しがなければ0）", at.header),
            ("first", "項目の最初の行", at.first),
            ("last", "項目の最後の行", at.last),
        ],
        "letters": letters(grid),
        "rows": shown_rows(grid, layout.last if layout else 0, lambda row: _what(choice, row)),
        "is_empty": grid.height == 0,
    }


def _what(choice: SheetChoice, row: int) -> tuple[str, str]:
    """What a row is, for people and for the style sheet."""
    layout = choice.layout
    if layout is None or row < (layout.header or layout.first) or row > layout.last:
        return "読まない", "quiet"
    if row < layout.first:
        return "見出し", "heading"
    kind = kind_of(choice.grid, row, layout)
    if kind is RowKind.DATA and row in choice.grid.sheet.looks.rows:
        return HIDDEN_ROW, "quiet"
    if kind in (RowKind.DATA, RowKind.SECTION):
        return kind.value, "item"
    if kind is RowKind.TOTAL:
        return f"{kind.value}（あとで確かめる）", "quiet"
    return f"{kind.value}（読まない）", "quiet"


def _groups(found: list[SheetChoice]) -> list[list[SheetChoice]]:
    """Sheets with the same headings together: what their columns are for is said once."""
    groups: dict[tuple[str, ...], list[SheetChoice]] = {}
    for choice in found:
        groups.setdefault(tuple(choice.titles), []).append(choice)
    return list(groups.values())


def _shown_columns(number: int, group: list[SheetChoice]) -> dict[str, Any]:
    first = group[0]
    assert first.layout is not None  # noqa: S101 - only sheets that are read come here
    columns: list[dict[str, Any]] = []
    for index, (title, column) in enumerate(zip(first.titles, first.columns, strict=True)):
        values = [
            text
            for row in range(first.layout.first, first.layout.last + 1)
            if kind_of(first.grid, row, first.layout) is RowKind.DATA and (text := first.grid.own(row, index + 1))
        ]
        columns.append(
            {
                "id": f"{number}-{index}",
                "letter": column_letters(index + 1),
                "title": title or "（見出しなし）",
                "examples": [short(value) for value in list(dict.fromkeys(values))[:EXAMPLES]],
                "column": column,
                "is_hidden": index + 1 in first.grid.sheet.looks.columns,
                "is_yearly": column.role in MAY_HAVE_YEAR,
                "is_of_day": column.role in OF_DAY,
                "is_empty": not values and not title,
            }
        )
    given = [one for one in columns if not one["is_empty"]]
    doubtful = [one for one in given if not one["column"].is_sure or one["is_hidden"]]
    certain = [one for one in given if one not in doubtful]
    return {
        "names": [choice.name for choice in group],
        "sets": [("doubtful", doubtful), ("certain", certain)],
        "summed": _summed([(one["letter"], one["column"]) for one in certain]),
    }


def _summed(columns: list[tuple[str, ColumnUse]]) -> list[tuple[str, str]]:
    """Role by role: its label with its years or days, and the letters of its columns."""
    found: dict[Role, list[tuple[str, ColumnUse]]] = {}
    for letter, column in columns:
        found.setdefault(column.role, []).append((letter, column))
    summed = []
    for role, of_role in found.items():
        years = sorted({column.year for _letter, column in of_role if column.year is not None})
        days = sorted({column.as_of for _letter, column in of_role if column.as_of is not None})
        when = "〜".join(dict.fromkeys(era_fiscal_year(year) for year in (years[0], years[-1]))) if years else ""
        when = when or "、".join(f"{era_date(day)}現在" for day in days)
        label = role.label.partition("（")[0]
        letters_ = [letter for letter, _column in of_role]
        summed.append((f"{label} {when}".strip(), "、".join(letters_)))
    return summed


def _years(plan: Plan, found: list[SheetChoice]) -> list[int]:
    named = {column.year for choice in found for column in choice.columns if column.year is not None}
    return sorted(named | set(range(plan.first_fiscal_year - 1, plan.last_fiscal_year + 2)))


def _days(plan: Plan, found: list[SheetChoice]) -> list[date]:
    """Days to choose from: of rounds, of headings, and where a heading names no day, the ends of half-years."""
    columns = [column for choice in found for column in choice.columns]
    days = {column.as_of for column in columns if column.as_of} | {*plan.rounds.values_list("as_of", flat=True)}
    if any(column.role in OF_DAY and column.as_of is None for column in columns):
        days |= {day for year in plan.fiscal_years for day in (date(year, 9, 30), date(year + 1, 3, 31))}
    return sorted(days)


def _said_column(request: HttpRequest, key: str, column: ColumnUse) -> ColumnUse:
    """What a person said of one column; what is not understood stays as it was."""
    written = request.POST.get(f"role-{key}", "")
    role = Role(written) if written in LABELS else column.role
    year, slot = request.POST.get(f"year-{key}", ""), request.POST.get(f"slot-{key}", "")
    try:
        as_of = date.fromisoformat(request.POST.get(f"day-{key}", ""))
    except ValueError:
        as_of = None
    return replace(
        column,
        role=role,
        as_of=as_of if role in OF_DAY else None,
        year=int(year) if role in MAY_HAVE_YEAR and year.isdecimal() and len(year) == 4 else None,
        slot=int(slot) if role in OF_INDICATOR and slot.isdecimal() and len(slot) == 1 else 0,
    )


def _start(request: HttpRequest, items: int) -> int:
    """The first item that is shown, of a long table that is shown in parts."""
    said = request.GET.get("from", "")
    start = int(said) - 1 if said.isdecimal() and len(said) < 7 else 0
    return start if 0 < start < items else 0


def _parts(items: int, start: int) -> list[tuple[int, int, bool]]:
    """The parts of a long table: first and last item of each, and whether it is the one that is shown."""
    if items <= SHOWN_ITEMS:
        return []
    return [(first + 1, min(first + SHOWN_ITEMS, items), first == start) for first in range(0, items, SHOWN_ITEMS)]
