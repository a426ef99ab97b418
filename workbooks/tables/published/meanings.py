"""What the headings of a printed table mean: guessed from their words, by the rules below and no others.

A meaning is a dimension with its value, written `policy:2` or `grade:B・C`: so a page can offer it and an upload keep it. A
heading may have several: 「平成23年度 実績（千円）」 is a year, a basis and a unit. A person sees and corrects what is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.fiscal import era_date, era_fiscal_year
from core.grammar import Unreadable, day
from core.money import UNITS
from core.text import as_seen
from figures.measures import GRADES, INDICATOR, MEASURES, grades_named
from figures.models import PublishedFigure
from policies.models import Grade, Tone
from programs.differences import Aspect
from reviews.models import Basis, EffectKind
from reviews.models.places import Account, Series
from workbooks.tables import cells
from workbooks.tables.column_roles import day_in, folded, money_unit, part_in, year_in

Measure = PublishedFigure.Measure

POLICY, GRADE, COUNT, KIND, ASPECT = "policy", "grade", "count", "kind", "aspect"
HOW, DAY, YEAR, EDITION, BASIS, UNIT = "as", "day", "year", "edition", "basis", "unit"
ACCOUNT, SERIES, AXIS, PART = "account", "series", "axis", "part"  # part of a year, by the month in which it ends
ALL, TOTAL = "all", "total"  # the whole plan; both kinds of effects
SHARE, CHANGE = "share", "change"
SKIP, PLAIN = "skip", "plain"  # not to be read; a heading that says nothing about the numbers
Meanings = list[str]


@dataclass(frozen=True)
class NameableParts:
    """What a plan has that headings can name."""

    policies: Mapping[int, str] = field(default_factory=dict)
    grades: Sequence[Grade] = ()
    editions: Mapping[str, str] = field(default_factory=dict)  # key → name
    days: Sequence[date] = ()
    years: Sequence[int] = ()
    axes: Mapping[str, tuple[str, Sequence[Grade]]] = field(
        default_factory=dict
    )  # beside the first: key → name, grades

    def of_axis(self, key: str) -> NameableParts:
        """The same with the grades of another axis, if there is one of that key."""
        return replace(self, grades=self.axes[key][1]) if key in self.axes else self

    @property
    def excluded(self) -> str:
        """The code of the grade for items that are not judged; the usual word where the plan has none."""
        return next((grade.code for grade in self.grades if grade.tone == Tone.EXCLUDED), "対象外")


def code(dimension: str, value: object) -> str:
    return f"{dimension}:{value}"


# The first that finds something holds; of each group one. A share that changed is both of the first.
_HOWS = (
    (SHARE, r"割合|構成比|比率|(?<!達成)率$|^[(（]?[%％][)）]?$|\([%％]\)$"),
    (CHANGE, r"増減|前(回|年|期)(度|比|と|から|の)?|対前"),
)
_COUNTS = (
    (Measure.LISTED_COUNT, r"延べ|再掲(を|分)?含"),
    (Measure.YEAR_PLAN_COUNT, r"年度計画の?(数|件数)"),
    (Measure.INDICATOR_COUNT, r"指標の?(総)?(数|件数)"),
    (Measure.ITEMS_WITHOUT_EFFECT, r"効果額の?(ない|なし)|効果なし"),
    (Measure.ITEMS_WITH_EFFECT, r"効果額の?(ある|あり)|効果あり"),
    (Measure.EFFECT_RATE, r"達成率"),
    (Measure.EFFECT_DIFFERENCE, r"^差額?$|差引|計画との差|目標との差"),
    (Measure.EFFECT_PLANNED, r"計画額|目標額|(計画|目標)(の)?効果額|^(計画|目標)$"),
    (Measure.REVISED_ITEMS, r"見直し.*項目数$|見直した項目|修正.*項目数$"),
    (Measure.GRADED_TOTAL, r"評価(した)?(総数|の?合計|対象(項目)?数?$)"),
    (Measure.ITEM_COUNT, r"(項目|プログラム|取組|事業)の?(総)?数$|^(実施項目|項目|プログラム)$"),
    (Measure.EFFECT, r"効果額|財政効果|^(金)?額$"),
)
_KINDS = ((EffectKind.REVENUE, r"歳入|増収"), (EffectKind.SAVING, r"歳出|削減|節減"))
_BASES = ((Basis.ACTUAL, r"実績|決算"), (Basis.BUDGET, r"予算"), (Basis.FORECAST, r"見込|推計"))
_ACCOUNTS = ((Account.GENERAL, r"一般会計"), (Account.SPECIAL, r"特別会計"))
_PLAIN = r"評価別|^評価$|^区分$|^方針$|^判定$|状況$|見直し箇所|^内訳$|^(基準日|年度|時点)$"
_OVER_TIME = r"累計|累積|通算|期間(の)?(合)?計"
_TOTAL = r"^(小|合|総|総合|全体)?計$|^(計画|市)?全体$|^総数$|^合計"
_CIRCLES = str.maketrans({"〇": "○", "◯": "○", "✕": "×", "✖": "×"})
_LETTER = re.compile(r"[a-zA-Z◎○△×◇☆]")
_COUNTED_BY = r"(の)?(項目|プログラム|取組)?(数|件数)?$"
_COMPARED = r"(の)?(対前|前)(回|年|期)(度|末)*(調査)?(比|と|から|より)?(の)?(比較|差)?(増減)?(数)?$"
_YEAR_OR_DAY = re.compile(
    r"(平成|令和|昭和|[HRS](?=\d))?\s*(元|\d{1,4})\s*(年度?末?|[./-])(\s*(\d{1,2})\s*([月./-]\s*((\d{1,2})日?|末)?))?|(現在|時点)",
    re.I,
)
_DAY = re.compile(r"((平成|令和|昭和|[HRS])\s*(元|\d{1,2})|\d{4})\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}日?", re.I)
EFFECTS = (
    *(Measure.EFFECT, Measure.EFFECT_PLANNED, Measure.EFFECT_DIFFERENCE, Measure.EFFECT_RATE),
    *(Measure.ITEMS_WITH_EFFECT, Measure.ITEMS_WITHOUT_EFFECT),
)


def day_named(text: str) -> date | None:
    """The as-of date that a heading names: 平成24年9月30日現在, H24.9.30, 平成24年9月末, 平成23年度末."""
    written = unicodedata.normalize("NFKC", text)
    if found := _DAY.search(written):
        try:
            return day(re.sub(r"\s", "", found[0]))
        except Unreadable:
            return None
    return day_in(written)


def policy_named(text: str, policies: Mapping[int, str]) -> tuple[int | None, bool]:
    """The policy that a heading names, and whether nobody could read it otherwise."""
    number, name = cells.policy(text)
    seen = {_bare(known): key for key, known in policies.items()}
    by_name = seen.get(_bare(name)) if name else None
    if by_name is not None:
        return by_name, number in (None, by_name)
    if number in policies:
        return number, not name
    parts = [
        key for known, key in seen.items() if len(_bare(name)) > 3 and (_bare(name) in known or known in _bare(name))
    ]
    return (parts[0], False) if len(parts) == 1 else (None, False)


def _bare(name: str) -> str:
    return re.sub(r"[\s　、,・]", "", as_seen(name))


def grade_named(text: str, known: NameableParts) -> str:
    """The grades that a heading names, as a figure keeps them: A, B・C, A以上; "" for none."""
    written = unicodedata.normalize("NFKC", text).translate(_CIRCLES)
    both = re.sub(r"[\s:・()]", "", written).casefold()
    for grade in known.grades:
        if both == re.sub(r"[\s:・()]", "", unicodedata.normalize("NFKC", grade.code + grade.label)).casefold():
            return grade.code
    inner = re.findall(r"[(「『]([^)」』]+)[)」』]", written)
    outer = re.sub(r"\([^)]*\)", "", written).strip("「」『』 ")
    ends = (_COUNTED_BY, _COMPARED, r"(評価|判定)$")
    for name in (outer, *(re.sub(end, "", outer) for end in ends), *outer.split(), *inner):
        name = re.sub(r"^(評価|判定)|(の?(割合|構成比|率|増減|前[回年期](度)?比))+$", "", name).strip("「」:：の ")
        found, _unknown = grades_named(name, known.grades) if name else ([], "")
        if found:
            return found[0].code if len(found) == 1 else name
    if re.search("対象外", outer):
        return known.excluded
    return outer if _LETTER.fullmatch(outer) else ""


def guess(text: str, known: NameableParts, above: str = "") -> Meanings:
    """What one heading means; nothing where no rule knows it. `above` is what stands above a column of headings."""
    if re.search(_OVER_TIME, folded(text)):  # without a year it is the effect of none
        year = year_in(text)
        return [code(COUNT, Measure.OTHER)] if year is None else [code(YEAR, year), code(SERIES, Series.CUMULATIVE)]
    policy, _is_sure = policy_named(text, known.policies)
    if policy is not None and (not text.strip().isdecimal() or re.search("方針|番号|no", folded(above))):
        return [code(POLICY, policy)]
    found: Meanings = []
    named = day_named(text)
    year = year_in(text) if named is None else None
    if named is not None:
        found.append(code(DAY, named.isoformat()))
    elif year is not None:
        found.append(code(YEAR, year))
    rest = folded(_YEAR_OR_DAY.sub("", unicodedata.normalize("NFKC", text)) if found else text)
    if grade := grade_named(_YEAR_OR_DAY.sub("", text) if found else text, known):
        found.append(code(GRADE, grade))
    for edition, name in known.editions.items():
        if as_seen(name) == as_seen(text):
            return [code(EDITION, edition)]
    if aspect := _aspect(rest):
        return [*found, code(ASPECT, aspect)]
    found += [code(HOW, value) for value, pattern in _HOWS if re.search(pattern, rest)]
    if not grade:
        found += _first(KIND, _KINDS, rest) or ([] if code(HOW, SHARE) in found else _first(COUNT, _COUNTS, rest))
        if KIND in _dimensions(found):
            found += _first(COUNT, _COUNTS[3:9], rest)
    if named is None and year is None and code(HOW, CHANGE) not in found and (month := part_in(text)):
        found.append(code(PART, month))
    found += _first(BASIS, _BASES, rest) + _first(ACCOUNT, _ACCOUNTS, rest)
    if unit := money_unit(rest):
        found.append(code(UNIT, unit))
    if not found and re.search(_TOTAL, rest):
        return [TOTAL]
    return found or ([PLAIN] if re.search(_PLAIN, rest) else [])


def _first(dimension: str, rules: Iterable[tuple[str, str]], rest: str) -> Meanings:
    return next(([code(dimension, value)] for value, pattern in rules if re.search(pattern, rest)), [])


def _dimensions(meanings: Iterable[str]) -> set[str]:
    return {one.partition(":")[0] for one in meanings}


def _aspect(rest: str) -> str:
    if re.search(r"指標.*新規|新規.*指標|^うち新規", rest):
        return Aspect.INDICATORS_NEW
    bare = re.sub(r"(の)?(追加|変更|修正|見直し)$", "", rest)
    return next((one.value for one in Aspect if bare == folded(one.label)), "")


def guess_all(paths: Iterable[Sequence[str]], known: NameableParts, above: str = "") -> dict[str, Meanings]:
    """What the headings of one side of a table mean. A 計 is the total of what stands beside it."""
    texts = list(dict.fromkeys(text for path in paths for text in path))
    found = {text: guess(text, known, above) for text in texts}
    beside = _dimensions(one for meanings in found.values() for one in meanings)
    for text, meanings in found.items():
        if meanings == [TOTAL]:
            found[text] = _total(beside)
    return found


def _total(beside: set[str]) -> Meanings:
    if GRADE in beside:
        return [code(COUNT, Measure.GRADED_TOTAL)]
    if POLICY in beside:
        return [code(POLICY, ALL)]
    if ASPECT in beside:
        return [code(COUNT, Measure.REVISED_ITEMS)]
    if KIND in beside:
        return [code(KIND, TOTAL)]
    return [code(COUNT, Measure.OTHER)] if beside & {YEAR, DAY} else [code(POLICY, ALL)]


def axis_named(texts: Iterable[str], known: NameableParts) -> str:
    """The key of the axis beside the first that a table names, "" for the first."""
    said = [folded(text) for text in texts]
    return next((key for key, (name, _grades) in known.axes.items() if any(folded(name) in text for text in said)), "")


def of_whole(titles: Iterable[str], known: NameableParts) -> dict[str, str]:
    """What stands above a table about all of it: its day or year, its unit, its basis, what is counted."""
    found: dict[str, str] = {}
    for text in titles:
        if (named := day_named(text)) is not None:
            found.setdefault(DAY, named.isoformat())
        elif (year := year_in(text)) is not None:
            found.setdefault(YEAR, str(year))
        if unit := money_unit(text):
            found.setdefault(UNIT, unit)
        for dimension, rules in ((BASIS, _BASES), (COUNT, _COUNTS)):
            if one := _first(dimension, rules, folded(text)):
                found.setdefault(dimension, one[0].partition(":")[2])
    if UNIT in found:  # of money, which nothing but effects has
        found.setdefault(COUNT, Measure.EFFECT.value)
    if len(known.editions) == 1:
        found.setdefault(EDITION, next(iter(known.editions)))
    return found


Options = list[tuple[str, list[tuple[str, str]]]]
# Those that a heading names; of the others the grades, aspects or changes beside it tell them, or an indicator would.
COUNTS: list[tuple[str, str]] = [
    (code(COUNT, one.value), str(one.label))
    for one, declared in MEASURES.items()
    if not {GRADES, ASPECT, INDICATOR} & {*declared.needs} and one is not Measure.ITEM_COUNT_CHANGE
]


def options(known: NameableParts, meanings: Iterable[str]) -> Options:
    """What a heading can be said to mean, in groups; `meanings` are those in use, which may name a day of their own."""
    used = set(meanings)

    def with_used(dimension: str, offered: Iterable[object]) -> list[str]:
        own = {one.partition(":")[2] for one in used if one.startswith(f"{dimension}:")}
        return [*map(str, offered), *sorted(own - {*map(str, offered)})]

    grades = {grade.code: f"{grade.code} {grade.label}" for grade in known.grades}
    policies = [(code(POLICY, number), f"方針{number} {name}") for number, name in sorted(known.policies.items())]
    days = sorted(with_used(DAY, [one.isoformat() for one in known.days]))
    years = sorted(with_used(YEAR, known.years))
    return [
        ("読み方", [(PLAIN, "見出しだけ（数の意味を変えない）"), (SKIP, "読まない")]),
        ("方針", [(code(POLICY, ALL), "計画全体（方針の計）"), *policies]),
        ("評価", [(code(GRADE, one), grades.get(one, one)) for one in with_used(GRADE, [*grades, known.excluded])]),
        ("数え方", [(code(HOW, SHARE), "割合"), (code(HOW, CHANGE), "前回からの増減"), *COUNTS]),
        ("効果額", [*((code(KIND, kind.value), str(kind.label)) for kind in EffectKind), (code(KIND, TOTAL), "歳入確保と歳出削減の計")]),
        ("根拠", [(code(BASIS, one.value), str(one.label)) for one in Basis]),
        ("会計", [(code(ACCOUNT, one.value), str(one.label)) for one in Account]),
        ("効果額の数え方", [(code(SERIES, one.value), str(one.label)) for one in Series]),
        ("見直し箇所", [(code(ASPECT, one.value), str(one.label)) for one in Aspect]),
        ("版", [(code(EDITION, key), name) for key, name in known.editions.items()]),
        ("基準日", [(code(DAY, one), era_date(date.fromisoformat(one))) for one in days]),
        ("年度のうち", [(code(PART, month), f"{month}月末（年度は、ほかの見出しから）") for month in (6, 9, 12, 3)]),
        ("年度", [(code(YEAR, one), era_fiscal_year(int(one))) for one in years]),
        ("金額の単位", [(code(UNIT, unit), unit) for unit in UNITS]),
    ]  # fmt: skip
