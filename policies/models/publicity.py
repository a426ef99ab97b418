"""公開: what citizens see from an act on, and never because it was saved. The acts stand in policies/publicity.py."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

# Sent with `record` by the models that say so; receivers answer with a sentence on what of theirs is public and stands on it.
keeping_public = Signal()

_Row = TypeVar("_Row", bound=models.Model)


class Withdrawable(models.Model):
    """A record that is shown by an act and, once it was shown, is withdrawn with a reason instead of deleted."""

    withdrawn = models.CharField(
        "取り下げた理由",
        max_length=500,
        blank=True,
        editable=False,
        help_text="入力のあるものは、公開したあとで取り下げています。市民のページには出ません。",
    )

    # Who may show and withdraw it, where that is not everybody who may change it.
    publicity_permission = ""
    shown_by = "public_at"  # the field whose value makes it public

    class Meta:
        abstract = True

    @property
    def is_shown(self) -> bool:
        """Whether an act has shown it; what it belongs to may be hidden all the same."""
        return bool(getattr(self, self.shown_by))

    @property
    def stays(self) -> bool:
        """Whether it was public or is answered, so that its number is never given again."""
        return self.is_shown or bool(self.withdrawn)

    def show(self) -> None:
        """Set what makes it public, unsaved."""
        self.withdrawn = ""

    def hide(self, reason: str) -> None:
        """Set what takes it back, unsaved."""
        self.withdrawn = reason

    def why_it_stays_public(self) -> str:
        """What citizens read and that stands on this record, so that it cannot be withdrawn; "" for nothing. A model says
        first what it knows itself; packages above it are asked by `keeping_public`."""
        answers: list[str] = [why or "" for _, why in keeping_public.send(type(self), record=self)]
        return next(filter(None, answers), "")


class PublicByActQuerySet(models.QuerySet[_Row]):
    def shown(self) -> Self:
        """What citizens see, if they may see the plan."""
        return self.filter(public_at__isnull=False)


class PublicByAct(Withdrawable):
    """A record of a plan with a day from which it is public."""

    public_at = models.DateTimeField(
        "公開した日時",
        null=True,
        blank=True,
        editable=False,
        help_text="空欄の間は、市民のページとファイルに出ません。",
    )
    public_when = Q(public_at__isnull=False)  # for what only follows it, as its sources

    class Meta:
        abstract = True

    def show(self) -> None:
        super().show()
        self.public_at = self.public_at or timezone.now()

    def hide(self, reason: str) -> None:
        super().hide(reason)
        self.public_at = None


def withdrawn_is_hidden(name: str, hidden: Q = Q(public_at=None)) -> models.CheckConstraint:  # noqa: B008 - a constant
    return models.CheckConstraint(name=f"{name}_withdrawn_is_hidden", condition=Q(withdrawn="") | hidden)
