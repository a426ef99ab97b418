"""What a table says twice of an item is asked: nothing that stands in a further row or a second column takes the place of the first."""

import datetime
from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, chosen, read, workbook
from workbooks.tables.column_roles import Role

HEADINGS = ["番号", "項目名", "担当課", "取組状況（H24.9.30）", "評価（H24.9.30）", "H24", "H25", "指標", "H25目標"]
TWO_ROWS = workbook(
    [
        HEADINGS,
        ["1", "窓口", "市民課", "窓口を改めた。", "A", "検討", "実施", "件数", "10件"],
        [None, None, "情報課", "端末を入れた。", "B", "試行", "拡大", None, "20件"],
        ["2", "広告", "財政課", "載せた。", "A", "検討", "実施", "収入", "5円"],
        [None, None, "財政課", "載せた。", "A", "検討", "実施", None, "5円"],
    ]
)
SECOND = "（2つ目の値）"
DAY = datetime.date(2012, 9, 30)


def test_nothing_of_a_further_row_takes_the_place_of_the_row_above():
    """The second plan, the second target were stored, the second department, text and grade were lost; none was asked."""
    found = read(TWO_ROWS)
    asked = [
        (doubt.about, doubt.question, [code for code, _label in doubt.choices], doubt.is_guessed, doubt.places)
        for doubt in found.doubts
        if doubt.original == SECOND
    ]
    assert asked == [
        (
            "取組状況",
            "1つの項目に、同じ取組状況が2つあります（2行目以降か、同じ年度や基準日の別の列。例：先に「窓口を改めた。」、後に「端末を入れた。」）。",
            ["first", "last", "join"],
            False,
            ["「表」シート D3"],
        ),
        (
            "評価",
            "1つの項目に、同じ評価が2つあります（2行目以降か、同じ年度や基準日の別の列。例：先に「A」、後に「B」）。",
            ["first", "last"],
            False,
            ["「表」シート E3"],
        ),
        (
            "指標の目標",
            "1つの項目に、同じ指標の目標が2つあります（2行目以降か、同じ年度や基準日の別の列。例：先に「10」、後に「20」）。",
            ["first", "last"],
            False,
            ["「表」シート I3"],
        ),
        (
            "年度計画",
            "1つの項目に、同じ年度計画が2つあります（2行目以降か、同じ年度や基準日の別の列。例：先に「検討」、後に「試行」）。",
            ["first", "last", "join"],
            False,
            ["「表」シート F3", "「表」シート G3"],
        ),
    ]
    [department] = [doubt for doubt in found.doubts if doubt.original == "情報課"]
    assert department.question == "項目1の2行目以降にある「情報課」を、上の行の部署に加えて読みました。"
    assert found.items[0].departments == ("市民課", "情報課")


@pytest.mark.parametrize(
    ("answer", "plans", "target", "results"),
    [
        ("first", ("検討", "実施"), 10, ("A", "窓口を改めた。")),
        ("last", ("試行", "拡大"), 20, ("B", "端末を入れた。")),
    ],
)
def test_a_person_says_which_of_two_counts(answer, plans, target, results):
    found = answered(TWO_ROWS, {SECOND: answer, "情報課": "skip"})
    first, second = found.items
    assert first.year_plans == {2012: (plans[0], False), 2013: (plans[1], False)}
    assert first.indicators[0].targets == {2013: (Decimal(target), "")}
    assert first.departments == ("市民課",)
    assert found.results == {DAY: {"1": results, "2": ("A", "載せた。")}}
    assert (second.year_plans, second.departments) == ({2012: ("検討", False), 2013: ("実施", False)}, ("財政課",))


def test_texts_may_be_put_together():
    found = answered(TWO_ROWS, {SECOND: "join"})
    assert found.items[0].year_plans == {2012: ("検討\n試行", False), 2013: ("実施\n拡大", False)}
    assert found.results[DAY]["1"] == ("A", "窓口を改めた。\n端末を入れた。")


def test_two_columns_of_one_target_and_two_baselines_are_asked():
    """The later column won."""
    data = workbook(
        [
            ["番号", "項目名", "指標", "現状値（H22）", "当初目標（H25）", "変更後目標（H25）"],
            ["1", "窓口", "件数", "8件", "10件", "12件（H22年度9件）"],
        ]
    )
    [item] = read(data).items
    assert (item.indicators[0].baseline, item.indicators[0].targets) == (Decimal(8), {2013: (Decimal(10), "")})
    assert [doubt.about for doubt in read(data).doubts if doubt.original == SECOND] == ["指標の基準値", "指標の目標"]
    [item] = answered(data, {SECOND: "last"}).items
    assert (item.indicators[0].baseline, item.indicators[0].targets) == (Decimal(9), {2013: (Decimal(12), "")})


@pytest.mark.parametrize(
    ("head", "merged"),
    [
        ([["番号", "項目名", "担当課", None, "H24", "H25"]], ()),
        ([["番号", "項目名", "担当課", "年度", "H24", "H25"]], ()),
        (
            [["番号", "項目名", "担当課", "スケジュール", None, None], [None, None, None, None, "H24", "H25"]],
            ("D1:F1", "A1:A2", "B1:B2", "C1:C2"),
        ),
    ],
)
def test_plans_and_results_below_each_other_are_told_by_their_words_whatever_stands_above(head, merged):
    """「実績」 became the plan of its year."""
    data = workbook(
        [
            *head,
            ["1", "窓口", "市民課", "計画", "検討", "実施"],
            [None, None, None, "実績", "検討した", "一部を実施"],
        ],
        merged,
    )
    [one] = chosen(data)
    assert (one.columns[3].role, one.columns[3].is_sure) == (Role.ROW_KIND, False)
    found = read(data)
    assert found.items[0].year_plans == {2012: ("検討", False), 2013: ("実施", False)}
    assert found.results == {
        datetime.date(2013, 3, 31): {"1": ("", "検討した")},
        datetime.date(2014, 3, 31): {"1": ("", "一部を実施")},
    }


def test_a_note_goes_on_in_a_line_of_its_own():
    """As the question says; the lines were joined."""
    data = workbook(
        [["番号", "項目名", "備考"], ["1", "窓口", "人が\n変わる"], [None, None, "場所も"]], ("A2:A3", "B2:B3")
    )
    assert read(data).items[0].note == "人が変わる\n場所も"


def test_two_plans_of_a_year_are_told_by_the_headings_that_differ():
    """「R2：検討⏎R2：実施」 said nothing of which was which."""
    data = workbook(
        [
            ["番号", "項目名", "当初計画", None, "見直し後計画", None],
            [None, None, "R2", "R3", "R2", "R3"],
            ["1", "窓口", "検討", "実施", "実施", "実施"],
        ],
        ("A1:A2", "B1:B2", "C1:D1", "E1:F1"),
    )
    found = read(data)
    assert found.items[0].year_plans == {
        2020: ("当初計画：検討\n見直し後計画：実施", False),
        2021: ("実施", False),
    }
    last = answered(data, {"当初計画・見直し後計画": "last"})
    assert last.items[0].year_plans == {2020: ("実施", False), 2021: ("実施", False)}
