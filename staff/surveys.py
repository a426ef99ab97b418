"""Survey sheets: download, upload with preview, confirmation and undoing. What happens stands in workbooks/survey/acts.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import Department
from core.differences import merged
from core.spreadsheets.limits import MAX_BYTES, UnreadableFile
from reviews import workflow
from reviews.models import Round
from staff.base import StaffAdmin, person
from staff.lists.formats import Xlsx
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.cells import Choices, choices_of, shown
from workbooks.survey.changes import Preview, preview
from workbooks.survey.loading import departments_of, reports_of, require
from workbooks.survey.sheet import survey_sheet

State = SurveyUpload.State


class SheetForm(forms.Form):
    """The file that came back. What is in it is judged by reading it."""

    file = forms.FileField(
        label="記入した調査票",
        help_text="ダウンロードして記入し、Excel（xlsx）か LibreOffice（ods）の形式で保存したファイル。",
        error_messages={
            "required": "ファイルを選んでください。",
            "empty": "空のファイルです。記入した調査票を選んでください。",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods"}),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(f"ファイルは{MAX_BYTES // 1024 // 1024}MBまでです。")
        return upload


@admin.register(SurveyUpload)
class SurveyUploadAdmin(StaffAdmin):
    list_display = ["department", "round", "file_name", "state", "uploaded", "changed_items"]
    list_filter = ["state", ("round", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department", "round__plan", "uploaded_by"]
    ordering = ["-uploaded_at", "-pk"]
    history_hidden = ("sha256", "changes")

    # Who may see and do what: nobody writes these rows by hand

    def get_queryset(self, request: HttpRequest) -> QuerySet[SurveyUpload]:
        found = super().get_queryset(request).defer("content")
        return found if self._is_office(request) else found.filter(uploaded_by=person(request))

    @staticmethod
    def _is_office(request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.approve_report")

    def has_view_permission(self, request: HttpRequest, obj: SurveyUpload | None = None) -> bool:
        return request.user.has_perm("reviews.change_report")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SurveyUpload | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SurveyUpload | None = None) -> bool:
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return False

    def is_public(self, obj: SurveyUpload) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Without its file an upload of somebody else cannot be made up from its history, as other records are."""
        self._check_key(object_id)
        if not self.get_queryset(request).filter(pk=object_id).exists():
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    @admin.display(description="受け取り", ordering="uploaded_at")
    def uploaded(self, upload: SurveyUpload) -> str:
        return f"{timezone.localtime(upload.uploaded_at):%Y-%m-%d %H:%M} {upload.uploaded_by}"

    @admin.display(description="変えた項目")
    def changed_items(self, upload: SurveyUpload) -> str:
        return f"{len(upload.changes)}項目" if upload.state != State.PREVIEWED else ""

    # Addresses

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        sheets = "sheets/<int:round>/"
        return [
            path(sheets, view(self.departments_view), name="workbooks_surveyupload_departments"),
            path(f"{sheets}<int:department>/", view(self.sheet_view), name="workbooks_surveyupload_sheet"),
            path(
                f"{sheets}<int:department>/download/", view(self.download_view), name="workbooks_surveyupload_download"
            ),
            path("<int:pk>/undo/", view(self.undo_view), name="workbooks_surveyupload_undo"),
            *super().get_urls(),
        ]

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
    ) -> TemplateResponse:
        return self.act_page(request, f"staff/survey/{template}.html", status=status, **context)

    # A department's sheet

    def departments_view(self, request: HttpRequest, round: int) -> HttpResponse:
        """The sheets of a round that this person may use."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        round_ = get_object_or_404(Round.objects.select_related("plan", "edition"), pk=round)
        found = departments_of(round_)
        if not self._is_office(request):
            owned = person(request).owned_departments()
            found = [(department, count) for department, count in found if department.pk in owned]
        if len(found) == 1 and round_.state == Round.State.OPEN:
            return redirect("admin:workbooks_surveyupload_sheet", round_.pk, found[0][0].pk)
        context = {"title": f"{round_}の調査票", "round": round_, "departments": found}
        return self._page(request, "departments", context)

    def _sheet(self, request: HttpRequest, round: int, department: int) -> tuple[Round, Department]:
        """The round and department of an address. Raises NotAllowed, WrongState or Http404."""
        round_ = get_object_or_404(Round.objects.select_related("plan", "edition"), pk=round)
        owner = get_object_or_404(Department, pk=department)
        require(person(request), round_, owner)
        if not reports_of(round_, owner).exists():
            raise Http404
        return round_, owner

    def _not_open(self, request: HttpRequest, refused: workflow.WrongState) -> HttpResponse:
        messages.error(request, str(refused))
        return redirect("admin:index")

    def download_view(self, request: HttpRequest, round: int, department: int) -> HttpResponse:
        try:
            round_, owner = self._sheet(request, round, department)
        except workflow.WrongState as refused:
            return self._not_open(request, refused)
        response = HttpResponse(survey_sheet(round_, owner, by=person(request)), content_type=Xlsx.content_type)
        name = f"調査票_{round_.as_of.isoformat()}_{owner.name}.xlsx"
        plain = f"survey-{round_.as_of.isoformat()}-{owner.code}.xlsx"
        response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
        return response

    def sheet_view(self, request: HttpRequest, round: int, department: int) -> HttpResponse:
        """Download on one side, upload on the other."""
        try:
            round_, owner = self._sheet(request, round, department)
        except workflow.WrongState as refused:
            return self._not_open(request, refused)
        form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                upload = acts.receive(file.read(), Path(file.name).name, round_, owner, by=person(request))
            except (UnreadableFile, workflow.WrongState) as refused:
                form.add_error("file", f"取り込めません。何も保存していません。{refused}")
            else:
                return redirect("admin:workbooks_surveyupload_change", upload.pk)
        context = {
            "title": f"{owner}の調査票",
            "round": round_,
            "department": owner,
            "form": form,
            "count": reports_of(round_, owner).count(),
            "uploads": self.get_queryset(request)
            .filter(round=round_, department=owner)
            .select_related("uploaded_by")
            .order_by("-uploaded_at", "-pk")[:10],
        }
        return self._page(request, "sheet", context, status=400 if form.errors else 200)

    # One upload: preview, confirmation, what it did

    def _upload(self, request: HttpRequest, pk: Any) -> SurveyUpload:
        if not self.has_view_permission(request):
            raise PermissionDenied
        self._check_key(str(pk))
        uploads = SurveyUpload.objects.select_related("round__plan", "round__edition", "department", "uploaded_by")
        upload = uploads.filter(pk=pk).first()
        if upload is None:
            raise Http404
        acts.require_owner(upload, person(request))
        return upload

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        upload = self._upload(request, object_id)
        if request.method == "POST":
            return self._confirm(request, upload)
        if upload.state != State.PREVIEWED:
            return self._done(request, upload)
        try:
            require(person(request), upload.round, upload.department)
            return self._preview(request, upload, preview(upload))
        except workflow.WrongState as refused:
            return self._not_open(request, refused)
        except UnreadableFile as refused:
            return self._again(request, upload, refused)

    def _again(self, request: HttpRequest, upload: SurveyUpload, refused: Exception) -> HttpResponse:
        messages.error(request, str(refused))
        return redirect("admin:workbooks_surveyupload_sheet", upload.round_id, upload.department_id)

    def _preview(
        self, request: HttpRequest, upload: SurveyUpload, found: Preview, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "title": "調査票の内容を確かめる",
            "upload": upload,
            "round": upload.round,
            "department": upload.department,
            "preview": found,
            "earlier": acts.earlier_confirmation(upload),
            "error": error,
        }
        return self._page(request, "preview", context, status=status)

    def _confirm(self, request: HttpRequest, upload: SurveyUpload) -> HttpResponse:
        submit = "_submit" in request.POST
        picks = {name: request.POST[name] for name in request.POST if name.startswith("pick-")}
        fingerprint = request.POST.get("fingerprint", "")
        try:
            saved = acts.confirm(upload, fingerprint=fingerprint, picks=picks, submit=submit, by=person(request))
        except acts.NotConfirmed as refused:
            return self._preview(request, upload, refused.preview, error=str(refused), status=409)
        except (workflow.WrongState, UnreadableFile) as refused:
            return self._again(request, upload, refused)
        self.log_change(request, saved, "取り込み")
        submitted = sum(entry["submitted"] for entry in saved.changes)
        changed = sum(bool(entry["cells"]) for entry in saved.changes)
        done = f"{changed}項目を取り込みました。"
        messages.success(
            request, f"{done}{submitted}項目を提出しました。" if submit else f"{done}まだ提出していません。"
        )
        return redirect("admin:workbooks_surveyupload_change", saved.pk)

    def _done(
        self, request: HttpRequest, upload: SurveyUpload, *, reasons: Any = (), status: int = 200
    ) -> HttpResponse:
        choices, unit = choices_of(upload.round.plan), upload.round.plan.money_unit
        entries = [
            {
                **entry,
                "cells": [
                    {
                        "label": cell["label"],
                        "marked": self._marked(cell, choices, unit),
                    }
                    for cell in entry["cells"]
                ],
            }
            for entry in upload.changes
        ]
        context = {
            "title": "取り込んだ調査票",
            "upload": upload,
            "round": upload.round,
            "department": upload.department,
            "entries": entries,
            "can_undo": upload.state == State.CONFIRMED
            and upload.round.state == Round.State.OPEN
            and any(entry["cells"] for entry in upload.changes),
            "reasons": reasons,
        }
        return self._page(request, "done", context, status=status)

    @staticmethod
    def _marked(cell: dict[str, str], choices: Choices, unit: str) -> SafeString:
        return merged(*(shown(cell["name"], cell[side], choices, unit) for side in ("old", "new")))

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        upload = self._upload(request, pk)
        try:
            saved = acts.undo(upload, by=person(request))
        except acts.NotUndone as refused:
            messages.error(request, str(refused))
            return self._done(request, upload, reasons=refused.reasons, status=409)
        except workflow.WrongState as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, saved, "取り消し")
            messages.success(request, "取り込む前の内容に戻しました。")
        return redirect(reverse("admin:workbooks_surveyupload_change", args=[pk]))
