"""Which sources are named by something public: they are public with it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from django.db.models import Exists, ManyToOneRel, OuterRef, Q


def cited(model: type[models.Model]) -> Q:
    """Of rows of a model (the sources) that a public record refers to, whatever refers to them."""
    found = Q()
    for citing, field, condition in _citing(model):
        found |= Q(Exists(citing._base_manager.filter(condition, **{field: OuterRef("pk")})))
    return found


@cache
def _citing(model: type[models.Model]) -> tuple[tuple[type[models.Model], str, Q], ...]:
    """Models with the field that refers, and what makes a row of theirs public (`public_when`) beside its plan."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        citing = relation.related_model
        if hasattr(citing, "instance_type") or getattr(citing, "staff_only", False):  # histories; what is on its way
            continue
        found.append((citing, relation.field.name, _condition(citing)))
    return tuple(found)


def _condition(citing: type[models.Model]) -> Q:
    owner: Any = citing._meta.auto_created  # Django: the model with the relation to many that this one keeps, or False
    if not owner:  # a row that citizens see as long as its plan is public says nothing
        return getattr(citing, "public_when", Q())
    way = next(each.name for each in citing._meta.fields if each.related_model is owner)
    condition: Any = getattr(owner, "public_when", Q())  # of lookups alone; Django says that any node may stand in it
    return Q(*((f"{way}__{name}", value) for name, value in condition.children))
