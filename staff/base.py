"""What all pages of the admin share: forms that read Japanese dates, history, import and export. Knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import (
    AdminDateWidget,
    AdminEmailInputWidget,
    AdminTextareaWidget,
    AdminTextInputWidget,
    AdminURLFieldWidget,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from import_export.admin import ImportExportModelAdmin
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper

from accounts.models import User
from core.differences import merged
from core.fiscal import era_date
from core.text import show_number
from staff.deletions import DeletionPages
from staff.fields import AddressField, CodeField, DayField, MailField, NumberField, TextField, read_numbers
from staff.lists import FORMATS, NotImported, UnreadableFile
from staff.lists.uploads import DownloadForm, UploadForm, WaitingUploads
from staff.public_notes import note_of
from staff.record_pages import RecordPages


def person(request: HttpRequest) -> User:
    """The user who signed in; the admin lets nobody else come as far as here, but for the page on which people sign in."""
    return cast("User", request.user)


def _shown(value: Any) -> str:
    """A value of a history row as people read it."""
    if isinstance(value, DeletedObject):
        return "" if value.pk is None else "（いまはないもの）"
    if isinstance(value, date) and not isinstance(value, datetime):
        return era_date(value)
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, Decimal):
        return show_number(value)
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def tell_beside_fields(form: forms.BaseForm, refused: ValidationError, names: dict[str, str] | None = None) -> None:
    """Put the errors of an act beside the fields of the form that asked for it; `names` are those called otherwise there."""
    for name, texts in refused.message_dict.items():
        name = (names or {}).get(name, name)
        form.add_error(name if name in form.fields else None, texts)


class StaffAdmin(RecordPages, DeletionPages, ImportExportModelAdmin, SimpleHistoryAdmin):
    formats = FORMATS
    import_form_class = UploadForm
    export_form_class = DownloadForm
    tmp_storage_class = WaitingUploads
    import_template_name = "staff/import.html"
    export_template_name = "staff/export.html"
    object_history_template: Any = "staff/history.html"
    history_hidden: tuple[str, ...] = ()  # fields that follow from others and would only repeat them
    list_per_page = 50
    formfield_overrides: Any = {
        models.DateField: {"form_class": DayField, "widget": AdminDateWidget},
        models.URLField: {"form_class": AddressField, "assume_scheme": "https", "widget": AdminURLFieldWidget},
        models.TextField: {"form_class": TextField, "widget": AdminTextareaWidget},
        models.CharField: {"form_class": TextField, "widget": AdminTextInputWidget},
        models.DecimalField: {"form_class": NumberField},
        models.SlugField: {"form_class": CodeField, "widget": AdminTextInputWidget},
        models.EmailField: {"form_class": MailField, "widget": AdminEmailInputWidget},
    }

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The public page, where there is one and citizens may open it."""
        if obj is None or not hasattr(obj, "get_absolute_url") or not self.is_public(obj):
            return None
        return obj.get_absolute_url()

    def is_public(self, obj: Any) -> bool:
        return True

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["publicity_note"] = note_of(self.model)
        read_numbers(context["adminform"], self.model)
        for lines in context["inline_admin_formsets"]:
            read_numbers(lines, lines.opts.model)
        return super().render_change_form(request, context, *args, **kwargs)

    def searched(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any] | None:
        """Records that the text finds; None leaves it to `search_fields`."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.replace("\x00", "")
        found = self.searched(queryset, text) if text.strip() else None
        return super().get_search_results(request, queryset, text) if found is None else (found, False)

    # History

    def _check_key(self, object_id: str) -> None:
        try:
            self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._check_key(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        """The history page shows every change in full; the page of one version would also accept a POST that saves."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        self._check_key(object_id)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", object_id)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Sequence[Any], foreign_keys_are_objs: bool = True
    ) -> None:
        for newer, older in pairwise(historical_records):
            delta = newer.diff_against(older, foreign_keys_are_objs=True, excluded_fields=self.history_hidden)
            helper = HistoricalRecordContextHelper(self.model, newer)
            newer.history_delta_changes = []
            for change in delta.changes:
                field: Any = self.opts.get_field(change.field)
                labels = dict(getattr(field, "flatchoices", ()))
                old, new = (
                    _shown(labels.get(value, value) if isinstance(value, str) else value)
                    for value in (
                        helper.prepare_delta_change_value(change, change.old),
                        helper.prepare_delta_change_value(change, change.new),
                    )
                )
                newer.history_delta_changes.append({"field": field.verbose_name, "change": merged(old, new)})

    # Pages of acts

    def act_page(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> TemplateResponse:
        """A page beside the usual ones of a record. `original` in the context is that record, `form` what is asked."""
        request.current_app = self.admin_site.name
        form = context.get("form")
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media + form.media if form else self.media,
            **context,
        }
        return TemplateResponse(request, template, shown, status=status)

    def act_done(self, request: HttpRequest, record: Any, message: str) -> HttpResponse:
        """Note what was done in the log of the record, say so, and go back to it."""
        self.log_change(request, record, message)
        messages.success(request, message)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", record.pk)

    # Import: preview, then confirmation of exactly the file that this person saw

    @property
    def _waiting(self) -> str:
        return f"import:{self.opts.label_lower}"

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_import_data_kwargs(**kwargs) | {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        if not isinstance(e, UnreadableFile):
            raise e
        form.add_error("import_file", str(e))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> TemplateResponse:
        response = super().import_action(request, **kwargs)
        context = response.context_data
        context["title"] = f"{self.opts.verbose_name}の取り込み"
        uploaded: Any = request.FILES.get("import_file")
        if hasattr(uploaded, "tmp_storage_name"):
            self._forget(request)
            if "confirm_form" in context:
                fingerprint = context["result"].fingerprint
                request.session[self._waiting] = dict(context["confirm_form"].initial) | {"fingerprint": fingerprint}
            else:
                WaitingUploads(name=uploaded.tmp_storage_name).remove()
        return response

    def _forget(self, request: HttpRequest) -> None:
        if waiting := request.session.pop(self._waiting, None):
            WaitingUploads(name=waiting["import_file_name"]).remove()

    def get_confirm_form_kwargs(self, request: HttpRequest, import_form: Any = None) -> dict[str, Any]:
        kwargs = super().get_confirm_form_kwargs(request, import_form)
        return kwargs if import_form else kwargs | {"data": request.session[self._waiting]}

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"picks": request.POST}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Write what the preview showed, with what was picked there; or show once more what there is to see now."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        waiting = request.session.get(self._waiting)
        if not waiting or waiting["import_file_name"] != request.POST.get("import_file_name"):
            return self._start_again(request, "確かめたファイルが見つかりません。もう一度ファイルを選んでください。")
        upload = WaitingUploads(name=waiting["import_file_name"])
        try:
            data = upload.read()
        except FileNotFoundError:
            del request.session[self._waiting]
            return self._start_again(request, "確かめてから時間がたちました。もう一度ファイルを選んでください。")
        try:
            dataset = self.get_import_formats()[int(waiting["format"])]().create_dataset(data)
            result = self._import(request, waiting, dataset, dry_run=False)
        except UnreadableFile as error:  # it was read before: too much else is going on now
            return self._start_again(request, str(error))
        refused = [str(error.error) for error in result.base_errors if isinstance(error.error, NotImported)]
        if refused:
            now = self._import(request, waiting, dataset, dry_run=True)
            request.session[self._waiting] = waiting | {"fingerprint": now.fingerprint}
            confirm_form = self.create_confirm_form(request)
            return self._import_page(request, status=409, result=now, refused=refused, confirm_form=confirm_form)
        upload.remove()
        del request.session[self._waiting]
        return self.process_result(result, request)

    def _import(self, request: HttpRequest, waiting: dict[str, Any], dataset: Any, *, dry_run: bool) -> Any:
        kwargs = self.get_import_resource_kwargs(request)
        if not dry_run:
            kwargs["expected"] = waiting["fingerprint"]
        resource = self.get_import_resource_classes(request)[0](**kwargs)
        return resource.import_data(
            deepcopy(dataset),  # the import takes the column of marks out of it
            dry_run=dry_run,
            file_name=waiting["original_file_name"],
            user=request.user,
            retain_instance_in_row_result=not dry_run,
            **self.get_import_data_kwargs(request=request),
        )

    def _import_page(self, request: HttpRequest, *, status: int, **shown: Any) -> TemplateResponse:
        form = self.import_form_class(self.get_import_formats(), self.get_import_resource_classes(request))
        context = self.admin_site.each_context(request) | {
            "title": f"{self.opts.verbose_name}の取り込み",
            "form": form,
            "opts": self.opts,
            "media": self.media + form.media,
            **shown,
        }
        return TemplateResponse(request, self.import_template_name, context, status=status)

    def _start_again(self, request: HttpRequest, message: str) -> HttpResponse:
        messages.error(request, f"{message}何も保存していません。")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponseBase:
        """Data may have changed since the preview. Then everything was rolled back, and the page must not claim success."""
        if not (result.has_errors() or result.has_validation_errors()):
            return super().process_result(result, request)
        messages.error(request, "確かめたあとにデータが変わったため、取り込みを中止しました。何も保存していません。")
        return self._import_page(request, status=409, result=result)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        totals = result.totals
        done = f"{self.opts.verbose_name}を取り込みました。新規{totals['new']}件、更新{totals['update']}件、変更なし{totals['skip']}件。"
        messages.success(request, done)

    # Export

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            messages.error(request, "絞り込みの条件が正しくないため、すべてを対象にします。")
            return redirect(request.path)

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        return super().init_request_context_data(request, form) | {"title": f"{self.opts.verbose_name}の書き出し"}

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        return f"{self.opts.model_name}-{timezone.localdate().isoformat()}.{file_format.get_extension()}"


class RecordAdmin(StaffAdmin):
    """What the acts wrote: to read only, for everybody. Files of it are taken from the public site."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return False
