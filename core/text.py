"""Japanese text as people type it: folding for search, sorting of item numbers, display width."""

import re
import unicodedata
from decimal import Decimal
from typing import overload

SITE_NAME = "行財政改革プラン 進捗管理"
# Who made a generated document: this site, and not the city whose plan it is about.
MAKER = f"{SITE_NAME}サイト"
FICTIONAL = "架空のデータ"  # stands on every page, sheet and answer of a plan that was made up

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


# What people type for the long vowel after kana: ー and every stroke that looks like it.
_LONG_VOWEL = re.compile("(?<=[ぁ-ゖー])[ー\\-‐‑‒–—―−─]+")
_REPEATED = re.compile("(.)[々〻]", re.DOTALL)


def fold(text: str) -> str:
    """The form in which texts are compared: one width, lower case, hiragana, no spaces, no long vowels, 々 written out.

    fold("ＰＤＣＡ サイクル") == fold("pdcaさいくる"); half-width katakana too. fold("サーバー") == fold("サーバ"), and
    fold("個々") == fold("個個").
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA_TO_HIRAGANA)
    text = re.sub(r"\s+", "", text)
    while (written := _REPEATED.sub(r"\1\1", text)) != text:
        text = written
    return _LONG_VOWEL.sub("", text)


def xml_text(text: str) -> str:
    """The text with a mark (U+FFFD) in place of each character that XML cannot hold, such as a line break of Word."""
    return _NOT_IN_XML.sub("\ufffd", text)


# What no reader can see: zero-width spaces and joiners, marks of direction, soft hyphens, byte order marks, and the
# selectors that choose one of several shapes of a kanji (異体字セレクタ).
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)


def drop_invisible(text: str) -> str:
    """The text without what no reader can see."""
    return _INVISIBLE.sub("", text)


# Full-width signs, digits, letters and brackets beside the half-width ones; the signs for which Japanese encodings are
# translated in two ways (〜 and ～, − and －, — and ―, ‖ and ∥, and four more); and all blanks.
_ONE_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | str.maketrans(
    "〜−—‖￠￡￢￥\u3000\u00a0\u2002\u2003\u2009\u202f", "~-―∥¢£¬¥      "
)
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]+")


def as_seen(text: str) -> str:
    """The form in which two texts are the same if no reader can see a difference: ～ and 〜, － and −, か\u3099 and が, １ and 1, （ and (,
    half-width kana, invisible characters, variants of a kanji, blanks at the edges. What looks different stays: ① is not 1."""
    text = _HALF_WIDTH_KANA.sub(lambda kana: unicodedata.normalize("NFKC", kana[0]), drop_invisible(text))
    return unicodedata.normalize("NFC", text).translate(_ONE_WIDTH).strip()


# ① and ¹ beside a number: the mark of a note or the place in a list, which must not become a digit of it.
_MARKS = "①-⑳⓪㉑-㊿❶-❿⓫-⓴⓵-⓾¹²³⁰⁴-⁹₀-₉"
_MARK_AT_NUMBER = re.compile(rf"(?<=[\d{_MARKS}])[{_MARKS}]+|[{_MARKS}]+(?=[\d{_MARKS}])")


def clean_code(text: str) -> str:
    """A key as stored: half-width, no space around it, nothing invisible in it ("２７ " → "27"). ① alone is 1; that of 27① stays."""
    text, pieces, end = drop_invisible(text), [], 0
    for mark in _MARK_AT_NUMBER.finditer(text):
        pieces += [unicodedata.normalize("NFKC", text[end : mark.start()]), mark[0]]
        end = mark.end()
    return drop_invisible("".join((*pieces, unicodedata.normalize("NFKC", text[end:])))).strip()


def natural_key(number: str) -> str:
    """A sort key for item numbers that every database orders alike: "2" < "10" < "R1-1" < "R1-2".

    Digits are padded and everything else is a capital letter or a dot, so the collation does not matter.
    """
    parts = re.split(r"(\d+)", clean_code(number).upper())
    return "".join(part.zfill(6) if part.isdigit() else re.sub(r"[^A-Z]+", ".", part) for part in parts)


def display_width(text: str) -> int:
    """Columns that a text takes in a sheet or terminal: a kanji or kana counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def show_number(value: Decimal | int | None) -> str:
    """A number for people: 285.00 → 285, 1234.5 → 1,234.5; unknown → 未登録."""
    return "未登録" if value is None else f"{Decimal(value).normalize():,f}"


@overload
def plain_decimal(value: Decimal) -> str: ...
@overload
def plain_decimal(value: Decimal | None) -> str | None: ...
def plain_decimal(value: Decimal | None) -> str | None:
    """A number as stored in a text, with every digit that means something: 77.5000 → "77.5", 100.0000 → "100"."""
    return None if value is None else f"{value.normalize():f}"
