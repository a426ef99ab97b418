"""The committee in the admin: meetings, opinions and answers, and the items that it watches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.text import Truncator
from import_export.fields import Field

from accounts import roles
from accounts.models import User
from committee.models import CommitteeMember, KeyProgram, Meeting, Opinion
from committee.opinions import WRITTEN_BY_MEMBERS, may_edit, may_see_seats, record, seats
from core.fiscal import era_date, era_fiscal_year
from opendata.floods import bounded
from policies.models import Plan, PlanPart, Source
from staff.base import person
from staff.framework import PlanPartAdmin, SourcesForm
from staff.lines import RecordLines
from staff.lists import ListResource, Several, plain_columns, resource_of
from staff.promise_lists import PLAN
from staff.publicity import PublicityPages
from staff.revisions import OfProgramAdmin
from website.committee import meeting_context, pdf_response
from website.packet import packet

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


class MemberForm(forms.ModelForm):
    """Who has left, or may not sign in any more, keeps the seat until somebody takes it away."""

    def _get_validation_exclusions(self) -> set[str]:
        stays = self.instance.pk and "user" not in self.changed_data
        return super()._get_validation_exclusions() | ({"user"} if stays else set())  # type: ignore[misc]


class MemberLines(RecordLines):
    def clean(self) -> None:
        super().clean()
        seats = [line.cleaned_data for line in self.forms if line.is_valid() and line not in self.deleted_forms]
        if sum(bool(seat.get("is_chair")) for seat in seats) > 1:
            raise ValidationError("委員長は、一つの計画に一人です。ほかの人の「委員長」の印を外してください。")


class CommitteeMemberInline(admin.StackedInline):
    """On the page of a plan, beside the name of its committee."""

    model = CommitteeMember
    form = MemberForm
    formset = MemberLines
    fields = ["user", "is_chair"]
    extra = 0
    verbose_name_plural = "委員の名簿（市民のページには出ません）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommitteeMember]:
        return super().get_queryset(request).select_related("user")

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "user":
            key = request.resolver_match.kwargs.get("object_id")
            seated = CommitteeMember.objects.filter(plan=key) if key else CommitteeMember.objects.none()
            may_sit = Q(**db_field.remote_field.limit_choices_to)
            kwargs["limit_choices_to"] = may_sit | Q(pk__in=seated.values("user"))
        found: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        found.choices = list(found.choices)  # read once for all lines
        return found


class MeetingForm(SourcesForm):
    several = "documents"


class ChosenPlanAdmin(PlanPartAdmin):
    """A form to add something that was opened for one plan (`?plan=`) offers the records of that plan only."""

    def chosen_plan(self, request: HttpRequest) -> Plan | None:
        """Of a form to add: the plan that the address names, or the only one that there is."""
        if request.resolver_match is None or request.resolver_match.kwargs.get("object_id"):
            return None
        named = request.GET.get("plan", "")
        plans = Plan.objects.filter(pk=named) if named.isdecimal() and len(named) < 10 else Plan.objects.all()
        found = list(plans[:2])
        return found[0] if len(found) == 1 else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        plan = self.chosen_plan(request)
        return ({"plan": plan.pk} if plan else {}) | super().get_changeform_initial_data(request)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        found = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if issubclass(db_field.related_model, PlanPart) and (plan := self.chosen_plan(request)):
            found.queryset = found.queryset.filter(plan=plan)
        return found


@admin.register(Meeting)
class MeetingAdmin(PublicityPages, ChosenPlanAdmin):
    resource_classes = [MeetingResource]
    form = MeetingForm
    change_form_template = "staff/meeting/change_form.html"
    list_display = ["held", "title", "agenda_count", "document_count", "opinions_count", "public_at", "plan"]
    list_display_links = ["held"]
    search_fields = ["title", "agenda"]
    date_hierarchy = "held_on"
    fieldsets = [
        ("会議", {"fields": ["plan", "held_on", "title", "place"]}),
        ("次第と資料", {"fields": ["agenda", "documents"]}),
        ("委員の準備", {"fields": ["opinions_due_on"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        return (
            super()
            .get_queryset(request)
            .annotate(in_documents=Count("documents", distinct=True), in_opinions=Count("opinions", distinct=True))
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/packet/", view(self.packet_view), name="committee_meeting_packet"),
            path("<int:pk>/packet/packet.pdf", view(self.packet_pdf_view), name="committee_meeting_packet_pdf"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next meeting is mostly held where the last one was."""
        initial = super().get_changeform_initial_data(request)
        last = Meeting.objects.filter(plan=self.chosen_plan(request)).order_by("-held_on").first()
        return ({"place": last.place} if last else {}) | initial

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        found = super().formfield_for_manytomany(db_field, request, **kwargs)
        found.queryset = found.queryset.order_by("plan", F("date").desc(nulls_last=True), "key")
        if plan := self.chosen_plan(request):
            found.queryset = found.queryset.filter(plan=plan)
        return found

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context["can_read_packet"] = person(request).has_perm("committee.view_opinion")
        return super().render_change_form(request, context, **kwargs)

    def _packet(self, request: HttpRequest, pk: int) -> dict[str, Any]:
        """The packet with opinions that are not public yet, for those who may read them."""
        if not person(request).has_perm("committee.view_opinion"):
            raise PermissionDenied
        found = Meeting.objects.filter(pk=pk).select_related("plan__source").first()
        of_meeting = (
            packet(found.plan, found.held_on, Opinion.objects.select_related("author"), Meeting.objects.all())
            if found
            else None
        )
        if found is None or of_meeting is None:
            raise Http404
        shown = seats([found])[found.pk] if may_see_seats(person(request), found.plan_id) else []
        return {**meeting_context(found.plan, of_meeting), "members": True, "seats": shown}

    def packet_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return render(request, "website/meeting.html", self._packet(request, pk))

    def packet_pdf_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return bounded(pdf_response)(request, self._packet(request, pk))

    @admin.display(description="開催日", ordering="held_on")
    def held(self, meeting: Meeting) -> str:
        return era_date(meeting.held_on)

    @admin.display(description="次第")
    def agenda_count(self, meeting: Meeting) -> str:
        return f"{len(meeting.agenda_lines)}件" if meeting.agenda_lines else "未登録"

    @admin.display(description="資料", ordering="in_documents")
    def document_count(self, meeting: Any) -> str:
        return f"{meeting.in_documents}件" if meeting.in_documents else "未登録"

    @admin.display(description="意見", ordering="in_opinions")
    def opinions_count(self, meeting: Any) -> str:
        return f"{meeting.in_opinions}件"


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
class OpinionAdmin(PublicityPages, ChosenPlanAdmin):
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
        return person(request).has_perm("committee.answer_opinion")

    def has_change_permission(self, request: HttpRequest, obj: Opinion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_edit(obj, person(request)))

    def get_fieldsets(self, request: HttpRequest, obj: Opinion | None = None) -> Any:
        if obj is None and not self._is_office(request):
            return self.fieldsets[:1]
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Opinion | None = None) -> Any:
        fixed = [*super().get_readonly_fields(request, obj), "key"]
        if obj and obj.is_public:  # taken back by 「取り下げる」, with a reason
            fixed.append("published_on")
        if self._is_office(request):
            return fixed
        return [*fixed, "author", "given_on", "published_on", "answer_due_on", "disposition", "answer", "answered_on"]

    def get_form(self, request: HttpRequest, obj: Opinion | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if "given_on" in form.base_fields:
            form.base_fields["given_on"].required = obj is not None
            form.base_fields["given_on"].help_text = "空欄なら今日になります。"
        if "author" in form.base_fields:  # and who has left the committee stays the author of what he wrote
            members = Q(groups__name=roles.COMMITTEE, is_active=True) | Q(pk=obj.author_id if obj else None)
            form.base_fields["author"].queryset = User.objects.filter(members).distinct()
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


class KeyProgramResource(ListResource):
    plan = Field("program__plan", "計画", PLAN, readonly=True)

    class Meta:
        model = KeyProgram
        fields = ("plan", "program", "fiscal_year", "note")

    def get_import_id_fields(self) -> list[str]:
        return ["program", "fiscal_year"]

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related("program__plan")


@admin.register(KeyProgram)
class KeyProgramAdmin(OfProgramAdmin):
    resource_classes = [KeyProgramResource]
    list_display = ["program", "year", "note", "plan"]
    list_filter = [("program__plan", admin.RelatedOnlyFieldListFilter), "fiscal_year"]
    list_select_related = ["program__plan"]
    ordering = ["program__plan", "fiscal_year", "program__sort_key"]
    search_fields = ["note"]

    @admin.display(description="年度", ordering="fiscal_year")
    def year(self, row: KeyProgram) -> str:
        return era_fiscal_year(row.fiscal_year)

    @admin.display(description="計画")
    def plan(self, row: KeyProgram) -> str:
        return str(row.program.plan)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyProgram]:
        return super().get_queryset(request).select_related("program__plan")
