"""Survey sheets that departments send back, and the office's files of a whole plan."""

from __future__ import annotations

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.models import Department
from policies.models import Edition, Plan, Source
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
    staff_only = True

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


def exports_storage() -> Storage:
    """Where the files are; settings say it, not a migration."""
    return storages["exports"]


class Export(models.Model):
    """書き出し: the last file of a plan and kind that the office asked for, from the request to its end; or a file of a round.

    The queue (django-tasks) knows neither how far a task is nor whether its worker is alive; this row does. It is no record
    of the plan, so it has no history. It goes after a week; those of a round stay, one beside the other. The acts stand in
    workbooks/exports.py.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "順番を待っています"
        RUNNING = "running", "作成中"
        DONE = "done", "できました"
        FAILED = "failed", "作成できませんでした"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="exports", verbose_name="計画")
    round = models.ForeignKey(
        Round, on_delete=models.CASCADE, related_name="exports", null=True, blank=True, verbose_name="調査"
    )
    kind = models.CharField("種類", max_length=20)
    state = models.CharField("状態", max_length=10, choices=State, default=State.WAITING)
    name = models.CharField("ファイル名", max_length=255)
    site = models.CharField("サイトのアドレス", max_length=255)
    # The one task that may write to this row. A task that comes late, or whose worker was taken for dead, has another.
    task_id = models.CharField("タスク", max_length=64)
    done = models.PositiveIntegerField("できた表", default=0)
    total = models.PositiveIntegerField("すべての表", default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="始めた人"
    )
    asked_at = models.DateTimeField("始めた日時")
    begun_at = models.DateTimeField("作成を始めた日時", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最後に動いていた日時", null=True, blank=True)
    finished_at = models.DateTimeField("終わった日時", null=True, blank=True)
    file = models.FileField("ファイル", storage=exports_storage, max_length=255, blank=True)
    size = models.PositiveBigIntegerField("大きさ", default=0)
    error = models.TextField("できなかった理由", blank=True)
    version = models.PositiveBigIntegerField("作成を始めたときの公開版", default=0)

    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "書き出し"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="export_one_of_a_kind", fields=["plan", "kind"], condition=Q(round=None)),
            models.UniqueConstraint(
                name="export_one_coming_of_a_round",
                fields=["round", "kind"],
                condition=Q(round__isnull=False) & ~Q(state="done"),
            ),
            models.CheckConstraint(
                name="export_begun_paired",
                condition=Q(state="waiting", begun_at=None, heartbeat_at=None)
                | Q(state__in=["running", "done", "failed"], begun_at__isnull=False, heartbeat_at__isnull=False),
            ),
            models.CheckConstraint(
                name="export_finished_paired",
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="export_file_paired",
                condition=(Q(state="done", size__gt=0) & ~Q(file="")) | (~Q(state="done") & Q(file="", size=0)),
            ),
            models.CheckConstraint(
                name="export_error_paired",
                condition=(Q(state="failed") & ~Q(error="")) | (~Q(state="failed") & Q(error="")),
            ),
            models.CheckConstraint(name="export_done_of_total", condition=Q(done__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return self.name

    def opened(self) -> File:
        """The file that was made. Raises FileNotFoundError if it has gone meanwhile."""
        return exports_storage().open(str(self.file.name))


class TableKind(models.TextChoices):
    """What becomes of a table that people made."""

    PLAN = "plan", "計画の一覧表"  # a plan workbook: workbooks/tables/acts.py
    FIGURES = "figures", "公表された集計表"  # published figures: workbooks/tables/published/acts.py


class TableUpload(models.Model):
    """取り込む表: a table that people made, on its way into a plan, with what its owner has said about it so far.

    It is no record of the plan: what it becomes is taken in with history. It goes after a week.
    """

    kind = models.CharField("種類", max_length=10, choices=TableKind, default=TableKind.PLAN)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+", verbose_name="計画")
    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="版"
    )
    source = models.ForeignKey(
        Source, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="出典"
    )
    file_name = models.CharField("ファイル名", max_length=255)
    content = models.BinaryField("ファイル", editable=False)
    uploaded_at = models.DateTimeField("受け取った日時", auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="取り込む人"
    )
    sheets = models.JSONField("シートの読み方", default=dict)
    answers = models.JSONField("答え", default=dict)
    # A source that is registered together with the figures: its title, publisher, date and address.
    new_source = models.JSONField("新しい出典", default=dict)

    staff_only = True

    class Meta:
        verbose_name = verbose_name_plural = "取り込む表"
        default_permissions = ()

    def __str__(self) -> str:
        return self.file_name


class TableMapping(models.Model):
    """見出しの読み方: what the headings of an office's tables mean, as somebody said last time for this plan."""

    kind = models.CharField("種類", max_length=10, choices=TableKind, default=TableKind.PLAN)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+", verbose_name="計画")
    columns = models.JSONField("見出しと列の役割", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "見出しの読み方"
        default_permissions = ()
        constraints = [models.UniqueConstraint(name="table_mapping_of_a_kind", fields=["plan", "kind"])]

    def __str__(self) -> str:
        return f"{self.plan} {self._meta.verbose_name}"
