"""A workbook with rows, a column and a sheet that are hidden, and with words that are struck out."""

import io

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

HEAD = ["番号", "項目名", "方針", "課内メモ", "実施内容", "R1", "R2"]
LINES = [
    ["1", "税収の確保", "方針１ 歳入", "急ぐ", "税を集める。", "検討", "実施"],
    ["2", "会館の新築", "方針１ 歳入", "済", "会館を建てる。", "検討", "実施"],
    [None, None, None, None, "二期工事を行う。", None, None],
    ["3", "窓口の改善", "方針１ 歳入", None, "窓口を委託直営にする。", "検討", "実施"],
    ["4", "広告の掲載", "方針１ 歳入", None, "広告を載せる。", "検討", "実施"],
]


def in_excel():
    """Row 6 is hidden by a filter, column D by hand; item 2 is struck out, and words in it of item 3."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表"
    for line in (HEAD, *LINES):
        sheet.append(line)
    for cell in sheet[3]:
        cell.font = Font(strike=True)
    sheet["E5"] = CellRichText("窓口を", TextBlock(InlineFont(strike=True), "委託"), "直営にする。")
    sheet["F5"].font = Font(strike=True)
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["D"].hidden = True
    hidden = book.create_sheet("去年")
    for line in (HEAD, LINES[0]):
        hidden.append(line)
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(
        file,
    )
    return file.getvalue()
