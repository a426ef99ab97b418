"""What was published, as it was on that day, and the errata to it. Citizens' pages and files of a round read only this."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from kodaira_reform.text import clean_code, fold
from policies.models import PlanPart, import_export_permissions
from programs.models import UNREGISTERED_NAME, Program, ProgramEdition
from reviews.models.rounds import Round, Tone


class PublishedReportQuerySet(models.QuerySet["PublishedReport"]):
    def public(self) -> PublishedReportQuerySet:
        """Rows of plans that citizens may see."""
        return self.filter(round__plan__is_public=True)

    def search(self, text: str) -> PublishedReportQuerySet:
        """Rows whose number or name then holds the text, whatever its width, case or kana."""
        return self.filter(Q(search_text__contains=fold(text)) | Q(number=clean_code(text)))


class PublishedReport(models.Model):
    """公表した報告: one item in one published round, with every name as it was then. Written once, by publish().

    An item without an approved report has a row too; its grade is "" and it is shown as 未報告.
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
    edition_key = models.CharField("版", max_length=40)
    # [{"code": "zaisei", "name": "財政課"}, …], the leading department first; the codes again for filters: ";zaisei;zeimu;"
    departments = models.JSONField("推進担当課", default=list)
    department_codes = models.CharField("推進担当課のコード", max_length=1000, blank=True)
    grade_code = models.CharField("評価", max_length=10, blank=True)
    grade_label = models.CharField("評価の名称", max_length=50, blank=True)
    grade_order = models.PositiveSmallIntegerField("評価の順", null=True)
    tone = models.CharField("評価の意味", max_length=10, choices=Tone, blank=True)
    progress = models.TextField("取組状況", blank=True)
    evidence = models.TextField("評価の根拠", blank=True)
    delay_reason = models.TextField("遅れの理由", blank=True)
    remedy = models.TextField("対応策", blank=True)
    recovery_on = models.DateField("回復予定日", null=True)
    # [{"department": "財政課", "text": …}, …]
    contributions = models.JSONField("関係課の記入", default=list)
    # [{"indicator": 1, "name": …, "unit": …, "fiscal_year": 2014, "target": "77.5"|null, "target_text": "",
    #   "value": "76.1"|null, "is_forecast": false, "note": ""}, …]; decimals are texts, so no digit is lost.
    actuals = models.JSONField("指標の実績", default=list)
    # [{"fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": 1200, "note": ""}, …] in 千円
    effects = models.JSONField("効果額", default=list)
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
        ]
        indexes = [models.Index(name="published_in_order", fields=["round", "sort_key"])]

    def __str__(self) -> str:
        return f"{self.number} {self.name or UNREGISTERED_NAME}（{self.round}）"

    @property
    def is_behind(self) -> bool:
        return self.tone == Tone.BEHIND


class Erratum(PlanPart):
    """正誤: a correction after publication. The published value stays; this stands beside it."""

    corrected_on = models.DateField("訂正日")
    # Exactly one of the two: a published report keeps its value; in a frozen edition the new value takes its place.
    published_report = models.ForeignKey(
        PublishedReport, on_delete=models.PROTECT, null=True, related_name="errata", verbose_name="公表した報告"
    )
    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.PROTECT, null=True, related_name="errata", verbose_name="計画内容"
    )
    field = models.CharField("欄", max_length=60, help_text="直した欄の名前（例: grade、progress、year_plans:2014）。")
    label = models.CharField("欄の名称", max_length=100)
    old = models.TextField("誤", blank=True)
    new = models.TextField("正", blank=True)
    reason = models.TextField("訂正の理由")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="訂正した人"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "正誤"
        ordering = ["plan", "-corrected_on", "-pk"]
        default_related_name = "errata"
        permissions = import_export_permissions("erratum", "正誤")
        constraints = [
            models.CheckConstraint(
                name="erratum_of_one_thing",
                condition=Q(published_report__isnull=False, program_edition=None)
                | Q(published_report=None, program_edition__isnull=False),
            ),
            models.CheckConstraint(name="erratum_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.label}の訂正"
