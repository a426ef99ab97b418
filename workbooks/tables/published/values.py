"""What one cell of a printed table says: a number as it is printed, with its unit, △ and 約. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from core.grammar import Unreadable, number
from core.text import clean_code
from figures.models import TRIANGLES
from workbooks.tables import cells

PERCENT = "%"
_MONEY = "百万円|千円|万円|億円|円"
_ABOUT = "約|概ね|おおむね|およそ"
# What may stand behind a number. Another word makes it a text: a year or a page is no value, and 百億円 is what somebody must see.
_COUNTED = "実施項目|項目|件|プログラム|取組|事業|事務事業|指標|団体|か所|箇所|施設|人|名|課|個|つ|本"
_UNIT = rf"(?:{_MONEY}|%|パーセント|ポイント|{_COUNTED})"
_SIGN = r"[△▲\-−+±]?"
_VALUE = re.compile(rf"(?P<about>{_ABOUT})?\s*(?P<number>{_SIGN}\s*\d[\d,.]*)\s*(?P<unit>{_UNIT})?")
_PAIR = re.compile(r"(?P<count>[^()]+?)\s*\(\s*(?P<share>[^()%]+%)\s*\)", re.DOTALL)
_COMMA = re.compile(rf"{_SIGN}\d+,\d{{1,2}}%?")
_MOST_DECIMALS = 4  # that a figure keeps
_LONGEST = 100  # characters of what was printed


@dataclass(frozen=True)
class Value:
    """A number in a cell. `value` None: it cannot be read, and `reason` says why."""

    printed: str
    value: Decimal | None
    unit: str = ""
    is_approximate: bool = False
    has_triangle: bool = False
    reason: str = ""

    @property
    def is_too_fine(self) -> bool:
        """Whether it has more decimals than anybody prints: what a program computed and showed rounded."""
        return self.value is not None and -int(self.value.normalize().as_tuple().exponent) > _MOST_DECIMALS


def looks_like_value(text: str) -> bool:
    written = clean_code(text)
    return bool(_VALUE.fullmatch(written) or _PAIR.fullmatch(written) or _COMMA.fullmatch(written))


def read(text: str) -> list[Value]:
    """The numbers of a cell: one, or a count with its share 「15（24.2%）」."""
    pair = _PAIR.fullmatch(clean_code(text))
    if pair is None:
        return [_one(text)]
    count, share = re.split(r"[(（]", text, maxsplit=1)
    return [_one(count.strip()), _one(re.sub(r"[)）]\s*$", "", share).strip())]


def with_comma_as_point(value: Value) -> Value | None:
    """「68,1」 as 68.1, where nothing else can be meant."""
    written = clean_code(value.printed)
    if value.value is not None or not _COMMA.fullmatch(written):
        return None
    return Value(value.printed, number(written.removesuffix(PERCENT).replace(",", ".")), _unit_of(written))


def _one(text: str) -> Value:
    printed = text.strip()
    written = clean_code(text)
    found = _VALUE.fullmatch(written)
    if len(printed) > _LONGEST:
        return Value(printed[:_LONGEST], None, reason=f"{_LONGEST}文字を超えているため、公表値として登録できません。")
    if found is None:
        return Value(printed, None, _unit_of(written), reason=f"「{printed}」は数として読めません。")
    bare = re.sub(r"\s", "", found["number"]).lstrip("+±")
    try:
        value = number(bare)
    except Unreadable as refused:
        return Value(printed, None, _unit_of(written), reason=str(refused))
    return Value(printed, value, _unit_of(written), bool(found["about"]), bare.startswith(TRIANGLES))


def _unit_of(written: str) -> str:
    found = _VALUE.fullmatch(written)
    if found is None:
        return PERCENT if written.endswith(PERCENT) else ""
    return PERCENT if found["unit"] == "パーセント" else (found["unit"] or "")


def is_stroke(text: str) -> bool:
    """A stroke in place of a number: it says none, nothing, or not applicable."""
    return cells.is_none(text) or clean_code(text) in ("…", "...", "*", "/")
