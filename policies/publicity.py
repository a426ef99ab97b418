"""公開する・取り下げる: the acts by which records become public and are taken back.

What was public keeps its number for ever: it is withdrawn with a reason, which its history tells, and never deleted.
"""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import User
from core.acts import WrongState, require
from core.history import signed, update_with_history
from policies.models import PublicByAct, Withdrawable

_Record = TypeVar("_Record", bound=Withdrawable)


def permission_of(model: type[Withdrawable]) -> str:
    return model.publicity_permission or f"{model._meta.app_label}.change_{model._meta.model_name}"


def _locked(record: _Record) -> _Record:
    current: _Record = type(record)._default_manager.select_for_update(of=("self",)).get(pk=record.pk)
    return current


def refuse_to_show(record: Withdrawable) -> None:
    """Raises WrongState where there is nothing to show."""
    if record.is_shown:
        raise WrongState(f"「{record}」は、もう公開しています。")


def refuse_to_withdraw(record: Withdrawable) -> None:
    """Raises WrongState where there is nothing to withdraw, or something public stands on it."""
    if not record.is_shown:
        raise WrongState(f"「{record}」は公開していないため、取り下げるものがありません。")
    if why := record.why_it_stays_public():
        raise WrongState(f"「{record}」は取り下げられません。{why}")


def make_public(record: _Record, *, by: User) -> _Record:
    """Show a record to citizens. Raises NotAllowed, WrongState."""
    require(by, permission_of(type(record)), "公開する")
    with transaction.atomic():
        current = _locked(record)
        refuse_to_show(current)
        current.show()
        signed(current, by, "公開").save()
        return current


def withdraw(record: _Record, *, reason: str, by: User) -> _Record:
    """Take a record back that was public. Raises NotAllowed, WrongState, ValidationError for `reason`."""
    require(by, permission_of(type(record)), "取り下げる")
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "取り下げる理由を入力してください。履歴に残ります。"})
    with transaction.atomic():
        current = _locked(record)
        refuse_to_withdraw(current)
        current.hide(reason)
        current.clean_fields(exclude=[each.name for each in current._meta.fields if each.name != "withdrawn"])
        signed(current, by, "取り下げ").save()
        return current


def show_with(records: models.QuerySet[PublicByAct], *, by: User | None, reason: str) -> None:
    """Show records that something stands on which is being published, for the act that publishes it; what was withdrawn
    stays so. One query if all are public."""
    model: type[PublicByAct] = records.model
    hidden = list(records.filter(public_at=None, withdrawn="").select_for_update(of=("self",)))
    for record in hidden:
        record.show()
    update_with_history(model, hidden, by=by, reason=reason)
