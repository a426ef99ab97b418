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
    """Somebody saved after the person had opened it, or this person in another tab (`own`). Nothing was written; `current` is
    what is stored."""

    def __init__(self, current: object, what: str = "この内容", *, own: bool = False) -> None:
        super().__init__(changed_meanwhile(what, own=own))
        self.current, self.own = current, own


def changed_meanwhile(what: str, *, own: bool) -> str:
    """The sentence of a conflict: who was first matters, because one's own tab asks for nobody."""
    who = "別の画面であなた自身が" if own else "別の人が"
    return f"{what}は、あなたが開いたあとに{who}更新しました。上書きはしていません。"


def saved_first(*, own: bool) -> str:
    """The title of the page on which a person chooses."""
    return "別の画面で先に保存されています" if own else "別の人が先に保存しました"


def require(by: Actor, permission: str, what: str) -> None:
    """Raise NotAllowed for a person without the permission; `what` completes 「…権限がありません。」."""
    if not (by.is_active and by.has_perm(permission)):
        raise NotAllowed(f"{what}権限がありません。")
