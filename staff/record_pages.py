"""The page of a record in the admin, whatever the record is: nothing that a person typed is lost on it.

What somebody else saved meanwhile is kept (staff/shared_records.py), what was typed when the session ran out comes back
(staff/unsent.py), and of a record that is gone the typed texts are shown once more.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from core.acts import changed_meanwhile, saved_first
from core.faults import is_overlap
from staff import unsent
from staff.overtaken import overtaken
from staff.shared_records import PENDING, SEEN, SentForm, Shown, marks, place_of, shown_in

_TOLD = "_told"  # on the request: why what was sent is not saved, though all of it is right
_SHOWN_NOW = "_shown_now"  # on the request: what is stored, while a form that was sent is shown again
# Two people at the same instant, or two lines that change places: each was right when it was looked at.
OVERLAPS = (
    "保存していません。ほかの行か、ほかの人がいま保存した内容と重なっています。確かめて直し、もう一度保存してください。"
    "行どうしで入れ替えるときは、一方をいったん削除して保存してください。"
)
log = logging.getLogger("site")


# As the classes of the libraries that are mixed in beside it: without types.
_ModelAdmin: Any = admin.ModelAdmin


def last_saved(record: Any) -> Any:
    """The last row of a record's history: by it whoever heard nothing after sending a form sees whether it was stored."""
    return (
        record.history.select_related("history_user").order_by("-history_id").first()
        if hasattr(record, "history")
        else None
    )


class RecordPages(_ModelAdmin):
    has_own_page = False  # the page of the record looks after all this by itself

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if self.has_own_page:
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            return self._record_page(request, object_id, form_url, extra_context)
        except IntegrityError as refused:
            if not is_overlap(refused):
                raise
            log.exception("%s of %s was not stored", request.path, self.opts.label)
            self.refuse(request, OVERLAPS)
            return self._record_page(request, object_id, form_url, extra_context)

    def refuse(self, request: HttpRequest, *why: str) -> None:
        """Let the form that was sent be shown again with what was typed, though nothing in it is wrong by itself."""
        setattr(request, _TOLD, [*getattr(request, _TOLD, []), *why])

    def _record_page(self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any) -> Any:
        if request.method == "POST":
            if object_id is not None:
                return self._save_shared(request, object_id, form_url, extra_context)
        elif (before := unsent.restore(request)) is not None:
            return self._as_typed_before(request, before, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _save_shared(self, request: HttpRequest, object_id: str, form_url: str, extra_context: Any) -> Any:
        with transaction.atomic():
            key, named_by = unquote(object_id), request.POST.get(TO_FIELD_VAR)
            if named_by and not self.to_field_allowed(request, named_by):
                raise DisallowedModelAdminToField(f"{TO_FIELD_VAR}={named_by!r:.100}")
            stored = self.get_object(request, key, named_by)
            if stored is None and SEEN in request.POST and self.has_change_permission(request):
                return self._gone(request)
            if stored is not None and SEEN in request.POST and self._is_settled(request, stored):
                return self._gone(request, stored)
            if stored is not None and self.has_change_permission(request, stored):
                # Who writes to the same rows, by another form or an act (公開する), comes before or waits; then all is read
                # once more, because the form writes whole rows, also what it does not show.
                self._lock(request, stored)
                stored = self.get_object(request, key)
                if stored is None:
                    return self._gone(request)
                if not self.has_change_permission(request, stored):  # it changed while this person waited
                    return self._gone(request, stored)
            if stored is not None and SEEN in request.POST and self.has_change_permission(request, stored):
                now = self._shown(request, stored)
                meeting = SentForm(request.POST, now)
                if meeting.open:
                    return self._choose(request, stored, meeting, now)
                data, told = overtaken(meeting.data, now, stored, self._formsets(request, stored))
                request.POST = data  # type: ignore[assignment]
                self.refuse(request, *told)
                setattr(request, _SHOWN_NOW, marks(now))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _lock(self, request: HttpRequest, record: Any) -> None:
        """The record and the lines of its page, up to the end of the transaction."""
        rows = [self.model._default_manager.filter(pk=record.pk)]
        for formset, _inline in self.get_formsets_with_inlines(request, record):
            rows.append(formset.model._default_manager.filter(**{formset.fk.name: record.pk}))
        for each in rows:
            list(each.select_for_update(of=("self",)).order_by("pk").values_list("pk"))

    def _shown(self, request: HttpRequest, record: Any) -> dict[str, Shown]:
        """What the page of a record shows before anything is typed."""
        fields = flatten_fieldsets(self.get_fieldsets(request, record))
        form: Any = self.get_form(request, record, change=True, fields=fields)(instance=record)
        return shown_in(form, self._formsets(request, record))

    def _formsets(self, request: HttpRequest, record: Any) -> list[Any]:
        return [
            formset(instance=record, prefix=formset.get_default_prefix(), queryset=inline.get_queryset(request))
            for formset, inline in self.get_formsets_with_inlines(request, record)
        ]

    def _choose(self, request: HttpRequest, stored: Any, meeting: SentForm, now: dict[str, Shown]) -> HttpResponse:
        last = last_saved(stored)
        own = last is not None and last.history_user_id == request.user.pk
        again = PENDING in request.POST
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": stored,
            "title": saved_first(own=own),
            "subtitle": str(stored),
            "message": "どちらを残すか、違いのあるところすべてで選んでください。まだ保存していません。"
            if again
            else changed_meanwhile(f"この{self.opts.verbose_name}", own=own),
            "last": last,
            "who": "あなた自身" if own else (last and last.history_user) or "ほかの人",
            "choices": meeting.asked,
            "carried": meeting.carried,
            "seen": marks(now),
            "pending": " ".join(choice.name for choice in meeting.asked),
            "media": self.media,
        }
        return TemplateResponse(request, "staff/record_conflict.html", context, status=409)

    def _is_settled(self, request: HttpRequest, record: Any) -> bool:
        """Whether this person may write to such records, but not to this one, as it is now."""
        return self.has_change_permission(request) and not self.has_change_permission(request, record)

    def _gone(self, request: HttpRequest, settled: Any = None) -> HttpResponse:
        """What was typed into the page of a record that somebody has deleted, or that is only read by now."""
        form: Any = self.get_form(request, None, change=False)()
        typed = [
            (str(bound.label), text) for bound in form for text in request.POST.getlist(bound.html_name) if text.strip()
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{self.opts.verbose_name}を保存していません"
            if settled
            else f"{self.opts.verbose_name}が見つかりません",
            "original": settled,
            "typed": typed,
            "media": self.media,
        }
        return TemplateResponse(request, "staff/record_gone.html", context, status=409)

    def _as_typed_before(
        self, request: HttpRequest, before: QueryDict, object_id: str | None, form_url: str, extra_context: Any
    ) -> Any:
        """The page as it was sent when the session had run out; a form that says so does not save."""
        allowed = self.has_add_permission(request) if object_id is None else self.has_change_permission(request)
        if not allowed:
            raise PermissionDenied
        told, stored = [unsent.RESTORED], object_id and self.get_object(request, unquote(object_id))
        if object_id and (stored is None or self._is_settled(request, stored)):
            unsent.discard(request)  # it can go nowhere any more
            request.POST = before  # type: ignore[assignment]
            return self._gone(request, stored)
        if stored:
            now, lines = self._shown(request, stored), self._formsets(request, stored)
            before, of_others = overtaken(before, now, stored, lines)
            told += of_others
        _ = request.FILES  # of a GET: read later, Django would empty POST along with them, and lines would be lost
        request.method, request.POST = "POST", before  # type: ignore[assignment]
        setattr(request, _SHOWN_NOW, before.get(SEEN, ""))
        self.refuse(request, *told)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """The lines that were sent, and none that somebody has added since: the page names each by its place among them."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST":
            sent = [row.pk for row in kwargs["queryset"] if place_of(request.POST, prefix, str(row.pk)) is not None]
            kwargs["queryset"] = kwargs["queryset"].filter(pk__in=sent)
        return kwargs

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if not (told := getattr(request, _TOLD, [])):
            return form_class

        class NotSaved(form_class):  # type: ignore[misc, valid-type]
            def full_clean(self) -> None:
                super().full_clean()
                if self.is_bound:
                    self.add_error(NON_FIELD_ERRORS, told)

        return NotSaved

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        form = context["adminform"].form
        if kwargs.get("change"):
            context["last_saved"] = last_saved(kwargs.get("obj"))
        if not self.has_own_page and kwargs.get("change") and self.has_change_permission(request, kwargs.get("obj")):
            formsets = [each.formset for each in context["inline_admin_formsets"]]
            now = getattr(request, _SHOWN_NOW, None)
            context["seen"] = now if form.is_bound else marks(shown_in(form, formsets))
        return super().render_change_form(request, context, *args, **kwargs)
