"""Where words that were folded stand in the text that a reader sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

_SENTENCE = re.compile(r"[^。\n]+[。\n]*")
_AROUND = 28  # characters shown before and after what was found


class Piece(NamedTuple):
    text: str
    is_found: bool


def _clusters(text: str) -> list[tuple[int, int]]:
    """Where the characters begin and end that belong together: a letter with its marks, half-width kana with ﾞ and ﾟ."""
    found: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        if found and (unicodedata.combining(char) or char in "ﾞﾟ"):
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


@lru_cache(maxsize=8192)
def _letter(folding: Callable[[str], str], char: str) -> str:
    return folding(char)


def spans(text: str, words: Sequence[str], folding: Callable[[str], str]) -> list[tuple[int, int]]:
    """Where folded words stand in a text, in order and without overlaps, as far as an excerpt shows."""
    found: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text):  # most hold none of the words, and are passed over at once
        if found and sentence.start() > found[0][0] + 2 * _AROUND:
            break
        folded = folding(sentence[0])
        if any(word in folded for word in words):
            found += [
                (sentence.start() + start, sentence.start() + end) for start, end in _spans(sentence[0], words, folding)
            ]
    return found or _spans(text, words, folding)


def _spans(text: str, words: Sequence[str], folding: Callable[[str], str]) -> list[tuple[int, int]]:
    """The same, letter by letter. Where folding looks back (long vowels, 々), the few letters before are enough."""
    whole = [_letter(folding, char) for char in text]
    clusters = [(start, start + 1) for start in range(len(text))]
    if "".join(whole) != folding(text):  # some letters fold together with those before them
        clusters = _clusters(text)
        whole = []
        for place, (start, end) in enumerate(clusters):
            before = text[clusters[max(0, place - 3)][0] : start]
            whole.append(folding(before + text[start:end])[len(folding(before)) :])
    # For each folded letter where the one it comes from begins and ends.
    ends = [cluster for cluster, letters in zip(clusters, whole, strict=True) for _ in letters]
    line = "".join(whole)
    found = []
    for word in words:
        at = line.find(word)
        while at >= 0:
            found.append((ends[at][0], ends[at + len(word) - 1][1]))
            at = line.find(word, at + len(word))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def excerpt(text: str, found: list[tuple[int, int]]) -> list[Piece]:
    """The part of a text around the first of the places, in pieces; nothing for none."""
    if not found:
        return []
    first, last = max(0, found[0][0] - _AROUND), min(len(text), found[0][1] + 2 * _AROUND)
    pieces, at = [Piece("…" if first else "", False)], first
    for start, end in found:
        if end > last:
            break
        pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    pieces.append(Piece(text[at:last] + ("…" if last < len(text) else ""), False))
    return [Piece(" ".join(piece.text.split("\n")), piece.is_found) for piece in pieces if piece.text]
