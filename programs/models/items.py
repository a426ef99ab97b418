"""実施項目: items with a lasting identity."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.text import clean_code, fold, natural_key
from policies.models import (
    LineagePlan,
    PlanPart,
    Policy,
    PublicByAct,
    PublicByActQuerySet,
    Source,
    import_export_permissions,
    withdrawn_is_hidden,
)

UNREGISTERED_NAME = "項目名 未登録"


def active_on(day: date, item: str = "") -> Q:
    """Of items that live on a day: added on or before it, not ended before it. `item` is the lookup to the item."""
    added, ended = f"{item}added_on", f"{item}ended_on"
    return (Q(**{added: None}) | Q(**{f"{added}__lte": day})) & (Q(**{ended: None}) | Q(**{f"{ended}__gte": day}))


class ProgramQuerySet(PublicByActQuerySet["Program"]):
    def public(self) -> ProgramQuerySet:
        """Items that citizens may see."""
        return self.shown().filter(plan__is_public=True)

    def search(self, text: str) -> ProgramQuerySet:
        """Items whose number or name holds the text, whatever its width, case or kana."""
        return self.filter(Q(search_text__contains=fold(text)) | Q(number=clean_code(text)))

    def active_on(self, day: date) -> ProgramQuerySet:
        """Items that live on a day, and are to be reported as of it."""
        return self.filter(active_on(day))

    def ended_before(self, day: date) -> ProgramQuerySet:
        """Items that lived once, and no longer on a day."""
        return self.filter(ended_on__lt=day)

    def with_next_plan(self) -> ProgramQuerySet:
        """With `next_plan`: how the line of plans calls the plan that goes on with an item, whether it stands here or not."""
        named = LineagePlan.objects.filter(plan=OuterRef("plan"), key=OuterRef("carried_plan"))
        return self.annotate(next_plan=Subquery(named.values("name")[:1]))


class EndReason(models.TextChoices):
    """Why an item is no longer reported."""

    ACHIEVED = "achieved", "目標達成"
    COMPLETED = "completed", "完了"
    ROUTINE = "routine", "経常業務化"
    MERGED = "merged", "統合"
    CARRIED = "carried", "次の計画へ継続"
    STOPPED = "stopped", "中止"


class Program(PlanPart, PublicByAct):
    """実施項目. Its number and plan stay for ever; name and content may be unknown or change."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="programs", verbose_name="方針")
    relisted_in = models.ManyToManyField(
        Policy,
        blank=True,
        related_name="relisted",
        verbose_name="再掲の方針",
        help_text="この項目が、もう一度載っている方針。項目は一度だけ数え、延べの項目数では載っている数だけ数えます。",
    )
    number = models.CharField(
        "番号",
        max_length=16,
        help_text="例: 27、R1-1",
        validators=[
            RegexValidator(r"\A[0-9A-Za-z][0-9A-Za-z.-]*\Z", "番号は半角英数字と - . だけで入力してください。")
        ],
    )
    number_is_provisional = models.BooleanField(
        "番号は仮", default=False, help_text="公表資料で番号を確かめるまで、仮の番号として表示します。"
    )
    name = models.CharField(
        "項目名", max_length=200, blank=True, help_text="分からないときは空欄（「未登録」と表示します）。"
    )
    name_kana = models.CharField("ふりがな", max_length=200, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    note = models.CharField("備考", max_length=500, blank=True)
    added_on = models.DateField("追加した日", null=True, blank=True, help_text="計画の途中で加わった項目だけ。")
    ended_on = models.DateField("終了した日", null=True, blank=True, help_text="この日より後の調査の対象になりません。")
    end_reason = models.CharField("終了の理由", max_length=10, choices=EndReason, blank=True)
    end_note = models.CharField("終了の説明", max_length=500, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
        verbose_name="統合先の項目",
        help_text="終了の理由が統合のとき、引き継いだ項目。",
    )
    # The other plan may live in another installation, so it is named, not referred to.
    carried_plan = models.SlugField(
        "引き継いだ計画",
        max_length=40,
        blank=True,
        db_index=False,
        help_text="次の計画へ継続したとき、その計画の識別名。",
    )
    carried_number = models.CharField("引き継いだ項目の番号", max_length=16, blank=True)
    sort_key = models.CharField(max_length=120, editable=False)
    search_text = models.TextField(editable=False)

    objects = ProgramQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["sort_key", "search_text"], m2m_fields=[relisted_in])
    same_plan_fields = ("policy", "source", "merged_into")

    class Meta:
        verbose_name = verbose_name_plural = "実施項目"
        ordering = ["plan", "sort_key"]
        default_related_name = "programs"
        permissions = import_export_permissions("program", "実施項目")
        constraints = [
            models.UniqueConstraint(name="program_number_once", fields=["plan", "number"]),
            models.CheckConstraint(
                name="program_number_given",
                condition=~Q(number=""),
                violation_error_message="番号を入力してください。決まっていないときは仮の番号を付けてください。",
            ),
            models.CheckConstraint(
                name="program_end_with_reason",
                condition=Q(ended_on=None, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                violation_error_message="終了した日と終了の理由は、両方入力するか、両方空欄にしてください。",
            ),
            models.CheckConstraint(
                name="program_merged_with_target",
                condition=Q(end_reason="merged", merged_into__isnull=False)
                | (~Q(end_reason="merged") & Q(merged_into=None)),
                violation_error_message="統合先の項目は、終了の理由が「統合」のときだけ、必ず選んでください。",
            ),
            models.CheckConstraint(
                name="program_carried_with_target",
                condition=Q(end_reason="carried") | Q(carried_plan="", carried_number=""),
                violation_error_message="引き継いだ計画と番号は、終了の理由が「次の計画へ継続」のときだけ入力します。",
            ),
            withdrawn_is_hidden("program"),
            models.CheckConstraint(
                name="program_not_merged_into_itself",
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                violation_error_message="統合先に自分自身は選べません。",
            ),
        ]
        indexes = [models.Index(name="program_in_order", fields=["plan", "sort_key"])]

    def __str__(self) -> str:
        return f"{self.number} {self.display_name}"

    def get_absolute_url(self) -> str:
        return reverse("program", args=[self.plan.slug, self.number])

    def why_it_stays_public(self) -> str:
        if self.editions.filter(edition__frozen_at__isnull=False).exists():
            return "確定した版に計画内容があります。誤りは「訂正する（正誤）」で直してください。"
        return super().why_it_stays_public()

    @property
    def display_name(self) -> str:
        return self.name or UNREGISTERED_NAME

    def is_active_on(self, day: date) -> bool:
        return (self.added_on is None or self.added_on <= day) and (self.ended_on is None or self.ended_on >= day)

    def derive(self) -> None:
        """Set what follows from the other fields. `save()` does it; bulk writers call it for every row."""
        self.number = clean_code(self.number)
        self.sort_key = natural_key(self.number)
        self.search_text = fold(f"{self.name} {self.name_kana}")

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.derive()
        super().clean_fields(exclude=exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derive()
        super().save(*args, **kwargs)
