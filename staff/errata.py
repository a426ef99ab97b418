"""正誤, to read: of published reports and of frozen contents. They are made by the acts on the pages of what they correct."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from core.fiscal import era_date
from programs.models import ContentErratum
from reviews.models import ReportErratum
from staff.base import RecordAdmin


class ErratumAdmin(RecordAdmin):
    list_display = ["corrected", "about", "label", "old", "new", "reason", "plan"]
    list_display_links = ["corrected", "about"]
    list_filter = [("plan", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["label", "old", "new", "reason"]

    @admin.display(description="訂正日", ordering="corrected_on")
    def corrected(self, erratum: Any) -> str:
        return era_date(erratum.corrected_on)


@admin.register(ReportErratum)
class ReportErratumAdmin(ErratumAdmin):
    list_select_related = ["plan", "published_report__round"]

    @admin.display(description="訂正した報告")
    def about(self, erratum: ReportErratum) -> str:
        return str(erratum.published_report)


@admin.register(ContentErratum)
class ContentErratumAdmin(ErratumAdmin):
    list_select_related = ["plan", "program_edition__program", "program_edition__edition"]

    @admin.display(description="訂正した計画内容")
    def about(self, erratum: ContentErratum) -> str:
        return str(erratum.program_edition)
