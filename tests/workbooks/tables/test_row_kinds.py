"""計画, 実績 and 評価 of an item below each other: no grade becomes a plan."""

from datetime import date
from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, read, workbook

HEAD = ["No", "取組", "区分", "H23", "H24"]
ROWS = [
    ["1", "窓口", "計画", "検討", "実施"],
    ["", "", "実績", "検討した", "手引きを2種類作った"],
    ["", "", "評価", "A", "B"],
    ["2", "広告", "計画", "検討", "実施"],
    ["", "", "実績", "検討した", "実施した"],
    ["", "", "評価", "－", "S"],
]
TABLE = workbook([HEAD, *ROWS])
PLANS = [{2011: ("検討", False), 2012: ("実施", False)}] * 2


def test_results_of_a_year_are_as_of_its_end_and_asked_about_once_a_kind():
    found = read(TABLE)
    assert [item.year_plans for item in found.items] == PLANS
    assert found.results == {
        date(2012, 3, 31): {"1": ("A", "検討した"), "2": ("", "検討した")},
        date(2013, 3, 31): {"1": ("B", "手引きを2種類作った"), "2": ("S", "実施した")},
    }
    assert [(doubt.about, doubt.original, len(doubt.places)) for doubt in found.doubts if doubt.about == "区分"] == [
        ("区分", "実績", 1),
        ("区分", "評価", 1),
    ]


@pytest.mark.parametrize(
    ("answers", "results"),
    [
        ({"評価": "half", "実績": "skip"}, {date(2011, 9, 30): {"1": ("A", "")}}),
        ({"評価": "skip", "実績": "half"}, {date(2011, 9, 30): {"1": ("", "検討した"), "2": ("", "検討した")}}),
        ({"評価": "skip", "実績": "skip"}, {}),
    ],
)
def test_a_person_says_what_they_are(answers, results):
    found = answered(TABLE, answers)
    assert {as_of: told for as_of, told in found.results.items() if as_of.year == 2011} == results
    assert [item.year_plans for item in found.items] == PLANS


def test_numbers_are_actuals_and_a_kind_that_nobody_knows_is_not_read():
    table = workbook(
        [
            HEAD,
            ["1", "収納率", "目標", "90%", "91%"],
            ["", "", "実績", "90.5%", "91.2%"],
            ["", "", "差", "0.5", "0.2"],
        ]
    )
    found = read(table)
    [indicator] = found.items[0].indicators
    assert (indicator.targets, indicator.actuals) == (
        {2011: (Decimal(90), ""), 2012: (Decimal(91), "")},
        {2011: (Decimal("90.5"), "", False), 2012: (Decimal("91.2"), "", False)},
    )
    assert (found.items[0].year_plans, found.results) == ({}, {})
    [doubt] = [one for one in found.doubts if one.about == "区分"]
    assert (doubt.original, doubt.question) == ("差", "「差」の行が何を表すか分からないので、読みません。")
    assert answered(table, {"差": "plan"}).items[0].year_plans == {2011: ("0.5", False), 2012: ("0.2", False)}
