"""Templates stay readable, and a broken line of a template is no space in a Japanese text."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
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
