"""Tables that want more than there is: refused or read in time, and never an error of the program."""

import time

import pytest

from core.spreadsheets.limits import UnreadableFile
from core.spreadsheets.sheets import Area, Sheet
from tests.workbooks.tables.reading import read, workbook
from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid

SPACES = " " * 30_000
HEAD = ["番号", "項目名", "方針", "担当課", "指標", "目標（H27）", "H23"]


@pytest.mark.parametrize(
    "cells",
    [
        ["1", f"項目{SPACES}再掲{SPACES}x", "方針１　あ", "あ", "い", "う", "え"],
        ["1", "項目", f"方針１{SPACES}あ{SPACES}い", "a（" * 9_000 + "）" * 9_000, "い", "う", "え"],
        [
            "1",
            "項目",
            "方針１　あ",
            "課・" * 10_000,
            "い",
            f"5{SPACES}x{SPACES}（H23{SPACES}",
            "試行拡大" * 8_000 + "x",
        ],
        ["1", "項目", "方針１　あ", "（" * 30_000, "①" * 30_000, "①" * 30_000, "→" * 30_000],
        ["1" * 30_000, "項目", "方針" + "１" * 30_000, "課", "い", "9" * 30_000, "同上"],
    ],
)
def test_a_long_cell_takes_no_time(cells):
    start = time.process_time()
    read(workbook([HEAD, cells, ["2", *cells[1:]]]))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("heading", ["効果" * 16_000, "H23" * 10_000, f"H{SPACES}23", "（" * 30_000, "平成" * 16_000])
def test_a_long_heading_takes_no_time(heading):
    start = time.process_time()
    read(workbook([[*HEAD, heading], ["1", "項目", "方針１　あ", "課", "い", "5", "実施", "1"]]))
    assert time.process_time() - start < 5


def test_merged_cells_upon_merged_cells_are_refused():
    rows = [["値"] * 1_000 for _ in range(1_000)]
    with pytest.raises(UnreadableFile, match="結合したセルが多すぎます"):
        Grid(Sheet("表", rows, [Area(1, 1, 1_000, 1_000)] * 10_000))


def test_thousands_of_items_are_read_in_seconds():
    rows = [
        [
            str(number),
            f"項目{number}",
            None if number > 1 else "方針１　あ",
            "財政課",
            "率",
            "77%以上（H23年度68.1%）",
            "同上",
        ]
        for number in range(1, 4_000)
    ]
    data = workbook([HEAD, *rows])
    start = time.process_time()
    assert len(read(data).items) == 3_999
    assert time.process_time() - start < 15


def test_a_question_about_thousands_of_cells_takes_no_time():
    """Each place is looked for among those that were told before."""
    questions = Questions({})
    start = time.process_time()
    for row in range(30_000):
        questions.ask("年度計画", "→", "続きますか。", f"「表」シート F{row}", (("keep", "はい"),))
    (doubt,) = questions.doubts.values()
    assert (len(doubt.places), time.process_time() - start < 2) == (30_000, True)
