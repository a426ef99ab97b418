"""Fiscal years, Japanese eras and the dates that people type.

A fiscal year is the Gregorian year in which it starts (2011 = 2011-04-01 .. 2012-03-31). Everything here is pure: no
model, no settings, no clock.

Source of the era dates: the cabinet orders that changed the era name; solar dates only (Japan's calendar is Gregorian
since 1873-01-01, Meiji 6).
"""

import re
import unicodedata
from datetime import date
from typing import NamedTuple


class Era(NamedTuple):
    name: str
    letter: str
    first_day: date


ERAS = (
    Era("明治", "M", date(1868, 1, 25)),
    Era("大正", "T", date(1912, 7, 30)),
    Era("昭和", "S", date(1926, 12, 25)),
    Era("平成", "H", date(1989, 1, 8)),
    Era("令和", "R", date(2019, 5, 1)),
)
FIRST_YEAR = 1873  # before that, dates in Japan were not Gregorian
LAST_YEAR = 2199

_ERA = "|".join(name for era in ERAS for name in (era.name, era.letter))
_YEAR = rf"(?:(?P<era>{_ERA})\s*(?P<era_year>元|\d{{1,3}})|(?P<year>\d{{4}}))"
_FISCAL_YEAR = re.compile(rf"(?:FY\s*)?{_YEAR}\s*(?:年度|年)?(?:\s*\((?P<other>[^()]*)\))?", re.IGNORECASE)
_DATE = re.compile(
    rf"{_YEAR}(?:\s*年\s*(?:\(\s*(?P<other>[^()]*?)\s*年?\s*\)\s*)?(?P<m1>\d{{1,2}})\s*月\s*(?P<d1>\d{{1,2}})\s*日"
    rf"|(?P<sep>[-/.])(?P<m2>\d{{1,2}})(?P=sep)(?P<d2>\d{{1,2}}))",
    re.IGNORECASE,
)
_ERA_YEAR = re.compile(rf"(?<![A-Za-z0-9])(?P<era>{_ERA})\s*(?P<era_year>元|\d{{1,3}})\s*年?", re.IGNORECASE)


def fiscal_year_of(day: date) -> int:
    """The fiscal year in which a day lies: 2012-03-31 → 2011."""
    return day.year if day.month >= 4 else day.year - 1


def first_day(fiscal_year: int) -> date:
    """The first day of a fiscal year: 2011 → 2011-04-01."""
    return date(fiscal_year, 4, 1)


def last_day(fiscal_year: int) -> date:
    """The last day of a fiscal year: 2011 → 2012-03-31."""
    return date(fiscal_year + 1, 3, 31)


def era_of(day: date) -> Era:
    """The era of a day. Raises ValueError before 1873."""
    if day.year < FIRST_YEAR:
        raise ValueError(f"{day.isoformat()}: {FIRST_YEAR}年より前の日付は扱えません。")
    return next(era for era in reversed(ERAS) if era.first_day <= day)


def _era_year(era: Era, year: int) -> str:
    number = year - era.first_day.year + 1
    return f"{era.name}{'元' if number == 1 else number}年"


def _fiscal_era(fiscal_year: int) -> Era:
    # A fiscal year is called by the era of its first day; only 2019 is called by its second era by decision of the
    # cabinet (2019-04-02: the whole year is 令和元年度 once the era has changed).
    return ERAS[-1] if fiscal_year == 2019 else era_of(first_day(fiscal_year))


def era_fiscal_year(fiscal_year: int) -> str:
    """2011 → 平成23年度."""
    return f"{_era_year(_fiscal_era(fiscal_year), fiscal_year)}度"


def fiscal_year_label(fiscal_year: int) -> str:
    """2011 → 平成23年度（2011年度）."""
    return f"{era_fiscal_year(fiscal_year)}（{fiscal_year}年度）"


def era_date(day: date) -> str:
    """2014-10-31 → 平成26年10月31日."""
    return f"{_era_year(era_of(day), day.year)}{day.month}月{day.day}日"


def date_label(day: date) -> str:
    """2014-10-31 → 平成26年（2014年）10月31日."""
    return f"{_era_year(era_of(day), day.year)}（{day.year}年）{day.month}月{day.day}日"


def ago(day: date, today: date) -> str:
    """How long ago a day was, in whole days, months or years: 今日, 12日前, 3か月前, 10年8か月前."""
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months < 1:
        return f"{(today - day).days}日前" if today > day else "今日"
    years, months = divmod(months, 12)
    return f"{f'{years}年' if years else ''}{f'{months}か月' if months else ''}前"


def short_fiscal_year(fiscal_year: int) -> str:
    """For narrow columns: 2014 → H26."""
    return _short_year(_fiscal_era(fiscal_year), fiscal_year)


def short_month(day: date) -> tuple[str, str]:
    """Two short lines for narrow columns: 2014-10-31 → H26, 10月."""
    return _short_year(era_of(day), day.year), f"{day.month}月"


def year_lines(fiscal_year: int) -> tuple[str, str]:
    """A fiscal year below a chart, in both calendars: 2011 → H23, 2011."""
    return short_fiscal_year(fiscal_year), str(fiscal_year)


def month_lines(day: date) -> tuple[str, str, str]:
    """A day below a chart, the year in both calendars: 2014-10-31 → 10月, H26, 2014."""
    year, month = short_month(day)
    return month, year, str(day.year)


def _short_year(era: Era, year: int) -> str:
    return f"{era.letter}{year - era.first_day.year + 1}"


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _gregorian_year(text: str, match: re.Match[str]) -> tuple[int, Era | None]:
    """The year that a match of _YEAR names, with its era if one was written."""
    if match["year"]:
        year = int(match["year"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"「{text}」: 西暦は{FIRST_YEAR}年から{LAST_YEAR}年までで入力してください。")
        return year, None
    return _year_of_era(text, match)


def _year_of_era(text: str, match: re.Match[str]) -> tuple[int, Era]:
    era = next(era for era in ERAS if match["era"].upper() in (era.name, era.letter))
    number = 1 if match["era_year"] == "元" else int(match["era_year"])
    if number == 0:
        raise ValueError(f"「{text}」: {era.name}0年はありません。")
    year = era.first_day.year + number - 1
    if year > LAST_YEAR:
        raise ValueError(f"「{text}」: {LAST_YEAR}年より後は扱えません。")
    return year, era


def _end_year(era: Era) -> int | None:
    later = ERAS[ERAS.index(era) + 1 :]
    return later[0].first_day.year if later else None


def parse_fiscal_year(value: object) -> int:
    """Read a fiscal year: 2011, "2011", "２０１１年度", "平成23年度", "H23", "令和元年度", "平成23年度（2011年度）".

    平成31年度 and 令和元年度 are both 2019. Raises ValueError with a Japanese reason.
    """
    text = _clean(str(value))
    match = _FISCAL_YEAR.fullmatch(text)
    if match is None:
        raise ValueError(f"「{value}」は年度として読めません。2011 または 平成23年度 のように入力してください。")
    year, era = _gregorian_year(text, match)
    if era is not None:
        end = _end_year(era)
        if end is not None and year > end:
            raise ValueError(f"「{text}」: {era.name}にその年度はありません。{era_fiscal_year(year)}ではありませんか。")
        if year < FIRST_YEAR:
            raise ValueError(f"「{text}」: {FIRST_YEAR}年度より前は扱えません。")
    if match["other"] and parse_fiscal_year(match["other"]) != year:
        raise ValueError(f"「{text}」: 和暦と西暦が一致しません。{fiscal_year_label(year)}ではありませんか。")
    return year


def parse_date(value: object) -> date:
    """Read a day: a date, "2014-10-31", "2014/10/31", "平成26年10月31日", "平成26年（2014年）10月31日", "H26.10.31",
    full-width digits.

    A day outside the era that is written (昭和64年1月8日, 平成31年5月1日) does not exist. Raises ValueError with a
    Japanese reason.
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    text = _clean(str(value))
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(
            f"「{value}」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。"
        )
    year, era = _gregorian_year(text, match)
    try:
        day = date(year, int(match["m1"] or match["m2"]), int(match["d1"] or match["d2"]))
    except ValueError:
        raise ValueError(f"「{text}」という日付は暦にありません。") from None
    if era is not None and era_of(day) != era:
        raise ValueError(f"「{text}」は{era.name}の日付ではありません。{era_date(day)}ではありませんか。")
    if match["other"] and not _names_year(match["other"], day):
        raise ValueError(f"「{text}」: 和暦と西暦が一致しません。{date_label(day)}ではありませんか。")
    return day


def in_gregorian(text: str) -> str:
    """A text with every year of an era as the Gregorian one: 平成23年度～平成25年度 is 2011年度～2013年度.

    What is no year of an era (平成0年, 平成40年) stays as it is.
    """

    def gregorian(match: re.Match[str]) -> str:
        try:
            return f"{_year_of_era(match[0], match)[0]}年"
        except ValueError:
            return match[0]

    return _ERA_YEAR.sub(gregorian, text)


def _names_year(written: str, day: date) -> bool:
    """Whether what stands in brackets is the year of a day, in the other calendar or the same: 2012, 平成24."""
    match = re.fullmatch(_YEAR, written.strip(), re.IGNORECASE)
    return match is not None and _gregorian_year(written, match)[0] == day.year
