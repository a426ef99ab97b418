"""What stands around a plan: its viewpoints, and its position among the plans of the city."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from core.fiscal import era_fiscal_year
from policies.models.framework import FiscalYearField, PlanPart, Source, import_export_permissions


class Viewpoint(PlanPart):
    """基本的な視点: one label of the diagram, with the part that it plays in it."""

    class Kind(models.TextChoices):
        GOAL = "goal", "目指すもの"
        FOUNDATION = "foundation", "土台となる改革"
        THROUGH = "through", "きっかけ"

    kind = models.CharField("役割", max_length=10, choices=Kind)
    order = models.PositiveSmallIntegerField("並び順")
    name = models.CharField("名称", max_length=100)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "基本的な視点"
        ordering = ["plan", "order"]
        default_related_name = "viewpoints"
        permissions = import_export_permissions("viewpoint", "基本的な視点")
        constraints = [models.UniqueConstraint(name="viewpoint_order_once", fields=["plan", "order"])]

    def __str__(self) -> str:
        return self.name


class Position(PlanPart):
    """One bar of the chart that shows where the plan stands among the city's other plans."""

    order = models.PositiveSmallIntegerField("並び順")
    layer = models.CharField("区分", max_length=50)
    name = models.CharField("名称", max_length=100)
    first_fiscal_year = FiscalYearField("最初の年度")
    last_fiscal_year = FiscalYearField("最後の年度")
    item_count = models.PositiveSmallIntegerField("項目数", null=True, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "計画の位置付け"
        ordering = ["plan", "order"]
        default_related_name = "positions"
        permissions = import_export_permissions("position", "計画の位置付け")
        constraints = [
            models.UniqueConstraint(name="position_order_once", fields=["plan", "order"]),
            models.CheckConstraint(
                name="position_years_in_order",
                condition=Q(first_fiscal_year__lte=F("last_fiscal_year")),
                violation_error_message="最後の年度は最初の年度以後にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def period_label(self) -> str:
        return f"{era_fiscal_year(self.first_fiscal_year)}から{era_fiscal_year(self.last_fiscal_year)}まで"
