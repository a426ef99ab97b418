"""Texts that a spreadsheet would run or break: every format that carries texts gives them back unchanged, as text."""

import csv
import io
import json
import zipfile

import openpyxl
import pandas
import pytest

from programs.models import Program
from reviews.models import PublishedReport
from tests import factories
from tests.hostile import TEXTS
from tests.kept import kept
from tests.libreoffice import sheets_as_csv
from tests.published import freeze
from tests.reading import csv_rows
from tests.workbooks.plan import books
from workbooks.plan.reading import read_book

PLAN = "/plans/hostile"
NAMES = [text[:200] for text in TEXTS]


@kept
def hostile(cast):
    """Item n is named by the beginning of text n, and its report says text n."""
    plan = factories.small_plan("hostile", programs=len(TEXTS))
    freeze(plan, cast.office)
    for number, text in enumerate(TEXTS, 1):
        Program.objects.filter(plan=plan, number=str(number)).update(name=text[:200])
    factories.published_round(plan, {1: "A"}, by=cast.office)
    for number, text in enumerate(TEXTS, 1):
        PublishedReport.objects.filter(round__plan=plan, number=str(number)).update(
            progress=text, contributions=[{"department": "財政課", "text": text}]
        )
    return plan


def in_a_line(text):
    """As a value of a table."""
    return " ".join(filter(None, text.split("\n")))


IN_A_LINE = [in_a_line(text) for text in TEXTS]


def for_excel(text):
    """As a value of a table that Excel may open: it runs none of them."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "'-")) else text


FOR_EXCEL = [for_excel(text) for text in IN_A_LINE]


def test_csv_json_zip_and_api(client, hostile):
    def get(address):
        return client.get(address).getvalue()

    rows = csv_rows(get(f"{PLAN}/programs.csv"))
    assert ([row["name"] for row in rows], [row["progress"] for row in rows]) == (
        [for_excel(in_a_line(name)) for name in NAMES],
        FOR_EXCEL,
    )
    table = pandas.read_csv(io.BytesIO(get(f"{PLAN}/programs.csv?bom=0")), dtype=str, keep_default_na=False)
    assert list(table["progress"]) == IN_A_LINE
    for address in (f"{PLAN}/data/rounds/2014-09-30/programs.csv", f"{PLAN}/data/reports.csv"):
        assert [row["progress"] for row in csv_rows(get(address))] == FOR_EXCEL, address
    assert [row["progress"] for row in csv_rows(get(f"{PLAN}/data/reports.csv?bom=0"))] == IN_A_LINE
    with zipfile.ZipFile(io.BytesIO(get(f"{PLAN}/data.zip"))) as package:
        assert [row["progress"] for row in csv_rows(package.read("reports.csv"))] == FOR_EXCEL
        assert [row["text"] for row in csv_rows(package.read("contributions.csv"))] == FOR_EXCEL
        assert "前に `'` を一つ付けています" in package.read("README.md").decode()
    with zipfile.ZipFile(io.BytesIO(get(f"{PLAN}/data.zip?bom=0"))) as package:
        assert [row["progress"] for row in csv_rows(package.read("reports.csv"))] == IN_A_LINE
        assert "前に `'`" not in package.read("README.md").decode()
    assert [item["progress"] for item in json.loads(get(f"{PLAN}/programs.json"))["items"]] == TEXTS
    assert [item["progress"] for item in json.loads(get(f"/api/v1{PLAN}/programs"))["items"]] == TEXTS
    assert [item["text"] for item in json.loads(get(f"/api/v1{PLAN}/contributions"))["items"]] == TEXTS


def test_workbooks(client, hostile):
    content = client.get(f"{PLAN}/programs.xlsx").getvalue()
    sheet = openpyxl.load_workbook(io.BytesIO(content))["programs"]
    column = next(cell.column for cell in sheet[1] if cell.value == "取組状況")
    cells = [sheet.cell(row, column) for row in range(2, len(TEXTS) + 2)]
    assert [cell.value for cell in cells] == TEXTS
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells] == [text[0] in "=+-@" for text in TEXTS]
    table = pandas.read_excel(
        io.BytesIO(content), sheet_name="programs", dtype=str, keep_default_na=False, engine="openpyxl"
    )
    assert (list(table["項目名"]), list(table["取組状況"])) == (NAMES, TEXTS)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name) or "vba" in name]

    book = books.exported("hostile")
    found = {table.sheet: [row for _, row in table.rows] for table in read_book(book).tables}
    assert [row["name"] for row in found["programs"]] == NAMES
    # A space at the edge of a text is no part of it in a plan workbook; everything else comes back.
    assert [str(row["progress"]).strip() for row in found["published_reports"]] == [text.strip() for text in TEXTS]


def test_pages_show_them_as_text(client, hostile):
    page = client.get(f"{PLAN}/programs/").text
    assert "</script><b>" not in page
    assert "{{ 7*7 }}{% now %}" in page
    assert "</script><b>" not in client.get(f"{PLAN}/data/?table=reports").text


@pytest.mark.soak
@pytest.mark.libreoffice
def test_libreoffice_gives_them_back(client, hostile, tmp_path):
    path = tmp_path / "programs.xlsx"
    path.write_bytes(client.get(f"{PLAN}/programs.xlsx").getvalue())
    sheets_as_csv(path, tmp_path)
    written = tmp_path / "programs-programs.csv"
    rows = list(csv.DictReader(io.StringIO(written.read_text(encoding="utf-8"), newline="")))
    assert ([row["項目名"] for row in rows], [row["取組状況"] for row in rows]) == (NAMES, TEXTS)
