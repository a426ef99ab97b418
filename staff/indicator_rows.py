"""Rows of indicators in forms and lists: written by their act, which keeps what somebody else has changed meanwhile."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from core.acts import Conflict, WrongState
from programs import indicators
from staff.base import StaffAdmin, person
from staff.lists import ListResource


class StatedResource(ListResource):
    needs_stamps = True
    whole_rows = False

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self.seen = indicators.seen_of(instance) if instance.pk else None
        super().import_instance(instance, row, **kwargs)

    def save_instance(self, instance: Any, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        instance.pk = self.act(indicators.store, instance, by=kwargs["user"], seen=self.seen).pk


def _seen(form: Any) -> dict[str, Any]:
    """What a form showed of its record before anything was typed."""
    return {name: form.initial.get(name, value) for name, value in indicators.seen_of(form.instance).items()}


class StatedForms(StaffAdmin):
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = indicators.store(obj, by=person(request), seen=_seen(form) if change else None).pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The lines of a page. What goes makes room first: a line may come for the same year."""
        by = person(request)
        formset.save(commit=False)
        for row in formset.deleted_objects:
            indicators.remove(row, by=by)
        lines = {line.instance.pk: line for line in formset.initial_forms}
        for row, _names in formset.changed_objects:
            indicators.store(row, by=by, seen=_seen(lines[row.pk]))
        for row in formset.new_objects:
            row.pk = indicators.store(row, by=by).pk

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        page = transaction.atomic(super().changeform_view)
        try:
            try:
                return page(request, *args, **kwargs)
            except Conflict:  # somebody saved after the form was compared: compared again it shows both versions
                return page(request, *args, **kwargs)
        except (Conflict, WrongState) as refused:  # it has become so since the page was asked for
            reason = str(refused)
        except ValidationError as refused:  # two lines that change places
            reason = " ".join(
                [*refused.messages, "行どうしで入れ替えるときは、一方をいったん別の値にして保存してください。"]
            )
        self.refuse(request, f"{reason}保存していません。")
        return page(request, *args, **kwargs)
