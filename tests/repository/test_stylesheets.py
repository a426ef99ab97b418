"""Stylesheets say each thing once: colours are tokens, widths are those of base.css, and a component has one file."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TOKENS = ROOT / "static" / "css" / "base.css"
PAPER = {"packet.css", "packet_charts.css"}  # files of their own for a program that makes PDF
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
WORKBOOK = ROOT / "website" / "workbook" / "look.py"
PYTHON = sorted(
    path for name in ("website", "opendata", "staff", "demo", "core") for path in (ROOT / name).rglob("*.py")
)
_COLOUR = re.compile(r"(?<![&\w])#(?:[0-9a-fA-F]{3,4}){1,2}\b(?![-\w])|\b(?:rgb|hsl|hwb|oklch|lab)a?\(")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
PAGES = {
    "committee.css",
    "data.css",
    "grid.css",
    "item.css",
    "overview.css",
    "promise.css",
    "report.css",
}  # of single pages
# What stands on every page together.
PUBLIC = {"type.css", "components.css", "frame.css", "tables.css", "table_cards.css", "forms.css", "charts.css"}
STAFF = {"components.css", "admin.css", "admin_records.css", "admin_tables.css"}
WIDTHS = {
    *("(width < 40rem)", "(width < 48rem)", "(width >= 60rem)", "(width >= 90rem)"),
    *("(width >= 40rem)", "(width >= 48rem)", "(40rem <= width < 48rem)", "(48rem <= width < 60rem)"),
}


def css(path):
    return _COMMENT.sub("", path.read_text())


def rules(text, media=""):
    """(media query or "", selector, declarations) of every rule."""
    for head, body in re.findall(r"\s*([^{}]+)\{((?:[^{}]|\{[^{}]*\})*)\}", text):
        head = " ".join(head.split())
        if head.startswith("@media"):
            yield from rules(body, head)
        elif not head.startswith("@"):
            yield from ((media, selector.strip(), body) for selector in re.split(r",(?![^(]*\))", head))


def test_colours_are_tokens():
    """Nothing but base.css knows a colour by its number; the icon of the site is a picture, and a workbook knows no
    stylesheet: its colours stand in one module of its own."""
    typed = {
        path.relative_to(ROOT).as_posix(): found
        for path in (*SHEETS, *TEMPLATES, *PYTHON)
        if path not in (TOKENS, WORKBOOK) and (found := _COLOUR.findall(css(path)))
    }
    assert typed == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<rect fill="#3460fb"/>', ["#3460fb"]),
        ("a { color: #fff; }", ["#fff"]),
        ("a { color: rgb(0 0 0); }", ["rgb("]),
        ('<a href="#add">&#039;</a><a href="#by-policy">', []),
    ],
)
def test_the_check_sees_a_typed_colour(text, found):
    assert [each for each in _COLOUR.findall(text) if each != "#add"] == found


def test_every_token_is_defined_and_used():
    defined = set(re.findall(r"^\s*(--[\w-]+):", css(TOKENS), re.MULTILINE))
    own = set(re.findall(r"^\s*(--[\w-]+):", css(ROOT / "static/css/admin.css"), re.MULTILINE))  # Django's variables
    used = {name for path in SHEETS for name in re.findall(r"var\((--[\w-]+)", css(path))}
    assert used - defined - own == set()
    assert defined - used == set()


def test_pages_change_at_the_widths_that_are_written_down():
    asked = {
        query
        for path in SHEETS
        for query in re.findall(r"\([^()]*width[^()]*\)", "".join(re.findall(r"@media[^{]*", css(path))))
    }
    assert asked <= WIDTHS
    assert all(width.strip("()") in TOKENS.read_text() for width in WIDTHS)


def test_no_selector_has_its_rules_in_two_files():
    """What stands on paper of its own (PDF) and Django's variables are other documents."""
    files = defaultdict(set)
    for path in SHEETS:
        if path.name in PAPER or path == TOKENS:
            continue
        for media, selector, _ in rules(css(path)):
            if selector != ":root":
                files[media, selector].add(path.name)
    twice = {}
    for key, names in files.items():
        for others in (PUBLIC, STAFF, *({"components.css", name} for name in PAGES)):
            if len(names & others) > 1:
                twice[key] = sorted(names & others)
    assert twice == {}


def test_pages_link_stylesheets_that_are_there():
    linked = {name for path in TEMPLATES for name in re.findall(r"""static ["']css/([\w.-]+)["']""", path.read_text())}
    assert linked == {path.name for path in SHEETS} - PAPER
