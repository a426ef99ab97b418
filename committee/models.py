"""The committee: its members, meetings, the items that it watches, its opinions and the city's answers."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts import roles
from core.fiscal import era_date, era_fiscal_year
from policies.models import (
    FiscalYearField,
    PlanPart,
    Policy,
    PublicByAct,
    PublicByActQuerySet,
    Source,
    Withdrawable,
    import_export_permissions,
    withdrawn_is_hidden,
)
from programs.models import Program


class CommitteeMember(PlanPart):
    """委員: who sits on the committee of a plan, and who is its chair. About accounts, so it stays in this installation."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="committees",
        verbose_name="委員",
        limit_choices_to={"groups__name": roles.COMMITTEE, "is_active": True},
        help_text="委員の役割を持つ利用者から選びます。",
    )
    is_chair = models.BooleanField(
        "委員長", default=False, help_text="次の会議の意見をまだ書いていない委員が分かります。一つの計画に一人です。"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "委員"
        ordering = ["plan", "-is_chair", "user__username"]
        default_related_name = "members"
        constraints = [
            models.UniqueConstraint(name="committee_member_once", fields=["plan", "user"]),
            models.UniqueConstraint(
                name="committee_one_chair",
                fields=["plan"],
                condition=Q(is_chair=True),
                violation_error_message="委員長は、一つの計画に一人です。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（委員長）" if self.is_chair else str(self.user)


class Meeting(PlanPart, PublicByAct):
    """推進委員会の会議."""

    held_on = models.DateField("開催日")
    title = models.CharField("名称", max_length=100, blank=True)
    place = models.CharField("場所", max_length=100, blank=True)
    agenda = models.TextField(
        "次第", blank=True, max_length=2000, validators=[MaxLengthValidator(2000)], help_text="議題を1行に一つ。"
    )
    opinions_due_on = models.DateField(
        "意見の締め切り",
        null=True,
        blank=True,
        help_text="委員が会議の前に意見・助言を書く期限。市民のページには出ません。",
    )
    documents = models.ManyToManyField(Source, blank=True, related_name="meetings", verbose_name="資料")

    objects = PublicByActQuerySet["Meeting"].as_manager()
    history = HistoricalRecords(m2m_fields=[documents])

    class Meta:
        verbose_name = verbose_name_plural = "会議"
        ordering = ["plan", "held_on"]
        default_related_name = "meetings"
        permissions = import_export_permissions("meeting", "会議")
        constraints = [
            models.UniqueConstraint(name="meeting_day_once", fields=["plan", "held_on"]),
            withdrawn_is_hidden("meeting"),
            models.CheckConstraint(
                name="meeting_opinions_due_before",
                condition=Q(opinions_due_on=None) | Q(opinions_due_on__lte=F("held_on")),
                violation_error_message="意見の締め切りは、開催日までの日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{era_date(self.held_on)}の会議"

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.plan.slug, self.held_on])

    def why_it_stays_public(self) -> str:
        return (
            "公開した意見・助言があります。先にそちらを取り下げてください。"
            if self.opinions.published().exists()
            else ""
        )

    @property
    def agenda_lines(self) -> list[str]:
        return [line.strip() for line in self.agenda.splitlines() if line.strip()]


class KeyProgram(models.Model):
    """主要管理項目: an item that the committee watches in a fiscal year."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="key_years", verbose_name="実施項目")
    fiscal_year = FiscalYearField("年度")
    note = models.CharField("選んだ理由", max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "主要管理項目"
        ordering = ["fiscal_year", "program"]
        permissions = import_export_permissions("keyprogram", "主要管理項目")
        constraints = [models.UniqueConstraint(name="key_program_once", fields=["program", "fiscal_year"])]

    def __str__(self) -> str:
        return f"{era_fiscal_year(self.fiscal_year)} {self.program}"


class Disposition(models.TextChoices):
    """What the city does with an opinion."""

    ADOPTED = "adopted", "反映"
    PARTLY = "partly", "一部反映"
    LATER = "later", "今後の課題"
    EXPLAINED = "explained", "説明"
    DECLINED = "declined", "反映しない"


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def published(self) -> OpinionQuerySet:
        """What citizens may read: published, not only announced for a later day, and about what they know of."""
        return self.filter(
            Q(meeting=None) | Q(meeting__public_at__isnull=False),
            Q(program=None) | Q(program__public_at__isnull=False),
            published_on__lte=timezone.localdate(),
        )


class Opinion(PlanPart, Withdrawable):
    """意見・助言 of the committee, and the city's answer. Citizens see it once it is published."""

    key = models.CharField("記号", max_length=20, help_text="例: 2014-3")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="会議"
    )
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="実施項目"
    )
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="方針"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委員"
    )
    given_on = models.DateField("意見の日")
    text = models.TextField("意見・助言", max_length=4000, validators=[MaxLengthValidator(4000)])
    published_on = models.DateField(
        "公開日", null=True, blank=True, help_text="空欄の間と、この日の前は、市民のページに出ません。"
    )
    answer_due_on = models.DateField("回答の期限", null=True, blank=True)
    disposition = models.CharField("市の対応", max_length=10, choices=Disposition, blank=True)
    answer = models.TextField("回答", blank=True, max_length=4000, validators=[MaxLengthValidator(4000)])
    answered_on = models.DateField("回答日", null=True, blank=True)

    objects = OpinionQuerySet.as_manager()
    history = HistoricalRecords()
    same_plan_fields = ("meeting", "program", "policy")
    publicity_permission = "committee.answer_opinion"
    shown_by = "published_on"

    class Meta:
        verbose_name = verbose_name_plural = "意見・助言"
        ordering = ["plan", "-given_on", "key"]
        default_related_name = "opinions"
        permissions = [
            *import_export_permissions("opinion", "意見・助言"),
            ("answer_opinion", "意見・助言に回答し、公開できる"),
        ]
        constraints = [
            models.UniqueConstraint(name="opinion_key_once", fields=["plan", "key"]),
            withdrawn_is_hidden("opinion", Q(published_on=None)),
            models.CheckConstraint(
                name="opinion_about_one_thing",
                condition=Q(program=None) | Q(policy=None),
                violation_error_message="実施項目か方針の、どちらか一方だけを選んでください（両方空欄なら計画全体）。",
            ),
            models.CheckConstraint(
                name="opinion_answer_paired",
                condition=Q(answered_on=None, answer="", disposition="")
                | (Q(answered_on__isnull=False) & ~Q(answer="") & ~Q(disposition="")),
                violation_error_message="回答、回答日、市の対応は、3つとも入力するか、3つとも空欄にしてください。",
            ),
            models.CheckConstraint(
                name="opinion_answered_after",
                condition=Q(answered_on=None) | Q(answered_on__gte=F("given_on")),
                violation_error_message="回答日は意見の日以後にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_public(self) -> bool:
        """The same as published()."""
        known = (each is None or each.is_shown for each in (self.meeting, self.program))
        return self.published_on is not None and self.published_on <= timezone.localdate() and all(known)

    @property
    def stays(self) -> bool:
        return super().stays or self.answered_on is not None

    def show(self) -> None:
        super().show()
        self.published_on = timezone.localdate()

    def hide(self, reason: str) -> None:
        super().hide(reason)
        self.published_on = None

    def clean(self) -> None:
        super().clean()
        if not (self.text or "").strip():
            raise ValidationError({"text": "意見・助言を入力してください。"})
