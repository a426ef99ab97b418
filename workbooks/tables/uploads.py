"""Tables that people made, kept while their owner says how they are to be read. Of each kind one a person and plan."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from core.spreadsheets import sheets
from core.spreadsheets.limits import MAX_BYTES, MAX_UNPACKED
from core.spreadsheets.sheets import Sheet
from reviews.redaction import redacted
from workbooks.models import TableKind, TableMapping, TableUpload
from workbooks.tables.doubts import Doubt

KEPT = datetime.timedelta(days=7)
MAX_ROWS = 10_000  # of a sheet: more than any plan that people keep in one


def keep(upload: TableUpload) -> TableUpload:
    """Keep a file. What the same person sent before for this plan and kind is dropped, and so is what nobody finished for
    a week."""
    with transaction.atomic():
        TableUpload.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()
        TableUpload.objects.filter(kind=upload.kind, plan=upload.plan, uploaded_by=upload.uploaded_by).delete()
        upload.save()
    return upload


@receiver(redacted, dispatch_uid="tables_emptied_while_waiting")
def _forget_emptied(**_: object) -> None:
    """A table whose file was taken out cannot be read any more; its owner brings another."""
    TableUpload.objects.filter(content=b"").delete()


def waiting_upload(plan: int, *, by: User, kind: TableKind = TableKind.PLAN) -> TableUpload | None:
    """The table that a person brings in for a plan (by its primary key)."""
    found = TableUpload.objects.filter(kind=kind, plan=plan, uploaded_by=by)
    return found.select_related("plan", "edition", "source").order_by("-pk").first()


def said_before(upload: TableUpload) -> dict[str, Any]:
    """What the headings of tables of this kind are for, as somebody said last time for this plan: JSON of each kind's own
    shape."""
    found = TableMapping.objects.filter(plan=upload.plan, kind=upload.kind)
    return found.values_list("columns", flat=True).first() or {}


def keep_said(upload: TableUpload, columns: Mapping[str, object]) -> None:
    """Keep what the headings are for, for the next table of this kind and plan."""
    TableMapping.objects.update_or_create(plan=upload.plan, kind=upload.kind, defaults={"columns": columns})


def keep_answers(upload: TableUpload, doubts: Iterable[Doubt], given: Mapping[str, str]) -> None:
    """Keep those of the answers (by the ids of doubts) that can be chosen."""
    for doubt in doubts:
        if doubt.takes(answer := given.get(doubt.id, "")):
            upload.answers[doubt.id] = answer
    upload.save(update_fields=["answers"])


def sheets_of(upload: TableUpload) -> list[Sheet]:
    """Every sheet of the file. Raises UnreadableFile where it cannot be read, or where the machine is too busy now."""
    book = sheets.read_any(bytes(upload.content), max_bytes=MAX_BYTES, max_unpacked=MAX_UNPACKED, max_rows=MAX_ROWS)
    return list(book.sheets.values())
