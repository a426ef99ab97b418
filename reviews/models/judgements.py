"""What is judged by further axes of a plan. The grade of the first axis stands in the report itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from policies.models import Axis, Grade, Tone
from reviews.models.publication import PublishedReport
from reviews.models.reports import Report

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class ReportJudgement(models.Model):
    """The grade that an open report has by one further axis; without a row there is none yet.

    Those of an axis of the departments are part of the report, those of other axes are entered by the office.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="judgements", verbose_name="進捗報告")
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="+", verbose_name="評価の軸")
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="judgements", verbose_name="評価")

    history = HistoricalRecords()
    staff_only = True  # citizens read what publishing made of it

    class Meta:
        verbose_name = verbose_name_plural = "2番目からの軸の評価"
        ordering = ["report", "axis__order"]
        constraints = [models.UniqueConstraint(name="report_judgement_once", fields=["report", "axis"])]

    def __str__(self) -> str:
        return f"{self.axis}: {self.grade}"

    def clean(self) -> None:
        super().clean()
        wrong: dict[str, StrOrPromise] = {}
        if self.axis.is_main or self.axis.plan_id != self.report.plan_id:
            wrong["axis"] = "この計画の、2番目からの評価の軸を選んでください。"
        if self.grade.axis_id != self.axis_id:
            wrong["grade"] = f"「{self.grade}」は、{self.axis}の評価ではありません。"
        if wrong:
            raise ValidationError(wrong)


class PublishedJudgement(models.Model):
    """公表した、2番目からの軸の評価: one axis of one frozen row, with every name as it was then."""

    published_report = models.ForeignKey(
        PublishedReport, on_delete=models.CASCADE, related_name="judgements", verbose_name="公表した報告"
    )
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="+", verbose_name="評価の軸")
    axis_name = models.CharField("軸の名称", max_length=30)
    axis_order = models.PositiveSmallIntegerField("軸の並び順")
    grade_code = models.CharField("評価", max_length=10)
    grade_label = models.CharField("評価の名称", max_length=50)
    grade_order = models.PositiveSmallIntegerField("評価の順")
    tone = models.CharField("評価の意味", max_length=12, choices=Tone)

    class Meta:
        verbose_name = verbose_name_plural = "公表した、2番目からの軸の評価"
        ordering = ["published_report", "axis_order"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(name="published_judgement_once", fields=["published_report", "axis"]),
            models.CheckConstraint(
                name="published_judgement_graded",
                condition=~Q(axis_name="") & ~Q(grade_code="") & ~Q(tone=""),
                violation_error_message="軸の名称、評価の記号、意味を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.axis_name}: {self.grade_code} {self.grade_label}"
