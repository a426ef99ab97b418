"""No six lines stand twice in Python, its tests among it, templates, stylesheets and scripts; models and migrations aside.

Compared are lines without their indentation that say something: blank lines, comments, imports, closing tags and lines of
punctuation alone are passed over, and neither count nor end a run. A repeat is six such lines in the same order at two
places, in one file or in two. Models are declarations (the fields of two nouns may read alike), migrations are for ever.
"""

import ast
import re
from collections import defaultdict

import pytest

from tests.repository.packages import PRODUCT, ROOT, TEMPLATES

TESTS = sorted((ROOT / "tests").rglob("*.py"))
STATIC = [path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in (".css", ".js")]
LINES = 6
# What only closes: brackets, `</div>`, `{% endif %}`. A line of nothing else says nothing.
_CLOSING = re.compile(r"</\w+>|\{%-? *end\w+[^%]*%\}|[^\w]")
_COMMENT = re.compile(r"#|//|/?\*|\{#|\{% (?:load|extends)\b")


def is_compared(path):
    parts = path.relative_to(ROOT).parts
    return "migrations" not in parts and "models" not in parts and path.name != "models.py"


def lines_of_imports(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from range(node.lineno, node.end_lineno + 1)


def lines_that_say_something(text, passed_over=()):
    """Pairs of a line's number and the line without its indentation."""
    return [
        (number, line)
        for number, line in enumerate(map(str.strip, text.splitlines()), 1)
        if number not in passed_over and _CLOSING.sub("", line) and not _COMMENT.match(line)
    ]


def repeats(files):
    """Where runs of six lines stand more than once: lists of `name:first line`, the longest run told by its first line alone."""
    places = defaultdict(list)
    for name, lines in files.items():
        for start in range(len(lines) - LINES + 1):
            places[tuple(line for _, line in lines[start : start + LINES])].append((name, start))
    again = [found for found in places.values() if len(found) > 1]
    within = {tuple((name, start + 1) for name, start in found) for found in again}
    return [
        [f"{name}:{files[name][start][0]}" for name, start in found] for found in again if tuple(found) not in within
    ]


def test_no_six_lines_stand_twice():
    files = {}
    for path in filter(is_compared, (*PRODUCT, *TESTS, *TEMPLATES, *STATIC)):
        text = path.read_text()
        imports = set(lines_of_imports(text)) if path.suffix == ".py" else ()
        files[path.relative_to(ROOT).as_posix()] = lines_that_say_something(text, imports)
    assert repeats(files) == []


SIX = "one = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\nsix = 6\n"


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (SIX, SIX, [["first:1", "second:1"]]),
        (SIX + "seven = 7\n", f"zero = 0\n\n{SIX}seven = 7\n", [["first:1", "second:3"]]),
        (
            SIX,
            SIX.replace("four", "    # said again\n\n    four").replace("five", ")\nfive"),
            [["first:1", "second:1"]],
        ),
        (SIX + "end\n" + SIX, "", [["first:1", "first:8"]]),
        (SIX, SIX.replace("four", "fore"), []),
        (SIX.removesuffix("six = 6\n") + "</td>\n{% endfor %}\n", SIX.replace("six = 6", "</td>\n{% endfor %}"), []),
    ],
)
def test_the_check_sees_six_lines_that_stand_twice(first, second, found):
    assert repeats({"first": lines_that_say_something(first), "second": lines_that_say_something(second)}) == found
