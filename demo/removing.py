"""Take the fictional plans out whole: every row that hangs on them, its history and log, and the files made of them.

What staff do asks first whether a thing is published or answered; a plan that never was has nothing to keep. So rows are
deleted as rows, beside the guards, in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import ProtectedError

from accounts.models import Department, Membership, User
from demo.loading import ACTOR
from policies.models import Plan
from workbooks.models import Export

_AT_ONCE = 5_000  # keys in one statement
Found = dict[type[models.Model], set[Any]]


def remove() -> list[str]:
    """The names of the plans that were removed."""
    with transaction.atomic():
        plans = list(Plan.objects.filter(is_fictional=True))
        if not plans:
            return []
        Export.objects.filter(plan__in=plans).delete()  # its files go too
        found: Found = defaultdict(set, {Plan: {plan.pk for plan in plans}})
        _grow(found, leave_out={User, Department, Membership})
        _add_departments(found, {plan.city for plan in plans})
        for model, keys in found.items():
            content_type = ContentType.objects.get_for_model(model)
            for some in _some(keys):
                LogEntry.objects.filter(content_type=content_type, object_id__in=[str(key) for key in some]).delete()
                model._base_manager.filter(pk__in=some)._raw_delete("default")
        _remove_actor()
    return [str(plan) for plan in plans]


def _grow(found: Found, leave_out: set[Any]) -> None:
    """Add what refers to a row that was found, and the history of it, until there is nothing more."""
    all_models = [model for model in apps.get_models(include_auto_created=True) if model not in leave_out]
    before = -1
    while before != (before := sum(map(len, found.values()))):
        for model in all_models:
            of = getattr(model, "instance_type", None)  # what a history is the history of
            for field in model._meta.concrete_fields:
                target = field.related_model if field.is_relation else of if _is_key(field, of) else None
                if isinstance(target, type) and target in found and target not in leave_out:
                    for some in _some(found[target]):
                        rows = model._base_manager.filter(**{f"{field.attname}__in": some})
                        found[model].update(rows.values_list("pk", flat=True))
                        if of is not None and of not in leave_out:
                            found[of].update(rows.values_list(of._meta.pk.attname, flat=True))


def _is_key(field: Any, of: Any) -> bool:
    """Whether a field of a history holds the key of what it is the history of."""
    return of is not None and field.name == of._meta.pk.attname


def _some(keys: set[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _add_departments(found: Found, cities: set[str]) -> None:
    """Those of the fictional cities, unless something that stays refers to one of them."""
    own = set(Department.objects.filter(city__in=cities).values_list("pk", flat=True))
    for model in apps.get_models(include_auto_created=True):
        if model is Membership or model is Department or hasattr(model, "instance_type"):
            continue
        for field in model._meta.concrete_fields:
            if field.related_model is Department:
                stays = model._base_manager.exclude(pk__in=found.get(model, set()))
                own -= set(stays.filter(**{f"{field.attname}__in": own}).values_list(field.attname, flat=True))
    if Plan.objects.filter(city__in=cities, is_fictional=False).exists():
        own = set()
    if own:
        people: Found = defaultdict(set, {Department: own})
        _grow(people, leave_out={model for model in apps.get_models(include_auto_created=True) if not _is_about(model)})
        for model, keys in people.items():
            found[model] |= keys


def _is_about(model: Any) -> bool:
    return model in (Department, Membership) or getattr(model, "instance_type", None) in (Department, Membership)


def _remove_actor() -> None:
    """Whoever loaded the sample stands for nobody. It stays, unable to sign in, where something that is left names it."""
    actor = User.objects.filter(username=ACTOR["username"], is_active=False).first()
    if actor is not None:
        try:
            with transaction.atomic():
                history = User.history.filter(id=actor.pk)
                actor.delete()
                history.delete()
        except ProtectedError:
            return
