"""The promise: items with a lasting identity, and their content in each edition."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.models import Department
from kodaira_reform.text import clean_code, fold, natural_key
from policies.models import Edition, PlanPart, Policy, Source, import_export_permissions

UNREGISTERED_NAME = "項目名 未登録"


class ProgramQuerySet(models.QuerySet["Program"]):
    def public(self) -> ProgramQuerySet:
        """Items of plans that citizens may see."""
        return self.filter(plan__is_public=True)

    def search(self, text: str) -> ProgramQuerySet:
        """Items whose number or name holds the text, whatever its width, case or kana."""
        return self.filter(Q(search_text__contains=fold(text)) | Q(number=clean_code(text)))


class Program(PlanPart):
    """実施項目. Its number and plan stay for ever; name and content may be unknown or change."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="programs", verbose_name="方針")
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
    sort_key = models.CharField(max_length=120, editable=False)
    search_text = models.TextField(editable=False)

    objects = ProgramQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["sort_key", "search_text"])
    same_plan_fields = ("policy", "source")

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
        ]
        indexes = [models.Index(name="program_in_order", fields=["plan", "sort_key"])]

    def __str__(self) -> str:
        return f"{self.number} {self.display_name}"

    def get_absolute_url(self) -> str:
        return reverse("program", args=[self.plan.slug, self.number])

    @property
    def display_name(self) -> str:
        return self.name or UNREGISTERED_NAME

    def derive(self) -> None:
        """Set what follows from the other fields. `save()` does it; bulk writers call it for every row."""
        self.number = clean_code(self.number)
        self.sort_key = natural_key(self.number)
        self.search_text = fold(f"{self.name} {self.name_kana}")

    def clean_fields(self, exclude: Any = None) -> None:
        self.derive()
        super().clean_fields(exclude=exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derive()
        super().save(*args, **kwargs)


class ProgramEdition(models.Model):
    """計画内容: what one edition says about one item."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="editions", verbose_name="実施項目")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="contents", verbose_name="版")
    departments = models.ManyToManyField(
        Department, through="Responsibility", related_name="program_editions", verbose_name="推進担当課"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "計画内容"
        ordering = ["program", "edition"]
        permissions = import_export_permissions("programedition", "計画内容")
        constraints = [models.UniqueConstraint(name="program_edition_once", fields=["program", "edition"])]

    def __str__(self) -> str:
        return f"{self.program}（{self.edition}）"

    def clean(self) -> None:
        super().clean()
        program = getattr(self, "program", None)  # on the page of a new item it is there, but not saved yet
        if program is not None and self.edition_id and program.plan_id != self.edition.plan_id:
            raise ValidationError({"edition": f"「{self.edition}」は別の計画の版です。同じ計画の版を選んでください。"})


class Responsibility(models.Model):
    """推進担当課 of an item in one edition; the first of the order leads."""

    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.CASCADE, related_name="responsibilities", verbose_name="計画内容"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="responsibilities", verbose_name="部署"
    )
    order = models.PositiveSmallIntegerField("並び順", default=1, help_text="1 が主担当です。")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "推進担当課"
        ordering = ["program_edition", "order"]
        constraints = [
            models.UniqueConstraint(name="responsibility_once", fields=["program_edition", "department"]),
            models.UniqueConstraint(name="responsibility_order_once", fields=["program_edition", "order"]),
        ]

    def __str__(self) -> str:
        return str(self.department)
