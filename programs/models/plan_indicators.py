"""全体の指標: what a plan or a policy sets out to reach, and what was reached, that belongs to no single item."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from core.fiscal import fiscal_year_label
from core.text import show_number
from policies.models import Edition, ErratumFields, PlanPart, Policy, Source, import_export_permissions
from programs.models.contents import ActualFields, IndicatorFields, TargetFields

_Row = TypeVar("_Row", bound=models.Model)


class PublishedQuerySet(models.QuerySet[_Row]):
    def published(self) -> Self:
        """What citizens may read."""
        return self.filter(published_at__isnull=False)


class PublishedByAct(models.Model):
    """What citizens see from an act on, and what stays then as it is (programs/plan_indicators.py)."""

    published_at = models.DateTimeField("公開した日時", null=True, blank=True, editable=False)
    public_when = Q(published_at__isnull=False)  # for what only follows it, as its sources
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="公開した人",
    )

    objects = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True


def _published_paired(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(published_at=None, published_by=None) | Q(published_at__isnull=False, published_by__isnull=False),
    )


class PlanIndicator(PlanPart, IndicatorFields, PublishedByAct):
    """全体の指標 of a plan, or of one policy. Citizens see it once it is published."""

    policy = models.ForeignKey(
        Policy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name="方針",
        help_text="計画の全体の指標では空欄。",
    )
    number = models.PositiveSmallIntegerField("番号", help_text="計画の中で 1, 2, 3 …")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("policy", "source")

    class Meta:
        verbose_name = verbose_name_plural = "全体の指標"
        ordering = ["plan", "number"]
        default_related_name = "indicators"
        permissions = [
            *import_export_permissions("planindicator", "全体の指標"),
            ("publish_planindicator", "全体の指標を公開し、訂正できる"),
        ]
        constraints = [
            models.UniqueConstraint(name="plan_indicator_number_once", fields=["plan", "number"]),
            _published_paired("plan_indicator_published_paired"),
        ]

    def __str__(self) -> str:
        return super().__str__()


class PlanIndicatorTarget(TargetFields, PublishedByAct):
    """目標 of 全体の指標 for one fiscal year in one edition. It is published when the edition is frozen, never before."""

    indicator = models.ForeignKey(
        PlanIndicator, on_delete=models.CASCADE, related_name="targets", verbose_name="全体の指標"
    )
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", verbose_name="版")
    note = models.CharField("補足", max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "全体の指標の目標"
        ordering = ["indicator", "edition", "fiscal_year"]
        permissions = import_export_permissions("planindicatortarget", "全体の指標の目標")
        constraints = [
            models.UniqueConstraint(name="plan_indicator_target_once", fields=["indicator", "edition", "fiscal_year"]),
            models.CheckConstraint(
                name="plan_indicator_target_given",
                condition=Q(value__isnull=False) | ~Q(text=""),
                violation_error_message="目標値か目標の言葉を入力してください。目標のない年度は行ごと消してください。",
            ),
            _published_paired("plan_indicator_target_published_paired"),
        ]

    def __str__(self) -> str:
        value = f"{'' if self.value is None else show_number(self.value)}{self.text}"
        return f"目標 {fiscal_year_label(self.fiscal_year)}「{self.edition}」 {value}"

    def clean(self) -> None:
        super().clean()
        indicator = getattr(self, "indicator", None)
        if indicator is None or not self.edition_id:
            return
        if indicator.plan_id != self.edition.plan_id:
            raise ValidationError({"edition": f"「{self.edition}」は別の計画の版です。同じ計画の版を選んでください。"})
        if self.fiscal_year is not None and self.fiscal_year not in self.edition.fiscal_years:
            raise ValidationError(
                {"fiscal_year": f"「{self.edition}」の期間（{self.edition.period_label}）の年度にしてください。"}
            )


class PlanIndicatorActual(ActualFields, PublishedByAct):
    """実績 of 全体の指標 for one fiscal year. A forecast that was published stays beside the value that comes later."""

    indicator = models.ForeignKey(
        PlanIndicator, on_delete=models.CASCADE, related_name="actuals", verbose_name="全体の指標"
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "全体の指標の実績"
        ordering = ["indicator", "fiscal_year", "-is_forecast"]
        permissions = import_export_permissions("planindicatoractual", "全体の指標の実績")
        constraints = [
            models.UniqueConstraint(
                name="plan_indicator_actual_once", fields=["indicator", "fiscal_year", "is_forecast"]
            ),
            models.CheckConstraint(
                name="plan_indicator_actual_given",
                condition=Q(value__isnull=False) | ~Q(note=""),
                violation_error_message="実績値か補足を入力してください。",
            ),
            _published_paired("plan_indicator_actual_published_paired"),
        ]

    def __str__(self) -> str:
        value = self.note if self.value is None else show_number(self.value)
        return f"{'見込' if self.is_forecast else '実績'} {fiscal_year_label(self.fiscal_year)} {value}"

    def clean(self) -> None:
        super().clean()
        indicator = getattr(self, "indicator", None)
        if indicator is not None and self.source is not None and self.source.plan_id != indicator.plan_id:
            raise ValidationError(
                {"source": f"「{self.source}」は別の計画の出典です。同じ計画の出典を選んでください。"}
            )


class PlanIndicatorErratum(ErratumFields):
    """正誤 of a published 全体の指標: the new value has taken the place of the old one, which is kept here."""

    indicator = models.ForeignKey(
        PlanIndicator, on_delete=models.PROTECT, related_name="errata", verbose_name="全体の指標"
    )

    history = HistoricalRecords()

    class Meta(ErratumFields.Meta):
        verbose_name = verbose_name_plural = "全体の指標の正誤"
        default_related_name = "plan_indicator_errata"
        permissions = import_export_permissions("planindicatorerratum", "全体の指標の正誤")
