"""取り込みの手引き for a table that a city published: pasted or chosen, read, and registered as published figures.

What is read and how stands in workbooks/tables/published/; the steps are those of staff/tables.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from core.fiscal import era_date, era_fiscal_year
from core.money import UNITS
from core.spreadsheets.limits import UnreadableFile
from core.text import as_seen
from figures.registering import PERMISSION
from figures.revisions import Status
from policies.models import MAIN_AXIS, Plan, Source
from policies.words import in_words_of
from reviews.models import Basis
from staff.base import person
from staff.fields import DayField, FiscalYearFormField, TextField, choose_from
from staff.framework import PlanPartAdmin
from staff.table_pages import HIDDEN_ROW, NO_TABLE, TableFileForm, answers_said, letters, numbers_said, shown_rows
from workbooks.models import TableKind, TableUpload
from workbooks.tables.published import acts, meanings
from workbooks.tables.published.acts import FigureSheetChoice, What
from workbooks.tables.published.layout import FigureLayout, is_row_of_values, is_section
from workbooks.tables.published.reading import WHERE, ChosenFigureSheet
from workbooks.tables.unseen import hidden_said
from workbooks.tables.uploads import waiting_upload

_STEPS = ("表を選ぶ", "シートと行", "見出しの意味", "確認と登録")
_FIELDS = (
    ("header", "見出しの最初の行（見出しがなければ0）"),
    ("first", "値の最初の行"),
    ("last", "値の最後の行"),
    ("labels", "左から何列が行の見出しか"),
)


class FigureTableForm(TableFileForm):
    """A table with the document that it stands in, which is registered already or entered now."""

    source = forms.ModelChoiceField(
        Source.objects.none(),
        label="出典",
        required=False,
        empty_label="新しい出典を登録する（下に入力します）",
        help_text="この表が載っている、市の資料やページ。",
    )
    title = TextField(
        label="新しい出典の題名", required=False, max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    publisher = TextField(label="発行", required=False, max_length=100, help_text="例: ○○市")
    date = DayField(label="発行日", required=False, help_text="例: 2014-11-20、平成26年11月20日。分からなければ空欄。")
    url = forms.URLField(
        label="アドレス",
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="ウェブページのとき。",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )

    def __init__(self, plan: Plan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, "source", Source.objects.filter(plan=plan))
        self.order_fields(["pasted", "file"])
        self.fields["pasted"].label, self.fields["file"].label = "表を貼り付ける", "または、表のファイル"
        self.plan = plan

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        title = cleaned.get("title") or ""
        if cleaned.get("source") or self.errors.keys() & {"source", "title"}:
            return cleaned
        if not title:
            self.add_error("source", "登録してある出典を選ぶか、新しい出典の題名を入力してください。")
        same = [one for one in Source.objects.filter(plan=self.plan) if as_seen(one.title) == as_seen(title)]
        if title and any(one.date == cleaned.get("date") for one in same):
            self.add_error(
                "title", f"同じ題名と発行日の出典「{same[0]}」が登録されています。「出典」で選んでください。"
            )
        return cleaned

    @property
    def new_source(self) -> dict[str, str]:
        said = self.cleaned_data
        day = said["date"].isoformat() if said["date"] else ""
        return {"title": said["title"], "publisher": said["publisher"], "date": day, "url": said["url"]}


class WholeForm(forms.Form):
    """What holds for all numbers of a table, where its headings do not say it."""

    day = DayField(label="基準日", required=False)
    year = FiscalYearFormField(label="年度", required=False)
    axis = forms.ChoiceField(label="評価の軸", required=False)
    count = forms.ChoiceField(label="何の数か", required=False)
    edition = forms.ChoiceField(label="見直し後の版", required=False)
    basis = forms.ChoiceField(label="金額の根拠", required=False, choices=[("", "—"), *Basis.choices])
    unit = forms.ChoiceField(label="金額の単位", required=False, choices=[("", "—"), *((one, one) for one in UNITS)])
    where = TextField(label="資料の中の場所", required=False, max_length=100, help_text="例: 3ページ 表2")

    def __init__(
        self, chosen: ChosenFigureSheet, known: meanings.NameableParts, data: Any, prefix: str, main_axis: str
    ) -> None:
        whole = chosen.whole
        initial: dict[str, Any] = dict(whole)
        if day := whole.get(meanings.DAY):
            initial["day"] = era_date(DayField().to_python(day))
        if year := whole.get(meanings.YEAR):
            initial["year"] = era_fiscal_year(int(year))
        super().__init__(data, initial=initial, prefix=prefix)
        counts = [(value.partition(":")[2], label) for value, label in meanings.COUNTS]
        for name, choices in (("count", counts), ("edition", list(known.editions.items()))):
            field: Any = self.fields[name]
            field.choices = [("", "—"), *choices]
        axes: Any = self.fields["axis"]
        axes.choices = [("", main_axis), *((key, name) for key, (name, _grades) in known.axes.items())]
        if not known.axes:
            del self.fields["axis"]

    @property
    def whole(self) -> dict[str, str]:
        said = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return {WHERE: "", **said}


Page = Callable[["FigureTablePages", HttpRequest, TableUpload], HttpResponse]


def of_waiting_table(page: Page) -> Callable[[FigureTablePages, HttpRequest, int], HttpResponse]:
    """A page about the table that this person brings in for a plan; without one, or where it cannot be read, the first page."""

    @wraps(page)
    def view(pages: FigureTablePages, request: HttpRequest, pk: int) -> HttpResponse:
        upload, why = pages.waiting(request, pk), NO_TABLE
        if upload is not None:
            try:
                return page(pages, request, upload)
            except UnreadableFile as error:
                why = str(error)
        messages.error(request, f"{why}何も登録していません。")
        return redirect("admin:figures_publishedfigure_tables_start", pk)

    return view


class FigureTablePages(PlanPartAdmin):
    """Part of the admin of published figures."""

    change_list_template = "staff/figures/change_list.html"

    def table_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "figures_publishedfigure_tables"
        return [
            path("tables/", view(self.plans_view), name=name),
            path("tables/<int:pk>/", view(self.table_view), name=f"{name}_start"),
            path("tables/<int:pk>/sheets/", view(self.sheets_view), name=f"{name}_sheets"),
            path("tables/<int:pk>/meanings/", view(self.meanings_view), name=f"{name}_meanings"),
            path("tables/<int:pk>/check/", view(self.check_view), name=f"{name}_check"),
        ]

    def get_urls(self) -> list[URLPattern]:
        return [*self.table_urls(), *super().get_urls()]

    def waiting(self, request: HttpRequest, pk: int) -> TableUpload | None:
        """The table that this person brings in for the plan."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return waiting_upload(pk, by=person(request), kind=TableKind.FIGURES)

    def _page(self, request: HttpRequest, template: str, plan: Plan, step: int, **context: Any) -> HttpResponse:
        title = f"公表された集計表を取り込む {step}／{len(_STEPS)} {_STEPS[step - 1]}"
        return self.act_page(request, f"staff/{template}.html", title=title, plan=plan, **context)

    def plans_view(self, request: HttpRequest) -> HttpResponse:
        """Whose figures they are: a table belongs to one plan."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        plans = list(Plan.objects.all())
        if len(plans) == 1:
            return redirect("admin:figures_publishedfigure_tables_start", plans[0].pk)
        return self.act_page(request, "staff/figures/plans.html", title="公表された集計表を取り込む", plans=plans)

    # 1: the table and its source

    def table_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        waiting = self.waiting(request, pk)
        plan = get_object_or_404(Plan, pk=pk)
        form = FigureTableForm(plan, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                acts.receive(*form.taken(), plan, form.cleaned_data["source"], form.new_source, by=person(request))
                return redirect("admin:figures_publishedfigure_tables_sheets", pk)
            except UnreadableFile as error:
                form.refuse(str(error))
        status = 400 if request.method == "POST" else 200
        return self._page(request, "figures/start", plan, 1, form=form, waiting=waiting, status=status)

    # 2: sheets and rows

    @of_waiting_table
    def sheets_view(self, request: HttpRequest, upload: TableUpload) -> HttpResponse:
        errors: list[str] = []
        found = acts.choices_of(upload)
        if request.method == "POST":
            said = {choice.name: _layout(request, index, choice, errors) for index, choice in enumerate(found)}
            if not any(said.values()):
                errors.append("読むシートを1つ以上選んでください。")
            if not errors:
                acts.choose_sheets(upload, found, said)
                upload.save(update_fields=["sheets"])
                if "again" not in request.POST:
                    return redirect("admin:figures_publishedfigure_tables_meanings", upload.plan_id)
        back = reverse("admin:figures_publishedfigure_tables_start", args=[upload.plan_id])
        sheets = [_shown_sheet(choice) for choice in found]
        shown = {"upload": upload, "sheets": sheets, "back": back, "errors": errors}
        return self._page(request, "tables/sheets", upload.plan, 2, **shown, status=400 if errors else 200)

    # 3: what the headings mean

    @of_waiting_table
    def meanings_view(self, request: HttpRequest, upload: TableUpload) -> HttpResponse:
        found, known = acts.choices_of(upload), acts.Stored(upload.plan).known
        tables = [choice.chosen for choice in found if choice.chosen]
        if not tables:
            return redirect("admin:figures_publishedfigure_tables_sheets", upload.plan_id)
        data = request.POST if request.method == "POST" else None
        main = str(upload.plan.axes.get(key=MAIN_AXIS)) if known.axes else ""
        wholes = [WholeForm(one, known, data, f"whole-{number}", main) for number, one in enumerate(tables)]
        errors: list[str] = []
        is_another_axis = False
        if request.method == "POST":
            for number, (one, whole) in enumerate(zip(tables, wholes, strict=True)):
                if whole.is_valid() and whole.whole.get(meanings.AXIS, "") != one.axis:
                    one.whole = whole.whole
                    acts.choose_axis(upload, found, one, known, one.axis)
                    is_another_axis = True
                    continue
                own = known.of_axis(one.axis)
                offered = {value for _group, choices in meanings.options(own, one.used) for value, _label in choices}
                one.rows = _said(request, f"rows-{number}", one.rows, offered)
                one.columns = _said(request, f"columns-{number}", one.columns, offered)
                if whole.is_valid():
                    one.whole = whole.whole
                else:
                    errors = ["赤字のところを直してください。"]
            if is_another_axis:  # shown as it was kept, not as it was sent
                self.message_user(
                    request,
                    "評価の軸を変えたため、見出しの意味を読み直しました。確かめて、もう一度送ってください。",
                    messages.WARNING,
                )
                return redirect("admin:figures_publishedfigure_tables_meanings", upload.plan_id)
            errors = errors or acts.choose_meanings(upload, found, known)
            if not errors:
                return redirect("admin:figures_publishedfigure_tables_check", upload.plan_id)
        shown = [
            _shown_table(upload.plan, known, number, one, whole)
            for number, (one, whole) in enumerate(zip(tables, wholes, strict=True))
        ]
        status = 400 if errors else 200
        return self._page(request, "figures/meanings", upload.plan, 3, tables=shown, errors=errors, status=status)

    # 4: doubts, what the records say, and the act

    @of_waiting_table
    def check_view(self, request: HttpRequest, upload: TableUpload) -> HttpResponse:
        errors: list[str] = []
        result = acts.result_of(upload, answers_said(request))
        if "_confirm" in request.POST:
            try:
                done = acts.confirm(upload, request.POST.get("seen", ""), by=person(request))
                return self._registered(request, upload.plan, done)
            except acts.FiguresOutdated:
                errors = [
                    "登録する内容が、表示していたものから変わりました。もう一度確かめてください。何も登録していません。"
                ]
            except ValidationError as refused:
                errors = refused.messages
        asked_again = request.method == "POST" and bool(result.open_doubts)
        return self._page(
            request,
            "figures/check",
            upload.plan,
            4,
            upload=upload,
            result=result,
            doubts=sorted(result.doubts, key=lambda doubt: doubt.is_answered),
            written=result.of(What.NEW, What.SUPERSEDES, What.CORRECTED),
            counted=acts.counted(result.lines),
            differing=[(n, line) for n, line in enumerate(result.lines, 1) if _differs(line)],
            errors=[*errors, *result.reading.problems],
            asked_again=asked_again,
            status=400 if errors or asked_again or result.reading.problems else 200,
        )

    def _registered(self, request: HttpRequest, plan: Plan, done: acts.FiguresResult) -> HttpResponse:
        written = [line for line in done.lines if line.what not in (What.SAME, What.KEPT)]
        messages.success(
            request, f"公表値{len(written)}件を登録しました。記録との照合は、{acts.counted(written)}です。"
        )
        return redirect(f"{reverse('admin:figures_publishedfigure_changelist')}?plan__id__exact={plan.pk}")


def _layout(request: HttpRequest, index: int, choice: FigureSheetChoice, errors: list[str]) -> FigureLayout | None:
    if f"use-{index}" not in request.POST:
        return None
    if (said := numbers_said(request, [name for name, _label in _FIELDS], index)) is not None:
        layout, grid = FigureLayout(*said), choice.grid
        rows = 0 <= layout.header < layout.first <= layout.last <= grid.height
        if rows and 0 < layout.labels < grid.width:
            return layout
    errors.append(
        f"「{choice.name}」シート: 行は、見出しの行、値の最初の行、値の最後の行の順に、{choice.grid.height}行目までの数字で、"
        f"行の見出しは1列から{max(choice.grid.width - 1, 1)}列までの数字で入力してください。"
    )
    return choice.chosen.layout if choice.chosen else None


def _shown_sheet(choice: FigureSheetChoice) -> dict[str, Any]:
    layout = choice.chosen.layout if choice.chosen else None
    height = max(choice.grid.height, 1)
    at = layout or FigureLayout(1, min(2, height), height, 1)
    return {
        "is_hidden": choice.grid.sheet.looks.is_hidden,
        "hidden": hidden_said(choice.grid),
        "name": choice.name,
        "used": layout is not None,
        "fields": [(name, label, getattr(at, name)) for name, label in _FIELDS],
        "letters": letters(choice.grid),
        "rows": shown_rows(choice.grid, at.last if layout else 0, lambda row: _what(choice, row)),
        "is_empty": choice.grid.height == 0,
    }


def _differs(line: acts.PrintedLine) -> bool:
    return line.reconciled is not None and line.reconciled.status is Status.DIFFERS


def _what(choice: FigureSheetChoice, row: int) -> tuple[str, str]:
    """What a row is, for people and for the style sheet."""
    layout = choice.chosen.layout if choice.chosen else None
    if layout is None or row > layout.last or row < (layout.header or layout.first):
        return "読まない", "quiet"
    if row < layout.first or is_section(choice.grid, row, layout):
        return "見出し", "heading"
    if row in choice.grid.sheet.looks.rows and any(choice.grid.line(row)):
        return HIDDEN_ROW, "quiet"
    return ("値", "item") if is_row_of_values(choice.grid, row, layout) else ("空行", "quiet")


def _said(request: HttpRequest, name: str, side: dict[str, list[str]], offered: set[str]) -> dict[str, list[str]]:
    """What a person said of the headings of one side, in the order in which they stand; of meanings that were offered."""
    said = {}
    for index, text in enumerate(side):
        given = [one for one in dict.fromkeys(request.POST.getlist(f"{name}-{index}")) if one in offered]
        said[text] = [meanings.SKIP] if meanings.SKIP in given else given
    return said


def _shown_table(
    plan: Plan, known: meanings.NameableParts, number: int, chosen: ChosenFigureSheet, whole: WholeForm
) -> dict[str, Any]:
    options = [
        (in_words_of(plan, group), [(value, in_words_of(plan, label)) for value, label in choices])
        for group, choices in meanings.options(known.of_axis(chosen.axis), chosen.used)
        if choices
    ]
    return {
        "name": chosen.grid.sheet.name,
        "whole": whole,
        "options": options,
        "sides": [
            _shown_side(
                title, f"{side}-{number}", found, {value: label for _group, some in options for value, label in some}
            )
            for title, side, found in (("行の見出し", "rows", chosen.rows), ("列の見出し", "columns", chosen.columns))
        ],
    }


def _shown_side(title: str, name: str, found: dict[str, list[str]], labels: dict[str, str]) -> dict[str, Any]:
    """The headings of one side: those without a meaning stand open, the others are told in a line each."""
    headings = [(f"{name}-{index}", text, said) for index, (text, said) in enumerate(found.items())]
    certain = [one for one in headings if one[2]]
    return {
        "title": title,
        "doubtful": [one for one in headings if not one[2]],
        "certain": certain,
        "summed": [(text, "、".join(labels.get(one, one) for one in said)) for _name, text, said in certain],
    }
