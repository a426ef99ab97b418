"""core/spreadsheets/sheets.py: the cells of a file as the person saw them, whatever program wrote it."""

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from core.grammar import Faulty
from core.spreadsheets import sheets
from core.spreadsheets.limits import UnreadableFile

PERCENT = "百分率（%）の書式で表示されている値を、表示のとおり {} と読みました。"
THOUSANDS = "{}単位の書式で表示されている値を、表示のとおり {} と読みました。"


def made(fill):
    book = openpyxl.Workbook()
    book.active.title = "表"
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def patched(data, *changes, name="xl/worksheets/sheet1.xml"):
    """The file with texts of one part replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            for before, after in changes if part == name else ():
                assert before in content
                content = content.replace(before, after)
            new.writestr(part, content)
    return stream.getvalue()


def read(data, **limits):
    limits = {"max_bytes": 10**7, "max_unpacked": 10**8, "max_rows": 20_000} | limits
    return sheets.read_book(data, **limits).sheets["表"]


@pytest.mark.parametrize(
    ("stored", "code", "shown", "note"),
    [
        (0.681, "0.0%", Decimal("68.1"), PERCENT.format("68.1")),
        (0.07, "0%", Decimal(7), PERCENT.format("7")),
        (1.0001, "0.00%;[Red]-0.00%", Decimal("100.01"), PERCENT.format("100.01")),
        (1_234_000, "#,##0,", Decimal(1234), THOUSANDS.format("千", "1234")),
        (1_500_000, "0.0,,", Decimal("1.5"), THOUSANDS.format("百万", "1.5")),
        (1_234, "#,##0", 1234.0, None),
        (0.5, '0.0"%"', 0.5, None),
        (3, '0"千円,"', 3.0, None),
    ],
)
def test_a_number_is_taken_as_its_format_shows_it(stored, code, shown, note):
    def fill(sheet):
        sheet["B2"] = stored
        sheet["B2"].number_format = code

    found = read(made(fill))
    assert found.rows[1][1] == shown
    assert found.notes == ({(2, 2): note} if note else {})


def test_values_come_as_they_are():
    day, moment = datetime.date(2014, 3, 31), datetime.datetime(2014, 3, 31, 9, 30)  # noqa: DTZ001 - cells have no zone
    values = ["文字", 27, 0.1, True, day, moment, datetime.time(9, 30), None, " 端 "]
    assert read(made(lambda sheet: sheet.append(values))).rows == [
        ["文字", 27.0, 0.1, True, day, moment, datetime.time(9, 30), None, " 端 "]
    ]


def test_formulas_give_what_they_showed_and_are_refused_where_nothing_is_stored():
    data = made(lambda sheet: sheet.append(["=TRUE()", "=1+1", "=A1"]))
    stored = patched(data, (b"<f>TRUE()</f><v />", b"<f>TRUE()</f><v>1</v>"), (b'<c r="A1"', b'<c r="A1" t="b"'))
    [row] = read(stored).rows
    assert row[0] is True
    assert [cell.shown for cell in row[1:]] == ["数式", "数式"]
    assert row[1].reason.startswith("計算結果の保存されていない数式です。")


def test_errors_are_no_blanks():
    def fill(sheet):
        sheet["C3"] = "#N/A"
        sheet["C3"].data_type = "e"

    assert read(made(fill)).rows[2][2] == Faulty("#N/A", "エラー（#N/A）です。正しい値に直すか、空欄にしてください。")


def test_merged_cells_are_told_with_their_area():
    def fill(sheet):
        sheet.append(["見出し", "備考"])
        sheet.merge_cells("A1:B1")
        sheet.append(["a", "共通"])
        sheet.merge_cells("B2:B4")

    found = read(made(fill))
    assert [str(area) for area in found.merged_below(1)] == ["B2:B4"]
    assert [str(area) for area in found.merged_below(0)] == ["A1:B1", "B2:B4"]


def test_strict_open_xml_and_another_prefix_are_read():
    data = made(lambda sheet: sheet.append(["値", 5]))
    main, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    assert read(patched(patched(data, (main, strict)), (main, strict), name="xl/workbook.xml")).rows == [["値", 5.0]]


def test_a_carriage_return_as_excel_writes_it_is_a_line_break():
    data = made(lambda sheet: sheet.append(["一行目@二行目"]))
    assert read(patched(data, (b"@", b"_x000D_\n"))).rows == [["一行目\r\n二行目"]]


def test_a_value_far_away_is_refused_and_a_blank_one_is_none():
    data = made(lambda sheet: sheet.append(["値"]))
    far = patched(data, (b"</sheetData>", b'<row r="21500"><c r="A21500"><v>1</v></c></row></sheetData>'))
    with pytest.raises(UnreadableFile) as refused:
        read(far)
    assert str(refused.value) == (
        "「表」シートの21,500行目に値があります。読めるのは20,000行までです。表から離れた値を消すか、シートを分けてください。"
    )
    blank = patched(data, (b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'))
    assert read(blank).rows == [["値"]]
    wide = patched(data, (b"</sheetData>", b'<row r="15000"><c r="XFD15000"><v>1</v></c></row></sheetData>'))
    with pytest.raises(UnreadableFile, match=r"^「表」シートのXFD列に値があり、表が広すぎます。"):
        read(wide)
