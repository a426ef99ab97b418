"""用語: what a plan calls its parts, where it has words of its own. Pages, sheets and files speak in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.models import Plan

# What is named → our own word for it. The plan's word stands in its field `<name>_word`.
WORDS = {
    "policy": "方針",
    "program": "実施項目",
    "department": "推進担当課",
    "indicator": "成果指標",
    "direction": "方向性",
    "edition": "版",
    "office": "事務局",  # who runs the rounds and keeps the plan
}
_NAMES = {word: name for name, word in WORDS.items()}
# 改訂版 is the name of an edition.
_OURS = re.compile("|".join(word if len(word) > 1 else f"(?<!改訂){word}" for word in _NAMES))


def word(plan: Plan | None, name: str) -> str:
    """What a plan calls one of its parts; our own word without a plan, or where it has none of its own."""
    own: str = getattr(plan, f"{name}_word") if plan is not None else ""
    return own or WORDS[name]


def in_words_of(plan: Plan | None, text: str) -> str:
    """One of our own fixed texts (a heading, a label, a meaning) in the words of a plan. Never for a text that a
    person wrote."""
    return _OURS.sub(lambda found: word(plan, _NAMES[found[0]]), text)
