"""進捗報告: one item in one round, with its figures. Nothing here moves a state; that is reviews/workflow.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.models import Department
from core.fields import field_label
from core.fiscal import era_date, era_fiscal_year
from policies.models import MAIN_AXIS, DelayCause, FiscalYearField, Grade, Tone, import_export_permissions, same_plan
from programs.models import Indicator, Program, ProgramEdition, Responsibility
from reviews import report_fields
from reviews.models.effects import EffectFields
from reviews.models.places import PLACE
from reviews.models.rounds import Round
from reviews.report_fields import FieldKind

if TYPE_CHECKING:
    from accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    def published(self) -> ReportQuerySet:
        """What citizens may read."""
        return self.filter(
            state=Report.State.PUBLISHED, round__state=Round.State.PUBLISHED, round__plan__is_public=True
        )

    def to_publish(self) -> ReportQuerySet:
        """Reports that stand in their round once it is published: an item that was withdrawn stays so until 公開する."""
        return self.filter(program__withdrawn="")

    def led_by(self, departments: set[int]) -> ReportQuerySet:
        """Reports of the items that one of these departments leads, in the edition of the report's round."""
        leading = Responsibility.objects.filter(
            program_edition__program=models.OuterRef("program"),
            program_edition__edition=models.OuterRef("round__edition"),
        ).order_by("order")
        return self.alias(lead=models.Subquery(leading.values("department")[:1])).filter(lead__in=departments)

    def of_departments(self, departments: set[int]) -> ReportQuerySet:
        """Reports of the items that these departments lead or support, in the edition of the report's round."""
        own = ProgramEdition.objects.filter(
            program=models.OuterRef("program"),
            edition=models.OuterRef("round__edition"),
            departments__in=departments,
        )
        return self.filter(models.Exists(own))

    def supported_by(self, departments: set[int]) -> ReportQuerySet:
        """Reports of the items that these departments answer for without leading."""
        return self.of_departments(departments).exclude(
            pk__in=Report.objects.led_by(departments).order_by().values("pk")
        )

    def without_department(self) -> ReportQuerySet:
        """Reports that nobody answers for."""
        anybody = Responsibility.objects.filter(
            program_edition__program=models.OuterRef("program"),
            program_edition__edition=models.OuterRef("round__edition"),
        )
        return self.filter(~models.Exists(anybody))

    def visible_to(self, user: User | AnonymousUser) -> ReportQuerySet:
        """Reports that a person may read: the office all, a department its own, everybody what is published."""
        if not isinstance(user, AnonymousUser) and user.is_active:
            if user.has_perm("reviews.approve_report"):
                return self
            if user.has_perm("reviews.view_report"):
                own = self.of_departments(user.owned_departments())
                return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=self.published().values("pk")))
        return self.published()

    def editable_by(self, user: User | AnonymousUser) -> ReportQuerySet:
        """Reports that a person may write now: round open, not handed in, led by the own department (the office: any)."""
        if isinstance(user, AnonymousUser) or not user.is_active or not user.has_perm("reviews.change_report"):
            return self.none()
        editable = self.writable()
        if user.has_perm("reviews.approve_report"):
            return editable
        return editable.led_by(user.owned_departments())

    def writable(self) -> ReportQuerySet:
        """Reports that are with the departments: round open, not handed in."""
        return self.filter(state__in=Report.EDITABLE, round__state=Round.State.OPEN)


class Report(models.Model):
    """進捗報告: one item in one round."""

    class State(models.TextChoices):
        DRAFT = "draft", "下書き"
        SUBMITTED = "submitted", "提出済み"
        RETURNED = "returned", "差し戻し"
        APPROVED = "approved", "承認済み"
        PUBLISHED = "published", "公表済み"

    EDITABLE = (State.DRAFT, State.RETURNED)
    HANDED_IN = (State.SUBMITTED, State.APPROVED, State.PUBLISHED)
    # What a person fills in; everything else follows from the acts.
    CONTENT = report_fields.names()
    # What a grade of tone "behind" must bring with it.
    RECOVERY = tuple(field.name for field in report_fields.FIELDS if field.when_behind)

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reports", verbose_name="調査")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="reports", verbose_name="実施項目")
    state = models.CharField("状態", max_length=10, choices=State, default=State.DRAFT, editable=False)
    grade = models.ForeignKey(
        Grade,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        limit_choices_to={"axis__key": MAIN_AXIS},  # those of further axes are rows of their own
        verbose_name="評価",
    )
    tone = models.CharField("評価の意味", max_length=12, choices=Tone, blank=True, editable=False)
    progress = models.TextField("取組状況", blank=True, max_length=4000, validators=[MaxLengthValidator(4000)])
    evidence = models.TextField(
        "評価の根拠",
        blank=True,
        max_length=2000,
        validators=[MaxLengthValidator(2000)],
        help_text="評価を裏づける事実や資料。予定より進んでいると評価するときは、できるだけ書いてください。",
    )
    delay_cause = models.ForeignKey(
        DelayCause, on_delete=models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="遅れの原因"
    )
    delay_reason = models.TextField("遅れの理由", blank=True, max_length=2000, validators=[MaxLengthValidator(2000)])
    remedy = models.TextField("対応策", blank=True, max_length=2000, validators=[MaxLengthValidator(2000)])
    recovery_on = models.DateField("回復予定日", null=True, blank=True)
    return_reason = models.TextField("差し戻しの理由", blank=True, editable=False)
    version = models.PositiveIntegerField("変更回数", default=1, editable=False)
    updated_at = models.DateTimeField("最終更新", auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="更新者",
    )
    submitted_at = models.DateTimeField("提出日時", null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="提出者",
    )
    approved_at = models.DateTimeField("承認日時", null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="承認者",
    )
    published_at = models.DateTimeField("公表日時", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="公表者",
    )

    objects = ReportQuerySet.as_manager()
    history = HistoricalRecords()
    staff_only = True  # citizens read what publishing made of it

    class Meta:
        verbose_name = verbose_name_plural = "進捗報告"
        ordering = ["-round__as_of", "program__sort_key"]
        permissions = [
            *import_export_permissions("report", "進捗報告"),
            ("approve_report", "進捗報告を承認・差し戻しできる"),
        ]
        constraints = [
            models.UniqueConstraint(name="report_once", fields=["round", "program"]),
            models.CheckConstraint(
                name="report_tone_with_grade",
                condition=Q(grade=None, tone="") | (Q(grade__isnull=False) & ~Q(tone="")),
            ),
            models.CheckConstraint(
                name="report_handed_in_complete",
                condition=Q(state__in=["draft", "returned"])
                | (
                    Q(grade__isnull=False, submitted_at__isnull=False, submitted_by__isnull=False)
                    & ~Q(progress="")
                    & (~Q(tone="behind") | (~Q(delay_reason="") & ~Q(remedy="") & Q(recovery_on__isnull=False)))
                ),
            ),
            models.CheckConstraint(
                name="report_returned_with_reason", condition=~Q(state="returned") | ~Q(return_reason="")
            ),
            models.CheckConstraint(
                name="report_approved_paired",
                condition=Q(state__in=["approved", "published"], approved_at__isnull=False, approved_by__isnull=False)
                | (~Q(state__in=["approved", "published"]) & Q(approved_at=None, approved_by=None)),
            ),
            models.CheckConstraint(
                name="report_published_paired",
                condition=Q(state="published", published_at__isnull=False, published_by__isnull=False)
                | (~Q(state="published") & Q(published_at=None, published_by=None)),
            ),
        ]
        indexes = [models.Index(name="report_by_state", fields=["round", "state"])]

    def __str__(self) -> str:
        return f"{self.program}（{self.round}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derive()
        super().save(*args, **kwargs)

    @property
    def is_behind(self) -> bool:
        return self.tone == Tone.BEHIND

    def derive(self) -> None:
        """Set what follows from the other fields. `save()` does it; bulk writers call it for every row."""
        self.tone = self.grade.tone if self.grade else ""

    def clean(self) -> None:
        """The content makes sense, whatever the state. What handing in asks for is `check_complete`."""
        super().clean()
        same_plan(self, *report_fields.names(FieldKind.GRADE, FieldKind.CHOICE))
        if self.recovery_on and self.recovery_on <= self.round.as_of:
            raise ValidationError(
                {"recovery_on": f"回復予定日は、調査の基準日（{era_date(self.round.as_of)}）より後の日にしてください。"}
            )

    def clean_content(self) -> None:
        """`clean()`, and each field of the content by itself. Raises ValidationError by field."""
        self.clean_fields(exclude=[field.name for field in self._meta.fields if field.name not in self.CONTENT])
        self.clean()

    def check_complete(self, judgements: Sequence[str] = ()) -> None:
        """Refuse to hand in an incomplete report. `judgements` says what is missing by further axes. Raises
        ValidationError by field."""
        missing: dict[str, str | list[str]] = {"judgements": list(judgements)} if judgements else {}
        if self.grade is None:
            missing["grade"] = "評価を選んでください。"
        if not self.progress.strip():
            missing["progress"] = "取組状況を入力してください。"
        if self.grade is not None and self.grade.tone == Tone.BEHIND:
            for field in self.RECOVERY:
                if report_fields.BY_NAME[field].kind is FieldKind.CHOICE and not self.choices_of(field):
                    continue
                if not (value := getattr(self, field)) or (isinstance(value, str) and not value.strip()):
                    label = field_label(Report, field)
                    missing[field] = f"評価が「{self.grade}」のときは、{label}を入力してください。"
        if missing:
            raise ValidationError(missing)
        self.clean()

    @property
    def plan_id(self) -> int:
        return self.round.plan_id

    def choices_of(self, field: str) -> list[models.Model]:
        """What the plan lets people choose from in a field of kind CHOICE, in order."""
        return self.round.choices[field]

    @classmethod
    def offered(cls, plan: int, field: str) -> list[models.Model]:
        """The list of a plan that a field is chosen from, in order. One query."""
        chosen: Any = cls._meta.get_field(field)  # a foreign key, of a name that Django's types cannot follow
        offered = chosen.related_model._default_manager.filter(plan=plan, **chosen.get_limit_choices_to())
        return list(offered.order_by("order"))

    def supporting_departments(self) -> list[Department]:
        """推進担当課 of the item but the first one, which leads, in the edition of the round. One query."""
        responsibilities = Responsibility.objects.filter(
            program_edition__program=self.program_id, program_edition__edition=self.round.edition_id
        )
        return [each.department for each in responsibilities.select_related("department").order_by("order")][1:]


def report_label(field: str) -> str:
    """The Japanese name of a field of a report."""
    return field_label(Report, field)


class ReportActual(models.Model):
    """What a report says about an indicator in one fiscal year. Publishing the round makes it an IndicatorActual."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="actuals", verbose_name="進捗報告")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name="成果指標")
    fiscal_year = FiscalYearField("年度")
    value = models.DecimalField("実績値", max_digits=18, decimal_places=4, null=True, blank=True)
    is_forecast = models.BooleanField("見込", default=False)
    note = models.CharField("補足", max_length=500, blank=True)

    history = HistoricalRecords()
    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "報告した実績"
        ordering = ["report", "indicator__number", "fiscal_year"]
        constraints = [
            models.UniqueConstraint(name="report_actual_once", fields=["report", "indicator", "fiscal_year"]),
            models.CheckConstraint(
                name="report_actual_given",
                condition=Q(value__isnull=False) | ~Q(note=""),
                violation_error_message="実績値か補足を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {era_fiscal_year(self.fiscal_year)}"


class ReportEffect(EffectFields):
    """An effect amount that a report claims. Publishing the round makes it an Effect."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="effects", verbose_name="進捗報告")

    history = HistoricalRecords()
    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "報告した効果額"
        ordering = ["report", *PLACE]
        constraints = [models.UniqueConstraint(name="report_effect_once", fields=["report", *PLACE])]


class Contribution(models.Model):
    """What a department that does not lead adds to the report of a shared item."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="contributions", verbose_name="進捗報告")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="部署")
    text = models.TextField("取組状況", max_length=2000, validators=[MaxLengthValidator(2000)])
    updated_at = models.DateTimeField("最終更新", auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+", verbose_name="更新者"
    )

    history = HistoricalRecords()
    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "関係課の記入"
        ordering = ["report", "department"]
        constraints = [models.UniqueConstraint(name="contribution_once", fields=["report", "department"])]

    def __str__(self) -> str:
        return f"{self.report} {self.department}"
