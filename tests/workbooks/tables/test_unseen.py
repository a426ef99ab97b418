"""What a file hides and what it strikes out is asked about: xlsx, ods and cells pasted from a page."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from core.spreadsheets import sheets
from tests.workbooks.tables.hiding import HEAD, LINES, in_excel
from tests.workbooks.tables.reading import LIMITS, answered, chosen, read
from workbooks.tables.known import KnownPlan

NEW = KnownPlan("human", 2019, 2021, "original", "当初", edition_is_new=True)
CONTENT = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:automatic-styles>
<style:style style:name="struck"><style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="off"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="表">
<table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>
<table:table-column table:number-columns-repeated="3"/>%s</table:table>
<table:table table:name="去年" table:style-name="off">%s</table:table></office:spreadsheet></office:body></office:document-content>"""


def in_ods():
    def cell(text, style=""):
        if text is None:
            return "<table:table-cell/>"
        attribute = f' table:style-name="{style}"' if style else ""
        return f'<table:table-cell{attribute} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    rows = []
    for number, line in enumerate((HEAD, *LINES), 1):
        cells = [cell(text, "struck" if number == 3 else "") for text in line]
        if number == 5:
            cells[4] = cell('窓口を<text:span text:style-name="struck">委託</text:span>直営にする。')
            cells[5] = cell("検討", "struck")
        visibility = ' table:visibility="filter"' if number == 6 else ""
        rows.append(f"<table:table-row{visibility}>{''.join(cells)}</table:table-row>")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", CONTENT % ("".join(rows), rows[0] + rows[1]))
    return file.getvalue()


def pasted():
    rows = []
    for number, line in enumerate((HEAD, *LINES), 1):
        texts = ["" if text is None else f"<s>{text}</s>" if number == 3 else text for text in line]
        if number == 5:
            texts[4], texts[5] = "窓口を<del>委託</del>直営にする。", "<s>検討</s>"
        style = ' style="display: none"' if number == 6 else ""
        rows.append(f"<tr{style}><td>{'<td>'.join(texts)}")
    return f"<table>{''.join(rows)}</table>".encode()


@pytest.mark.parametrize(("data", "name"), [(in_excel(), "表"), (in_ods(), "表"), (pasted(), "表1")])
def test_what_is_hidden_or_struck_out_is_asked_and_never_taken_silently(data, name):
    reading = read(data, NEW) if name == "表1" else read_first(data)
    at = f"「{name}」シート"
    assert [(one.about, one.original, one.question, one.chosen, one.places) for one in reading.doubts] == [
        (
            "非表示の行",
            "6行目",
            "非表示の行（フィルターで隠れた行を含む）に値があります：「4 広告の掲載 方針１ 歳入」",
            "",
            [f"{at} A6"],
        ),
        ("取り消し線", "会館の新築", "項目名に、取り消し線が引かれています。", "", [f"{at} B3"]),
        (
            "実施内容",
            "窓口を委託直営にする。",
            "取り消し線の引かれた字を除いて「窓口を直営にする。」と読みました。",
            "left",
            [f"{at} E5"],
        ),
        ("R1", "検討", "この欄の字には、取り消し線が引かれています。", "left", [f"{at} F5"]),
    ]
    assert [(item.number, item.texts["contents"], sorted(item.year_plans)) for item in reading.items] == [
        ("1", "税を集める。", [2019, 2020]),
        ("3", "窓口を直営にする。", [2020]),
    ]


def read_first(data, answers=None):
    """The first sheet alone: the page leaves the hidden one out."""
    from workbooks.tables import reading

    first = chosen(data)[:1]
    found = reading.read(first, NEW, {})
    said = {one.id: answers[one.original] for one in found.doubts if one.original in (answers or {})}
    return reading.read(first, NEW, said)


def test_a_person_can_say_that_it_counts_nevertheless():
    answers = {"6行目": "read", "会館の新築": "keep", "窓口を委託直営にする。": "all", "検討": "all"}
    reading = read_first(in_excel(), answers)
    assert [(item.number, item.texts["contents"]) for item in reading.items] == [
        ("1", "税を集める。"),
        ("2", "会館を建てる。\n二期工事を行う。"),
        ("3", "窓口を委託直営にする。"),
        ("4", "広告を載せる。"),
    ]


@pytest.mark.parametrize("data", [in_excel(), in_ods()])
def test_hidden_sheets_and_columns_are_told(data):
    book = sheets.read_any(data, **LIMITS)
    assert {name: (one.looks.is_hidden, one.looks.columns) for name, one in book.sheets.items()} == {
        "表": (False, {4}),
        "去年": (True, set()),
    }


def test_our_own_workbooks_are_read_as_they_were():
    book = sheets.read_book(in_excel(), **LIMITS)
    assert (book.sheets["表"].looks.struck, book.sheets["去年"].looks.is_hidden) == ({}, False)


def test_the_year_of_an_era_is_what_the_cell_shows():
    """A day that a format shows as the year of its era is no number of days."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["番号", "項目名", "方針", 43922, 44287, 44652])
    sheet.append(["1", "税収の確保", "方針１ 歳入", "検討", "実施", "→"])
    formats = ('[$-411]ggge"年度"', "[$-ja-JP-x-gannen]gge", '[$-411]ge"年"')
    for cell, code in zip(("D1", "E1", "F1"), formats, strict=True):
        sheet[cell].number_format = code
    file = io.BytesIO()
    book.save(file)
    (one,) = chosen(file.getvalue())
    assert [one.grid.own(1, column) for column in (4, 5, 6)] == ["令和2年度", "令3", "R4年"]
    assert [column.year for column in one.columns] == [None, None, None, 2020, None, 2022]


def test_a_day_that_begins_a_year_is_that_year_in_a_heading():
    import datetime

    book = openpyxl.Workbook()
    book.active.append(["番号", "項目名", "方針", datetime.date(2019, 4, 1), datetime.date(2020, 1, 1)])
    book.active.append(["1", "税収の確保", "方針１ 歳入", "検討", "実施"])
    file = io.BytesIO()
    book.save(file)
    (one,) = chosen(file.getvalue())
    assert [(column.role.value, column.year) for column in one.columns[3:]] == [
        ("year_plan", 2019),
        ("year_plan", 2020),
    ]


def test_answers_that_drop_an_item_drop_its_further_rows():
    reading = answered(pasted(), {"会館の新築": "drop"}, NEW)
    assert ("二期" in str([item.texts for item in reading.items]), len(reading.items)) == (False, 2)


def test_a_day_in_a_text_is_asked_as_which_part_of_it_is_shown():
    """4月 was stored as 2020-04-01, and 5-10 as the day that a program has made of it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表"
    sheet.append(["番号", "項目名", "R2", "実施時期"])
    sheet.append(["1", "窓口", datetime.datetime(2020, 4, 1), datetime.datetime(2021, 10, 1)])  # noqa: DTZ001
    sheet["C2"].number_format, sheet["D2"].number_format = 'm"月"', 'ggge"年"m"月"'
    file = io.BytesIO()
    book.save(file)
    found = read(file.getvalue())
    asked = [one for one in found.doubts if "日付" in one.question]
    assert [(one.about, one.original, one.places, one.is_guessed) for one in asked] == [
        ("R2", "2020-04-01", ["「表」シート C2"], False),
        ("実施時期", "2021-10-01", ["「表」シート D2"], False),
    ]
    assert [label for _code, label in asked[0].choices] == [
        *("令和2年4月1日", "令和2年4月", "4月1日", "4月", "4-1"),
    ]
    [item] = answered(file.getvalue(), {"2020-04-01": "3", "2021-10-01": "1"}).items
    assert (item.year_plans, item.texts) == ({2020: ("4月", False)}, {"planned_years": "令和3年10月"})
