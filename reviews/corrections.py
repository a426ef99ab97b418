"""What can be corrected in a published report, and how a corrected value is read. The act is workflow.correct()."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts.models import User
from core import grammar
from core.fields import field_label, model_field
from core.fiscal import era_date, era_fiscal_year
from core.history import signed
from core.text import plain_decimal
from policies.models import Grade
from programs.models import Indicator, IndicatorActual, IndicatorTarget
from reviews import report_fields
from reviews.models import (
    Contribution,
    Effect,
    EffectKind,
    EffectPlace,
    PublishedReport,
    Report,
    ReportActual,
)
from reviews.report_fields import FieldKind
from reviews.settling import settled_keys

JUDGEMENT = "judgement:"  # before the key of an axis beside the first
CORRECTION = "訂正"  # the act, as histories name it


# Words of a row beside what its report said.
_NAMED = ("name", "policy_name", "direction_name", "note")
# What is published of an actual beside its value: name in the row → its Japanese name, the kind of text that it is.
_OF_ACTUAL = {
    "note": field_label(ReportActual, "note"),
    "is_forecast": field_label(ReportActual, "is_forecast"),
    "name": field_label(Indicator, "name"),
    "unit": field_label(Indicator, "unit"),
    "target": field_label(IndicatorTarget, "value"),
    "target_text": field_label(IndicatorTarget, "text"),
}
_YES, _NO = "はい", "いいえ"
_LONGEST_LABEL = 100
_LONGEST_LIST = 1000
_TOO_LONG = "{limit}文字以内にしてください（{length}文字あります）。"
_MODEL_OF_ACTUAL: dict[str, tuple[type[Model], str]] = {
    "name": (Indicator, "name"),
    "unit": (Indicator, "unit"),
    "target_text": (IndicatorTarget, "text"),
}


@dataclass(frozen=True)
class Correctable:
    """One value of a published report: its key (`grade`, `judgement:outcome`, `actuals:1:2014`, `actuals:1:2014:note`, `effects:2014:saving:actual`,
    `effect_notes:2014:saving:actual`, `contributions:1`), name and text."""

    field: str
    label: str
    value: str


def _correctable(field: str, label: str, value: object) -> Correctable:
    text = (_YES if value else _NO) if isinstance(value, bool) else "" if value is None else str(value)
    return Correctable(field, label[:_LONGEST_LABEL], text)


def correctables(row: PublishedReport) -> list[Correctable]:
    """List everything that can be corrected in a row, as it was published."""
    found = []
    for field in report_fields.FIELDS:
        value = getattr(row, field.as_frozen)
        if field.kind is FieldKind.CHOICE and not value and not Report.offered(row.round.plan_id, field.name):
            continue  # the plan does not ask for it
        found.append(_correctable(field.name, field_label(Report, field.name), value))
    judged = {each.axis.key: each for each in row.judgements.select_related("axis")} if row.round.further_axes else {}
    for axis in row.round.further_axes:
        given = judged.get(axis["key"])
        found.append(_correctable(f"{JUDGEMENT}{axis['key']}", axis["name"], given.grade_code if given else ""))
    for name in _NAMED:
        found.append(_correctable(name, field_label(PublishedReport, name), getattr(row, name)))
    owners = "、".join(each["name"] for each in row.departments)
    found.append(_correctable("departments", field_label(PublishedReport, "departments"), owners))
    for place, each in enumerate(row.contributions, 1):
        found.append(_correctable(f"contributions:{place}", f"{each['department']}の取組", each["text"]))
    for actual in row.actuals:
        key = f"actuals:{actual['indicator']}:{actual['fiscal_year']}"
        year = era_fiscal_year(actual["fiscal_year"])
        what = f"指標{actual['indicator']} {actual['name']}"
        found.append(_correctable(key, f"{what}の実績（{year}）", actual["value"]))
        for name, label in _OF_ACTUAL.items():
            found.append(_correctable(f"{key}:{name}", f"{label} {what}（{year}）", actual[name]))
    for effect in row.effects:
        place_of = EffectPlace.told(effect)
        where = f"{era_fiscal_year(place_of.fiscal_year)} {EffectKind(place_of.kind).label}（{place_of.marks}"
        key = place_of.joined(":")
        found.append(_correctable(f"effects:{key}", f"効果額 {where}、千円）", effect["amount"]))
        found.append(_correctable(f"effect_notes:{key}", f"効果額の補足 {where}）", effect["note"]))
    return found


def read_new(row: PublishedReport, field: str, new: object) -> str:
    """Give the corrected value as the erratum keeps it: a grade code, a text, an ISO day, a plain number, or 千円; "" if nothing
    should have been published. Raises ValidationError for what the field cannot hold."""
    try:
        text = grammar.text(new).strip()
        if not text and not field.endswith(":is_forecast"):
            return ""
        if declared := report_fields.BY_NAME.get(field):
            text = _READERS[declared.kind](row, field, text)
        else:
            text = _other(row, field, text)
    except ValueError as error:
        raise ValidationError({"new": str(error)}) from error
    return text


def _other(row: PublishedReport, field: str, text: str) -> str:
    """Of what stands beside the report's own fields."""
    kind, *key = field.split(":")
    if field.startswith(JUDGEMENT):
        return _judgement(row, key[0], text)
    part = key[2] if kind == "actuals" and len(key) > 2 else ""
    if part == "is_forecast":
        return _YES if grammar.flag(text) else _NO
    if kind == "effects":
        return _amount(text)
    if kind == "actuals" and part in ("", "target"):
        return _number(text)
    fields: dict[str, tuple[type[Model], str]] = {
        "actuals": _MODEL_OF_ACTUAL.get(part, (ReportActual, "note")),
        "effect_notes": (Effect, "note"),
        "contributions": (Contribution, "text"),
    }
    model, name = fields.get(kind, (PublishedReport, field))
    limit = getattr(model_field(model, name), "max_length", None) or _LONGEST_LIST
    if len(text) > limit:
        raise ValueError(_TOO_LONG.format(limit=limit, length=len(text)))
    return text


def _grade(row: PublishedReport, _field: str, text: str) -> str:
    codes = Grade.objects.main_of(row.round.plan_id).values_list("code", flat=True)
    found = grammar.Codes((each, each) for each in codes).meant(grammar.code(text))
    if found is None:
        raise ValueError(f"「{text}」という評価はこの計画にありません。評価の記号を入力してください。")
    return found


def _judgement(row: PublishedReport, key: str, text: str) -> str:
    """A grade of that axis as it was published with the round."""
    axis = next(axis for axis in row.round.further_axes if axis["key"] == key)
    codes = [str(grade["code"]) for grade in axis["grades"]]
    found = grammar.Codes((each, each) for each in codes).meant(grammar.code(text))
    if found is None:
        raise ValueError(f"「{text}」という評価は{axis['name']}にありません。使えるのは {'、'.join(codes)} です。")
    return found


def _choice(row: PublishedReport, field: str, text: str) -> str:
    """One of the plan's list."""
    names = [str(each) for each in Report.offered(row.round.plan_id, field)]
    return grammar.choice(text, dict(zip(names, names, strict=True)))


def _text(_row: PublishedReport, field: str, text: str) -> str:
    limit = model_field(Report, field).max_length or 0
    if len(text) > limit:
        raise ValueError(_TOO_LONG.format(limit=limit, length=len(text)))
    return text


def _recovery(row: PublishedReport, _field: str, text: str) -> str:
    day = grammar.day(text)
    if day is None or day <= row.round.as_of:
        raise ValueError(f"回復予定日は、調査の基準日（{era_date(row.round.as_of)}）より後の日にしてください。")
    return day.isoformat()


_READERS = {FieldKind.GRADE: _grade, FieldKind.CHOICE: _choice, FieldKind.TEXT: _text, FieldKind.DAY: _recovery}


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
    """Correct the figure that holds now too, as long as it is still the one that this report gave and was not settled since.
    `old` and `new` are texts as `read_new` gives them."""
    kind, *key = field.split(":")
    if kind == "actuals":
        number, year, *part = key
        _follow_actual(row, number, year, part[0] if part else "value", old, new, by)
    elif kind in ("effects", "effect_notes"):
        _follow_effect(
            row, EffectPlace.parse(":".join(key), ":"), "amount" if kind == "effects" else "note", old, new, by
        )


def _follow_actual(row: PublishedReport, number: str, year: str, name: str, old: str, new: str, by: User) -> None:
    if name not in ("value", "note", "is_forecast"):
        return  # what the indicator means and is to reach holds by the edition
    was, now = _stored(name, old), _stored(name, new)
    actual = IndicatorActual.objects.filter(
        indicator__program=row.program_id, indicator__number=number, fiscal_year=year, **{name: was}
    ).first()
    if actual is not None and (actual.indicator_id, actual.fiscal_year) not in settled_keys([row.program_id]):
        says = {"value": actual.value, "note": actual.note} | {name: now}
        _replace(actual, name, now, is_empty=says["value"] is None and not says["note"], by=by)


def _follow_effect(row: PublishedReport, place: EffectPlace, name: str, old: str, new: str, by: User) -> None:
    was, now = _stored(name, old), _stored(name, new)
    effect = Effect.objects.filter(program=row.program_id, **place._asdict(), **{name: was}).first()
    if effect is not None and (row.program_id, *place) not in settled_keys([row.program_id]):
        _replace(effect, name, now, is_empty=now is None, by=by)


def _stored(name: str, text: str) -> Decimal | bool | str | None:
    if name in ("value", "amount"):
        return Decimal(text) if text else None
    return text == _YES if name == "is_forecast" else text


def _replace(figure: Model, name: str, now: object, *, is_empty: bool, by: User) -> None:
    """Change a figure that holds now; one that says nothing any more goes."""
    if is_empty:
        signed(figure, by, CORRECTION).delete()
        return
    setattr(figure, name, now)
    signed(figure, by, CORRECTION).save()
