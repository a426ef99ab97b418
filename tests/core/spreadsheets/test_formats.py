"""One workbook in three formats, each saved by LibreOffice: what a person saw is what is read, whichever it is."""

import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from core.grammar import Faulty
from core.spreadsheets import sheets
from core.spreadsheets.limits import UnreadableFile
from core.spreadsheets.number_formats import scale_of, with_shown_words
from core.spreadsheets.opening import DAY_ZERO, NO_RESULT
from tests.archives import repacked
from tests.workbooks.tables.reading import LIMITS

SHOWN = Path(__file__).with_name("shown")
PERCENT = "百分率（%）の書式で表示されている値を、表示のとおり {} と読みました。"
GROUPED = "{}単位の書式で表示されている値を、表示のとおり {} と読みました。"
FORMATS = pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])


def book(ending):
    return sheets.read_any((SHOWN / f"shown.{ending}").read_bytes(), **LIMITS)


@FORMATS
def test_values_are_what_was_shown(ending):
    error = Faulty("#DIV/0!", "エラー（#DIV/0!）です。正しい値に直すか、空欄にしてください。")
    found = book(ending).sheets["表"]
    assert [(row[0], row[1]) for row in found.rows[:17]] == [
        ("割合", Decimal("68.1")),
        ("割合（名前のある書式）", Decimal("99.5")),
        ("千円", Decimal(1234)),
        ("百万円", Decimal("12.5")),
        ("△", "△1234"),  # what it means is asked, as where somebody typed it
        ("日", datetime.date(2012, 3, 31)),
        ("日時", datetime.datetime(2012, 3, 31, 9, 30)),  # noqa: DTZ001 - a cell has no time zone
        ("時刻", datetime.time(9, 30)),
        ("時間", datetime.timedelta(hours=26)),
        ("整数", 62),
        ("引用の%", "5%"),
        ("真", True),
        ("誤り", error),
        ("計算", "よい"),
        ("年度", "平成24年度"),
        ("字", "  前に空白\n次の行"),
        ("数字の字", "007"),
    ]
    assert found.notes == {
        (1, 2): PERCENT.format("68.1"),
        (2, 2): PERCENT.format("99.5"),
        (3, 2): GROUPED.format("千", "1234"),
        (4, 2): GROUPED.format("百万", "12.5"),
        (5, 2): GROUPED.format("千", "△1234"),
    }


@FORMATS
def test_what_is_hidden_struck_out_and_merged(ending):
    found = book(ending)
    assert {name: one.looks for name, one in found.sheets.items()} == {
        "表": sheets.Looks(False, {18}, {4}, {(19, 1): "", (20, 1): "窓口を直営にする。"}),
        "去年": sheets.Looks(True),
    }
    assert [str(area) for area in found.sheets["表"].merged] == ["A21:B21"]
    assert found.sheets["表"].rows[20] == ["結合"]


@pytest.mark.parametrize("cut", [600, 3000, 8000])
def test_an_old_workbook_that_was_cut_off_is_refused(cut):
    with pytest.raises(UnreadableFile, match=r"^ファイルが壊れていて読めません。"):
        sheets.read_any((SHOWN / "shown.xls").read_bytes()[:cut], **LIMITS)


@pytest.mark.parametrize(
    ("code", "value", "seen"),
    [
        ('#,##0;"△"#,##0', -1234, "△1234"),
        ('#,##0;"▲ "#,##0;0', -12.5, "▲12.5"),
        ("#,##0_ ;[Red]\\△#,##0\\ ", -7.0, "△7"),
        ('[<0]"△"0;0', -7, "△7"),
        ('0.0%;"△"0.0%', -0.05, "△5"),
        ('#,##0;"△"#,##0', 1234, 1234),
        ('#,##0;"△"#,##0', 0, 0),
        ('"△;"0;-0', -5, None),
        ('0;-0;"△"', -5, None),
    ],
)
def test_a_negative_number_that_a_format_shows_with_a_triangle(code, value, seen):
    scale = scale_of(code)
    assert (scale and scale.seen(value, DAY_ZERO)[0]) == seen


@pytest.mark.parametrize(
    ("code", "value", "seen"),
    [
        ('#,##0"円"', 1234567.0, "1234567円"),
        ('0"件"', 12, "12件"),
        ("0件以上", 15, "15件以上"),
        ('0.0"％"', 95.5, "95.5％"),
        ('"H"0"年度"', 23, "H23年度"),
        ('"1-"0', 2, "1-2"),
        ('General"名"', 3, "3名"),
        ('"約"#,##0,"千円"', 1234000, "約1234千円"),
        ('#,##0"円";"△"#,##0"円"', -500, "△500円"),
        ('#,##0;"△"#,##0;"－"', 0, "－"),
        ("#,##0;-#,##0;", 0, None),
        ("#,##0;-#,##0;;@", 0.0, None),
        ('#,##0;-#,##0;"－"', 7, 7),
        ("#,##0_ ;[Red]-#,##0 ", 7, None),
        ('"¥"#,##0', 7, None),
        ('[<1000]0"円";0"千円"', 7, None),
        ('yyyy"年"m"月"', 7, None),
    ],
)
def test_the_words_that_a_format_shows_are_read_where_a_person_is_asked(code, value, seen):
    """None: as it is stored, or blank."""
    scale = scale_of(code, with_words=True)
    assert (scale and scale.seen(value, DAY_ZERO)[0]) == seen
    without = scale_of(code)
    assert without is None or not (without.before or without.after or without.zero)


@pytest.mark.parametrize(
    ("shown", "value", "seen"),
    [
        ("1,234,567円", 1234567.0, "1234567円"),
        ("H23年度", 23.0, "H23年度"),
        ("－", 0.0, "－"),
        ("1,234", 1234.0, 1234.0),
        ("￥1,234", 1234.0, 1234.0),
        ("", 0.0, 0.0),
    ],
)
def test_the_words_that_an_ods_shows(shown, value, seen):
    scale = with_shown_words(None, shown)
    assert (scale.seen(value, DAY_ZERO)[0] if scale else value) == seen


def changed(old, new):
    """The ods with something else in its content."""
    data = (SHOWN / "shown.ods").read_bytes()
    assert old in zipfile.ZipFile(io.BytesIO(data)).read("content.xml")
    return repacked(data, lambda name, content: content.replace(old, new) if name == "content.xml" else content)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"</office:spreadsheet>", b"", "ファイルが壊れていて読めません。"),
        (b'office:value="62"', b'office:value="many"', "ファイルが壊れていて読めません。"),
        (b'<table:table-row table:style-name="ro1">', b'<table:table-row table:number-rows-repeated="999999">', "ファイルの中身が大きすぎます。"),
        (b'office:value-type="float" office:value="62"', b'table:number-columns-repeated="16384" office:value-type="float" office:value="62"', "ファイルの中身が大きすぎます。"),
        ("整数".encode(), b"x" * 40_000, "「表」シート A10: 1つのセルに入れられるのは32,767文字までです。"),
    ],
)  # fmt: skip
def test_what_no_table_needs_is_refused_in_an_ods(old, new, reason):
    with pytest.raises(UnreadableFile, match=f"^{reason}"):
        sheets.read_any(changed(old, new), **LIMITS)


def test_rows_that_an_ods_writes_once_for_several_are_all_told():
    """The first row is shown as a percentage, the one of 消した項目 is struck out."""
    data = changed(
        b'<table:table-row table:style-name="ro1"><table:table-cell office:value-type="string" '
        b'calcext:value-type="string"><text:p>' + "割合</text:p>".encode(),
        b'<table:table-row table:number-rows-repeated="3">'
        b'<table:table-cell office:value-type="string"><text:p>' + "割合</text:p>".encode(),
    )
    found = sheets.read_any(data, **LIMITS).sheets["表"]
    assert [row[:2] for row in found.rows[:4]] == [["割合", Decimal("68.1")]] * 3 + [
        ["割合（名前のある書式）", Decimal("99.5")]
    ]
    assert [found.notes[row, 2] for row in (1, 2, 3, 4)] == [PERCENT.format("68.1")] * 3 + [PERCENT.format("99.5")]
    assert found.looks.struck == {(21, 1): "", (22, 1): "窓口を直営にする。"}


SIXTY_TWO = b'office:value-type="float" office:value="62" calcext:value-type="float"'
TRUE = b'table:formula="of:=TRUE()" office:value-type="float" office:value="1" calcext:value-type="float"><text:p>TRUE'
NOTE = b"<office:annotation><text:p>a note</text:p></office:annotation>"


@pytest.mark.parametrize(
    ("old", "new", "row", "expected"),
    [
        (TRUE, b'office:value-type="boolean" office:boolean-value="false"><text:p>FALSE', 12, False),
        (b"<text:p>62</text:p>", NOTE + b"<text:p>62</text:p>", 10, 62),
        (
            SIXTY_TWO + b"><text:p>62",
            b'office:value-type="string">' + NOTE + b'<text:p>6<text:s text:c="2"/>2',
            10,
            "6  2",
        ),
        (SIXTY_TWO, b'table:formula="of:=A1"', 10, NO_RESULT),
    ],
)
def test_cells_that_other_programs_write(old, new, row, expected):
    found = sheets.read_any(changed(old, new), **LIMITS).sheets["表"]
    assert found.rows[row - 1][1] == expected


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_number_stays_one_at_the_doors_of_our_own_formats(ending):
    found = sheets.read_book((SHOWN / f"shown.{ending}").read_bytes(), **LIMITS).sheets["表"]
    assert found.rows[10][:2] == ["引用の%", 5]
