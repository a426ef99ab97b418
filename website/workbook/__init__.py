"""The sheets for people with which programs.xlsx begins: what an office would otherwise make by hand, from the figures of
the pages. The sheets for programs stand behind them (opendata/program_files.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.fiscal import date_label
from opendata.program_files import ProgramExport
from website.workbook import cover, item_list, measures, totals
from website.workbook.facts import read
from website.workbook.look import foot
from workbooks.sheets_for_people import CellStyles
from workbooks.writer import WrittenBook


def write_people(
    book: WrittenBook, export: ProgramExport, *, now: datetime, page: str, address: Callable[[str], str]
) -> None:
    """`page` is where the items are listed; `address` gives the page of one by its number."""
    facts, look, made = read(export), CellStyles(book), foot(date_label(now.date()))
    cover.write(book, look, facts, export, now=now, page=page)
    item_list.write(book, look, facts, made=made, address=address)
    totals.write(book, look, facts, made=made)
    measures.write_indicators(book, look, facts, made=made)
    measures.write_effects(book, look, facts, made=made)
