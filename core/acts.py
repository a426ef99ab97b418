"""What every business act shares: who may, and how it refuses. The messages are Japanese and are shown as they are."""

from __future__ import annotations

from typing import Protocol

from django.core.exceptions import PermissionDenied


class Actor(Protocol):
    """Who acts: a person, as far as the rights go."""

    @property
    def is_active(self) -> bool: ...

    def has_perm(self, perm: str) -> bool: ...


class NotAllowed(PermissionDenied):
    """The person may not do this."""


class WrongState(Exception):
    """The thing is not in a state in which this can be done."""


class Conflict(Exception):
    """Somebody saved after the person had opened it. Nothing was written; `current` is what is stored."""

    def __init__(self, current: object, what: str = "この内容") -> None:
        super().__init__(f"{what}は、あなたが開いたあとに別の人が更新しました。上書きはしていません。")
        self.current = current


def require(by: Actor, permission: str, what: str) -> None:
    """Raise NotAllowed for a person without the permission; `what` completes 「…権限がありません。」."""
    if not (by.is_active and by.has_perm(permission)):
        raise NotAllowed(f"{what}権限がありません。")
