"""Plan workbooks for tests, written and read by openpyxl alone, so that our own writer and reader stand against another."""

import io

import openpyxl

from accounts.models import Membership
from opendata.tables.catalogue import TABLES
from policies.models import Plan
from reviews.models import Notice
from workbooks.models import SurveyUpload
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.sheets import SHEETS
from workbooks.plan.writing import write_book
from workbooks.writer import WrittenBook


def written(tables):
    """The bytes of a workbook with these tables, made by openpyxl."""
    return saved(workbook_of(tables))


def written_by_us(tables):
    """The bytes of a workbook with these tables, made by our own writer."""
    stream = io.BytesIO()
    with WrittenBook(stream, "計画ブック") as book:
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            book.add_table(name, columns, [[row.get(column) for column in columns] for row in rows])
    return stream.getvalue()


def workbook_of(tables):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        add_sheet(book, name, rows)
    return book


def add_sheet(book, name, rows):
    sheet = book.create_sheet(name)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    sheet.append(columns)
    for number, row in enumerate(rows, start=2):
        for index, column in enumerate(columns, start=1):
            if row.get(column) is not None:
                cell = sheet.cell(number, index, row[column])
                if isinstance(row[column], str):
                    cell.data_type = "s"


class Some:
    """The workbook of these tables with only the sheet `plan` and the sheets that somebody looks at."""

    def __init__(self, tables):
        self.tables = tables
        self.book = openpyxl.Workbook()
        self.book.remove(self.book.active)
        self.removed = set()

    def __getitem__(self, name):
        if name not in self.book.sheetnames:
            add_sheet(self.book, name, self.tables[name])
        return self.book[name]

    def create_sheet(self, name):
        return self.book.create_sheet(name)

    def remove(self, sheet):
        self.removed.add(sheet.title)

    def finished(self):
        self["plan"], self["viewpoints"]
        for name in self.removed:
            self.book.remove(self.book[name])
        return self.book


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def exported(slug):
    file = io.BytesIO()
    write_book(Plan.objects.get(slug=slug), file)
    return file.getvalue()


def bring_in(data, by, **options):
    book = read_book(data)
    return import_tables(book.tables, by=by, found=book.problems, **options)


def cells(data):
    """Every cell of every sheet, as openpyxl reads it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def open_tables(slug):
    """All that citizens can read of a plan: open table → rows, without the times at which we wrote them."""
    plan = Plan.objects.get(slug=slug)
    return {table.name: [list(row) for row in table.rows(plan)] for table in TABLES}


def everything():
    """All rows of all tables of the workbook, history included: what must not change when a file is refused."""
    models = [sheet.model for sheet in SHEETS]
    models += [model.history.model for model in models if hasattr(model, "history")]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


def empty_database():
    """Remove all plans, whatever protects them."""
    for model in (Membership, Notice, SurveyUpload):
        model.objects.all()._raw_delete("default")
    for sheet in reversed(SHEETS):
        for one in sheet.lists:
            one.through.objects.all()._raw_delete("default")
        if sheet.name == "programs":
            sheet.model.objects.update(
                end_reason="", ended_on=None, merged_into=None, carried_plan="", carried_number=""
            )
        if sheet.name == "departments":
            sheet.model.objects.update(successor=None)
        if sheet.name == "sources":
            Plan.objects.update(source=None, committee_source=None)
        sheet.model.objects.all()._raw_delete("default")
