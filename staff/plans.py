"""The plans in the admin. Their files: staff/books.py (a plan workbook in), staff/tables.py (an office's own table in),
staff/exports.py (out)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from policies.models import FiscalYearField, Plan, Source
from policies.words import WORDS
from staff.base import StaffAdmin
from staff.committee import CommitteeMemberInline
from staff.exports import ExportPages
from staff.framework import YEAR
from staff.lists import ListResource, plain_columns
from staff.publicity import PublicityPages
from staff.table_results import TableResultsPage


class PlanResource(ListResource):
    class Meta:
        model = Plan
        fields = plain_columns(Plan)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        own = row[self.required_columns()[0]]
        row[str(Source._meta.get_field("plan").verbose_name)] = own  # the sources of a plan are its own


@admin.register(Plan)
class PlanAdmin(PublicityPages, ExportPages, TableResultsPage):
    resource_classes = [PlanResource]
    inlines = [CommitteeMemberInline]
    change_form_template = "staff/plan/change_form.html"
    change_list_template = "staff/plan/change_list.html"
    formfield_overrides = StaffAdmin.formfield_overrides | {FiscalYearField: YEAR}
    list_display = ["name", "city", "slug", "period_label", "programs_count", "is_public", "is_fictional"]
    search_fields = ["name", "city", "slug"]
    fieldsets = [
        (None, {"fields": ["slug", "city", "city_code", "name", "program_name", "summary", "source"]}),
        ("期間", {"fields": ["first_fiscal_year", "last_fiscal_year", "original_last_fiscal_year"]}),
        ("根拠となる方針", {"fields": ["rule_name", "rule_first_fiscal_year", "rule_last_fiscal_year"]}),
        ("推進委員会", {"fields": ["committee_name", "committee_experts", "committee_citizens", "committee_source"]}),
        ("金額", {"fields": ["money_unit"]}),
        ("用語", {"fields": [f"{name}_word" for name in WORDS]}),
        ("公開", {"fields": ["is_public", "is_fictional"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        return ["is_public", *(["slug"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).annotate(programs_count=Count("programs"))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        key = request.resolver_match.kwargs.get("object_id")
        kwargs["queryset"] = Source.objects.filter(plan=key) if key else Source.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def is_public(self, obj: Plan) -> bool:
        return obj.is_public

    @admin.display(description="期間", ordering="first_fiscal_year")
    def period_label(self, plan: Plan) -> str:
        return plan.period_label

    @admin.display(description="実施項目", ordering="programs_count")
    def programs_count(self, plan: Plan) -> str:
        return f"{plan.programs_count}項目"  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        return [*self.book_urls(), *self.export_urls(), *self.table_urls(), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context["has_import_permission"] = self.has_import_permission(request)
        context["has_export_permission"] = self.has_export_permission(request)
        return super().render_change_form(request, context, **kwargs)
