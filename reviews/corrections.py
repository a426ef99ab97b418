"""What can be corrected in a published report, and how a corrected value is read. The act is workflow.correct()."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.models import User
from core import grammar
from core.fields import field_label, model_field
from core.fiscal import era_date, era_fiscal_year
from core.history import signed
from core.text import plain_decimal
from policies.models import Grade
from programs.models import IndicatorActual
from reviews import report_fields
from reviews.models import Effect, EffectKind, EffectPlace, PublishedReport, Report, report_choices
from reviews.report_fields import Kind

CORRECTION = "訂正"  # the act, as histories name it


@dataclass(frozen=True)
class Correctable:
    """One value of a published report: its key (`grade`, `actuals:1:2014`, `effects:2014:saving:actual`), name and
    text."""

    field: str
    label: str
    value: str


def correctables(row: PublishedReport) -> list[Correctable]:
    """List everything that can be corrected in a row, as it was published."""
    found = []
    for field in report_fields.FIELDS:
        value = getattr(row, field.as_frozen)
        if field.kind is Kind.CHOICE and not value and not report_choices(row.round.plan_id, field.name):
            continue  # the plan does not ask for it
        label = field_label(Report, field.name)
        found.append(Correctable(field.name, label, "" if value is None else str(value)))
    for actual in row.actuals:
        found.append(
            Correctable(
                f"actuals:{actual['indicator']}:{actual['fiscal_year']}",
                f"指標{actual['indicator']} {actual['name']}の実績（{era_fiscal_year(actual['fiscal_year'])}）",
                actual["value"] or "",
            )
        )
    for effect in row.effects:
        place = EffectPlace.told(effect)
        kind = EffectKind(place.kind).label
        found.append(
            Correctable(
                f"effects:{place.joined(':')}",
                f"効果額 {era_fiscal_year(place.fiscal_year)} {kind}（{place.marks}、千円）",
                str(effect["amount"]),
            )
        )
    return found


def read_new(row: PublishedReport, field: str, new: object) -> str:
    """Give the corrected value as the erratum keeps it: a grade code, a text, an ISO day, a plain number, or 千円. Raises
    ValidationError for what the field cannot hold."""
    try:
        text = grammar.text(new).strip()
        if declared := report_fields.BY_NAME.get(field):
            text = _READERS[declared.kind](row, field, text)
        elif field.startswith("actuals:"):
            text = _number(text)
        else:
            text = _amount(text)
    except ValueError as error:
        raise ValidationError({"new": str(error)}) from error
    return text


def _grade(row: PublishedReport, _field: str, text: str) -> str:
    text = grammar.code(text)
    if not Grade.objects.filter(plan=row.round.plan_id, code=text).exists():
        raise ValueError(f"「{text}」という評価はこの計画にありません。評価の記号を入力してください。")
    return text


def _choice(row: PublishedReport, field: str, text: str) -> str:
    """One of the plan's list, or nothing."""
    names = [str(each) for each in report_choices(row.round.plan_id, field)]
    return grammar.choice(text, dict(zip(names, names, strict=True))) if text else ""


def _text(_row: PublishedReport, field: str, text: str) -> str:
    limit = model_field(Report, field).max_length or 0
    if len(text) > limit:
        raise ValueError(f"{limit}文字以内にしてください（{len(text)}文字あります）。")
    if field == "progress" and not text:
        raise ValueError("取組状況は空欄にできません。")
    return text


def _recovery(row: PublishedReport, _field: str, text: str) -> str:
    day = grammar.day(text)
    if day is None or day <= row.round.as_of:
        raise ValueError(f"回復予定日は、調査の基準日（{era_date(row.round.as_of)}）より後の日にしてください。")
    return day.isoformat()


_READERS = {Kind.GRADE: _grade, Kind.CHOICE: _choice, Kind.TEXT: _text, Kind.DAY: _recovery}


def _number(text: str) -> str:
    value = grammar.number(text)
    if value is None or value != round(value, 4) or abs(value) >= 10**14:
        raise ValueError(f"「{text}」は入力できません。小数は4桁までの数にしてください。")
    return plain_decimal(value) or ""


def _amount(text: str) -> str:
    """Of 千円, as the published text is; another unit stands behind the number."""
    amount = grammar.amount(text)
    if amount is None or abs(amount) >= 10**12:
        raise ValueError(f"「{text}」は入力できません。金額を入力してください（例: 1200、130.7百万円）。")
    return str(amount)


def follow(row: PublishedReport, field: str, old: str, new: str, *, by: User) -> None:
    """Correct the figure that holds now too, as long as it is still the one that this report gave. `old` and `new` are
    texts as `read_new` gives them."""
    kind, *key = field.split(":")
    if kind == "actuals":
        number, year = key
        actual = IndicatorActual.objects.filter(
            indicator__program=row.program_id, indicator__number=number, fiscal_year=year, value=old or None
        ).first()
        if actual is not None:
            actual.value = Decimal(new)
            signed(actual, by, CORRECTION).save()
    elif kind == "effects":
        place = EffectPlace.parse(":".join(key), ":")
        effect = Effect.objects.filter(program=row.program_id, amount=old, **place._asdict()).first()
        if effect is not None:
            effect.amount = Decimal(new)
            signed(effect, by, CORRECTION).save()
