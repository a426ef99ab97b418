"""Editions: prepared by copying the one before, and frozen, each after a page that says what will happen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from core.acts import WrongState
from core.fiscal import era_date
from policies.models import Edition
from programs import editions
from programs.revisions import editions_of, events
from staff.base import person, tell_beside_fields
from staff.fields import FiscalYearFormField
from staff.framework import PlanPartAdmin
from staff.lists import ListResource, plain_columns

SETTLED = ("key", "first_fiscal_year", "last_fiscal_year")


def settled_edition(edition: Edition | None) -> tuple[str, ...]:
    """The period of a frozen edition is part of the promise, and its key stands in addresses."""
    return SETTLED if edition and edition.frozen_at else ()


class NextEditionForm(forms.ModelForm):
    first_fiscal_year = FiscalYearFormField(label="適用の最初の年度", help_text="例: 2014、平成26年度")
    last_fiscal_year = FiscalYearFormField(label="適用の最後の年度")

    class Meta:
        model = Edition
        fields = ["key", "name", "first_fiscal_year", "last_fiscal_year", "decided"]

    def _post_clean(self) -> None:
        """The act checks the whole edition, in its plan."""


class EditionResource(ListResource):
    why_settled = "版を確定したため、変えられません。元の値に戻してください。"

    class Meta:
        model = Edition
        fields = plain_columns(Edition)

    def settled(self, instance: Edition) -> Collection[str]:
        return settled_edition(instance)


@admin.register(Edition)
class EditionAdmin(PlanPartAdmin):
    change_form_template = "staff/edition/change_form.html"
    resource_classes = [EditionResource]
    list_display = ["name", "key", "period_label", "decided", "state", "contents_count", "plan"]
    search_fields = ["name", "key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        return super().get_queryset(request).annotate(contents_count=Count("contents"))

    def get_readonly_fields(self, request: HttpRequest, obj: Edition | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *settled_edition(obj)]

    def has_delete_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.frozen_at)

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        return [f"確定した版 {one}" for one in model_objs.get(Edition, ()) if one.frozen_at]

    @admin.display(description="適用の期間", ordering="first_fiscal_year")
    def period_label(self, edition: Edition) -> str:
        return edition.period_label

    @admin.display(description="状態", ordering="frozen_at")
    def state(self, edition: Edition) -> str:
        if edition.frozen_at is None:
            return "準備中"
        return f"確定（{era_date(timezone.localtime(edition.frozen_at).date())}）"

    @admin.display(description="計画内容", ordering="contents_count")
    def contents_count(self, edition: Edition) -> str:
        return f"{edition.contents_count}項目"  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/next/", view(self.next_view), name="policies_edition_next"),
            path("<int:pk>/freeze/", view(self.freeze_view), name="policies_edition_freeze"),
            path("<int:pk>/begin/", view(self.begin_view), name="policies_edition_begin"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if edition := kwargs.get("obj"):
            user = person(request)
            may = user.has_perm(editions.PERMISSION)
            latest = editions.latest_edition(edition.plan)
            without = editions.programs_of(edition).exclude(editions__edition=edition).count()
            context |= {
                "can_prepare": may and latest is not None and latest.pk == edition.pk,
                "can_freeze": may and edition.frozen_at is None,
                "without": without if user.has_perm("programs.add_programedition") and not edition.frozen_at else 0,
                "state": self.state(edition),
                "contents": edition.contents_count,
            }
            if user.has_perm("programs.add_revision"):
                context |= self._revision(edition)
        return super().render_change_form(request, context, **kwargs)

    def _revision(self, edition: Edition) -> dict[str, Any]:
        """What the office wrote down about the revision that the edition came from, or the way there."""
        event = next(one for one in events(editions_of(edition.plan)) if one.edition.pk == edition.pk)
        if event.before is None or event.revision is not None:
            return {"revision": event.revision}
        given = {"plan": edition.plan_id, "from_edition": event.before.pk, "to_edition": edition.pk}
        return {"revision": None, "revised_from": event.before, "revision_query": urlencode(given)}

    def _edition(self, request: HttpRequest, pk: int, permission: str = editions.PERMISSION) -> Edition:
        if not person(request).has_perm(permission):
            raise PermissionDenied
        edition = self.get_queryset(request).select_related("plan").filter(pk=pk).first()
        if edition is None:
            raise Http404
        return edition

    def _confirm(self, request: HttpRequest, template: str, edition: Edition, **context: Any) -> HttpResponse:
        status = 400 if request.method == "POST" else 200
        return self.act_page(request, template, status=status, original=edition, **context)

    def next_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._edition(request, pk)
        previous = editions.latest_edition(edition.plan) or edition
        last = max(edition.plan.last_fiscal_year, previous.last_fiscal_year)
        form = NextEditionForm(request.POST or None, initial={"last_fiscal_year": last})
        if request.method == "POST" and form.is_valid():
            try:
                made = editions.prepare(edition.plan, by=person(request), **form.cleaned_data)
            except ValidationError as error:
                tell_beside_fields(form, error)
            else:
                count = made.contents.count()
                return self.act_done(request, made, f"「{made}」を作り、{count}項目の計画内容を用意しました。")
        return self._confirm(
            request,
            "staff/edition/next.html",
            edition,
            title="次の版を作る（内容を写す）",
            form=form,
            previous=previous,
            copied=previous.contents.count(),
        )

    def freeze_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._edition(request, pk)
        missing = editions.missing(edition)
        error = ""
        if request.method == "POST":
            accept = "accept_incomplete" in request.POST
            try:
                if accept and request.POST.get("seen") != str(len(missing)):
                    raise WrongState("足りない項目が、画面を開いたあとに変わりました。もう一度確かめてください。")
                frozen = editions.freeze(edition, by=person(request), accept_incomplete=accept)
            except WrongState as refused:
                error = str(refused)
            else:
                return self.act_done(request, frozen, f"「{frozen}」を確定しました。")
        return self._confirm(
            request,
            "staff/edition/freeze.html",
            edition,
            title="版を確定する",
            missing=missing,
            contents=edition.contents.count(),
            extends=editions.extends(edition),
            error=error,
        )

    def begin_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        edition = self._edition(request, pk, "programs.add_programedition")
        try:
            made = editions.begin(edition, by=person(request))
        except WrongState as refused:
            messages.error(request, str(refused))
            return redirect("admin:policies_edition_change", pk)
        return self.act_done(request, edition, f"{made}項目の計画内容を用意しました。")
