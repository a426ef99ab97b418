"""What a printed table hides and strikes out is asked about, and is no figure before somebody says so."""

import pytest

from tests.workbooks.tables.hidden_figures import in_excel
from tests.workbooks.tables.printed import read, tables

STRUCK_PAGE = """<table><tr><th>平成26年9月30日現在<th>S<th>A<th><del>B</del>
<tr style="display: none"><td>方針1 窓口の改善<td>0<td>1<td>0
<tr><td>方針2 歳入の確保と資産の活用<td><s>3</s>1<td>1<td>2</table>"""


def figures(found):
    return [(one.policy, one.category or "計", int(one.value.value)) for one in found.figures]


def test_hidden_and_struck_cells_of_a_printed_table_are_asked_about():
    found, doubts = read(tables(in_excel())[:1])
    assert [(one.about, one.original, one.question, one.chosen, one.places) for one in doubts] == [
        (
            "非表示の行",
            "2行目",
            "非表示の行（フィルターで隠れた行を含む）に値があります：「方針1 窓口の改善 0 1」",
            "",
            ["「集計」シート A2"],
        ),
        ("非表示の列", "D列", "非表示の列に値があります：「B」", "", ["「集計」シート D1"]),
        (
            "取り消し線",
            "方針3 組織の見直し",
            "この行の見出しに、取り消し線が引かれています。",
            "",
            ["「集計」シート A4"],
        ),
        ("A", "12", "取り消し線の引かれた字を除いて「1」と読みました。", "left", ["「集計」シート C3"]),
        ("計", "8", "この欄の字には、取り消し線が引かれています。", "left", ["「集計」シート E5"]),
    ]
    assert figures(found) == [(2, "S", 1), (2, "A", 1), (2, "計", 4), (None, "S", 3), (None, "A", 3)]


def test_a_person_can_say_that_they_count_nevertheless():
    answers = {"非表示の行": "read", "非表示の列": "read", "取り消し線": "read", "A": "all", "計": "all"}
    found, _doubts = read(tables(in_excel())[:1], answers)
    assert figures(found) == [
        *((1, "S", 0), (1, "A", 1), (1, "B", 0), (1, "計", 1)),
        *((2, "S", 1), (2, "A", 12), (2, "B", 2), (2, "計", 4)),
        *((3, "S", 2), (3, "A", 1), (3, "B", 0), (3, "計", 3)),
        *((None, "S", 3), (None, "A", 3), (None, "B", 2), (None, "計", 8)),
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [(2, "S", 1), (2, "A", 1)]),
        ({"取り消し線": "read"}, [(2, "S", 1), (2, "A", 1), (2, "B", 2)]),
        ({"非表示の行": "read"}, [(1, "S", 0), (1, "A", 1), (2, "S", 1), (2, "A", 1)]),
    ],
)
def test_a_pasted_page_hides_and_strikes_out_as_well(answers, expected):
    found, doubts = read(tables(STRUCK_PAGE), answers)
    assert [(one.about, one.original) for one in doubts] == [
        ("非表示の行", "2行目"),
        ("取り消し線", "B"),
        ("S", "31"),
    ]
    assert figures(found) == expected


STRUCK_SECTION = """<table><tr><th>方針<th>S<th>A
<tr><td>平成25年9月30日現在<td><td><tr><td>方針1 窓口の改善<td>0<td>1
<tr><td><s>平成26年3月31日現在</s><td><td><tr><td>方針1 窓口の改善<td>1<td>1<tr><td>方針3 組織の見直し<td>2<td>3
<tr><td>平成26年9月30日現在<td><td><tr><td>方針1 窓口の改善<td>2<td>1</table>"""


@pytest.mark.parametrize(
    ("answer", "between"),
    [("skip", []), ("read", [("2014-03-31", 1, 1), ("2014-03-31", 1, 1), ("2014-03-31", 3, 2), ("2014-03-31", 3, 3)])],
)
def test_the_heading_of_several_rows_that_is_struck_out_is_asked_about_for_all_of_them(answer, between):
    found, doubts = read(tables(STRUCK_SECTION), {"取り消し線": answer})
    assert [(one.about, one.original, one.question, one.choices[0][1]) for one in doubts] == [
        (
            "取り消し線",
            "平成26年3月31日現在",
            "この見出しに、取り消し線が引かれています。",
            "この見出しの下の行を読まない",
        )
    ]
    assert [(str(one.as_of), one.policy, int(one.value.value)) for one in found.figures] == [
        *(("2013-09-30", 1, 0), ("2013-09-30", 1, 1)),
        *between,
        *(("2014-09-30", 1, 2), ("2014-09-30", 1, 1)),
    ]
