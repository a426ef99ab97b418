"""Files for the import of a list, and what its form says about them."""

import io

import openpyxl


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
