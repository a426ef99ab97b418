"""A table as an office has it becomes the workbook that a person would have written by hand, cell by cell."""

import pytest

from tests.workbooks.tables import human
from tests.workbooks.tables.reading import answered, cells, chosen, made, read
from workbooks.tables import building
from workbooks.tables.known import KnownPlan

DATA, FILE = human.DATA, human.FILE


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_the_result_is_the_workbook_written_by_hand(ending):
    """The other two were saved by LibreOffice."""
    assert made(DATA.with_suffix(f".{ending}").read_bytes()) == human.by_hand()


def test_the_table_is_found_and_its_columns_are_told():
    (one,) = chosen(FILE)
    assert (one.layout.header, one.layout.first, one.layout.last) == (4, 6, 21)
    assert [(column.role.value, column.year) for column in one.columns] == [
        ("policy", None),
        ("number", None),
        ("name", None),
        ("departments", None),
        ("contents", None),
        *(("year_plan", year) for year in range(2011, 2016)),
        ("indicator", None),
        ("target", 2015),
        ("note", None),
    ]


def test_what_is_doubtful_is_asked_once_for_all_cells_that_say_the_same():
    reading = read(FILE)
    asked = [(doubt.about, doubt.original, doubt.choices[0][1], len(doubt.places)) for doubt in reading.doubts]
    assert asked == [
        ("計の行", "計", "計の行なので、読まない", 1),
        ("目標（H27）", "120団体（H22年度95団体）", "この読み方でよい", 5),
        ("年度計画", "→", "矢印のまま登録する", 6),
        ("担当課", "市民協働課・地域振興課", "この読み方でよい", 3),
        ("目標（H27）", "77%以上（H23年度68.1%）", "この読み方でよい", 3),
        ("年度計画", "実施", "この読み方でよい", 5),
        ("担当課", "全課", "この読み方でよい", 6),
        ("指標名", "－", "指標を登録しない", 3),
        ("年度計画", "同上", "左（前の年度）と同じ「検討」とする", 3),
        ("担当課", "同上", "この読み方でよい", 3),
        ("実施内容", "同上", "この読み方でよい", 1),
        ("担当課", "税務課（収納課）", "この読み方でよい", 2),
        ("項目名", "項目7\n（再掲：方針３）", "項目「項目7」として登録し、「再掲：方針３」を備考に入れる", 1),
        ("実施内容", "同上", "この読み方でよい", 1),
        ("実施内容", "同上", "この読み方でよい", 1),
    ]
    assert reading.open_doubts == 15
    assert reading.doubts[4].question == "目標と基準値に分けました：目標 77%以上、基準値 68.1%（平成23年度）"
    assert reading.doubts[11].places == ["「実施計画」シート D10", "「実施計画」シート D15"]
    assert reading.problems == reading.notes == []


@pytest.mark.parametrize(
    ("original", "answer", "sheet", "key", "expected"),
    [
        (
            "77%以上（H23年度68.1%）",
            "words",
            "indicator_targets",
            {"program": "2"},
            {"value": None, "text": "77%以上（H23年度68.1%）"},
        ),
        ("市民協働課・地域振興課", "one", "departments", {"code": "d02"}, {"name": "市民協働課・地域振興課"}),
        ("全課", "blank", "program_editions", {"program": "3"}, {"departments": None}),
        ("税務課（収納課）", "lead", "program_editions", {"program": "5"}, {"departments": "d05"}),
        ("→", "copy", "year_plans", {"program": "1", "fiscal_year": 2015}, {"text": "本格実施"}),
        ("同上", "above", "year_plans", {"program": "3", "fiscal_year": 2013}, {"text": "実施"}),
        ("－", "name", "indicators", {"program": "3"}, {"name": "－"}),
    ],
)
def test_another_answer_makes_another_row(original, answer, sheet, key, expected):
    known = KnownPlan("human", 2011, 2015, "original", "当初", edition_is_new=True)
    reading = answered(FILE, {original: answer})
    found = cells(building.write(building.tables_of(reading, known), "試験"))[sheet]
    (row,) = [row for row in found if key.items() <= row.items()]
    assert expected.items() <= row.items()


def test_an_item_listed_a_second_time_can_be_left_out():
    reading = answered(FILE, {"項目7\n（再掲：方針３）": "skip"})
    assert [item.number for item in reading.items] == [str(n) for n in range(1, 15) if n != 7]
