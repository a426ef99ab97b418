"""Two texts and what differs between them: as a plain list of segments, and marked as HTML."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

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
# Time grows with the square of the pieces that differ. Beyond this many, a reader sees two texts anyway: no finer marks.
_MOST_EDITS = 400

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
    for length, at, at_new in [*_common(before, after), (0, len(before), len(after))]:
        if at > i or at_new > j:
            found += _pieces("".join(before[i:at]), "".join(after[j:at_new]), finer)
        if length:
            same = "".join(before[at : at + length])
            found.append((same, same))
        i, j = at + length, at_new + length
    return found


def _common(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    """(length, where in the one, where in the other) of what both share, in order, with the fewest edits (Myers 1986)."""
    shortest = min(len(before), len(after))
    head = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    tail = next((i for i in range(shortest - head) if before[-1 - i] != after[-1 - i]), shortest - head)
    middle = _shortest_edit(before[head : len(before) - tail], after[head : len(after) - tail])
    return [
        (head, 0, 0),
        *((1, head + x, head + y) for x, y in middle),
        (tail, len(before) - tail, len(after) - tail),
    ]


def _shortest_edit(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of equal pieces, in order; none if more than _MOST_EDITS edits lie between the two."""
    limit = min(len(a) + len(b), _MOST_EDITS)
    furthest = [0] * (2 * limit + 3)  # by diagonal (x - y), the furthest x that d edits reach
    trail = []
    for d in range(limit + 1):
        trail.append(furthest[:])
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(a) and x - k >= len(b):
                return _walk_back(trail, len(a), len(b))
    return []


def _walk_back(trail: Sequence[Sequence[int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs = []
    for d in range(len(trail) - 1, -1, -1):
        k, reached = x - y, trail[d]
        down = k == -d or (k != d and reached[k - 1] < reached[k + 1])
        start = reached[k + 1] if down else reached[k - 1] + 1
        if d == 0:
            start = 0
        while x > start:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if down:
            y -= 1
        else:
            x -= 1
    return pairs[::-1]


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
