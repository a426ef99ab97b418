"""Two texts and the marks between them."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.differences import merged, segments, side_by_side


def plain(old, new):
    """The segments in one line: [-removed-] and {+added+}."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[op].format(text) for op, text in segments(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("同じ", "同じ", "同じ"),
        ("", "検討", "{+検討+}"),
        ("検討", "", "[-検討-]"),
        ("予定", "実施", "[-予定-]{+実施+}"),
        ("平成25年度", "平成26年度", "平成[-25-]{+26+}年度"),
        ("平成２５年度", "平成２６年度", "平成[-２５-]{+２６+}年度"),
        ("平成23年度～平成25年度", "平成23年度～平成27年度", "平成23年度～平成[-25-]{+27+}年度"),
        ("77.5%以上（H23年度68.1%）", "78.5%以上（H23年度68.1%）", "[-77.5-]{+78.5+}%以上（H23年度68.1%）"),
        ("1,200件", "1,250件", "[-1,200-]{+1,250+}件"),
        ("検討", "検討及び試行", "検討{+及び試行+}"),
        ("検討・試行", "検討", "検討[-・試行-]"),
        ("説明会を開き、周知する。", "説明会を年2回開き、周知する。", "説明会を{+年2回+}開き、周知する。"),
        ("市税を集める。広告を載せる。", "広告を載せる。", "[-市税を集める。-]広告を載せる。"),
        ("一行目\n二行目", "一行目\n三行目", "一行目\n[-二-]{+三+}行目"),
        # A chance meeting of single characters does not tear a rewritten text to pieces.
        ("市税の収納率", "広告の掲載料", "[-市税の収納率-]{+広告の掲載料+}"),
        ("𠮷野", "吉野", "[-𠮷-]{+吉+}野"),
    ],
)
def test_marks(old, new, shown):
    assert plain(old, new) == shown


TEXTS = st.text(alphabet="あい市税検討25.、。\n aB&<", max_size=60)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_segments_rebuild_both_texts(old, new):
    found = segments(old, new)
    assert "".join(text for op, text in found if op != "added") == old
    assert "".join(text for op, text in found if op != "removed") == new
    assert all(text for _, text in found)
    assert [
        pair for pair in pairwise(op for op, _ in found) if pair[0] == pair[1] or pair == ("added", "removed")
    ] == []
    assert (old == new) == all(op == "same" for op, _ in found)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_marks_of_one_text_never_depend_on_what_html_means(old, new):
    for html in (merged(old, new), *side_by_side(old, new)):
        for tag in ("<del>", "</del>", "<ins>", "</ins>", "<mark>", "</mark>", "&lt;", "&amp;"):
            html = html.replace(tag, "")
        assert not set("<&") & set(html)


def test_html_forms():
    assert merged("予定<b>", "実施<b>") == "<del>予定</del><ins>実施</ins>&lt;b&gt;"
    assert side_by_side("平成25年度", "平成26年度") == ("平成<mark>25</mark>年度", "平成<mark>26</mark>年度")
    assert side_by_side("検討", "検討中") == ("検討", "検討<mark>中</mark>")


SENTENCES = [
    f"{number}年度までに、市民との協働により取組を{number % 7}回以上実施し、その結果を公表する。"
    for number in range(200)
]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("".join(SENTENCES)[:4000], "".join(reversed(SENTENCES))[:4000]),
        ("あ" * 4000, "い" * 4000),
        ("1a" * 2000, "a1b" * 1300),
        ("、。" * 2000, "。・" * 2000),
        ("・一" * 2000, "二・" * 2000),
    ],
)
def test_the_longest_text_is_compared_in_a_moment(old, new):
    began = time.process_time()
    found = segments(old, new)
    assert time.process_time() - began < 3
    assert "".join(text for op, text in found if op != "added") == old
    assert "".join(text for op, text in found if op != "removed") == new


def test_a_small_change_in_a_long_text_is_marked_as_small():
    old = "".join(SENTENCES)[:4000]
    new = old.replace("57年度", "58年度").replace("結果", "成果", 1)
    assert [tuple(part) for part in segments(old, new) if part.op != "same"] == [
        ("removed", "結"),
        ("added", "成"),
        ("removed", "57"),
        ("added", "58"),
    ]


def test_what_ignores_every_limit_of_a_field_is_shown_as_two_texts():
    old, new = "あ一" * 3000, "い一" * 3000
    assert segments(old, new) == [("removed", old), ("added", new)]
