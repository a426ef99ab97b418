"""The plan workbook in the admin: a file in, after a page that says what it would change. Out: staff/exports.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from core.spreadsheets.limits import UnreadableFile, check_size
from figures.models import Triangle
from policies.models import Plan
from staff.base import StaffAdmin, person
from staff.lists.uploads import WaitingUploads
from workbooks.plan import reading, triangles
from workbooks.plan.changes import PlanComparison, SheetChanges, show_key, show_value, shown_rows
from workbooks.plan.importing import ImportRefused, PreviewOutdated, import_tables

SHOWN = 20  # rows a sheet on the preview page
SHOWN_PROBLEMS = 300
WAITING = "planbook"  # in the session: the file that this person is to confirm
GONE = "確かめたファイルが見つかりません。もう一度ファイルを選んでください。何も取り込んでいません。"


class BookForm(forms.Form):
    file = forms.FileField(
        label="計画ブック",
        help_text=f"Excel（xlsx）か LibreOffice（ods）、{reading.MAX_BYTES // 1024 // 1024}MB まで。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods"}),
        error_messages={"required": "取り込む計画ブックを選んでください。", "empty": "ファイルが空です（0バイト）。"},
    )


class TriangleForm(forms.Form):
    """What the city means by △, asked where a file does not say it."""

    triangle = forms.ChoiceField(
        label="歳出削減の金額の△は、どちらの意味ですか",
        choices=Triangle.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "△の意味を選んでください。", "invalid_choice": "△の意味を選んでください。"},
    )


@dataclass
class SheetPreview:
    """One sheet on the preview page: all counts, and the first rows in words."""

    changes: SheetChanges

    @property
    def created(self) -> list[tuple[int | None, str, list[tuple[str, str]]]]:
        """Row in the file, key, and (label, value) of what is not blank."""
        return shown_rows(self.changes, SHOWN)

    @property
    def changed(self) -> list[dict[str, Any]]:
        columns = self.changes.sheet.by_name
        return [
            {
                "key": show_key(change.key),
                "row": change.row,
                "label": columns[name].label,
                "old": show_value(old),
                "new": show_value(new),
                "first": index == 0,
                "fields": len(change.fields),
            }
            for change in self.changes.changed[:SHOWN]
            for index, (name, (old, new)) in enumerate(change.fields.items())
        ]

    @property
    def deleted(self) -> list[str]:
        return [show_key(key) for key in self.changes.deleted[:SHOWN]]

    @property
    def more_created(self) -> int:
        return max(len(self.changes.created) - SHOWN, 0)

    @property
    def more_changed(self) -> int:
        return max(len(self.changes.changed) - SHOWN, 0)

    @property
    def more_deleted(self) -> int:
        return max(len(self.changes.deleted) - SHOWN, 0)


class BookPages(StaffAdmin):
    """Part of the admin of plans."""

    def book_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("book/import/", view(self.book_import_view), name="policies_plan_book_import"),
            path("book/confirm/", view(self.book_confirm_view), name="policies_plan_book_confirm"),
        ]

    def book_import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload, then the preview of exactly this file."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = BookForm(request.POST, request.FILES)
        if request.method != "POST":
            return self._book_page(request, BookForm())
        if "triangle" in request.POST or "ask" in request.POST:
            return self._answered(request)
        self._forget_book(request)
        if not form.is_valid():
            return self._book_page(request, form, status=400)
        upload = form.cleaned_data["file"]
        try:
            check_size(upload.size, reading.MAX_BYTES)
            return self._preview(request, form, upload.read(), upload.name)
        except UnreadableFile as error:
            form.add_error("file", str(error))
            return self._book_page(request, form, status=400)

    def compared(
        self, request: HttpRequest, data: bytes, triangle: str = ""
    ) -> tuple[reading.PlanTables, PlanComparison]:
        """A workbook as it was read, and what it would change."""
        return self.compared_tables(request, reading.read_book(data), triangle)

    def compared_tables(
        self, request: HttpRequest, book: reading.PlanTables, triangle: str = ""
    ) -> tuple[reading.PlanTables, PlanComparison]:
        by = person(request)
        return book, import_tables(book.tables, by=by, dry_run=True, found=book.problems, triangle=triangle)

    def _preview(
        self,
        request: HttpRequest,
        form: forms.Form,
        data: bytes,
        name: str,
        triangle: str = "",
        compared: tuple[reading.PlanTables, PlanComparison] | None = None,
    ) -> TemplateResponse:
        book, result = compared or self.compared(request, data, triangle)
        shown: dict[str, Any] = {"result": result, "name": name, "notes": book.notes}
        asks = bool(result.problems) and all(triangles.is_asked(problem) for problem in result.problems)
        if result.is_empty or (result.problems and not asks):
            return self._book_page(request, form, **shown, status=400 if result.problems else 200)
        waiting = WaitingUploads()
        waiting.save(data)
        request.session[WAITING] = {
            "file": waiting.name,
            "name": name,
            "fingerprint": result.fingerprint,
            "triangle": triangle,
        }
        if asks:
            return self._book_page(request, form, **shown, question=TriangleForm(), asked=waiting.name)
        return self._book_page(request, form, **shown, waiting=waiting.name)

    def preview_made(
        self, request: HttpRequest, data: bytes, name: str, compared: tuple[reading.PlanTables, PlanComparison]
    ) -> HttpResponse:
        """The preview of a workbook that was made of somebody's table, and has been compared already."""
        self._forget_book(request)
        return self._preview(request, BookForm(), data, name, compared=compared)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        """The preview of the file that waits, now that the person has said what △ means."""
        question = TriangleForm(request.POST)
        try:
            waiting, data = self._waiting_book(request, "ask")
        except FileNotFoundError:
            messages.error(request, GONE)
            return redirect("admin:policies_plan_book_import")
        if not question.is_valid():
            return self._book_page(
                request, BookForm(), name=waiting["name"], question=question, asked=waiting["file"], status=400
            )
        self._forget_book(request)
        return self._preview(request, BookForm(), data, waiting["name"], question.cleaned_data["triangle"])

    def book_confirm_view(self, request: HttpRequest) -> HttpResponseBase:
        """Write what this person saw, or nothing."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            waiting, data = self._waiting_book(request, "file")
            book = reading.read_book(data)
        except FileNotFoundError:
            messages.error(request, GONE)
            return redirect("admin:policies_plan_book_import")
        except UnreadableFile as error:  # it was read before: too much else is going on now
            messages.error(request, f"{error}何も取り込んでいません。")
            return redirect("admin:policies_plan_book_import")
        self._forget_book(request)
        try:
            result = import_tables(
                book.tables,
                by=person(request),
                expected=waiting["fingerprint"],
                found=book.problems,
                triangle=waiting["triangle"],
            )
        except ImportRefused as error:
            return self._book_page(request, BookForm(), error.comparison, name=waiting["name"], status=409)
        except PreviewOutdated as error:
            messages.error(request, str(error))
            return self._book_page(request, BookForm(), status=409)
        plan = self._plan_of(result)
        done = (
            f"計画ブック「{waiting['name']}」を取り込みました。追加{result.count('created'):,}件、"
            f"変更{result.count('changed'):,}件、削除{result.count('deleted'):,}件。"
        )
        self.log_change(request, plan, done)
        messages.success(request, done)
        return redirect("admin:policies_plan_change", plan.pk)

    def _plan_of(self, result: PlanComparison) -> Any:
        (key,) = result.final["plan"]
        return Plan.objects.get(slug=key[0])

    def _waiting_book(self, request: HttpRequest, sent_as: str) -> tuple[dict[str, Any], bytes]:
        """The file that this person was shown, if the page that was sent is of that one. Raises FileNotFoundError."""
        waiting = request.session.get(WAITING)
        if not waiting or waiting["file"] != request.POST.get(sent_as):
            raise FileNotFoundError
        return waiting, WaitingUploads(name=waiting["file"]).read()

    def _forget_book(self, request: HttpRequest) -> None:
        if waiting := request.session.pop(WAITING, None):
            WaitingUploads(name=waiting["file"]).remove()

    def _book_page(
        self,
        request: HttpRequest,
        form: forms.Form,
        result: PlanComparison | None = None,
        *,
        name: str = "",
        waiting: str = "",
        notes: Sequence[str] = (),
        question: TriangleForm | None = None,
        asked: str = "",
        status: int = 200,
    ) -> TemplateResponse:
        context: dict[str, Any] = {
            "form": form,
            "result": result,
            "file_name": name,
            "waiting": waiting,
            "notes": notes,
            "question": question,
            "asked": asked,
        }
        if result is not None:
            context["problems"] = result.problems[:SHOWN_PROBLEMS]
            context["more_problems"] = max(len(result.problems) - SHOWN_PROBLEMS, 0)
            context["sheets"] = [SheetPreview(one) for one in result.sheets.values()]
            context["totals"] = {what: result.count(what) for what in ("created", "changed", "deleted")}
            context["unchanged"] = sum(one.unchanged for one in result.sheets.values())
            plan = next(iter(result.final.get("plan", {}).values()), {})
            context["plan_name"], context["slug"] = plan.get("name", ""), plan.get("slug", "")
            context["is_new"] = bool(result.sheets["plan"].created) if "plan" in result.sheets else False
        return self.act_page(
            request, "staff/plan/book_import.html", status=status, title="計画ブックの取り込み", **context
        )
