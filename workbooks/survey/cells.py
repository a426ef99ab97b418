"""What a sheet asks about one report, as a flat mapping of cell names to texts.

    grade  progress  delay_cause …    the fields of a report (reviews/report_fields.py): codes, names, texts, ISO days
    judgement/<axis>                 the code of a grade, by each further axis on which departments judge
    actual/<indicator number>/value|forecast|note                       of the round's fiscal year; forecast is "1" or ""
    effect/<fiscal year>/<kind>/<basis>/amount|note                     thousands of yen; behind the basis stand account
                                                                        and series, where one of them is known
    contribution                                                        of the sheet's department, where it does not lead

"" is an empty cell; an effect without an amount does not exist. Texts are compared without the space around them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.fields import field_label
from core.fiscal import era_date
from core.money import in_unit
from core.text import plain_decimal, show_number
from policies.models import Grade, Judge, Plan
from programs.models import Indicator
from reviews import report_fields
from reviews.judging import axes_judged_by
from reviews.models import EffectPlace, Report, ReportEffect
from reviews.report_fields import FieldKind
from reviews.report_figures import Actual, Amount
from workbooks.writer import clean_text

ACTUAL = ("value", "forecast", "note")
JUDGEMENT = "judgement/"  # before the key of an axis
# What the fields with a list are chosen from: field → text of a cell → the choice, in order. What it is a record of, the
# field says: a grade, a cause of delays.
Choices = Mapping[str, Mapping[str, Any]]


def text_of(value: object) -> str:
    """Give a stored value as the text of a cell."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, Grade):
        return value.code
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return clean_text(str(value)).strip()


def choices_of(plan: Plan) -> Choices:
    """What a plan lets its departments choose from. One query a field, and one for its axes."""
    of_fields = {
        name: {text_of(choice): choice for choice in Report.offered(plan.pk, name)}
        for name in report_fields.names(FieldKind.GRADE, FieldKind.CHOICE)
    }
    axes = axes_judged_by(plan, [Judge.DEPARTMENT])
    return of_fields | {
        f"{JUDGEMENT}{axis.key}": {grade.code: grade for grade in grades}
        for axis in axes
        if (grades := axis.grades.all())
    }


def judgement_title(grades: Mapping[str, Grade]) -> str:
    """What the column of an axis beside the first is called, from what can be chosen there."""
    return f"評価（{next(iter(grades.values())).axis}）"


def digest(text: str) -> str:
    """A short mark of a cell's text; equal texts have equal marks."""
    return "h" + hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def flat(report: Report, fiscal_year: int) -> dict[str, str]:
    """Give all filled cells of a report: name → text. Its actuals (with indicator) and effects should be prefetched."""
    cells = {name: text_of(getattr(report, name)) for name in Report.CONTENT}
    if axes := {axis.pk: axis.key for axis in axes_judged_by(report.round.plan, [Judge.DEPARTMENT])}:
        for judged in report.judgements.all():
            if judged.axis_id in axes:
                cells[f"{JUDGEMENT}{axes[judged.axis_id]}"] = judged.grade.code
    for actual in report.actuals.all():
        if actual.fiscal_year == fiscal_year:
            place = f"actual/{actual.indicator.number}"
            cells[f"{place}/value"] = text_of(actual.value)
            cells[f"{place}/forecast"] = text_of(actual.is_forecast)
            cells[f"{place}/note"] = text_of(actual.note)
    for effect in report.effects.all():
        cells[f"{effect_key(effect)}/amount"] = text_of(effect.amount)
        cells[f"{effect_key(effect)}/note"] = text_of(effect.note)
    return cells


def effect_key(effect: ReportEffect) -> str:
    """Give the first part of the names of an effect's cells: effect/2014/saving/actual."""
    return f"effect/{effect.place.joined('/')}"


def content(
    report: Report,
    changed: Mapping[str, str],
    *,
    fiscal_year: int,
    choices: Choices,
    indicators: Iterable[Indicator],
) -> dict[str, object]:
    """Give what `workflow.save_draft` takes to write the cells of `changed`; figures that nobody touched are left out
    of it."""
    fields: dict[str, object] = {
        name: _typed(name, text, choices) for name, text in changed.items() if name in Report.CONTENT
    }
    cells = flat(report, fiscal_year) | dict(changed)
    if any(name.startswith("actual/") for name in changed):
        fields["actuals"] = _actuals(report, cells, fiscal_year, indicators)
    if judged := {name: text for name, text in changed.items() if name.startswith(JUDGEMENT)}:
        fields["judgements"] = {
            name.removeprefix(JUDGEMENT): choices[name][text] if text else None for name, text in judged.items()
        }
    if any(name.startswith("effect/") for name in changed):
        fields["effects"] = amounts_of(cells)
    return fields


def _actuals(
    report: Report, cells: Mapping[str, str], fiscal_year: int, indicators: Iterable[Indicator]
) -> dict[tuple[int, int], Actual]:
    """All actuals of the report: those that the sheet does not ask for stay as they are."""
    stated = {(a.indicator_id, a.fiscal_year): Actual(a.value, a.is_forecast, a.note) for a in report.actuals.all()}
    for indicator in indicators:
        value, forecast, note = (cells.get(f"actual/{indicator.number}/{part}", "") for part in ACTUAL)
        stated[indicator.pk, fiscal_year] = Actual(Decimal(value) if value else None, bool(forecast), note)
    return stated


def amounts_of(cells: Mapping[str, str]) -> list[Amount]:
    """The effects that the cells of a report state."""
    amounts = []
    for name, text in cells.items():
        if name.startswith("effect/") and name.endswith("/amount") and text:
            key = name.removesuffix("/amount")
            place = EffectPlace.parse(key.removeprefix("effect/"), "/")
            amounts.append(Amount(amount=Decimal(text), note=cells.get(f"{key}/note", ""), **place._asdict()))
    return amounts


def _typed(name: str, text: str, choices: Choices) -> object:
    match report_fields.BY_NAME[name].kind:
        case FieldKind.GRADE | FieldKind.CHOICE:
            return choices[name][text] if text else None
        case FieldKind.DAY:
            return date.fromisoformat(text) if text else None
    return text


def filled_in(report: Report, cells: Mapping[str, str], choices: Choices) -> Report:
    """Give the report as it would be with these cells, not stored and without figures."""
    trial = Report(round=report.round, program=report.program)
    for name in Report.CONTENT:
        setattr(trial, name, _typed(name, cells.get(name, ""), choices))
    return trial


def label(name: str, indicators: Mapping[int, Indicator], choices: Choices) -> str:
    """Give the name of a cell as people know it. Raises ValueError for a name that no cell has."""
    match name.split("/"):
        case ["contribution"]:
            return "関係課の記入"
        case [field]:
            return field_label(Report, field)
        case ["judgement", _]:
            return judgement_title(choices[name])
        case ["actual", number, part]:
            what = {"value": "実績値", "forecast": "見込", "note": "補足"}[part]
            return f"成果指標「{indicators[int(number)]}」の{what}"
        case ["effect", *place, part]:
            what = {"amount": "金額", "note": "補足"}[part]
            return f"効果額 {EffectPlace.parse('/'.join(place), '/')}の{what}"
    raise ValueError(f"no cell is called {name!r}")


def shown(name: str, text: str, choices: Choices, unit: str) -> str:
    """Give the text of a cell as people read it, an amount in `unit`."""
    if not text:
        return ""
    if name in choices:
        return str(choices[name].get(text, text))
    if (field := report_fields.BY_NAME.get(name)) and field.kind is FieldKind.DAY:
        return era_date(date.fromisoformat(text))
    if name.endswith("/forecast"):
        return "見込"
    if name.endswith("/amount"):
        return f"{show_number(in_unit(Decimal(text), unit))}{unit}"
    if name.endswith("/value"):
        return show_number(Decimal(text))
    return text
