"""Yearly plans, indicators, targets and actuals as plain lists, to correct single rows and to take them out and in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from typing import Any

import tablib
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.fields import Field

from core.fiscal import era_fiscal_year
from core.text import show_number
from policies.models import Edition, FiscalYearField
from programs.content import FACTS, Content, Target
from programs.contents import amend_content
from programs.frozen import SettledIndicator, frozen_contents, refuse_frozen, settled_indicators
from programs.models import Indicator, IndicatorActual, IndicatorTarget, Program, ProgramEdition, YearPlan
from reviews.settling import settled_keys, settled_once
from staff.base import StaffAdmin
from staff.framework import YEAR
from staff.indicator_rows import StatedForms, StatedResource
from staff.lists import ListResource, cell_for

PLAN = cell_for(Program._meta.get_field("plan"))
PROGRAM = cell_for(ProgramEdition._meta.get_field("program"))
EDITION = cell_for(ProgramEdition._meta.get_field("edition"))


class PartResource(ListResource):
    """Rows that a person finds by several columns: those of `keys`, which lead to the row's owner.

    `owner` is the field of the model that points to it; a new row needs an owner that is there.
    """

    keys: tuple[str, ...] = ()
    owner = ""
    owner_key: tuple[str, ...] = ()  # of `keys`
    owner_path: tuple[str, ...] = ()  # the same, on the owner
    owner_with: tuple[str, ...] = ()  # what the columns of a row read through the owner

    def get_import_id_fields(self) -> list[str]:
        return list(self.keys)

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        model: Any = self._meta.model._meta.get_field(self.owner).related_model
        owners = model._default_manager.select_related(*self.owner_with)
        self.owners = {tuple(one.serializable_value(name) for name in self.owner_path): one for one in owners}

    def init_instance(self, row: Any = None) -> Any:
        values = [self.fields[name].clean(row) for name in self.owner_key]
        key = tuple(getattr(value, "pk", value) for value in values)
        if key not in self.owners:
            label = self._meta.model._meta.get_field(self.owner).verbose_name
            raise ValueError(f"この行の{label}がありません。先に{label}を登録してください。")
        return self._meta.model(**{self.owner: self.owners[key]})


class ContentPartResource(PartResource):
    """Rows that are part of a content: written by the act that the page of the content uses."""

    needs_stamps = True
    whole_rows = False
    content_of: Callable[[Any], ProgramEdition]  # of a row
    amended: Callable[[Content, Any], Content]  # the content with what a row says
    saved_by: tuple[str, ...] = ()  # fields by which the row is found once it is saved

    def check_unmarked(self, instance: Any, row: Any) -> None:
        refuse_frozen(self.content_of(instance).edition)
        super().check_unmarked(instance, row)

    def save_instance(self, instance: Any, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        content = self.content_of(instance)
        self.act(amend_content, content, lambda stored: self.amended(stored, instance), by=kwargs["user"])
        key = {name: getattr(instance, name) for name in self.saved_by}
        instance.pk = self._meta.model._default_manager.get(**key).pk


def _with_year(stored: Content, row: YearPlan) -> Content:
    year = row.fiscal_year
    no_plan = stored.no_plan | {year} if row.is_none else stored.no_plan - {year}
    return replace(stored, year_plans={**stored.year_plans, year: row.text}, no_plan=no_plan)


class YearPlanResource(ContentPartResource):
    plan = Field("program_edition__program__plan", "計画", PLAN, readonly=True)
    program = Field("program_edition__program", "実施項目", PROGRAM, readonly=True)
    edition = Field("program_edition__edition", "版", EDITION, readonly=True)
    text = Field("text", "年度計画", cell_for(YearPlan._meta.get_field("text")))
    keys = ("program", "edition", "fiscal_year")
    owner, owner_key, owner_path = "program_edition", ("program", "edition"), ("program", "edition")
    owner_with = ("program__plan", "edition")
    saved_by = ("program_edition_id", "fiscal_year")
    content_of = attrgetter("program_edition")
    amended = staticmethod(_with_year)

    class Meta:
        model = YearPlan
        fields = ("plan", "program", "edition", "fiscal_year", "text", "is_none")

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("program_edition__program__plan", "program_edition__edition")


class IndicatorResource(StatedResource, PartResource):
    plan = Field("program__plan", "計画", PLAN, readonly=True)
    keys = ("program", "number")
    owner, owner_key, owner_path = "program", ("program",), ("pk",)
    owner_with = ("plan",)

    class Meta:
        model = Indicator
        fields = ("plan", "program", *FACTS)

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("program__plan")

    def check_unmarked(self, instance: Indicator, row: Any) -> None:
        if settled_indicators([instance]):
            raise SettledIndicator(instance)
        super().check_unmarked(instance, row)


class OfIndicatorResource(PartResource):
    plan = Field("indicator__program__plan", "計画", PLAN, readonly=True)
    program = Field("indicator__program", "実施項目", PROGRAM, readonly=True)
    number = Field("indicator__number", "指標の番号", cell_for(Indicator._meta.get_field("number")), readonly=True)
    owner, owner_key, owner_path = "indicator", ("program", "number"), ("program", "number")
    owner_with = ("program__plan",)

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        more = ["edition"] if "edition" in self.fields else []
        return queryset.select_related("indicator__program__plan", *more)


def _content_of_target(row: IndicatorTarget) -> ProgramEdition:
    rows = ProgramEdition.objects.select_related("edition")
    content = rows.filter(program=row.indicator.program_id, edition=row.edition_id).first()
    if content is None:
        raise ValueError("この行の計画内容がありません。先に計画内容を登録してください。")
    return content


def _with_target(stored: Content, row: IndicatorTarget) -> Content:
    key = f"i{row.indicator_id}"
    of_indicator = stored.indicators[key]
    targets = {**of_indicator.targets, row.fiscal_year: Target(row.value, row.text)}
    return replace(stored, indicators={**stored.indicators, key: replace(of_indicator, targets=targets)})


class IndicatorTargetResource(OfIndicatorResource, ContentPartResource):
    keys = ("program", "number", "edition", "fiscal_year")
    saved_by = ("indicator_id", "edition_id", "fiscal_year")
    content_of = staticmethod(_content_of_target)
    amended = staticmethod(_with_target)

    class Meta:
        model = IndicatorTarget
        fields = ("plan", "program", "number", "edition", "fiscal_year", "value", "text")


class IndicatorActualResource(OfIndicatorResource, StatedResource):
    keys = ("program", "number", "fiscal_year")

    def import_data_inner(self, dataset: tablib.Dataset, *args: Any, **kwargs: Any) -> Any:
        with settled_once(self._programs(dataset)):
            return super().import_data_inner(dataset, *args, **kwargs)

    def _programs(self, dataset: tablib.Dataset) -> set[int]:
        """The items that the rows are about; what cannot be read is told with its row."""
        columns = {self.fields[name].column_name for name in ("plan", "program")}
        found: set[int] = set()
        for row in dataset.dict if columns <= set(dataset.headers or ()) else ():
            with suppress(ValueError):
                if program := self.fields["program"].clean(row):
                    found.add(program.pk)
        return found

    class Meta:
        model = IndicatorActual
        fields = ("plan", "program", "number", "fiscal_year", "value", "is_forecast", "note")


class PartAdmin(StaffAdmin):
    """Rows are begun on the page of their content; here they are corrected one by one."""

    formfield_overrides = StaffAdmin.formfield_overrides | {FiscalYearField: YEAR}
    fixed: tuple[str, ...] = ()
    to_program = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *self.fixed]

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.to_program}__in": Program.objects.search(text)})

    @admin.display(description="年度", ordering="fiscal_year")
    def year(self, row: Any) -> str:
        return era_fiscal_year(row.fiscal_year)

    @admin.display(description="実施項目")
    def program(self, row: Any) -> str:
        for name in self.to_program.split("__"):
            row = getattr(row, name)
        return str(row)


class FrozenPartAdmin(PartAdmin):
    """Rows that belong to an edition: only read once it is frozen."""

    def edition_of(self, row: Any) -> Edition:
        return row.edition

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and self.edition_of(obj).frozen_at)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and self.edition_of(obj).frozen_at)

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        count = frozen_contents(self.model, model_objs.get(self.model, ())).count()
        return [f"確定した版の{self.opts.verbose_name} {count}件"] if count else []


@admin.register(YearPlan)
class YearPlanAdmin(FrozenPartAdmin):
    resource_classes = [YearPlanResource]
    list_display = ["program", "edition", "year", "text", "is_none"]
    list_display_links = ["program", "year"]
    list_filter = [("program_edition__edition", admin.RelatedOnlyFieldListFilter), "fiscal_year"]
    list_select_related = ["program_edition__program", "program_edition__edition"]
    ordering = ["program_edition__program__plan", "program_edition__program__sort_key", "fiscal_year"]
    search_fields = ["text"]
    fixed = ("program_edition", "fiscal_year")
    to_program = "program_edition__program"

    def edition_of(self, row: YearPlan) -> Edition:
        return row.program_edition.edition

    @admin.display(description="版")
    def edition(self, row: YearPlan) -> str:
        return str(row.program_edition.edition)


@admin.register(Indicator)
class IndicatorAdmin(StatedForms, PartAdmin):
    resource_classes = [IndicatorResource]
    list_display = ["program", "number", "name", "unit", "better"]
    list_display_links = ["number", "name"]
    list_filter = [("program__plan", admin.RelatedOnlyFieldListFilter), "better"]
    list_select_related = ["program"]
    ordering = ["program__plan", "program__sort_key", "number"]
    search_fields = ["name"]
    fixed = ("program", "number")
    to_program = "program"

    def get_readonly_fields(self, request: HttpRequest, obj: Indicator | None = None) -> Any:
        settled = FACTS if obj and settled_indicators([obj]) else ()
        return list(dict.fromkeys([*super().get_readonly_fields(request, obj), *settled]))

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        count = frozen_contents(IndicatorTarget, model_objs.get(IndicatorTarget, ())).count()
        return [f"確定した版の目標値 {count}件"] if count else []


@admin.register(IndicatorTarget)
class IndicatorTargetAdmin(FrozenPartAdmin):
    resource_classes = [IndicatorTargetResource]
    list_display = ["program", "indicator", "edition", "year", "target"]
    list_display_links = ["indicator", "year"]
    list_filter = [("edition", admin.RelatedOnlyFieldListFilter), "fiscal_year"]
    list_select_related = ["indicator__program", "edition"]
    ordering = ["indicator__program__plan", "indicator__program__sort_key", "indicator__number", "fiscal_year"]
    search_fields = ["indicator__name"]
    fixed = ("indicator", "edition", "fiscal_year")
    to_program = "indicator__program"

    @admin.display(description="目標", ordering="value")
    def target(self, row: IndicatorTarget) -> str:
        return f"{'' if row.value is None else show_number(row.value)}{row.text}"


class IndicatorField(forms.ModelChoiceField):
    """An indicator with its item and plan."""

    def label_from_instance(self, obj: Indicator) -> str:
        return f"{obj.program} {obj}（{obj.program.plan}）"


@admin.register(IndicatorActual)
class IndicatorActualAdmin(StatedForms, PartAdmin):
    """Publishing a round writes them too; here the office adds settled figures that came later."""

    resource_classes = [IndicatorActualResource]
    list_display = ["program", "indicator", "year", "actual", "is_forecast"]
    list_display_links = ["indicator", "year"]
    list_filter = [("indicator__program__plan", admin.RelatedOnlyFieldListFilter), "fiscal_year", "is_forecast"]
    list_select_related = ["indicator__program"]
    ordering = ["indicator__program__plan", "indicator__program__sort_key", "indicator__number", "fiscal_year"]
    search_fields = ["indicator__name", "note"]
    fields = ["indicator", "fiscal_year", "value", "is_forecast", "note"]
    to_program = "indicator__program"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super(PartAdmin, self).has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return []
        settled = (obj.indicator_id, obj.fiscal_year) in settled_keys([obj.indicator.program_id])
        return ["indicator", "fiscal_year", *(["value", "is_forecast"] if settled else [])]

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        pks = [row.pk for row in model_objs.get(IndicatorActual, ())]
        rows = IndicatorActual.objects.filter(pk__in=pks).select_related("indicator")
        settled = settled_keys({row.indicator.program_id for row in rows})
        count = sum((row.indicator_id, row.fiscal_year) in settled for row in rows)
        return [f"決算で確定した{self.opts.verbose_name} {count}件"] if count else []

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        indicators = Indicator.objects.select_related("program__plan").order_by(
            "program__plan", "program__sort_key", "number"
        )
        return super().formfield_for_foreignkey(
            db_field, request, queryset=indicators, form_class=IndicatorField, **kwargs
        )

    @admin.display(description="実績", ordering="value")
    def actual(self, row: IndicatorActual) -> str:
        return row.note if row.value is None else show_number(row.value)
