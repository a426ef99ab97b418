"""取り下げる, of what has no act of its own to show it: a row that citizens read leaves with a reason, which its history keeps.

Records that an act shows (policies/publicity.py) stay in their table when they are withdrawn. Everything else that is public as
it is saved says one value at one place (an amount of a year, a mark, a figure); it goes, and who, when and why is read in its
history. What it was called (`lasting` of its model) is never given again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q

from accounts.models import Department, User
from core.acts import WrongState, require
from core.history import BATCH, TAKEN_BACK, signed
from figures.version import RULES
from policies.models import Withdrawable

LONGEST = 80  # of the reason; a row of a history has room for a hundred
# No page names a department but through something that keeps it from being deleted.
_ON_NO_PAGE_ALONE = (Department,)
_SHOWN_BY = ("is_public", "public_at__isnull", "published_on__isnull")  # what an act sets and takes away


def _ever(model: type[Model], condition: Q) -> Q:
    """Of what is public, also what was until its plan or item was withdrawn."""
    parts: list[Q] = []
    for part in condition.children:
        if isinstance(part, Q):
            parts.append(_ever(model, part))
            continue
        name, value = cast("tuple[str, object]", part)
        way = next((name.removesuffix(end) for end in _SHOWN_BY if name.endswith(end)), None)
        withdrawn = f"{way}withdrawn"
        if way or (way == "" and issubclass(model, Withdrawable)):
            parts.append(Q((name, value)) | ~Q((withdrawn, "")))
        else:
            parts.append(Q((name, value)))
    return Q(*parts, _connector=condition.connector, _negated=condition.negated)


@cache
def _condition(model: type[Model]) -> Q:
    return _ever(model, RULES[model].condition)


def read_by_citizens(model: type[Model], pks: Collection[int]) -> set[int]:
    """Which of these rows citizens read, or have read before their plan or item was withdrawn. One query a thousand."""
    if model not in RULES or issubclass(model, _ON_NO_PAGE_ALONE):
        return set()
    keys, read = list(pks), model._base_manager.filter(_condition(model))
    return {
        pk
        for start in range(0, len(keys), BATCH)
        for pk in read.filter(pk__in=keys[start : start + BATCH]).values_list("pk", flat=True)
    }


def count_read(records: Mapping[type[Model], Iterable[Model]]) -> int:
    """How many of the records, by model, citizens read."""
    return sum(len(read_by_citizens(model, [row.pk for row in rows])) for model, rows in records.items())


def checked(reason: str) -> str:
    """The reason in one line. Raises ValidationError."""
    reason = " ".join(reason.replace("\x00", "").split())
    if not reason:
        raise ValidationError({"reason": "取り下げる理由を入力してください。履歴に残ります。"})
    if len(reason) > LONGEST:
        raise ValidationError({"reason": f"取り下げる理由は{LONGEST}字までにしてください（いま{len(reason)}字）。"})
    return reason


def take_back(rows: Sequence[Model], *, reason: str, by: User) -> None:
    """Delete rows of one model that citizens read. Raises NotAllowed, WrongState, ValidationError for `reason`."""
    reason = checked(reason)
    with transaction.atomic():
        for row in rows:
            require(by, f"{row._meta.app_label}.delete_{row._meta.model_name}", "取り下げる")
            if isinstance(row, Withdrawable):
                raise WrongState(f"「{row}」は削除できません。「取り下げる」を使ってください。")
            signed(row, by, f"{TAKEN_BACK}{reason}").delete()
