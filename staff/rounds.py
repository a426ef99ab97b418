"""Rounds: their list and form. What the office does with a round is in staff/office.py."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.fiscal import era_date, fiscal_year_label, fiscal_year_of
from policies.models import Edition
from reviews.board import state_counts, with_state_counts
from reviews.models import Report, Round
from staff.base import person
from staff.framework import PlanPartAdmin
from staff.lists import ListResource, plain_columns
from staff.office import OfficePages
from staff.publicity import PublicityPages


def settled_round(round_: Round | None) -> tuple[str, ...]:
    """Reports stand on the round's day and edition; what is published does not move at all."""
    if round_ is None or round_.state == Round.State.PLANNED:
        return ()
    on_reports = ("as_of", "edition")
    return on_reports if round_.state == Round.State.OPEN else (*on_reports, "opens_on", "due_on")


class RoundForm(forms.ModelForm):
    """Without an edition it is the one in force on the round's day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "edition" in self.fields:
            self.fields["edition"].required = False
            self.fields["edition"].help_text += "空欄なら、基準日の年度に適用される版にします。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        plan = self.instance.plan if self.instance.pk else cleaned.get("plan")
        if "edition" in self.fields and not cleaned.get("edition") and plan and cleaned.get("as_of"):
            year = fiscal_year_of(cleaned["as_of"])
            cleaned["edition"] = Edition.objects.in_force(plan, year)
            if cleaned["edition"] is None:
                self.add_error(
                    "edition", f"{fiscal_year_label(year)}に適用される版がありません。先に版を登録してください。"
                )
        return cleaned


class RoundResource(ListResource):
    class Meta:
        model = Round
        fields = plain_columns(Round)

    def settled(self, instance: Round) -> Collection[str]:
        return settled_round(instance)


@admin.register(Round)
class RoundAdmin(PublicityPages, OfficePages):
    change_form_template = "staff/round/change_form.html"
    resource_classes = [RoundResource]
    form = RoundForm
    list_display = ["as_of_in_era", "state", "handed_in", "due", "edition", "plan"]
    list_filter = [*PlanPartAdmin.list_filter, "state"]
    list_select_related = ["plan", "edition"]
    readonly_fields = ["state", "published_at", "published_by", "released_on"]
    fieldsets = [
        (None, {"fields": ["plan", "as_of", "edition", "source"]}),
        ("受付", {"fields": ["opens_on", "due_on"]}),
        ("状態", {"fields": ["state", "published_at", "published_by", "released_on"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        return with_state_counts(super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: Round | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_readonly_fields(self, request: HttpRequest, obj: Round | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *settled_round(obj)]

    def is_public(self, obj: Round) -> bool:
        return obj.state == Round.State.PUBLISHED and super().is_public(obj)

    @admin.display(description="基準日", ordering="as_of")
    def as_of_in_era(self, round_: Any) -> str:  # with the counts of with_state_counts
        return era_date(round_.as_of)

    @admin.display(description="提出期限", ordering="due_on")
    def due(self, round_: Any) -> str:  # with the counts of with_state_counts
        return era_date(round_.due_on) if round_.due_on else ""

    @admin.display(description="提出済み／項目")
    def handed_in(self, round_: Any) -> str:  # with the counts of with_state_counts
        done = sum(count for state, count in state_counts(round_) if state in Report.HANDED_IN)
        return f"{done}／{round_.in_all}" if round_.in_all else ""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        round_ = kwargs.get("obj")
        user = person(request)
        if round_:
            context["can_register"] = round_.state == Round.State.PLANNED and user.has_perm("reviews.publish_round")
            context["can_open"] = round_.state == Round.State.PLANNED and user.has_perm("reviews.open_round")
            context["can_publish"] = round_.state == Round.State.OPEN and user.has_perm("reviews.publish_round")
            context["can_see_board"] = user.has_perm("reviews.approve_report")
            context["can_make_report"] = round_.is_shown and user.has_perm("policies.export_plan")
        return super().render_change_form(request, context, **kwargs)
