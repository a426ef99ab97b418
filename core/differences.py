"""Two texts and what differs between them: as a plain list of segments, and marked as HTML."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from rapidfuzz.distance import Indel, MatchingBlock

Op = Literal["same", "removed", "added"]

# From coarse to fine: each cuts only what the one before found changed. Sentences are the anchors of a long text; Japanese
# has no spaces, so a run of one script stands for a word; in a changed word single characters count, but a number or a
# word of letters stays one thing (25 → 26, never 5 → 6).
_NUMBER = r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*"
_CUTS = (
    re.compile(r"[^。\n]*[。\n]|[^。\n]+"),
    re.compile(rf"[一-龥々〆ヶ]+|[ぁ-ん]+|[ァ-ヴー]+|{_NUMBER}|[A-Za-zＡ-Ｚａ-ｚ]+|\s+|.", re.DOTALL),
    re.compile(rf"{_NUMBER}|[A-Za-zＡ-Ｚａ-ｚ]+|\s+|.", re.DOTALL),
)
# Memory grows with the product of the pieces: three megabytes for this many pairs, more than two texts of 4,000 characters
# have. Beyond it, in what somebody sends who ignores the limits of a field, a reader sees two texts anyway: no finer marks.
_MOST_PAIRS = 25_000_000

Piece = tuple[str, str]  # a stretch of the old text and the stretch of the new one in its place, equal or not


class Segment(NamedTuple):
    """A stretch of text. The old text is what is same or removed, the new one what is same or added."""

    op: Op
    text: str


def segments(old: str, new: str) -> list[Segment]:
    """What to keep, remove and add on the way from one text to the other; a removal stands before its replacement.

    segments("平成25年度", "平成26年度") → same 平成, removed 25, added 26, same 年度. Neighbours never have the same op.
    """
    return _as_segments(_without_crumbs(_pieces(old, new, _CUTS)))


def _pieces(old: str, new: str, cuts: Sequence[re.Pattern[str]]) -> list[Piece]:
    """Both texts cut where they part and meet again."""
    if old == new or not old or not new or not cuts:
        return [(old, new)]
    cut, *finer = cuts
    before, after = cut.findall(old), cut.findall(new)
    found: list[Piece] = []
    i = j = 0
    for at, at_new, length in _shared(before, after):
        if at > i or at_new > j:
            found += _pieces("".join(before[i:at]), "".join(after[j:at_new]), finer)
        if length:
            same = "".join(before[at : at + length])
            found.append((same, same))
        i, j = at + length, at_new + length
    return found


def _shared(before: Sequence[str], after: Sequence[str]) -> list[MatchingBlock]:
    """What both have in order, so that the fewest pieces remain to remove and to add; last an empty block at both ends."""
    if len(before) * len(after) > _MOST_PAIRS:
        return [MatchingBlock(len(before), len(after), 0)]
    return Indel.opcodes(before, after).as_matching_blocks()


def _without_crumbs(pieces: list[Piece]) -> list[Piece]:
    """Join changes that only a chance meeting keeps apart: an equal stretch no longer than the changes on both sides."""
    result: list[Piece] = []
    for piece in _joined_neighbours(pieces):
        result.append(piece)
        while len(result) >= 3 and _is_crumb(*result[-3:]):
            result[-3:] = [("".join(old for old, _ in result[-3:]), "".join(new for _, new in result[-3:]))]
    return result


def _is_crumb(before: Piece, between: Piece, after: Piece) -> bool:
    if before[0] == before[1] or between[0] != between[1] or after[0] == after[1]:
        return False
    length = len(between[0])
    return length <= max(map(len, before)) and length <= max(map(len, after))


def _joined_neighbours(pieces: list[Piece]) -> list[Piece]:
    is_same: Callable[[Piece], bool] = lambda piece: piece[0] == piece[1]  # noqa: E731
    groups = (list(group) for _, group in groupby(pieces, key=is_same))
    return [("".join(old for old, _ in group), "".join(new for _, new in group)) for group in groups]


def _as_segments(pieces: list[Piece]) -> list[Segment]:
    found: list[Segment] = []
    for old, new in pieces:
        found += [Segment("same", old)] if old == new else [Segment("removed", old), Segment("added", new)]
    return [segment for segment in found if segment.text]


def _tagged(tag: str, text: str) -> SafeString:
    return format_html(f"<{tag}>{{}}</{tag}>", text)


def _joined(parts: list[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (every part was escaped above)


def merged(old: str, new: str) -> SafeString:
    """One text that shows both: merged("予定", "実施") → <del>予定</del><ins>実施</ins>."""
    tags = {"removed": "del", "added": "ins"}
    return _joined(
        [conditional_escape(text) if op == "same" else _tagged(tags[op], text) for op, text in segments(old, new)]
    )


def side_by_side(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts, each with the parts that only it has in `<mark>`."""
    found = segments(old, new)

    def without(other: Op) -> SafeString:
        return _joined(
            [conditional_escape(text) if op == "same" else _tagged("mark", text) for op, text in found if op != other]
        )

    return without("added"), without("removed")
