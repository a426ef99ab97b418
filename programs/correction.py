"""What errata share: why and since when, what stood there and what stands there now, and the value written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Required, TypedDict

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.models import User
from core.cells import cell_for
from core.fields import model_field
from core.history import signed
from policies.models import ErratumFields
from programs.content import plain_number

REASON = "訂正"  # the act, as histories name it


class Why(TypedDict, total=False):
    """Why and since when something is corrected (today if nothing is said), and how many errata of it the page showed that
    was filled in; None where no page was."""

    reason: Required[str]
    corrected_on: date | None
    seen: int | None


def said(why: Why) -> tuple[str, date]:
    """Why and since when something is corrected, as errata keep it."""
    today = timezone.localdate()
    reason, corrected_on = why["reason"], why.get("corrected_on")
    if not reason.strip():
        raise ValidationError({"reason": "訂正の理由を入力してください。市民のページに表示されます。"})
    if corrected_on is not None and corrected_on > today:
        raise ValidationError({"corrected_on": "訂正日は、今日までの日にしてください。"})
    return reason.strip(), corrected_on or today


def refuse_unseen(errata: models.QuerySet[ErratumFields], seen: int | None) -> None:
    """Refuse a correction by somebody who has not seen the last one (`seen`: see Why)."""
    if seen is None or seen == errata.count():
        return
    last = errata.latest("pk")
    raise ValidationError(
        {
            "new": f"画面を開いたあとに、「{last.label}」が「{last.new or '（空欄）'}」に訂正されました。"
            "いまの内容を確かめて、もう一度送ってください。"
        }
    )


def replace_one(
    fields: Callable[[], list[tuple[str, str, str]]], field: str, write: Callable[[], None]
) -> dict[str, str]:
    """Write one of the fields. What an erratum says of it: its name, what stood there, what stands there now."""
    known = {name: (label, old) for name, label, old in fields()}
    if field not in known:
        raise ValidationError({"field": "直す欄を選んでください。"})
    write()
    label, old = known[field]
    now = {name: value for name, _label, value in fields()}.get(field, "")
    if now == old:
        raise ValidationError({"new": "いまの内容と同じです。正しい内容を入力してください。"})
    return {"field": field, "label": label, "old": old, "new": now}


def put(row: models.Model, name: str, new: str, *, by: User, is_empty: bool = False) -> None:
    """Store a corrected value in a row; a row that says nothing any more goes."""
    try:
        setattr(row, name, cell_for(model_field(type(row), name)).clean(new))
        if not is_empty:
            row.clean_fields(exclude=[f.name for f in row._meta.fields if f.name != name])
    except ValidationError as error:
        raise ValidationError({"new": error.messages}) from error
    except ValueError as error:
        raise ValidationError({"new": str(error)}) from error
    if not is_empty:
        signed(row, by, REASON).save()
    elif row.pk is not None:
        signed(row, by, REASON).delete()


def shown(row: models.Model, name: str) -> str:
    """What stands in a field, as errata show it."""
    value = getattr(row, name)
    if name in ("value", "baseline"):
        return plain_number(value)
    return str(cell_for(model_field(type(row), name)).render(value) or "")
