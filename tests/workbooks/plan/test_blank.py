"""The blank plan workbook: it says what to write, refuses its own examples, and is taken in once they are replaced."""

import io

import openpyxl
import pytest

from policies.models import Plan
from tests.workbooks.plan.books import saved, workbook_of
from workbooks.plan.blank import EXAMPLES, write_blank
from workbooks.plan.columns import ColumnKind
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.sheets import BY_NAME, SHEETS
from workbooks.plan.writing import EXAMPLE


def test_every_example_fills_what_is_needed_and_is_marked():
    assert [sheet.name for sheet in SHEETS if sheet.name in EXAMPLES] == sorted(
        EXAMPLES, key=[sheet.name for sheet in SHEETS].index
    )
    for name, example in EXAMPLES.items():
        columns = BY_NAME[name].by_name
        assert set(example) <= set(columns)
        assert {column for column, one in columns.items() if one.must_be_filled} <= set(example)
        assert any(isinstance(value, str) and value.startswith(EXAMPLE) for value in example.values())


def test_an_example_that_is_left_is_refused_with_its_place():
    book = read_book(write_blank())
    assert {problem.sheet for problem in book.problems} == set(EXAMPLES)
    assert str(book.problems[0]) == (
        "シート「計画（plan）」 2行目 列「F」: ひな形の例の行です。あなたの計画の内容に書き換えるか、行ごと消してください。"
        "（値「【例】○○市行財政改革プラン」）"
    )


def test_it_is_printed_as_wide_as_a_sheet_of_paper_with_its_headings_on_each():
    book = openpyxl.load_workbook(io.BytesIO(write_blank()))
    for sheet in book:
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToWidth) == (True, 1), sheet.title
        assert (sheet.page_setup.fitToHeight, sheet.page_setup.orientation) == (0, "landscape"), sheet.title
        assert sheet.print_title_rows == "$1:$1", sheet.title
    assert [cell.value for cell in book["README"][1]][:4] == ["シート", "シートの名称", "列", "名称"]


@pytest.mark.django_db
def test_with_the_examples_replaced_it_is_taken_in():
    filled = openpyxl.load_workbook(io.BytesIO(write_blank()))
    for sheet in filled:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace(EXAMPLE, "")
    file = io.BytesIO()
    filled.save(file)
    book = read_book(file.getvalue())
    assert book.problems == []
    result = import_tables(book.tables, by=None)
    assert {name: len(one.created) for name, one in result.sheets.items()} == dict.fromkeys((*EXAMPLES, "axes"), 1)
    assert Plan.objects.get().name == "○○市行財政改革プラン"


def test_headings_have_notes_in_japanese_and_coded_columns_have_drop_downs():
    book = openpyxl.load_workbook(io.BytesIO(write_blank()))
    effects = book["effects"]
    assert [cell.value for cell in effects[1]] == [column.name for column in BY_NAME["effects"].columns]
    notes = {cell.value: cell.comment.text for cell in effects[1]}
    assert notes["amount"] == (
        "金額（千円）\n数値\n単位: 同じ行の unit\n千円単位。1円まで（小数3桁まで）。\n必ず入力します。"
    )
    assert notes["kind"].startswith("種類\n区分\n歳入確保（revenue）、歳出削減（saving）\n")
    rules = {str(rule.sqref): rule.formula1 for rule in effects.data_validations.dataValidation}
    letters = {cell.value: cell.column_letter for cell in effects[1]}
    assert rules[f"{letters['kind']}2:{letters['kind']}2000"] == '"歳入確保,歳出削減"'
    names = {cell.value: cell.column_letter for cell in book["programs"][1]}["name"]
    assert rules[f"{letters['program']}2:{letters['program']}2000"] == f"programs!${names}$2:${names}$2000"
    assert effects.cell(2, effects[f"{letters['program']}2"].column).value == "【例】市民活動の支援"


def test_what_refers_to_another_sheet_is_chosen_by_its_name_and_says_that_its_code_is_read_too():
    book = openpyxl.load_workbook(io.BytesIO(write_blank()))
    prompts = {
        (rule.promptTitle, rule.prompt): rule.showErrorMessage
        for rule in book["program_editions"].data_validations.dataValidation
        if rule.prompt
    }
    several = "2つ以上は、; で区切って入力します。"
    assert prompts == {
        ("実施項目", "シート「programs」の項目名から選びます。番号（number）でも読めます。"): False,
        ("版", "シート「editions」の名称から選びます。識別名（key）でも読めます。"): False,
        ("出典", "シート「sources」の題名から選びます。記号（key）でも読めます。"): False,
        ("部署", f"シート「departments」の名称から選びます。コード（code）でも読めます。{several}"): False,
    }


def _departments_as_written(names, written):
    """A plan whose departments have these names, and what the import says of one item with its departments written so."""
    tables = {
        "plan": [
            {"slug": "p", "city": "○○市", "name": "計画", "first_fiscal_year": 2011, "last_fiscal_year": 2015},
        ],
        "editions": [{"key": "original", "name": "当初", "first_fiscal_year": 2011, "last_fiscal_year": 2015}],
        "policies": [{"number": 1, "name": "協働"}, {"number": 2, "name": "財政"}],
        "departments": [{"code": code, "name": name} for code, name in names],
        "programs": [{"number": "7", "policy": "財政", "name": "1"}, {"number": "1", "policy": 1, "name": "支援"}],
        "program_editions": [{"program": "支援", "edition": "当初", "departments": written}],
    }
    book = read_book(saved(workbook_of(tables)))
    return import_tables(book.tables, by=None, dry_run=True)


@pytest.mark.django_db
def test_names_mean_the_rows_that_bear_them_and_a_code_goes_before_a_name():
    done = _departments_as_written([("kikaku", "企画課"), ("zaisei", "財政課"), ("x", "kikaku")], "財政課; kikaku")
    assert done.problems == []
    assert {key: row["policy"] for key, row in done.final["programs"].items()} == {("7",): 2, ("1",): 1}
    assert {key: row["departments"] for key, row in done.final["program_editions"].items()} == {
        ("1", "original"): ("zaisei", "kikaku")
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "企画課",
            "「企画課」は、シート「部署（departments）」に2行あります。どの行かが分かるように、kikakuかkikaku2 と入力してください。",
        ),
        (
            "企画部",
            "シート「部署（departments）」にありません。そのシートに行を加えるか、この値を直してください。",
        ),
    ],
)
def test_a_name_of_two_rows_or_of_none_is_refused(written, message):
    done = _departments_as_written([("kikaku", "企画課"), ("kikaku2", "企画課")], written)
    assert [problem.message for problem in done.problems] == [message]


def test_each_word_that_a_drop_down_offers_is_read_as_what_it_stands_for():
    """And none is left out because the list is too long for Excel."""
    offered = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(write_blank())):
        rules = {str(rule.sqref).split("2:")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
        for cell in sheet[1] if sheet.title != "README" else ():
            column = BY_NAME[sheet.title].by_name[cell.value]
            if column.choices or column.kind is ColumnKind.BOOLEAN:
                words = rules[cell.column_letter].strip('"').split(",")
                offered[sheet.title, column.name] = [(word, column.parse(word)) for word in words]
    assert offered.pop(("plan", "is_public")) == [("はい", True), ("いいえ", False)]
    assert offered[("effects", "basis")][:2] == [("実績", "actual"), ("予算", "budget")]
    for (sheet, name), words in offered.items():
        column = BY_NAME[sheet].by_name[name]
        codes = [*column.choices] if column.choices else [True, False]
        assert [code for _word, code in words] == codes, (sheet, name)
        assert [column.parse(code) for code in codes] == codes
