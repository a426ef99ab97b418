"""What of a frozen content became known only later."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from policies.models import PlanPart, Source, import_export_permissions
from programs.models.contents import ProgramEdition


class LateContent(PlanPart):
    """あとから分かった内容: parts of a content that were empty when its edition was frozen, and were filled in later.

    No erratum: nothing wrong stood there. `fields` names the filled parts, in Japanese.
    """

    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.PROTECT, related_name="learned", verbose_name="計画内容"
    )
    learned_on = models.DateField("分かった日")
    fields = models.CharField("登録した欄", max_length=300)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name="出典")
    reason = models.TextField("あとから登録した理由")
    learned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登録した人"
    )

    history = HistoricalRecords()
    same_plan_fields = ("source",)

    class Meta:
        verbose_name = verbose_name_plural = "あとから分かった内容"
        ordering = ["plan", "-learned_on", "-pk"]
        default_related_name = "late_contents"
        permissions = import_export_permissions("latecontent", "あとから分かった内容")
        constraints = [
            models.CheckConstraint(
                name="late_content_with_reason",
                condition=~Q(reason="") & ~Q(fields=""),
                violation_error_message="登録した欄と、あとから登録した理由を入力してください。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fields}（{self.learned_on}に登録）"
