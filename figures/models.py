"""What was published outside this application: figures as printed."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from core.text import as_seen, show_number
from policies.models import Axis, Edition, FiscalYearField, PlanPart, Policy, Source, import_export_permissions
from programs.models import PlanIndicator
from reviews.models.places import Account, Basis, EffectKind, Series


class Triangle(models.TextChoices):
    """What a city means by △ in a column of savings."""

    REDUCTION = "reduction", "減らした額"
    NEGATIVE = "negative", "減らせずに増えた額（負の数）"


TRIANGLES = ("△", "▲")
PERCENT = ("%", "％", "パーセント")


class PublishedFigureQuerySet(models.QuerySet["PublishedFigure"]):
    def current(self) -> PublishedFigureQuerySet:
        """Without those that a corrected table replaced."""
        return self.filter(superseded_by=None)


class PublishedFigure(PlanPart):
    """公表値: one printed number, what we read it as, and where it stands.

    `measure` with policy, edition, as_of, fiscal_year and category says which record it can be checked against.
    """

    lasting = "key"

    class Measure(models.TextChoices):
        """What was counted. figures/measures.py says what each can be asked for, and how it is computed."""

        ITEM_COUNT = "item_count", "項目数"
        LISTED_COUNT = "listed_count", "延べ項目数"
        ITEM_COUNT_CHANGE = "item_count_change", "項目数の増減"
        GRADED_TOTAL = "graded_total", "評価した項目数"
        GRADE_COUNT = "grade_count", "評価別の項目数"
        GRADE_SHARE = "grade_share", "評価別の割合"
        GRADE_COUNT_CHANGE = "grade_count_change", "評価別の項目数の増減"
        INDICATOR_COUNT = "indicator_count", "成果指標の数"
        PLAN_INDICATOR_TARGET = "overall_target", "全体の指標の目標値"
        PLAN_INDICATOR_ACTUAL = "overall_actual", "全体の指標の実績値"
        PLAN_INDICATOR_RATE = "overall_rate", "全体の指標の達成率"
        YEAR_PLAN_COUNT = "year_plan_count", "年度計画の数"
        EFFECT = "effect", "効果額"
        EFFECT_PLANNED = "effect_planned", "計画の効果額"
        EFFECT_DIFFERENCE = "effect_difference", "効果額の計画との差"
        EFFECT_RATE = "effect_rate", "効果額の達成率"
        ITEMS_WITH_EFFECT = "items_with_effect", "効果額のある項目数"
        ITEMS_WITHOUT_EFFECT = "items_without_effect", "効果額のない項目数"
        REVISED_ITEMS = "revised_items", "見直した項目数"
        REVISED_ASPECT = "revised_aspect", "見直し箇所別の項目数"
        OTHER = "other", "その他（照合しない）"

    Basis = Basis

    key = models.CharField("記号", max_length=60)
    measure = models.CharField("項目", max_length=20, choices=Measure)
    label = models.CharField("名称", max_length=100)
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="方針"
    )
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="版"
    )
    plan_indicator = models.ForeignKey(
        PlanIndicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="全体の指標",
        help_text="全体の指標の目標値、実績値、達成率のとき。",
    )
    axis = models.ForeignKey(
        Axis,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"order__gt": 1},
        verbose_name="評価の軸",
        help_text="評価別の数が、2番目からの軸のものであるとき。空欄は1番目の軸。",
    )
    as_of = models.DateField("基準日", null=True, blank=True)
    fiscal_year = FiscalYearField("年度", null=True, blank=True)
    category = models.CharField(
        "区分",
        max_length=40,
        blank=True,
        help_text="評価の記号（いくつかを合わせた数は B・C や「A以上」）、効果額の種類（total / revenue / saving）、"
        "見直し箇所など。",
    )
    basis = models.CharField("根拠", max_length=10, choices=Basis, blank=True)
    account = models.CharField(
        "会計",
        max_length=10,
        choices=Account,
        blank=True,
        help_text="効果額が一つの会計の分だけのとき。空欄は、すべての会計か、書かれていないこと。",
    )
    series = models.CharField(
        "数え方",
        max_length=10,
        choices=Series,
        blank=True,
        help_text="効果額が単年度、累計、継続のどれか。空欄は、書かれていないこと。",
    )
    printed = models.CharField("印刷された表記", max_length=100, help_text="資料にあるとおり（例: 約1百億円）。")
    value = models.DecimalField(
        "読み取った値",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="空欄は、読み取れないことを表します。",
    )
    unit = models.CharField("単位", max_length=20)
    is_approximate = models.BooleanField("およその値", default=False)
    triangle = models.CharField(
        "△の意味",
        max_length=10,
        choices=Triangle,
        blank=True,
        help_text="歳出削減の値が△付きで印刷されているとき、その表での△の意味。読み取った値は、これに従います。",
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="figures", verbose_name="出典")
    locator = models.CharField("資料の中の場所", max_length=100)
    note = models.CharField("備考", max_length=500, blank=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="差し替えた公表値",
        help_text="訂正された表の値のとき、訂正する前の公表値。どちらも残り、記録とは新しいほうだけを照合します。",
    )

    objects = PublishedFigureQuerySet.as_manager()
    history = HistoricalRecords()
    same_plan_fields = ("policy", "axis", "edition", "plan_indicator", "source", "supersedes")

    class Meta:
        verbose_name = verbose_name_plural = "公表値"
        ordering = ["plan", "key"]
        default_related_name = "figures"
        permissions = import_export_permissions("publishedfigure", "公表値")
        constraints = [
            models.UniqueConstraint(name="figure_key_once", fields=["plan", "key"]),
            models.UniqueConstraint(name="figure_superseded_once", fields=["supersedes"]),
            models.CheckConstraint(
                name="figure_not_superseded_by_itself",
                condition=Q(supersedes=None) | ~Q(supersedes=F("pk")),
                violation_error_message="差し替えた公表値に、自分自身は選べません。",
            ),
            models.CheckConstraint(
                name="figure_effect_with_year_and_basis",
                condition=~Q(measure="effect") | (Q(fiscal_year__isnull=False) & ~Q(basis="") & ~Q(category="")),
                violation_error_message="効果額には、年度、区分、根拠を入力してください。",
            ),
            models.CheckConstraint(
                name="figure_grade_with_as_of",
                condition=~Q(measure__in=["grade_count", "graded_total"]) | Q(as_of__isnull=False),
                violation_error_message="評価別の項目数には、基準日を入力してください。",
            ),
            models.CheckConstraint(
                name="figure_revision_with_edition",
                condition=~Q(measure__in=["revised_items", "revised_aspect"]) | Q(edition__isnull=False),
                violation_error_message="見直しの項目数には、見直し後の版を選んでください。",
            ),
        ]

    @property
    def reading(self) -> str:
        """What the print was read as; "" where that says the same as the print."""
        if self.value is None:
            return "読み取れません"
        about = "約" if self.is_approximate else ""
        printed = as_seen(self.printed).replace(",", "").removesuffix(self.unit)
        found = re.fullmatch(rf"{about}(-?\d+(?:\.\d+)?)", printed)
        return "" if found and Decimal(found[1]) == self.value else f"{about}{show_number(self.value)}{self.unit}"

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """A saving that was printed with △ says what the city means by it, and its value follows that."""
        super().clean()
        of_policy = self.plan_indicator.policy_id if self.plan_indicator else self.policy_id
        if self.policy_id is not None and self.policy_id != of_policy:
            raise ValidationError({"policy": "選んだ全体の指標は、この方針の指標ではありません。"})
        printed = unicodedata.normalize("NFKC", self.printed).strip()
        if self.category != EffectKind.SAVING or not printed.startswith(TRIANGLES):
            return
        if not self.triangle:
            raise ValidationError({"triangle": "歳出削減の値に△があります。この表での△の意味を選んでください。"})
        if self.value is not None and (self.value < 0) is not (self.triangle == Triangle.NEGATIVE):
            sign = "負の数" if self.triangle == Triangle.NEGATIVE else "正の数"
            raise ValidationError(
                {"value": f"△の意味（{self.get_triangle_display()}）では、読み取った値は{sign}です。"}
            )

    @property
    def is_share(self) -> bool:
        """Whether it is so many percent, and not a number of items."""
        return self.unit.strip() in PERCENT


class PublishedVersion(models.Model):
    """公開版: one row, moved by everything that changes what citizens can read (figures/version.py)."""

    number = models.PositiveBigIntegerField("番号", default=1)
    moved_at = models.DateTimeField("変わった日時", default=timezone.now)
    touched = models.TextField("変わった実施項目", default="", blank=True, editable=False)

    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "公開版"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
