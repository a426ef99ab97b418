"""Rounds (調査), grades and reports. Nothing here moves a state; that is reviews/workflow.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from kodaira_reform.fiscal import era_date, fiscal_year_of
from policies.models import Edition, PlanPart, Source, import_export_permissions, same_plan
from programs.models import Program, ProgramEdition

if TYPE_CHECKING:
    from accounts.models import User


class Tone(models.TextChoices):
    """What a grade means for the reader, whatever letter a plan gives it."""

    AHEAD = "ahead", "予定以上"
    ON_TRACK = "on_track", "予定どおり"
    BEHIND = "behind", "遅れ"
    NONE = "none", "評価の対象外"


class Grade(PlanPart):
    """One grade of a plan's scale. Scales differ between plans and are not comparable."""

    code = models.CharField("記号", max_length=10)
    label = models.CharField("名称", max_length=50)
    definition = models.CharField("定義", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("並び順", help_text="よいものから 1, 2, 3 …")
    tone = models.CharField("意味", max_length=10, choices=Tone)
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


class RoundQuerySet(models.QuerySet["Round"]):
    def published(self) -> RoundQuerySet:
        """Rounds whose reports citizens may read."""
        return self.filter(state=Round.State.PUBLISHED, plan__is_public=True)

    def open(self) -> RoundQuerySet:
        return self.filter(state=Round.State.OPEN)


class Round(PlanPart):
    """調査: the reports of all items as of one day."""

    class State(models.TextChoices):
        PLANNED = "planned", "予定"
        OPEN = "open", "受付中"
        PUBLISHED = "published", "公表済み"

    as_of = models.DateField("基準日")
    edition = models.ForeignKey(
        Edition,
        on_delete=models.PROTECT,
        verbose_name="版",
        help_text="この基準日に適用される版。推進担当課もこの版のものです。",
    )
    opens_on = models.DateField("受付開始日", null=True, blank=True)
    due_on = models.DateField("提出期限", null=True, blank=True)
    state = models.CharField("状態", max_length=10, choices=State, default=State.PLANNED, editable=False)
    published_at = models.DateTimeField("公表した日時", null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="公表した人",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    objects = RoundQuerySet.as_manager()
    history = HistoricalRecords()
    same_plan_fields = ("edition", "source")

    class Meta:
        verbose_name = verbose_name_plural = "調査"
        ordering = ["plan", "as_of"]
        default_related_name = "rounds"
        permissions = [
            *import_export_permissions("round", "調査"),
            ("open_round", "調査の受付を始められる"),
            ("publish_round", "調査を公表できる"),
        ]
        constraints = [
            models.UniqueConstraint(name="round_as_of_once", fields=["plan", "as_of"]),
            models.CheckConstraint(
                name="round_dates_in_order",
                condition=Q(opens_on=None) | Q(due_on=None) | Q(opens_on__lte=F("due_on")),
                violation_error_message="提出期限は受付開始日以後にしてください。",
            ),
            models.CheckConstraint(
                name="round_published_paired",
                condition=Q(state="published", published_at__isnull=False, published_by__isnull=False)
                | (~Q(state="published") & Q(published_at=None, published_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{era_date(self.as_of)}現在"

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.plan.slug, self.as_of.isoformat()])

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.as_of)


class ReportQuerySet(models.QuerySet["Report"]):
    def published(self) -> ReportQuerySet:
        """What citizens may read."""
        return self.filter(
            state=Report.State.PUBLISHED, round__state=Round.State.PUBLISHED, round__plan__is_public=True
        )

    def of_departments(self, departments: set[int]) -> ReportQuerySet:
        """Reports of the items that these departments answer for, in the edition of the report's round."""
        own = ProgramEdition.objects.filter(
            program=models.OuterRef("program"),
            edition=models.OuterRef("round__edition"),
            departments__in=departments,
        )
        return self.filter(models.Exists(own))

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
        """Reports that a person may write now: round open, not handed in, own department (the office: any)."""
        if isinstance(user, AnonymousUser) or not user.is_active or not user.has_perm("reviews.change_report"):
            return self.none()
        editable = self.filter(state__in=Report.EDITABLE, round__state=Round.State.OPEN)
        if user.has_perm("reviews.approve_report"):
            return editable
        return editable.of_departments(user.owned_departments())


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
    CONTENT = ("grade", "progress", "delay_reason", "remedy", "recovery_on")
    # What a grade of tone "behind" must bring with it.
    RECOVERY = ("delay_reason", "remedy", "recovery_on")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reports", verbose_name="調査")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="reports", verbose_name="実施項目")
    state = models.CharField("状態", max_length=10, choices=State, default=State.DRAFT, editable=False)
    grade = models.ForeignKey(
        Grade, on_delete=models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="評価"
    )
    tone = models.CharField("評価の意味", max_length=10, choices=Tone, blank=True, editable=False)
    progress = models.TextField("取組状況", blank=True, max_length=4000, validators=[MaxLengthValidator(4000)])
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
        same_plan(self, "grade")
        if self.recovery_on and self.recovery_on <= self.round.as_of:
            raise ValidationError(
                {"recovery_on": f"回復予定日は、調査の基準日（{era_date(self.round.as_of)}）より後の日にしてください。"}
            )

    def check_complete(self) -> None:
        """Refuse to hand in an incomplete report. Raises ValidationError by field."""
        missing: dict[str, str] = {}
        if self.grade is None:
            missing["grade"] = "評価を選んでください。"
        if not self.progress.strip():
            missing["progress"] = "取組状況を入力してください。"
        if self.grade is not None and self.grade.tone == Tone.BEHIND:
            for field in self.RECOVERY:
                if not (value := getattr(self, field)) or (isinstance(value, str) and not value.strip()):
                    label = Report._meta.get_field(field).verbose_name  # type: ignore[union-attr]
                    missing[field] = f"評価が「{self.grade}」のときは、{label}を入力してください。"
        if missing:
            raise ValidationError(missing)
        self.clean()

    @property
    def plan_id(self) -> int:
        return self.round.plan_id
