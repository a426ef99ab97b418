"""Words that mean the same to whoever searches. A short list: what citizens and offices write differently."""

from __future__ import annotations

from functools import cache

from core.text import fold

GROUPS = (
    ("寄付", "寄附"),
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
)


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    return {fold(word): tuple(map(fold, group)) for group in GROUPS for word in group}


def variants(word: str) -> tuple[str, ...]:
    """A folded word and those that mean the same."""
    return _groups().get(word, (word,))
