"""Files and pasted texts read as the pages do, without a database: sheets found, columns guessed, rows made."""

import io

import openpyxl

from core.spreadsheets import sheets
from workbooks.tables import building, layout, shapes
from workbooks.tables.known import KnownPlan
from workbooks.tables.reading import ChosenSheet
from workbooks.tables.reading import read as read_chosen

LIMITS = {"max_bytes": 10**7, "max_unpacked": 10**8, "max_rows": 20_000}
NEW = KnownPlan("human", 2011, 2015, "original", "当初", edition_is_new=True)


def chosen(data):
    """Every sheet of a file on which something looks like a table."""
    found = []
    for grid in shapes.grids_of(sheets.read_any(data, **LIMITS).sheets.values()):
        if table := layout.find(grid):
            found.append(ChosenSheet(grid, table, layout.guess_columns(grid, table)))
    return found


def read(data, known=NEW, answers=None):
    return read_chosen(chosen(data), known, answers or {})


def answered(data, answers, known=NEW):
    """The reading with some doubts answered: original → the code of the answer."""
    reading = read(data, known)
    return read(
        data, known, {doubt.id: answers[doubt.original] for doubt in reading.doubts if doubt.original in answers}
    )


def workbook(rows, merged=(), title="表", other=()):
    """An xlsx of rows; `other` are more sheets: title and rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    for name, lines in other:
        more = book.create_sheet(name)
        for row in lines:
            more.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(data):
    """Sheet → rows as dictionaries, of a workbook, read by openpyxl alone."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for sheet in book:
        header, *lines = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(header, line, strict=True)) for line in lines]
    return found


def made(data, known=NEW, answers=None):
    """The workbook that becomes of a file, cell by cell."""
    return cells(building.write(building.tables_of(read(data, known, answers), known), "試験"))
