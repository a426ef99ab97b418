"""The figures of a report: indicator actuals and effect amounts, replaced as a whole. Called by reviews/workflow.py."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts.models import User
from core.fiscal import era_fiscal_year
from core.history import create_with_history, signed, update_with_history
from programs.models import Indicator
from reviews.models import EffectPlace, Report, ReportActual, ReportEffect

_Row = TypeVar("_Row", bound=Model)
_Key = TypeVar("_Key", bound=Hashable)


class Actual(NamedTuple):
    """What a person states about an indicator in one fiscal year. Without value and note it is no statement."""

    value: Decimal | None
    is_forecast: bool = False
    note: str = ""


class Amount(NamedTuple):
    """An effect amount in 千円; kind, basis, account and series are values of EffectKind, Basis, Account and Series."""

    fiscal_year: int
    kind: str
    basis: str
    amount: Decimal | int
    note: str = ""
    account: str = ""
    series: str = ""


# (indicator's primary key, fiscal year) → what is stated. Plain tuples in the same order will do.
Actuals = Mapping[tuple[int, int], Actual]


def write_actuals(report: Report, actuals: Actuals, *, by: User, reason: str) -> None:
    """Make these the actuals of a locked report. Raises ValidationError for `actuals`."""
    indicators = Indicator.objects.filter(program=report.program_id).in_bulk()
    rows, errors = actual_rows(report, indicators, actuals)
    _refuse("actuals", errors)
    old = {(row.indicator_id, row.fiscal_year): row for row in report.actuals.all()}
    _replace(ReportActual, old, rows, ("value", "is_forecast", "note"), by=by, reason=reason)


def write_effects(report: Report, effects: Iterable[Amount], *, by: User, reason: str) -> None:
    """Make these the effect amounts of a locked report. Raises ValidationError for `effects`."""
    rows, errors = effect_rows(report, effects)
    _refuse("effects", errors)
    old = {row.place: row for row in report.effects.all()}
    _replace(ReportEffect, old, rows, ("amount", "note"), by=by, reason=reason)


def actual_rows(
    report: Report, indicators: Mapping[int, Indicator], actuals: Actuals
) -> tuple[dict[tuple[int, int], ReportActual], list[str]]:
    """The rows that say these actuals, not stored, and what is wrong with them. `indicators`: the item's, of other items too."""
    rows, errors = {}, []
    for (indicator, fiscal_year), stated in actuals.items():
        actual = Actual(*stated)
        if actual.value is None and not actual.note.strip():
            continue
        if indicator not in indicators or indicators[indicator].program_id != report.program_id:
            errors.append("この項目にない指標の実績です。画面を開き直してください。")
            continue
        row = ReportActual(report=report, indicator=indicators[indicator], fiscal_year=fiscal_year, **actual._asdict())
        name = f"{indicators[indicator].name}（{fiscal_year}年度）"
        errors += _problems(row, name, ("fiscal_year", "value", "note"))
        rows[indicator, fiscal_year] = row
    return rows, errors


def effect_rows(report: Report, effects: Iterable[Amount]) -> tuple[dict[EffectPlace, ReportEffect], list[str]]:
    """The rows that say these amounts, not stored, and what is wrong with them."""
    rows: dict[EffectPlace, ReportEffect] = {}
    errors = []
    for stated in effects:
        row = ReportEffect(report=report, **Amount(*stated)._asdict())
        problems = _problems(row, f"{row.fiscal_year}年度", Amount._fields)
        if not problems and row.place in rows:
            year, *_rest = row.place
            problems = [
                f"{era_fiscal_year(year)}の{row.get_kind_display()}（{row.place.marks}）が二つ以上あります。一つにまとめてください。"
            ]
        errors += problems
        rows[row.place] = row
    return rows, errors


def _problems(row: Model, name: str, fields: tuple[str, ...]) -> list[str]:
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in fields])
    except ValidationError as error:
        labels = {field.name: str(field.verbose_name) for field in row._meta.fields}
        return [f"{name} {labels[field]}: {text}" for field, texts in error.message_dict.items() for text in texts]
    return []


def _refuse(field: str, errors: list[str]) -> None:
    if errors:
        raise ValidationError({field: errors})


def _replace(
    model: type[_Row],
    old: Mapping[_Key, _Row],
    new: Mapping[_Key, _Row],
    values: tuple[str, ...],
    *,
    by: User,
    reason: str,
) -> None:
    """Add, change and take away rows until `old` says what `new` says, each with its history."""
    changed = []
    for key, row in new.items():
        stored = old.get(key)
        if stored is not None and any(getattr(stored, name) != getattr(row, name) for name in values):
            for name in values:
                setattr(stored, name, getattr(row, name))
            changed.append(stored)
    for key, row in old.items():
        if key not in new:
            signed(row, by, reason).delete()
    create_with_history(model, [row for key, row in new.items() if key not in old], by=by, reason=reason)
    update_with_history(model, changed, by=by, reason=reason)
