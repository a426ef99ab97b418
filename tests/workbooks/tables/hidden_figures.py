"""A printed table with what a person does not see of it, written by XlsxWriter."""

import io

import xlsxwriter

ROWS = [
    ["平成26年9月30日現在", "S", "A", "B", "計"],
    ["方針1 窓口の改善", 0, 1, 0, 1],
    ["方針2 歳入の確保と資産の活用", 1, 1, 2, 4],
    ["方針3 組織の見直し", 2, 1, 0, 3],
    ["計", 3, 3, 2, 8],
]


def in_excel():
    """Row 2 and column D are hidden, the heading of row 4 is struck out, so is the 8, and the 1 of C3 is a 12 whose 2 is
    struck out. A sheet of last year is hidden."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    struck = book.add_format({"font_strikeout": True})
    sheet, hidden = book.add_worksheet("集計"), book.add_worksheet("前回")
    for number, line in enumerate(ROWS):
        sheet.write_row(number, 0, line)
        hidden.write_row(number, 0, line)
    sheet.write(3, 0, ROWS[3][0], struck)
    sheet.write(4, 4, 8, struck)
    sheet.write_rich_string(2, 2, "1", struck, "2")
    sheet.set_row(1, None, None, {"hidden": True})
    sheet.set_column(3, 3, None, None, {"hidden": True})
    hidden.hide()
    book.close()
    return file.getvalue()
