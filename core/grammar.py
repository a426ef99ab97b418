"""One grammar of values: what people type into a form or a cell, read the same at every door, with one set of messages.

Every reader takes what a form gives (text) or what a reader of files gives (text, bool, int, float, Decimal, date,
datetime, time, timedelta), returns the value that is stored, and raises Unreadable with a Japanese reason that says what
was read and what to write instead. An empty cell is None, or "" for texts. Pure: no model, no settings, no clock.
"""

from __future__ import annotations

import datetime
import math
import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property
from typing import TypeVar

from core import fiscal, money
from core.text import clean_code, drop_invisible

Raw = str | bool | int | float | Decimal | datetime.date | datetime.time | datetime.timedelta | None

FLAGS = {
    True: ("はい", "true", "1", "○", "✓", "有", "yes", "on"),
    False: ("いいえ", "false", "0", "×", "-", "無", "no", "off"),
}
LARGEST = Decimal(10) ** 15
_Key = TypeVar("_Key", bound=Hashable)
_Named = TypeVar("_Named")

# Signs that people use for one thing, as NFKC leaves them. △ and ▲ are what Japanese accounts write for minus.
_MINUS = str.maketrans(dict.fromkeys("△▲−‐‑‒–—―", "-"))
_CIRCLE = str.maketrans({"〇": "○", "◯": "○", "✔": "✓", "☑": "✓", "✕": "×", "✖": "×", "╳": "×"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|-?\.\d+")
# How Excel writes the carriage return of a text that came with CR LF.
_ESCAPED_RETURN = re.compile(r"_x000D_\n?", re.IGNORECASE)
_LONGEST_FIRST = sorted(money.UNITS, key=len, reverse=True)  # 5百万円 ends with 円 too
_EXCEL_DIGITS = 15
_SHORT = 10  # digits; a number of more than 15 digits that is so short at 15 digits carries the noise of a computation


@dataclass(frozen=True)
class Faulty:
    """A cell that holds no value that could be read: an error, a formula without a result. `reason` says what to do."""

    shown: str
    reason: str

    def __str__(self) -> str:
        return self.shown


Content = Raw | Faulty  # what stands in a cell


class Unreadable(ValueError):
    """The value cannot be taken; the message is Japanese and says what to write instead."""


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not drop_invisible(value).strip())


def text(value: object) -> str:
    """A text as it was typed: spaces, invisible characters and variants of kanji stay, line ends become one kind.

    A number is taken as it is shown (27.0 → "27"). Refused: a truth value, a day or a time (what the person typed has been
    turned into something else by the program), and control characters, which no page or feed may carry.
    """
    if value is None:
        return ""
    _refuse_foreign(value, "文字")
    if isinstance(value, float | Decimal | int):
        return _shown(value)
    found = _ESCAPED_RETURN.sub("\n", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    if control := _CONTROL.search(found):
        line = found.count("\n", 0, control.start()) + 1
        before = found[max(found.rfind("\n", 0, control.start()) + 1, control.start() - 10) : control.start()]
        where = f"{line}行目の「{before}」のあと" if before else f"{line}行目の先頭"
        raise Unreadable(f"目に見えない制御文字が入っています（{where}）。その場所を消して、入力し直してください。")
    return found


def code(value: object) -> str:
    """A key: half-width, no space around it, nothing invisible in it (２７ → 27)."""
    return clean_code(text(value))


def number(value: object, *, units: tuple[str, ...] = ()) -> Decimal | None:
    """A number without a unit: １，２３４ → 1234, △5 → -5, 56.99999999999999 → 57.

    Commas count only between groups of three; "68,1" is refused and not read as 681. `units` may stand behind it.
    """
    if is_blank(value):
        return None
    _refuse_foreign(value, "数")
    if isinstance(value, int | float | Decimal):
        written = _shown(value)
    else:
        written = code(value).translate(_MINUS)
        for unit in units:
            written = written.removesuffix(unit).rstrip()
    if "," in written and not _NUMBER.fullmatch(written):
        raise Unreadable(
            f"「{quoted(value)}」は数として読めません。小数点は「.」、桁の区切りは 1,234 のように3桁ごとにしてください。"
        )
    if not _NUMBER.fullmatch(written):
        raise Unreadable(
            f"「{quoted(value)}」は数として読めません。単位や「約」を付けずに、1234 や 68.1 のように入力してください。"
        )
    try:
        found = Decimal(written.replace(",", ""))
    except InvalidOperation as error:  # more digits than any number has
        raise Unreadable(f"「{quoted(value)}」は大きすぎます。桁を確かめてください。") from error
    if abs(found) >= LARGEST:
        raise Unreadable(f"「{quoted(value)}」は大きすぎます。桁を確かめてください。")
    return _without_noise(found)


def whole(value: object, *, units: tuple[str, ...] = ()) -> int | None:
    """A whole number."""
    found = number(value, units=units)
    if found is not None and found != found.to_integral_value():
        raise Unreadable(f"「{quoted(value)}」は整数ではありません。小数のない数を入力してください。")
    return None if found is None else int(found)


def amount(value: object, unit: str = money.STORED) -> Decimal | None:
    """An amount in 千円, of a number in `unit` or one that says its own: 1,234 / △5 / 130.7百万円 / 1,234,567円."""
    own = None
    if isinstance(value, Faulty):
        raise Unreadable(value.reason)
    if isinstance(value, str):
        written = code(value)
        own = next((name for name in _LONGEST_FIRST if written.endswith(name)), None)
    try:
        found = number(value if own is None else written.removesuffix(own))
    except Unreadable as error:
        raise Unreadable(
            f"「{quoted(value)}」は金額として読めません。{unit}単位の数だけを入力するか、130.7百万円、1,234,567円 のように"
            "単位を付けてください。"
        ) from error
    if found is None:
        if own is not None:
            raise Unreadable(f"「{quoted(value)}」に数がありません。金額を入力してください。")
        return None
    thousands = money.in_thousands(found, own or unit)
    if thousands != round(thousands, money.PLACES):
        raise Unreadable(
            f"「{quoted(value)}」（{own or unit}単位）は1円より細かい金額です。1円までの数にしてください。"
        )
    return thousands


def day(value: object) -> datetime.date | None:
    """A day in either calendar, or both: 2012-03-31, H24.3.31, 平成24年（2012年）3月31日."""
    if is_blank(value):
        return None
    if isinstance(value, datetime.date):
        return fiscal.parse_date(value)
    if isinstance(value, Faulty):
        raise Unreadable(value.reason)
    if not isinstance(value, str):
        raise Unreadable(
            f"「{quoted(value)}」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。"
        )
    try:
        return fiscal.parse_date(code(value))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def moment(value: object) -> datetime.datetime | None:
    """A day with its time, whole seconds, without a zone unless one was written: 2014-10-31 13:00:00."""
    if is_blank(value):
        return None
    if isinstance(value, Faulty):
        raise Unreadable(value.reason)
    if isinstance(value, datetime.datetime):
        return value.replace(microsecond=0)
    try:
        return datetime.datetime.fromisoformat(code(value) if isinstance(value, str) else str(value)).replace(
            microsecond=0
        )
    except ValueError as error:
        raise Unreadable(
            f"「{quoted(value)}」は日時として読めません。2014-10-31 13:00:00 のように入力してください。"
        ) from error


def fiscal_year(value: object) -> int | None:
    """A fiscal year in either calendar, as the year in which it begins: 2011, 平成23年度, H23."""
    if is_blank(value):
        return None
    _refuse_foreign(value, "年度")
    try:
        return fiscal.parse_fiscal_year(code(value))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def flag(value: object) -> bool | None:
    """Yes or no: はい, TRUE, ○ 〇 ◯ ✓, 1; いいえ, FALSE, ×, 0. None for an empty cell."""
    if isinstance(value, bool):
        return value
    if is_blank(value):
        return None
    _refuse_foreign(value, "「はい」か「いいえ」")
    written = code(value).translate(_CIRCLE).translate(_MINUS).lower()
    for meaning, words in FLAGS.items():
        if written in words:
            return meaning
    raise Unreadable(f"「{quoted(value)}」は読めません。「はい」か「いいえ」（○ か ×）で入力してください。")


def choice(value: object, choices: Mapping[str, str], *, also: Mapping[str, str] | None = None) -> str:
    """One of several, by what is stored or by its label; `choices` maps the first to the second, `also` other names to what
    is stored. ◯ 〇 ○ are one sign, unless two choices differ by it. "" for an empty cell."""
    written = code(value)
    if not written:
        return ""
    names = [(name, stored) for stored, label in choices.items() for name in (stored, label)]
    known_as = Codes[str, str]()
    for name, stored in [*names, *(also or {}).items()]:
        known_as.setdefault(code(name), stored)
    found = known_as.meant(written)
    if found is not None:
        return found
    known = "、".join(dict.fromkeys(label or stored for stored, label in choices.items() if stored))
    raise Unreadable(f"「{quoted(value)}」は選べません。{known}のいずれかにしてください。")


class Codes(dict[_Key, _Named]):
    """What stands under codes (as `code` reads them; several together are a tuple), found as people type them.

    The one way in which every door looks for a grade, a source, a department: the code itself, or else the only one that is
    written with another sign for the same thing (◯ for ○). Not changed once it has been asked.
    """

    def meant(self, typed: _Key) -> _Named | None:
        """What the code means; None where nothing is known by it, or two things could be meant."""
        if (found := self.get(typed)) is not None:
            return found
        alike = self._alike.get(_one_sign(typed), ())
        return alike[0] if alike and all(each == alike[0] for each in alike) else None

    @cached_property
    def _alike(self) -> Mapping[object, list[_Named]]:
        found = defaultdict(list)
        for key, named in self.items():
            found[_one_sign(key)].append(named)
        return found


def _one_sign(key: object) -> object:
    """A code in which the signs that people use for one thing are one: ◯ → ○."""
    if isinstance(key, tuple):
        return tuple(map(_one_sign, key))
    return key.translate(_CIRCLE) if isinstance(key, str) else key


def _refuse_foreign(value: object, wanted: str) -> None:
    """Refuse what a program has made of something that was typed as a text or number."""
    if isinstance(value, Faulty):
        raise Unreadable(value.reason)
    if isinstance(value, bool):
        raise Unreadable(
            f"セルの値が {str(value).upper()} になっています。{wanted}を入力してください"
            "（そのままの文字にするときは、セルの書式を「文字列」にします）。"
        )
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        what = "日付" if isinstance(value, datetime.date) else "時刻"
        raise Unreadable(
            f"セルの値が{what}（{quoted(value)}）になっています。セルの書式を「文字列」にして、{wanted}を入力し直してください。"
        )


def _shown(value: float | Decimal) -> str:
    """A number as it is shown: 27.0 → 27, 0.1 and not 0.1000000000000000055."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        value = Decimal(f"{value:.{_EXCEL_DIGITS}g}")
    found = f"{Decimal(value):f}"
    return found.rstrip("0").rstrip(".") if "." in found else found


def _without_noise(value: Decimal) -> Decimal:
    """56.99999999999999 → 57; a number that really has so many digits stays."""
    if len(value.as_tuple().digits) <= _EXCEL_DIGITS:
        return value
    rounded = Context(prec=_EXCEL_DIGITS).create_decimal(value).normalize()
    return Decimal(f"{rounded:f}") if len(rounded.as_tuple().digits) <= _SHORT else value


def quoted(value: object) -> str:
    """A value for a message, cut where it is long."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return _shown(value)
    found = value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value)
    return found if len(found) <= 40 else f"{found[:40]}…"
