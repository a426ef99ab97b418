"""効果額: what an item brought in or saved."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from core.fiscal import era_fiscal_year
from policies.models import FiscalYearField, Source, import_export_permissions
from programs.models import Program

_LIMIT = 10**12


class EffectKind(models.TextChoices):
    REVENUE = "revenue", "歳入確保"
    SAVING = "saving", "歳出削減"


class Basis(models.TextChoices):
    """How sure an amount is. Sums over several bases say so."""

    ACTUAL = "actual", "実績"
    BUDGET = "budget", "予算"
    FORECAST = "forecast", "見込"


class EffectFields(models.Model):
    """An amount of one fiscal year. Negative: the item cost more, or brought in less."""

    fiscal_year = FiscalYearField("年度")
    kind = models.CharField("種類", max_length=10, choices=EffectKind)
    basis = models.CharField("根拠", max_length=10, choices=Basis)
    amount = models.BigIntegerField(
        "金額（千円）", validators=[MinValueValidator(-_LIMIT), MaxValueValidator(_LIMIT)], help_text="千円単位の整数。"
    )
    note = models.CharField("補足", max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{era_fiscal_year(self.fiscal_year)} {self.get_kind_display()}（{self.get_basis_display()}）"


class Effect(EffectFields):
    """効果額 of an item, as it was published last. Drafts stand in the reports."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="effects", verbose_name="実施項目")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "効果額"
        ordering = ["program", "fiscal_year", "kind", "basis"]
        permissions = import_export_permissions("effect", "効果額")
        constraints = [models.UniqueConstraint(name="effect_once", fields=["program", "fiscal_year", "kind", "basis"])]
