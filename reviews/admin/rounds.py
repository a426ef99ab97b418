"""Rounds: opened and published by a button, after a page that says what will happen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from kodaira_reform.exchange import ListResource, plain_columns
from kodaira_reform.fiscal import era_date, fiscal_year_label, fiscal_year_of
from kodaira_reform.staff import person
from policies.admin import PlanPartAdmin
from policies.models import Edition
from programs.models import Program
from reviews import workflow
from reviews.models import Report, Round


def with_state_counts(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Each round with the number of its reports by state, as `in_draft`, `in_submitted` …, and `in_all`."""
    counts = {f"in_{state}": Count("reports", filter=Q(reports__state=state)) for state in Report.State.values}
    return rounds.annotate(in_all=Count("reports"), **counts)


def state_counts(round_: Any) -> list[tuple[Report.State, int]]:
    """The counts of `with_state_counts`, in the order in which reports advance."""
    return [(state, getattr(round_, f"in_{state}")) for state in Report.State]


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
class RoundAdmin(PlanPartAdmin):
    resource_classes = [RoundResource]
    form = RoundForm
    list_display = ["as_of_in_era", "state", "handed_in", "due", "edition", "plan"]
    list_filter = [*PlanPartAdmin.list_filter, "state"]
    list_select_related = ["plan", "edition"]
    readonly_fields = ["state", "published_at", "published_by"]
    fieldsets = [
        (None, {"fields": ["plan", "as_of", "edition", "source"]}),
        ("受付", {"fields": ["opens_on", "due_on"]}),
        ("状態", {"fields": ["state", "published_at", "published_by"]}),
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
    def as_of_in_era(self, round_: Round) -> str:
        return era_date(round_.as_of)

    @admin.display(description="提出期限", ordering="due_on")
    def due(self, round_: Round) -> str:
        return era_date(round_.due_on) if round_.due_on else ""

    @admin.display(description="提出済み／項目")
    def handed_in(self, round_: Any) -> str:
        done = sum(count for state, count in state_counts(round_) if state in Report.HANDED_IN)
        return f"{done}／{round_.in_all}" if round_.in_all else ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/open/", view(self.open_view), name="reviews_round_open"),
            path("<int:pk>/publish/", view(self.publish_view), name="reviews_round_publish"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        round_ = kwargs.get("obj")
        user = person(request)
        if round_:
            context["can_open"] = round_.state == Round.State.PLANNED and user.has_perm("reviews.open_round")
            context["can_publish"] = round_.state == Round.State.OPEN and user.has_perm("reviews.publish_round")
        return super().render_change_form(request, context, **kwargs)

    def _round(self, request: HttpRequest, pk: int, permission: str) -> Any:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        round_ = self.get_queryset(request).select_related("plan", "edition").filter(pk=pk).first()
        if round_ is None:
            raise Http404
        return round_

    def _confirm(self, request: HttpRequest, template: str, round_: Any, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "opts": self.opts, "original": round_, **context},
            status=400 if context.get("error") else 200,
        )

    def _done(self, request: HttpRequest, round_: Round, message: str) -> HttpResponse:
        self.log_change(request, round_, message)
        messages.success(request, message)
        return redirect("admin:reviews_round_change", round_.pk)

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self._round(request, pk, "reviews.open_round")
        error = ""
        if request.method == "POST":
            try:
                workflow.open_round(round_, by=person(request))
                return self._done(request, round_, f"{round_}の調査の受付を始めました。")
            except workflow.WrongState as refused:
                error = str(refused)
        return self._confirm(
            request,
            "admin/reviews/round/open.html",
            round_,
            title="調査の受付を始める",
            programs=Program.objects.filter(plan=round_.plan).count(),
            error=error,
        )

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = self._round(request, pk, "reviews.publish_round")
        missing = list(
            round_.reports.exclude(state=Report.State.APPROVED)
            .select_related("program", "round")
            .order_by("program__sort_key")
        )
        accept = "accept_unreported" in request.POST
        error = ""
        if request.method == "POST":
            try:
                if accept and request.POST.get("seen") != str(len(missing)):
                    raise workflow.WrongState(
                        "承認されていない報告が、画面を開いたあとに変わりました。もう一度確かめてください。"
                    )
                workflow.publish(round_, by=person(request), accept_unreported=accept)
                return self._done(request, round_, f"{round_}の調査を公表しました。")
            except workflow.WrongState as refused:
                error = str(refused)
        return self._confirm(
            request,
            "admin/reviews/round/publish.html",
            round_,
            title="調査を公表する",
            counts=[(state.label, count) for state, count in state_counts(round_) if state != Report.State.PUBLISHED],
            approved=round_.in_approved,
            missing=missing,
            error=error,
        )
