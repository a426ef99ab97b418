"""How a sheet that openpyxl writes is printed."""

from __future__ import annotations

from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

A3, A4 = 8, 9  # as Excel numbers them


def fit_width(sheet: Worksheet, paper: int, *, head_rows: int = 0, footer: str | None = None) -> None:
    """Landscape, all columns on one page, as many pages as the rows need; the first rows stand on each. `footer` stands below
    each page, with its number."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if head_rows:
        sheet.print_title_rows = f"1:{head_rows}"
    if footer is not None:
        _foot(sheet, footer)


def _foot(sheet: Worksheet, left: str) -> None:
    """In the language of Excel: &P is the page, && an ampersand."""
    footer = sheet.oddFooter
    if footer is None or footer.left is None or footer.right is None:
        raise TypeError("a sheet of openpyxl has a footer")
    footer.left.text, footer.right.text = left.replace("&", "&&"), "&P / &N"
