"""Revisions, and the city's own marks in its table of revised items."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.fields import Field

from core.fiscal import era_date
from policies.models import FiscalYearField
from programs.models import Program, Revision, RevisionMark
from staff.base import StaffAdmin
from staff.framework import YEAR, PlanPartAdmin
from staff.lists import ListResource, plain_columns
from staff.promise_lists import EDITION, PLAN, PROGRAM, PartResource


class RevisionResource(ListResource):
    class Meta:
        model = Revision
        fields = plain_columns(Revision)

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("plan", "from_edition", "to_edition", "source")


@admin.register(Revision)
class RevisionAdmin(PlanPartAdmin):
    resource_classes = [RevisionResource]
    list_display = ["to_edition", "from_edition", "decided", "plan"]
    list_select_related = ["plan", "from_edition", "to_edition"]
    search_fields = ["to_edition__name", "purpose"]

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        found = model_objs.get(Revision, ())
        return [f"確定した版への見直し {one}" for one in found if one.to_edition.frozen_at]

    @admin.display(description="見直しを決めた日", ordering="decided_on")
    def decided(self, revision: Revision) -> str:
        return era_date(revision.decided_on) if revision.decided_on else ""


class ProgramField(forms.ModelChoiceField):
    """An item with its plan."""

    def label_from_instance(self, obj: Program) -> str:
        return f"{obj}（{obj.plan}）"


class RevisionField(forms.ModelChoiceField):
    """A revision with its plan."""

    def label_from_instance(self, obj: Revision) -> str:
        return f"{obj}（{obj.plan}）"


class OfProgramAdmin(StaffAdmin):
    """Rows about an item, of whatever plan."""

    formfield_overrides = StaffAdmin.formfield_overrides | {FiscalYearField: YEAR}

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "program":
            kwargs |= {"queryset": Program.objects.select_related("plan"), "form_class": ProgramField}
        elif db_field.name == "revision":
            revisions = Revision.objects.select_related("plan", "to_edition")
            kwargs |= {"queryset": revisions, "form_class": RevisionField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(program__in=Program.objects.search(text))


class RevisionMarkResource(PartResource):
    plan = Field("program__plan", "計画", PLAN, readonly=True)
    edition = Field("revision__to_edition", "見直し後の版", EDITION, readonly=True)
    program = Field("program", "実施項目", PROGRAM)
    keys = ("edition", "program", "aspect")
    owner, owner_key, owner_path = "revision", ("edition",), ("to_edition",)
    owner_with = ("to_edition",)

    class Meta:
        model = RevisionMark
        fields = ("plan", "edition", "program", "aspect", "note")

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("program__plan", "revision__to_edition")


@admin.register(RevisionMark)
class RevisionMarkAdmin(OfProgramAdmin):
    resource_classes = [RevisionMarkResource]
    list_display = ["program", "aspect", "revision", "note"]
    list_filter = [("revision__to_edition", admin.RelatedOnlyFieldListFilter), "aspect"]
    list_select_related = ["program", "revision__to_edition"]
    ordering = ["revision", "program__sort_key", "aspect"]
    search_fields = ["note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevisionMark]:
        return super().get_queryset(request).select_related("program", "revision__to_edition")
