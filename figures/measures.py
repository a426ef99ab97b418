"""What can be printed and checked: each measure with what it may be broken down by, and how the records give it.

`MEASURES` is the one table. A figure that says more than its measure knows (a policy for a number that is only known of the
whole plan) or less than it needs is not computed: it would be compared with something else than what was printed.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.fiscal import era_date, fiscal_year_of
from figures import effect_measures
from figures.found import Found, as_printed, policy_number
from figures.models import PublishedFigure
from figures.records import Records
from figures.revisions import count_for
from policies.models import Grade, Tone
from policies.words import in_words_of
from programs.achievement import exact_rate, no_rate
from reviews.models import Basis

Measure = PublishedFigure.Measure


Compute = Callable[[Records, PublishedFigure], Found]

# The dimensions: field of the figure → its name.
POLICY, AS_OF, YEAR, EDITION, BASIS, AXIS = "policy", "as_of", "fiscal_year", "edition", "basis", "axis_id"
ACCOUNT, SERIES = "account", "series"
INDICATOR = "plan_indicator"
_BOOKS = (ACCOUNT, SERIES)
GRADES, KIND, ASPECT = "grades", "kind", "aspect"  # three meanings of `category`
_NAMES = {
    POLICY: "方針",
    AS_OF: "基準日",
    AXIS: "評価の軸",
    YEAR: "年度",
    EDITION: "版",
    BASIS: "根拠",
    ACCOUNT: "会計",
    SERIES: "数え方",
    INDICATOR: "全体の指標",
    GRADES: "区分（評価の記号）",
    KIND: "区分（効果額の種類）",
    ASPECT: "区分（見直し箇所）",
}
# The best grade has the lowest order.
_BOUNDS: dict[str, Callable[[int, int], bool]] = {"以上": operator.le, "以下": operator.ge}
_ITEMS, _PERCENT, _ANY = "items", "percent", "any"


@dataclass(frozen=True)
class Declared:
    """What one measure is: the dimensions that it needs and those that it may have, what it counts in, how it is found."""

    compute: Compute
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    unit: str = _ITEMS

    def refusal(self, figure: PublishedFigure) -> str:
        """Why a figure is not what this measure can be; "" if it is."""
        name = figure.get_measure_display()
        given = {
            field
            for field in (POLICY, AS_OF, AXIS, YEAR, EDITION, BASIS, ACCOUNT, SERIES, INDICATOR)
            if getattr(figure, field)
        }
        category = next((one for one in (GRADES, KIND, ASPECT) if one in (*self.needs, *self.may)), None)
        if figure.category:
            if category is None:
                return f"「{name}」は区分（{figure.category}）の別に数えられないため、計算できません。"
            given.add(category)
        missing = [_NAMES[one] for one in self.needs if one not in given]
        if missing:
            return f"「{name}」には{'と'.join(missing)}が必要です。入力されていないため、計算できません。"
        if figure.as_of and figure.fiscal_year == fiscal_year_of(figure.as_of):
            given.discard(YEAR)  # it says the same as the day
        foreign = [_NAMES[one] for one in _NAMES if one in given and one not in (*self.needs, *self.may)]
        if foreign:
            return f"「{name}」は{'と'.join(foreign)}の別に数えられないため、計算できません。"
        if (self.unit == _PERCENT) != figure.is_share and self.unit != _ANY:
            return f"「{name}」を単位「{figure.unit}」では数えられないため、計算できません。"
        return ""


def compute(records: Records, figure: PublishedFigure) -> Found:
    """What the records say about a figure."""
    if (later := records.superseded.get(figure.pk)) is not None:
        return Found(None, f"訂正された表の値（{later.printed}）に差し替えられたため、照合しません。")
    measure = Measure(figure.measure)
    if measure is Measure.GRADE_COUNT and figure.is_share:
        measure = Measure.GRADE_SHARE
    elif measure is Measure.GRADE_COUNT and not figure.category:
        measure = Measure.GRADED_TOTAL
    declared = MEASURES[measure]
    refusal = declared.refusal(figure)
    found = Found(None, refusal) if refusal else declared.compute(records, figure)
    return found._replace(reason=in_words_of(records.plan, found.reason))


def grades_named(category: str, scale: Sequence[Grade]) -> tuple[list[Grade], str]:
    """The grades that a figure counts together: A / B・C / おおむね達成以上. ([], what is not in the scale) if it names others."""
    by_name = {name: grade for grade in reversed(scale) for name in (_key(grade.label), _key(grade.code))}
    whole = _key(category)
    if whole in by_name:
        return [by_name[whole]], ""
    if (bound := re.fullmatch(f"(.+)({'|'.join(_BOUNDS)})", whole)) and (base := by_name.get(bound[1])):
        inside = _BOUNDS[bound[2]]
        return [grade for grade in scale if grade.tone != Tone.EXCLUDED and inside(grade.order, base.order)], ""
    names = [name.strip() for name in re.split(r"[・,、;/+]", unicodedata.normalize("NFKC", category)) if name.strip()]
    unknown = [name for name in names if _key(name) not in by_name]
    return ([], "、".join(unknown)) if unknown or not names else ([by_name[_key(name)] for name in names], "")


def grade_named(category: str, scale: Iterable[Grade]) -> Grade | None:
    """The one grade that a figure counts, by its code or its name, as wide as it was typed."""
    wanted = _key(category)
    return next((grade for grade in scale if wanted and wanted in (_key(grade.code), _key(grade.label))), None)


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "").casefold()


def _item_count(records: Records, figure: PublishedFigure) -> Found:
    if figure.edition_id and not figure.as_of:
        return _items_of_edition(records, figure)
    count = Decimal(records.items(policy_number(figure), figure.as_of))
    if figure.as_of:
        return Found(count, f"{era_date(figure.as_of)}に続いていた実施項目を数えました。")
    if figure.value is not None and count != figure.value and records.depends_on_date:
        reason = "途中で加わった項目や終了した項目があり、基準日がないため、照合できません。登録されている実施項目を数えました。"
        return Found(count, reason, False)
    return Found(count, "登録されている実施項目を数えました。")


def _items_of_edition(records: Records, figure: PublishedFigure) -> Found:
    count = records.contents(figure.edition_id or 0, policy_number(figure))
    if not count:
        return Found(None, "確定したこの版に計画内容が登録されていないため、計算できません。")
    return Found(Decimal(count), "確定したこの版に計画内容がある実施項目を数えました。")


def _listed_count(records: Records, figure: PublishedFigure) -> Found:
    again = records.relisted(policy_number(figure), figure.as_of)
    if again is None:
        return Found(None, "どの項目が再掲されているかは登録されていないため、延べの項目数は計算できません。")
    if figure.edition_id and not figure.as_of:
        return Found(None, "延べの項目数は、版ごとには計算できません。基準日を入力してください。")
    once = records.items(policy_number(figure), figure.as_of)
    return Found(Decimal(once + again), f"登録されている{once}項目に、再掲の{again}件を加えました。")


def _not_published(records: Records, day: date, axis: int | None = None) -> str:
    if day not in records.rounds:
        return "この基準日の項目別の報告が公表されていないため、計算できません。"
    if not records.is_judged(day, axis):
        return "この基準日には、この軸の項目別の評価が公表されていないため、計算できません。"
    return ""


def _in_part(records: Records, figure: PublishedFigure, *days: date) -> str:
    """Why the results of these days are no whole; "" if they are."""
    for day in days:
        if missing := records.unregistered(day, policy_number(figure), figure.axis_id):
            return f"市が公表した{era_date(day)}の結果のうち、{missing}項目が未登録のため、照合できません。"
    return ""


def _earlier(records: Records, figure: PublishedFigure, day: date) -> tuple[date | None, str]:
    """The published round that a change counts from, or why there is none."""
    if reason := _not_published(records, day, figure.axis_id):
        return None, reason
    before = records.before(day)
    if before is None:
        return None, "これより前の基準日の項目別の報告が公表されていないため、増減を計算できません。"
    if reason := _not_published(records, before.as_of, figure.axis_id):
        return None, f"前の{era_date(before.as_of)}と比べます。{reason}"
    then, now = (records.begun(each, figure.axis_id) for each in (before.as_of, day))
    if figure.measure != Measure.ITEM_COUNT_CHANGE and then != now:
        return None, f"{era_date(before.as_of)}から評価の基準が変わったため、増減は計算しません。"
    return before.as_of, ""


def _item_count_change(records: Records, figure: PublishedFigure) -> Found:
    day = _day(figure)
    before, reason = _earlier(records, figure, day)
    if before is None:
        return Found(None, reason)
    now, then = (records.items(policy_number(figure), each) for each in (day, before))
    return Found(Decimal(now - then), f"{era_date(before)}の{then}項目から{now}項目になりました。")


def _day(figure: PublishedFigure) -> date:
    if figure.as_of is None:
        raise ValueError("a measure that needs a day was computed without one")
    return figure.as_of


def _graded_total(records: Records, figure: PublishedFigure) -> Found:
    day = _day(figure)
    if reason := _not_published(records, day, figure.axis_id):
        return Found(None, reason)
    count = Decimal(records.graded(day, policy_number(figure), axis=figure.axis_id))
    if reason := _in_part(records, figure, day):
        return Found(count, reason, False)
    return Found(count, "公表した項目別の報告を数えました。")


def _named(records: Records, figure: PublishedFigure) -> tuple[list[Grade], str]:
    day = _day(figure)
    if reason := _not_published(records, day, figure.axis_id):
        return [], reason
    grades, unknown = grades_named(figure.category, records.scale(day, figure.axis_id))
    if not grades:
        shown = unknown or figure.category
        return [], f"「{shown}」は、この基準日の評価にありません。どの評価の数か分からないため、計算できません。"
    return grades, ""


def _grade_count(records: Records, figure: PublishedFigure) -> Found:
    grades, reason = _named(records, figure)
    if not grades:
        return Found(None, reason)
    count = records.graded(_day(figure), policy_number(figure), [grade.code for grade in grades], figure.axis_id)
    if reason := _in_part(records, figure, _day(figure)):
        return Found(Decimal(count), reason, False)
    together = f"（{'と'.join(grade.code for grade in grades)}を合わせて）" if len(grades) > 1 else ""
    return Found(Decimal(count), f"公表した項目別の報告を{together}数えました。")


def _grade_share(records: Records, figure: PublishedFigure) -> Found:
    grades, reason = _named(records, figure)
    if not grades:
        return Found(None, reason)
    if any(grade.tone == Tone.EXCLUDED for grade in grades):
        return Found(None, "評価の対象外の項目は割合に入れないため、計算できません。")
    day, policy = _day(figure), policy_number(figure)
    if reason := _in_part(records, figure, day):
        return Found(None, reason)
    total = records.graded(day, policy, axis=figure.axis_id)
    if not total:
        return Found(None, "評価した項目がないため、割合を計算できません。")
    count = records.graded(day, policy, [grade.code for grade in grades], figure.axis_id)
    share = as_printed(Decimal(100 * count) / total, figure)
    return Found(share, f"評価した{total}項目のうち{count}項目です。印刷された桁に四捨五入して比べます。")


def _grade_count_change(records: Records, figure: PublishedFigure) -> Found:
    grades, reason = _named(records, figure)
    before, why = _earlier(records, figure, _day(figure))
    if not grades or before is None:
        return Found(None, reason or why)
    if partly := _in_part(records, figure, before, _day(figure)):
        return Found(None, partly)
    codes = [grade.code for grade in grades]
    now, then = (records.graded(each, policy_number(figure), codes, figure.axis_id) for each in (_day(figure), before))
    return Found(Decimal(now - then), f"{era_date(before)}の{then}項目から{now}項目になりました。")


def _of_edition(counted: Callable[[Records, PublishedFigure, int], int], what: str) -> Compute:
    def found(records: Records, figure: PublishedFigure) -> Found:
        edition, policy = figure.edition_id or 0, policy_number(figure)
        if not (count := counted(records, figure, edition)):
            return Found(None, f"確定したこの版に{what}が登録されていないため、計算できません。")
        known, items = records.contents(edition, policy), records.items(policy, None)
        if known < items and not records.depends_on_date:
            reason = f"{items}項目のうち{known}項目の計画内容だけが登録されているため、照合できません。"
            return Found(Decimal(count), reason, False)
        return Found(Decimal(count), f"確定したこの版の{what}を数えました。")

    return found


def _overall_target(records: Records, figure: PublishedFigure) -> Found:
    target = records.overall_target(figure.plan_indicator_id or 0, figure.fiscal_year, figure.edition_id)
    if target is None:
        return Found(None, "確定した版に、この年度の目標値が登録されていないか、公開されていないため、計算できません。")
    return Found(target, "確定した版の目標値です。")


def _overall_actual(records: Records, figure: PublishedFigure) -> Found:
    is_forecast = figure.basis == Basis.FORECAST
    actual = records.overall_actual(figure.plan_indicator_id or 0, figure.fiscal_year, is_forecast=is_forecast)
    if actual is None:
        return Found(None, "この年度の値が登録されていないか、公開されていないため、計算できません。")
    return Found(actual, "公開した見込みの値です。" if is_forecast else "公開した実績値です。")


def _overall_rate(records: Records, figure: PublishedFigure) -> Found:
    target, actual = _overall_target(records, figure).value, _overall_actual(records, figure).value
    better = figure.plan_indicator.better if figure.plan_indicator else ""
    why = no_rate(better, target, actual)
    if why or target is None or actual is None:
        return Found(None, why)
    found = as_printed(exact_rate(target, actual), figure)
    return Found(found, "実績値を目標値で割りました。印刷された桁に四捨五入して比べます。")


def _revision(records: Records, figure: PublishedFigure) -> Found:
    return Found(*count_for(records.revisions[figure.edition_id or 0], figure))


def _other(records: Records, figure: PublishedFigure) -> Found:
    return Found(None, "何を数えたものかが決まった種類に当てはまらないため、記録からは計算しません。")


MEASURES: dict[Measure, Declared] = {
    Measure.ITEM_COUNT: Declared(_item_count, may=(POLICY, AS_OF, EDITION)),
    Measure.LISTED_COUNT: Declared(_listed_count, may=(POLICY, AS_OF, EDITION)),
    Measure.ITEM_COUNT_CHANGE: Declared(_item_count_change, needs=(AS_OF,), may=(POLICY,)),
    Measure.GRADED_TOTAL: Declared(_graded_total, needs=(AS_OF,), may=(POLICY, AXIS)),
    Measure.GRADE_COUNT: Declared(_grade_count, needs=(AS_OF, GRADES), may=(POLICY, AXIS)),
    Measure.GRADE_SHARE: Declared(_grade_share, needs=(AS_OF, GRADES), may=(POLICY, AXIS), unit=_PERCENT),
    Measure.GRADE_COUNT_CHANGE: Declared(_grade_count_change, needs=(AS_OF, GRADES), may=(POLICY, AXIS)),
    Measure.INDICATOR_COUNT: Declared(
        _of_edition(lambda records, figure, edition: records.indicators(edition, policy_number(figure)), "成果指標"),
        needs=(EDITION,),
        may=(POLICY,),
    ),
    Measure.PLAN_INDICATOR_TARGET: Declared(_overall_target, needs=(INDICATOR, YEAR), may=(POLICY, EDITION), unit=_ANY),
    Measure.PLAN_INDICATOR_ACTUAL: Declared(_overall_actual, needs=(INDICATOR, YEAR), may=(POLICY, BASIS), unit=_ANY),
    Measure.PLAN_INDICATOR_RATE: Declared(
        _overall_rate, needs=(INDICATOR, YEAR), may=(POLICY, EDITION, BASIS), unit=_PERCENT
    ),
    Measure.YEAR_PLAN_COUNT: Declared(
        _of_edition(
            lambda records, figure, edition: records.year_plans(edition, policy_number(figure), figure.fiscal_year),
            "年度計画",
        ),
        needs=(EDITION,),
        may=(POLICY, YEAR),
    ),
    Measure.EFFECT: Declared(
        effect_measures.effect, needs=(YEAR, BASIS, KIND), may=(POLICY, AS_OF, *_BOOKS), unit=_ANY
    ),
    Measure.EFFECT_PLANNED: Declared(
        effect_measures.effect_planned, needs=(YEAR,), may=(POLICY, AS_OF, KIND, BASIS, *_BOOKS), unit=_ANY
    ),
    Measure.EFFECT_DIFFERENCE: Declared(
        effect_measures.effect_difference, needs=(YEAR,), may=(POLICY, AS_OF, KIND, BASIS, *_BOOKS), unit=_ANY
    ),
    Measure.EFFECT_RATE: Declared(
        effect_measures.effect_rate, needs=(YEAR,), may=(POLICY, AS_OF, KIND, BASIS, *_BOOKS), unit=_PERCENT
    ),
    Measure.ITEMS_WITH_EFFECT: Declared(
        effect_measures.items_with_effect, may=(POLICY, AS_OF, YEAR, KIND, BASIS, *_BOOKS)
    ),
    Measure.ITEMS_WITHOUT_EFFECT: Declared(
        effect_measures.items_without_effect, may=(POLICY, AS_OF, YEAR, KIND, BASIS, *_BOOKS)
    ),
    Measure.REVISED_ITEMS: Declared(_revision, needs=(EDITION,), may=(POLICY,)),
    Measure.REVISED_ASPECT: Declared(_revision, needs=(EDITION, ASPECT), may=(POLICY,)),
    Measure.OTHER: Declared(_other, may=tuple(one for one in _NAMES if one not in (KIND, ASPECT)), unit=_ANY),
}

# Those that speak of money.
EFFECT_MEASURES = (
    *(Measure.EFFECT, Measure.EFFECT_PLANNED, Measure.EFFECT_DIFFERENCE, Measure.EFFECT_RATE),
    *(Measure.ITEMS_WITH_EFFECT, Measure.ITEMS_WITHOUT_EFFECT),
)
