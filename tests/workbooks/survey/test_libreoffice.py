"""A sheet that was really opened and saved by LibreOffice is read like one from Excel."""

import pandas as pd
import pytest

from tests import factories
from tests.libreoffice import converted, saved_by_libreoffice, type_sizes
from tests.workbooks.survey.sheets import Book, changes, faults
from workbooks.survey.sheet import survey_sheet

pytestmark = pytest.mark.libreoffice


def test_untouched_and_filled_in(desk, sheet, tmp_path):
    """Texts that look like formulas, line ends, full-width digits, either kind of day; and what stays as it was."""
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(sheet)
    untouched = saved_by_libreoffice(path, tmp_path)
    uploaded = desk.upload(untouched)
    assert (changes(uploaded), faults(uploaded)) == ({}, [])

    book = Book(untouched)
    book.put(
        "報告",
        4,
        評価="B 予定よりも遅れている",
        取組状況="一行目\n二行目",
        対応策="-調整",
        回復予定日="平成28年3月31日",
    )
    book.put("報告", 5, 取組状況="=式ではない _x0041_", 回復予定日=42460)
    book.cell("報告", 5, "取組状況").data_type = "s"
    book.put("成果指標", 4, 実績値=77.5)
    book.put(
        "効果額", 5, 項目="3 項目名 未登録", 年度="平成26年度", 種類="歳入確保", 根拠="実績", **{"金額（千円）": "１２"}
    )
    path.write_bytes(book.saved())
    uploaded = desk.upload(saved_by_libreoffice(path, tmp_path))
    assert faults(uploaded) == []
    assert {key: new for key, (_old, new, _conflict) in changes(uploaded).items()} == {
        ("1", "grade"): "B",
        ("1", "progress"): "一行目\n二行目",
        ("1", "remedy"): "-調整",
        ("1", "recovery_on"): "2016-03-31",
        ("1", "actual/1/value"): "77.5",
        ("3", "progress"): "=式ではない _x0041_",
        ("3", "recovery_on"): "2016-03-31",
        ("3", "effect/2014/revenue/actual/amount"): "12",
    }
    desk.confirm(uploaded)
    path.write_bytes(desk.download().saved())
    converted(path, "ods", tmp_path)
    again = desk.upload(path.with_suffix(".ods").read_bytes())
    assert (changes(again), faults(again)) == ({}, [])


@pytest.mark.soak
def test_it_prints_at_nine_points_without_the_fonts_that_it_names(opened, cast, tmp_path):
    """With a column for a further axis, and the widest there is: LibreOffice here has neither Yu Gothic nor Calibri."""
    factories.further_axes(opened.plan)
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(survey_sheet(opened, cast.zaisei, by=cast.reporter))
    converted(path, "pdf", tmp_path)
    assert min(type_sizes(path.with_suffix(".pdf"))) >= 27  # 9 points


def test_pandas_reads_the_sheet(sheet, tmp_path):
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(sheet)
    table = pd.read_excel(path, sheet_name="報告", header=2, engine="openpyxl")
    assert list(table["番号"]) == [1, 3]
    assert list(table["項目名"]) == ["項目1の取組", "項目名 未登録"]
