"""A text in a CSV that Excel would run as a formula: it gets an apostrophe before it, which reading takes away again.

One that begins with apostrophes before such a sign gets one more, so that what is read is what was written. Numbers are none of this.
"""

from __future__ import annotations

import re

# Also full-width, which a Japanese Excel takes for the same sign. A sign alone is run by nobody.
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r\n](?!\Z)")


def defused(text: str) -> str:
    return f"'{text}" if _RISKY.match(text) else text


def undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text
