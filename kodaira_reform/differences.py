"""Two texts with what differs marked as HTML."""

import re
from difflib import SequenceMatcher

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# Japanese has no spaces: a run of one script is near enough to a word, and keeps a long text fast to compare.
_WORD = re.compile(r"[一-龥々〆ヶ]+|[ぁ-ん]+|[ァ-ヴー]+|[0-9０-９]+|[A-Za-z]+|\s+|.", re.DOTALL)


def _pieces(old: str, new: str) -> list[tuple[str, str]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [("".join(before[a:b]), "".join(after[c:d])) for _tag, a, b, c, d in matcher.get_opcodes()]


def _tagged(tag: str, text: str) -> SafeString:
    return format_html(f"<{tag}>{{}}</{tag}>", text) if text else SafeString()


def _joined(parts: list[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (every part was escaped above)


def merged(old: str, new: str) -> SafeString:
    """One text that shows both: merged("予定", "実施") → <del>予定</del><ins>実施</ins>."""
    return _joined(
        [
            conditional_escape(a) if a == b else SafeString(_tagged("del", a) + _tagged("ins", b))
            for a, b in _pieces(old, new)
        ]
    )


def side_by_side(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts, each with the parts that only it has in `<mark>`."""
    pieces = _pieces(old, new)
    return (
        _joined([conditional_escape(a) if a == b else _tagged("mark", a) for a, b in pieces]),
        _joined([conditional_escape(b) if a == b else _tagged("mark", b) for a, b in pieces]),
    )
