"""The framework of a plan: what stands above the items, and where each fact comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.fiscal import fiscal_year_label, fiscal_year_of
from core.history import TAKEN_BACK, history_of
from core.money import STORED, UNITS
from policies import periods
from policies.citations import cited
from policies.models.publicity import PublicByAct, PublicByActQuerySet, Withdrawable, withdrawn_is_hidden
from policies.words import WORDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from policies.models.scales import Axis, Grade


# The key of the axis that every plan has: overviews, lists and trends speak of it (policies/models/scales.py).
MAIN_AXIS = "main"


def import_export_permissions(model: str, name: str) -> list[tuple[str, StrOrPromise]]:
    """The two rights that django-import-export asks for, of one model."""
    return [(f"import_{model}", f"{name}を取り込める"), (f"export_{model}", f"{name}を書き出せる")]


def same_plan(instance: models.Model, *fields: str) -> None:
    """Refuse references to rows of another plan. Raises ValidationError naming the field."""
    plan_id = instance.plan_id  # type: ignore[attr-defined]
    wrong = {}
    for field in fields:
        other = getattr(instance, field, None)  # a required reference that was left empty is reported by its own field
        if other is not None and plan_id is not None and other.plan_id != plan_id:
            wrong[field] = f"「{other}」は別の計画のものです。同じ計画のものを選んでください。"
    if wrong:
        raise ValidationError(wrong)


class FiscalYearField(models.PositiveSmallIntegerField):
    """A fiscal year, stored as the Gregorian year in which it starts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [MinValueValidator(1873), MaxValueValidator(2199)])
        super().__init__(*args, **kwargs)


def _word(name: str, example: str) -> models.CharField[str, str]:
    """What a plan calls one of its parts, by words of its own."""
    ours = WORDS[name]
    return models.CharField(
        f"「{ours}」の用語",
        max_length=20,
        blank=True,
        help_text=f"この計画での呼び方（{example}）。空欄のときは「{ours}」と表示します。",
    )


class PlanQuerySet(models.QuerySet["Plan"]):
    def public(self) -> PlanQuerySet:
        """Plans that citizens may see."""
        return self.filter(is_public=True)


class Plan(Withdrawable):
    shown_by = "is_public"

    slug = models.SlugField(
        "識別名", max_length=40, unique=True, help_text="アドレスに使う半角英数字（例: kodaira-2）。"
    )
    city = models.CharField("自治体", max_length=50)
    city_code = models.CharField(
        "全国地方公共団体コード",
        max_length=6,
        blank=True,
        help_text="検査数字を含む6桁（例: 132110）。",
        validators=[RegexValidator(r"\A[0-9]{6}\Z", "6桁の数字で入力してください。")],
    )
    name = models.CharField("計画名", max_length=100)
    program_name = models.CharField("プログラムの名称", max_length=100, blank=True)
    summary = models.TextField("説明", blank=True, help_text="市民向けのやさしい説明。")
    first_fiscal_year = FiscalYearField("最初の年度")
    last_fiscal_year = FiscalYearField("最後の年度")
    original_last_fiscal_year = FiscalYearField(
        "当初の最後の年度",
        null=True,
        blank=True,
        help_text="見直しで期間を延長した計画だけ。延長した版を確定すると、自動で入ります。",
    )
    rule_name = models.CharField("根拠となる方針", max_length=100, blank=True)
    rule_first_fiscal_year = FiscalYearField("方針の最初の年度", null=True, blank=True)
    rule_last_fiscal_year = FiscalYearField("方針の最後の年度", null=True, blank=True)
    committee_name = models.CharField("推進委員会", max_length=100, blank=True)
    committee_experts = models.PositiveSmallIntegerField("学識経験者の人数", null=True, blank=True)
    committee_citizens = models.PositiveSmallIntegerField("市民委員の人数", null=True, blank=True)
    committee_source = models.ForeignKey(
        "Source", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委員会の出典"
    )
    is_fictional = models.BooleanField(
        "架空のデータ", default=False, help_text="見本の計画。すべての画面と表に明示します。"
    )
    is_public = models.BooleanField(
        "公開",
        default=False,
        editable=False,
        help_text="市民のページに出ています。「公開する」「取り下げる」で変わり、保存では変わりません。",
    )
    source = models.ForeignKey(
        "Source", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    money_unit = models.CharField(
        "金額の単位",
        max_length=3,
        choices=[(unit, unit) for unit in UNITS],
        default=STORED,
        help_text="効果額を入力し、ページと人が読む表に示すときの単位。この計画の資料にある単位を選びます。",
    )
    policy_word = _word("policy", "例: 重点改革項目")
    program_word = _word("program", "例: 取組項目")
    department_word = _word("department", "例: 所管部署")
    indicator_word = _word("indicator", "例: 数値目標")
    direction_word = _word("direction", "例: 柱")
    edition_word = _word("edition", "例: 年度版")
    office_word = _word("office", "例: 行政経営課")

    objects = PlanQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "計画"
        ordering = ["first_fiscal_year", "slug"]
        permissions = import_export_permissions("plan", "計画")
        constraints = [
            models.CheckConstraint(
                name="plan_years_in_order",
                condition=Q(first_fiscal_year__lte=F("last_fiscal_year")),
                violation_error_message="最後の年度は最初の年度以後にしてください。",
            ),
            withdrawn_is_hidden("plan", Q(is_public=False)),
            models.CheckConstraint(
                name="plan_extended_to_later",
                condition=Q(original_last_fiscal_year=None)
                | Q(
                    original_last_fiscal_year__gte=F("first_fiscal_year"),
                    original_last_fiscal_year__lt=F("last_fiscal_year"),
                ),
                violation_error_message="当初の最後の年度は、最初の年度以後で、最後の年度より前にしてください。",
            ),
            models.CheckConstraint(
                name="plan_rule_years_paired",
                condition=Q(rule_first_fiscal_year=None, rule_last_fiscal_year=None)
                # NULL <= 2015 is unknown, and a check passes what is unknown: both must be said to be there.
                | Q(
                    rule_first_fiscal_year__isnull=False,
                    rule_last_fiscal_year__isnull=False,
                    rule_first_fiscal_year__lte=F("rule_last_fiscal_year"),
                ),
                violation_error_message="方針の期間は、最初と最後の年度を両方、順に入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            self.axes.create(key=MAIN_AXIS)

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.slug])

    def show(self) -> None:
        super().show()
        self.is_public = True

    def hide(self, reason: str) -> None:
        super().hide(reason)
        self.is_public = False

    @property
    def title(self) -> str:
        """City and plan; the city once, where the plan's name already begins with it."""
        return self.name if self.name.startswith(self.city) else f"{self.city} {self.name}"

    @property
    def fiscal_years(self) -> range:
        return range(self.first_fiscal_year, self.last_fiscal_year + 1)

    @property
    def period_label(self) -> str:
        return period_label(self.first_fiscal_year, self.last_fiscal_year)

    @property
    def extension_label(self) -> str:
        """What a revision did to the period; "" where it is still the first one."""
        if self.original_last_fiscal_year is None:
            return ""
        return f"当初は{fiscal_year_label(self.original_last_fiscal_year)}まで。見直しで延長"

    def clean(self) -> None:
        """Years that something stands in stay in the period."""
        super().clean()
        stored = Plan.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is not None and self.first_fiscal_year is not None and self.last_fiscal_year is not None:
            stored.check_period(self.first_fiscal_year, self.last_fiscal_year)

    def check_period(self, first: int, last: int) -> None:
        """Raises ValidationError by the field, if the stored plan has something in a year that would leave its period."""
        if first > last:
            return  # told by the constraint
        gone = set(self.fiscal_years) - set(range(first, last + 1))
        if names := periods.used(self, gone):
            years = "、".join(fiscal_year_label(year) for year in sorted(gone))
            message = f"{years}には{'、'.join(names)}があるため、計画の期間から外せません。"
            raise ValidationError(
                {"last_fiscal_year" if last < self.last_fiscal_year else "first_fiscal_year": message}
            )

    @cached_property
    def grade_ranks(self) -> dict[str, int]:
        """Code of a grade → how many better ones share its tone. Whoever has read the grades sets it and saves the query."""
        return ranks(self.grades.filter(axis__key=MAIN_AXIS).order_by("order"))

    @cached_property
    def further_axes(self) -> list[Axis]:
        """The axes beside the first, in order, each with its grades; none for most plans."""
        axes = self.axes.model.objects.filter(plan=self).exclude(key=MAIN_AXIS)
        return list(axes.order_by("order").prefetch_related("grades"))


def ranks(grades: Iterable[Grade]) -> dict[str, int]:
    """Code → how many better grades share its tone, of grades from the best on: two of one tone are told apart by it."""
    seen: Counter[str] = Counter()
    found = {}
    for grade in grades:
        found[grade.code] = seen[grade.tone]
        seen[grade.tone] += 1
    return found


def period_label(first: int, last: int) -> str:
    """2011, 2015 → 平成23年度（2011年度）から平成27年度（2015年度）まで."""
    return fiscal_year_label(first) if first == last else f"{fiscal_year_label(first)}から{fiscal_year_label(last)}まで"


def former_names(model: type[PlanPart], plan: int, values: Collection[object] | None = None) -> set[str | int]:
    """Names (of these values, or all) of what citizens read and what was taken back. One query."""
    gone = history_of(model).filter(history_type="-", history_change_reason__startswith=TAKEN_BACK, plan_id=plan)
    among = gone if values is None else gone.filter(**{f"{model.lasting}__in": values})
    return set(among.values_list(model.lasting, flat=True))


class PlanPart(models.Model):
    """Anything that belongs to one plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, verbose_name="計画")

    # Fields that refer to rows which must belong to the same plan.
    same_plan_fields: tuple[str, ...] = ()
    # The field by which citizens name a row: its value is not given again once the row was taken back.
    lasting = ""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        same_plan(self, *self.same_plan_fields)

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        super().validate_unique(exclude)
        if not self.lasting or self.lasting in (exclude or ()) or not self._state.adding or self.plan_id is None:
            return
        value = getattr(self, self.lasting)
        if former_names(type(self), self.plan_id, [value]):
            raise ValidationError({self.lasting: f"「{value}」は取り下げたもので使ったため、使えません。"})


class SourceQuerySet(PublicByActQuerySet["Source"]):
    def shown(self) -> Self:
        """Those that an act has shown, and those that something public refers to."""
        return self.filter(Q(public_at__isnull=False) | cited(Source))


class Source(PlanPart, PublicByAct):
    """A document or page from which facts were taken."""

    key = models.CharField("記号", max_length=20)
    title = models.CharField("題名", max_length=200)
    publisher = models.CharField("発行", max_length=100, blank=True)
    date = models.DateField("発行日", null=True, blank=True)
    updated = models.DateField("更新日", null=True, blank=True, help_text="ページに書かれた更新日。")
    url = models.URLField("アドレス", max_length=500, blank=True)
    note = models.CharField("備考", max_length=500, blank=True)

    objects = SourceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "出典"
        ordering = ["plan", "key"]
        default_related_name = "sources"
        permissions = import_export_permissions("source", "出典")
        constraints = [
            models.UniqueConstraint(name="source_key_once", fields=["plan", "key"]),
            withdrawn_is_hidden("source"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    def why_it_stays_public(self) -> str:
        is_cited = Source.objects.filter(cited(Source), pk=self.pk).exists()
        return "公開した記録が、出典として示しています。" if is_cited else ""


class EditionQuerySet(models.QuerySet["Edition"]):
    def in_force(self, plan: Plan, fiscal_year: int) -> Edition | None:
        """The wording that holds in a fiscal year: of the editions that cover it, the one that began last."""
        return (
            self.filter(plan=plan, first_fiscal_year__lte=fiscal_year, last_fiscal_year__gte=fiscal_year)
            .order_by("-first_fiscal_year", "-pk")
            .first()
        )

    def in_force_on(self, plan: Plan, day: date) -> Edition | None:
        """The wording that holds on a day."""
        return self.in_force(plan, fiscal_year_of(day))


class Edition(PlanPart):
    """The wording of a plan that is in force from a fiscal year on; frozen when it is published."""

    key = models.SlugField("識別名", max_length=40, help_text="アドレスに使う半角英数字（例: fy2013-revision）。")
    name = models.CharField("名称", max_length=100)
    first_fiscal_year = FiscalYearField("適用の最初の年度")
    last_fiscal_year = FiscalYearField("適用の最後の年度")
    decided = models.CharField("決定した時期", max_length=50, blank=True, help_text="例: 平成25年度末")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    frozen_at = models.DateTimeField("確定した日時", null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="確定した人",
    )

    objects = EditionQuerySet.as_manager()
    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "版"
        ordering = ["plan", "first_fiscal_year"]
        default_related_name = "editions"
        permissions = [*import_export_permissions("edition", "版"), ("freeze_edition", "版を写して作り、確定できる")]
        constraints = [
            models.UniqueConstraint(name="edition_key_once", fields=["plan", "key"]),
            models.UniqueConstraint(name="edition_start_once", fields=["plan", "first_fiscal_year"]),
            models.CheckConstraint(
                name="edition_years_in_order",
                condition=Q(first_fiscal_year__lte=F("last_fiscal_year")),
                violation_error_message="最後の年度は最初の年度以後にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fiscal_years(self) -> range:
        """The years for which the edition speaks."""
        return range(self.first_fiscal_year, self.last_fiscal_year + 1)

    @property
    def period_label(self) -> str:
        return period_label(self.first_fiscal_year, self.last_fiscal_year)


class Direction(PlanPart):
    """方向性. Some plans have none."""

    lasting = "number"

    number = models.PositiveSmallIntegerField("番号")
    name = models.CharField("名称", max_length=200)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "方向性"
        ordering = ["plan", "number"]
        default_related_name = "directions"
        permissions = import_export_permissions("direction", "方向性")
        constraints = [models.UniqueConstraint(name="direction_number_once", fields=["plan", "number"])]

    def __str__(self) -> str:
        return f"方向性{self.number} {self.name}"


class Policy(PlanPart):
    """方針."""

    lasting = "number"

    direction = models.ForeignKey(
        Direction, on_delete=models.PROTECT, null=True, blank=True, related_name="policies", verbose_name="方向性"
    )
    number = models.PositiveSmallIntegerField("番号")
    name = models.CharField("名称", max_length=200)
    summary = models.TextField(
        "説明", blank=True, help_text="市民向けのやさしい説明。原文の写しではなく、自分たちの言葉で。"
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("direction", "source")

    class Meta:
        verbose_name = verbose_name_plural = "方針"
        ordering = ["plan", "number"]
        default_related_name = "policies"
        permissions = import_export_permissions("policy", "方針")
        constraints = [models.UniqueConstraint(name="policy_number_once", fields=["plan", "number"])]

    def __str__(self) -> str:
        return f"方針{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("policy", args=[self.plan.slug, self.number])


class ErratumFields(PlanPart):
    """正誤: what stood there, what stands there now, since when and why. What it corrects is said by the models made of it."""

    corrected_on = models.DateField("訂正日")
    field = models.CharField("欄", max_length=60, help_text="直した欄の名前（例: grade、progress、year_plans:2014）。")
    label = models.CharField("欄の名称", max_length=100)
    old = models.TextField("誤", blank=True)
    new = models.TextField("正", blank=True)
    reason = models.TextField("訂正の理由")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="訂正した人"
    )

    class Meta:
        abstract = True
        ordering = ["plan", "-corrected_on", "-pk"]
        constraints = [models.CheckConstraint(name="%(class)s_with_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.label}の訂正"
