"""Many rows written at once, each with its history row. Queries grow with batches, not with rows."""

from collections.abc import Sequence
from typing import Any

from simple_history.utils import bulk_create_with_history

BATCH = 1000


def create_with_history(model: Any, rows: Sequence[Any], *, by: Any, reason: str) -> None:
    if rows:
        bulk_create_with_history(rows, model, batch_size=BATCH, default_user=by, default_change_reason=reason)


def update_with_history(model: Any, rows: Sequence[Any], *, by: Any, reason: str) -> None:
    """Write whole rows that exist already. An upsert by primary key is many times faster than CASE … WHEN per row."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        model._default_manager.bulk_create(
            batch, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=fields
        )
        model.history.bulk_history_create(batch, update=True, default_user=by, default_change_reason=reason)
