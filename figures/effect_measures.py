"""The measures that speak of money: how the records give them. Amounts of several series are never added up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.money import UNITS, in_unit
from core.text import show_number
from figures.effects import EffectRow
from figures.found import Found, as_printed, policy_number
from figures.models import PublishedFigure
from figures.records import Records, level_of
from reviews.models import Basis, EffectKind

Measure = PublishedFigure.Measure


def _kinds(figure: PublishedFigure) -> list[str]:
    """The kinds of amounts that a category names; none if it names something else."""
    if figure.category in ("", "total"):
        return list(EffectKind.values)
    return [figure.category] if figure.category in EffectKind.values else []


def _unclear(figure: PublishedFigure, amounts: Sequence[EffectRow]) -> str:
    """Why amounts cannot be added up for a figure; "" if they can."""
    if len({row.series for row in amounts}) > 1:
        return "数え方（単年度・累計・継続）の違う金額が登録されています。どの数え方の値か入力されていないため、計算できません。"
    return ""


def _sum_of(figure: PublishedFigure, amounts: Sequence[EffectRow], what: str) -> Found:
    if reason := _unclear(figure, amounts):
        return Found(None, reason)
    thousands = sum((row.amount for row in amounts), Decimal())
    items = len({row.program_number for row in amounts})
    found = _in_unit(figure, thousands, f"登録した{items}項目の{what}は{show_number(thousands)}千円です。")
    if found.value != figure.value and not figure.account and len({row.account for row in amounts}) > 1:
        reason = f"{found.reason}会計の違う金額があり、どの会計の値か入力されていないため、照合できません。"
        return Found(found.value, reason, False)
    return found


def _none_registered(figure: PublishedFigure, what: str) -> str:
    of = "、".join(filter(None, (figure.get_account_display(), figure.get_series_display())))
    return f"項目別の{what}{f'（{of}）' if of else ''}が登録されていないため、計算できません。"


def _of_parts(records: Records, figure: PublishedFigure, kinds: Sequence[str], what: str) -> Found:
    """From the amounts of the items; without any, a total from its published parts."""
    is_plan = figure.measure == Measure.EFFECT_PLANNED
    if amounts := records.amounts(figure, kinds, is_plan=is_plan):
        return _sum_of(figure, amounts, what)
    if figure.category not in ("total", "") or (not figure.category and not is_plan):
        return Found(None, _none_registered(figure, what))
    parts = [records.printed(figure.measure, kind, level_of(figure)) for kind in kinds]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        if is_plan:
            return Found(None, _none_registered(figure, what))
        return Found(None, "内訳（歳入確保と歳出削減）が公表されていないため、計算できません。")
    return Found(sum(known, Decimal()), "公表された内訳（歳入確保と歳出削減）を足しました。")


def effect(records: Records, figure: PublishedFigure) -> Found:
    """On the same basis."""
    kinds = _kinds(figure)
    if not kinds:
        return Found(None, f"効果額の種類「{figure.category}」は、計算できる種類ではありません。")
    return _of_parts(records, figure, kinds, "効果額")


def _in_unit(figure: PublishedFigure, thousands: Decimal, found: str) -> Found:
    if figure.unit not in UNITS:
        return Found(None, f"{found}単位「{figure.unit}」に直せないため、比べられません。")
    value = in_unit(thousands, figure.unit)
    rounded = as_printed(value, figure)
    # As precise as it was printed: 284.6 百万円 is 約285百万円, and 628,912 千円 is 628.9 百万円.
    if rounded != value and (figure.is_approximate or rounded == figure.value):
        return Found(rounded, f"{found}{figure.unit}に四捨五入して比べます。")
    return Found(value, found)


def effect_planned(records: Records, figure: PublishedFigure) -> Found:
    return _of_parts(records, figure, _kinds(figure), "計画の効果額")


def _registered_pair(records: Records, figure: PublishedFigure) -> tuple[Decimal, Decimal, str] | None:
    """(result, plan in 千円, why they are no whole) of the items; None where one of the two is not registered."""
    done, plans = (records.amounts(figure, _kinds(figure), is_plan=is_plan) for is_plan in (False, True))
    if not done or not plans:
        return None
    known = {row.subject for row in done}
    missing = sum(row.subject not in known for row in plans)
    reason = _unclear(figure, [*done, *plans])
    if missing and not reason:
        reason = f"計画の効果額のうち{missing}件の結果が未登録のため、照合できません。"
    return *(sum((row.amount for row in rows), Decimal()) for rows in (done, plans)), reason  # type: ignore[return-value]


def _both(records: Records, figure: PublishedFigure) -> tuple[Decimal, Decimal] | None:
    """The effect and the planned effect of a figure's year, kind and policy, as they were printed in one unit."""

    def place(one: PublishedFigure) -> tuple[object, ...]:
        return one.fiscal_year, one.policy_id, one.as_of, one.account, one.series

    category = figure.category or "total"
    for planned in records.figures:
        if planned.measure != Measure.EFFECT_PLANNED or planned.pk in records.superseded or planned.value is None:
            continue
        if place(planned) != place(figure) or (planned.category or "total") != category:
            continue
        if not figure.is_share and planned.unit != figure.unit:
            continue
        for basis in [figure.basis] if figure.basis else Basis.values:
            done = records.printed(Measure.EFFECT, category, level_of(planned)._replace(basis=basis))
            if done is not None:
                return done, planned.value
    return None


_NO_PAIR = "同じ年度・区分・単位の効果額と計画の効果額がそろって公表されていないため、計算できません。"


def effect_difference(records: Records, figure: PublishedFigure) -> Found:
    if registered := _registered_pair(records, figure):
        done, plan, partly = registered
        of = f"登録した項目の効果額{show_number(done)}千円から、計画の{show_number(plan)}千円を引きました。"
        found = _in_unit(figure, done - plan, of)
        return Found(found.value, partly, False) if partly else found
    pair = _both(records, figure)
    if pair is None:
        return Found(None, _NO_PAIR)
    return Found(pair[0] - pair[1], "公表された効果額から、公表された計画の効果額を引きました。")


def effect_rate(records: Records, figure: PublishedFigure) -> Found:
    registered = _registered_pair(records, figure)
    pair = registered[:2] if registered else _both(records, figure)
    if pair is None:
        return Found(None, _NO_PAIR)
    if not pair[1]:
        return Found(None, "計画の効果額が0のため、率を計算できません。")
    rate = as_printed(100 * pair[0] / pair[1], figure)
    if registered and registered[2]:
        return Found(rate, registered[2], False)
    what = "登録した項目の効果額を、計画の効果額" if registered else "公表された効果額を、公表された計画の効果額"
    return Found(rate, f"{what}で割りました。印刷された桁に四捨五入して比べます。")


def _with_effect(records: Records, figure: PublishedFigure) -> int | None:
    """How many items have an amount; None where nobody registered any."""
    amounts = records.amounts(figure, _kinds(figure))
    return len({row.program_number for row in amounts if row.amount}) if amounts else None


def items_with_effect(records: Records, figure: PublishedFigure) -> Found:
    count = _with_effect(records, figure)
    if count is None:
        return Found(None, "項目別の効果額が登録されていないため、計算できません。")
    return Found(Decimal(count), "0でない効果額を登録した実施項目を数えました。")


def items_without_effect(records: Records, figure: PublishedFigure) -> Found:
    count = _with_effect(records, figure)
    if count is None:
        return Found(None, "項目別の効果額が登録されていないため、計算できません。")
    items = records.items(policy_number(figure), figure.as_of)
    return Found(Decimal(items - count), f"{items}項目から、効果額のある{count}項目を引きました。")
