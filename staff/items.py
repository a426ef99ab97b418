"""The items of a plan: identity, a list of their editions, and how they end."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.departments import then_and_now
from accounts.models import Department, User
from core.acts import WrongState
from policies.models import Edition
from programs import editions, late, lifetime
from programs.models import UNREGISTERED_NAME, EndReason, Program, ProgramEdition
from reviews import settling
from staff.base import person, tell_beside_fields
from staff.contents import LEADING, frozen_among
from staff.fields import DayField, TextField, choose_from
from staff.framework import PlanPartAdmin, PolicyFilter
from staff.lists import ListResource, plain_columns
from staff.publicity import PublicityPages

ENDED = ("ended_on", "end_reason", "end_note", "merged_into", "carried_plan", "carried_number")


class UnnamedFilter(admin.SimpleListFilter):
    title = "項目名"
    parameter_name = "named"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", UNREGISTERED_NAME), ("yes", "登録済み")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Program]) -> QuerySet[Program]:
        match self.value():
            case "no":
                return queryset.filter(name="")
            case "yes":
                return queryset.exclude(name="")
        return queryset


class EndedFilter(admin.SimpleListFilter):
    title = "終了"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "続いている"), ("yes", "終了した")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Program]) -> QuerySet[Program]:
        if self.value() in ("no", "yes"):
            return queryset.filter(ended_on__isnull=self.value() == "no")
        return queryset


class EndForm(forms.Form):
    """One form for the three ways in which an item ends; the reason says which."""

    on = DayField(label="終了した日", help_text="例: 2014-04-01、平成26年4月1日。この日以後の調査の対象になりません。")
    reason = forms.ChoiceField(label="終了の理由", choices=EndReason.choices, widget=forms.RadioSelect)
    into = forms.ModelChoiceField(
        Program.objects.none(),
        label="統合先の項目",
        required=False,
        help_text="理由が「統合」のときだけ選びます。",
        empty_label="－",
    )
    plan_slug = TextField(
        label="引き継いだ計画の識別名",
        required=False,
        max_length=40,
        help_text="理由が「次の計画へ継続」のときだけ入力します。例: kodaira-3",
    )
    number = TextField(
        label="引き継いだ項目の番号", required=False, max_length=16, help_text="まだ決まっていなければ空欄にします。"
    )
    note = TextField(label="説明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        others = Program.objects.filter(plan=program.plan_id, ended_on=None).exclude(pk=program.pk)
        choose_from(self, "into", others)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("reason")
        if reason == EndReason.MERGED and not cleaned.get("into") and "into" not in self.errors:
            self.add_error("into", "統合先の項目を選んでください。")
        if reason and reason != EndReason.MERGED and cleaned.get("into"):
            self.add_error("into", "統合先は、理由が「統合」のときだけ選びます。")
        if reason and reason != EndReason.CARRIED and (cleaned.get("plan_slug") or cleaned.get("number")):
            self.add_error("plan_slug", "引き継いだ計画と番号は、理由が「次の計画へ継続」のときだけ入力します。")
        return cleaned

    def act(self, by: User) -> Program:
        """Of a valid form. Raises what the acts raise."""
        typed = self.cleaned_data
        on, note = typed["on"], typed["note"]
        match typed["reason"]:
            case EndReason.MERGED:
                return lifetime.merge(self.program, typed["into"], on=on, by=by, note=note)
            case EndReason.CARRIED:
                return lifetime.carry(self.program, typed["plan_slug"], typed["number"], on=on, by=by, note=note)
        return lifetime.end(self.program, on=on, reason=typed["reason"], note=note, by=by)


class ProgramForm(forms.ModelForm[Program]):
    """An item; it is shown a second time under other policies of its plan than its own."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        plan = self.instance.plan if self.instance.pk else cleaned.get("plan")
        for other in cleaned.get("relisted_in") or ():
            if plan and other.plan_id != plan.pk:
                self.add_error("relisted_in", f"「{other}」は別の計画のものです。同じ計画のものを選んでください。")
            elif other == cleaned.get("policy"):
                self.add_error("relisted_in", f"「{other}」は、この項目の方針です。ほかの方針を選んでください。")
        return cleaned


class ProgramResource(ListResource):
    why_settled = (
        "終了・統合・引き継ぎは、項目の画面の「終了・統合・引き継ぎ」から登録してください。元の値に戻してください。"
    )

    class Meta:
        model = Program
        fields = plain_columns(Program)

    def settled(self, instance: Program) -> Collection[str]:
        return ENDED


@admin.register(Program)
class ProgramAdmin(PublicityPages, PlanPartAdmin):
    change_form_template = "staff/item/change_form.html"
    form = ProgramForm
    resource_classes = [ProgramResource]
    list_display = ["number_shown", "display_name", "policy", "ended", "public_at", "plan"]
    list_display_links = ["number_shown", "display_name"]
    list_filter = [
        *PlanPartAdmin.list_filter,
        PolicyFilter,
        UnnamedFilter,
        EndedFilter,
        "number_is_provisional",
        ("public_at", admin.EmptyFieldListFilter),
        ("editions__departments", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["plan", "policy"]
    search_fields = ["number", "name", "name_kana"]
    search_help_text = "番号、項目名、ふりがな。全角・半角、大文字・小文字、ひらがな・カタカナを区別しません。"

    def get_fieldsets(self, request: HttpRequest, obj: Program | None = None) -> Any:
        identity = [
            "plan",
            "policy",
            "relisted_in",
            "number",
            "number_is_provisional",
            "name",
            "name_kana",
            "added_on",
            "source",
            "note",
        ]
        fieldsets: list[Any] = [(None, {"fields": identity})]
        if obj and obj.ended_on:
            facts = [name for name in ENDED if getattr(obj, name)]
            fieldsets.append(("終了・統合・引き継ぎ", {"fields": facts}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Program | None = None) -> Any:
        settled = obj is not None and not obj.number_is_provisional
        return [*super().get_readonly_fields(request, obj), *(["number"] if settled else []), *ENDED]

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=Program.objects.search(text))

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        return frozen_among(model_objs)

    @admin.display(description="番号", ordering="sort_key")
    def number_shown(self, program: Program) -> str:
        return f"{program.number}（仮）" if program.number_is_provisional else program.number

    @admin.display(description="項目名", ordering="name_kana")
    def display_name(self, program: Program) -> str:
        return program.display_name

    @admin.display(description="終了", ordering="ended_on")
    def ended(self, program: Program) -> str:
        return program.get_end_reason_display() if program.ended_on else ""

    # The page of an item: its editions, and the acts

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/end/", view(self.end_view), name="programs_program_end"),
            path("<int:pk>/begin/", view(self.begin_view), name="programs_program_begin"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if program := kwargs.get("obj"):
            user = person(request)
            context |= {
                "editions": self._editions(program),
                "can_end": user.has_perm(lifetime.PERMISSION),
                "can_begin": user.has_perm("programs.add_programedition"),
                "can_learn": user.has_perm(late.PERMISSION),
                "can_settle": user.has_perm(settling.PERMISSION),
            }
        return super().render_change_form(request, context, **kwargs)

    def _editions(self, program: Program) -> list[tuple[Edition, ProgramEdition | None, str]]:
        """Every edition of the plan, what it says about the item, and who is responsible."""
        contents = {
            content.edition_id: content
            for content in ProgramEdition.objects.filter(program=program).prefetch_related(
                Prefetch("responsibilities", LEADING.queryset, to_attr="leading")
            )
        }
        owners = Department.objects.owners_today()
        found = []
        for edition in Edition.objects.filter(plan=program.plan_id).order_by("first_fiscal_year"):
            content: Any = contents.get(edition.pk)
            leading = content.leading if content else []
            found.append((edition, content, "、".join(then_and_now(one.department, owners) for one in leading)))
        return found

    def _program(self, request: HttpRequest, pk: int, permission: str) -> Program:
        if not person(request).has_perm(permission):
            raise PermissionDenied
        program = self.get_queryset(request).select_related("plan", "merged_into").filter(pk=pk).first()
        if program is None:
            raise Http404
        return program

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        program = self._program(request, pk, lifetime.PERMISSION)
        resuming = "_resume" in request.POST
        form = EndForm(program, request.POST if request.method == "POST" and not resuming else None)
        error = ""
        if request.method == "POST" and (resuming or form.is_valid()):
            try:
                saved = lifetime.resume(program, by=person(request)) if resuming else form.act(person(request))
            except WrongState as refused:
                error = str(refused)
            except ValidationError as refused_fields:
                names = {"end_note": "note", "carried_plan": "plan_slug", "carried_number": "number"}
                tell_beside_fields(form, refused_fields, names)
            else:
                what = "終了を取り消しました" if resuming else f"終了（{saved.get_end_reason_display()}）を登録しました"
                self.log_change(request, saved, what)
                messages.success(request, f"「{saved}」の{what}。")
                return redirect("admin:programs_program_change", pk)
        return self.act_page(
            request,
            "staff/item/end.html",
            status=400 if request.method == "POST" else 200,
            original=program,
            title="終了・統合・引き継ぎ",
            form=form,
            error=error,
        )

    def begin_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin what an edition says about the item, and open its form."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        program = self._program(request, pk, "programs.add_programedition")
        key = request.POST.get("edition", "")
        edition = Edition.objects.filter(plan=program.plan_id, pk=key).first() if key.isdecimal() else None
        if edition is None:
            messages.error(request, "版を選んでください。")
            return redirect("admin:programs_program_change", pk)
        try:
            editions.begin(edition, by=person(request), programs=[program])
        except WrongState as refused:
            messages.error(request, str(refused))
            return redirect("admin:programs_program_change", pk)
        content = ProgramEdition.objects.get(program=program, edition=edition)
        return redirect("admin:programs_programedition_change", content.pk)
