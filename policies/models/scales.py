"""By what a plan judges: axes with their grades, from when on a scale holds, and what makes items late."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q
from simple_history.models import HistoricalRecords

from core.fiscal import era_date
from policies.models.framework import MAIN_AXIS, Plan, PlanPart, Source, import_export_permissions


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


class Judge(models.TextChoices):
    """Whose judgement the grades of an axis are."""

    DEPARTMENT = "department", "推進担当課"
    OFFICE = "office", "事務局"
    COMMITTEE = "committee", "委員会"


class Axis(PlanPart):
    """評価の軸: one of the questions by which a plan judges its items (実施状況 and 達成度, 担当課 and 委員会).

    The first one, `main`, is the one that overviews, lists and trends speak of. Every plan has it from the beginning; a
    plan that judges by it alone need not name it, and no page does.
    """

    key = models.SlugField(
        "記号",
        max_length=20,
        help_text=f"半角の英字。1番目の軸は {MAIN_AXIS}。評価を付けたあとは変えられません。",
    )
    name = models.CharField(
        "名称",
        max_length=30,
        blank=True,
        help_text="例: 実施状況、達成度、委員会評価。軸が一つだけの計画では表示されません。",
    )
    order = models.PositiveSmallIntegerField(
        "並び順", default=1, help_text="1番目の軸の評価が、概要、一覧、推移に載ります。"
    )
    judge = models.CharField(
        "評価する者",
        max_length=10,
        choices=Judge,
        default=Judge.DEPARTMENT,
        help_text="1番目の軸は推進担当課。事務局と委員会の評価は、提出された報告に事務局が入力します。",
    )
    definition = models.CharField(
        "定義", max_length=300, blank=True, help_text="何を評価するか。公表するページに載ります。"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "評価の軸"
        ordering = ["plan", "order"]
        default_related_name = "axes"
        permissions = import_export_permissions("axis", "評価の軸")
        constraints = [
            models.UniqueConstraint(name="axis_key_once", fields=["plan", "key"]),
            models.UniqueConstraint(name="axis_order_once", fields=["plan", "order"]),
            models.CheckConstraint(
                name="axis_main_first",
                condition=Q(key=MAIN_AXIS, order=1, judge="department") | (~Q(key=MAIN_AXIS) & Q(order__gt=1)),
                violation_error_message=f"1番目の軸は、記号が {MAIN_AXIS}、評価する者が推進担当課です。ほかの軸の並び順は2からにしてください。",
            ),
            models.CheckConstraint(
                name="axis_further_named",
                condition=Q(key=MAIN_AXIS) | ~Q(name=""),
                violation_error_message="2番目からの軸には、名称を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "評価"

    @property
    def is_main(self) -> bool:
        return self.key == MAIN_AXIS


class AxisPart(PlanPart):
    """What belongs to one axis of a plan; to the first one, where none is said."""

    axis = models.ForeignKey(
        Axis, on_delete=models.RESTRICT, blank=True, verbose_name="評価の軸", help_text="空欄は1番目の軸。"
    )

    same_plan_fields: tuple[str, ...] = ("axis", "source")

    class Meta:
        abstract = True

    def clean(self) -> None:
        self._settle_axis()
        super().clean()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._settle_axis()
        super().save(*args, **kwargs)

    def _settle_axis(self) -> None:
        if self.axis_id is None and self.plan_id is not None:
            self.axis, _made = Axis.objects.get_or_create(plan_id=self.plan_id, key=MAIN_AXIS)


class GradeQuerySet(models.QuerySet["Grade"]):
    def main_of(self, plan: Plan | int) -> GradeQuerySet:
        """The grades of the first axis of a plan, the best first."""
        return self.filter(plan=plan, axis__key=MAIN_AXIS).order_by("order")


class Grade(AxisPart):
    """One grade of an axis. Scales differ between axes and plans and are not comparable."""

    code = models.CharField("記号", max_length=10)
    label = models.CharField("名称", max_length=50)
    definition = models.CharField("定義", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("並び順", help_text="よいものから 1, 2, 3 …")
    tone = models.CharField("意味", max_length=12, choices=Tone)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    note = models.CharField("備考", max_length=300, blank=True)

    objects = GradeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "評価"
        ordering = ["plan", "axis__order", "order"]
        default_related_name = "grades"
        permissions = import_export_permissions("grade", "評価")
        constraints = [
            models.UniqueConstraint(name="grade_code_once", fields=["plan", "axis", "code"]),
            models.UniqueConstraint(name="grade_order_once", fields=["axis", "order"]),
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

    def main_of(self, plan: Plan | OuterRef) -> ScaleQuerySet:
        """The scales of the first axis of a plan."""
        return self.filter(plan=plan, axis__key=MAIN_AXIS)


class Scale(AxisPart):
    """評価の基準: by what an axis judges from an as-of date on. Grades on the two sides of its beginning are not compared."""

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

    class Meta:
        verbose_name = verbose_name_plural = "評価の基準"
        ordering = ["plan", "axis__order", "starts_on"]
        default_related_name = "scales"
        permissions = import_export_permissions("scale", "評価の基準")
        constraints = [models.UniqueConstraint(name="scale_start_once", fields=["plan", "axis", "starts_on"])]

    def __str__(self) -> str:
        return f"{era_date(self.starts_on)}からの評価の基準"
