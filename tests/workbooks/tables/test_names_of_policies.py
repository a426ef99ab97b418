"""A table that tells its policies by numbers, by codes, by a number and a name in two columns, or not at all."""

import pytest

from tests.workbooks.tables.reading import NEW, chosen, made, read
from workbooks.tables.known import KnownPlan

WITH_ONE = KnownPlan("human", 2011, 2015, "original", policies={2: "歳入の確保"}, directions={1: "人づくり"})
WITH_TWO = KnownPlan("human", 2011, 2015, "original", policies={2: "歳入の確保", 3: "歳出の削減"})


def csv(*lines):
    return "\r\n".join(lines).encode("cp932")


def said(data, known, **answers):
    """The reading once a person has answered, by what is asked about; what new answers make doubtful as well."""
    given = {}
    for _again in range(3):
        reading = read(data, known, given)
        given |= {one.id: answers[one.about] for one in reading.doubts if one.about in answers}
    return read(data, known, given)


def policies(reading):
    return [(item.number, item.policy) for item in reading.items], reading.policies, reading.open_doubts


def test_a_number_and_a_name_in_two_columns_come_together():
    data = csv(
        "事業コード,事業名,方針番号,方針名,担当課コード,担当課名",
        "1,防災訓練,1,安全なまち,0101,防災課",
        "2,窓口,2,親切な窓口,0102,市民課",
    )
    (one,) = chosen(data)
    assert [(column.role.value, column.is_sure) for column in one.columns] == [
        *(("number", True), ("name", True), ("policy", True), ("policy_name", True)),
        *(("ignore", True), ("departments", True)),
    ]
    assert policies(read(data)) == ([("1", 1), ("2", 2)], {1: "安全なまち", 2: "親切な窓口"}, 0)
    assert [row["name"] for row in made(data)["departments"]] == ["防災課", "市民課"]


def test_a_name_without_a_number_beside_it_tells_the_policy_alone():
    (one,) = chosen(csv("番号,事業名,方針名", "1,防災訓練,安全なまち", "2,窓口,親切な窓口"))
    assert one.columns[2].role.value == "policy"


def test_two_columns_that_say_different_numbers_are_asked():
    data = csv("番号,事業名,方針番号,方針名", "1,防災訓練,1,方針２　安全なまち")
    (doubt,) = read(data).doubts
    assert (doubt.original, doubt.chosen, [label for _code, label in doubt.choices]) == (
        "1／方針２　安全なまち",
        "",
        ["方針1 安全なまち とする", "方針2 安全なまち とする"],
    )
    assert policies(said(data, NEW, 方針="name")) == ([("1", 2)], {2: "安全なまち"}, 0)


def test_the_names_of_policies_that_are_numbers_are_asked_once_each():
    data = csv("番号,事業名,方針", "1,防災訓練,1", "2,窓口,2", "3,広報,1")
    reading = read(data)
    assert (reading.problems, [(one.about, one.original, one.places) for one in reading.doubts]) == (
        [],
        [
            ("方針の名称", "1", ["「表」シート C2", "「表」シート C4"]),
            ("方針の名称", "2", ["「表」シート C3"]),
        ],
    )
    assert policies(said(data, NEW, 方針の名称="安全なまち")) == (
        [("1", 1), ("2", 2), ("3", 1)],
        {1: "安全なまち", 2: "安全なまち"},
        0,
    )
    assert policies(read(data, WITH_ONE))[2] == 1  # 2 is registered


def test_codes_become_numbers_with_the_names_that_a_person_gives():
    data = csv("番号,事業名,方針コード", "1,防災訓練,A01", "2,窓口,B02", "3,広報,A01")
    assert [one.question for one in read(data).doubts] == [
        f"方針が符号「{code}」で書かれています。入れた名称で、方針{number}として登録します。"
        for code, number in (("A01", 1), ("B02", 2))
    ]
    assert policies(said(data, WITH_ONE, 方針の名称="安全")) == (
        [("1", 3), ("2", 4), ("3", 3)],
        {3: "安全", 4: "安全"},
        0,
    )


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        (NEW, {"方針の名称": "行政改革"}, ([("1", 1), ("2", 1)], {1: "行政改革"}, 0)),
        (WITH_ONE, {}, ([("1", 2), ("2", 2)], {}, 0)),  # there is no other
        (WITH_TWO, {}, ([("1", 2), ("2", 2)], {}, 1)),
        (WITH_TWO, {"方針": "3"}, ([("1", 3), ("2", 3)], {}, 0)),
        (WITH_TWO, {"方針": "new", "方針の名称": "行政改革"}, ([("1", 4), ("2", 4)], {4: "行政改革"}, 0)),
        (WITH_TWO, {"方針": "new", "方針の名称": "歳出の削減"}, ([("1", 3), ("2", 3)], {3: "歳出の削減"}, 0)),
    ],
)
def test_items_whose_policy_no_table_tells_get_the_one_that_a_person_says(known, answers, expected):
    data = csv("番号,事業名", "1,防災訓練", "2,窓口")
    assert policies(said(data, known, **answers)) == expected


def test_the_name_of_a_direction_is_asked_unless_the_plan_has_it():
    data = csv("番号,事業名,方向性,方針", "1,防災訓練,1,2", "2,窓口,2,2")
    reading = said(data, WITH_ONE, 方向性の名称="まちづくり")
    assert (reading.directions, [one.original for one in reading.doubts]) == (
        {1: ("人づくり", [2]), 2: ("まちづくり", [2])},
        ["2"],
    )
