"""The open table of effects, and their rows of the tidy one. Amounts are in 千円, whatever unit the plan's pages use."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import NullIf

from opendata.tables import printed
from opendata.tables.observations import THIS_SITE, Observation, Observe
from opendata.tables.promise import fiscal_year, program_number, source_key
from opendata.tables.table import Field, Table
from policies.models import Plan
from reviews.models import PLACE, Account, Basis, Effect, EffectKind, Series, Settlement

ACCOUNT = Field(
    "account", "会計", "効果額の会計。空欄は未登録。", codes=tuple(Account.choices), example=Account.GENERAL.value
)
SERIES = Field(
    "series",
    "数え方",
    "効果額の数え方。空欄は未登録。違う数え方の金額は足さない。",
    codes=tuple(Series.choices),
    example=Series.SINGLE.value,
)
_NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=24, decimal_places=6)


def public_effects(plan: Plan) -> QuerySet[Effect]:
    """With what was planned for the same, the difference and the rate."""
    same = {name: OuterRef(name) for name in ("program", *PLACE) if name != "basis"}
    plans = Effect.objects.filter(**same, basis=Basis.PLANNED).exclude(pk=OuterRef("pk")).order_by()
    return (
        Effect.objects.filter(program__plan=plan, program__public_at__isnull=False)
        .annotate(planned=Subquery(plans.values("amount")[:1]))
        .annotate(
            difference=ExpressionWrapper(F("amount") - F("planned"), _NUMBER),
            rate=ExpressionWrapper(100 * F("amount") / NullIf(F("planned"), Decimal()), _NUMBER),
        )
        .order_by("program__sort_key", "program", *PLACE)
    )


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


EFFECTS = Table(
    "effects",
    "効果額",
    "年度ごとの効果額。実施項目ごとの値（最後に公表されたもの）と、市が公表した計画・方針の値。"
    "足すときは、level、実績と予算・見込・計画、合計と内訳、数え方（series）を分けて扱う。",
    (
        printed.level(),
        printed.policy_number(),
        program_number(),
        fiscal_year("効果が出た年度。"),
        Field(
            "kind",
            "種類",
            "歳入確保か歳出削減か。",
            codes=(*EffectKind.choices, (printed.TOTAL, "合計")),
            example="saving",
        ),
        Field("basis", "根拠", "金額の確かさ。", codes=tuple(Basis.choices), example="actual"),
        Field(
            "amount",
            "金額",
            "負の値は、費用が増えたか収入が減ったことを表す。",
            type="number",
            unit="千円",
            example=1200,
        ),
        Field(
            "unit", "単位", "金額の単位。", path="pk", of=lambda _: printed.THOUSAND_YEN, example=printed.THOUSAND_YEN
        ),
        Field(
            "is_approximate",
            "およその値",
            "true のとき、「約」の付いた値。",
            path="pk",
            type="boolean",
            of=lambda _: False,
            example=False,
        ),
        Field("note", "補足", "金額についての注記。"),
        source_key(),
        ACCOUNT,
        SERIES,
        Field(
            "planned",
            "計画の金額",
            "同じ項目・年度・種類・会計・数え方の計画。",
            type="number",
            unit="千円",
            example=1000,
        ),
        Field("difference", "計画との差", "amount から planned を引いた額。", type="number", unit="千円", example=200),
        Field(
            "rate_percent",
            "達成率",
            "amount を planned で割った率。",
            type="number",
            path="rate",
            unit="%",
            of=_tenth,
            example=120,
        ),
    ),
    public_effects,
    (),
    {"program": "program__number", "fiscal_year": "fiscal_year"},
    printed=printed.effects,
)


SETTLEMENTS = Table(
    "settlements",
    "決算で確定した値",
    "調査のあとに決算で確定した効果額と成果指標の実績。公表した値は誤りではなく、before に残る。",
    (
        program_number("program__number"),
        fiscal_year("値の年度。", "fiscal_year"),
        Field("indicator", "指標の番号", "成果指標の実績のとき。", path="indicator__number", type="integer", example=1),
        Field("kind", "種類", "効果額のとき。", codes=tuple(EffectKind.choices), example="saving"),
        ACCOUNT,
        SERIES,
        Field("value", "確定した値", "効果額は千円。", type="number", example=1234),
        Field("unit", "単位", "値の単位。", example=printed.THOUSAND_YEN),
        Field("before", "それまでの値", "空欄は、公表されていなかったこと。", type="number", example=1200),
        Field("before_basis", "それまでの根拠", "値の確かさ。", codes=tuple(Basis.choices), example="forecast"),
        Field("settled_on", "確定した日", "決算で確定した日。", type="date", example="2015-10-01"),
        Field("note", "補足", "値についての注記。"),
        source_key(),
    ),
    lambda plan: (
        Settlement.objects.filter(plan=plan, program__public_at__isnull=False)
        .annotate(
            unit=Case(
                When(indicator=None, then=Value(printed.THOUSAND_YEN)),
                default=F("indicator__unit"),
                output_field=CharField(),
            )
        )
        .order_by("settled_on", "pk")
    ),
    (),
    {"program": "program__number", "fiscal_year": "fiscal_year"},
)

_OF_ROW = ("program__number", "fiscal_year", "kind", "basis", "account", "series", "source__key")
_Part = tuple[QuerySet[Effect], tuple[str, ...], Callable[..., Observation]]


def _long(observe: Observe, measure: str, unit: str, of: Callable[[Decimal], Decimal]) -> Callable[..., Observation]:
    def row(
        number: str, year: int, kind: str, basis: str, account: str, series: str, source: str | None, value: Decimal
    ) -> Observation:
        return observe(
            program_number=number,
            fiscal_year=year,
            measure=measure,
            value=of(value),
            unit=unit,
            source=source or THIS_SITE,
            kind=kind,
            basis=basis,
            account=account or None,
            series=series or None,
        )

    return row


def long_parts(plan: Plan, observe: Observe) -> list[_Part]:
    """(query, paths, what becomes of their values) of the amounts, and of their difference from the plan and rate."""
    found: QuerySet[Any] = public_effects(plan)
    beside = found.filter(planned__isnull=False)
    with_rate = beside.filter(rate__isnull=False)
    return [
        (found, (*_OF_ROW, "amount"), _long(observe, "effect", printed.THOUSAND_YEN, lambda value: value)),
        (
            beside,
            (*_OF_ROW, "difference"),
            _long(observe, "effect_difference", printed.THOUSAND_YEN, lambda value: value),
        ),
        (with_rate, (*_OF_ROW, "rate"), _long(observe, "effect_rate", "%", _tenth)),
    ]
