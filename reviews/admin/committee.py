"""The committee in the admin: meetings, opinions and answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from kodaira_reform.exchange import ListResource, Several, plain_columns, resource_of
from kodaira_reform.fiscal import era_date
from kodaira_reform.staff import person
from policies.admin import PlanPartAdmin
from policies.models import Source
from reviews.models import Meeting, Opinion
from reviews.opinions import WRITTEN_BY_MEMBERS, may_edit, record

DOCUMENTS = Prefetch("documents", Source.objects.all(), to_attr="listed")


class MeetingResource(ListResource):
    documents = Several(
        "documents",
        "資料",
        Source,
        read=lambda meeting: meeting.listed,
        write=lambda meeting, sources: meeting.documents.set(sources),
    )

    class Meta:
        model = Meeting
        fields = [*plain_columns(Meeting), "documents"]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return super().filter_export(queryset).prefetch_related(None).prefetch_related(DOCUMENTS)


@admin.register(Meeting)
class MeetingAdmin(PlanPartAdmin):
    resource_classes = [MeetingResource]
    list_display = ["held", "title", "document_titles", "plan"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        return super().get_queryset(request).prefetch_related(DOCUMENTS)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        sources = Source.objects.select_related("plan")
        if key := request.resolver_match.kwargs.get("object_id"):
            kwargs["queryset"] = sources.filter(plan__in=Meeting.objects.filter(pk=key).values("plan"))
        else:
            kwargs["queryset"] = sources
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    @admin.display(description="開催日", ordering="held_on")
    def held(self, meeting: Meeting) -> str:
        return era_date(meeting.held_on)

    @admin.display(description="資料")
    def document_titles(self, meeting: Any) -> str:
        return "、".join(str(source) for source in meeting.listed)


class AnswerFilter(admin.SimpleListFilter):
    title = "回答"
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "回答していない"), ("yes", "回答した"), ("private", "公開前")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Opinion]) -> QuerySet[Opinion]:
        match self.value():
            case "no":
                return queryset.filter(answered_on=None)
            case "yes":
                return queryset.exclude(answered_on=None)
            case "private":
                return queryset.filter(published_on=None)
        return queryset


@admin.register(Opinion)
class OpinionAdmin(PlanPartAdmin):
    """Members write their own opinions and read the others'; the office answers and publishes."""

    resource_classes = [resource_of(Opinion)]
    list_display = ["key", "about", "beginning", "author", "given", "answer_state", "is_published"]
    list_display_links = ["key", "beginning"]
    list_filter = [*PlanPartAdmin.list_filter, AnswerFilter, ("meeting", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["plan", "program", "policy", "author"]
    search_fields = ["key", "text", "answer", "program__name"]
    fieldsets = [
        ("意見・助言", {"fields": list(WRITTEN_BY_MEMBERS)}),
        ("受け付け", {"fields": ["key", "author", "given_on", "published_on"]}),
        ("市の対応", {"fields": ["answer_due_on", "disposition", "answer", "answered_on"]}),
    ]

    def _is_office(self, request: HttpRequest) -> bool:
        return person(request).has_perm("reviews.answer_opinion")

    def has_change_permission(self, request: HttpRequest, obj: Opinion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_edit(obj, person(request)))

    def get_fieldsets(self, request: HttpRequest, obj: Opinion | None = None) -> Any:
        if obj is None and not self._is_office(request):
            return self.fieldsets[:1]
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Opinion | None = None) -> Any:
        fixed = [*super().get_readonly_fields(request, obj), "key"]
        if self._is_office(request):
            return fixed
        return [*fixed, "author", "given_on", "published_on", "answer_due_on", "disposition", "answer", "answered_on"]

    def get_form(self, request: HttpRequest, obj: Opinion | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if "given_on" in form.base_fields:
            form.base_fields["given_on"].required = obj is not None
            form.base_fields["given_on"].help_text = "空欄なら今日になります。"
        return form

    def save_model(self, request: HttpRequest, obj: Opinion, form: Any, change: bool) -> None:
        record(obj, by=person(request))

    def is_public(self, obj: Opinion) -> bool:
        return False

    @admin.display(description="対象")
    def about(self, opinion: Opinion) -> str:
        return str(opinion.program or opinion.policy or "計画全体")

    @admin.display(description="意見・助言")
    def beginning(self, opinion: Opinion) -> str:
        return Truncator(opinion.text).chars(40)

    @admin.display(description="意見の日", ordering="given_on")
    def given(self, opinion: Opinion) -> str:
        return era_date(opinion.given_on)

    @admin.display(description="回答", ordering="answered_on")
    def answer_state(self, opinion: Opinion) -> str:
        if opinion.answered_on:
            return f"{opinion.get_disposition_display()}（{era_date(opinion.answered_on)}）"
        return f"まだ（期限 {era_date(opinion.answer_due_on)}）" if opinion.answer_due_on else "まだ"

    @admin.display(description="公開", boolean=True)
    def is_published(self, opinion: Opinion) -> bool:
        return opinion.published_on is not None
