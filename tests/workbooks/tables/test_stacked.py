"""A plan and what was done in one cell, a target and its actual in one cell."""

import datetime
from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, chosen, read, workbook
from workbooks.tables.column_roles import Role

ASKED = "（計画と実績の欄）"
END, HALF = datetime.date(2013, 3, 31), datetime.date(2012, 9, 30)


def one_cell(text, *headings):
    return workbook(
        [*([None, None, heading] for heading in headings[:-1]), ["番号", "項目名", headings[-1]], ["1", "窓口", text]]
    )


@pytest.mark.parametrize(
    "text",
    [
        "計画：検討\n実績：検討した",
        "（計画）検討\n（実績）検討した",
        "【計画】検討【実績】検討した",
        "【計画】\n検討\n【取組実績】\n検討した",
        "計画：検討　実績：検討した",
    ],
)
def test_a_cell_that_says_what_is_plan_and_what_was_done_is_taken_apart(text):
    """All of it became the plan of the year, with what was done."""
    data = one_cell(text, "H24")
    found = read(data)
    assert found.items[0].year_plans == {2012: ("検討", False)}
    assert found.results == {END: {"1": ("", "検討した")}}
    [asked] = [doubt for doubt in found.doubts if doubt.original == ASKED]
    assert asked.question.startswith("1つの欄に計画と実績が書いてあるので、分けて読みました（例：「")
    assert asked.question.endswith("」は、計画「検討」、実績「検討した」）。")
    half = answered(data, {ASKED: "half"})
    assert (half.items[0].year_plans, half.results) == ({2012: ("検討", False)}, {HALF: {"1": ("", "検討した")}})
    plan = answered(data, {ASKED: "plan"})
    assert (plan.items[0].year_plans, plan.results) == ({2012: ("検討", False)}, {})
    whole = answered(data, {ASKED: "whole"})
    assert (whole.items[0].year_plans, whole.results) == ({2012: (text, False)}, {})


@pytest.mark.parametrize("text", ["検討\n検討した", "検討／検討した"])
@pytest.mark.parametrize("heading", ["H24計画／実績", "H24（予定・実績）"])
def test_a_heading_that_says_both_tells_what_two_lines_are(heading, text):
    data = one_cell(text, heading)
    [one] = chosen(data)
    assert (one.columns[2].role, one.columns[2].year, one.columns[2].is_sure) == (Role.YEAR_PLAN, 2012, False)
    found = read(data)
    assert (found.items[0].year_plans, found.results) == ({2012: ("検討", False)}, {END: {"1": ("", "検討した")}})


def test_plan_and_result_below_the_years_are_columns_of_them():
    """The first was taken for what its rows are for, and the others were not read."""
    head = [["番号", "項目名", "H24", "H25"], [None, None, "計画／実績", "計画／実績"]]
    data = workbook([*head, ["1", "窓口", "検討\n検討した", "実施\n－"], ["2", "広告", "実施", None]])
    found = read(data)
    assert [item.year_plans for item in found.items] == [
        {2012: ("検討", False), 2013: ("実施", False)},
        {2012: ("実施", False)},
    ]
    assert found.results == {END: {"1": ("", "検討した")}}


@pytest.mark.parametrize("text", ["計画を見直し、実績を公表する", "実施計画：策定", "検討\n検討した", "検討／試行"])
def test_a_plan_that_speaks_of_plans_is_one(text):
    found = read(one_cell(text, "H24"))
    assert (found.items[0].year_plans, found.results) == ({2012: (text, False)}, {})
    assert [doubt for doubt in found.doubts if doubt.original == ASKED] == []


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("H24目標／実績", "10件\n9件"),
        ("H24目標／実績", "10件／9件"),
        ("H24目標（実績）", "10件（9件）"),
        ("H24目標", "目標：10件、実績：9件"),
        ("H24目標", "目標10件\n実績9件"),
        ("H24実績", "【実績】9件【目標】10件"),
    ],
)
def test_a_target_and_its_actual_in_one_cell(heading, text):
    """Of two lines 「109」 was proposed, as words."""
    found = read(workbook([["番号", "項目名", "指標", heading], ["1", "窓口", "件数", text]]))
    [indicator] = found.items[0].indicators
    assert (indicator.targets, indicator.actuals) == ({2012: (Decimal(10), "")}, {2012: (Decimal(9), "", False)})
    [asked] = [doubt for doubt in found.doubts if doubt.original == text]
    assert asked.question.endswith("目標 10件、実績 9件 と読みました。")


def test_two_numbers_in_words_do_not_become_one():
    found = read(workbook([["番号", "項目名", "指標", "H24目標"], ["1", "窓口", "件数", "10\n9"]]))
    assert found.items[0].indicators[0].targets == {2012: (None, "10 9")}
