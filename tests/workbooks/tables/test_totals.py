"""Rows of totals between items and below them, and items that only sound like one."""

import pytest

from tests.workbooks.tables.reading import answered, read, workbook

HEAD = ["番号", "項目名", "実施内容", "R1計画", "R2計画"]


def named(reading):
    return [(item.number, item.name) for item in reading.items]


def totals(reading):
    return [doubt for doubt in reading.doubts if doubt.about == "計の行"]


@pytest.mark.parametrize(
    "row",
    [
        ["2", "庁舎の整備", "基本設計", "実施設計", "建設"],
        ["2", "新公会計", "導入する。", "導入", "導入"],
        ["2", "企業会計", "見直す。", "検討", "実施"],
        ["2", "給与", "制度設計", "検討", "実施"],
        ["2", "統計", "合計", "検討", "実施"],
        ["2", "目標の設計", "検討", "検討", "実施"],
    ],
)
@pytest.mark.parametrize("is_last", [True, False])
def test_an_item_with_a_word_that_ends_like_a_total_is_an_item(row, is_last):
    rows = [HEAD, ["1", "窓口", "改める。", "検討", "実施"], row]
    rows += [] if is_last else [["3", "広告", "載せる。", "検討", "実施"]]
    found = read(workbook(rows))
    assert (named(found)[1], totals(found)) == (("2", row[1]), [])


def test_a_department_and_a_row_below_its_item_that_end_like_a_total_are_read():
    rows = [
        ["番号", "担当課", "項目名", "区分", "R1", "R2"],
        ["1", "会計課", "収納", "計画", "検討", "実施"],
        [None, None, None, "実績", "検討", "基本設計"],
        ["2", "会計", "庁舎", "計画", "検討", "実施"],
    ]
    found = read(workbook(rows, merged=["A2:A3", "B2:B3", "C2:C3"]))
    assert (named(found), [item.departments for item in found.items]) == (
        [("1", "収納"), ("2", "庁舎")],
        [("会計課",), ("会計",)],
    )
    assert totals(found) == []
    assert {as_of.year: results for as_of, results in found.results.items()} == {
        2020: {"1": ("", "検討")},
        2021: {"1": ("", "基本設計")},
    }


BETWEEN = workbook(
    [
        HEAD,
        ["1", "窓口", "改める。", "検討", "実施"],
        [None, "小 計", "1", None, None],
        ["2", "広告", "載せる。", "検討", "実施"],
        [None, "小計", "1", None, None],
        ["方針１", "計", "2", None, None],
        ["3", "税", "納める。", "検討", "実施"],
        [None, "合 計（3項目）", None, None, None],
    ]
)


def test_totals_between_items_are_shown_once_a_kind_and_a_person_may_say_that_they_are_items():
    found = read(BETWEEN)
    assert (named(found), found.notes, found.problems) == ([("1", "窓口"), ("2", "広告"), ("3", "税")], [], [])
    assert [(one.original, one.question, one.places, one.chosen) for one in totals(found)] == [
        (
            "（計の行）",
            "次の行は、計の行と読みました：「小 計 1」、「小計 1」",
            ["「表」シート B3", "「表」シート B5"],
            "skip",
        ),
        ("方針１ 計 2", "次の行は、計の行と読みました：「方針１ 計 2」", ["「表」シート A6"], "skip"),
        ("合 計（3項目）", "次の行は、計の行と読みました：「合 計（3項目）」", ["「表」シート B8"], "skip"),
    ]
    assert [label for _code, label in totals(found)[0].choices] == [
        "計の行なので、読まない",
        "項目なので、ほかの行と同じように読む",
    ]
    assert [item.name for item in answered(BETWEEN, {"（計の行）": "read"}).items] == [
        *("窓口", "広告", "税"),
        *("小 計", "小計"),
    ]


@pytest.mark.parametrize(("written", "told"), [("合 計（62項目）", 62), ("総計(2件)", None), ("計", None)])
def test_a_total_with_the_number_of_items_is_no_item_and_is_compared(written, told):
    found = read(workbook([HEAD, ["1", "窓口"], ["2", "広告"], [written]]))
    assert named(found) == [("1", "窓口"), ("2", "広告")]
    assert found.notes == ([f"「表」シート A4: 計の行には{told}とありますが、読んだ項目は2件です。"] if told else [])


def test_a_row_without_a_number_that_may_be_a_total_is_asked_with_nothing_chosen():
    data = workbook([HEAD, ["1", "窓口"], [None, "歳入確保計"], [None, "公営企業会計"]])
    (doubt,) = totals(read(data))
    assert (doubt.original, doubt.chosen, doubt.question) == (
        "歳入確保計",
        "",
        "次の行は、計の行かもしれません：「歳入確保計」",
    )
    assert [[item.name for item in answered(data, {"歳入確保計": code}).items] for code in ("skip", "read")] == [
        ["窓口", "公営企業会計"],
        ["窓口", "歳入確保計", "公営企業会計"],
    ]


def test_totals_below_the_last_item_and_below_a_note_are_asked_too():
    rows = [HEAD, ["1", "窓口"], ["2", "広告"], ["※番号は通し番号"], [None, "小計", "2"], [None, "合計", "9"]]
    found = read(workbook(rows))
    assert (named(found), found.notes) == ([("1", "窓口"), ("2", "広告")], [])
    assert [(one.original, one.places, one.chosen) for one in totals(found)] == [
        ("小計 2", ["「表」シート B5"], "skip"),
        ("合計 9", ["「表」シート B6"], "skip"),
    ]
    said = answered(workbook(rows), {"合計 9": "read"})
    assert [item.name for item in said.items] == ["窓口", "広告", "合計"]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("word", ["効果額合計", "歳入確保計", "効果額計（千円）", "効果総額", "全体", "平均"])
def test_a_total_in_whichever_column_is_asked_and_no_amount_of_it_goes_to_the_item_above(word, place):
    """In the column of policies it went on with the last item, whose blank years got its amounts."""
    total = [None, None, None, "1,200", "900"]
    total[place] = word
    rows = [
        ["方針", "番号", "項目名", "R1歳出削減実績額（千円）", "R2歳出削減実績額（千円）"],
        ["方針１ 財政", "1", "広告", "1,200", "700"],
        ["方針１ 財政", "2", "委託", None, "200"],
        total,
    ]
    found = read(workbook(rows, merged=["A4:C4"] if place == 0 else []))
    assert [(one.question, one.chosen) for one in totals(found)] == [
        (f"次の行は、計の行かもしれません：「{word} 1,200 900」", "")
    ]
    assert [[(one.year, one.amount) for one in item.effects] for item in found.items] == [
        [(2019, 1200), (2020, 700)],
        [(2020, 200)],
    ]
