"""Reports: filled in and handed in by the departments, approved or returned by the office.

Every change goes through reviews/workflow.py; this module shows forms and what an act answered.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Department
from core.acts import saved_first
from policies.models import Judge
from programs.models import Program, ProgramEdition
from reviews import notices, report_fields, workflow
from reviews.hints import hints_of_round
from reviews.models import Report, Round
from reviews.report_fields import FieldKind
from staff import unsent
from staff.base import StaffAdmin, person
from staff.contents import LEADING, department_names
from staff.contributions import ContributionsPart
from staff.framework import InPlanFilter, PolicyFilter
from staff.judgements import JudgementForm, JudgementsPart
from staff.notices import tell
from staff.report_figure_forms import FigureForms, add_refusal
from staff.report_forms import GradeField, ReportForm, ReturnForm, choices, seen_row, with_picks
from staff.report_rows import ReportResource

State = Report.State


class RoundFilter(InPlanFilter):
    title = "調査"
    parameter_name = "round"
    model = Round


class ReportPolicyFilter(PolicyFilter):
    parameter_name = "program__policy"


class ToDoFilter(admin.SimpleListFilter):
    title = "わたしの仕事"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("write", "いま入力できる"), ("approve", "承認を待っている"), ("late", "期限を過ぎて提出していない")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "write":
                return queryset.filter(pk__in=Report.objects.editable_by(request.user).values("pk"))
            case "approve":
                return queryset.filter(state=State.SUBMITTED, round__state=Round.State.OPEN)
            case "late":
                late = {"round__state": Round.State.OPEN, "round__due_on__lt": timezone.localdate()}
                return queryset.filter(state__in=Report.EDITABLE, **late)
        return queryset


class DepartmentFilter(admin.SimpleListFilter):
    """Reports of a department in the edition of their round, those of its former names included."""

    title = "推進担当課"
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Department.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        chosen = Department.objects.filter(pk=value) if value.isdecimal() else Department.objects.none()
        return queryset.of_departments(Department.objects.with_predecessors(chosen.values_list("pk", flat=True)))


class LeadingFilter(admin.SimpleListFilter):
    """What a department leads; the board of a round links to it. Out of sight unless it is in use."""

    title = "主担当課"
    parameter_name = "leading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if self.value() == "none":
            return [("none", "未登録")]
        return [(str(department.pk), department.name) for department in self.chosen()]

    def has_output(self) -> bool:
        return self.value() is not None

    def chosen(self) -> QuerySet[Department]:
        value = self.value() or ""
        return Department.objects.filter(pk=value) if value.isdecimal() else Department.objects.none()

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "none":
            return queryset.without_department()
        return self.of(queryset, Department.objects.with_predecessors(self.chosen().values_list("pk", flat=True)))

    def of(self, queryset: Any, departments: set[int]) -> Any:
        return queryset.led_by(departments)


class SupportingFilter(LeadingFilter):
    title = "関係課"
    parameter_name = "supporting"

    def of(self, queryset: Any, departments: set[int]) -> Any:
        return queryset.supported_by(departments)


def _judgements(report: Report, data: QueryDict | None = None) -> JudgementForm:
    """What the departments judge by the axes beside the first."""
    return JudgementForm(report, [Judge.DEPARTMENT], data)


@admin.register(Report)
class ReportAdmin(ContributionsPart, JudgementsPart, StaffAdmin):
    change_form_template = "staff/report/change_form.html"
    resource_classes = [ReportResource]
    has_own_page = True
    form = ReportForm
    list_display = ["item", "round", "departments", "grade", "state", "updated"]
    list_filter = [
        ToDoFilter,
        "state",
        ("round__plan", admin.RelatedOnlyFieldListFilter),
        RoundFilter,
        ReportPolicyFilter,
        DepartmentFilter,
        LeadingFilter,
        SupportingFilter,
        ("grade", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["program", "round__edition", "grade", "updated_by"]
    ordering = ["-round__as_of", "program__plan", "program__sort_key"]
    search_fields = ["program__number", "program__name"]
    search_help_text = "項目の番号、項目名、ふりがな。"
    actions = ["approve_selected"]
    radio_fields = {"grade": admin.VERTICAL}
    history_hidden = (
        *("tone", "version", "updated_at", "updated_by", "submitted_at", "submitted_by"),
        *("approved_at", "approved_by", "published_at", "published_by"),
    )

    # Who may see and do what

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        contents = Prefetch("program__editions", ProgramEdition.objects.prefetch_related(LEADING))
        return super().get_queryset(request).visible_to(request.user).prefetch_related(contents)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.approve_report")

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        if obj is None or not super().has_change_permission(request, obj):
            return super().has_change_permission(request, obj)
        return Report.objects.editable_by(request.user).filter(pk=obj.pk).exists()

    def has_view_history_or_change_history_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        """The history holds drafts: it is for the office and the department, also after publication."""
        if self.has_approve_permission(request):
            return True
        user = person(request)
        own = Report.objects.of_departments(user.owned_departments())
        return super().has_view_permission(request) and obj is not None and own.filter(pk=obj.pk).exists()

    def is_public(self, obj: Report) -> bool:
        return False

    # List

    def action_checkbox(self, obj: Report) -> SafeString:
        """Tells what was seen, too: an act on the list is an act on these versions."""
        return format_html(
            '{}<input type="hidden" name="seen-{}" value="{}">', super().action_checkbox(obj), obj.pk, obj.version
        )

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(program__in=Program.objects.search(text))

    @admin.display(description="実施項目", ordering="program__sort_key")
    def item(self, report: Report) -> str:
        return str(report.program)

    @admin.display(description="推進担当課")
    def departments(self, report: Report) -> str:
        """Those of the edition of the report's round."""
        in_force = (c for c in report.program.editions.all() if c.edition_id == report.round.edition_id)
        return "、".join(filter(None, map(department_names, in_force))) or "未登録"

    @admin.display(description="最終更新", ordering="updated_at")
    def updated(self, report: Report) -> str:
        return f"{timezone.localtime(report.updated_at):%Y-%m-%d} {report.updated_by or ''}"

    @admin.action(description="選択した報告を承認する", permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """As they stood in the list when the person looked at it, each with its version beside its box."""
        reports = list(queryset.select_related("program"))
        unseen = []
        for report in list(reports):
            version = request.POST.get(f"seen-{report.pk}", "")
            if version.isdecimal() and len(version) < 10:
                report.version = int(version)
            else:
                reports.remove(report)
                unseen.append(report)
        approved, refused = workflow.approve_all(reports, by=person(request))
        for report, why in refused:
            messages.warning(request, f"{report.program}: {why}")
        if unseen:
            messages.warning(
                request,
                f"この画面に表示していない{len(unseen)}件は承認していません。表示して選ぶか、調査の「まとめて承認する」を使ってください。",
            )
        for report in approved:
            self.log_change(request, report, "承認")
        if approved:
            messages.success(request, f"{len(approved)}件を承認しました。")

    # Form

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/approve/", view(self.approve_view), name="reviews_report_approve"),
            path("<int:pk>/return/", view(self.return_view), name="reviews_report_return"),
            path("<int:pk>/judge/", view(self.judge_view), name="reviews_report_judge"),
            path("<int:pk>/contribute/", view(self.contribute_view), name="reviews_report_contribute"),
            path("<path:object_id>/change/", view(self.change_view), name="reviews_report_change"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Report | None = None) -> Any:
        """What is asked for: always, and when the item is behind."""
        asked = [
            field
            for field in report_fields.FIELDS
            if field.kind is not FieldKind.CHOICE or obj is None or obj.choices_of(field.name)
        ]
        behind = [field.name for field in asked if field.when_behind]
        is_over = obj is not None and obj.state == Report.State.PUBLISHED
        why = "" if is_over else "評価が遅れを表すものなら、提出にはすべて必要です。"
        return [
            ("評価と取組状況", {"fields": [field.name for field in asked if not field.when_behind]}),
            ("遅れているとき", {"fields": behind, "description": why}),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "grade":  # without the buttons that would edit the scale itself
            return self.formfield_for_foreignkey(
                db_field, request, form_class=GradeField, empty_label="まだ選んでいない"
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.TextField):
            field.widget.attrs["rows"] = 8 if db_field.name == "progress" else 4
        return field

    def _report(self, request: HttpRequest, object_id: Any) -> Report:
        report = self.get_object(request, unquote(str(object_id)))
        if report is None:
            raise Http404
        return report

    def _form(self, request: HttpRequest, report: Report, data: QueryDict) -> ReportForm:
        # All fields, even if the report can no longer be edited: what was typed must come back to the person.
        form_class: Any = self.get_form(request, None, change=True, fields=list(Report.CONTENT))
        return form_class(data, instance=copy(report))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        report = self._report(request, object_id)
        if request.method != "POST":
            if (before := unsent.restore(request)) is not None:
                return self._page(
                    request,
                    report,
                    self._form(request, report, before),
                    FigureForms(report, before),
                    judgements=_judgements(report, before),
                    refused=unsent.RESTORED,
                )
            return self._page(request, report)
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self._save(request, report)

    def _save(self, request: HttpRequest, report: Report) -> HttpResponse:
        resolving = "_resolve" in request.POST
        if resolving:
            workflow.require_editor(report, person(request), "この報告を保存する")
        form = self._form(request, report, with_picks(request.POST, report) if resolving else request.POST)
        figures, judgements = FigureForms(report, request.POST), _judgements(report, request.POST)
        handing_in = "_submit" in request.POST
        if all([form.is_valid(), figures.is_valid(), judgements.is_valid()]):
            if resolving and self._unpicked(request, report):
                return self._conflict(request, report, "どちらを残すか、違いのある項目すべてで選んでください。")
            try:
                with transaction.atomic():
                    saved = workflow.save_draft(
                        report,
                        form.content() | figures.content() | judgements.content(),
                        by=person(request),
                        version=form.cleaned_data["version"],
                    )
                    if handing_in:
                        saved = workflow.submit(saved, by=person(request), version=saved.version)
            except workflow.ReportConflict as conflict:
                conflict.current.round.plan = report.round.plan  # of which the axes have been read
                return self._conflict(request, conflict.current, str(conflict))
            except workflow.WrongState as refused:
                form.add_error(None, str(refused))
            except ValidationError as error:
                add_refusal(form, error)
            else:
                self.log_change(request, saved, "提出" if handing_in else "下書き保存")
                if handing_in:
                    messages.success(request, f"{saved.program}の報告を提出しました。")
                    return redirect("admin:index")
                messages.success(request, "下書きを保存しました。まだ提出していません。")
                return redirect("admin:reviews_report_change", saved.pk)
        what = "提出していません。入力した内容もまだ保存していません。" if handing_in else "まだ保存していません。"
        return self._page(request, report, form, figures, judgements=judgements, refused=what, status=400)

    def _page(
        self,
        request: HttpRequest,
        report: Report,
        form: Any = None,
        figures: FigureForms | None = None,
        *,
        status: int = 200,
        **extra: Any,
    ) -> HttpResponse:
        fieldsets = self.get_fieldsets(request, report)
        fields = flatten_fieldsets(fieldsets)
        editable = form is not None or self.has_change_permission(request, report)
        if form is None:
            form_class: Any = self.get_form(request, report, change=True, fields=fields)
            form = form_class(instance=report, initial={"version": report.version})
        admin_form = helpers.AdminForm(form, list(fieldsets), {}, [] if editable else fields, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": "進捗報告の入力" if editable else "進捗報告",
            "subtitle": str(report),
            "adminform": admin_form,
            "object_id": str(report.pk),
            "original": report,
            "is_popup": False,
            "form_url": reverse("admin:reviews_report_change", args=[report.pk]),  # an act may show the page, too
            "to_field": None,
            "media": self.media + admin_form.media,
            "inline_admin_formsets": [],
            "errors": helpers.AdminErrorList(form, []),
            "preserved_filters": self.get_preserved_filters(request),
            "editable": editable,
            "handed_in": report.state in Report.HANDED_IN,
            "departments": self.departments(report),
            "earlier": self._earlier(request, report),
            "figures": figures or FigureForms(report),
            "judgements": _judgements(report),
            "hints": hints_of_round(report.round, [report]).get(report.pk, []),
            **self._promise(report),
            **self._contributions(request, report),
            **self._office_forms(request, report),
            **self._office_judgements(request, report),
            **extra,
        }
        response = self.render_change_form(request, context, change=True, obj=report)
        response.status_code = status
        return response

    def _earlier(self, request: HttpRequest, report: Report) -> list[Report]:
        """The last reports of the same item, newest first, as far as this person may read them."""
        readable = Report.objects.visible_to(request.user)
        earlier = readable.filter(program=report.program_id, round__as_of__lt=report.round.as_of).exclude(progress="")
        return list(earlier.select_related("round", "grade").order_by("-round__as_of")[:4])

    def _promise(self, report: Report) -> dict[str, Any]:
        """What the edition of the round promises: the content, and the plan of this year."""
        content = next((c for c in report.program.editions.all() if c.edition_id == report.round.edition_id), None)
        year_plan = content.year_plans.filter(fiscal_year=report.round.fiscal_year).first() if content else None
        return {"promise": content, "year_plan": year_plan, "fiscal_year": report.round.fiscal_year}

    def _office_forms(self, request: HttpRequest, report: Report) -> dict[str, Any]:
        if not self.has_approve_permission(request) or report.round.state != Round.State.OPEN:
            return {}
        returnable = report.state in (State.SUBMITTED, State.APPROVED)
        return {
            "can_approve": report.state == State.SUBMITTED,
            "return_form": ReturnForm(initial={"version": report.version}) if returnable else None,
        }

    # Two people at once

    def _unpicked(self, request: HttpRequest, report: Report) -> bool:
        form, figures = self._form(request, report, request.POST), FigureForms(report, request.POST)
        judgements = _judgements(report, request.POST)
        if not all([form.is_valid(), figures.is_valid(), judgements.is_valid()]):
            return False
        asked = (*choices(form, report, None, request.POST), *figures.choices(), *judgements.choices())
        return any(choice.is_open for choice in asked)

    def _conflict(self, request: HttpRequest, stored: Report, message: str) -> HttpResponse:
        """What is stored and what was typed, field by field. Nothing was written and nothing typed is lost."""
        form, figures = self._form(request, stored, request.POST), FigureForms(stored, request.POST)
        judgements = _judgements(stored, request.POST)
        for each in (form, figures, judgements):
            each.is_valid()
        # Once the person has picked, only the picks count.
        seen = None if "_resolve" in request.POST else seen_row(stored, form.cleaned_data["version"])
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": stored,
            "title": saved_first(own=stored.updated_by_id == request.user.pk),
            "subtitle": str(stored),
            "message": message,
            "choices": [
                *choices(form, stored, seen, request.POST),
                *judgements.choices(),
                *figures.choices(seen),
            ],
            "typed_beside": format_html("{}{}", judgements.typed, figures.hidden),
            "editable": self.has_change_permission(request, stored),
            "handing_in": "_submit" in request.POST,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "staff/report/conflict.html", context, status=409)

    # The office

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self._office_act(request, pk)
        if not isinstance(report, Report):
            return report
        version = request.POST.get("version", "")
        try:
            saved = workflow.approve(
                report,
                by=person(request),
                version=int(version) if version.isdecimal() else 0,
            )
        except (workflow.WrongState, workflow.ReportConflict) as refused:
            messages.error(request, f"承認していません。{refused}")
            return redirect("admin:reviews_report_change", pk)
        self.log_change(request, saved, "承認")
        messages.success(request, f"{saved.program}の報告を承認しました。")
        return redirect("admin:reviews_report_change", pk)

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self._office_act(request, pk)
        if not isinstance(report, Report):
            return report
        form = ReturnForm(request.POST)
        if form.is_valid():
            try:
                saved = workflow.return_(report, by=person(request), **form.cleaned_data)
            except (workflow.WrongState, workflow.ReportConflict) as refused:
                form.add_error("reason", f"差し戻していません。{refused}")
                report = self._report(request, pk)
                form.data = request.POST.copy()
                form.data["version"] = str(report.version)  # the page shows the report as it is now
            else:
                self.log_change(request, saved, "差し戻し")
                messages.success(request, f"{saved.program}の報告を差し戻しました。")
                tell(request, notices.notify_returned(saved, by=person(request)))
                return redirect("admin:reviews_report_change", pk)
        return self._page(request, report, status=400, return_form=form)

    def _office_act(self, request: HttpRequest, pk: int) -> Report | HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_approve_permission(request):
            raise PermissionDenied
        return self._report(request, pk)
