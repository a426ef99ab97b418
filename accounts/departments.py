"""The acts on departments over time: one is renamed, several become one. What was written under the old name keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department, Membership, User, following_order
from core.acts import WrongState, require
from core.fiscal import era_date
from core.history import signed


def then_and_now(department: Department, owners: Mapping[int, Department]) -> str:
    """The name of the time, and today's where it is another: 財政課（現 財務課）. `owners` is owners_today()."""
    today = owners.get(department.pk, department)
    return department.name if today.name == department.name else f"{department.name}（現 {today.name}）"


def place_last(department: Department) -> None:
    """Give a new department, not yet saved, the place after all others of its city, if it was given none."""
    if department.order is None:
        others = Department.objects.filter(city=department.city)
        department.order = following_order(others.values_list("order", flat=True))


def rename(department: Department, *, code: str, name: str, on: date, by: User) -> Department:
    """Give a department a new name from a day on: a new department, which the old one names as its successor.

    It takes the place of the old one, and its people.
    """
    require(by, "accounts.add_department", "部署の名称を変える")
    with transaction.atomic():
        old = _lock(department.pk, on)
        new = Department(city=old.city, code=code, name=name, valid_from=on, order=old.order)
        new.full_clean()
        signed(new, by, "改称").save()
        _hand_over(old, new, on, by, "改称")
        return new


def merge(departments: Iterable[Department], into: Department, *, on: date, by: User) -> Department:
    """Close departments on a day because another one, old or new, goes on with their work. Their people move to it."""
    require(by, "accounts.change_department", "部署を統合する")
    with transaction.atomic():
        target = Department.objects.select_for_update(of=("self",)).get(pk=into.pk)
        if target.successor_id is not None or (target.valid_to is not None and target.valid_to < on):
            raise WrongState(f"「{target}」はもう引き継がれているか、廃止されています。今の部署を選んでください。")
        if target.valid_from is not None and target.valid_from > on:
            raise ValidationError(
                {"on": f"「{target}」は{era_date(target.valid_from)}に設置されています。その日以後にしてください。"}
            )
        wanted = sorted({one.pk for one in departments})
        if not wanted:
            raise ValidationError({"departments": "統合する部署を選んでください。"})
        if target.pk in wanted:
            raise ValidationError({"departments": "統合先と同じ部署は選べません。"})
        for pk in wanted:
            old = _lock(pk, on)
            if old.city != target.city:
                raise ValidationError({"departments": f"「{old}」は別の自治体（{old.city}）の部署です。"})
            _hand_over(old, target, on, by, "統合")
        return target


def _lock(pk: int, on: date) -> Department:
    department = Department.objects.select_for_update(of=("self",)).get(pk=pk)
    if department.successor_id is not None:
        raise WrongState(f"「{department}」はもう別の部署に引き継がれています。")
    if department.valid_from is not None and department.valid_from >= on:
        raise ValidationError(
            {
                "on": f"「{department}」は{era_date(department.valid_from)}に設置されています。それより後の日にしてください。"
            }
        )
    return department


def _hand_over(old: Department, new: Department, on: date, by: User, reason: str) -> None:
    old.valid_to, old.successor = on - timedelta(days=1), new
    signed(old, by, reason).save()
    there = set(Membership.objects.filter(department=new).values_list("user", flat=True))
    for membership in Membership.objects.filter(department=old):
        signed(membership, by, reason)
        if membership.user_id in there:
            membership.delete()
        else:
            membership.department = new
            membership.save()
