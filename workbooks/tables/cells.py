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
    """The parts of a list that begins with ① or (1) on each line, or with ・; one part where there is no such list."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(re.match(r"\s*[・･●■◆▪]\s*\S", line) for line in lines):
        return [line.strip().lstrip("・･●■◆▪ \u3000") for line in lines]
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
    return parts if any(parts) else [text.strip()]  # (5) alone is no place in a list


def joined(text: str) -> str:
    """A name that was broken over lines to fit its cell."""
    return "".join(line.strip() for line in text.splitlines())


def in_words(text: str) -> str:
    """A value in words, of whose lines no two numbers become one: 10⏎9 is not 109."""
    return joined(re.sub(r"(?<=[0-9０-９])\s*\n\s*(?=[0-9０-９])", " ", text))


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
    if found is None or re.fullmatch(rf"[{_MARKS}]", text.strip()):
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


def with_note(text: str) -> tuple[str, str] | None:
    """What a cell says and the mark of a note behind it: 市民課 and ※1 of 「市民課※1」. None where there is no such mark."""
    found = _NOTE_MARK.fullmatch(text) if len(text) <= _LONGEST else None
    return (found["bare"], found["mark"]) if found else None


def noted(text: str) -> tuple[str, str] | None:
    """The same of a number, before which the mark may stand, too: 95.1 and ※1 of 「95.1※1」."""
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
