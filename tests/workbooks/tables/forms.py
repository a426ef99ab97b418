"""Forms (個票) as another program than openpyxl writes them."""

import io

import xlsxwriter


def by_another_program():
    """Names and values in one cell, two items on each of two sheets, a struck department; written by XlsxWriter."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    struck = book.add_format({"font_strikeout": True})
    names = iter((("1", "税収の確保"), ("2", "窓口の改善"), ("3", "広告の掲載"), ("4", "会館の統合")))
    for title in ("総務部", "市民部"):
        sheet = book.add_worksheet(title)
        sheet.write(0, 0, "実施計画 個票")
        for top in (2, 12):
            number, name = next(names)
            sheet.write(top, 0, f"番号：{number}")
            sheet.write(top, 3, f"【取組項目名】 {name}")
            sheet.write(top + 1, 0, "方針：方針１ 歳入の確保\n担当課：総務課")
            sheet.write(top + 2, 0, f"取組内容：{name}を行う。\n毎年見直す。")
            if number == "2":
                sheet.write_rich_string(top + 3, 0, "備考：庁内", struck, "外", "で検討", book.add_format())
            for index, (year, step) in enumerate((("H23", "検討"), ("H24", "実施"), ("H25", "→"))):
                sheet.write(top + 4, index, year)
                sheet.write(top + 5, index, step)
    book.close()
    return file.getvalue()
