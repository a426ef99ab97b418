"""Tables that people made, kept while their owner says how they are to be read. Of each kind one a person and plan."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from reviews.redaction import redacted
from workbooks import sheets
from workbooks.models import TableKind, TableUpload
from workbooks.reader import MAX_BYTES, MAX_UNPACKED
from workbooks.tables.layout import Grid

KEPT = datetime.timedelta(days=7)
MAX_ROWS = 5_000  # of a sheet: a plan that people read on paper


def keep(upload: TableUpload) -> TableUpload:
    """Keep a file. What the same person sent before for this plan and kind is dropped, and so is what nobody finished for
    a week."""
    with transaction.atomic():
        TableUpload.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()
        TableUpload.objects.filter(kind=upload.kind, plan=upload.plan, uploaded_by=upload.uploaded_by).delete()
        upload.save()
    return upload


@receiver(redacted, dispatch_uid="tables_emptied_while_waiting")
def _forget_emptied(**_: Any) -> None:
    """A table whose file was taken out cannot be read any more; its owner brings another."""
    TableUpload.objects.filter(content=b"").delete()


def waiting_upload(plan: int, *, by: User, kind: TableKind = TableKind.PLAN) -> TableUpload | None:
    """The table that a person brings in for a plan (by its primary key)."""
    found = TableUpload.objects.filter(kind=kind, plan=plan, uploaded_by=by)
    return found.select_related("plan", "edition", "source").order_by("-pk").first()


def grids_of(upload: TableUpload) -> list[Grid]:
    """Every sheet of the file. Raises UnreadableFile where it cannot be read, or where the machine is too busy now."""
    book = sheets.read_any(bytes(upload.content), max_bytes=MAX_BYTES, max_unpacked=MAX_UNPACKED, max_rows=MAX_ROWS)
    return [Grid(sheet) for sheet in book.sheets.values()]
