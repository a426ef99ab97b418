"""The scale of grades, the causes of a delay, and published figures."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.fiscal import era_date, era_fiscal_year
from core.text import show_number
from figures.models import PublishedFigure
from policies.models import DelayCause, Grade, Scale
from reviews.models import PublishedReport
from staff.framework import PlanPartAdmin
from staff.lists import ListResource, plain_columns, resource_of


def settled_grade(grade: Grade | None) -> tuple[str, ...]:
    """What a grade means stays as it was once an item has been given it."""
    return ("code", "tone") if grade and _is_used(grade) else ()


def _is_used(grade: Grade) -> bool:
    return grade.reports.exists() or PublishedReport.objects.judged_as(grade).exists()


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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Published rows name their grade by its code, so nothing else keeps it."""
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used = [f"「{grade}」で公表した報告" for grade in objs if PublishedReport.objects.judged_as(grade).exists()]
        return found, counts, lacking, [*protected, *used]


@admin.register(Scale)
class ScaleAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Scale)]
    list_display = ["starts_on_in_era", "name", "note", "plan"]
    list_display_links = ["starts_on_in_era"]
    search_fields = ["name", "note"]

    @admin.display(description="最初の基準日", ordering="starts_on")
    def starts_on_in_era(self, scale: Scale) -> str:
        return era_date(scale.starts_on)


@admin.register(DelayCause)
class DelayCauseAdmin(PlanPartAdmin):
    """What departments choose from when an item is behind; a plan without any does not ask for it."""

    resource_classes = [resource_of(DelayCause)]
    list_display = ["order", "name", "plan"]
    list_display_links = ["name"]
    search_fields = ["name"]


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
        (
            "印刷された値",
            {"fields": ["printed", "value", "unit", "is_approximate", "triangle", "source", "locator", "note"]},
        ),
        (
            "何の値か",
            {
                "fields": [
                    *("policy", "edition", "as_of", "fiscal_year", "category"),
                    *("basis", "account", "series", "supersedes"),
                ]
            },
        ),
    ]

    @admin.display(description="読み取った値", ordering="value")
    def value_read(self, figure: PublishedFigure) -> str:
        return "読み取れません" if figure.value is None else f"{show_number(figure.value)} {figure.unit}"

    @admin.display(description="時点", ordering="as_of")
    def when(self, figure: PublishedFigure) -> str:
        if figure.as_of:
            return era_date(figure.as_of)
        return era_fiscal_year(figure.fiscal_year) if figure.fiscal_year else ""
