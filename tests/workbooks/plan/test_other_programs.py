"""A plan workbook that another program has opened and saved is the same workbook: no error, no difference."""

import datetime
import json

import openpyxl
import pandas
import pytest
import xlsxwriter

from tests import libreoffice
from tests.workbooks.plan import books, full_plan
from tests.workbooks.plan.books import bring_in


def by_openpyxl(path, folder):
    book = openpyxl.load_workbook(path)
    book.save(folder / "again.xlsx")
    return (folder / "again.xlsx").read_bytes()


def by_pandas(engine):
    """As an analyst does it: every sheet read as it comes, and written with another library."""

    def saved(path, folder):
        sheets = pandas.read_excel(path, sheet_name=None, engine="openpyxl")
        with pandas.ExcelWriter(folder / "again.xlsx", engine=engine) as writer:
            for name, table in sheets.items():
                table.to_excel(writer, sheet_name=name, index=False)
        return (folder / "again.xlsx").read_bytes()

    return saved


def by_xlsxwriter(path, folder):
    book = xlsxwriter.Workbook(folder / "again.xlsx", {"strings_to_formulas": False, "strings_to_urls": False})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for sheet in openpyxl.load_workbook(path):
        written = book.add_worksheet(sheet.title)
        for y, row in enumerate(sheet.values):
            for x, value in enumerate(row):
                if hasattr(value, "year"):
                    written.write_datetime(y, x, value, moment if value.hour or value.minute else day)
                elif isinstance(value, str):
                    written.write_string(y, x, value)
                elif value is not None:
                    written.write(y, x, value)
    book.close()
    return (folder / "again.xlsx").read_bytes()


def by_libreoffice(path, folder):
    return libreoffice.saved_by_libreoffice(path, folder)


def as_ods(path, folder):
    """Saved in the format of LibreOffice, and read in it."""
    libreoffice.converted(path, "ods", folder / "ods")
    return (folder / "ods" / "book.ods").read_bytes()


def by_way_of_ods(path, folder):
    """Saved in the format of LibreOffice, and from there as a workbook again."""
    as_ods(path, folder)
    libreoffice.converted(folder / "ods" / "book.ods", "xlsx:Calc MS Excel 2007 XML", folder / "back")
    return (folder / "back" / "book.xlsx").read_bytes()


# What analysts write is written by openpyxl and XlsxWriter. (A list that LibreOffice saved: tests/staff/test_import.py.)
PROGRAMS = [
    pytest.param(by_openpyxl, marks=pytest.mark.soak),
    pytest.param(by_xlsxwriter, marks=pytest.mark.soak),
    pytest.param(by_libreoffice, marks=[pytest.mark.libreoffice, pytest.mark.soak]),
    pytest.param(by_way_of_ods, marks=[pytest.mark.libreoffice, pytest.mark.soak]),
    pytest.param(as_ods, marks=[pytest.mark.libreoffice, pytest.mark.soak]),
]


@pytest.fixture
def written(cast, tmp_path):
    """A plan in every sheet; its texts begin with what a formula begins with, too."""
    return _written(full_plan.full(), cast, tmp_path)


@pytest.fixture
def written_plainly(cast, tmp_path):
    """The same without a text that pandas writes as a formula."""
    text = json.dumps(full_plan.full(), ensure_ascii=False, default=lambda day: f"day:{day.isoformat()}")
    return _written(json.loads(text.replace('"=', '"※'), object_hook=_days), cast, tmp_path)


def _days(row):
    read = {"date": datetime.date.fromisoformat, "datetime": datetime.datetime.fromisoformat}
    return {
        name: read["datetime" if "T" in value else "date"](value.removeprefix("day:"))
        if isinstance(value, str) and value.startswith("day:")
        else value
        for name, value in row.items()
    }


def _written(tables, cast, tmp_path):
    tables["programs"][0]["note"] = " 前後に空白のある\n備考　"
    tables["programs"][1]["note"] = "'印と「引用」"
    bring_in(books.written(tables), cast.office)
    path = tmp_path / "book.xlsx"
    path.write_bytes(books.exported("midori"))
    return path


def unchanged(program, path, cast, folder):
    before = books.cells(path.read_bytes())
    saved = program(path, folder)
    result = bring_in(saved, cast.office, dry_run=True)
    assert [str(problem) for problem in result.problems] == []
    assert {name: one.changed for name, one in result.sheets.items() if one.changed or one.created or one.deleted} == {}
    books.empty_database()
    bring_in(saved, cast.root)
    assert books.cells(books.exported("midori")) == before


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_workbook_survives_other_programs(program, written, cast, tmp_path):
    unchanged(program, written, cast, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_a_workbook_survives_an_analyst(engine, written_plainly, cast, tmp_path):
    unchanged(by_pandas(engine), written_plainly, cast, tmp_path)


def test_blanks_at_the_edges_are_there(written):
    """What the tests above compare."""
    head, *rows = books.cells(written.read_bytes())["programs"]
    assert [row[head.index("note")] for row in rows[:2]] == [" 前後に空白のある\n備考　", "'印と「引用」"]


def test_a_formula_that_pandas_made_of_a_text_is_refused_with_its_cell(written, cast, tmp_path):
    result = bring_in(by_pandas("openpyxl")(written, tmp_path), cast.office, dry_run=True)
    assert str(result.problems[0]) == (
        "シート「出典（sources）」 3行目 列「題名（title）」: 計算結果の保存されていない数式です。"
        "Excelで開いて保存し直すか、計算した値に置き換えてください。（値「数式」）"
    )
