"""What was published, to read and to correct by erratum. Nothing here changes a frozen value."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from reviews import report_fields, workflow
from reviews.corrections import correctables
from reviews.models import PublishedReport
from staff.base import RecordAdmin, person
from staff.content_errata import seen_errata
from staff.fields import DayField, TextField


class CorrectionForm(forms.Form):
    field = forms.ChoiceField(label="訂正する欄", error_messages={"required": "訂正する欄を選んでください。"})
    new = TextField(
        label="正しい内容",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="評価は記号（例: A）、日付は 2016-03-31 か 平成28年3月31日、"
        "効果額は千円単位の数か、130.7百万円 のように単位を付けて入力します。"
        "公表するべきでなかった値は、空欄にします。",
    )
    reason = TextField(
        label="訂正の理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="市民のページに表示されます。",
        error_messages={"required": "訂正の理由を入力してください。市民のページに表示されます。"},
    )
    corrected_on = DayField(label="訂正日", required=False, help_text="空欄なら今日になります。")

    def __init__(self, row: PublishedReport, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["field"]
        field.choices = [("", "選んでください"), *((each.field, each.label) for each in correctables(row))]


@admin.register(PublishedReport)
class PublishedReportAdmin(RecordAdmin):
    list_display = ["number", "name", "round", "grade", "origin", "corrected"]
    list_display_links = ["number", "name"]
    list_filter = [("round__plan", admin.RelatedOnlyFieldListFilter), ("round", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["round__plan"]
    ordering = ["-round__as_of", "sort_key"]
    search_fields = ["number", "name"]
    fieldsets = [
        (None, {"fields": ["round", "number", "name", "policy_name", "department_names", "grade", "origin"]}),
        ("報告", {"fields": [field.as_frozen for field in report_fields.PLAIN]}),
    ]
    change_form_template = "staff/published/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PublishedReport]:
        return super().get_queryset(request).annotate(errata_count=Count("errata"))

    def searched(self, queryset: Any, text: str) -> QuerySet[PublishedReport]:
        return queryset.search(text)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A frozen row has no history; its errata stand on its page."""
        self._check_key(object_id)
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return redirect("admin:reviews_publishedreport_change", row.pk)

    @admin.display(description="評価", ordering="grade_order")
    def grade(self, row: PublishedReport) -> str:
        return f"{row.grade_code} {row.grade_label}" if row.grade_code else "未報告"

    @admin.display(description="推進担当課")
    def department_names(self, row: PublishedReport) -> str:
        return "、".join(department["name"] for department in row.departments) or "未登録"

    @admin.display(description="訂正")
    def corrected(self, row: Any) -> str:
        return f"{row.errata_count}件" if row.errata_count else ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.correct_view)
        return [path("<int:pk>/correct/", view, name="reviews_publishedreport_correct"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context["errata"] = list(obj.errata.select_related("corrected_by"))
            context["can_correct"] = request.user.has_perm("reviews.add_reporterratum")
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reviews.add_reporterratum"):
            raise PermissionDenied
        row = self.get_queryset(request).select_related("round__plan").filter(pk=pk).first()
        if row is None:
            raise Http404
        form = CorrectionForm(row, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                erratum = workflow.correct(row, by=person(request), seen=seen_errata(request), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                done = f"{erratum.label}を訂正しました。市民のページに正誤が表示されます。"
                return self.act_done(request, row, done)
        return self.act_page(
            request,
            "staff/published/correct.html",
            status=400 if form.errors else 200,
            original=row,
            seen=row.errata.count(),
            title="公表した報告を訂正する",
            subtitle=str(row),
            form=form,
            values=correctables(row),
            error="訂正していません。下の欄を直してください。" if form.errors else "",
        )
