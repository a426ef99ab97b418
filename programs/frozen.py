"""What a frozen edition says stays as it is: no form, list, or other code writes to it, except an erratum.

The guard stands on the signals of saving and deleting, so it also meets deletions by query and by cascade. Bulk writes send
no signals; acts that write in bulk ask `refuse_frozen` themselves. Nothing on a row switches the guard off: it lets pass what
stands inside `correcting` or `redacting`, and fixtures, whose rows refer to each other in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_delete, pre_save

from core.acts import WrongState
from policies.models import Edition
from programs.content import FACTS
from programs.models import Indicator, IndicatorTarget, ProgramEdition, Responsibility, Revision, YearPlan

# From a row of each guarded model to its edition.
EDITION: dict[type[models.Model], str] = {
    ProgramEdition: "edition",
    Responsibility: "program_edition__edition",
    YearPlan: "program_edition__edition",
    IndicatorTarget: "edition",
}
# What is being corrected now, in this thread of execution.
_corrected: ContextVar[ProgramEdition | None] = ContextVar("_corrected", default=None)
# Whether personal data is being taken out, in this thread of execution.
_redacted: ContextVar[bool] = ContextVar("_redacted", default=False)


class FrozenEdition(WrongState):
    """The edition is frozen."""

    def __init__(self, edition: object) -> None:
        super().__init__(
            f"「{edition}」は確定しているため、計画内容を変えられません。"
            "誤りは、計画内容の画面の「訂正する（正誤）」で直してください。"
        )


class SettledIndicator(WrongState):
    """A frozen edition has a target for the indicator."""

    def __init__(self, indicator: Indicator) -> None:
        super().__init__(
            f"成果指標「{indicator.name}」は確定した版で使われているため、変えられません。"
            "違う指標にするときは新しい指標を加え、誤りは「訂正する（正誤）」で直してください。"
        )


# The event by which a frozen edition came belongs to what it says.
SETTLED_REVISION = "確定した版への見直しは削除できません。誤りは、見直しの画面で直してください。"


@contextmanager
def correcting(content: ProgramEdition) -> Iterator[None]:
    """Let an erratum, or what was learned later, write to a content of a frozen edition. Other editions, and indicators of other items, stay
    guarded.

    For programs/errata.py and programs/late.py alone, which check the person and leave a row that says what was done.
    """
    token = _corrected.set(content)
    try:
        yield
    finally:
        _corrected.reset(token)


@contextmanager
def redacting() -> Iterator[None]:
    """Let personal data be taken out of every edition. For reviews/redaction.py alone, which checks the person, puts a mark
    where the words stood, and leaves a row that says who did it, when and why.
    """
    token = _redacted.set(True)
    try:
        yield
    finally:
        _redacted.reset(token)


def is_redacting() -> bool:
    """Whether personal data is being taken out, here and now."""
    return _redacted.get()


def refuse_frozen(edition: Edition) -> None:
    """Raise FrozenEdition for a frozen edition. The caller has read (and locked) it in this transaction."""
    if edition.frozen_at is not None:
        raise FrozenEdition(edition)


def frozen_contents(model: type[models.Model], rows: Iterable[models.Model]) -> models.QuerySet[models.Model]:
    """Select those of the rows of a guarded model that say something in a frozen edition."""
    frozen = {f"{EDITION[model]}__frozen_at__isnull": False}
    return model._default_manager.filter(pk__in=[row.pk for row in rows], **frozen)


def settled_indicators(indicators: Iterable[Indicator]) -> set[int]:
    """Ids of the indicators whose meaning can no longer change. One query."""
    targets = IndicatorTarget.objects.filter(indicator__in=indicators, edition__frozen_at__isnull=False)
    return set(targets.values_list("indicator", flat=True))


def _edition_of(sender: type[models.Model], instance: models.Model) -> Q:
    """The stored edition of a row, and the one that it is to have now."""
    if isinstance(instance, Responsibility | YearPlan):
        wanted = Q(contents=instance.program_edition_id)
    else:
        wanted = Q(pk=getattr(instance, "edition_id", None))
    if instance.pk is None:
        return wanted
    stored = sender._default_manager.filter(pk=instance.pk).values(EDITION[sender])
    return wanted | Q(pk__in=stored)


def _guard(sender: type[models.Model], instance: models.Model, raw: bool = False, **_: object) -> None:
    if raw or _redacted.get():
        return
    frozen = Edition.objects.filter(_edition_of(sender, instance), frozen_at__isnull=False)
    if content := _corrected.get():
        frozen = frozen.exclude(pk=content.edition_id)
    if edition := frozen.first():
        raise FrozenEdition(edition)


def _guard_indicator(instance: Indicator, raw: bool = False, **_: object) -> None:
    content = _corrected.get()
    if (
        raw
        or _redacted.get()
        or instance.pk is None
        or (content is not None and content.program_id == instance.program_id)
    ):
        return
    stored = Indicator.objects.filter(pk=instance.pk).values(*FACTS).first()
    if stored and any(stored[name] != getattr(instance, name) for name in FACTS) and settled_indicators([instance]):
        raise SettledIndicator(instance)


def _guard_revision(instance: Revision, **_: object) -> None:
    if Edition.objects.filter(pk=instance.to_edition_id, frozen_at__isnull=False).exists():
        raise WrongState(SETTLED_REVISION)


def connect() -> None:
    """Set up the guard on the signals of the guarded models. Called once, when the app is ready."""
    for model in EDITION:
        pre_save.connect(_guard, model, dispatch_uid=f"frozen.save.{model.__name__}")
        pre_delete.connect(_guard, model, dispatch_uid=f"frozen.delete.{model.__name__}")
    pre_save.connect(_guard_indicator, Indicator, dispatch_uid="frozen.save.Indicator")
    pre_delete.connect(_guard_revision, Revision, dispatch_uid="frozen.delete.Revision")
