"""The framework of a plan in the admin. Editions stand in staff/editions.py, with their acts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.fiscal import era_date
from policies.models import Direction, FiscalYearField, Plan, PlanPart, Policy, Position, Source, Viewpoint
from staff import fields
from staff.base import StaffAdmin
from staff.lists import resource_of
from staff.publicity import PublicityPages

YEAR = {"form_class": fields.FiscalYearFormField, "widget": forms.TextInput(attrs={"size": 12})}


class PlanChoiceField(forms.ModelChoiceField):
    """A record of a plan, named with its plan: several plans have a 方針1."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}（{obj.plan}）"


class PlanMultipleChoiceField(forms.ModelMultipleChoiceField):
    """Records of several plans, each named with its plan."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}（{obj.plan}）"


class SourcesForm(forms.ModelForm):
    """A record of a plan with several sources (the field `several`), all of the same plan."""

    several = "sources"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        plan = cleaned.get("plan") or (self.instance.plan if self.instance.plan_id else None)
        others = [str(source) for source in cleaned.get(self.several) or () if plan and source.plan_id != plan.pk]
        if others:
            self.add_error(
                self.several, f"「{'」「'.join(others)}」は別の計画の資料です。「{plan}」の資料を選んでください。"
            )
        return cleaned


class PlanPartAdmin(StaffAdmin):
    """Anything that belongs to one plan. A record stays in its plan, and refers to records of that plan only."""

    formfield_overrides = StaffAdmin.formfield_overrides | {FiscalYearField: YEAR}
    list_filter: Any = [("plan", admin.RelatedOnlyFieldListFilter)]
    list_select_related: Any = ["plan"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return sorted(super().get_fields(request, obj), key=lambda name: name != "plan")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *(["plan"] if obj else [])]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if issubclass(db_field.related_model, PlanPart):
            records = db_field.related_model._default_manager.select_related("plan")
            if key := request.resolver_match.kwargs.get("object_id"):
                kwargs["queryset"] = records.filter(plan__in=self.model._default_manager.filter(pk=key).values("plan"))
            else:
                kwargs |= {"queryset": records, "form_class": PlanChoiceField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        records = db_field.related_model._default_manager.select_related("plan")
        if key := request.resolver_match.kwargs.get("object_id"):
            records = records.filter(plan__in=self.model._default_manager.filter(pk=key).values("plan"))
        else:
            kwargs["form_class"] = PlanMultipleChoiceField
        kwargs |= {"queryset": records, "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.ManyToManyField):
            # The frame that Django puts around the boxes does not say that they are several.
            field.widget.use_fieldset = forms.CheckboxSelectMultiple.use_fieldset
        return field

    def is_public(self, obj: Any) -> bool:
        return obj.plan.is_public


@admin.register(Source)
class SourceAdmin(PublicityPages, PlanPartAdmin):
    resource_classes = [resource_of(Source)]
    list_display = ["key", "title", "publisher", "date_in_era", "public_at", "plan"]
    list_display_links = ["key", "title"]
    search_fields = ["key", "title", "publisher", "url"]

    @admin.display(description="発行日", ordering="date")
    def date_in_era(self, source: Source) -> str:
        return era_date(source.date) if source.date else ""


@admin.register(Viewpoint)
class ViewpointAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Viewpoint)]
    list_display = ["order", "name", "kind", "plan"]
    list_display_links = ["name"]
    list_filter = [*PlanPartAdmin.list_filter, "kind"]
    search_fields = ["name"]


@admin.register(Direction)
class DirectionAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Direction)]
    list_display = ["number", "name", "plan"]
    list_display_links = ["name"]
    search_fields = ["name"]


@admin.register(Policy)
class PolicyAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Policy)]
    list_display = ["number", "name", "direction", "programs_count", "plan"]
    list_display_links = ["name"]
    list_select_related = ["plan", "direction"]
    search_fields = ["name", "summary"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).annotate(programs_count=Count("programs"))

    @admin.display(description="実施項目", ordering="programs_count")
    def programs_count(self, policy: Policy) -> str:
        return f"{policy.programs_count}項目"  # type: ignore[attr-defined]


@admin.register(Position)
class PositionAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Position)]
    list_display = ["order", "layer", "name", "period_label", "plan"]
    list_display_links = ["name"]
    search_fields = ["name", "layer"]

    @admin.display(description="期間", ordering="first_fiscal_year")
    def period_label(self, position: Position) -> str:
        return position.period_label


class InPlanFilter(admin.SimpleListFilter):
    """Records of the chosen plan (the only one, or that of the chosen record); nothing to choose before that."""

    model: type[PlanPart]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        records = self.model._default_manager.all()
        chosen: Any = next((value for name, value in request.GET.items() if name.endswith("plan__id__exact")), "")
        value: Any = self.value() or ""
        if chosen.isdecimal():
            plans = Plan.objects.filter(pk=chosen)
        elif value.isdecimal():
            plans = Plan.objects.filter(pk__in=records.filter(pk=value).values("plan"))
        else:
            plans = Plan.objects.all()
        one = list(plans[:2])
        return [(str(record.pk), str(record)) for record in records.filter(plan=one[0])] if len(one) == 1 else []

    def has_output(self) -> bool:
        return super().has_output() or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.Model]) -> QuerySet[models.Model]:
        value: Any = self.value()
        if not value:
            return queryset
        # Asked by way of the record: a number beyond the database's integers finds nothing there, and fails as a key.
        records = (
            self.model._default_manager.filter(pk=value) if value.isdecimal() else self.model._default_manager.none()
        )
        return queryset.filter(**{f"{self.parameter_name}__in": records})


class PolicyFilter(InPlanFilter):
    title = "方針"
    parameter_name = "policy"
    model = Policy
