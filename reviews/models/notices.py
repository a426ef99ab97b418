"""The e-mails of a round."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from reviews.models.reports import Report
from reviews.models.rounds import Round


class NoticeQuerySet(models.QuerySet):
    def told(self) -> NoticeQuerySet:
        """Not to be sent again: handed to the mail server, or perhaps (whoever sent it was stopped in the middle)."""
        return self.filter(result__in=(Notice.Result.SENT, Notice.Result.SENDING))

    def unsent(self) -> NoticeQuerySet:
        return self.filter(result__in=(Notice.Result.NO_SERVER, Notice.Result.FAILED))


class Notice(models.Model):
    """通知: an e-mail about a round to one person, and what became of it."""

    class Kind(models.TextChoices):
        OPENED = "opened", "受付の開始"
        DUE_SOON = "due_soon", "期限が近い"
        LATE = "late", "期限を過ぎた"
        RETURNED = "returned", "差し戻し"
        RETURNED_WAITING = "waiting", "差し戻しのまま"
        PUBLISHED = "published", "公表"

    class Result(models.TextChoices):
        SENDING = "sending", "送信の途中（送れたか未確認）"
        SENT = "sent", "送った（メールサーバーに渡した）"
        NO_SERVER = "no_server", "送っていない（メールサーバーの設定がない）"
        FAILED = "failed", "送れなかった"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="notices", verbose_name="調査")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="宛先")
    address = models.EmailField("アドレス")
    subject = models.CharField("件名", max_length=200)
    reports = models.PositiveIntegerField("報告の数", default=0)
    # When it was tried, whatever the result.
    sent_at = models.DateTimeField("日時")
    # Which one was returned; the other kinds are about all reports of a person.
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="+", null=True, blank=True, verbose_name="報告"
    )
    result = models.CharField("結果", max_length=10, choices=Result)
    reason = models.CharField("送れなかった理由", max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "通知の記録"
        ordering = ["-sent_at"]
        default_permissions = ("view",)
        indexes = [models.Index(name="notice_last", fields=["round", "user", "kind", "sent_at"])]

    def __str__(self) -> str:
        return f"{self.subject}（{self.address}）"
