"""The open tables of 全体の指標: targets and actuals of the plan or of a policy. What was published by the act, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Case, QuerySet, When
from django.db.models import Value as Constant

from opendata.tables import printed
from opendata.tables.observations import PLAN_LEVEL, POLICY_LEVEL, THIS_SITE, Observation, Observe
from opendata.tables.promise import UNIT, edition_key, fiscal_year, source_key
from opendata.tables.table import Field, Table
from policies.models import Plan
from programs.models import Better, PlanIndicator, PlanIndicatorActual, PlanIndicatorTarget


def _level(path: str) -> Case:
    """How finely a row is known, from whether its indicator has a policy."""
    of_plan = When(**{path: None}, then=Constant(PLAN_LEVEL))
    return Case(of_plan, default=Constant(POLICY_LEVEL))


def plan_indicator(path: str = "", meaning: str = "全体の指標の、計画の中の番号。") -> Field:
    return Field("plan_indicator", "全体の指標の番号", meaning, path=path, type="integer", example=1)


def _of_indicator(path: str) -> tuple[Field, ...]:
    """What every row begins with. `path` leads to the indicator."""
    return (
        Field("level", "細かさ", "計画の全体の指標か、方針の指標か。", codes=printed.LEVELS, example=PLAN_LEVEL),
        replace(printed.policy_number(), path=f"{path}policy__number", of=None),
        plan_indicator(f"{path}number"),
    )


def _indicators(plan: Plan) -> QuerySet[Any]:
    return PlanIndicator.objects.published().filter(plan=plan).annotate(level=_level("policy")).order_by("number")


def _values(rows: Any, plan: Plan) -> QuerySet[Any]:
    return (
        rows.published()
        .filter(indicator__plan=plan, indicator__published_at__isnull=False)
        .annotate(level=_level("indicator__policy"))
    )


def _targets(plan: Plan) -> QuerySet[Any]:
    return _values(PlanIndicatorTarget.objects, plan).order_by(
        "indicator__number", "edition__first_fiscal_year", "fiscal_year"
    )


def _actuals(plan: Plan) -> QuerySet[Any]:
    return _values(PlanIndicatorActual.objects, plan).order_by("indicator__number", "fiscal_year", "-is_forecast")


PLAN_INDICATORS = Table(
    "plan_indicators",
    "全体の指標",
    "一つの実施項目に属さない、計画の全体か方針の指標。公開したものだけを載せる。",
    (
        *_of_indicator(""),
        Field("name", "指標名", "指標の名称。", example="経常収支比率"),
        UNIT,
        Field("better", "よい方向", "値がどちらに動くとよいか。", codes=tuple(Better.choices), example="down"),
        Field("baseline", "基準値", "計画を作ったときの値。", type="number", example=95.5),
        Field("baseline_fiscal_year", "基準値の年度", "始まる年の西暦。", type="integer", example=2010),
        Field("baseline_note", "基準値の補足", "基準値についての注記。"),
        source_key(),
    ),
    _indicators,
    ("plan_indicator",),
    {"policy": "policy__number"},
)

PLAN_TARGETS = Table(
    "plan_indicator_targets",
    "全体の指標の目標",
    "版ごと、年度ごとの目標。確定した版だけを載せる。",
    (
        *_of_indicator("indicator__"),
        edition_key(),
        fiscal_year("目標の年度。"),
        Field("value", "目標値", "単位は unit。", type="number", example=90),
        replace(UNIT, path="indicator__unit"),
        Field("text", "目標の言葉", "数値に添えられた言葉、または数値のない目標（以下、減少など）。", example="以下"),
        Field("note", "補足", "この目標についての注記。"),
    ),
    _targets,
    ("plan_indicator", "edition", "fiscal_year"),
    {"policy": "indicator__policy__number", "edition": "edition__key", "fiscal_year": "fiscal_year"},
)

PLAN_ACTUALS = Table(
    "plan_indicator_actuals",
    "全体の指標の実績",
    "年度ごとの実績。見込みを公表した年度は、実績とは別の行に見込みを残す。",
    (
        *_of_indicator("indicator__"),
        fiscal_year("実績の年度。"),
        Field("is_forecast", "見込", "true のとき、見込みの値。", type="boolean", example=False),
        Field("value", "実績値", "単位は unit。", type="number", example=91.2),
        replace(UNIT, path="indicator__unit"),
        Field("note", "補足", "この実績についての注記。"),
        source_key(),
    ),
    _actuals,
    ("plan_indicator", "fiscal_year", "is_forecast"),
    {"policy": "indicator__policy__number", "fiscal_year": "fiscal_year"},
)


def observations(plan: Plan, observe: Observe) -> Iterator[Observation]:
    """The values as rows of the tidy table. A value without a source of its own has that of its indicator."""
    of_indicator = (
        "level",
        "indicator__policy__number",
        "indicator__number",
        "indicator__unit",
        "indicator__source__key",
    )
    for level, policy, number, unit, source, year, value, edition in (
        _targets(plan).filter(value__isnull=False).values_list(*of_indicator, "fiscal_year", "value", "edition__key")
    ):
        yield observe(
            fiscal_year=year,
            measure="indicator_target",
            value=value,
            unit=unit or None,
            source=source or THIS_SITE,
            plan_indicator=number,
            edition=edition,
            level=level,
            policy_number=policy,
        )
    for level, policy, number, unit, of_all, year, value, is_forecast, source in (
        _actuals(plan)
        .filter(value__isnull=False)
        .values_list(*of_indicator, "fiscal_year", "value", "is_forecast", "source__key")
    ):
        yield observe(
            fiscal_year=year,
            measure="indicator_forecast" if is_forecast else "indicator_actual",
            value=value,
            unit=unit or None,
            source=source or of_all or THIS_SITE,
            plan_indicator=number,
            level=level,
            policy_number=policy,
        )
