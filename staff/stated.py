"""Rows of indicators in forms and lists: written by their act, which keeps what somebody else has changed meanwhile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect

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


class StatedForms(StaffAdmin):
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        seen = {name: form.initial.get(name, value) for name, value in indicators.seen_of(obj).items()}
        obj.pk = indicators.store(obj, by=person(request), seen=seen if change else None).pk

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        page = transaction.atomic(super().changeform_view)
        try:
            try:
                return page(request, *args, **kwargs)
            except Conflict:  # somebody saved after the form was compared: compared again it shows both versions
                return page(request, *args, **kwargs)
        except (Conflict, WrongState) as refused:  # it has become so since the page was asked for
            messages.error(request, f"{refused}保存していません。")
            return redirect(request.path)
