"""What the accounts settle after a survey: the value that holds from then on, beside what was published. No erratum: nothing
was wrong, it was not known yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import User
from core import grammar
from core.acts import WrongState, require
from core.fiscal import era_fiscal_year, fiscal_year_of
from core.history import signed
from policies.models import Source
from programs.models import Indicator, IndicatorActual, Program
from reviews.models import Basis, Effect, EffectPlace, Settlement

PERMISSION = "reviews.add_settlement"
REASON = "決算で確定した値の登録"
# What can be settled: an amount of an effect on the basis 実績, or an indicator in a fiscal year.
Subject = EffectPlace | tuple[Indicator, int]


def settle(
    program: Program,
    subject: Subject,
    value: object,
    *,
    source: Source,
    settled_on: date,
    note: str = "",
    by: User,
) -> Settlement:
    """Register what was settled. `value` is what a person typed, an amount in the unit of the plan.

    Raises ValidationError for `value`, `settled_on` or `source`.
    """
    require(by, PERMISSION, "決算で確定した値を登録する")
    row = _row(program, subject, source, settled_on, note)
    errors = _wrong(row)
    try:
        row.value = _read(row, value)
    except ValueError as error:
        errors["value"] = [str(error)]
    if errors:
        raise ValidationError(errors)
    row.settled_by = by
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",)).get(pk=program.pk)
        _set_before(row)
        known = earlier(row).last()
        if known is not None and known.value == row.value:
            raise ValidationError({"value": ["登録されている、決算で確定した値と同じです。"]})
        row.full_clean(exclude=["plan", "program", "settled_by"])
        _hold(row, by)
        signed(row, by, REASON).save()
    return row


def earlier(row: Settlement) -> QuerySet[Settlement]:
    """What was settled of the same value before."""
    place = {name: getattr(row, name) for name in ("program", "indicator", "fiscal_year", "kind", "account", "series")}
    return Settlement.objects.filter(**place).order_by("pk")


def settled_keys(programs: QuerySet[Program] | Iterable[int]) -> set[tuple[object, ...]]:
    """Values that are settled: (indicator, year), or (item, year, kind, basis, account, series), by primary keys. A report
    does not replace them any more."""
    found: set[tuple[object, ...]] = set()
    for row in Settlement.objects.filter(program__in=programs):
        found.add((row.indicator_id, row.fiscal_year) if row.indicator_id else (row.program_id, *row.place))
    return found


_asked: ContextVar[set[tuple[object, ...]] | None] = ContextVar("_asked", default=None)


@contextmanager
def settled_once(programs: Collection[int]) -> Iterator[None]:
    """For a list of many rows: what of these items is settled is asked once, and nothing more is settled meanwhile."""
    list(Program.objects.select_for_update(of=("self",)).filter(pk__in=programs).order_by("pk").values_list("pk"))
    token = _asked.set(settled_keys(programs))
    try:
        yield
    finally:
        _asked.reset(token)


def refuse_settled(sender: type[Model], row: Model, changed: Collection[str], **_: object) -> None:
    """What the accounts settled is not changed by a form or list of what was reached; what is said beside it may be."""
    if not isinstance(row, IndicatorActual) or not {"value", "is_forecast"} & set(changed):
        return
    asked = _asked.get()
    known = settled_keys([row.indicator.program_id]) if asked is None else asked
    if (row.indicator_id, row.fiscal_year) in known:
        raise WrongState(
            f"{era_fiscal_year(row.fiscal_year)}の「{row.indicator}」は、決算で確定した値が登録されているため、変えられません。"
            "変わったときは、実施項目の画面の「決算で確定した値を登録する」から登録してください。"
        )


def _row(program: Program, subject: Subject, source: Source, settled_on: date, note: str) -> Settlement:
    row = Settlement(plan=program.plan, program=program, source=source, settled_on=settled_on, note=note.strip())
    if isinstance(subject, EffectPlace):
        row.fiscal_year, row.kind = subject.fiscal_year, subject.kind
        row.account, row.series = subject.account, subject.series
    else:
        row.indicator, row.fiscal_year = subject
    return row


def _wrong(row: Settlement) -> dict[str, list[str]]:
    errors = {}
    if row.settled_on > timezone.localdate():
        errors["settled_on"] = ["確定した日は、今日までの日にしてください。"]
    elif fiscal_year_of(row.settled_on) <= row.fiscal_year:
        year = era_fiscal_year(row.fiscal_year)
        errors["settled_on"] = [
            f"{year}の決算は、年度が終わったあと（{row.fiscal_year + 1}年4月1日以後）の日にしてください。"
        ]
    if row.source.plan_id != row.plan_id:
        errors["source"] = ["同じ計画の出典を選んでください。"]
    return errors


def _read(row: Settlement, value: object) -> Decimal:
    found = grammar.number(value) if row.indicator else grammar.amount(value, row.plan.money_unit)
    if found is None:
        raise ValueError("決算で確定した値を入力してください。")
    return found


def _set_before(row: Settlement) -> None:
    """What holds until now: of an effect the surest amount."""
    if row.indicator is not None:
        held = IndicatorActual.objects.filter(indicator=row.indicator, fiscal_year=row.fiscal_year).first()
        if held is not None and held.value is not None:
            row.before, row.before_basis = held.value, Basis.FORECAST if held.is_forecast else Basis.ACTUAL
        return
    same = {name: value for name, value in row.place._asdict().items() if name != "basis"}
    amounts = {effect.basis: effect for effect in Effect.objects.filter(program=row.program, **same)}
    for basis in Basis.values:
        if basis != Basis.PLANNED and basis in amounts:
            row.before, row.before_basis = amounts[basis].amount, basis
            return


def _hold(row: Settlement, by: User) -> None:
    """Make the settled value the one that holds."""
    if row.indicator is not None:
        stored = IndicatorActual.objects.select_for_update(of=("self",))
        actual = stored.filter(indicator=row.indicator, fiscal_year=row.fiscal_year).first()
        actual = actual or IndicatorActual(indicator=row.indicator, fiscal_year=row.fiscal_year)
        actual.value, actual.is_forecast = row.value, False
        signed(actual, by, REASON).save()
        return
    amounts = Effect.objects.select_for_update(of=("self",))
    effect = amounts.filter(program=row.program, **row.place._asdict()).first()
    effect = effect or Effect(program=row.program, **row.place._asdict())
    effect.amount, effect.source = row.value, row.source
    signed(effect, by, REASON).save()
