"""Files for the import of a list, and what its form says about them."""

import io

import openpyxl
from django.core.files.storage import storages

from tests.staff.addresses import list_url


def xlsx(rows, *, sheet="data", more=()):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for name in more:
        book.create_sheet(name).append(["ほかのシート"])
        book.active = book[name]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def problems(response):
    """(row, column, message) of all errors, rows counted as a spreadsheet does."""
    form = response.context_data.get("form")
    found = [(None, field, str(e)) for field, errors in (form.errors if form else {}).items() for e in errors]
    result = response.context_data.get("result")
    if result is None:
        return found
    found += [(None, "", str(e.error)) for e in result.base_errors]
    found += [(row.number + 1, "", str(e.error)) for row in result.error_rows for e in row.errors]
    for row in result.invalid_rows:
        found += [(row.number + 1, name, text) for name, texts in row.error_dict.items() for text in texts]
    return found


def waiting():
    """The names of the files that wait for a confirmation."""
    storage = storages["import_export"]
    try:
        return storage.listdir("django-import-export")[1]
    except FileNotFoundError:
        return []


def exported(client, label, ending="xlsx"):
    """The list of a model as it is written now."""
    response = client.post(list_url(label, "export/"), {"format": {"xlsx": "0", "csv": "1"}[ending], "resource": "0"})
    assert response.headers["Content-Disposition"].endswith(f'.{ending}"')
    return response.content


def changed(written, where, **cells):
    """An exported list with some cells of one row changed; the row is the one whose cells are those of `where`."""
    head, *rows = (list(row) for row in openpyxl.load_workbook(io.BytesIO(written)).active.values)
    [row] = [row for row in rows if all(str(row[head.index(name)]) == value for name, value in where.items())]
    for name, value in cells.items():
        row[head.index(name)] = value
    return xlsx([head, *rows])
