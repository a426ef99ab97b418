"""Who wrote a row, and with which act: for one row by `signed`, for many rows at once together with their history rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Manager, Model
from simple_history.utils import bulk_create_with_history, get_history_manager_for_model

BATCH = 1000

Row = TypeVar("Row", bound=Model)


def signed(row: Row, by: AbstractBaseUser | None, reason: str) -> Row:
    """Note on a row who saves or deletes it next and by which act, for its history row. Returns the same row,
    unsaved."""
    noted: Any = row  # simple-history reads two attributes that no model declares
    noted._history_user, noted._change_reason = by, reason
    return row


@cache
def history_of(model: type[Model]) -> Manager[Model]:
    """Give the manager of the history rows of a model, which must keep a history. simple-history makes a class for it
    each time, which costs a page several milliseconds."""
    history: Manager[Model] = get_history_manager_for_model(model)
    return history


def create_with_history(model: type[Row], rows: Sequence[Row], *, by: AbstractBaseUser | None, reason: str) -> None:
    """Insert new rows and their history rows. The rows get their primary keys; queries grow with batches, not with
    rows."""
    if rows:
        bulk_create_with_history(rows, model, batch_size=BATCH, default_user=by, default_change_reason=reason)


def update_with_history(model: type[Row], rows: Sequence[Row], *, by: AbstractBaseUser | None, reason: str) -> None:
    """Write whole rows that exist already, and a history row for each. An upsert by primary key is many times faster
    than CASE … WHEN per row."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    history = get_history_manager_for_model(model)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        model._default_manager.bulk_create(
            batch, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=fields
        )
        history.bulk_history_create(batch, update=True, default_user=by, default_change_reason=reason)
