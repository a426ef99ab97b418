"""The items of a plan, and what each edition says about them, in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from import_export.fields import Field

from accounts.admin import DepartmentInline
from accounts.models import Department
from kodaira_reform.exchange import ListResource, Several, cell_for, resource_of
from kodaira_reform.staff import StaffAdmin
from policies.admin import PlanChoiceField, PlanPartAdmin, PolicyFilter
from policies.models import Edition
from programs.models import UNREGISTERED_NAME, Program, ProgramEdition, Responsibility

LEADING = Prefetch(
    "responsibilities", Responsibility.objects.select_related("department").order_by("order"), to_attr="leading"
)


def department_names(content: Any) -> str:
    """推進担当課 of a ProgramEdition that was fetched with LEADING."""
    return "、".join(str(responsibility.department) for responsibility in content.leading)


class UnnamedFilter(admin.SimpleListFilter):
    title = "項目名"
    parameter_name = "named"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", UNREGISTERED_NAME), ("yes", "登録済み")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Program]) -> QuerySet[Program]:
        match self.value():
            case "no":
                return queryset.filter(name="")
            case "yes":
                return queryset.exclude(name="")
        return queryset


class ProgramEditionInline(admin.StackedInline):
    model = ProgramEdition
    extra = 0
    fields = ["edition", "leads"]
    readonly_fields = ["leads"]
    show_change_link = True
    verbose_name_plural = "版ごとの計画内容（推進担当課は、それぞれの「変更」から登録します）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgramEdition]:
        return super().get_queryset(request).select_related("program", "edition").prefetch_related(LEADING)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if key := request.resolver_match.kwargs.get("object_id"):
            plan = Program.objects.filter(pk=key).values("plan")
            kwargs["queryset"] = Edition.objects.filter(plan__in=plan)
        else:
            kwargs |= {"queryset": Edition.objects.select_related("plan"), "form_class": PlanChoiceField}
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = list(field.choices)  # read once for all lines
        return field

    @admin.display(description="推進担当課")
    def leads(self, content: ProgramEdition) -> str:
        return (department_names(content) if content.pk else "") or "未登録"


@admin.register(Program)
class ProgramAdmin(PlanPartAdmin):
    resource_classes = [resource_of(Program)]
    inlines = [ProgramEditionInline]
    list_display = ["number_shown", "display_name", "policy", "plan"]
    list_display_links = ["number_shown", "display_name"]
    list_filter = [
        *PlanPartAdmin.list_filter,
        PolicyFilter,
        UnnamedFilter,
        "number_is_provisional",
        ("editions__departments", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["plan", "policy"]
    search_fields = ["number", "name", "name_kana"]
    search_help_text = "番号、項目名、ふりがな。全角・半角、大文字・小文字、ひらがな・カタカナを区別しません。"

    def get_readonly_fields(self, request: HttpRequest, obj: Program | None = None) -> Any:
        settled = obj is not None and not obj.number_is_provisional
        return [*super().get_readonly_fields(request, obj), *(["number"] if settled else [])]

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=Program.objects.search(text))

    @admin.display(description="番号", ordering="sort_key")
    def number_shown(self, program: Program) -> str:
        return f"{program.number}（仮）" if program.number_is_provisional else program.number

    @admin.display(description="項目名", ordering="name_kana")
    def display_name(self, program: Program) -> str:
        return program.display_name


class InOrder(BaseInlineFormSet):
    """A new line comes after those that are there."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk is None:
            form.fields["order"].initial = (self.initial_form_count() if index is None else index) + 1


class ResponsibilityInline(DepartmentInline):
    """Whoever may change the content of an item may say who is responsible for it."""

    model = Responsibility
    formset = InOrder

    def departments(self, request: HttpRequest) -> QuerySet[Department]:
        key: Any = request.resolver_match.kwargs.get("object_id")  # type: ignore[union-attr]
        city = ProgramEdition.objects.filter(pk=key).values("program__plan__city")
        return Department.objects.filter(city__in=city)

    def get_extra(self, request: HttpRequest, obj: ProgramEdition | None = None, **kwargs: Any) -> int:
        return 0 if obj and obj.responsibilities.exists() else 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("programs.view_programedition")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("programs.change_programedition")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def _write_departments(content: ProgramEdition, departments: list[Department]) -> None:
    content.responsibilities.all().delete()
    for order, department in enumerate(departments, 1):
        Responsibility.objects.create(program_edition=content, department=department, order=order)


class ProgramEditionResource(ListResource):
    plan = Field("program__plan", "計画", cell_for(Program._meta.get_field("plan")), readonly=True)
    departments = Several(
        "departments",
        "推進担当課",
        Department,
        read=lambda content: [responsibility.department for responsibility in content.leading],
        write=_write_departments,
        ordered=True,
    )

    class Meta:
        model = ProgramEdition
        fields = ("plan", "program", "edition", "departments")

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("program__plan", "edition").prefetch_related(None).prefetch_related(LEADING)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        city = str(Department._meta.get_field("city").verbose_name)
        row[city] = self.fields["plan"].clean(row).city  # the departments of a plan are those of its city


@admin.register(ProgramEdition)
class ProgramEditionAdmin(StaffAdmin):
    resource_classes = [ProgramEditionResource]
    inlines = [ResponsibilityInline]
    list_display = ["program", "edition", "leads", "plan"]
    list_filter = [
        ("program__plan", admin.RelatedOnlyFieldListFilter),
        ("edition", admin.RelatedOnlyFieldListFilter),
        ("departments", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["program__plan", "edition"]
    ordering = ["program__plan", "program__sort_key", "edition"]
    search_fields = ["program__number", "program__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An item's page adds its contents, so that the item is not to be looked for among thousands."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgramEdition]:
        return super().get_queryset(request).prefetch_related(LEADING)

    def get_readonly_fields(self, request: HttpRequest, obj: ProgramEdition | None = None) -> Any:
        return ["program", "edition"]

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(program__in=Program.objects.search(text))

    @admin.display(description="推進担当課")
    def leads(self, content: ProgramEdition) -> str:
        return department_names(content) or "未登録"

    @admin.display(description="計画", ordering="program__plan")
    def plan(self, content: ProgramEdition) -> str:
        return str(content.program.plan)
