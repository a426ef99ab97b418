"""「あとから分かった内容を登録する」: the page that fills in what a frozen edition did not say about an item."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone

from core.acts import WrongState
from core.fiscal import era_date
from policies.models import Edition, Source
from programs import late
from programs.models import LateContent, Program, ProgramEdition
from staff.base import RecordAdmin, StaffAdmin, person
from staff.content_form import ContentForm, form_of
from staff.fields import DayField, TextField, choose_from


class LearnedForm(forms.Form):
    """Where it stands, since when it is known, and why only now."""

    learned_source = forms.ModelChoiceField(
        Source.objects.none(), label="出典", help_text="分かった内容が載っている資料。先に「出典」に登録します。"
    )
    learned_on = DayField(label="分かった日", help_text="例: 2014-10-31、平成26年10月31日")
    reason = TextField(
        label="あとから登録する理由",
        help_text="市民のページに、分かった日、登録した欄、出典とともに表示されます。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "あとから登録する理由を入力してください。市民のページに表示されます。"},
    )

    def __init__(self, program: Program, data: QueryDict | None) -> None:
        super().__init__(data, initial={"learned_on": timezone.localdate().isoformat()})
        choose_from(self, "learned_source", Source.objects.filter(plan=program.plan_id))


def _unknown_form(content: ProgramEdition, data: QueryDict | None) -> ContentForm:
    """The form of a content in which only what is not known yet can be filled in."""
    form = form_of(content, data)
    known = form.stored.flat()
    for name, field in form.fields.items():
        one_more_department = name.startswith("department_") and "department_1" in known
        field.disabled |= name in known or one_more_department or name.endswith("-remove")
    for year in form.stored.year_plans:
        form.fields[f"none_{year}"].disabled = True
    return form


class LatePage(StaffAdmin):
    """Part of the admin of contents."""

    def late_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.learn_view)
        return [path("learn/<int:program>/<int:edition>/", view, name="programs_programedition_learn")]

    def can_learn(self, request: HttpRequest, edition: Edition) -> bool:
        return edition.frozen_at is not None and person(request).has_perm(late.PERMISSION)

    def learn_view(self, request: HttpRequest, program: int, edition: int) -> HttpResponse:
        if not person(request).has_perm(late.PERMISSION):
            raise PermissionDenied
        found = get_object_or_404(Program.objects.select_related("plan", "policy"), pk=program)
        of = get_object_or_404(Edition, pk=edition, plan=found.plan_id)
        content = late.late_content(found, of)
        data = request.POST if request.method == "POST" else None
        form, learned = _unknown_form(content, data), LearnedForm(found, data)
        refused = (
            "" if of.frozen_at else f"「{of}」はまだ確定していません。計画内容の画面で、そのまま登録してください。"
        )
        if data is not None and not refused and form.is_valid() & learned.is_valid():
            typed = learned.cleaned_data
            try:
                made = late.learn(
                    found,
                    of,
                    form.content(),
                    source=typed["learned_source"],
                    learned_on=typed["learned_on"],
                    reason=typed["reason"],
                    by=person(request),
                )
            except WrongState as wrong:
                refused = str(wrong)
            except ValidationError as error:
                for name, texts in error.message_dict.items():
                    asked = learned if name in learned.fields else form
                    asked.add_error(name if name in asked.fields else None, texts)
            else:
                return self.act_done(
                    request, made.program_edition, f"あとから分かった内容（{made.fields}）を登録しました。"
                )
        return self.act_page(
            request,
            "staff/content/learn.html",
            status=400 if data is not None or refused else 200,
            title="あとから分かった内容を登録する",
            subtitle=str(content),
            original=content,
            form=form,
            learned=learned,
            program=found,
            edition=of,
            editable=True,
            refused=refused or ("まだ登録していません。赤字のところを直してください。" if data is not None else ""),
        )


@admin.register(LateContent)
class LateContentAdmin(RecordAdmin):
    list_display = ["learned", "program_edition", "fields", "source", "reason", "plan"]
    list_display_links = ["learned", "program_edition"]
    list_filter = [("plan", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["plan", "source", "program_edition__program", "program_edition__edition"]
    search_fields = ["fields", "reason"]

    @admin.display(description="分かった日", ordering="learned_on")
    def learned(self, late_content: LateContent) -> str:
        return era_date(late_content.learned_on)
