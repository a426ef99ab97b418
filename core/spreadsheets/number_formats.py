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
    it means. With `era`: that shows of a day the year of its era and nothing else."""

    factor: Decimal
    shown: str
    era: str = ""
    triangle: str = ""

    def seen(self, value: Content, zero: datetime.date) -> tuple[Content, str]:
        """What the person saw, and a note (Japanese) where it is another number. Days are counted from `zero`."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return value, ""
        if self.era:
            with suppress(ValueError, OverflowError):  # no day of an era: it stays a number
                return _as_era(self.era, zero + datetime.timedelta(days=math.floor(value))), ""
            return value, ""
        seen = (Decimal(f"{value:.15g}") * self.factor).normalize()
        seen = Decimal(f"{seen:f}")
        has_triangle = bool(self.triangle) and seen < 0
        written = f"{self.triangle}{-seen:f}" if has_triangle else f"{seen:f}"
        if self.factor == 1:
            return (written if has_triangle else value), ""
        note = f"{self.shown}の書式で表示されている値を、表示のとおり {written} と読みました。"
        return (written if has_triangle else seen), note


PERCENT = NumberFormat(Decimal(100), "百分率（%）")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ERA_ALONE = re.compile(r"\s*g{0,3}e{1,2}[^\w.,%]*", re.IGNORECASE)
_OF_ERA = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.|(g+)|(e+)|(.)', re.IGNORECASE | re.DOTALL)
_SECTION = re.compile(r'(?:^|;)((?:"[^"]*"|\\.|[^;"\\])*)')
_TRIANGLE = re.compile("[△▲]")
_THOUSANDS = re.compile(r"[0#?](,+)(?![0#?,])")


def scale_of(code: str) -> NumberFormat | None:
    """The scale of a number format by its code: the first section, for positive numbers, and whether the second one, for
    negative ones, has a triangle in it."""
    sections = _SECTION.findall(code)
    negative = next((section for section in sections if "[<" in section), "".join(sections[1:2]))
    return with_triangle(_factor_of(code), negative)


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
