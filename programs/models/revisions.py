"""見直し: the event by which one edition followed another. What changed is computed from the two editions."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from policies.models import Edition, PlanPart, Source, import_export_permissions
from programs.differences import Aspect
from programs.models.items import Program


class DepartmentsCounted(models.TextChoices):
    """Which changes of 推進担当課 the city counts in its table of a revision."""

    ANY = "any", "変更（追加と削除）"
    ADDED = "added", "追加だけ"


class Revision(PlanPart):
    from_edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", verbose_name="見直し前の版")
    to_edition = models.OneToOneField(
        Edition, on_delete=models.PROTECT, related_name="revision", verbose_name="見直し後の版"
    )
    decided_on = models.DateField("見直しを決めた日", null=True, blank=True)
    purpose = models.TextField(
        "見直しの趣旨",
        blank=True,
        max_length=2000,
        validators=[MaxLengthValidator(2000)],
        help_text="原文の写しではなく、自分たちの言葉での要約。ページにも「このサイトの要約」と示します。",
    )
    departments_counted = models.CharField(
        "推進担当課の数え方",
        max_length=10,
        choices=DepartmentsCounted,
        default=DepartmentsCounted.ANY,
        help_text="市の表で、推進担当課の見直しに何を数えているか。",
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出典"
    )

    history = HistoricalRecords()
    same_plan_fields = ("from_edition", "to_edition", "source")

    class Meta:
        verbose_name = verbose_name_plural = "見直し"
        ordering = ["plan", "to_edition__first_fiscal_year"]
        default_related_name = "revisions"
        permissions = import_export_permissions("revision", "見直し")
        constraints = [
            models.CheckConstraint(
                name="revision_between_two_editions",
                condition=~Q(from_edition=F("to_edition")),
                violation_error_message="見直し前と見直し後には、別の版を選んでください。",
            )
        ]

    def __str__(self) -> str:
        return str(self.to_edition)

    @property
    def counts_added_only(self) -> bool:
        return self.departments_counted == DepartmentsCounted.ADDED


class RevisionMark(models.Model):
    """The city's own ○ in its table of revised items: one item, one aspect."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="marks", verbose_name="見直し")
    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="revision_marks", verbose_name="実施項目"
    )
    aspect = models.CharField("見直しの内容", max_length=20, choices=Aspect)
    note = models.CharField("備考", max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "見直しの○印"
        ordering = ["revision", "program", "aspect"]
        permissions = import_export_permissions("revisionmark", "見直しの○印")
        constraints = [models.UniqueConstraint(name="revision_mark_once", fields=["revision", "program", "aspect"])]

    def __str__(self) -> str:
        return f"{self.program} {self.get_aspect_display()}"

    def clean(self) -> None:
        super().clean()
        program, revision = getattr(self, "program", None), getattr(self, "revision", None)
        if program is not None and revision is not None and program.plan_id != revision.plan_id:
            raise ValidationError({"program": f"「{program}」は別の計画の項目です。同じ計画の項目を選んでください。"})
