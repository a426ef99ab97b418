"""Several indicators in one cell: a list, a bullet or a line for each. And a number in brackets, which is no list."""

from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, read, workbook


def table(name, target):
    return workbook([["番号", "項目名", "指標", "R2目標"], ["1", "窓口", name, target]])


def indicators(found):
    return [(one.name, one.unit, one.targets) for one in found.items[0].indicators]


BOTH = [("件数", "件", {2020: (Decimal(100), "")}), ("申請率", "%", {2020: (Decimal(95), "")})]


@pytest.mark.parametrize(
    ("name", "target", "question"),
    [
        ("①件数\n②申請率", "①100件\n②95％", ""),
        ("・件数\n・申請率", "・100件\n・95％", ""),
        ("①件数\n②申請率", "100件\n95％", "指標は2つありますが、R2目標の値は1つです。"),
        ("件数\n申請率", "100件\n95％", "指標名も値も2行なので、2つの指標と読みました：「件数」、「申請率」"),
    ],
)
def test_two_indicators_of_one_cell(name, target, question):
    """「件数申請率」 was the name of one, with the words 100件95％."""
    found = read(table(name, target))
    assert indicators(found) == BOTH
    asked = [one.question for one in found.doubts if one.about in ("指標名", "R2目標")]
    assert asked == ([question] if question else [])


def test_a_name_on_two_lines_may_be_one_and_is_where_its_value_is_one():
    one = answered(table("件数\n申請率", "100件\n95％"), {"件数\n申請率": "one"})
    assert [name for name, *_rest in indicators(one)] == ["件数申請率"]
    assert indicators(read(table("利用者の\n満足度", "95％"))) == [("利用者の満足度", "%", {2020: (Decimal(95), "")})]


def test_of_a_list_with_a_blank_part_only_the_others_are_registered():
    found = read(table("①件数\n②申請率", "①100件\n②"))
    assert indicators(found) == [BOTH[0], ("申請率", "", {})]


@pytest.mark.parametrize("text", ["(5)", "（１０）", "①"])
def test_a_number_in_brackets_is_no_place_in_a_list(text):
    """It was stored as a blank text, without a question."""
    found = read(table("件数", text))
    [(name, _unit, targets)] = indicators(found)
    assert (name, targets) == ("件数", {2020: (None, text)})
