"""Whether the numbers of a table go together: grades with their 計, shares with 100 %, policies with the whole. Pure.

What does not is told, not put right: a city may have printed it so, and items that stand in two policies are counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from core.text import show_number
from figures.models import PublishedFigure
from policies.models import Tone
from reviews.models import EffectKind
from workbooks.tables.published.meanings import TOTAL, NameableParts
from workbooks.tables.published.printed import Printed

Measure = PublishedFigure.Measure


def told(figures: Iterable[Printed], known: NameableParts) -> list[str]:
    """What deserves a second look, with its place."""
    rows: dict[tuple[object, ...], list[Printed]] = defaultdict(list)
    for one in figures:
        rows[one.policy, _when(one)].append(one)
    lines = [line for own in rows.values() for line in (_shares(own, known), _grades(own, known), _kinds(own)) if line]
    return [*lines, *_policies(figures, known)]


def _when(one: Printed) -> tuple[object, ...]:
    return one.as_of, one.fiscal_year, one.basis, one.edition, one.account, one.series


def _simple(own: list[Printed], measure: Measure, known: NameableParts) -> list[Printed]:
    judged = {grade.code for grade in known.grades if grade.tone != Tone.EXCLUDED}
    return [one for one in own if one.measure is measure and one.category in judged and one.value.value is not None]


def _sum(figures: Iterable[Printed]) -> Decimal:
    return sum((one.value.value or Decimal() for one in figures), Decimal())


def _shares(own: list[Printed], known: NameableParts) -> str:
    """Shares of all grades are 100 % but for rounding: half of the last digit each."""
    shares = _simple(own, Measure.GRADE_SHARE, known)
    if len(shares) < 2 or len(shares) < sum(grade.tone != Tone.EXCLUDED for grade in known.grades):
        return ""
    whole = _sum(shares)
    digits = max(-int(Decimal(one.value.value or 0).as_tuple().exponent) for one in shares)
    if abs(whole - 100) <= Decimal(len(shares)) * Decimal(5).scaleb(-digits - 1):
        return ""
    return f"{shares[0].place} から {shares[-1].place}: 割合の合計が{show_number(whole)}%です。写し間違いがないか確かめてください。"


def _grades(own: list[Printed], known: NameableParts) -> str:
    counts = _simple(own, Measure.GRADE_COUNT, known)
    total = next((one for one in own if one.measure is Measure.GRADED_TOTAL), None)
    if total is None or len(counts) < sum(grade.tone != Tone.EXCLUDED for grade in known.grades):
        return ""
    return _differs(counts, total, "評価別の数")


def _kinds(own: list[Printed]) -> str:
    effects = [one for one in own if one.measure is Measure.EFFECT]
    total = next((one for one in effects if one.category == TOTAL), None)
    parts = [one for one in effects if one.category in EffectKind.values and total and one.unit == total.unit]
    return _differs(parts, total, "歳入確保と歳出削減") if total and len(parts) == len(EffectKind) else ""


def _differs(parts: list[Printed], total: Printed, what: str) -> str:
    if total.value.value is None or any(one.value.value is None or one.value.is_approximate for one in parts):
        return ""
    whole = _sum(parts)
    if whole == total.value.value:
        return ""
    return (
        f"{total.place}: {what}を足すと{show_number(whole)}ですが、計は{total.value.printed}です。"
        "写し間違いがないか確かめてください。"
    )


def _policies(figures: Iterable[Printed], known: NameableParts) -> list[str]:
    """Of each number of the whole plan: the policies beside it, where the table has all of them."""
    found: dict[tuple[object, ...], list[Printed]] = defaultdict(list)
    for one in figures:
        if one.measure not in (Measure.GRADE_SHARE, Measure.OTHER):
            found[one.measure, one.category, one.unit, _when(one)].append(one)
    lines = []
    for group in found.values():
        total = next((one for one in group if one.policy is None), None)
        parts = [one for one in group if one.policy is not None]
        if total and parts and len(parts) == len(known.policies):
            lines.append(_differs(parts, total, "方針ごとの数"))
    return list(filter(None, lines))
