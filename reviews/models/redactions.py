"""What is left of personal data that was published by mistake: who took it out, when, why and where."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from policies.models import Plan
from programs.models import Program
from reviews.models.rounds import Round


class RedactionQuerySet(models.QuerySet["Redaction"]):
    def public(self) -> RedactionQuerySet:
        """Those of places that citizens could read, newest first."""
        return self.filter(is_public=True).order_by("-redacted_at", "-pk")


class Redaction(models.Model):
    """個人情報の削除: words that were taken out of one kind of record. It never says what stood there.

    Written by reviews/redaction.py alone, and read back from a workbook, which knows no people.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.CASCADE, null=True, blank=True, related_name="redactions", verbose_name="計画"
    )
    program = models.ForeignKey(
        Program, on_delete=models.SET_NULL, null=True, blank=True, related_name="redactions", verbose_name="実施項目"
    )
    round = models.ForeignKey(
        Round, on_delete=models.SET_NULL, null=True, blank=True, related_name="redactions", verbose_name="調査"
    )
    place = models.CharField("記録の種類", max_length=100)
    fields = models.CharField("欄", max_length=500)
    count = models.PositiveIntegerField("箇所の数", help_text="履歴の中のものも数えます。")
    is_public = models.BooleanField(
        "公開された記録", default=False, help_text="市民が読める記録から削除したとき TRUE。"
    )
    is_frozen = models.BooleanField(
        "公表ごとのファイル", default=False, help_text="公表ごとのファイルが作り直されたとき TRUE。"
    )
    reason = models.TextField("削除の理由")
    redacted_at = models.DateTimeField("削除した日時")
    redacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="削除した人",
    )

    objects = RedactionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "個人情報の削除"
        ordering = ["-redacted_at", "pk"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(name="redaction_with_reason", condition=~Q(reason="") & ~Q(place="")),
        ]

    def __str__(self) -> str:
        return f"{self.place}（{self.fields}）"

    @property
    def redacted_on(self) -> Any:
        return timezone.localtime(self.redacted_at).date()
