"""全体の指標: what a plan or a policy sets out to reach and what was reached, published and corrected by acts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from core.acts import WrongState
from policies.models import FiscalYearField, PlanPart
from programs import plan_indicators
from programs.content import TYPED_FACTS
from programs.models import PlanIndicator, PlanIndicatorActual, PlanIndicatorErratum, PlanIndicatorTarget
from staff.base import StaffAdmin, person
from staff.content_errata import CorrectionForms
from staff.errata import ErratumAdmin
from staff.framework import YEAR, PlanPartAdmin
from staff.indicator_rows import StatedForms, StatedResource
from staff.lines import RecordLines
from staff.lists import plain_columns

SETTLED = ("policy", "number", *TYPED_FACTS)


def settled_of(indicator: PlanIndicator | None) -> tuple[str, ...]:
    return SETTLED if indicator and indicator.published_at else ()


class ValueForm(forms.ModelForm):
    """A target or an actual. One that is published is only read here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = str(self.instance) if self.instance.pk else "新しい行"
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{row}の{field.label}"  # the heading of a column names no field
            field.disabled = bool(self.instance.published_at) and name != "source"


class ValueFormSet(RecordLines):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.published_at and "DELETE" in form.fields:
            form.fields["DELETE"].disabled = True


class ValueInline(admin.TabularInline):
    form = ValueForm
    formset = ValueFormSet
    extra = 1
    related = ["indicator"]
    readonly_fields = ["state"]
    formfield_overrides = StaffAdmin.formfield_overrides | {FiscalYearField: YEAR}

    @admin.display(description="公開")
    def state(self, row: Any) -> str:
        return "公開している" if row.published_at else "まだ"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if issubclass(db_field.related_model, PlanPart):
            of_plan = PlanIndicator.objects.filter(pk=request.resolver_match.kwargs.get("object_id")).values("plan")
            kwargs["queryset"] = db_field.related_model._default_manager.filter(plan__in=of_plan)
        found: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        found.choices = list(found.choices)  # read once for all lines
        return found

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the buttons that would edit the edition or the source itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.is_relation and field is not None:
            field.widget = field.widget.widget
        return field


class TargetInline(ValueInline):
    model = PlanIndicatorTarget
    related = ["indicator", "edition"]
    fields = ["edition", "fiscal_year", "value", "text", "note", "state"]


class ActualInline(ValueInline):
    model = PlanIndicatorActual
    fields = ["fiscal_year", "value", "is_forecast", "note", "source", "state"]


class PlanIndicatorResource(StatedResource):
    why_settled = "公開しているため、変えられません。元の値に戻し、誤りは画面の「訂正する（正誤）」で直してください。"

    class Meta:
        model = PlanIndicator
        fields = plain_columns(PlanIndicator)

    def settled(self, instance: PlanIndicator) -> Collection[str]:
        return settled_of(instance)


@admin.register(PlanIndicator)
class PlanIndicatorAdmin(StatedForms, PlanPartAdmin, CorrectionForms):
    change_form_template = "staff/plan_indicator/change_form.html"
    resource_classes = [PlanIndicatorResource]
    list_display = ["number", "name", "unit", "policy", "state", "plan"]
    list_display_links = ["number", "name"]
    list_select_related = ["plan", "policy"]
    search_fields = ["name"]
    fields = ["plan", "policy", "number", "name", "unit", "better", *TYPED_FACTS[3:], "source"]

    @admin.display(description="公開", ordering="published_at")
    def state(self, indicator: PlanIndicator) -> str:
        return "公開している" if indicator.published_at else "まだ"

    def get_inlines(self, request: HttpRequest, obj: PlanIndicator | None) -> Any:
        """Targets and actuals are written once the indicator is there: only then its plan is known."""
        return [TargetInline, ActualInline] if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: PlanIndicator | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *settled_of(obj)]

    def has_delete_permission(self, request: HttpRequest, obj: PlanIndicator | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        return [f"公開している全体の指標 {one}" for one in model_objs.get(PlanIndicator, ()) if one.published_at]

    def is_public(self, obj: PlanIndicator) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", view(self.publish_view), name="programs_planindicator_publish"),
            path("<int:pk>/correct/", view(self.correct_view), name="programs_planindicator_correct"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if (indicator := kwargs.get("obj")) and person(request).has_perm(plan_indicators.PERMISSION):
            context |= {
                "to_publish": plan_indicators.to_publish(indicator),
                "can_correct": bool(indicator.published_at),
            }
        return super().render_change_form(request, context, **kwargs)

    def _indicator(self, request: HttpRequest, pk: int) -> PlanIndicator:
        if not person(request).has_perm(plan_indicators.PERMISSION):
            raise PermissionDenied
        indicator = self.get_queryset(request).select_related("plan").filter(pk=pk).first()
        if indicator is None:
            raise Http404
        return indicator

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self._indicator(request, pk)
        error = ""
        if request.method == "POST":
            try:
                count = plan_indicators.publish(indicator, by=person(request))
            except WrongState as refused:
                error = str(refused)
            else:
                return self.act_done(request, indicator, f"「{indicator}」の{count}件を公開しました。")
        return self.act_page(
            request,
            "staff/plan_indicator/publish.html",
            status=400 if error else 200,
            original=indicator,
            title="公開する",
            rows=plan_indicators.to_publish(indicator),
            waiting=indicator.targets.filter(Q(edition__frozen_at=None)).count(),
            error=error,
        )

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self._indicator(request, pk)
        closed = f"「{indicator}」はまだ公開していません。全体の指標の画面で、そのまま直してください。"
        fields = plan_indicators.fields_of(indicator)
        return self.correction(
            request,
            indicator,
            fields,
            plan_indicators.correct_indicator,
            closed="" if indicator.published_at else closed,
        )


@admin.register(PlanIndicatorErratum)
class PlanIndicatorErratumAdmin(ErratumAdmin):
    list_select_related = ["plan", "indicator"]

    @admin.display(description="訂正した指標")
    def about(self, erratum: PlanIndicatorErratum) -> str:
        return str(erratum.indicator)
