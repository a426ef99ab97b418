"""The page of a content with its errata: what a frozen edition says is corrected here, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.models import Department
from core.acts import WrongState
from programs import errata
from programs.models import ProgramEdition, Responsibility
from staff.base import StaffAdmin, person, tell_beside_fields
from staff.fields import DayField, TextField


class FieldForm(forms.Form):
    """Which field is to be corrected."""

    field = forms.ChoiceField(label="直す欄")

    def __init__(self, fields: list[tuple[str, str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["field"]
        chosen.choices = [(name, f"{label}: {_short(old)}") for name, label, old in fields]


class ErratumForm(forms.Form):
    field = forms.CharField(widget=forms.HiddenInput)
    new = TextField(label="正（正しい内容）", required=False, widget=forms.Textarea(attrs={"rows": 6}))
    reason = TextField(
        label="訂正の理由",
        help_text="市民のページに、訂正日、誤、正とともに表示されます。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "訂正の理由を入力してください。市民のページに表示されます。"},
    )
    corrected_on = DayField(label="訂正日", help_text="例: 2014-10-31、平成26年10月31日")


def seen_errata(request: HttpRequest) -> int | None:
    """How many errata the page showed that was filled in."""
    told = request.POST.get("seen", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else None


def _short(text: str) -> str:
    text = text.replace("\n", " ") or "（空欄）"
    return text if len(text) <= 30 else f"{text[:30]}…"


class CorrectionForms(StaffAdmin):
    """The page on which one field of something that citizens read is chosen and corrected."""

    def correction(
        self,
        request: HttpRequest,
        record: Any,
        fields: list[tuple[str, str, str]],
        act: Callable[..., Any],
        *,
        closed: str = "",
        initial: Callable[[str, str], str] = lambda _field, old: old,
        **context: Any,
    ) -> HttpResponse:
        """`act(record, field, new, reason=…, corrected_on=…, by=…)` corrects; `closed` says why nothing can be corrected now.
        `initial` is what is offered of (field, what stands there now)."""
        chosen = request.POST.get("field", request.GET.get("field", ""))
        labels = {name: (label, old) for name, label, old in fields}
        form = None
        error = "" if chosen in labels or request.method != "POST" else "直す欄を選んでください。"
        if chosen in labels:
            given = {"field": chosen, "new": initial(chosen, labels[chosen][1])}
            given["corrected_on"] = timezone.localdate().isoformat()
            form = ErratumForm(request.POST if request.method == "POST" else None, initial=given)
        if closed:
            error = closed
        elif request.method == "POST" and form is not None and form.is_valid():
            typed = form.cleaned_data
            try:
                made = act(
                    record, typed.pop("field"), typed.pop("new"), by=person(request), seen=seen_errata(request), **typed
                )
            except WrongState as refused:
                error = str(refused)
            except ValidationError as refused_fields:
                tell_beside_fields(form, refused_fields)
            else:
                return self.act_done(request, record, f"{made}を登録しました。")
        return self.act_page(
            request,
            "staff/content/correct.html",
            status=400 if request.method == "POST" or closed else 200,
            original=record,
            seen=record.errata.count(),
            title="訂正する（正誤）",
            fields=FieldForm(fields, initial={"field": chosen}),
            form=form,
            label=labels[chosen][0] if chosen in labels else "",
            old=labels[chosen][1] if chosen in labels else "",
            chosen=chosen,
            closed=closed,
            error=error,
            **context,
        )


class CorrectionPage(CorrectionForms):
    """Part of the admin of contents."""

    def correct_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.correct_view)
        return [path("<int:pk>/correct/", view, name="programs_programedition_correct")]

    def can_correct(self, request: HttpRequest, content: ProgramEdition) -> bool:
        return content.edition.frozen_at is not None and person(request).has_perm(errata.PERMISSION)

    def content(self, request: HttpRequest, object_id: Any) -> ProgramEdition:
        found = self.get_object(request, unquote(str(object_id)))
        if found is None:
            raise Http404
        return (
            ProgramEdition.objects.filter(pk=found.pk)
            .select_related("program__plan", "program__policy", "edition")
            .get()
        )

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not person(request).has_perm(errata.PERMISSION):
            raise PermissionDenied
        content = self.content(request, pk)
        closed = f"「{content.edition}」はまだ確定していません。計画内容の画面で、そのまま直してください。"
        return self.correction(
            request,
            content,
            errata.fields_of(content),
            errata.correct_content,
            closed="" if content.edition.frozen_at else closed,
            initial=partial(self._initial, content),
            codes=Department.objects.filter(city=content.program.plan.city),
        )

    def _initial(self, content: ProgramEdition, field: str, old: str) -> str:
        if field != errata.DEPARTMENTS:
            return old
        owners = Responsibility.objects.filter(program_edition=content).order_by("order")
        return "、".join(owners.values_list("department__code", flat=True))
