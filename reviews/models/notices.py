"""The e-mails of a round."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from reviews.models.rounds import Round


class Notice(models.Model):
    """通知: an e-mail about a round that was sent to one person."""

    class Kind(models.TextChoices):
        OPENED = "opened", "受付の開始"
        DUE_SOON = "due_soon", "期限が近い"
        LATE = "late", "期限を過ぎた"
        RETURNED = "returned", "差し戻し"
        RETURNED_WAITING = "waiting", "差し戻しのまま"
        PUBLISHED = "published", "公表"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="notices", verbose_name="調査")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="宛先")
    address = models.EmailField("アドレス")
    subject = models.CharField("件名", max_length=200)
    reports = models.PositiveIntegerField("報告の数", default=0)
    sent_at = models.DateTimeField("送った日時")

    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "通知の記録"
        ordering = ["-sent_at"]
        default_permissions = ("view",)
        indexes = [models.Index(name="notice_last", fields=["round", "user", "kind", "sent_at"])]

    def __str__(self) -> str:
        return f"{self.subject}（{self.address}）"
