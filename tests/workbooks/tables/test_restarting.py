"""Items that are numbered anew in each policy get numbers that stand once in the plan, and a person sees it."""

import datetime

import pytest

from tests.workbooks.tables.reading import NEW, answered, read, workbook

ABOUT = "（方針ごとの番号）"
HEAD = ["番号", "項目名", "担当課", "H23年度", "評価（H24.3.31）"]
SECTIONS = workbook(
    [
        HEAD,
        ["方針１　歳入の確保"],
        ["1", "広告", "財政課", "実施", "A"],
        ["2", "収納", "税務課", "実施", "B"],
        ["方針２　窓口の改善"],
        ["1", "案内", "市民課", "検討", "A"],
        ["2", "証明", "市民課", "実施", "S"],
        ["3", "予約", "市民課", "実施", "A"],
    ]
)
COLUMN = workbook(
    [
        ["方針", "No.", "実施項目", "H23年度"],
        ["1 歳入の確保", "①", "広告", "実施"],
        [None, "②", "収納", "実施"],
        ["2 窓口の改善", "①", "案内", "検討"],
        [None, "②", "証明", "実施"],
    ],
    ("A2:A3", "A4:A5"),
)
SHEETS = workbook(
    [["方針１　歳入の確保"], HEAD, ["1", "広告", "財政課", "実施", "A"], ["2", "収納", "税務課", "実施", "B"]],
    title="方針１",
    other=[
        (
            "方針２",
            [["方針２　窓口の改善"], HEAD, ["1", "案内", "市民課", "検討", "A"], ["2", "証明", "市民課", "実施", "S"]],
        )
    ],
)


def numbered(reading):
    return [(item.number, item.name, item.policy) for item in reading.items]


FOUR = [("1-1", "広告", 1), ("1-2", "収納", 1), ("2-1", "案内", 2), ("2-2", "証明", 2)]


@pytest.mark.parametrize(
    ("table", "first"), [(COLUMN, "「表」シート B2"), (SHEETS, "「方針１」シート A3")], ids=["column", "sheets"]
)
def test_numbers_that_begin_anew_in_each_policy_say_the_policy_too(table, first):
    """All but the first policy were refused: 番号1が … にもあり、項目名が違います."""
    found = read(table)
    assert (numbered(found), found.problems) == (FOUR, [])
    [asked] = [doubt for doubt in found.doubts if doubt.original == ABOUT]
    assert asked.question == (
        "項目の番号が、方針ごとに1から始まっています。計画の中で1つになるように、方針の番号を前に付けます"
        "（方針1の「1」は「1-1」）。"
    )
    assert (asked.places, asked.is_answered) == ([first], False)


def test_what_is_said_of_an_item_goes_to_it_and_to_no_other_of_its_number():
    found = read(SECTIONS)
    assert numbered(found) == [*FOUR, ("2-3", "予約", 2)]
    assert found.results == {
        datetime.date(2012, 3, 31): {
            "1-1": ("A", ""),
            "1-2": ("B", ""),
            "2-1": ("A", ""),
            "2-2": ("S", ""),
            "2-3": ("A", ""),
        }
    }


def test_a_person_may_keep_the_numbers_as_they_are_written():
    found = answered(SECTIONS, {ABOUT: "written"})
    assert found.problems == [
        "「表」シート B6: 番号1が 「表」シート B3 にもあり、項目名が違います。表の番号を直してください。",
        "「表」シート B7: 番号2が 「表」シート B4 にもあり、項目名が違います。表の番号を直してください。",
    ]


def test_one_number_that_stands_twice_is_a_slip():
    found = read(
        workbook([HEAD, ["方針１　歳入"], ["1", "広告"], ["2", "収納"], ["方針２　窓口"], ["2", "案内"], ["3", "証明"]])
    )
    assert [doubt for doubt in found.doubts if doubt.original == ABOUT] == []
    assert len(found.problems) == 1


def test_a_part_of_such_a_table_goes_to_the_items_that_the_plan_has_of_it():
    known = NEW.__class__(
        **{**NEW.__dict__, "policies": {1: "歳入の確保", 2: "窓口の改善"}, "programs": {"2-1": "案内", "2-2": "証明"}}
    )
    found = read(
        workbook([["方針２　窓口の改善"], HEAD, ["1", "案内", "市民課", "検討", "A"], ["2", "証明"]], title="方針２"),
        known,
    )
    assert [item.number for item in found.items] == ["2-1", "2-2"]


def test_years_below_each_other_stay_rows_of_their_item():
    found = read(
        workbook(
            [
                ["方針", "番号", "項目名", "年度", "年度計画"],
                *(
                    [policy, number, name, year, plan]
                    for policy, number, name in (
                        ("1 歳入", "1", "広告"),
                        ("1 歳入", "2", "収納"),
                        ("2 窓口", "1", "案内"),
                        ("2 窓口", "2", "証明"),
                    )
                    for year, plan in (("H23", "検討"), ("H24", "実施"))
                ),
            ]
        )
    )
    assert numbered(found) == FOUR
    assert found.items[2].year_plans == {2011: ("検討", False), 2012: ("実施", False)}
