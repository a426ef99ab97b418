"""workbooks.writer: tables as people read them."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest

from workbooks.writer import Book, Page, clean_text


def written(headers, rows, **options):
    file = io.BytesIO()
    with Book(file, "題") as book:
        book.add_table("表", headers, rows, **options)
    return openpyxl.load_workbook(file)["表"]


def test_values_keep_their_types():
    row = ["文字", "", 3, Decimal("1.5"), datetime.date(2016, 3, 31), True, None]
    sheet = written([str(index) for index in range(7)], [row])
    assert [cell.value for cell in sheet[2]] == [
        "文字",
        None,
        3,
        1.5,
        datetime.datetime(2016, 3, 31),  # noqa: DTZ001 - Excel's dates have no zone
        True,
        None,
    ]
    assert sheet["E2"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("text", ["=1+1", "+81", "-", "@x"])
def test_text_that_looks_like_a_formula_is_quoted_text(text):
    sheet = written([text], [[text]])
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in (sheet["A1"], sheet["A2"])] == [
        (text, "s", False),
        (text, "s", True),
    ]


def test_columns_fit_japanese_up_to_a_limit():
    sheet = written(["番号", "長い", "数"], [["あいうえおかきくけこ", "長" * 100, 5], ["", "二行\nあいうえお", None]])
    widths = {letter: dimension.width for letter, dimension in sheet.column_dimensions.items()}
    assert widths == {"A": 22, "B": 44, "C": 8}


def test_rows_after_the_first_hundreds_are_written_too():
    sheet = written(["n"], ([number] for number in range(1000)))
    assert (sheet.max_row, sheet["A1001"].value, sheet.auto_filter.ref) == (1001, 999, "A1:A1001")


def test_empty_table_has_its_header():
    assert [[cell.value for cell in row] for row in written(["a", "b"], []).rows] == [["a", "b"]]


def test_page_for_print():
    sheet = written(["a"], [[1]], page=Page(header="A&B\x00", footer="脚"))
    assert (sheet.oddHeader.left.text, sheet.oddFooter.left.text) == ("A&&B\ufffd", "脚")
    assert sheet.oddFooter.right.text == "&P / &N"


def test_clean_text():
    assert clean_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert clean_text("\x00\ud800\uffff") == "\ufffd" * 3
    assert clean_text("𠮷😀") == "𠮷😀"
