"""The tidy table: one observation a row, for computing. Grades, targets, actuals and effects under each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from core.fiscal import fiscal_year_of
from figures.datasets import Snapshot, frozen_editions, published_rounds, snapshot
from figures.rows import Selection
from opendata.tables import effects, plan_indicators, printed
from opendata.tables.observations import THIS_SITE, Observation, Observe, observe_in
from opendata.tables.promise import program_number, public_actuals, public_targets, source_key
from opendata.tables.review import as_of
from opendata.tables.table import CHUNK, IS_FICTIONAL, PLAN, ChainedRows, Field, Row, Rows, StreamedRows, Table
from policies.models import Plan
from reviews.models import Basis, EffectKind, PublishedJudgement, PublishedReport

MEASURES = (
    ("grade", "評価（value は評価の記号）"),
    ("judgement", "2番目からの軸の評価（value は評価の記号、axis は軸の記号）"),
    ("indicator_target", "成果指標の目標"),
    ("indicator_actual", "成果指標の実績"),
    ("indicator_forecast", "成果指標の、年度の途中の見込み"),
    ("effect", "効果額"),
    ("effect_difference", "効果額の計画との差"),
    ("effect_rate", "効果額の達成率"),
    ("grade_count", "評価別の項目数（category は評価の記号）"),
    ("item_count", "項目数"),
    ("revised_items", "見直した項目数"),
    ("revised_aspect", "見直し箇所別の項目数（category は見直しの内容）"),
)

_FIELDS = (
    program_number(),
    as_of(meaning="評価の基準日。年度についての値では空欄。"),
    Field("fiscal_year", "年度", "値の年度。始まる年の西暦（2011 は平成23年度）。", type="integer", example=2014),
    Field("measure", "測ったもの", "値の種類。", codes=MEASURES, example="grade"),
    Field(
        "value", "値", "評価の記号、または数値。数値だけの目標や実績がないとき、その行はない。", type="any", example="A"
    ),
    Field("unit", "単位", "値の単位。grade_code は評価の記号。", example="grade_code"),
    replace(source_key(), meaning="出典の記号。sources の表にある。site は、このサイトで公表した記録そのもの。"),
    IS_FICTIONAL,
    Field(
        "indicator",
        "指標の番号",
        "実施項目の成果指標の値のとき、実施項目の中の番号。",
        type="integer",
        example=1,
    ),
    Field("edition", "版", "目標のとき、計画の版の識別名。", example="original"),
    Field(
        "kind", "効果額の種類", "効果額のとき。", codes=(*EffectKind.choices, (printed.TOTAL, "合計")), example="saving"
    ),
    Field("basis", "効果額の根拠", "効果額のとき。", codes=tuple(Basis.choices), example="actual"),
    replace(printed.level(), path=""),
    replace(printed.policy_number(), path=""),
    Field("category", "区分", "評価別の項目数のとき評価の記号、見直し箇所別の項目数のとき見直しの内容。", example="A"),
    effects.ACCOUNT,
    effects.SERIES,
    Field("axis", "評価の軸", "2番目からの軸の評価のとき、その軸の記号。", example="outcome"),
    plan_indicators.plan_indicator(meaning="全体の指標の値のとき、計画の中の番号。"),
)


@dataclass(frozen=True)
class _MeasureRows(StreamedRows):
    """The rows of one measure: a query, and how its values become a row."""

    paths: tuple[str, ...]
    row: Callable[..., Observation]

    def _read(self, queryset: QuerySet[Any]) -> Iterator[Row]:
        for values in queryset.values_list(*self.paths).iterator(chunk_size=CHUNK):
            yield self.row(*values)


class _OfPlan:
    """What is known of the plan or of a policy: 全体の指標, and what the city printed. Read when it is asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def _rows(self) -> list[Observation]:
        observe = observe_in(self._plan)
        return [*plan_indicators.observations(self._plan, observe), *printed.observations(self._plan, observe)]

    def count(self) -> int:
        return len(self._rows)

    def slice(self, start: int, stop: int) -> Iterator[Row]:
        return iter(self._rows[start:stop])

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)


def _graded(observe: Observe, measure: str) -> Callable[..., Observation]:
    def row(number: str, day: date, code: str, source: str | None, axis: str | None = None) -> Observation:
        return observe(
            program_number=number,
            as_of=day,
            fiscal_year=fiscal_year_of(day),
            measure=measure,
            value=code,
            unit="grade_code",
            source=source or THIS_SITE,
            axis=axis,
        )

    return row


def _of_indicator(observe: Observe, number: str, indicator: int, unit: str, **known: Any) -> Observation:
    return observe(program_number=number, indicator=indicator, unit=unit or None, **known)


def _target(observe: Observe) -> Callable[..., Observation]:
    def row(
        number: str, indicator: int, unit: str, edition: str, year: int, value: Any, source: str | None
    ) -> Observation:
        known = {"measure": "indicator_target", "value": value, "source": source or THIS_SITE, "edition": edition}
        return _of_indicator(observe, number, indicator, unit, fiscal_year=year, **known)

    return row


def _actual(observe: Observe) -> Callable[..., Observation]:
    def row(number: str, indicator: int, unit: str, year: int, value: Any, is_forecast: bool) -> Observation:
        measure = "indicator_forecast" if is_forecast else "indicator_actual"
        return _of_indicator(observe, number, indicator, unit, fiscal_year=year, measure=measure, value=value)

    return row


_OF_INDICATOR = ("indicator__program__number", "indicator__number", "indicator__unit")


def long_rows(known: Snapshot, selection: Selection, *, is_whole: bool = False) -> Rows:
    """Every published observation of the items of a snapshot that were asked for, those that ended before included; with
    `is_whole` (all of its items were asked for) also what is known of the plan and its policies.

    Of a round that was asked for only the grades: targets, actuals and effects are known as they are today.
    """
    known = replace(known, with_ended=True)
    programs = known.programs(selection)
    grades, number = known.grades(programs)
    plan = known.plan
    observe = observe_in(plan)
    of_grade = (number, "round__as_of", "grade_code", "round__source__key")
    parts: list[Rows] = [_MeasureRows(grades, of_grade, _graded(observe, "grade"))]
    if known.is_frozen:
        return ChainedRows(parts)
    keys = known.keys(programs)
    if known.round and known.round.further_axes:
        of_report = "published_report__"
        judged = PublishedJudgement.objects.filter(
            published_report__in=PublishedReport.objects.public().filter(program__in=keys)
        ).order_by(*(f"{of_report}{name}" for name in ("program__sort_key", "program", "round__as_of")), "axis_order")
        of_round = (f"{of_report}round__as_of", "grade_code", f"{of_report}round__source__key")
        paths = (f"{of_report}program__number", *of_round, "axis__key")
        parts.append(_MeasureRows(judged, paths, _graded(observe, "judgement")))
    of_items: dict[str, Any] = {"indicator__program__in": keys, "value__isnull": False}
    parts += [
        _MeasureRows(
            public_targets(plan).filter(**of_items),
            (*_OF_INDICATOR, "edition__key", "fiscal_year", "value", "edition__source__key"),
            _target(observe),
        ),
        _MeasureRows(
            public_actuals(plan).filter(**of_items),
            (*_OF_INDICATOR, "fiscal_year", "value", "is_forecast"),
            _actual(observe),
        ),
    ]
    parts += [
        _MeasureRows(found.filter(program__in=keys), paths, row)
        for found, paths, row in effects.long_parts(plan, observe)
    ]
    if is_whole:
        parts.append(_OfPlan(plan))
    return ChainedRows(parts)


class LongTable(Table):
    @property
    def columns(self) -> tuple[Field, ...]:
        return (PLAN, *self.fields)

    def rows(self, plan: Plan, **conditions: Any) -> Rows:
        latest = snapshot(plan, published_rounds(plan), frozen_editions(plan))
        return long_rows(latest, Selection(), is_whole=True)


LONG = LongTable(
    "long",
    "縦持ちの表",
    "1行に一つの値。評価、成果指標の目標と実績、効果額と、全体の指標、市が公表した計画・方針の数を縦に並べた、集計のための表。",
    _FIELDS,
    lambda plan: [],
    (),
)
