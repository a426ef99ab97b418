"""計画内容: what each edition says about an item, year by year and in figures."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.models import Department
from core.fiscal import era_fiscal_year
from policies.models import Edition, FiscalYearField, Source, import_export_permissions
from programs.models.items import Program


class ProgramEdition(models.Model):
    """計画内容: what one edition says about one item."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="editions", verbose_name="実施項目")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="contents", verbose_name="版")
    public_when = models.Q(edition__frozen_at__isnull=False)
    contents = models.TextField("実施内容", blank=True, max_length=4000, validators=[MaxLengthValidator(4000)])
    planned_years = models.CharField(
        "実施予定年度", max_length=100, blank=True, help_text="計画にあるとおり（例: 平成23年度～平成25年度）。"
    )
    expected_effect = models.TextField(
        "見込まれる効果", blank=True, max_length=2000, validators=[MaxLengthValidator(2000)]
    )
    revision_reason = models.TextField(
        "見直しの理由",
        blank=True,
        max_length=2000,
        validators=[MaxLengthValidator(2000)],
        help_text="前の版から変えた理由。当初の版では空欄。",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    departments = models.ManyToManyField(
        Department, through="Responsibility", related_name="program_editions", verbose_name="推進担当課"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "計画内容"
        ordering = ["program", "edition"]
        permissions = import_export_permissions("programedition", "計画内容")
        constraints = [models.UniqueConstraint(name="program_edition_once", fields=["program", "edition"])]

    def __str__(self) -> str:
        return f"{self.program}（{self.edition}）"

    def clean(self) -> None:
        super().clean()
        program = getattr(self, "program", None)  # on the page of a new item it is there, but not saved yet
        if program is not None and self.edition_id and program.plan_id != self.edition.plan_id:
            raise ValidationError({"edition": f"「{self.edition}」は別の計画の版です。同じ計画の版を選んでください。"})


class Responsibility(models.Model):
    """推進担当課 of an item in one edition; the first of the order leads."""

    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.CASCADE, related_name="responsibilities", verbose_name="計画内容"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="responsibilities", verbose_name="部署"
    )
    order = models.PositiveSmallIntegerField("並び順", default=1, help_text="1 が主担当です。")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "推進担当課"
        ordering = ["program_edition", "order"]
        constraints = [
            models.UniqueConstraint(name="responsibility_once", fields=["program_edition", "department"]),
            models.UniqueConstraint(name="responsibility_order_once", fields=["program_edition", "order"]),
        ]

    def __str__(self) -> str:
        return str(self.department)


class YearPlan(models.Model):
    """年度計画: what is to be done in one fiscal year, in the words of one edition (検討, 試行, 実施, →)."""

    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.CASCADE, related_name="year_plans", verbose_name="計画内容"
    )
    fiscal_year = FiscalYearField("年度")
    text = models.CharField("計画", max_length=500)
    is_none = models.BooleanField(
        "計画がない年度",
        default=False,
        help_text="資料が「その年度の計画はない」と示している年度だけ。計画の欄には、資料の表記（－、なし など）をそのまま入れます。"
        "分からない年度は、行を作りません（「未登録」と表示します）。",
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "年度計画"
        ordering = ["program_edition", "fiscal_year"]
        permissions = import_export_permissions("yearplan", "年度計画")
        constraints = [
            models.UniqueConstraint(name="year_plan_once", fields=["program_edition", "fiscal_year"]),
            models.CheckConstraint(
                name="year_plan_given",
                condition=~Q(text=""),
                violation_error_message="計画を入力してください。分からない年度は行ごと消してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{era_fiscal_year(self.fiscal_year)} {self.text}"


class Better(models.TextChoices):
    """In which direction an indicator gets better."""

    UP = "up", "増えるとよい"
    DOWN = "down", "減るとよい"
    NONE = "none", "どちらとも言えない"


class IndicatorFields(models.Model):
    """What an indicator measures, of an item or of a whole plan."""

    name = models.CharField("指標名", max_length=200)
    unit = models.CharField("単位", max_length=20, blank=True, help_text="例: %、件、千円。数値で表せない指標は空欄。")
    better = models.CharField("よい方向", max_length=5, choices=Better, default=Better.UP)
    baseline = models.DecimalField("基準値", max_digits=18, decimal_places=4, null=True, blank=True)
    baseline_fiscal_year = FiscalYearField("基準値の年度", null=True, blank=True)
    baseline_note = models.CharField("基準値の補足", max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）" if self.unit else self.name


class TargetFields(models.Model):
    """What is to be reached in one fiscal year: a value, words (「以上」「増加」), or both."""

    fiscal_year = FiscalYearField("年度")
    value = models.DecimalField("目標値", max_digits=18, decimal_places=4, null=True, blank=True)
    text = models.CharField(
        "目標の言葉", max_length=200, blank=True, help_text="例: 以上、増加。数値だけのときは空欄。"
    )

    class Meta:
        abstract = True


class ActualFields(models.Model):
    """What was reached in one fiscal year."""

    fiscal_year = FiscalYearField("年度")
    value = models.DecimalField("実績値", max_digits=18, decimal_places=4, null=True, blank=True)
    is_forecast = models.BooleanField("見込", default=False, help_text="年度の途中の見込みの値。")
    note = models.CharField("補足", max_length=500, blank=True)

    class Meta:
        abstract = True


class Indicator(IndicatorFields):
    """成果指標 of an item. It lasts over the editions; an edition has it when it sets a target for it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="indicators", verbose_name="実施項目")
    number = models.PositiveSmallIntegerField("指標の番号", help_text="項目の中で 1, 2, 3 …")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "成果指標"
        ordering = ["program", "number"]
        permissions = import_export_permissions("indicator", "成果指標")
        constraints = [models.UniqueConstraint(name="indicator_number_once", fields=["program", "number"])]


class IndicatorTarget(TargetFields):
    """目標 of an indicator for one fiscal year in one edition."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets", verbose_name="成果指標")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", verbose_name="版")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "目標値"
        ordering = ["indicator", "edition", "fiscal_year"]
        permissions = import_export_permissions("indicatortarget", "目標値")
        constraints = [
            models.UniqueConstraint(name="indicator_target_once", fields=["indicator", "edition", "fiscal_year"]),
            models.CheckConstraint(
                name="indicator_target_given",
                condition=Q(value__isnull=False) | ~Q(text=""),
                violation_error_message="目標値か目標の言葉を入力してください。目標のない年度は行ごと消してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {era_fiscal_year(self.fiscal_year)}"

    def clean(self) -> None:
        super().clean()
        indicator = getattr(self, "indicator", None)
        if indicator is not None and self.edition_id and indicator.program.plan_id != self.edition.plan_id:
            raise ValidationError({"edition": f"「{self.edition}」は別の計画の版です。同じ計画の版を選んでください。"})


class IndicatorActual(ActualFields):
    """実績 of an indicator for one fiscal year, as it was published last. Drafts stand in the reports."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="actuals", verbose_name="成果指標")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "指標の実績"
        ordering = ["indicator", "fiscal_year"]
        permissions = import_export_permissions("indicatoractual", "指標の実績")
        constraints = [
            models.UniqueConstraint(name="indicator_actual_once", fields=["indicator", "fiscal_year"]),
            models.CheckConstraint(
                name="indicator_actual_given",
                condition=Q(value__isnull=False) | ~Q(note=""),
                violation_error_message="実績値か補足を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {era_fiscal_year(self.fiscal_year)}"
