"""Rounds (調査). Nothing here moves a state; that is reviews/workflow.py."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import Any, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.fiscal import era_date, fiscal_year_of
from policies.models import (
    MAIN_AXIS,
    Edition,
    PlanPart,
    PublicByAct,
    Scale,
    Source,
    import_export_permissions,
    withdrawn_is_hidden,
)
from reviews import report_fields
from reviews.report_fields import FieldKind


class RoundQuerySet(models.QuerySet["Round"]):
    def shown(self) -> RoundQuerySet:
        """Rounds that citizens know of: those that are published, and those of which an act said that they are."""
        return self.filter(Round.public_when)

    def published(self) -> RoundQuerySet:
        """Rounds whose reports citizens may read."""
        return self.filter(state=Round.State.PUBLISHED, plan__is_public=True)

    def open(self) -> RoundQuerySet:
        return self.filter(state=Round.State.OPEN)

    def with_scale(self) -> RoundQuerySet:
        """Rounds that know by which scale their first axis judges: its key, and what changed with it."""
        own = Scale.objects.main_of(OuterRef("plan")).in_force_on(OuterRef("as_of"))
        return self.annotate(scale=Subquery(own.values("pk")), scale_note=Subquery(own.values("note")))


class FrozenGrade(TypedDict):
    """A grade as it was published with a round."""

    code: str
    label: str
    definition: str
    order: int
    tone: str


class FrozenAxis(TypedDict):
    """An axis as it was published with a round."""

    key: str
    name: str
    order: int
    judge: str
    definition: str
    grades: list[FrozenGrade]


class Round(PlanPart, PublicByAct):
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
    released_on = models.DateField(
        "市が公表した日",
        null=True,
        blank=True,
        editable=False,
        help_text="過去の公表結果を登録した調査だけ。",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    # Of `with_scale()` alone; None where no scale is declared by then.
    scale: int | None
    scale_note: str | None

    # What stood around the items on the day of publication, written once by publish(); see reviews/freezing.py.
    framework = models.JSONField("公表時の枠組み", default=dict, editable=False)

    objects = RoundQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["framework"])
    same_plan_fields = ("edition", "source")
    public_when = Q(public_at__isnull=False) | Q(state=State.PUBLISHED)

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
            withdrawn_is_hidden("round"),
            models.CheckConstraint(
                name="round_released_with_source",
                condition=Q(released_on=None) | Q(state="published", source__isnull=False, released_on__gte=F("as_of")),
                violation_error_message="市が公表した日は基準日以後にし、出典を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{era_date(self.as_of)}現在"

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.plan.slug, self.as_of.isoformat()])

    @property
    def is_shown(self) -> bool:
        return super().is_shown or self.state == self.State.PUBLISHED

    def why_it_stays_public(self) -> str:
        return "公表した内容は動きません。誤りは正誤で直してください。" if self.published_at else ""

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.as_of)

    @property
    def further_axes(self) -> list[FrozenAxis]:
        """The axes beside the first as they were published with it."""
        return [axis for axis in self.framework.get("axes", []) if axis["key"] != MAIN_AXIS]

    @cached_property
    def choices(self) -> dict[str, list[models.Model]]:
        """By each field of a report that is chosen from a list of the plan: that list. Asked once for all reports that
        share a round."""
        report: Any = self._meta.get_field("reports").related_model  # Report, whose module stands above this one
        return {name: report.offered(self.plan_id, name) for name in report_fields.names(FieldKind.CHOICE)}

    @property
    def main_axis_name(self) -> str:
        """What the first axis was called, where there were others; "" where it needs no name."""
        axes = self.framework.get("axes", [])
        return next((str(axis["name"] or "評価") for axis in axes if axis["key"] == MAIN_AXIS), "")

    @property
    def ungraded_label(self) -> str:
        """What is said of its items without a grade: of what the city published, that this site does not know it."""
        return "未登録" if self.released_on else "未報告"


def ungraded_labels(rounds: Iterable[Round]) -> str:
    """The same of several rounds together, oldest first."""
    in_order = sorted(rounds, key=lambda round_: round_.as_of)
    return "・".join(dict.fromkeys(round_.ungraded_label for round_ in in_order)) or "未報告"


def scale_breaks(rounds: Iterable[Round]) -> list[Round]:
    """Of rounds `with_scale()`, those that judge by another scale than the one before them, oldest first."""
    in_order = sorted(rounds, key=lambda round_: round_.as_of)
    return [now for before, now in pairwise(in_order) if before.scale != now.scale]
