"""The period of a plan: a revision may extend it, and no year that something stands in is taken out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import models
from django.dispatch import Signal

# Sent with `plan` and `years` before years leave the period of a plan; receivers answer with the names of what they have there.
shortening = Signal()


def models_with_rows(plan: models.Model, years: Collection[int], rows: Mapping[type[models.Model], str]) -> list[str]:
    """The names of the models that have rows in these years. `rows` leads from each to its plan."""
    of_years = {"fiscal_year__in": list(years)}
    return [
        str(model._meta.verbose_name)
        for model, path in rows.items()
        if model._default_manager.filter(**{path: plan}, **of_years).exists()
    ]


def used(plan: models.Model, years: Collection[int]) -> list[str]:
    """The names of everything that stands in these years of a plan."""
    if not years:
        return []
    answers: list[list[str]] = [names or [] for _, names in shortening.send(type(plan), plan=plan, years=years)]  # type: ignore[misc]
    return [name for names in answers for name in names]
