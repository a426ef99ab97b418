"""公開版: a number and a moment that move with everything that citizens can read, in its transaction, and with nothing else.

What is kept of public pages and files hangs on it (docs/decisions/0040-published-version.md). It is deduced from what is
written, so that no act has to think of it: a row that was or is public moves it, a draft does not. `RULES` says of every
model which of its rows are public; a test holds that none is missing. With each move is noted of which items it may have
changed what is searched (figures/touched.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Right
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.utils import timezone

from accounts.models import Department
from committee.models import KeyProgram, Meeting, Opinion
from core.history import BATCH, written
from figures import touched
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
    fields that no page shows. `item` leads to the items whose texts a row can change for the search; "": those of its whole
    plan; None: none, the search reads nothing of it."""

    plan: str = "plan"
    when: Q = _EVERY
    unseen: tuple[str, ...] = ()
    item: str | None = ""

    @property
    def condition(self) -> Q:
        return self.when & Q(**{f"{self.plan}__is_public": True}) if self.plan else self.when

    @property
    def reach(self) -> str:
        """Leads to the key of the item or plan whose texts a row can change; "": to none."""
        return "" if self.item is None else self.item or self.plan


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
    Source: Rule(when=Q(pk__in=Source.objects.shown().values("pk")), item=None),
    Edition: Rule(when=_known_edition(), unseen=("frozen_by",)),
    Viewpoint: Rule(item=None),
    Direction: Rule(item=None),
    Policy: Rule(),
    Position: Rule(item=None),
    Axis: Rule(item=None),
    Grade: Rule(unseen=("note",), item=None),
    Scale: Rule(item=None),
    DelayCause: Rule(item=None),
    LineagePlan: Rule(item=None),
    LineageFigure: Rule(unseen=("note",), item=None),
    LineageNote: Rule(item=None),
    Program: Rule(when=Q(public_at__isnull=False), item="pk"),
    ProgramEdition: Rule("program__plan", _frozen("edition"), item="program"),
    Responsibility: Rule(
        "program_edition__program__plan", _frozen("program_edition__edition"), item="program_edition__program"
    ),
    YearPlan: Rule(
        "program_edition__program__plan", _frozen("program_edition__edition"), item="program_edition__program"
    ),
    Indicator: Rule(
        "program__plan", _frozen("targets__edition") | Q(actuals__isnull=False) & _shown("program"), item="program"
    ),
    IndicatorTarget: Rule("indicator__program__plan", _frozen("edition"), item="indicator__program"),
    IndicatorActual: Rule("indicator__program__plan", _shown("indicator__program"), item="indicator__program"),
    PlanIndicator: Rule(when=_published(), unseen=("published_by",), item=None),
    PlanIndicatorTarget: Rule("indicator__plan", _published(), unseen=("published_by",), item=None),
    PlanIndicatorActual: Rule("indicator__plan", _published(), unseen=("published_by",), item=None),
    PlanIndicatorErratum: Rule(unseen=("corrected_by",), item=None),
    ContentErratum: Rule(unseen=("corrected_by",), item="program_edition__program"),
    LateContent: Rule(unseen=("learned_by",), item="program_edition__program"),
    Revision: Rule(when=_known_edition("to_edition"), item=None),
    RevisionMark: Rule("revision__plan", _known_edition("revision__to_edition"), unseen=("note",), item="program"),
    Effect: Rule("program__plan", _shown("program"), item="program"),
    Round: Rule(when=Round.public_when, unseen=("opens_on", "due_on", "state", "published_by")),
    PublishedReport: Rule("round__plan", item="program"),
    PublishedJudgement: Rule("published_report__round__plan", item="published_report__program"),
    Settlement: Rule(when=_shown("program"), unseen=("settled_by",), item="program"),
    ReportErratum: Rule(unseen=("corrected_by",), item="published_report__program"),
    Redaction: Rule(when=Q(is_public=True), unseen=("redacted_by",), item=None),
    KeyProgram: Rule("program__plan", _shown("program"), item="program"),
    Meeting: Rule(when=Meeting.public_when, unseen=("opinions_due_on",), item="opinions__program"),
    Opinion: Rule(when=Q(published_on__isnull=False), unseen=("author",), item="program"),
    PublishedFigure: Rule(item=None),
}


@dataclass(frozen=True)
class Version:
    number: int
    moved_at: datetime
    touched: str = ""

    def items_since(self, before: Version, plan: int) -> frozenset[int] | None:
        """The items of a plan of which something that is searched may be other than it was. None: all of them."""
        return touched.between((before.number, before.moved_at), self.number, self.touched, plan)


def published_changed(reached: Collection[str] = (touched.EVERYTHING,)) -> None:
    """Move the version with the transaction around it. Called by this module, and by whoever writes around the models. What
    the search must read anew is everything, if nobody says less (as figures/touched.py writes it)."""
    collecting = _collected.get()
    if collecting is not None:
        collecting.append(True)
        return
    now = timezone.now()
    noted = Right(Concat(F("touched"), Value(touched.entry(now, reached))), touched.LENGTH)
    moved = PublishedVersion.objects.filter(pk=ROW).update(number=F("number") + 1, moved_at=now, touched=noted)
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
            known = (asked, Version(row.number, row.moved_at, row.touched) if row else _NEVER)
            # A number that is not committed yet may come to stand for something else.
            if before == _changes and not _moves_here():
                _known = known
    return known[1]


def last_known() -> int | None:
    """The number that this process has read last, however long ago; None after a change of its own. No query."""
    known = _known
    return known[1].number if known is not None else None


def settled() -> int | None:
    """The number of the version under which this process may keep what it finds in public rows from now on."""
    return found.number if (found := settled_version()) else None


def settled_version() -> Version | None:
    """None within a transaction that changes public rows: what it sees may never be."""
    return None if _moves_here() else current()


def _moves_here() -> bool:
    """Whether the transaction around has moved the version, or will at its end."""
    return bool(_collected.get()) or any(
        function is forget for _, function, *_ in transaction.get_connection().run_on_commit
    )


# --- deducing ---


def _reached(model: type[models.Model], pks: Sequence[object]) -> set[str] | None:
    """What of the search rows can change, of those that are public (as figures/touched.py writes it); None: none is public.
    One query for each batch, until more were found than one move notes."""
    rule = RULES[model]
    public = model._base_manager.filter(rule.condition).order_by()
    found: set[str] | None = None
    for start in range(0, len(pks), BATCH):
        rows = public.filter(pk__in=pks[start : start + BATCH])
        if not rule.reach:
            if rows.exists():
                return set() if rule.item is None else {touched.EVERYTHING}
        elif keys := list(rows.values_list(rule.reach, flat=True).distinct()[: touched.MOST + 1]):
            known = (key for key in keys if key is not None)  # an opinion may be of no item
            found = (found or set()) | {str(key) if rule.item else touched.whole(key) for key in known}
            if len(found) > touched.MOST:
                break
    return found


@cache
def _seen_fields(model: type[models.Model]) -> tuple[str, ...]:
    hidden = {*RULES[model].unseen, "version", "search_text", "sort_key"}
    return tuple(each.attname for each in model._meta.concrete_fields if each.name not in hidden)


@cache
def _belongs_by(model: Any) -> str:
    """The field by which a row belongs to what it reaches; its key, if nothing of the row says that."""
    first = RULES[model].reach.split("__")[0]
    field = None if first in ("", "pk") else model._meta.get_field(first)
    name: str = field.attname if field is not None and field.concrete else "pk"
    return name


def _before_saving(sender: type[models.Model], instance: models.Model, raw: bool = False, **_: object) -> None:
    """Note whether citizens read the row, and whether it says something else now."""
    noted: Any = instance
    noted._reached, noted._says_the_same = None, False
    if instance.pk is None or raw:
        return
    fields = _seen_fields(sender)
    stored = sender._base_manager.filter(pk=instance.pk).values(*fields).first()
    if stored is None:
        return
    noted._says_the_same = all(stored[name] == getattr(instance, name) for name in fields)
    noted._reached = None if noted._says_the_same else _reached(sender, [instance.pk])
    by = _belongs_by(sender)
    if noted._reached is not None and by != "pk" and stored[by] != getattr(instance, by):
        noted._reached = {touched.EVERYTHING}  # it goes from one item to another


def _after_saving(sender: type[models.Model], instance: Any, **_: object) -> None:
    if not instance._says_the_same:
        _move_if_public(instance._reached if instance._reached is not None else _reached(sender, [instance.pk]))


def _before_deleting(sender: type[models.Model], instance: models.Model, **_: object) -> None:
    _move_if_public(_reached(sender, [instance.pk]))


def _after_relating(instance: models.Model, action: str, reverse: bool, **_: object) -> None:
    if action.startswith("post_") and type(instance) in RULES:
        _move_if_public(_reached(type(instance), [instance.pk]))


def _after_bulk(sender: type[models.Model], pks: list[object], **_: object) -> None:
    if sender in RULES and not _collected.get():
        _move_if_public(_reached(sender, pks))


def _move_if_public(reached: set[str] | None) -> None:
    if reached is not None:
        published_changed(reached)


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
