"""By what a plan judges: axes, their grades, from when on a scale holds; and the causes of a delay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import tablib
from django.contrib import admin
from django.http import HttpRequest

from core.fiscal import era_date
from policies.models import MAIN_AXIS, Axis, DelayCause, Grade, Scale
from reviews.models import PublishedJudgement, PublishedReport
from staff.framework import PlanPartAdmin
from staff.lists import ListResource, plain_columns, resource_of


class AxisPartResource(ListResource):
    """Rows of one axis: a list without that column, or with an empty cell in it, speaks of the first one."""

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        column = self.fields["axis"].column_name
        if column not in dataset.headers:
            dataset.append_col([MAIN_AXIS] * len(dataset), header=column)
        super().before_import(dataset, **kwargs)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        column = self.fields["axis"].column_name
        if any(value not in (None, "") for value in row.values()):
            row[column] = row[column] or MAIN_AXIS
        super().before_import_row(row, **kwargs)

    def required_columns(self) -> list[str]:
        return [name for name in super().required_columns() if name != self.fields["axis"].column_name]


@admin.register(Axis)
class AxisAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Axis)]
    list_display = ["order", "axis_name", "key", "judge", "definition", "plan"]
    list_display_links = ["axis_name"]
    search_fields = ["key", "name", "definition"]

    @admin.display(description="名称", ordering="name")
    def axis_name(self, axis: Axis) -> str:
        return str(axis)

    def get_readonly_fields(self, request: HttpRequest, obj: Axis | None = None) -> Any:
        settled = ["key"] if obj and (obj.is_main or obj.grades.exists()) else []
        return [*super().get_readonly_fields(request, obj), *settled]

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        if Axis in model_objs and any(axis.is_main for axis in model_objs[Axis]):
            return ["1番目の軸（どの計画にもあります）"]
        return []


class AxisPartAdmin(PlanPartAdmin):
    list_select_related = ["plan", "axis"]
    list_filter = [*PlanPartAdmin.list_filter, ("axis", admin.RelatedOnlyFieldListFilter)]


def settled_grade(grade: Grade | None) -> tuple[str, ...]:
    """What a grade means stays as it was once an item has been given it."""
    return ("axis", "code", "tone") if grade and (_is_reported(grade) or _is_published(grade)) else ()


def _is_reported(grade: Grade) -> bool:
    return grade.reports.exists() or grade.judgements.exists()


def _is_published(grade: Grade) -> bool:
    """Published rows name their grade by its code, so no reference tells."""
    if not grade.axis.is_main:
        return PublishedJudgement.objects.filter(axis=grade.axis_id, grade_code=grade.code).exists()
    return PublishedReport.objects.judged_as(grade).exists()


class GradeResource(AxisPartResource):
    class Meta:
        model = Grade
        fields = plain_columns(Grade)

    def settled(self, instance: Grade) -> Collection[str]:
        return settled_grade(instance)


@admin.register(Grade)
class GradeAdmin(AxisPartAdmin):
    resource_classes = [GradeResource]
    list_display = ["order", "code", "label", "tone", "definition", "axis", "plan"]
    list_display_links = ["code", "label"]
    search_fields = ["code", "label", "definition"]

    def get_readonly_fields(self, request: HttpRequest, obj: Grade | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *settled_grade(obj)]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used = [f"「{grade}」で公表した報告" for grade in objs if _is_published(grade)]
        return found, counts, lacking, [*protected, *used]


class ScaleResource(AxisPartResource):
    class Meta:
        model = Scale
        fields = plain_columns(Scale)


@admin.register(Scale)
class ScaleAdmin(AxisPartAdmin):
    resource_classes = [ScaleResource]
    list_display = ["starts_on_in_era", "name", "note", "axis", "plan"]
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
