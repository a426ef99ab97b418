"""What a column of a table that people made is for: guessed from its heading, then from its values, by the rules below.

All rules for a single column stand in this module; what the columns of a table say of each other is in guessing.py. There are no
other guesses. A person sees and corrects what it says.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.fiscal import ERAS, parse_fiscal_year
from workbooks.tables import spans


class Role(enum.StrEnum):
    IGNORE = "ignore"
    NUMBER = "number"
    NAME = "name"
    POLICY = "policy"
    POLICY_NAME = "policy_name"
    DIRECTION = "direction"
    DEPARTMENTS = "departments"
    CONTENTS = "contents"
    PLANNED_YEARS = "planned_years"
    EXPECTED_EFFECT = "expected_effect"
    YEAR_PLAN = "year_plan"
    INDICATOR = "indicator"
    UNIT = "unit"
    BASELINE = "baseline"
    TARGET = "target"
    ACTUAL = "actual"
    GRADE = "grade"
    PROGRESS = "progress"
    REVENUE = "revenue"
    SAVING = "saving"
    NOTE = "note"
    ROW_KIND = "row_kind"
    ROW_YEAR = "row_year"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Role.IGNORE: "読まない",
    Role.NUMBER: "番号",
    Role.NAME: "項目名",
    Role.POLICY: "方針",
    Role.POLICY_NAME: "方針の名称（番号が別の列のとき）",
    Role.DIRECTION: "方向性",
    Role.DEPARTMENTS: "推進担当課",
    Role.CONTENTS: "実施内容",
    Role.PLANNED_YEARS: "実施予定年度",
    Role.EXPECTED_EFFECT: "見込まれる効果",
    Role.YEAR_PLAN: "年度計画（その年度）",
    Role.INDICATOR: "指標名",
    Role.UNIT: "指標の単位",
    Role.BASELINE: "指標の基準値",
    Role.TARGET: "指標の目標（その年度）",
    Role.ACTUAL: "指標の実績（その年度）",
    Role.GRADE: "評価（その基準日）",
    Role.PROGRESS: "取組状況（その基準日）",
    Role.REVENUE: "効果額・歳入確保（その年度）",
    Role.SAVING: "効果額・歳出削減（その年度）",
    Role.NOTE: "備考",
    Role.ROW_KIND: "行の区分（計画・目標・実績）",
    Role.ROW_YEAR: "行の年度（年度が縦に並ぶ表）",
}

YEARLY = {Role.YEAR_PLAN, Role.TARGET, Role.ACTUAL, Role.REVENUE, Role.SAVING}
MAY_HAVE_YEAR = YEARLY | {Role.BASELINE}
OF_INDICATOR = {Role.INDICATOR, Role.UNIT, Role.BASELINE, Role.TARGET, Role.ACTUAL}
OF_DAY = {Role.GRADE, Role.PROGRESS}
# Of these a table has one column; a second one that looks like it is left to the person.
ONCE = {
    Role.NUMBER,
    Role.NAME,
    Role.POLICY,
    Role.POLICY_NAME,
    Role.DIRECTION,
    Role.CONTENTS,
    Role.PLANNED_YEARS,
    Role.EXPECTED_EFFECT,
    Role.ROW_KIND,
    Role.ROW_YEAR,
}

# A heading without spaces, years and slots; the first rule that finds something holds.
_HEADINGS: tuple[tuple[Role, str], ...] = (
    (Role.ROW_KIND, r"^(区分|種別|行区分|\(?(計画|予定)[/・･]実績\)?|計画実績(区分)?)$"),
    (
        Role.NUMBER,
        r"^(no\.?|#|番号|通番|順番|(通し|整理|体系|管理|個票|施策|計画)(番号|no\.?)|連番|項番|(実施|取組|改革|推進)?項目(番号|no\.?|コード)|(取組|事業|プログラム)(番号|no\.?|コード|id)|コード|id)$",
    ),
    (
        Role.IGNORE,
        r"(課|所属|部署|担当|所管|主管)\S*(コード|cd|番号|no\.?|id)$",
    ),  # the name stands in a column beside it
    # What is to be done next is none of the plan, and why a grade was given is none.
    (Role.IGNORE, r"今後の|^(次|翌|来)年度(の|以降)|(評価|判定)の?(理由|根拠|基準|説明|コメント|日$|者$)"),
    # What is computed of target and actual, and what stands in the way.
    (
        Role.IGNORE,
        r"(達成|進捗|執行|増減|伸び|前年比)率|前年(度)?比|増減|差引|課題(?!.*(内容|取組))|問題点|要因",
    ),
    (Role.UNIT, r"^(指標)?(の)?単位$|指標.*単位"),
    (Role.BASELINE, r"基準値|現状値|現況(?!と)|現状(?!と|及び|・)|策定時|計画前"),
    (Role.GRADE, r"評価(?!指標)|判定|進捗区分|進捗度|達成度|達成状況"),
    (Role.PROGRESS, r"取組?状況|取り組み状況|進捗状況|実施状況|取組実績|実施実績|実績の内容|主な取組実績"),
    (Role.REVENUE, r"歳入確保|増収額|歳入.*額"),
    (
        Role.SAVING,
        r"効果(見込|見込み|予定|目標|計画|実績|決算)?額|財政効果|削減額|歳出削減|節減額|効果.*(千円|万円|百万円|円)",
    ),
    (Role.PLANNED_YEARS, r"(実施|予定|取組|計画|推進|目標|達成|完了).*(年度|期間|時期)$|^(期間|時期|実施時期|年次)$"),
    (Role.EXPECTED_EFFECT, r"(見込|期待).*効果|^(主な)?効果$|^目的.*効果$|^ねらい$"),
    (Role.YEAR_PLAN, r"(取組|行動|活動)の?目標$"),  # words: what is to be done in the year
    (Role.TARGET, r"目標(?!.*方針)|めざす値|目指す値"),
    (Role.ACTUAL, r"実績|決算|結果"),
    (Role.INDICATOR, r"指標|kpi|kgi"),
    (
        Role.YEAR_PLAN,
        r"(年度|年次|推進|実施|行動|工程)(別)?(計画|スケジュール|表)$|^(工程|スケジュール|計画|ロードマップ|予定)$|^(取組|実施)(予定|計画)$|^(第?\d*年目|初年度)$",
    ),
    (Role.IGNORE, r"担当(者|職員)|(課|室|係|部)長|氏名|電話|内線|連絡先|メール"),  # people are no departments
    (Role.DEPARTMENTS, r"担当|所管|主管|部署|^所属(名)?$|^課(名|等)?$|推進課|関係課"),
    (Role.DIRECTION, r"方向性|^(基本的な)?視点"),
    (Role.POLICY_NAME, r"(方針|柱|大項目|体系|分野|基本目標)(の)?(名|名称)$"),
    (Role.POLICY, r"方針|^(施策の)?柱|大項目|重点(改革)?(目標|分野|施策)|基本目標|改革の柱|^分野$|^体系$"),
    (Role.CONTENTS, r"内容|概要|取組の説明|^説明$"),
    (
        Role.NAME,
        r"(項目|取組|取り組み|事業|改革|プログラム|件|施策)(の)?名称?$|^(名称|件名)$|^\S{0,8}(項目|取組|取り組み|プログラム|事業|事項)$",
    ),
    (Role.NOTE, r"備考|摘要|特記|注記|コメント|^その他$"),
)
_RULES = tuple((role, re.compile(pattern)) for role, pattern in _HEADINGS)

_ERA = "|".join(name for era in ERAS for name in (era.name, era.letter))
_YEAR = re.compile(
    rf"(?:(?P<era>{_ERA})\s*\.?(?P<n>元|\d{{1,2}})|(?P<western>(?:19|20)\d\d))\s*(?:年度|年|FY)?", re.IGNORECASE
)
_YEAR_AGAIN = re.sub(r"\?P<\w+>", "?:", _YEAR.pattern)
# 平成31(令和元)年度, H31/R1: one year, twice.
_ONLY_YEAR = re.compile(
    rf"(?:FY)?{_YEAR.pattern}(?:(?:\((?P<again>{_YEAR_AGAIN})\)|[/・･](?P<beside>{_YEAR_AGAIN}))(?:年度|年)?)?",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(r"(\d{1,2}|元)年度")
_DAY = re.compile(
    rf"(?:(?P<era>{_ERA})(?P<n>元|\d{{1,2}})|(?P<western>(?:19|20)\d\d))(?:年|[./-])(?P<month>\d{{1,2}})(?:月|[./-]|$|(?=[^\d]))(?:(?P<day>\d{{1,2}}|末))?",
    re.IGNORECASE,
)
# Parts of a year, and the month at whose end they are over.
_PARTS = (
    *((re.compile(f"第?[{one}]四半期"), month) for one, month in (("1一", 6), ("2二", 9), ("3三", 12), ("4四", 3))),
    (re.compile("上半期|上期|前期|9月末|中間"), 9),
    (re.compile("下半期|下期|後期|3月末|年度末|期末|通期"), 3),
)
_SLOT = re.compile(r"指標\s*(?:その)?([1-9])")
_UNITS = re.compile(r"[(（【\[]?(?:単位)?[:：]?(百万円|千円|万円|億円|円)[)）】\]]?")
_DEPARTMENT = re.compile(r"(課|室|局|所|部|係|館|センター|委員会|事務局|全庁|署|班|園|学校)$")
_PLANNED = re.compile(
    r"^(検討|試行|実施|本格|継続|準備|調査|運用|推進|開始|拡大|見直し|方針決定|→|⇒|➡|同上|〃|-|－|—)+$"
)
_LETTERS = re.compile(r"^[SABCD]$")
_GRADES = re.compile(r"^[SABCD◎○△×◯〇]$")
_BASIS = re.compile("決算|予算|見込|実績|計画額|目標額")
_OF_SAVING = re.compile("削減|節減|抑制|歳出")  # 効果額 alone may be a revenue, too
_MEASURED = re.compile(r"^[(約]*[△▲−-]?\d[\d,.]*\D{0,3}$")
_ITEM_NUMBER = re.compile(r"^[A-Za-z]{0,3}\d{1,3}([-.]\d{1,3})*$")
_LONGEST = 200  # characters of a heading
MOSTLY = 0.6  # of the values of a column


@dataclass(frozen=True)
class ColumnUse:
    """What a column is for. `year` of a yearly role, `as_of` of a grade, `slot` for tables with 指標1, 指標2 side by side
    (0: the only one)."""

    role: Role = Role.IGNORE
    year: int | None = None
    as_of: date | None = None
    slot: int = 0
    is_sure: bool = True  # the heading says it; otherwise the values look like it


def folded(heading: str) -> str:
    """A heading as the rules see it: its beginning, where somebody wrote a text."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", heading[:_LONGEST])).lower()


def year_in(text: str) -> int | None:
    """The fiscal year that a heading names: H23, 平成23年度, 2011, FY2011, 目標（H27）."""
    found = _YEAR.search(unicodedata.normalize("NFKC", text[:_LONGEST]))
    if found is None:
        bare = _BARE_YEAR.match(folded(text))
        return spans.of_no_era(1 if bare[1] == "元" else int(bare[1])) if bare else None
    return parse_year(found["western"] or f"{found['era']}{found['n']}")


def without_year(text: str) -> str:
    return _YEAR.sub("", text)


@lru_cache(maxsize=4096)
def is_year(text: str) -> bool:
    """Whether a heading is a year and nothing else."""
    written = folded(text)
    if found := _ONLY_YEAR.fullmatch(written):
        return _is_one(found)
    return bool(_BARE_YEAR.fullmatch(written))


def _is_one(found: re.Match[str]) -> bool:
    """Whether a year that is written twice is the same in both."""
    again = found["again"] or found["beside"]
    return not again or year_in(again) == year_in(found[0])


def day_in(text: str) -> date | None:
    """The as-of date that a heading names: H26.9, 平成26年9月末, 2014/9/30, H26上半期."""
    written = folded(text)
    if found := _DAY.search(written):
        year = parse_year(found["western"] or f"{found['era']}{found['n']}")
        month = int(found["month"])
        if year is not None and 1 <= month <= 12:
            return _last_of(year, month)
    year, part = year_in(written), part_in(written)
    return end_of_part(year, part) if year is not None and part is not None else None


def part_in(text: str) -> int | None:
    """The month at whose end the part of a year is over that a heading names: 上半期 → 9, 第1四半期 → 6."""
    written = folded(text)
    return next((month for pattern, month in _PARTS if pattern.search(written)), None)


def end_of_part(fiscal_year: int, month: int) -> date:
    """The last day of a month of a fiscal year."""
    return _last_of(fiscal_year + (month < 4), month)


def parse_year(written: str) -> int | None:
    try:
        return parse_fiscal_year(written)
    except ValueError:
        return None


def _last_of(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def money_unit(text: str) -> str | None:
    """千円 of 「（単位：千円）」."""
    found = _UNITS.search(unicodedata.normalize("NFKC", text))
    return found[1] if found else None


@lru_cache(maxsize=4096)
def role_of(heading: str) -> Role | None:
    """The role that one heading names, its years and slots left out of sight."""
    written = folded(heading)
    if is_year(written):
        return None
    bare = re.sub(r"\([^)]*(?:含む|単位)[^)]*\)", "", _YEAR.sub("", written))
    for text in (re.sub(r"\(.*?\)|\d+", "", bare), bare):
        for role, rule in _RULES:
            if rule.search(text):
                return role
    return None


def of_money(path: Sequence[str]) -> ColumnUse | None:
    """What the headings above a column of a table of amounts say: R1決算 is no actual of an indicator there."""
    year = year_named(path)
    last = folded(path[-1]) if path else ""
    if not _with_years(path) or not _BASIS.search(last) or role_of(last) not in (None, Role.ACTUAL, Role.TARGET):
        return None
    return ColumnUse(Role.REVENUE if "歳入" in "".join(path) else Role.SAVING, year, is_sure=False)


def by_heading(path: Sequence[str]) -> ColumnUse | None:
    """What the headings above a column say, from the top one to the one right above the values."""
    role = next((found for part in reversed(path) if (found := role_of(part)) is not None), None)
    year = year_named(path)
    whole = "/".join(path)
    if role is None:
        is_of_year = bool(_with_years(path)) and any(is_year(part) or spans.is_span(part) for part in path)
        if not is_of_year:
            return None
        is_told = is_year(path[-1]) or spans.is_span(path[-1]) or part_in(path[-1]) is not None
        return ColumnUse(Role.YEAR_PLAN, year, is_sure=is_told and is_of_one_year(path))
    if (
        role in (Role.ROW_KIND, Role.CONTENTS) and year is not None
    ):  # 計画／実績 of a year has both, 取組内容 of one is its plan
        return ColumnUse(Role.YEAR_PLAN, year, is_sure=False)
    above = [found for part in path[:-1] if (found := role_of(part)) is not None]
    if role in (Role.ACTUAL, Role.TARGET, Role.YEAR_PLAN) and {Role.REVENUE, Role.SAVING} & {*above}:
        role = next(found for found in above if found in (Role.REVENUE, Role.SAVING))
    is_alone = year is not None and is_year(path[-1])
    if role is Role.PLANNED_YEARS and (is_alone or (spans.is_span(path[-1]) and role_of(path[-1]) is None)):
        role = Role.TARGET if "目標" in whole else Role.YEAR_PLAN
    numbered = _SLOT.search(folded(whole)) if role in OF_INDICATOR else None
    slot = int(numbered[1]) if numbered else 0
    return ColumnUse(
        role,
        year if role in MAY_HAVE_YEAR else None,
        day_named(path) if role in OF_DAY else None,
        slot,
        is_sure=(role is not Role.SAVING or bool(_OF_SAVING.search(whole)))
        and not (role is Role.EXPECTED_EFFECT and year is not None)
        and is_of_one_year(path, may_be_several=role not in MAY_HAVE_YEAR),
    )


def year_named(path: Sequence[str]) -> int | None:
    """The one fiscal year that headings name, from the top one to the one right above the values; None for several."""
    part = _with_years(path)
    return None if spans.is_span(part) else year_in(part)


def day_named(path: Sequence[str]) -> date | None:
    """The day that headings name."""
    return (day_in(path[-1]) or day_in("/".join(path))) if path else None


def _with_years(path: Sequence[str]) -> str:
    """The lowest heading that names a year, or several."""
    return next((part for part in reversed(path) if year_in(part) is not None or spans.is_span(part)), "")


def is_of_one_year(path: Sequence[str], *, may_be_several: bool = False) -> bool:
    """Whether headings leave no doubt about their year: not 23年度, which has no era, not 令和5（2024）年度, and not H25～H27."""
    is_bare = any(_BARE_YEAR.match(folded(part)) for part in path)
    found = _ONLY_YEAR.search(folded(_with_years(path)))
    return (
        not is_bare and (found is None or _is_one(found)) and (may_be_several or not spans.is_span(_with_years(path)))
    )


def mostly(pattern: re.Pattern[str], given: Sequence[str]) -> bool:
    """Whether a pattern is found in most of some values."""
    return sum(bool(pattern.search(value)) for value in given) >= MOSTLY * len(given)


def graded(column: ColumnUse, path: Sequence[str], values: Sequence[str]) -> ColumnUse:
    """A column under a year that holds grades, not plans. ○ under a year is a plan more often, under a half-year a grade."""
    if column.role is not Role.YEAR_PLAN:
        return column
    day = day_named(path)
    given = [text for value in values if (text := unicodedata.normalize("NFKC", value).strip().strip("-－—–"))]
    if len(given) < (1 if day else 2) or not mostly(_GRADES if day else _LETTERS, given):
        return column
    return ColumnUse(Role.GRADE, as_of=day, is_sure=False)


def are_words(values: Sequence[str]) -> bool:
    """Whether values tell what was done, and are no numbers with a unit."""
    given = [text for value in values if (text := folded(value).strip("-－—–"))]
    return bool(given) and not mostly(_MEASURED, given)


def by_values(values: Sequence[str]) -> ColumnUse | None:
    """What the values of a column without a telling heading look like."""
    given = [unicodedata.normalize("NFKC", value).strip() for value in values if value.strip()]
    if len(given) < 2:
        return None

    if mostly(_ITEM_NUMBER, given) and len(set(given)) == len(given):
        return ColumnUse(Role.NUMBER, is_sure=False)
    if mostly(_DEPARTMENT, given) and max(map(len, given)) < 60:
        return ColumnUse(Role.DEPARTMENTS, is_sure=False)
    if mostly(_GRADES, given):
        return ColumnUse(Role.GRADE, is_sure=False)
    if mostly(_PLANNED, given):
        return ColumnUse(Role.YEAR_PLAN, is_sure=False)
    return None
