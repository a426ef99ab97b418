"""効果額: what an item brought in or saved."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from core.money import DIGITS, PLACES
from policies.models import FiscalYearField, Source, import_export_permissions
from programs.models import Program
from reviews.models.places import PLACE, Account, Basis, EffectKind, EffectPlace, Series

_LIMIT = 10**12


class EffectFields(models.Model):
    """An amount as of one fiscal year. Negative: the item cost more, or brought in less."""

    fiscal_year = FiscalYearField("年度")
    kind = models.CharField("種類", max_length=10, choices=EffectKind)
    basis = models.CharField("根拠", max_length=10, choices=Basis)
    account = models.CharField(
        "会計", max_length=10, choices=Account, blank=True, help_text="空欄は未登録。公営企業会計は特別会計とする。"
    )
    series = models.CharField(
        "数え方",
        max_length=10,
        choices=Series,
        blank=True,
        help_text="単年度はその年度だけの額、累計はその年度までの額、継続は前の年度までの取組が生み続ける額。空欄は未登録。"
        "違う数え方の金額は足し合わせない。",
    )
    amount = models.DecimalField(
        "金額（千円）",
        max_digits=DIGITS,
        decimal_places=PLACES,
        validators=[MinValueValidator(-_LIMIT), MaxValueValidator(_LIMIT)],
        help_text="千円単位。1円まで（小数3桁まで）。",
    )
    note = models.CharField("補足", max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.place)

    @property
    def place(self) -> EffectPlace:
        return EffectPlace.of(self)


class Effect(EffectFields):
    """効果額 of an item, as it was published last. Drafts stand in the reports."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="effects", verbose_name="実施項目")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "効果額"
        ordering = ["program", *PLACE]
        permissions = import_export_permissions("effect", "効果額")
        constraints = [models.UniqueConstraint(name="effect_once", fields=["program", *PLACE])]
