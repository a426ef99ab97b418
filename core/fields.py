"""Fields of models by their names."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.db import models

# What a field takes and gives is known where its model is named, not where it is asked for by name.
ModelField: TypeAlias = "models.Field[Any, Any]"


def model_field(model: type[models.Model], name: str) -> ModelField:
    """Give a field that the model itself declares. Raises FieldDoesNotExist for any other name, also for a relation
    from another model."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist(f"{model.__name__}.{name} is declared by another model")
    return field


def field_label(model: type[models.Model], name: str) -> str:
    """Give the Japanese name of a field. Raises FieldDoesNotExist as `model_field` does."""
    return str(model_field(model, name).verbose_name)
