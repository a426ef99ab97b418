"""成果指標 of an item, what was reached, and 全体の指標 with their values, row by row: one act, whoever writes them, by a form
or a list.

Indicators are written with a whole content too (programs/contents.py), what was reached by the acts of a round (reviews/), and
all of it by the plan workbook, set by set. What of 全体の指標 is published refuses by itself (programs/plan_indicators.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

from accounts.models import User
from core.acts import Conflict, WrongState, require
from core.fields import field_label, model_field
from core.history import is_last_writer, signed
from core.merge import Side, side
from policies.locking import lock_plan
from programs.content import TYPED_FACTS, plain_number
from programs.models import (
    Indicator,
    IndicatorActual,
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorTarget,
    Program,
)

Value = PlanIndicatorTarget | PlanIndicatorActual
Row = TypeVar("Row", Indicator, IndicatorActual, PlanIndicator, PlanIndicatorTarget, PlanIndicatorActual)

# What can change of a row; the rest says which row it is.
STATED: Mapping[type[Model], Sequence[str]] = {
    Indicator: TYPED_FACTS,
    IndicatorActual: ("value", "is_forecast", "note"),
    PlanIndicator: ("policy", "number", *TYPED_FACTS, "source"),
    PlanIndicatorTarget: ("edition", "fiscal_year", "value", "text", "note"),
    PlanIndicatorActual: ("fiscal_year", "value", "is_forecast", "note", "source"),
}
# Sent with the `row` and the names `changed`, before it is written and inside the transaction: who knows that it has to stay
# raises WrongState.
stating = Signal()


def seen_of(row: Model) -> dict[str, object]:
    """What a person sees of a row that is there."""
    return {name: getattr(row, _column(row, name)) for name in STATED[type(row)]}


def _column(row: Model, name: str) -> str:
    return str(model_field(type(row), name).attname)


def store(row: Row, *, by: User, seen: Mapping[str, object] | None = None) -> Row:
    """Write what a person gives in a row that is not saved; `seen` is what this person saw of the stored one, by field.

    What the person left as it was stays as it is stored. Without `seen` the row is a new one. Raises Conflict where somebody
    else has changed the same meanwhile, WrongState and ValidationError.
    """
    model = type(row)
    what = str(model._meta.verbose_name)
    verb = "add" if seen is None else "change"
    require(by, f"programs.{verb}_{model._meta.model_name}", f"{what}を登録する")
    with transaction.atomic():
        if seen is None:
            _lock_owner(row)
            current, changed = row, list(STATED[model])
        else:
            stored = model._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
            if stored is None:
                raise WrongState(f"この{what}は、ほかの人が削除しました。")
            current, changed = stored, _merge(stored, row, seen, by)
        if changed:
            stating.send(model, row=current, changed=changed)
            current.full_clean()
            names = "、".join(field_label(model, name) for name in changed)
            signed(current, by, "登録" if seen is None else f"保存（{names}）"[:100]).save()
        return current


def remove(row: Value, *, by: User) -> None:
    """Take a target or an actual away that no citizen sees yet. Raises WrongState for one that is published."""
    require(by, f"programs.delete_{row._meta.model_name}", f"{row._meta.verbose_name}を削除する")
    with transaction.atomic():
        stored = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if stored is not None:
            signed(stored, by, "削除").delete()


def _lock_owner(row: Indicator | IndicatorActual | PlanIndicator | Value) -> None:
    """Two who register the same wait for each other."""
    if isinstance(row, Value):
        PlanIndicator.objects.select_for_update(of=("self",)).get(pk=row.indicator_id)
    elif isinstance(row, PlanIndicator):
        lock_plan(row.plan_id)
    else:
        item = row.program_id if isinstance(row, Indicator) else row.indicator.program_id
        Program.objects.select_for_update(of=("self",)).get(pk=item)


def _merge(stored: Row, row: Row, seen: Mapping[str, object], by: User) -> list[str]:
    """Give the stored row what the person has changed in it; answer with the names of that."""
    changed = []
    for name in STATED[type(stored)]:
        column = _column(stored, name)
        theirs, mine = getattr(stored, column), getattr(row, column)
        which = side(_text(seen[name]), _text(theirs), _text(mine))
        if which is None:
            raise Conflict(stored, f"この{stored._meta.verbose_name}", own=is_last_writer(stored, by))
        if which is Side.MINE:
            setattr(stored, column, mine)
            changed.append(name)
    return changed


def _text(value: object) -> str:
    return plain_number(value) if value is None or isinstance(value, Decimal) else str(value)
