"""Several years in one heading, row or cell are given to each of them, and asked about."""

from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, chosen, read, workbook
from workbooks.tables import spans
from workbooks.tables.column_roles import Role

PLAN = range(2011, 2016)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("H25～H27", (2013, 2014, 2015)),
        ("年度計画（Ｈ２５〜２７）", (2013, 2014, 2015)),
        ("実施計画（23年度～25年度）", (2011, 2012, 2013)),
        ("平成30年度から令和2年度まで", (2018, 2019, 2020)),
        ("2013-2014", (2013, 2014)),
        ("平成23・24年度", (2011, 2012)),
        ("26年度以降", (2014, 2015)),
        ("H26～", (2014, 2015)),
        ("平成23年度", ()),
        ("平成31（令和元）年度", ()),
        ("H31・R1", ()),
        ("平成26年4月～9月", ()),
        ("H26.4～H27.3", ()),
        ("2014-09-30", ()),
        ("10-12月", ()),
        ("H23-1", ()),
    ],
)
def test_years_that_a_text_names_together(text, years):
    assert spans.years_in(text, PLAN[-1]) == years


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("H23：検討 H24：実施", [((2011,), "検討"), ((2012,), "実施")]),
        ("Ｈ２３：検討、Ｈ２４～：実施。", [((2011,), "検討"), ((2012, 2013, 2014, 2015), "実施。")]),
        ("23：検討\n24～27：実施", [((2011,), "検討"), ((2012, 2013, 2014, 2015), "実施")]),
        ("【H23】検討【H24・25】実施", [((2011,), "検討"), ((2012, 2013), "実施")]),
        ("平成23年度　検討\n平成24年度以降　実施", [((2011,), "検討"), ((2012, 2013, 2014, 2015), "実施")]),
        ("H23：90% H24：92%", [((2011,), "90%"), ((2012,), "92%")]),
        ("検討（H24：実施）", []),
        ("H24から実施", []),
        ("H24：実施 H23：検討", []),
        ("1：検討 2：実施", []),
        ("23:30まで開館", []),
        ("H23 H24 実施", []),
    ],
)
def test_a_cell_year_by_year(text, parts):
    assert spans.by_year(text, PLAN[-1], PLAN) == parts


def asked(reading, about):
    return [
        (one.original, one.question, [label for _code, label in one.choices])
        for one in reading.doubts
        if one.about == about
    ]


@pytest.mark.parametrize("heading", ["年度計画（H23～H27）", "実施計画（23年度～27年度）"])
def test_a_heading_of_several_years_is_certain_of_none_and_its_cells_are_split(heading):
    data = workbook(
        [
            ["番号", "項目名", heading],
            ["1", "窓口", "H23：検討 H24：実施"],
            ["2", "広告", "23：検討\n24～27：実施"],
            ["3", "職員", "検討する"],
        ]
    )
    [one] = chosen(data)
    assert (one.columns[2].role, one.columns[2].year, one.columns[2].is_sure) == (Role.YEAR_PLAN, None, False)
    found = read(data)
    assert found.problems == []
    assert [{year: text for year, (text, _none) in item.year_plans.items()} for item in found.items] == [
        {2011: "検討", 2012: "実施"},
        {2011: "検討"} | dict.fromkeys(range(2012, 2016), "実施"),
        dict.fromkeys(PLAN, "検討する"),
    ]
    assert asked(found, heading) == [
        (
            "（年度ごとに書いた欄）",
            "1つの欄に年度ごとに書いてあるので、年度に分けて読みました（例：「H23：検討 H24：実施」は、"
            "平成23年度「検討」、平成24年度「実施」）。",
            ["この読み方でよい", "登録しない"],
        ),
        (
            "（年度に分けていない欄）",
            "年度に分けて書いていない欄を、見出しの平成23年度から平成27年度までのすべての年度の計画と読みました。",
            ["この読み方でよい", "平成23年度だけとする", "平成27年度だけとする", "登録しない"],
        ),
    ]
    said = answered(data, {"（年度ごとに書いた欄）": "whole", "（年度に分けていない欄）": "last"})
    assert [item.year_plans for item in said.items] == [{}, {}, {2015: ("検討する", False)}]


def test_one_of_several_columns_may_stand_for_several_years():
    data = workbook(
        [["番号", "項目名", "年度計画", None], [None, None, "H23", "H24～H27"], ["1", "窓口", "検討", "実施"]],
        merged=("A1:A2", "B1:B2", "C1:D1"),
    )
    [one] = chosen(data)
    assert [(column.year, column.is_sure) for column in one.columns[2:]] == [(2011, True), (None, False)]
    [item] = read(data).items
    assert item.year_plans == {2011: ("検討", False)} | dict.fromkeys(range(2012, 2016), ("実施", False))


def test_years_in_a_column_of_one_year_are_split_too_unless_a_person_says_no():
    data = workbook([["番号", "項目名", "H23", "H24"], ["1", "窓口", "H23：検討 H24：実施", None]])
    assert read(data).items[0].year_plans == {2011: ("検討", False), 2012: ("実施", False)}
    assert answered(data, {"（年度ごとに書いた欄）": "whole"}).items[0].year_plans == {
        2011: ("H23：検討 H24：実施", False)
    }


def test_targets_year_by_year_in_one_cell():
    data = workbook([["番号", "項目名", "指標", "目標（H23～H24）"], ["1", "窓口", "収納率", "H23：90% H24：92%"]])
    found = read(data)
    assert found.items[0].indicators[0].targets == {2011: (Decimal(90), ""), 2012: (Decimal(92), "")}
    assert [one[0] for one in asked(found, "目標（H23～H24）")] == ["（年度ごとに書いた欄）"]


def test_an_amount_of_several_years_is_no_amount_of_each():
    data = workbook([["番号", "項目名", "歳出削減額 実績（千円）H23～H25"], ["1", "窓口", 300]])
    found = read(data)
    assert found.items[0].effects == []
    assert [one[1] for one in asked(found, "歳出削減額 実績（千円）H23～H25")] == [
        "「歳出削減額 実績（千円）H23～H25」の列が、どの年度のものか分かりません。"
    ]


def test_a_row_of_several_years():
    data = workbook(
        [
            ["番号", "項目名", "年度", "計画"],
            ["1", "窓口", "H23", "検討"],
            [None, None, "H24", "試行"],
            [None, None, "H25～27", "実施"],
        ],
        merged=("A2:A4", "B2:B4"),
    )
    found = read(data)
    assert found.items[0].year_plans == {2011: ("検討", False), 2012: ("試行", False)} | dict.fromkeys(
        range(2013, 2016), ("実施", False)
    )
    assert asked(found, "年度") == [
        (
            "H25～27",
            "この行の値を、平成25年度から平成27年度までのすべての年度の値と読みました。",
            ["この読み方でよい", "平成25年度だけとする", "平成27年度だけとする"],
        )
    ]
    assert answered(data, {"H25～27": "first"}).items[0].year_plans[2013] == ("実施", False)
    assert 2014 not in answered(data, {"H25～27": "first"}).items[0].year_plans


@pytest.mark.parametrize(
    ("cells", "plans", "questions"),
    [
        (["実施 ------>", None, None], ["実施", "実施", "実施"], 1),
        (["実施 →→→", None, "終了"], ["実施", "実施", "終了"], 1),
        (["検討", "------>", None], ["検討", "------>", "------>"], 1),
        (["検討", "→", None], ["検討", "→", None], 0),  # each year has an arrow of its own, or none
        (["検討", "実施→", "－"], ["検討", "実施→", "－"], 0),
        (["検討→実施", None, None], ["検討→実施", None, None], 0),
    ],
)
def test_an_arrow_over_blank_cells_is_asked_about(cells, plans, questions):
    data = workbook([["番号", "項目名", "H23", "H24", "H25"], ["1", "窓口", *cells]])
    found = read(data)
    told = found.items[0].year_plans
    assert [told.get(year, (None,))[0] for year in (2011, 2012, 2013)] == plans
    assert sum("矢印の右の欄が空いています" in one.question for one in found.doubts) == questions


def test_an_arrow_may_be_of_its_own_year_alone():
    data = workbook([["番号", "項目名", "H23", "H24", "H25"], ["1", "窓口", "実施 →→→", None, None]])
    assert asked(read(data), "年度計画") == [
        (
            "実施 →→→",
            "矢印の右の欄が空いています（平成24年度、平成25年度）。その年度も続く計画と読みました。",
            ["空いている年度も、同じ「実施」とする", "平成23年度だけに「実施 →→→」のまま登録する"],
        )
    ]
    assert answered(data, {"実施 →→→": "only"}).items[0].year_plans == {2011: ("実施 →→→", False)}


HEADED = ["番号", "項目名", "方針", "H23", "H24", "H25"]


@pytest.mark.parametrize(
    ("text", "named", "part"),
    [
        ("H24：実施", (2012,), "実施"),
        ("【Ｈ２４】実施", (2012,), "実施"),
        ("平成24年度実施", (2012,), "実施"),
        ("実施（H24）", (2012,), "実施"),
        ("24：実施", (2012,), "実施"),
        ("H20：実施", (2008,), "実施"),
        ("H24～H25：実施", (2012, 2013), "実施"),
        ("H23～H25：実施", (2011, 2012, 2013), "実施"),
    ],
)
def test_a_cell_that_names_another_year_than_its_column_is_asked(text, named, part):
    data = workbook([HEADED, ["1", "窓口", "方針１　歳入", text, None, None]])
    (doubt,) = read(data).doubts
    both = 2011 in named
    assert (doubt.about, doubt.original, doubt.chosen) == ("H23", text, "named" if both else "")
    assert doubt.question.startswith("平成23年度の列の欄に、平成")
    found = {
        code: {year: plan for year, (plan, _none) in answered(data, {text: code}).items[0].year_plans.items()}
        for code, _label in doubt.choices
    }
    assert found == {
        "named": dict.fromkeys(named, part),
        "column": {2011: part},
        "whole": {2011: text},
        "skip": {},
    }


@pytest.mark.parametrize(
    "text", ["H23：実施", "H24から実施", "平成24年度に向けて検討", "実施（H23）", "2000件の受付", "2000 件", "24時間"]
)
def test_a_cell_that_tells_of_another_year_is_not_of_that_year(text):
    reading = read(workbook([HEADED, ["1", "窓口", "方針１　歳入", text, None, None]]))
    assert (reading.doubts, dict(reading.items[0].year_plans)) == ([], {2011: (text, False)})


def test_a_target_or_an_amount_of_another_year_is_asked_and_two_plans_of_one_year_are_kept_both():
    head = ["番号", "項目名", "方針", "指標", "目標（H27）", "H23 削減額（千円）", "H23", "H24"]
    data = workbook([head, ["1", "窓口", "方針１　歳入", "件数", "120件（H26）", "H24：1,200", "H24：実施", "検討"]])
    contradicting = [one for one in read(data).doubts if "列の欄に" in one.question]
    assert [(one.original, one.question, one.chosen) for one in contradicting] == [
        ("120件（H26）", "平成27年度の列の欄に、平成26年度と書いてあります。", ""),
        ("H24：1,200", "平成23年度の列の欄に、平成24年度と書いてあります。", ""),
        ("H24：実施", "平成23年度の列の欄に、平成24年度と書いてあります。", ""),
    ]
    (item,) = answered(data, {one.original: "named" for one in contradicting}).items
    assert [(one.targets, one.actuals) for one in item.indicators] == [({2014: (Decimal(120), "")}, {})]
    assert [(one.year, one.amount) for one in item.effects] == [(2012, Decimal(1200))]
    assert item.year_plans == {2012: ("H23：実施\nH24：検討", False)}
