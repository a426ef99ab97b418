"""The sheets of indicators: those of items, and those of the plan and its policies."""

from __future__ import annotations

from programs.models import (
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorErratum,
    PlanIndicatorTarget,
)
from workbooks.plan import derivation
from workbooks.plan.shared import EDITION, PROGRAM, SOURCE, errata_sheet
from workbooks.plan.specification import Person, PlanSheet, Reference

INDICATOR = Reference("indicator", "indicators", ("program", "indicator"))
_PLAN_INDICATOR = Reference("indicator", "plan_indicators")
_BASELINE = ("baseline", "baseline_fiscal_year", "baseline_note")
_PUBLISHED_BY = (Person("published_by", "published_at"),)
_PUBLISHED_VALUE = "入力のある値は公開していて、変えられません。"

OF_INDICATORS = (
    PlanSheet(
        "indicators",
        Indicator,
        key=("program", "number"),
        plain=("number", "name", "unit", "better", *_BASELINE),
        references=(PROGRAM,),
        scope="program__plan",
        units={"baseline": "同じ行の unit"},
    ),
    PlanSheet(
        "indicator_targets",
        IndicatorTarget,
        key=("program", "indicator", "edition", "fiscal_year"),
        plain=("fiscal_year", "value", "text"),
        references=(INDICATOR, EDITION),
        asks=("editions",),
        check=derivation.check_added_year,
        units={"value": "indicators シートの unit"},
        scope="indicator__program__plan",
    ),
    PlanSheet(
        "indicator_actuals",
        IndicatorActual,
        key=("program", "indicator", "fiscal_year"),
        plain=("fiscal_year", "value", "is_forecast", "note"),
        units={"value": "indicators シートの unit"},
        references=(INDICATOR,),
        scope="indicator__program__plan",
        asks=("settlements",),
    ),
    PlanSheet(
        "plan_indicators",
        PlanIndicator,
        key=("number",),
        plain=("number", "name", "unit", "better", *_BASELINE, "published_at"),
        references=(Reference("policy", "policies"), SOURCE),
        units={"baseline": "同じ行の unit"},
        people=_PUBLISHED_BY,
        meanings={"published_at": "入力のある指標は公開していて、意味を変えられません。"},
    ),
    PlanSheet(
        "plan_indicator_targets",
        PlanIndicatorTarget,
        key=("indicator", "edition", "fiscal_year"),
        plain=("fiscal_year", "value", "text", "note", "published_at"),
        references=(_PLAN_INDICATOR, EDITION),
        units={"value": "plan_indicators シートの unit"},
        scope="indicator__plan",
        people=_PUBLISHED_BY,
        check=derivation.check_plan_value,
        meanings={"published_at": _PUBLISHED_VALUE},
    ),
    PlanSheet(
        "plan_indicator_actuals",
        PlanIndicatorActual,
        key=("indicator", "fiscal_year", "is_forecast"),
        plain=("fiscal_year", "is_forecast", "value", "note", "published_at"),
        references=(_PLAN_INDICATOR, SOURCE),
        units={"value": "plan_indicators シートの unit"},
        scope="indicator__plan",
        people=_PUBLISHED_BY,
        check=derivation.check_plan_value,
        meanings={"published_at": _PUBLISHED_VALUE},
    ),
)

PLAN_INDICATOR_ERRATA = errata_sheet("plan_indicator_errata", PlanIndicatorErratum, _PLAN_INDICATOR, ("indicator",))
