"""What is deleted in the admin, one record or several chosen in a list: what citizens read leaves with a reason alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import NestedObjects, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import router
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse

from core.history import TAKEN_BACK, signed
from figures.taking_back import LONGEST, checked, count_read, take_back
from staff.public_notes import kept_for_citizens

ADDRESS, NAME = "taken-back/", "taken_back"
_ModelAdmin: Any = admin.ModelAdmin  # mixed in beside it
_READ = "_read_by_citizens"  # on the request: how many of the records that it asks to delete
_GOES = "_goes"  # on the request: a mark of all that would go, and of what it says
SHOWN = "shown"  # in the form: the mark of what the page said


class DeletionPages(_ModelAdmin):
    delete_confirmation_template: Any = "staff/deletion/one.html"
    delete_selected_confirmation_template: Any = "staff/deletion/several.html"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What a deletion would take with it and what forbids it, as numbers: a plan has thousands of rows."""
        collector: Any = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        lacking = {
            model._meta.verbose_name
            for model in collector.model_objs
            if self.admin_site.is_registered(model)
            and not self.admin_site.get_model_admin(model).has_delete_permission(request)
        }
        counts = {model._meta.verbose_name_plural: len(found) for model, found in collector.model_objs.items()}
        protecting = Counter(str(record._meta.verbose_name) for record in collector.protected)
        protected = [f"{name} {n}件" for name, n in sorted(protecting.items())]
        protected += [*kept_for_citizens(collector.model_objs), *self.also_protected(collector.model_objs)]
        setattr(request, _READ, count_read(collector.model_objs))
        setattr(request, _GOES, _mark(collector.model_objs))
        return [str(obj) for obj in objs], counts, lacking, protected

    def also_protected(self, model_objs: dict[Any, Any]) -> list[str]:
        """What forbids a deletion beside the database's own references; `model_objs` are the records it would take."""
        return []

    # One record

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        wrong, moved, typed = "", False, request.POST.get("reason", "")
        if request.POST:
            stored = self.get_object(request, unquote(object_id))
            if stored is not None and self.has_delete_permission(request, stored):
                wrong = _wrong(request, self.get_deleted_objects([stored], request))
                moved = _moved(request)
                if wrong or moved:
                    request.POST = QueryDict()  # so that the page asks again
        return _asking(request, super().delete_view(request, object_id, extra_context), wrong, moved, typed)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._delete(request, [obj])

    # Several

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        name = delete_selected.__name__
        if name in found:
            found[name] = (_delete_selected, name, found[name][2])
        return found

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._delete(request, list(queryset))

    # Both

    def _delete(self, request: HttpRequest, rows: list[Any]) -> None:
        by: Any = request.user
        if _read(request):
            take_back(rows, reason=request.POST.get("reason", ""), by=by)
            return
        for row in rows:
            signed(row, by, "削除").delete()

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """With the reason, by which the page of what was taken back finds them."""
        if not _read(request):
            return super().log_deletions(request, queryset)
        said = f"{TAKEN_BACK}{checked(request.POST.get('reason', ''))}"
        by: Any = request.user
        return LogEntry.objects.log_actions(by.pk, queryset, DELETION, said)


def _read(request: HttpRequest) -> int:
    """How many of the records that are about to go citizens read."""
    return int(getattr(request, _READ, 0))


def _wrong(request: HttpRequest, found: tuple[Any, Any, Any, Any]) -> str:
    """What is wrong with the reason, if one is needed. `found` is what would go: what cannot go needs none."""
    _objects, _counts, lacking, protected = found
    if lacking or protected or not _read(request):
        return ""
    try:
        checked(request.POST.get("reason", ""))
    except ValidationError as refused:
        return "".join(refused.messages)
    return ""


def _mark(model_objs: dict[Any, Any]) -> str:
    """Of every row and what it says."""
    rows = sorted(
        (
            model._meta.label,
            str(row.pk),
            [str(row.__dict__.get(field.attname)) for field in model._meta.concrete_fields],
        )
        for model, found in model_objs.items()
        for row in found
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]


def _moved(request: HttpRequest) -> bool:
    """Whether somebody has written to what would go, or added to it, since the page asked."""
    goes = getattr(request, _GOES, "")
    return request.POST.get(SHOWN, goes) != goes


def _asking(request: HttpRequest, response: Any, wrong: str, moved: bool, typed: str) -> Any:
    """The page that asks whether to delete asks for the reason, too."""
    if isinstance(response, TemplateResponse):
        read = {"read_by_citizens": _read(request), "reason_error": wrong, "reason": typed, "longest": LONGEST}
        goes = {"goes": getattr(request, _GOES, ""), "moved": moved}
        response.context_data = {**(response.context_data or {}), **read, **goes}
        response.status_code = 400 if wrong else 409 if moved else response.status_code
    return response


def _delete_selected(pages: DeletionPages, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    if not queryset.exists():
        messages.warning(request, "選んだものは、ほかの人が削除したため、もうありません。何も削除していません。")
        return None
    wrong, moved, typed = "", False, request.POST.get("reason", "")
    if request.POST.get("post"):
        wrong = _wrong(request, pages.get_deleted_objects(queryset, request))
        moved = _moved(request)
        if wrong or moved:
            asked = request.POST.copy()
            del asked["post"]
            request.POST = asked  # type: ignore[assignment]
    return _asking(request, delete_selected(pages, request, queryset), wrong, moved, typed)


def taken_back(request: HttpRequest, site: admin.AdminSite) -> HttpResponse:
    """What was taken back that way: when, what, why, by whom; and its history, which says what stood there."""
    if not request.user.has_perm("reviews.approve_report"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    entries = LogEntry.objects.filter(action_flag=DELETION, change_message__startswith=TAKEN_BACK)
    page = Paginator(entries.select_related("user", "content_type"), 50).get_page(request.GET.get("page"))
    rows = [
        {
            "entry": entry,
            "kind": entry.content_type.name if entry.content_type else "",
            "reason": entry.change_message.removeprefix(TAKEN_BACK),
            "history": _history_of(entry),
        }
        for entry in page
    ]
    context = {**site.each_context(request), "title": "取り下げて削除したもの", "page": page, "rows": rows}
    request.current_app = site.name
    return TemplateResponse(request, "staff/deletion/taken_back.html", context)


def _history_of(entry: LogEntry) -> str:
    kind = entry.content_type
    try:
        return reverse(f"admin:{kind.app_label}_{kind.model}_history", args=[entry.object_id]) if kind else ""
    except NoReverseMatch:  # a model that is no more
        return ""
