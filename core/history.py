"""Who wrote a row, and with which act: for one row by `signed`, for many rows at once together with their history rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connections, router, transaction
from django.db.models import Manager, Model
from django.dispatch import Signal
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

BATCH = 1000
# Begins the reason of a row that was deleted although citizens read it (figures/taking_back.py).
TAKEN_BACK = "取り下げ："

# Sent by what writes many rows at once, which sends no signal of Django's; with the model and the `pks`, before and after.
written = Signal()

Row = TypeVar("Row", bound=Model)


def signed(row: Row, by: AbstractBaseUser | None, reason: str) -> Row:
    """Note on a row who saves or deletes it next and by which act, for its history row. Returns the same row,
    unsaved."""
    noted: Any = row  # simple-history reads two attributes that no model declares
    noted._history_user, noted._change_reason = by, reason
    return row


def is_last_writer(row: Model, by: AbstractBaseUser) -> bool:
    """Whether the last that was written to the row was written by this person."""
    last = history_of(type(row)).filter(**{row._meta.pk.attname: row.pk}).first()
    return last is not None and last.history_user_id == by.pk  # type: ignore[attr-defined]


@cache
def history_of(model: type[Model]) -> Manager[Model]:
    """Give the manager of the history rows of a model, which must keep a history. simple-history makes a class for it
    each time, which costs a page several milliseconds."""
    history: Manager[Model] = get_history_manager_for_model(model)
    return history


def create_with_history(model: type[Row], rows: Sequence[Row], *, by: AbstractBaseUser | None, reason: str) -> None:
    """Insert new rows and their history rows. The rows get their primary keys; queries grow with batches, not with
    rows."""
    with transaction.atomic(savepoint=False):
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        record(model, [row.pk for row in rows], "+", by=by, reason=reason)
        written.send(model, pks=[row.pk for row in rows])


def update_with_history(model: type[Row], rows: Sequence[Row], *, by: AbstractBaseUser | None, reason: str) -> None:
    """Write whole rows that exist already, and a history row for each. An upsert by primary key is many times faster
    than CASE … WHEN per row."""
    key = model._meta.pk
    fields = [field.name for field in model._meta.concrete_fields if field is not key]
    with transaction.atomic(savepoint=False):
        written.send(model, pks=[row.pk for row in rows])
        model._default_manager.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=[key.name], update_fields=fields
        )
        record(model, [row.pk for row in rows], "~", by=by, reason=reason)
        written.send(model, pks=[row.pk for row in rows])


def record(model: type[Row], pks: Sequence[int], kind: str, *, by: AbstractBaseUser | None, reason: str) -> None:
    """Write a history row of a kind (+ ~ -) for rows as they stand in the database. The database copies them: rows that
    simple-history builds from objects cost as much again as the rows themselves."""
    historic: Any = history_of(model).model  # simple-history makes it, with attributes of its own
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in historic.tracked_fields)
    key = quote(str(model._meta.pk.column))
    said = {
        "history_date": timezone.now(),
        "history_type": kind,
        "history_user": by.pk if by else None,
        "history_change_reason": reason,
    }
    fields = [historic._meta.get_field(name) for name in said]
    stamp = {field.column: field.get_db_prep_save(said[field.name], connection) for field in fields}
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        sql = (
            f"INSERT INTO {quote(historic._meta.db_table)} ({', '.join(map(quote, stamp))}, {columns}) "  # noqa: S608 - names of our models
            f"SELECT {', '.join(['%s'] * len(stamp))}, {columns} FROM {quote(model._meta.db_table)} "
            f"WHERE {key} IN ({', '.join(['%s'] * len(batch))}) ORDER BY {key}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*stamp.values(), *batch])
