"""The scale of grades, published figures and meetings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from kodaira_reform.exchange import ListResource, Several, plain_columns, resource_of
from kodaira_reform.fiscal import era_date, era_fiscal_year
from kodaira_reform.text import show_number
from policies.admin import PlanPartAdmin
from policies.models import Source
from reviews.models import Grade, Meeting, PublishedFigure

DOCUMENTS = Prefetch("documents", Source.objects.all(), to_attr="listed")


def settled_grade(grade: Grade | None) -> tuple[str, ...]:
    """What a grade means stays as it was once a report has been given it."""
    return ("code", "tone") if grade and grade.reports.exists() else ()


class GradeResource(ListResource):
    class Meta:
        model = Grade
        fields = plain_columns(Grade)

    def settled(self, instance: Grade) -> Collection[str]:
        return settled_grade(instance)


@admin.register(Grade)
class GradeAdmin(PlanPartAdmin):
    resource_classes = [GradeResource]
    list_display = ["order", "code", "label", "tone", "definition", "plan"]
    list_display_links = ["code", "label"]
    search_fields = ["code", "label", "definition"]

    def get_readonly_fields(self, request: HttpRequest, obj: Grade | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *settled_grade(obj)]


@admin.register(PublishedFigure)
class PublishedFigureAdmin(PlanPartAdmin):
    resource_classes = [resource_of(PublishedFigure)]
    list_display = ["key", "label", "printed", "value_read", "when", "source", "locator", "plan"]
    list_display_links = ["key", "label"]
    list_filter = [*PlanPartAdmin.list_filter, "measure", "basis", ("source", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["plan", "source"]
    search_fields = ["key", "label", "printed", "locator", "note"]
    fieldsets = [
        (None, {"fields": ["plan", "key", "measure", "label"]}),
        ("印刷された値", {"fields": ["printed", "value", "unit", "is_approximate", "source", "locator", "note"]}),
        ("何の値か", {"fields": ["policy", "edition", "as_of", "fiscal_year", "category", "basis"]}),
    ]

    @admin.display(description="読み取った値", ordering="value")
    def value_read(self, figure: PublishedFigure) -> str:
        return "読み取れません" if figure.value is None else f"{show_number(figure.value)} {figure.unit}"

    @admin.display(description="時点", ordering="as_of")
    def when(self, figure: PublishedFigure) -> str:
        if figure.as_of:
            return era_date(figure.as_of)
        return era_fiscal_year(figure.fiscal_year) if figure.fiscal_year else ""


class MeetingResource(ListResource):
    documents = Several(
        "documents",
        "資料",
        Source,
        read=lambda meeting: meeting.listed,
        write=lambda meeting, sources: meeting.documents.set(sources),
    )

    class Meta:
        model = Meeting
        fields = [*plain_columns(Meeting), "documents"]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return super().filter_export(queryset).prefetch_related(None).prefetch_related(DOCUMENTS)


@admin.register(Meeting)
class MeetingAdmin(PlanPartAdmin):
    resource_classes = [MeetingResource]
    list_display = ["held", "title", "document_titles", "plan"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        return super().get_queryset(request).prefetch_related(DOCUMENTS)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        sources = Source.objects.select_related("plan")
        if key := request.resolver_match.kwargs.get("object_id"):
            kwargs["queryset"] = sources.filter(plan__in=Meeting.objects.filter(pk=key).values("plan"))
        else:
            kwargs["queryset"] = sources
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    @admin.display(description="開催日", ordering="held_on")
    def held(self, meeting: Meeting) -> str:
        return era_date(meeting.held_on)

    @admin.display(description="資料")
    def document_titles(self, meeting: Any) -> str:
        return "、".join(str(source) for source in meeting.listed)
