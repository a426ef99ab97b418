"""Heading lines between the items: of one level or of several, merged or not, below a title that names a policy as well."""

import pytest

from tests.workbooks.tables.reading import NEW, answered, read, workbook

HEAD = ["番号", "項目名", "担当課", "実施内容"]
WIDE = "A{0}:D{0}"


def item(number, name):
    return [number, name, "財政課", "行う。"]


def policies(reading):
    return [(one.number, one.policy) for one in reading.items], reading.policies


def asked(reading):
    return [
        (one.about, one.original, one.question, one.places, one.chosen)
        for one in reading.doubts
        if one.about in ("方針", "区切りの見出し")
    ]


TWO_LEVELS = [
    HEAD,
    ["方針１　協働の推進"],
    ["重点項目（1）市民参加"],
    item("1", "窓口"),
    ["方針２　財政の健全化"],
    ["重点項目（1）歳入確保"],
    item("2", "広告"),
    ["重点項目（2）歳出削減"],
    item("3", "補助金"),
    ["方針３　人づくり"],
    item("4", "研修"),
]
QUESTION = "区切りの見出しが、上の段と下の段に分かれています。項目の方針を表す段を選んでください。"


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_lower_line_does_not_end_the_policy_above_it_and_which_is_one_is_asked_once(is_merged):
    lines = [row for row, cells in enumerate(TWO_LEVELS, 1) if len(cells) == 1]
    data = workbook(TWO_LEVELS, merged=[WIDE.format(row) for row in lines] if is_merged else ())
    found = read(data)
    assert policies(found) == (
        [("1", 1), ("2", 2), ("3", 2), ("4", 3)],
        {1: "協働の推進", 2: "財政の健全化", 3: "人づくり"},
    )
    places = ["「表」シート A3", "「表」シート A6", "「表」シート A8"]
    original = "方針１　協働の推進／重点項目（1）市民参加"
    assert asked(found) == [("方針", original, QUESTION, places, "0")]
    (doubt,) = found.doubts
    assert [label for _code, label in doubt.choices] == [
        "「方針１　協働の推進」の段",
        "「重点項目（1）市民参加」の段",
    ]
    lower = answered(data, {original: "1"})
    (_levels, conflict) = lower.doubts
    assert (conflict.original, conflict.chosen, [label for _code, label in conflict.choices]) == (
        "重点項目（1）歳入確保",
        "",
        ["同じ方針なので、「市民参加」とする", "別の方針「歳入確保」とし、次の番号を付ける"],
    )
    said = read(data, NEW, {doubt.id: "1", conflict.id: "other"})
    assert policies(said) == (
        [("1", 1), ("2", 4), ("3", 2), ("4", 3)],
        {1: "市民参加", 4: "歳入確保", 2: "歳出削減", 3: "人づくり"},
    )


def test_of_lines_that_do_not_name_policies_none_is_chosen_and_a_direction_is_kept():
    rows = [HEAD, ["Ⅰ 財政"], ["（1）歳入"], item("1", "窓口"), ["（2）歳出"], item("2", "広告")]
    data = workbook(rows, merged=[WIDE.format(row) for row in (2, 3, 5)])
    assert asked(read(data))[0][1:2] + asked(read(data))[0][4:] == ("Ⅰ 財政／（1）歳入", "")
    assert policies(answered(data, {"Ⅰ 財政／（1）歳入": "1"}))[1] == {1: "歳入", 2: "歳出"}
    directed = workbook(
        [HEAD, ["方向性１ 健全な財政"], ["方針１ 歳入"], item("1", "窓口"), ["方針２ 歳出"], item("2", "広告")]
    )
    found = read(directed)
    assert (policies(found), found.directions) == (
        ([("1", 1), ("2", 2)], {1: "歳入", 2: "歳出"}),
        {1: ("健全な財政", [1, 2])},
    )


def test_a_title_is_said_of_all_items_only_where_no_line_says_otherwise():
    title = ["方針１　協働の推進"]
    (whole,) = asked(read(workbook([title, HEAD, item("1", "窓口"), item("2", "広告")])))
    assert whole[2] == "このシートの項目を、すべて「方針1 協働の推進」の項目と読みました。"
    rows = [title, HEAD, item("1", "窓口"), ["方針２　財政"], item("2", "広告")]
    found = read(workbook(rows))
    assert [one[2] for one in asked(found)] == [
        "区切りの見出しより上の項目を、すべて「方針1 協働の推進」の項目と読みました。"
    ]
    assert policies(found) == ([("1", 1), ("2", 2)], {1: "協働の推進", 2: "財政"})
    below = read(workbook([title, HEAD, ["重点項目（1）市民参加"], item("1", "窓口"), item("2", "広告")]))
    assert [(one[1], one[2]) for one in asked(below)] == [("方針１　協働の推進／重点項目（1）市民参加", QUESTION)]
    assert policies(below) == ([("1", 1), ("2", 1)], {1: "協働の推進"})


ALONE = [HEAD, ["１　協働の推進"], item("1", "窓口"), ["２　財政"], item("2", "広告")]


def test_a_line_alone_in_the_column_of_numbers_is_a_heading_line_unless_a_person_says_that_it_is_an_item():
    data = workbook(ALONE)
    found = read(data)
    assert (found.problems, policies(found)) == ([], ([("1", 1), ("2", 2)], {1: "協働の推進", 2: "財政"}))
    question = "番号の列だけに書かれた行があります：「１　協働の推進」、「２　財政」。区切りの見出しと読みました。"
    places = ["「表」シート A2", "「表」シート A4"]
    assert asked(found) == [("区切りの見出し", "１　協働の推進", question, places, "section")]
    renumbered = [item("3", "窓口") if line[0] == "1" else line for line in ALONE[:4]]
    items = answered(workbook(renumbered), {"１　協働の推進": "item"}).items
    assert [(one.number, one.name) for one in items] == [("1", "協働の推進"), ("2", "財政"), ("3", "窓口")]


def test_a_line_of_one_letter_and_one_in_a_table_without_numbers_are_asked_about_too():
    """Nothing is a line in a list of names alone."""
    found = read(workbook([HEAD, ["（1）税"], item("1", "窓口"), ["（2）人"], item("2", "研修")]))
    assert (found.problems, policies(found)) == ([], ([("1", 1), ("2", 2)], {1: "税", 2: "人"}))
    names = [["項目名", "担当課"], ["１ 歳入", None], ["窓口", "市民課"], ["２ 歳出", None], ["広告", "財政課"]]
    data = workbook(names)
    assert [(one[1], one[3], one[4]) for one in asked(read(data))][:1] == [
        ("１ 歳入", ["「表」シート A2", "「表」シート A4"], "")
    ]
    said = answered(data, {"１ 歳入": "section"})
    assert [(one.name, one.policy) for one in said.items] == [("窓口", 1), ("広告", 2)]
    assert asked(read(workbook([["項目名", "担当課"], ["１ 歳入"], ["２ 歳出"]]))) == []


def test_a_line_alone_in_the_column_of_names_may_be_either():
    data = workbook([HEAD, [None, "（1）歳入"], item("1", "窓口")])
    (one,) = asked(read(data))
    assert (one[1], one[4]) == ("（1）歳入", "")
    assert policies(answered(data, {"（1）歳入": "section"})) == ([("1", 1)], {1: "歳入"})
    assert [one.name for one in answered(data, {"（1）歳入": "item"}).items] == ["窓口", "（1）歳入"]


def test_two_names_under_one_number_are_one_policy_or_two_as_a_person_says():
    rows = [["1", "窓口", "1 協働"], ["2", "広告", "1 財政"], ["3", "税", "1 財政"], ["4", "研修", "2 人"]]
    data = workbook([["番号", "項目名", "方針"], *rows])
    assert asked(read(data)) == [
        (
            *("方針", "1 財政", "方針1が、ほかのところでは「協働」です。同じ方針か、別の方針かを選んでください。"),
            *(["「表」シート C3", "「表」シート C4"], ""),
        )
    ]
    one, two = (policies(answered(data, {"1 財政": code})) for code in ("same", "other"))
    assert one == ([("1", 1), ("2", 1), ("3", 1), ("4", 2)], {1: "協働", 2: "人"})
    assert two == ([("1", 1), ("2", 3), ("3", 3), ("4", 2)], {1: "協働", 3: "財政", 2: "人"})
