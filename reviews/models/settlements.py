"""決算で確定した値: what the accounts settled after the survey. What was published then stays beside it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from core.fiscal import era_fiscal_year
from core.money import in_unit
from core.text import show_number
from policies.models import FiscalYearField, PlanPart, Source
from programs.models import Indicator, Program
from reviews.models.places import Account, Basis, EffectKind, EffectPlace, Series


class Settlement(PlanPart):
    """One value of one item and year: an effect amount in 千円, or an indicator's actual. `before` was published until then."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="settlements", verbose_name="実施項目")
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="settlements",
        verbose_name="成果指標",
        help_text="成果指標の実績のとき。",
    )
    fiscal_year = FiscalYearField("年度")
    kind = models.CharField("種類", max_length=10, choices=EffectKind, blank=True, help_text="効果額のとき。")
    account = models.CharField("会計", max_length=10, choices=Account, blank=True)
    series = models.CharField("数え方", max_length=10, choices=Series, blank=True)
    value = models.DecimalField("確定した値", max_digits=18, decimal_places=4, help_text="効果額は千円。")
    before = models.DecimalField(
        "それまでの値",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="空欄は、公表されていなかったこと。",
    )
    before_basis = models.CharField("それまでの根拠", max_length=10, choices=Basis, blank=True)
    settled_on = models.DateField("確定した日")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name="出典")
    note = models.CharField("補足", max_length=500, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登録した人"
    )

    history = HistoricalRecords()
    same_plan_fields = ("program", "source")

    class Meta:
        verbose_name = verbose_name_plural = "決算で確定した値"
        ordering = ["plan", "-settled_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="settlement_of_one_value",
                condition=(
                    Q(indicator__isnull=False, kind="", account="", series="") | (Q(indicator=None) & ~Q(kind=""))
                ),
                violation_error_message="成果指標か効果額の種類の、どちらか一方を入力してください。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.program} {self.label}"

    @property
    def place(self) -> EffectPlace:
        """Where the settled amount stands. Of an effect only."""
        return EffectPlace(self.fiscal_year, self.kind, Basis.ACTUAL, self.account, self.series)

    @property
    def shown(self) -> str:
        """With its unit, an amount in that of the plan."""
        return self._with_unit(self.value)

    @property
    def shown_before(self) -> str:
        """1,200千円（見込）; 未登録 where nothing was published."""
        if self.before is None:
            return "未登録"
        return self._with_unit(self.before) + (f"（{self.get_before_basis_display()}）" if self.before_basis else "")

    def _with_unit(self, value: Decimal) -> str:
        if self.indicator is not None:
            return f"{show_number(value)}{self.indicator.unit}"
        unit = self.plan.money_unit
        return f"{show_number(in_unit(value, unit))}{unit}"

    @property
    def label(self) -> str:
        if self.indicator is not None:
            return f"指標{self.indicator.number} {self.indicator.name}（{era_fiscal_year(self.fiscal_year)}）"
        return f"効果額 {self.place}"
