"""Errata to what a frozen edition says of an item."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from policies.models import ErratumFields, import_export_permissions
from programs.models.contents import ProgramEdition


class ContentErratum(ErratumFields):
    """正誤 of a frozen content: the new value has taken the place of the old one, which is kept here."""

    program_edition = models.ForeignKey(
        ProgramEdition, on_delete=models.PROTECT, related_name="errata", verbose_name="計画内容"
    )

    history = HistoricalRecords()

    class Meta(ErratumFields.Meta):
        verbose_name = verbose_name_plural = "計画内容の正誤"
        default_related_name = "content_errata"
        permissions = import_export_permissions("contenterratum", "計画内容の正誤")
