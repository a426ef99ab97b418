"""Numbers that are shown otherwise than they are stored: 68.1 % for 0.681, 1,234 (千) for 1234000, △500 for -500, 平成24年度 for a day.

Runs in the process that core/spreadsheets/confined.py starts; xlsx and xls say it by the code of a format, ods by elements.
"""

from __future__ import annotations

import datetime
import math
import re
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from core.fiscal import era_of
from core.grammar import Content


class NumberFormat(NamedTuple):
    """A number format that shows a number multiplied, or a negative one with a `triangle`, of which a person has to say what
    it means. With `era`: that shows of a day the year of its era and nothing else. `before`, `after`: the words that it shows
    beside a number (12件, H23年度); `zero`: what it shows of a zero, where that is no number."""

    factor: Decimal
    shown: str
    era: str = ""
    triangle: str = ""
    before: str = ""
    after: str = ""
    zero: str | None = None

    def seen(self, value: Content, zero: datetime.date) -> tuple[Content, str]:
        """What the person saw, and a note (Japanese) where it is another number. Days are counted from `zero`."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return value, ""
        if self.era:
            with suppress(ValueError, OverflowError):  # no day of an era: it stays a number
                return _as_era(self.era, zero + datetime.timedelta(days=math.floor(value))), ""
            return value, ""
        if self.zero is not None and value == 0:
            as_what = f"「{self.zero}」" if self.zero else "空欄"
            return self.zero or None, f"0を表示しない書式なので、表示のとおり {as_what}と読みました。"
        seen = (Decimal(f"{value:.15g}") * self.factor).normalize()
        seen = Decimal(f"{seen:f}")
        has_triangle = bool(self.triangle) and seen < 0
        written = f"{self.triangle}{-seen:f}" if has_triangle else f"{seen:f}"
        if self.before or self.after:
            written = f"{self.before}{written}{self.after}"
        is_text = has_triangle or bool(self.before or self.after)
        if self.factor == 1:
            return (written if is_text else value), ""
        note = f"{self.shown}の書式で表示されている値を、表示のとおり {written} と読みました。"
        return (written if is_text else seen), note


PERCENT = NumberFormat(Decimal(100), "百分率（%）")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ERA_ALONE = re.compile(r"\s*g{0,3}e{1,2}[^\w.,%]*", re.IGNORECASE)
_OF_ERA = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.|(g+)|(e+)|(.)', re.IGNORECASE | re.DOTALL)
_SECTION = re.compile(r'(?:^|;)((?:"[^"]*"|\\.|[^;"\\])*)')
_TRIANGLE = re.compile("[△▲]")
_UNSEEN = re.compile(r"\[[^\]]*\]|_.|\*.")
_WORDS = r'(?:"[^"]*"|\\.|[^\x00-\x7f]|\s)*'
_WITH_WORDS = re.compile(rf"({_WORDS})(?:[#0?][#0?,.]*|General|G/標準)({_WORDS})")
_SHOWN = re.compile(r"([^\d△▲−-]*)[△▲−-]?\s*\d[\d,.]*(\D*)")
_THOUSANDS = re.compile(r"[0#?](,+)(?![0#?,])")


def scale_of(code: str, *, with_words: bool = False) -> NumberFormat | None:
    """The scale of a number format by its code: the first section, for positive numbers, and whether the second one, for
    negative ones, has a triangle in it. `with_words`: and the words that it shows, for a table of which a person is asked."""
    sections = _SECTION.findall(code)
    negative = next((section for section in sections if "[<" in section), "".join(sections[1:2]))
    scale = with_triangle(_factor_of(code), negative)
    return _with_words(scale, sections) if with_words and not re.search(r"\[[<>=]", code) else scale


def _with_words(scale: NumberFormat | None, sections: list[str]) -> NumberFormat | None:
    """The same with the words beside a number, and what is shown of a zero."""
    seen = [_UNSEEN.sub("", section) for section in sections]
    found = _WITH_WORDS.fullmatch(seen[0]) if seen else None
    before, after = (_unquoted(part) for part in found.groups()) if found else ("", "")
    zero = seen[2] if len(seen) > 2 and not re.search("[#0?@]|General|G/標準", _QUOTED.sub("", seen[2])) else None
    if not re.search(r"[^\W_]|[%％]", before + after):
        before = after = ""
    if not (before or after) and zero is None:
        return scale
    scale = scale or NumberFormat(Decimal(1), "")
    return scale._replace(before=before, after=after, zero=None if zero is None else _unquoted(zero))


def with_shown_words(scale: NumberFormat | None, shown: str) -> NumberFormat | None:
    """The same where a file tells what it shows of a number, not by which code."""
    found, scale_or_one = _SHOWN.fullmatch(shown), scale or NumberFormat(Decimal(1), "")
    if shown and not re.search(r"\d", shown):
        return scale_or_one._replace(zero=shown)
    if found is None or scale_or_one.factor == PERCENT.factor or not re.search(r"[^\W\d_]|[%％]", found[1] + found[2]):
        return scale
    return scale_or_one._replace(before=found[1].strip(), after=found[2].strip())


def _unquoted(part: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] or found[2] or "", part).strip()


def with_triangle(scale: NumberFormat | None, shown: str) -> NumberFormat | None:
    """The same scale with the triangle of what is shown for negative numbers, if there is one."""
    found = _TRIANGLE.search(shown)
    return (scale or NumberFormat(Decimal(1), ""))._replace(triangle=found[0]) if found else scale


def _factor_of(code: str) -> NumberFormat | None:
    first = _QUOTED.sub("", code).partition(";")[0]
    if "%" in first:
        return PERCENT
    if _ERA_ALONE.fullmatch(first):
        return NumberFormat(Decimal(1), "", code.partition(";")[0])
    if found := _THOUSANDS.search(first):
        return thousands(len(found[1]))
    return None


def thousands(groups: int) -> NumberFormat:
    """That shows a number without its last groups of three digits."""
    return NumberFormat(Decimal(1000) ** -groups, f"{'千' if groups == 1 else '百万'}単位")


def _as_era(code: str, day: datetime.date) -> str:
    """A day as its format shows it: ggge"年度" and 2012-04-01 as 平成24年度."""
    era = era_of(day)

    def part(found: re.Match[str]) -> str:
        quoted, escaped, name, year, other = found.groups()
        if name:
            return era.letter if len(name) == 1 else era.name[: len(name) - 1]
        return str(day.year - era.first_day.year + 1) if year else quoted or escaped or other or ""

    return _OF_ERA.sub(part, code).strip()
