"""What people write into one cell: departments, numbered lists, a target with its baseline, a policy with its number. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from core.grammar import Unreadable, number
from core.text import clean_code
from workbooks.tables.column_roles import parse_year

_LONGEST = 200  # characters of what is taken apart here; anything longer is a text
_DITTO = re.compile(r"^[（(]?\s*(同上|同じ|〃|″|\"|”|々|同左|上に同じ)\s*[)）]?$")
_LEFT = re.compile(r"^同左$")
_ARROW = re.compile(r"^[→⇒➡⇨―—─>＞\-~～〜]*[→⇒➡⇨＞>]+$")
_GOING_ON = re.compile(r"^(.*?)\s*(?:[→⇒➡⇨]|[―—─ー\-~～〜=＝…・.]+[＞>])[→⇒➡⇨―—─ー\-~～〜＞>]*$", re.DOTALL)
_NONE = re.compile(r"^[-－―—–‐−ー─]+$|^(なし|該当なし|無し|無)$")
_CIRCLED = re.compile(r"\s*(?:([①-⑳])|[(（]([0-9０-９]{1,2})[)）]|([0-9０-９]{1,2})[.．、]\s)")
_ENDING = re.compile(r"(課|室|局|所|部|係|館|センター|委員会|署|班|園|学校|全課|全庁|各課|関係課|庁)$")
_AND_OTHERS = re.compile(
    r"^(.+?(?:課|室|局|所|部|係|館|センター|委員会|署|班|園|学校))[ \u3000、,]*((?:ほか|他|等|など)(?:[0-9０-９]*(?:関係)?[各課室部署]+)?)$"
)
_DIVISION = re.compile(r"(部|局|委員会)$")
_SECTION = re.compile(r"(課|室|係)$")
_BRACKETS = re.compile(r"^(.+?)[（(](.+?)[)）]$", re.DOTALL)
_WORDS = r"以上|以下|未満|超|以内|程度|前後|増加?|減少?|維持|台"
# 以上 of 1,600以上 is no unit; 台 of 10台 is one.
_NO_WORDS = rf"(?!(?:{_WORDS.removesuffix('|台')})\s*(?:$|[(（)）]))"
# Few units have a digit; ㎡ loses its own where signs are brought to one form. ※ and ① behind a number are marks of notes.
_MARKS = "※*†‡①-⑳¹⁰⁴-⁹"
_UNIT = rf"(?:(?:[a-z]{{1,2}}|トン)-?)?CO[2₂]|k?m[23²³]|(?![²³₂])[^\d\s()（）、。・:：~～〜→,{_MARKS}]{{1,8}}?"
_NOTE_MARK = re.compile(
    r"(?P<bare>.*?\S)\s*(?P<mark>[(（\[【]\s*(?:[※*＊†‡]|注)\s*[0-9０-９]{0,2}\s*[)）\]】]"
    rf"|(?:[※*＊†‡]|注\s*(?=[0-9０-９]))\s*[0-9０-９]{{0,2}}[)）]?|[{_MARKS}]+|(?<=[0-9０-９])[²³]+)\s*",
    re.DOTALL,
)
_SQUARE = re.compile("([㎡㎥㎢²³₂])")
_ERA_YEAR = r"(?:平成|令和|昭和|H|R|S)\s*(?:元|\d{1,2}(?!\d))|(?:19|20)\d\d(?!\d)"


def _amount_as(prefix: str) -> str:
    number_ = rf"(?P<{prefix}number>[-−△▲]?\d[\d,]*(?:\.\d+)?)"
    return rf"{number_}\s*(?P<{prefix}unit>{_NO_WORDS}(?:{_UNIT}))?\s*(?P<{prefix}words>{_WORDS})?"


_TARGET = re.compile(
    rf"^(?P<about>約|概ね|おおむね)?\s*{_amount_as('')}\s*"
    rf"(?:[(（]\s*(?:基準|現状|参考)?[:：]?\s*(?P<year>{_ERA_YEAR})\s*(?:年度|年)?(?:末|実績|現在|決算)?[:：]?\s*(?:約)?{_amount_as('b')}\s*[)）])?$",
    re.DOTALL,
)
_VALUE_WITH_YEAR = re.compile(
    rf"^(?:約)?{_amount_as('')}\s*(?:[(（]\s*(?P<year>{_ERA_YEAR})\s*(?:年度|年)?(?:末|実績|現在|決算)?\s*[)）])?$"
)
_YEAR_FIRST = re.compile(
    rf"^[(（]?(?P<year>{_ERA_YEAR})\s*(?:年度|年)?(?:末|実績|現在|決算)?\s*[)）]?[:：]?\s*(?:約)?{_amount_as('')}$"
)
_KANJI = {char: value for value, char in enumerate("一二三四五六七八九十", 1)}
_ROMAN = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "Ⅵ": 6, "Ⅶ": 7, "Ⅷ": 8, "Ⅸ": 9, "Ⅹ": 10}
_N = r"(?P<n>[0-9０-９]{1,2}|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[一二三四五六七八九十]|[①-⑳])"
_NUMBERED = (
    re.compile(
        r"^\s*(?:基本方針|方針|方向性|基本目標|重点目標|重点項目|大項目|施策の柱|柱|重点|施策|目標|視点)\s*"
        rf"[(（\[【]?\s*{_N}\s*[)）\]】.．、:：]?\s*(?P<name>.*)$",
        re.DOTALL,
    ),
    re.compile(rf"^\s*[(（\[【]?\s*{_N}\s*(?:[)）\]】.．、:：]|\s)\s*(?P<name>.+)$", re.DOTALL),
    re.compile(rf"^\s*{_N}(?P<name>)\s*$"),
)
_RELISTED = re.compile(r"\s*[（(【\[]?\s*(再掲[^)）】\]]*)[)）】\]]?\s*$")

UP = re.compile(r"以上|増|向上|超|拡大|上昇")
DOWN = re.compile(r"以下|減|未満|以内|縮小|短縮|抑制")


def is_ditto(text: str) -> bool:
    return bool(_DITTO.match(text))


def is_left(text: str) -> bool:
    """Whether a ditto can only mean the cell to the left."""
    return bool(_LEFT.match(text))


def is_arrow(text: str) -> bool:
    return bool(_ARROW.match(text))


@dataclass(frozen=True)
class GoingOn:
    """A plan that ends with an arrow; without words it is an arrow of several signs."""

    text: str


def going_on(text: str) -> GoingOn | None:
    """「実施 ------>」 as 実施."""
    found = _GOING_ON.match(text) if len(text) <= _LONGEST else None
    return GoingOn(found[1].strip()) if found and (found[1].strip() or len(text) > 2) else None


def without_brackets(number: str) -> str:
    """I-1-(1) as I-1-1."""
    return re.sub(r"[()\[\]<>【】〔〕「」]", "", number)


def is_none(text: str) -> bool:
    """A stroke, or the word なし."""
    return bool(_NONE.match(text.strip()))


def numbered(text: str) -> list[str]:
    """The parts of a list that begins with ① or (1) on each line; one part where there is no such list."""
    lines = [line for line in text.splitlines() if line.strip()]
    parts: list[str] = []
    for line in lines:
        pieces = re.split(r"(?=[①-⑳])", line) if re.match(r"\s*[①-⑳]", line) else [line]
        for piece in filter(str.strip, pieces):
            if found := _CIRCLED.match(piece):
                parts.append(piece[found.end() :].strip())
            elif parts:
                parts[-1] += f"\n{piece.strip()}"
            else:
                return [text.strip()]
    return parts or [text.strip()]


@dataclass(frozen=True)
class Departments:
    names: tuple[str, ...]  # as they would be several departments
    is_plain: bool  # nobody could read it otherwise
    how: str = ""  # the separator that makes it doubtful
    others: str = ""  # ほか, of which nobody says who they are
    divisions: tuple[str, ...] = ()  # 部 of the 課 that stand below them, which do the work


def departments(text: str) -> Departments:
    """「市民協働課・地域振興課」 as names. A bracket may hold a second department, a former name or a section."""
    written = text.strip()
    if len(written) > _LONGEST:
        return Departments((written,), True)
    if divided := _without_divisions(written):
        return divided
    if found := _AND_OTHERS.match(written):
        return Departments(departments(found[1]).names, False, others=found[2])
    if found := _BRACKETS.match(written):
        outer, inner = found[1].strip(), found[2].strip()
        return Departments((*departments(outer).names, *departments(inner).names), False, "（ ）")
    for separator, pattern in (
        ("改行・読点", r"[\n、,，;；]+"),
        ("・", r"[・･]+"),
        ("/", r"[/／]+"),
        ("空白", r"[ \u3000]+"),
    ):
        parts = [part.strip() for part in re.split(pattern, written) if part.strip()]
        if len(parts) > 1:
            whole = all(_ENDING.search(part) for part in parts)
            if separator == "改行・読点":
                names = tuple(name for part in parts for name in departments(part).names)
                return Departments(names, whole and all(departments(part).is_plain for part in parts), separator)
            if whole or separator == "/":
                return Departments(tuple(parts), False, separator)
    return Departments((written,), written not in ("全課", "全庁", "各課", "関係課", "全部署", "全部局", "全所属"))


def _without_divisions(text: str) -> Departments | None:
    """「企画政策部⏎行政経営課」: the 課 of a 部, not two departments."""
    pieces = re.split(r"(\s*[\n \u3000]\s*|[、,，;；]+)", text)
    names, signs = pieces[::2], [*pieces[1::2], ""]
    above = {
        index
        for index, (name, sign) in enumerate(zip(names, signs, strict=True))
        if sign and not sign.strip() and _DIVISION.search(name) and _SECTION.search(names[index + 1])
    }
    if not above:
        return None
    rest = "".join(
        name + sign for index, (name, sign) in enumerate(zip(names, signs, strict=True)) if index not in above
    )
    below = departments(rest)
    return Departments(
        below.names, False, below.how, below.others, tuple(joined(names[index]) for index in sorted(above))
    )


def joined(text: str) -> str:
    """A name that was broken over lines to fit its cell."""
    return "".join(line.strip() for line in text.splitlines())


def short(text: str) -> str:
    """A text as a question quotes it."""
    text = joined(text)
    return text if len(text) <= 40 else f"{text[:40]}…"


@dataclass(frozen=True)
class WrittenNumber:
    """A number with what stands around it: 77%以上（H23年度68.1%）."""

    value: Decimal
    unit: str = ""
    words: str = ""
    baseline: Decimal | None = None
    baseline_unit: str = ""
    baseline_year: int | None = None


def _cleaned(text: str) -> str:
    return "".join(part if _SQUARE.fullmatch(part) else clean_code(part) for part in _SQUARE.split(text))


def amount(text: str) -> WrittenNumber | None:
    """Read a target, a baseline or an actual. None for words."""
    written = _cleaned(text)
    found = _TARGET.match(written) if len(written) <= _LONGEST else None
    if found is None:
        return None
    value = _number(found["number"])
    if value is None:
        return None
    words = (found["about"] or "") + (found["words"] or "")
    baseline = _number(found["bnumber"]) if found["bnumber"] else None
    return WrittenNumber(
        value,
        (found["unit"] or "").strip(),
        words,
        baseline,
        (found["bunit"] or "").strip() if baseline is not None else "",
        parse_year(re.sub(r"\s", "", found["year"])) if found["year"] else None,
    )


def noted(text: str) -> tuple[str, str] | None:
    """A number and the mark of a note behind it, or before it: 95.1 and ※1 of 「95.1※1」. None where there is no such mark."""
    found = _NOTE_MARK.fullmatch(text) if len(text) <= _LONGEST else None
    if (
        found is None
        and (found := re.fullmatch(r"(?P<mark>[※*＊])\s*(?P<bare>\S.*)", text[:_LONGEST], re.DOTALL)) is None
    ):
        return None
    bare = found["bare"]
    return (bare, found["mark"]) if amount(bare) or baseline(bare) else None


def baseline(text: str) -> tuple[WrittenNumber, int | None] | None:
    """Read a baseline with its year, before or behind it: 95団体（H22年度）, H22:95団体, 95."""
    written = _cleaned(text)
    found = (_VALUE_WITH_YEAR.match(written) or _YEAR_FIRST.match(written)) if len(written) <= _LONGEST else None
    value = _number(found["number"]) if found else None
    if found is None or value is None:
        return None
    year = parse_year(re.sub(r"\s", "", found["year"])) if found["year"] else None
    return WrittenNumber(value, (found["unit"] or "").strip(), found["words"] or ""), year


def _number(written: str) -> Decimal | None:
    try:
        return number(written)
    except Unreadable:
        return None


def policy(text: str) -> tuple[int | None, str]:
    """「方針１ 地域協働の推進」 as (1, 地域協働の推進); the number is None where none is written."""
    found = next((match for rule in _NUMBERED if (match := rule.match(text))), None)
    if found is None:
        return None, joined(text)
    written = found["n"]
    number_ = _ROMAN.get(written) or _KANJI.get(written) or int(unicodedata.normalize("NFKC", written))
    return number_, joined(found["name"].strip(" 　:：「」"))


def relisted(name: str) -> tuple[str, str]:
    """「項目7（再掲：方針３）」 as (項目7, 再掲：方針３)."""
    if "再掲" not in name or len(name) > _LONGEST:
        return joined(name), ""
    found = _RELISTED.search(name)
    if found and found.start():
        return joined(name[: found.start()]), found[1].strip()
    return joined(name.replace("再掲", "").strip("（）()【】[] 　")), "再掲"
