"""Survey sheets that departments send back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.models import Department
from reviews.models.rounds import Round


class SurveyUpload(models.Model):
    """調査票の取り込み: a filled-in sheet on its way from preview to confirmation, and what it changed."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "確認待ち"
        CONFIRMED = "confirmed", "取り込み済み"
        UNDONE = "undone", "取り消し済み"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="uploads", verbose_name="調査")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="部署")
    file_name = models.CharField("ファイル名", max_length=255)
    # The file itself, so that any server process can go on with what another has received. At most 10 MB.
    content = models.BinaryField("ファイル", editable=False)
    sha256 = models.CharField("ハッシュ", max_length=64)
    state = models.CharField("状態", max_length=10, choices=State, default=State.PREVIEWED)
    uploaded_at = models.DateTimeField("受け取った日時", auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="取り込んだ人"
    )
    confirmed_at = models.DateTimeField("確定した日時", null=True, blank=True)
    undone_at = models.DateTimeField("取り消した日時", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="取り消した人",
    )
    # What confirming it changed, so that it can be undone: written by workbooks/survey, which documents the shape.
    changes = models.JSONField("変えた内容", default=list)

    history = HistoricalRecords(excluded_fields=["content"])

    class Meta:
        verbose_name = verbose_name_plural = "調査票の取り込み"
        ordering = ["-uploaded_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                name="survey_upload_confirmed_paired",
                condition=Q(state="previewed", confirmed_at=None)
                | (~Q(state="previewed") & Q(confirmed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="survey_upload_undone_paired",
                condition=Q(state="undone", undone_at__isnull=False, undone_by__isnull=False)
                | (~Q(state="undone") & Q(undone_at=None, undone_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.file_name}"
