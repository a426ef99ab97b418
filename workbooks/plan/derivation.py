"""What follows from a row and the tables around it, and what a row must hold beyond the database constraints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import cast

from core.text import fold, natural_key
from policies.models import MAIN_AXIS
from workbooks.plan.columns import Value
from workbooks.plan.specification import Rows, Values, place_of

PUBLISHED_SHAPES = {
    "departments": frozenset({"code", "name"}),
    "contributions": frozenset({"department", "text"}),
    "actuals": frozenset(
        {"indicator", "name", "unit", "fiscal_year", "target", "target_text", "value", "is_forecast", "note"}
    ),
    "effects": frozenset({"fiscal_year", "kind", "basis", "amount", "note"}),
}
ALSO_PUBLISHED = {"effects": frozenset({"account", "series"})}  # of an effect, where they are known


AS_PUBLISHED = "公表した日のままの記録。書き出した値をそのまま使います。"
_FRAMEWORK = {
    "grades": frozenset({"code", "label", "definition", "order", "tone"}),
    "policies": frozenset({"number", "name", "direction_number", "direction_name"}),
}
_AXIS = frozenset({"key", "name", "order", "judge", "definition", "grades"})
_EDITION = frozenset({"key", "name", "first_fiscal_year", "departments"})


def check_program(values: Values, _rows: Rows) -> Iterator[str]:
    """Yields Japanese messages."""
    if str(values["policy"]) in cast(tuple[str, ...], values["relisted_in"]):
        yield "もう一度載っている方針（relisted_in）に、項目自身の方針は書けません。ほかの方針だけを書いてください。"


def check_plan_value(values: Values, rows: Rows) -> Iterator[str]:
    """Check a target or an actual of 全体の指標. Yields Japanese messages."""
    indicator = rows["plan_indicators"].get((values["indicator"],))
    if values["published_at"] and indicator and not indicator["published_at"]:
        where = place_of("plan_indicators", "published_at")
        yield f"公開した値は、公開した指標（{where}に入力のある指標）だけに登録できます。"
    edition = rows["editions"].get((values["edition"],)) if "edition" in values else None
    if edition is None:
        return
    first, last, year = (cast(int, one) for one in (*_period(edition), values["fiscal_year"]))
    if not first <= year <= last:
        yield f"年度（fiscal_year）は、版「{edition['name']}」の適用の期間（{first}～{last}）の年度にしてください。"
    if values["published_at"] and not edition["frozen_at"]:
        where = place_of("editions", "frozen_at")
        yield f"公開した目標は、確定した版（{where}に入力のある版）だけに登録できます。"


def _period(edition: Values) -> tuple[Value, Value]:
    return edition["first_fiscal_year"], edition["last_fiscal_year"]


def check_added_year(values: Values, rows: Rows) -> Iterator[str]:
    """Years by which a revision extended the plan belong to the editions that cover them. Yields Japanese messages."""
    plan = next(iter(rows["plan"].values()), None)
    edition = rows["editions"].get((values["edition"],))
    if plan is None or edition is None or plan["original_last_fiscal_year"] is None:
        return
    added, last, year = (
        cast(int, one)
        for one in (plan["original_last_fiscal_year"], edition["last_fiscal_year"], values["fiscal_year"])
    )
    if year > max(added, last):
        yield f"期間を延長した年度（{added}年度より後）は、その年度に適用する版にだけ書けます。"


def check_round(values: Values, _rows: Rows) -> Iterator[str]:
    """Check the framework of a round: pages build on what publish() wrote, so a file brings exactly that or nothing.
    Yields Japanese messages."""
    framework = json.loads(cast(str, values["framework"]))
    axes = framework.get("axes", [])
    whole = (
        framework.keys() <= {*_FRAMEWORK, "axes", "edition"}
        and all(_each_is(framework.get(name, []), shape) for name, shape in _FRAMEWORK.items())
        and _each_is(axes, _AXIS)
        and all(_each_is(axis["grades"], _FRAMEWORK["grades"]) for axis in axes)
    )
    if whole and (edition := framework.get("edition")) is not None:
        whole = isinstance(edition, dict) and edition.keys() == _EDITION
    if not whole:
        yield "公表時の枠組み（framework）の形が違います。書き出したブックの値を、そのまま使ってください。"


def _each_is(items: object, shape: frozenset[str]) -> bool:
    return isinstance(items, list) and all(isinstance(item, dict) and item.keys() == shape for item in items)


def check_judgement(values: Values, _rows: Rows) -> Iterator[str]:
    """Yields Japanese messages."""
    if values["axis"] == MAIN_AXIS:
        yield f"1番目の軸（{MAIN_AXIS}）の評価は、報告のシートの評価の列に入力します。この行を消してください。"


def check_figure(values: Values, _rows: Rows) -> Iterator[str]:
    """Yields Japanese messages."""
    if values["axis"] == MAIN_AXIS:
        yield f"1番目の軸（{MAIN_AXIS}）の数では、評価の軸（axis）を空欄にしてください。"


def of_report(values: Values, rows: Rows) -> Values:
    """Derive the tone of a report from its grade."""
    grade = rows["grades"].get((MAIN_AXIS, values["grade"]))
    return {"tone": grade["tone"] if grade else ""}


def check_report(values: Values, _rows: Rows) -> Iterator[str]:
    """Check the recovery day of a report against the day of its round. Yields Japanese messages."""
    as_of, recovery_on = cast(date, values["as_of"]), cast("date | None", values["recovery_on"])
    if recovery_on is not None and recovery_on <= as_of:
        yield f"回復予定日（{recovery_on}）は、調査の基準日（{as_of}）より後の日にしてください。"


def of_published(values: Values, rows: Rows) -> Values:
    """Derive what a frozen row is sorted and searched by: sort_key, search_text and department_codes."""
    program = rows["programs"].get((values["program"],), {})
    codes = [department["code"] for department in json.loads(cast(str, values["departments"]))]
    return {
        "sort_key": natural_key(str(values["number"])),
        "search_text": fold(f"{values['name']} {program.get('name_kana', '')}"),
        "department_codes": f";{';'.join(codes)};" if codes else "",
    }
