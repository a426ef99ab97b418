"""Published figures."""

from __future__ import annotations

from django.contrib import admin

from core.fiscal import era_date, era_fiscal_year
from core.text import show_number
from figures.models import PublishedFigure
from staff.figure_tables import FigureTablePages
from staff.framework import PlanPartAdmin
from staff.lists import resource_of


@admin.register(PublishedFigure)
class PublishedFigureAdmin(FigureTablePages):
    resource_classes = [resource_of(PublishedFigure)]
    list_display = ["label", "printed", "value_read", "when", "source", "locator", "plan"]
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
                    *("policy", "axis", "edition", "plan_indicator", "as_of", "fiscal_year", "category"),
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
