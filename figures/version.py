"""公開版: a number and a moment that move with everything that citizens can read, in its transaction, and with nothing else.

What is kept of public pages and files hangs on it (docs/decisions/0040-published-version.md). It is deduced from what is
written, so that no act has to think of it: a row that was or is public moves it, a draft does not. `RULES` says of every
model which of its rows are public; a test holds that none is missing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.utils import timezone

from accounts.models import Department
from committee.models import KeyProgram, Meeting, Opinion
from core.history import BATCH, written
from figures.models import PublishedFigure, PublishedVersion
from policies.models import (
    Axis,
    DelayCause,
    Direction,
    Edition,
    Grade,
    LineageFigure,
    LineageNote,
    LineagePlan,
    Plan,
    Policy,
    Position,
    Scale,
    Source,
    Viewpoint,
)
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    LateContent,
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorErratum,
    PlanIndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews.models import Effect, PublishedJudgement, PublishedReport, Redaction, ReportErratum, Round, Settlement
from reviews.redaction import redacted

ROW = 1  # the key of the one row
_EVERY = Q()


@dataclass(frozen=True)
class Rule:
    """Which rows of a model are public. `plan` leads to the plan that must be ("" for what belongs to none), `unseen` are
    fields that no page shows."""

    plan: str = "plan"
    when: Q = _EVERY
    unseen: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        return self.when & Q(**{f"{self.plan}__is_public": True}) if self.plan else self.when


def _frozen(edition: str) -> Q:
    return Q(**{f"{edition}__frozen_at__isnull": False})


def _published() -> Q:
    return Q(published_at__isnull=False)


def _shown(record: str) -> Q:
    return Q(**{f"{record}__public_at__isnull": False})


def _known_edition(edition: str = "") -> Q:
    """Editions that are frozen, or of which the city published numbers."""
    printed = PublishedFigure.objects.filter(edition__isnull=False).values("edition")
    before = Revision.objects.filter(to_edition__in=printed).values("from_edition")
    way = f"{edition}__" if edition else ""
    return Q(**{f"{way}frozen_at__isnull": False}) | Q(**{f"{way}pk__in": printed}) | Q(**{f"{way}pk__in": before})


RULES: dict[type[models.Model], Rule] = {
    Department: Rule(""),
    Plan: Rule("", Q(is_public=True)),
    Source: Rule(when=Q(pk__in=Source.objects.shown().values("pk"))),
    Edition: Rule(when=_known_edition(), unseen=("frozen_by",)),
    Viewpoint: Rule(),
    Direction: Rule(),
    Policy: Rule(),
    Position: Rule(),
    Axis: Rule(),
    Grade: Rule(unseen=("note",)),
    Scale: Rule(),
    DelayCause: Rule(),
    LineagePlan: Rule(),
    LineageFigure: Rule(unseen=("note",)),
    LineageNote: Rule(),
    Program: Rule(when=Q(public_at__isnull=False)),
    ProgramEdition: Rule("program__plan", _frozen("edition")),
    Responsibility: Rule("program_edition__program__plan", _frozen("program_edition__edition")),
    YearPlan: Rule("program_edition__program__plan", _frozen("program_edition__edition")),
    Indicator: Rule("program__plan", _frozen("targets__edition") | Q(actuals__isnull=False) & _shown("program")),
    IndicatorTarget: Rule("indicator__program__plan", _frozen("edition")),
    IndicatorActual: Rule("indicator__program__plan", _shown("indicator__program")),
    PlanIndicator: Rule(when=_published(), unseen=("published_by",)),
    PlanIndicatorTarget: Rule("indicator__plan", _published(), unseen=("published_by",)),
    PlanIndicatorActual: Rule("indicator__plan", _published(), unseen=("published_by",)),
    PlanIndicatorErratum: Rule(unseen=("corrected_by",)),
    ContentErratum: Rule(unseen=("corrected_by",)),
    LateContent: Rule(unseen=("learned_by",)),
    Revision: Rule(when=_known_edition("to_edition")),
    RevisionMark: Rule("revision__plan", _known_edition("revision__to_edition"), unseen=("note",)),
    Effect: Rule("program__plan", _shown("program")),
    Round: Rule(when=Round.public_when, unseen=("opens_on", "due_on", "state", "published_by")),
    PublishedReport: Rule("round__plan"),
    PublishedJudgement: Rule("published_report__round__plan"),
    Settlement: Rule(when=_shown("program"), unseen=("settled_by",)),
    ReportErratum: Rule(unseen=("corrected_by",)),
    Redaction: Rule(when=Q(is_public=True), unseen=("redacted_by",)),
    KeyProgram: Rule("program__plan", _shown("program")),
    Meeting: Rule(when=Meeting.public_when, unseen=("opinions_due_on",)),
    Opinion: Rule(when=Q(published_on__isnull=False), unseen=("author",)),
    PublishedFigure: Rule(),
}


@dataclass(frozen=True)
class Version:
    number: int
    moved_at: datetime


def published_changed() -> None:
    """Move the version with the transaction around it. Called by this module, and by whoever writes around the models."""
    collecting = _collected.get()
    if collecting is not None:
        collecting.append(True)
        return
    moved = PublishedVersion.objects.filter(pk=ROW).update(number=F("number") + 1, moved_at=timezone.now())
    if not moved:  # a database that was emptied
        PublishedVersion.objects.create(pk=ROW)
    transaction.on_commit(forget)


_collected: ContextVar[list[bool] | None] = ContextVar("_collected", default=None)


@contextmanager
def moved_once() -> Iterator[None]:
    """Of long acts: the version moves once, at the end, so that its row is not locked all the while."""
    found: list[bool] = []
    token = _collected.set(found)
    try:
        yield
    finally:
        _collected.reset(token)
    if found:
        published_changed()


# --- reading: each process asks at most every half second ---

_NEVER = Version(0, datetime(1970, 1, 2, tzinfo=UTC))
_lock = threading.Lock()
_known: tuple[float, Version] | None = None
_changes = 0  # of this process; what was read before one of them is not kept after it


def forget() -> None:
    """What this process has changed it knows at once."""
    global _known, _changes
    _changes += 1
    _known = None


def current() -> Version:
    """The version as it was at most half a second ago. One query when that is over."""
    global _known
    known = _known
    if known is not None and time.monotonic() - known[0] < settings.VERSION_SECONDS:
        return known[1]
    with _lock:
        known = _known
        if known is None or time.monotonic() - known[0] >= settings.VERSION_SECONDS:
            asked, before = time.monotonic(), _changes
            row = PublishedVersion.objects.filter(pk=ROW).first()
            known = (asked, Version(row.number, row.moved_at) if row else _NEVER)
            # A number that is not committed yet may come to stand for something else.
            if before == _changes and not _moves_here():
                _known = known
    return known[1]


def last_known() -> int | None:
    """The number that this process has read last, however long ago; None after a change of its own. No query."""
    known = _known
    return known[1].number if known is not None else None


def settled() -> int | None:
    """The number under which this process may keep what it finds in public rows from now on. None within a transaction that
    changes them: what it sees may never be."""
    return None if _moves_here() else current().number


def _moves_here() -> bool:
    """Whether the transaction around has moved the version, or will at its end."""
    return bool(_collected.get()) or any(
        function is forget for _, function, *_ in transaction.get_connection().run_on_commit
    )


# --- deducing ---


def _are_public(model: type[models.Model], pks: Sequence[object]) -> bool:
    public = model._base_manager.filter(RULES[model].condition)
    batches = (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))
    return any(public.filter(pk__in=batch).exists() for batch in batches)


@cache
def _seen_fields(model: type[models.Model]) -> tuple[str, ...]:
    hidden = {*RULES[model].unseen, "version", "search_text", "sort_key"}
    return tuple(each.attname for each in model._meta.concrete_fields if each.name not in hidden)


def _before_saving(sender: type[models.Model], instance: models.Model, raw: bool = False, **_: object) -> None:
    """Note whether citizens read the row, and whether it says something else now."""
    noted: Any = instance
    noted._was_public, noted._says_the_same = False, False
    if instance.pk is None or raw:
        return
    fields = _seen_fields(sender)
    stored = sender._base_manager.filter(pk=instance.pk).values_list(*fields).first()
    if stored is None:
        return
    noted._says_the_same = stored == tuple(getattr(instance, name) for name in fields)
    noted._was_public = not noted._says_the_same and _are_public(sender, [instance.pk])


def _after_saving(sender: type[models.Model], instance: Any, **_: object) -> None:
    if instance._says_the_same:
        return
    if instance._was_public or _are_public(sender, [instance.pk]):
        published_changed()


def _before_deleting(sender: type[models.Model], instance: models.Model, **_: object) -> None:
    if _are_public(sender, [instance.pk]):
        published_changed()


def _after_relating(instance: models.Model, action: str, reverse: bool, **_: object) -> None:
    if action.startswith("post_") and type(instance) in RULES and _are_public(type(instance), [instance.pk]):
        published_changed()


def _after_bulk(sender: type[models.Model], pks: list[object], **_: object) -> None:
    if sender in RULES and not _collected.get() and _are_public(sender, pks):
        published_changed()


def _after_redaction(**_: object) -> None:
    published_changed()


def listen() -> None:
    """Of every model in RULES; the app calls it when all models are there."""
    for model in RULES:
        pre_save.connect(_before_saving, sender=model, dispatch_uid=f"version_before_{model._meta.label}")
        post_save.connect(_after_saving, sender=model, dispatch_uid=f"version_after_{model._meta.label}")
        pre_delete.connect(_before_deleting, sender=model, dispatch_uid=f"version_deleting_{model._meta.label}")
        for relation in model._meta.many_to_many:
            through: Any = relation.remote_field.through
            m2m_changed.connect(_after_relating, sender=through, dispatch_uid=f"version_relating_{through._meta.label}")
    written.connect(_after_bulk, dispatch_uid="version_bulk")
    redacted.connect(_after_redaction, dispatch_uid="version_redaction")
