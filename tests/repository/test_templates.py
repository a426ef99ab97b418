"""Templates stay readable, and a broken line of a template is no space in a Japanese text."""

import ast
import re

import pytest
from django.template import Context, Template

from figures.revisions import Status
from tests.repository.packages import PRESENTATION, PRODUCT, ROOT, TEMPLATES, package_of

MOST_CHARACTERS = 160


def test_no_line_is_longer_than_a_screen():
    long = {
        f"{path.relative_to(ROOT).as_posix()}:{number}": len(line)
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MOST_CHARACTERS
    }
    assert long == {}


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("提出\n    期限", "提出期限"),
        ("{% if late %}\n  期限を\n  過ぎました\n{% else %}\n  まだです\n{% endif %}\n。", "期限を過ぎました。"),
        ("{% for each in names %}\n  {{ each }}\n  {% if not forloop.last %}、{% endif %}\n{% endfor %}", "a\nb、c"),
        ("方針1\n　担当：\n\t財政課", "方針1　担当：財政課"),  # the wide space is a word of the text
        ("CSV{{ ' ' }}\nJSON と CSV", "CSV JSON と CSV"),
        ("{% with x='い' %}\n  あ\n  {{ x }}\n{% endwith %}", "あい"),
    ],
)
def test_lines_of_a_template_become_one(lines, line):
    template = Template(f"{{% load lines %}}{{% oneline %}}{lines}{{% endoneline %}}")
    assert template.render(Context({"late": True, "names": ["a\nb", "c"]})) == line


def test_what_stands_around_one_line_keeps_its_lines():
    text = Template("{% load lines %}a\n{% oneline %}\n  b\n  c\n{% endoneline %}\n  d\n").render(Context())
    assert re.findall(r"\S+", text) == ["a", "bc", "d"]
    assert text.count("\n") == 3


JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
_CONDITION = re.compile(r"\{% (?:el)?if\b.*?%\}")


def compared_labels(code):
    """Japanese texts that Python code compares something with, or chooses by."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        else:
            continue
        for each in (found for side in sides for found in ast.walk(side) if isinstance(found, ast.Constant)):
            if isinstance(each.value, str) and JAPANESE.search(each.value):
                yield each.value


def test_no_template_asks_for_the_words_of_a_label():
    """What is shown may be worded anew; codes, members and properties stay."""
    asked = {
        path.relative_to(ROOT).as_posix(): found
        for path in TEMPLATES
        if (found := [tag for tag in _CONDITION.findall(path.read_text()) if JAPANESE.search(tag)])
    }
    assert asked == {}


def test_no_page_is_chosen_by_the_words_of_a_label():
    asked = {
        path.relative_to(ROOT).as_posix(): found
        for path in PRODUCT
        if package_of(path) in (*PRESENTATION, "figures", "demo") and (found := list(compared_labels(path.read_text())))
    }
    assert asked == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('x = status == "一致"', ["一致"]),
        ('x = "不一致" != status or status in ("一致", "b")', ["不一致", "一致"]),
        ('match status:\n    case "一致":\n        x = 1', ["一致"]),
        ('x = {"一致": status is Status.AGREES}', []),
    ],
)
def test_the_check_sees_a_compared_label(code, found):
    assert list(compared_labels(code)) == found


def test_a_status_says_itself_whether_it_agrees():
    assert [(each.agrees, each.differs) for each in Status] == [(True, False), (False, True), (False, False)]
