"""The acts on 全体の指標: published, and corrected from then on. What citizens read changes by an erratum alone.

New targets and actuals are added to a published indicator at any time; they are drafts until it is published again. The guard
stands on the signals of saving and deleting, so that forms, lists, cascades and other code are refused alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Unpack

from django.db import models, transaction
from django.db.models.signals import pre_delete, pre_save
from django.utils import timezone

from accounts.models import User
from core.acts import WrongState, require
from core.fields import field_label
from core.fiscal import fiscal_year_label
from core.history import signed
from policies.models import Edition
from programs.content import TYPED_FACTS
from programs.correction import REASON, Why, put, refuse_unseen, replace_one, said, shown
from programs.frozen import is_redacting
from programs.models import PlanIndicator, PlanIndicatorActual, PlanIndicatorErratum, PlanIndicatorTarget

PERMISSION = "programs.publish_planindicator"
_PUBLISHED = ("published_at", "published_by_id")
_TARGET, _ACTUAL = ("value", "text", "note"), ("value", "note")
# What of a published row stays as it is.
SETTLED: dict[type[models.Model], tuple[str, ...]] = {
    PlanIndicator: ("plan_id", "policy_id", "number", *TYPED_FACTS, *_PUBLISHED),
    PlanIndicatorTarget: ("indicator_id", "edition_id", "fiscal_year", *_TARGET, *_PUBLISHED),
    PlanIndicatorActual: ("indicator_id", "fiscal_year", "is_forecast", *_ACTUAL, *_PUBLISHED),
}
_correcting: ContextVar[bool] = ContextVar("_correcting", default=False)


class PublishedIndicator(WrongState):
    """The row is published."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(
            f"{row._meta.verbose_name}「{row}」は公開しているため、変えられません。"
            "誤りは、全体の指標の画面の「訂正する（正誤）」で直してください。"
        )


def publish(indicator: PlanIndicator, *, by: User) -> int:
    """Let citizens see an indicator: its values, and its targets in frozen editions. Returns how many rows are new to them."""
    require(by, PERMISSION, "全体の指標を公開する")
    with transaction.atomic():
        current = _lock(indicator)
        rows = to_publish(current)
        if not rows:
            raise WrongState(f"「{current}」には、これから公開するものがありません。")
        _publish(rows, by, "公開")
        return len(rows)


def to_publish(indicator: PlanIndicator) -> list[models.Model]:
    """What publishing would show citizens, that they do not see yet."""
    rows: list[models.Model] = [] if indicator.published_at else [indicator]
    rows += indicator.targets.filter(published_at=None, edition__frozen_at__isnull=False).select_related("edition")
    rows += indicator.actuals.filter(published_at=None)
    return rows


def publish_targets(edition: Edition, *, by: User) -> None:
    """With an edition its targets of published indicators are published. For the act that freezes it, which checks the person."""
    targets = PlanIndicatorTarget.objects.filter(
        edition=edition, published_at=None, indicator__published_at__isnull=False
    )
    _publish(targets, by, "確定")


def _publish(rows: Iterable[models.Model], by: User, reason: str) -> None:
    now = timezone.now()
    for row in rows:
        row.published_at, row.published_by = now, by  # type: ignore[attr-defined]
        signed(row, by, reason).save()


def _lock(indicator: PlanIndicator) -> PlanIndicator:
    return PlanIndicator.objects.select_for_update(of=("self",)).select_related("plan").get(pk=indicator.pk)


def _published_rows(
    indicator: PlanIndicator,
) -> Iterator[tuple[str, str, PlanIndicatorTarget | PlanIndicatorActual, tuple[str, ...]]]:
    """The published values: (their place, how it is called, the row, its fields)."""
    for target in indicator.targets.published().select_related("edition"):
        year = fiscal_year_label(target.fiscal_year)
        yield f"targets:{target.edition.key}:{target.fiscal_year}", f"目標 {year}「{target.edition}」", target, _TARGET
    for actual in indicator.actuals.published():
        kind, what = ("forecasts", "見込") if actual.is_forecast else ("actuals", "実績")
        yield f"{kind}:{actual.fiscal_year}", f"{what} {fiscal_year_label(actual.fiscal_year)}", actual, _ACTUAL


def fields_of(indicator: PlanIndicator) -> list[tuple[str, str, str]]:
    """List what of a published indicator can be corrected: (field, its Japanese name, what stands there now)."""
    found = [(name, field_label(PlanIndicator, name), shown(indicator, name)) for name in TYPED_FACTS]
    for place, what, row, names in _published_rows(indicator):
        for name in names:
            found.append((f"{place}:{name}", f"{what} {field_label(type(row), name)}"[:100], shown(row, name)))
    return found


def correct_indicator(
    indicator: PlanIndicator, field: str, new: str, *, by: User, **why: Unpack[Why]
) -> PlanIndicatorErratum:
    """Correct one field of a published indicator. `new` is text as people write it; a value that says nothing any more goes.

    Fields: those that an indicator means, targets:<edition>:<year>:value, …:text and …:note, actuals:<year>:value and …:note,
    and the same of forecasts.
    """
    require(by, PERMISSION, "公開した全体の指標を訂正する")
    reason, corrected_on = said(why)
    with transaction.atomic():
        current = _lock(indicator)
        if current.published_at is None:
            raise WrongState(f"「{current}」はまだ公開していません。全体の指標の画面で、そのまま直してください。")
        refuse_unseen(current.errata.all(), why.get("seen"))
        what = replace_one(lambda: fields_of(current), field, lambda: _write(current, field, new.strip(), by))
        erratum = PlanIndicatorErratum(
            plan=current.plan,
            indicator=current,
            reason=reason,
            corrected_on=corrected_on,
            corrected_by=by,
            **what,
        )
        signed(erratum, by, REASON).save()
        return erratum


def _write(indicator: PlanIndicator, field: str, new: str, by: User) -> None:
    place, _, name = field.rpartition(":")
    row: models.Model = indicator
    is_empty = False
    if place:
        row, names = next((row, names) for at, _what, row, names in _published_rows(indicator) if at == place)
        given = [getattr(row, other) for other in names if other != name and (other != "note" or "text" not in names)]
        is_empty = not new and all(value in (None, "") for value in given)
    with _letting_pass():
        put(row, name, new, by=by, is_empty=is_empty)


@contextmanager
def _letting_pass() -> Iterator[None]:
    token = _correcting.set(True)
    try:
        yield
    finally:
        _correcting.reset(token)


def _guard(sender: type[models.Model], instance: models.Model, raw: bool = False, **_: object) -> None:
    if raw or instance.pk is None or _correcting.get() or is_redacting():
        return
    names = SETTLED[sender]
    stored = sender._default_manager.filter(pk=instance.pk, published_at__isnull=False).values(*names).first()
    if stored and any(stored[name] != getattr(instance, name) for name in names):
        raise PublishedIndicator(instance)


def _guard_deletion(sender: type[models.Model], instance: models.Model, **_: object) -> None:
    if not _correcting.get() and sender._default_manager.filter(pk=instance.pk, published_at__isnull=False).exists():
        raise PublishedIndicator(instance)


def connect() -> None:
    """Set up the guard on the signals of the guarded models. Called once, when the app is ready."""
    for model in SETTLED:
        pre_save.connect(_guard, model, dispatch_uid=f"published.save.{model.__name__}")
        pre_delete.connect(_guard_deletion, model, dispatch_uid=f"published.delete.{model.__name__}")
