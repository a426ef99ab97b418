"""計画のあゆみ: the plans before and after, with what was published about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet

from policies.models import LineageFigure, LineageNote, LineagePlan, Source
from staff.framework import PlanPartAdmin, SourcesForm
from staff.lists import ListResource, Several, plain_columns, resource_of

SOURCES = Prefetch("sources", Source.objects.all(), to_attr="listed")


class LineagePlanResource(ListResource):
    sources = Several(
        "sources",
        "出典",
        Source,
        read=lambda lineage: lineage.listed,
        write=lambda lineage, found: lineage.sources.set(found),
    )

    class Meta:
        model = LineagePlan
        fields = (*plain_columns(LineagePlan), "sources")

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return super().filter_export(queryset).prefetch_related(None).prefetch_related(SOURCES)


@admin.register(LineagePlan)
class LineagePlanAdmin(PlanPartAdmin):
    resource_classes = [LineagePlanResource]
    form = SourcesForm
    list_display = ["order", "name", "period", "item_count", "plan"]
    list_display_links = ["name"]
    search_fields = ["name", "key", "summary"]

    @admin.display(description="期間", ordering="first_fiscal_year")
    def period(self, lineage: LineagePlan) -> str:
        return lineage.period_label or "未登録"


@admin.register(LineageFigure)
class LineageFigureAdmin(PlanPartAdmin):
    resource_classes = [resource_of(LineageFigure)]
    list_display = ["key", "lineage", "as_of", "policy_number", "grade_code", "grade_label", "value"]
    list_select_related = ["plan", "lineage"]
    search_fields = ["key", "grade_label", "policy_name"]


@admin.register(LineageNote)
class LineageNoteAdmin(PlanPartAdmin):
    resource_classes = [resource_of(LineageNote)]
    list_display = ["key", "lineage", "kind", "text"]
    list_select_related = ["plan", "lineage"]
    search_fields = ["key", "text"]
