"""計画のあゆみ: the plans before and after, known by what was published about them. They need no items."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from policies.models.framework import FiscalYearField, PlanPart, Source, import_export_permissions, period_label
from policies.models.scales import Tone


class LineagePlan(PlanPart):
    """One plan of the line, the plan itself among them (its `key` is the plan's slug)."""

    lasting = "key"

    key = models.SlugField("識別名", max_length=40, help_text="計画の識別名（例: kodaira-1）。")
    order = models.PositiveSmallIntegerField("並び順", help_text="古いものから 1, 2, 3 …")
    name = models.CharField("計画名", max_length=100)
    summary = models.TextField("説明", blank=True, help_text="自分たちの言葉での要約。")
    first_fiscal_year = FiscalYearField("最初の年度", null=True, blank=True)
    last_fiscal_year = FiscalYearField("最後の年度", null=True, blank=True)
    item_count = models.PositiveSmallIntegerField("項目数", null=True, blank=True)
    committee_experts = models.PositiveSmallIntegerField("学識経験者の人数", null=True, blank=True)
    committee_citizens = models.PositiveSmallIntegerField("市民委員の人数", null=True, blank=True)
    sources = models.ManyToManyField(Source, blank=True, related_name="+", verbose_name="出典")

    history = HistoricalRecords(m2m_fields=[sources])

    class Meta:
        verbose_name = verbose_name_plural = "計画のあゆみ"
        ordering = ["plan", "order"]
        default_related_name = "lineage"
        permissions = import_export_permissions("lineageplan", "計画のあゆみ")
        constraints = [
            models.UniqueConstraint(name="lineage_plan_key_once", fields=["plan", "key"]),
            models.UniqueConstraint(name="lineage_plan_order_once", fields=["plan", "order"]),
            models.CheckConstraint(
                name="lineage_plan_years_in_order",
                condition=Q(first_fiscal_year=None)
                | Q(last_fiscal_year=None)
                | Q(first_fiscal_year__lte=F("last_fiscal_year")),
                violation_error_message="最後の年度は最初の年度以後にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def period_label(self) -> str:
        """The period, or "" where it is not known."""
        if self.first_fiscal_year is None or self.last_fiscal_year is None:
            return ""
        return period_label(self.first_fiscal_year, self.last_fiscal_year)


class LineagePart(PlanPart):
    """A published fact about a plan of the line."""

    lasting = "key"

    lineage = models.ForeignKey(LineagePlan, on_delete=models.CASCADE, verbose_name="計画のあゆみの計画")
    key = models.CharField("記号", max_length=60)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    same_plan_fields = ("lineage", "source")

    class Meta:
        abstract = True


class LineageFigure(LineagePart):
    """A published number of items on a day: of one grade, or of all of them; of one policy, or of the whole plan."""

    as_of = models.DateField("基準日")
    policy_number = models.PositiveSmallIntegerField(
        "方針の番号", null=True, blank=True, help_text="空欄は計画の全体。"
    )
    policy_name = models.CharField("方針", max_length=200, blank=True)
    grade_order = models.PositiveSmallIntegerField(
        "評価の順", null=True, blank=True, help_text="よいものから 1, 2, 3 …。空欄は項目の数（計）。"
    )
    grade_code = models.CharField("評価", max_length=10, blank=True, help_text="記号のない計画では空欄。")
    grade_label = models.CharField("評価の名称", max_length=50, blank=True)
    tone = models.CharField("評価の意味", max_length=12, choices=Tone, blank=True)
    value = models.PositiveIntegerField("項目の数")
    note = models.CharField("備考", max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "あゆみの公表値"
        ordering = ["plan", "lineage__order", "as_of", "policy_number", "grade_order", "key"]
        default_related_name = "lineage_figures"
        permissions = import_export_permissions("lineagefigure", "あゆみの公表値")
        constraints = [
            models.UniqueConstraint(name="lineage_figure_key_once", fields=["plan", "key"]),
            models.CheckConstraint(
                name="lineage_figure_grade_whole",
                condition=Q(grade_order=None, grade_code="", grade_label="", tone="")
                | (Q(grade_order__isnull=False) & ~Q(tone="") & (~Q(grade_code="") | ~Q(grade_label=""))),
                violation_error_message="評価ごとの数には、評価の順と意味、記号か名称を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class LineageNote(LineagePart):
    """Something that a document says about a plan of the line, in our own words."""

    class Kind(models.TextChoices):
        REVISION = "revision", "見直し"
        COMMITTEE = "committee", "推進委員会"
        KEY_ITEMS = "key_items", "主要管理項目"
        OPINION = "opinion", "委員会の意見"
        RELATION = "relation", "ほかの取組との関係"
        READING = "reading", "資料の表記"

    kind = models.CharField("種類", max_length=10, choices=Kind)
    text = models.TextField("内容", help_text="自分たちの言葉での要約。")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "あゆみの記録"
        ordering = ["plan", "lineage__order", "key"]
        default_related_name = "lineage_notes"
        permissions = import_export_permissions("lineagenote", "あゆみの記録")
        constraints = [models.UniqueConstraint(name="lineage_note_key_once", fields=["plan", "key"])]

    def __str__(self) -> str:
        return self.key
