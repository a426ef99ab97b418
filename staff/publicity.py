"""The pages of 公開する and 取り下げる."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from core.acts import WrongState
from policies.models import Withdrawable
from policies.publicity import make_public, permission_of, refuse_to_show, refuse_to_withdraw, withdraw
from staff.base import StaffAdmin, person, tell_beside_fields
from staff.fields import TextField
from staff.public_notes import note_of


class WithdrawForm(forms.Form):
    reason = TextField(
        label="取り下げる理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "取り下げる理由を入力してください。履歴に残ります。"},
    )


_Admin: Any = StaffAdmin  # mixed in beside it


class PublicityPages(_Admin):
    """Of records that are shown by an act and withdrawn with a reason."""

    actions = ["make_public_action"]

    def may_show(self, request: HttpRequest) -> bool:
        return person(request).has_perm(permission_of(self.model))

    def is_public(self, obj: Any) -> bool:
        return bool(super().is_public(obj)) and obj.is_shown

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/public/", view(self.public_view), name=f"{name}_public"),
            path("<int:pk>/withdraw/", view(self.withdraw_view), name=f"{name}_withdraw"),
            *super().get_urls(),
        ]

    def _of_act(self, request: HttpRequest, pk: int) -> Withdrawable:
        if not self.may_show(request):
            raise PermissionDenied
        record: Withdrawable | None = self.get_object(request, str(pk))
        if record is None:
            raise Http404
        return record

    def _nothing_to_do(self, request: HttpRequest, record: Withdrawable, refused: WrongState) -> HttpResponse:
        """Said on the page of the record: nothing is left to be asked."""
        messages.info(request, str(refused))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", record.pk)

    def public_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._of_act(request, pk)
        try:
            refuse_to_show(record)
            if request.method == "POST":
                saved = make_public(record, by=person(request))
                return self.act_done(request, saved, f"「{saved}」を公開しました。")
        except WrongState as refused:
            return self._nothing_to_do(request, record, refused)
        return self._act(request, record, "public", "公開する", forms.Form())

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._of_act(request, pk)
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        try:
            refuse_to_withdraw(record)
            if request.method == "POST" and form.is_valid():
                saved = withdraw(record, reason=form.cleaned_data["reason"], by=person(request))
                return self.act_done(request, saved, f"「{saved}」を取り下げました。")
        except WrongState as refused:
            if not form.data.get("reason"):
                return self._nothing_to_do(request, record, refused)
            return self._act(request, record, "withdraw", "取り下げる", form, error=str(refused))  # to be copied
        except ValidationError as refused:
            tell_beside_fields(form, refused)
        return self._act(request, record, "withdraw", "取り下げる", form)

    def _act(
        self, request: HttpRequest, record: Withdrawable, name: str, title: str, form: forms.Form, error: str = ""
    ) -> HttpResponse:
        return self.act_page(
            request,
            f"staff/publicity/{name}.html",
            status=409 if error else 400 if request.method == "POST" else 200,
            original=record,
            title=title,
            form=form,
            error=error,
            note=note_of(self.model),
        )

    @admin.action(description="選んだものを公開する", permissions=["change"])
    def make_public_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        if not self.may_show(request):
            raise PermissionDenied
        shown = 0
        for record in queryset:
            try:
                saved = make_public(record, by=person(request))
            except WrongState:  # it is public
                continue
            self.log_change(request, saved, "公開しました。")
            shown += 1
        messages.success(request, f"{shown}件を公開しました。")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        record: Any = kwargs.get("obj")
        if record is not None and self.may_show(request):
            name = "withdraw" if record.is_shown else "public"
            if not (record.is_shown and record.why_it_stays_public()):
                context["publicity_act"] = f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"
        return super().render_change_form(request, context, **kwargs)
