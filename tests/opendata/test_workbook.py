"""workbooks.writer: tables as people read them."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest

from workbooks.writer import PrintedPage, WrittenBook, clean_text


def written(headers, rows, **options):
    file = io.BytesIO()
    with WrittenBook(file, "題") as book:
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
    sheet = written(["a"], [[1]], page=PrintedPage(header="A&B\x00", footer="脚"))
    assert (sheet.oddHeader.left.text, sheet.oddFooter.left.text) == ("A&&B\ufffd", "脚")
    assert sheet.oddFooter.right.text == "&P / &N"


def test_a_wide_table_is_printed_on_pages_side_by_side_that_begin_with_the_columns_that_stand_still():
    text = "長" * 30
    sheet = written(["番号", *"abcdefg"], [["1", *[text] * 7]], freeze="B2", page=PrintedPage("頭", "脚"))
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.print_title_cols) == (2, 0, "$A:$A")


def test_clean_text():
    assert clean_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert clean_text("\x00\ud800\uffff") == "\ufffd" * 3
    assert clean_text("𠮷😀") == "𠮷😀"


def test_a_sheet_of_its_own_layout_stands_beside_tables_in_one_file():
    """Charts and tables keep their styles, names and filters, whichever comes first."""
    moment = datetime.datetime(2016, 4, 1, 9, tzinfo=datetime.UTC)

    def made():
        file = io.BytesIO()
        with WrittenBook(file, "題", made_at=moment) as book:
            cover = book.sheets.add_worksheet("表紙")
            cover.write(0, 0, "見出し", book.sheets.add_format({"bold": True, "font_size": 20}))
            chart = book.sheets.add_chart({"type": "column"})
            chart.add_series({"values": "=表紙!$A$2:$A$3"})
            cover.insert_chart("C1", chart)
            book.add_table("a", ["日"], [[datetime.date(2016, 3, 31)], ["=1"]], page=PrintedPage("頭", "脚"))
            book.add_table("b", ["数"], [[1]])
        return file

    file = made()
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["表紙", "a", "b"]
    assert (book["表紙"]["A1"].value, book["表紙"]["A1"].font.size, len(book["表紙"]._charts)) == ("見出し", 20, 1)
    day, quoted = book["a"]["A2"], book["a"]["A3"]
    assert (day.value, day.number_format, quoted.value, quoted.quotePrefix) == (
        datetime.datetime(2016, 3, 31),  # noqa: DTZ001
        "yyyy-mm-dd",
        "=1",
        True,
    )
    assert (day.font.name, day.font.size, day.border.left.style, book["a"]["A1"].font.bold) == (
        *("Yu Gothic", 10, "thin", True),
    )
    assert (book["a"].auto_filter.ref, book["b"].auto_filter.ref, book["a"].print_title_rows) == (
        *("A1:A3", "A1:A2", "$1:$1"),
    )
    assert (book.properties.title, book.properties.created) == ("題", moment.replace(tzinfo=None))
    assert file.getvalue() == made().getvalue()


def test_a_row_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def make():
        with WrittenBook(io.BytesIO(), "題") as book:
            book.sheets.add_worksheet("表紙").write(0, 0, "見出し")
            book.add_table("a", ["x"], [[object()]])

    with pytest.raises(TypeError, match="A2"):
        make()
    assert list(tmp_path.iterdir()) == []
