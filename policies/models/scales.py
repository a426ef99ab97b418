"""By what a plan judges: grades, from when on a scale holds, and what makes items late."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import OuterRef
from simple_history.models import HistoricalRecords

from core.fiscal import era_date
from policies.models.framework import PlanPart, Source, import_export_permissions


class Tone(models.TextChoices):
    """What a grade means for the reader, whatever letter a plan gives it."""

    AHEAD = "ahead", "予定以上"
    ON_TRACK = "on_track", "予定どおり"
    PARTLY = "partly", "一部だけ予定どおり"
    BEHIND = "behind", "遅れ"
    NOT_STARTED = "not_started", "未着手"
    DONE = "done", "完了"
    ENDED = "ended", "終了・中止"
    EXCLUDED = "excluded", "評価の対象外"
    NONE = "none", "どれでもない"


# An item of these goes as it was planned.
WELL = (Tone.AHEAD, Tone.ON_TRACK, Tone.DONE)
# No judgement of how well an item goes: never better or worse than another grade.
UNCOMPARED = (Tone.ENDED, Tone.EXCLUDED, Tone.NONE)


class Grade(PlanPart):
    """One grade of a plan's scale. Scales differ between plans and are not comparable."""

    code = models.CharField("記号", max_length=10)
    label = models.CharField("名称", max_length=50)
    definition = models.CharField("定義", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("並び順", help_text="よいものから 1, 2, 3 …")
    tone = models.CharField("意味", max_length=12, choices=Tone)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    note = models.CharField("備考", max_length=300, blank=True)

    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "評価"
        ordering = ["plan", "order"]
        default_related_name = "grades"
        permissions = import_export_permissions("grade", "評価")
        constraints = [
            models.UniqueConstraint(name="grade_code_once", fields=["plan", "code"]),
            models.UniqueConstraint(name="grade_order_once", fields=["plan", "order"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class DelayCause(PlanPart):
    """遅れの原因の区分: what a plan lets its departments choose from when an item is behind."""

    name = models.CharField(
        "遅れの原因", max_length=30, help_text="例: 人員、予算、関係者との調整、制度・法令、災害、その他。"
    )
    order = models.PositiveSmallIntegerField("並び順")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "遅れの原因の区分"
        ordering = ["plan", "order"]
        default_related_name = "delay_causes"
        permissions = import_export_permissions("delaycause", "遅れの原因の区分")
        constraints = [
            models.UniqueConstraint(name="delay_cause_once", fields=["plan", "name"]),
            models.UniqueConstraint(name="delay_cause_order_once", fields=["plan", "order"]),
        ]

    def __str__(self) -> str:
        return self.name


class ScaleQuerySet(models.QuerySet["Scale"]):
    def in_force_on(self, day: date | OuterRef) -> ScaleQuerySet:
        """The scale by which a day is judged, if one is declared by then: of those that begin on or before it, the last."""
        return self.filter(starts_on__lte=day).order_by("-starts_on")[:1]


class Scale(PlanPart):
    """評価の基準: by what a plan judges from an as-of date on. Grades on the two sides of its beginning are not compared."""

    starts_on = models.DateField(
        "最初の基準日",
        help_text="この基準で評価した最初の基準日。これより前の評価とは、上がった・下がったを比べません。",
    )
    name = models.CharField("名称", max_length=100, blank=True, help_text="例: 令和2年度からの4段階評価")
    note = models.CharField(
        "変わったこと",
        max_length=300,
        help_text="前の基準との違い。公表した調査のページ、推移の表とグラフ、一覧に、区切りとともに載ります。",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    objects = ScaleQuerySet.as_manager()
    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "評価の基準"
        ordering = ["plan", "starts_on"]
        default_related_name = "scales"
        permissions = import_export_permissions("scale", "評価の基準")
        constraints = [models.UniqueConstraint(name="scale_start_once", fields=["plan", "starts_on"])]

    def __str__(self) -> str:
        return f"{era_date(self.starts_on)}からの評価の基準"
