"""Several years in one heading, row or cell: H23～H27, 平成25・26年度, 26年度以降, 「H23：検討 H24：実施」. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.fiscal import ERAS, parse_fiscal_year

_LONGEST = 200  # characters of what is looked at for years
_LONGEST_CELL = 2000
_MOST = 30  # years, more than any plan has
_LAST_REIWA = 12  # of years without an era
# Sign by sign, so that what is found says where it stands in the text as it was written.
_NARROW = str.maketrans({0xFF01 + index: 0x21 + index for index in range(94)} | {0x3000: " ", ord("〜"): "~"})
_ERA = "|".join(name for era in ERAS for name in (era.name, era.letter))
_YEAR = re.compile(
    rf"(?:FY)?(?:(?P<era>{_ERA})\s*\.?\s*(?P<n>元|\d{{1,2}})|(?P<western>(?:19|20)\d\d)|(?P<bare>\d{{1,2}}))"
    r"(?!\d)\s*(?P<word>年度|年)?",
    re.IGNORECASE,
)
_ONE = re.sub(r"\?P<\w+>", "?:", _YEAR.pattern)
_BETWEEN = r"\s*(?:[~―—–‐−\-ー・、]|から|及び)\s*"
_OPEN = r"\s*(?:以降|以後|~(?=\s|$|[:)\]】]))"
_CHAIN = re.compile(
    rf"(?<![\d.a-z])(?P<years>{_ONE}(?:{_BETWEEN}{_ONE})*)(?:\s*まで)?(?P<open>{_OPEN})?", re.IGNORECASE
)
_LABEL = re.compile(
    rf"(?:^|(?<=[\s、。,;/])|(?=[(\[【<]))(?P<left>[(\[【<])?\s*(?P<years>{_ONE}(?:{_BETWEEN}{_ONE})*)(?:\s*まで)?(?P<open>{_OPEN})?"
    r"\s*(?P<right>[)\]】>])?\s*(?P<colon>:)?\s*",
    re.IGNORECASE,
)
_AT_END = re.compile(rf"(?P<said>[^()]+?)\s*\(\s*(?P<years>{_ONE})\s*\)\s*", re.IGNORECASE | re.DOTALL)
# 平成24年度実施; 平成24年度から実施 and 平成24年度に向けて検討 tell of that year in a plan of another one.
_AT_BEGINNING = re.compile(
    rf"\s*(?P<years>(?>{_ONE}))\s*(?P<said>(?!から|より|に|の|へ|まで|以|末|中|当初|予定|決算|実績)[^\W\d]{{1,8}})\s*",
    re.IGNORECASE,
)


def of_no_era(number: int) -> int:
    """The fiscal year that 23年度 means without an era: 平成 from 13 on. (Shown to a person.)"""
    return number + (1988 if number > _LAST_REIWA else 2018)


def years_in(text: str, last: int) -> tuple[int, ...]:
    """The fiscal years that a text names together; none where it names one alone. What is open goes on to the `last`."""
    for found in _CHAIN.finditer(text[:_LONGEST].translate(_NARROW)):
        years = _years(found["years"], last if found["open"] else None)
        if len(years) > 1 or (years and found["open"]):
            return years
    return ()


def is_span(text: str) -> bool:
    """Whether a text names several years together."""
    return bool(years_in(text, 0))


def by_year(text: str, last: int, bare: Collection[int] = ()) -> list[tuple[tuple[int, ...], str]]:
    """「H23：検討 H24～H25：実施」 year by year, each with its text; nothing where a text is not written so. `bare`: years
    that may stand there by their numbers alone (23：検討)."""
    labels: list[tuple[tuple[int, ...], int, int]] = []
    if len(text) > _LONGEST_CELL:
        return []
    for found in _LABEL.finditer(text.translate(_NARROW)):
        years = _years(found["years"], last if found["open"] else None, is_label=True)
        is_bracketed = bool(found["left"] and found["right"])
        is_named = any(one["era"] or one["western"] or one["word"] == "年度" for one in _YEAR.finditer(found["years"]))
        if not years or bool(found["left"]) != bool(found["right"]):
            continue
        if is_named:
            is_label = is_bracketed or found["colon"] or found[0][-1].isspace()
        else:  # 9:00 is a time
            is_label = found["colon"] and {*years} <= {*bare} and not text[found.end() : found.end() + 1].isdigit()
        if is_label:
            labels.append((years, found.start(), found.end()))
    if not labels or text[: labels[0][1]].strip():
        return []
    ends = [*(start for _years, start, _end in labels[1:]), len(text)]
    parts = [
        (years, text[begin:end].strip(" \u3000\n、,;；/／"))
        for (years, _start, begin), end in zip(labels, ends, strict=True)
    ]
    every = [year for years, _text in parts for year in years]
    return parts if all(said for _years, said in parts) and every == sorted({*every}) else []


def other_years(text: str, year: int, last: int, known: Collection[int]) -> tuple[tuple[int, ...], str] | None:
    """The years with which a text is headed (H24：実施, 【H24】実施, H24実施) or ends in brackets (実施（H24）), and the rest of the
    text, where they are not the one year of its column. 2000件 is none of the `known` years of a plan, so it is a number."""
    written = text[:_LONGEST_CELL].translate(_NARROW)
    parts = by_year(text, last, known)
    if not parts and (found := _AT_END.fullmatch(written) or _AT_BEGINNING.fullmatch(written)):
        parts = [(_years(found["years"], None), text[found.start("said") : found.end("said")].strip())]
    if len(parts) != 1 or parts[0][0] in ((), (year,)) or not parts[0][1]:
        return None
    says_so = re.search(rf"年度|(?:{_ERA})\s*\.?\s*(?:元|\d)", written, re.IGNORECASE)
    return parts[0] if says_so or {*parts[0][0]} <= {*known} else None


def _years(written: str, last: int | None, *, is_label: bool = False) -> tuple[int, ...]:
    """The years of 「H23～H27」 and 「25・26年度」, which go on from each to the next; none where they don't."""
    tokens = list(_YEAR.finditer(written))
    is_named = is_label or any(one["era"] or one["western"] or one["word"] == "年度" for one in tokens)
    years: list[int] = []
    base: int | None = None  # what is added to a number without an era
    end = 0
    for token in tokens:
        try:
            if token["bare"]:
                number = int(token["bare"])
                year = number + base if base is not None else of_no_era(number)
            else:
                year = parse_fiscal_year(token["western"] or f"{token['era']}{token['n']}")
        except ValueError:
            return ()
        number = int(token["bare"] or 0) or (int(token["n"]) if (token["n"] or "").isdigit() else 1)
        base = year // 100 * 100 if token["western"] else year - number
        if years and (year < years[-1] or year - years[0] > _MOST):
            return ()
        is_list = re.search("[・、]|及び", written[end : token.start()])
        years += [year] if is_list or not years else range(years[-1] + 1, year + 1)
        end = token.end()
    if years and last is not None:
        years += range(years[-1] + 1, min(last, years[0] + _MOST) + 1)
    return tuple(dict.fromkeys(years)) if is_named else ()
