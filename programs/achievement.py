"""How far a target is reached. A rate stands beside the judgement of a person and never makes one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from programs.models import Better

_TENTH = Decimal("0.1")


def is_reached(better: str, target: Decimal, actual: Decimal) -> bool | None:
    """Whether an actual meets its target; None where an indicator has no better direction."""
    if better == Better.NONE:
        return None
    return actual >= target if better == Better.UP else actual <= target


def no_rate(better: str, target: Decimal | None, actual: Decimal | None) -> str:
    """Why there is no rate of achievement; "" where there is one.

    Of what gets better by falling cities compute it in several ways (target ÷ actual, from the baseline on, 2 − actual ÷
    target) with results far apart: none of them is taken for all.
    """
    if target is None or actual is None:
        return "目標値か実績値が登録されていないため、達成率を計算できません。"
    if better == Better.DOWN:
        return "減るとよい指標の達成率は、計算のしかたがひとつに決まらないため、計算しません。"
    if better == Better.NONE:
        return "よい方向が決まっていない指標の達成率は、計算しません。"
    if target <= 0 or actual < 0:
        return "目標値が0以下か、実績値が負の数のため、達成率を計算できません。"
    return ""


def exact_rate(target: Decimal, actual: Decimal) -> Decimal:
    """In percent, not rounded."""
    return 100 * actual / target


def rate(better: str, target: Decimal | None, actual: Decimal | None) -> Decimal | None:
    """達成率 in percent, to one decimal; None where there is none."""
    if target is None or actual is None or no_rate(better, target, actual):
        return None
    return exact_rate(target, actual).quantize(_TENTH, ROUND_HALF_UP)
