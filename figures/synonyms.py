"""Words and letters that mean the same to whoever searches. A short list: what citizens and offices write differently."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product

from core.text import fold

# Shapes of one kanji in names of people and places, and the small ヶ; what folding leaves apart.
_SHAPES = (
    "髙﨑嵜齋齊斉邉邊濵濱嶋嶌廣澤櫻國惠德眞龍𠮷冨舘槇淵渕瀨賴縣區ゖ",
    "高崎崎斎斎斎辺辺浜浜島島広沢桜国恵徳真竜吉富館槙渊渊瀬頼県区け",
)
LETTERS = str.maketrans(*_SHAPES)

GROUPS = (
    ("寄付", "寄附", "寄付金", "寄附金"),
    ("LED", "発光ダイオード"),
    ("子ども", "子供"),
    ("障害", "障がい", "障碍"),
    ("高齢者", "お年寄り", "シニア"),
    ("ごみ", "廃棄物"),
    ("ホームページ", "ウェブサイト", "Webサイト"),
    ("電子メール", "Eメール"),
    ("命名権", "ネーミングライツ"),
    ("民間委託", "外部委託", "アウトソーシング"),
    ("コンビニ納付", "コンビニエンスストアでの納付"),
    ("マイナンバー", "個人番号"),
    ("クレジットカード", "クレカ"),
    ("保育所", "保育園"),
    ("パブリックコメント", "パブコメ", "意見公募"),
    ("時間外勤務", "時間外の勤務", "超過勤務", "残業"),
    ("照明", "街路灯", "街灯", "防犯灯"),
)
_MOST = 16  # spellings of one word; each is looked for in all texts


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    return {fold(word): tuple(map(fold, group)) for group in GROUPS for word in group}


@cache
def _known() -> re.Pattern[str]:
    """Any of the words, the longest first; one of Latin letters only where no such letter stands beside it."""
    words = sorted(_groups(), key=len, reverse=True)
    return re.compile(
        "|".join(rf"(?<![a-z0-9]){word}(?![a-z0-9])" if word.isascii() else re.escape(word) for word in words)
    )


def pieces(word: str) -> list[tuple[str, bool]]:
    """A folded word, apart at the words of this list: the pieces in order, and whether each is one of them."""
    found, at = [], 0
    for match in _known().finditer(word):
        found += [(word[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [(piece, is_known) for piece, is_known in [*found, (word[at:], False)] if piece]


@lru_cache(maxsize=1024)
def variants(word: str) -> tuple[str, ...]:
    """A folded word and those that mean the same, also where only a part of it is written differently (寄付金額, 寄附金額).
    Of two that hold one another the shorter: it finds the other as well."""
    ways = [_groups()[piece] if is_known else (piece,) for piece, is_known in pieces(word)]
    written = dict.fromkeys([word, *map("".join, product(*ways))]) if len(ways) < 6 else {word: None}
    return tuple(one for one in written if not any(other != one and other in one for other in written))[:_MOST]


def as_attributes() -> tuple[str, str]:
    """The letters and the groups as two attributes of a page, for a script that searches without a server (find.js)."""
    return " ".join(map("".join, zip(*_SHAPES, strict=True))), ";".join("|".join(group) for group in GROUPS)
