"""What was published, as it was on that day, and the errata to it. Citizens' pages and files of a round read only this."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from core.text import clean_code, fold
from policies.models import ErratumFields, Grade, Tone, import_export_permissions
from programs.models import UNREGISTERED_NAME, Program
from reviews.models.rounds import Round


class PublishedReportQuerySet(models.QuerySet["PublishedReport"]):
    def public(self) -> PublishedReportQuerySet:
        """Rows of plans that citizens may see."""
        return self.filter(round__plan__is_public=True)

    def judged_as(self, grade: Grade) -> PublishedReportQuerySet:
        """Rows with a grade of a plan, which they name by its code."""
        return self.filter(round__plan=grade.plan_id, grade_code=grade.code)

    def search(self, text: str) -> PublishedReportQuerySet:
        """Rows whose number or name then holds the text, whatever its width, case or kana."""
        return self.filter(Q(search_text__contains=fold(text)) | Q(number=clean_code(text)))


class Origin(models.TextChoices):
    """Whose result a frozen row is."""

    OWN = "own", "この仕組みで公表した報告"
    CITY = "city", "市の公表による"


class PublishedReport(models.Model):
    """公表した報告: one item in one published round, with every name as it was then. Written once, by publish().

    A result that the city published in the past is a row of its own kind (`origin`), without a report. An item without an approved report has a row too; its grade is "" and it is shown as 未報告.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="published_reports", verbose_name="調査")
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="published_reports", verbose_name="実施項目"
    )
    number = models.CharField("番号", max_length=16)
    number_is_provisional = models.BooleanField("番号は仮")
    name = models.CharField("項目名", max_length=200, blank=True)
    sort_key = models.CharField("並び順", max_length=120)
    search_text = models.TextField("検索用の文字", blank=True)
    direction_number = models.PositiveSmallIntegerField("方向性の番号", null=True)
    direction_name = models.CharField("方向性", max_length=200, blank=True)
    policy_number = models.PositiveSmallIntegerField("方針の番号")
    policy_name = models.CharField("方針", max_length=200)
    edition_key = models.CharField(
        "版", max_length=40, blank=True, help_text="空欄は、公表したときに版が確定していなかったことを表す。"
    )
    # [{"code": "zaisei", "name": "財政課"}, …], the leading department first; the codes again for filters: ";zaisei;zeimu;"
    departments = models.JSONField("推進担当課", default=list)
    department_codes = models.CharField("推進担当課のコード", max_length=1000, blank=True)
    grade_code = models.CharField("評価", max_length=10, blank=True)
    grade_label = models.CharField("評価の名称", max_length=50, blank=True)
    grade_order = models.PositiveSmallIntegerField("評価の順", null=True)
    tone = models.CharField("評価の意味", max_length=12, choices=Tone, blank=True)
    progress = models.TextField("取組状況", blank=True)
    evidence = models.TextField("評価の根拠", blank=True)
    delay_cause = models.CharField("遅れの原因", max_length=30, blank=True)
    delay_reason = models.TextField("遅れの理由", blank=True)
    remedy = models.TextField("対応策", blank=True)
    recovery_on = models.DateField("回復予定日", null=True)
    # [{"department": "財政課", "text": …}, …]
    contributions = models.JSONField("関係課の記入", default=list)
    # [{"indicator": 1, "name": …, "unit": …, "fiscal_year": 2014, "target": "77.5"|null, "target_text": "",
    #   "value": "76.1"|null, "is_forecast": false, "note": ""}, …]; decimals are texts, so no digit is lost.
    actuals = models.JSONField("指標の実績", default=list)
    # [{"fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": 1200, "note": ""}, …] in 千円; an amount with yen
    # is a text ("1200.5"), `account` and `series` are there where they are known.
    effects = models.JSONField("効果額", default=list)
    origin = models.CharField("結果の由来", max_length=4, choices=Origin, default=Origin.OWN)
    source_key = models.CharField("出典", max_length=20, blank=True)
    note = models.CharField("備考", max_length=500, blank=True)

    objects = PublishedReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公表した報告"
        ordering = ["-round__as_of", "sort_key"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(name="published_report_once", fields=["round", "program"]),
            models.CheckConstraint(
                name="published_report_grade_whole",
                condition=Q(grade_code="", tone="", grade_order=None)
                | (~Q(grade_code="") & ~Q(tone="") & Q(grade_order__isnull=False)),
            ),
            models.CheckConstraint(
                name="published_report_of_city_with_source",
                condition=Q(origin="own") | ~Q(source_key=""),
                violation_error_message="市の公表による結果には、出典を入力してください。",
            ),
        ]
        indexes = [models.Index(name="published_in_order", fields=["round", "sort_key"])]

    def __str__(self) -> str:
        return f"{self.number} {self.name or UNREGISTERED_NAME}（{self.round}）"

    @property
    def is_behind(self) -> bool:
        return self.tone == Tone.BEHIND


class ReportErratum(ErratumFields):
    """正誤 of a published report. The published value stays; this stands beside it."""

    published_report = models.ForeignKey(
        PublishedReport, on_delete=models.PROTECT, related_name="errata", verbose_name="公表した報告"
    )

    history = HistoricalRecords()

    class Meta(ErratumFields.Meta):
        verbose_name = verbose_name_plural = "公表した報告の正誤"
        default_related_name = "report_errata"
        permissions = import_export_permissions("reporterratum", "公表した報告の正誤")
