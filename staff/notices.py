"""The log of e-mails, which nobody writes by hand, and how the pages say what became of a mail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse

from reviews.models import Notice, Round
from reviews.notices import Outcome
from staff.framework import InPlanFilter


def tell(request: HttpRequest, outcome: Outcome) -> None:
    """Show how many were told, and everything that the office must know."""
    if outcome.told:
        messages.success(request, outcome.told)
    for problem in outcome.problems:
        messages.warning(request, problem)


class NoticeRoundFilter(InPlanFilter):
    title = "調査"
    parameter_name = "round"
    model = Round


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ["sent_at", "result", "reason", "kind", "user", "address", "subject", "reports"]
    list_display_links = None
    list_filter = ["result", "kind", ("round__plan", admin.RelatedOnlyFieldListFilter), NoticeRoundFilter]
    list_select_related = ["user"]
    list_per_page = 50
    search_fields = ["address", "user__name", "user__username", "subject"]
    search_help_text = "氏名、利用者名、アドレス、件名。"

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
