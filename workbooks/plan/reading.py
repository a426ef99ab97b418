"""A plan workbook read from a file: tables as they stand there, and what makes them unusable.

What is wrong inside (errors, merged cells, values without a heading) is told with sheet, row and column, together with
everything that the comparison finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core import grammar
from core.grammar import Content
from core.spreadsheets import sheets
from core.spreadsheets.limits import UnreadableFile, column_letters
from workbooks.plan import former
from workbooks.plan.changes import DELETE, Problem, RawTable, show_cell
from workbooks.plan.sheets import sheet_named
from workbooks.plan.specification import PlanSheet
from workbooks.plan.writing import EXAMPLE, FORMAT, README

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 200_000
_TOLD = 100  # values beside the table of a sheet, one by one; the rest is counted
_LONGEST_NAME = 100  # of a column; a longer one is none of ours, and is told by its beginning


@dataclass
class PlanTables:
    """Tables, what is wrong in them, and what was read otherwise than it is stored in the file (`notes`, Japanese)."""

    tables: list[RawTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_book(data: bytes) -> PlanTables:
    """Read a file. Raises UnreadableFile with a Japanese reason; problems inside are in the result."""
    found = sheets.read_book(data, max_bytes=MAX_BYTES, max_unpacked=MAX_UNPACKED, max_rows=MAX_ROWS)
    book = PlanTables()
    readme = next((sheet for sheet in found.sheets.values() if sheet.name.upper() == README), None)
    version = _version(readme) if readme else None
    for sheet in found.sheets.values():
        if sheet is not readme:
            _read_sheet(sheet, book, version)
    return book


def _version(readme: sheets.Sheet) -> int | None:
    """The format of a workbook, None if it does not say. One that a later version wrote may say what this one would lose."""
    for row in readme.rows:
        if len(row) > 1 and row[0] == FORMAT.name:
            try:
                version = grammar.whole(row[1])
            except grammar.Unreadable:
                version = None
            if version is None or version > FORMAT.version:
                raise UnreadableFile(
                    f"このブックは、より新しい形式（版 {show_cell(row[1])}）で書き出されています。"
                    f"ここで読めるのは版 {FORMAT.version} までです。新しい版のこのシステムで取り込んでください。"
                )
            return version
    return None


def _read_sheet(found: sheets.Sheet, book: PlanTables, version: int | None) -> None:
    sheet = sheet_named(found.name)
    if sheet is None:
        book.tables.append(RawTable(found.name, (), ()))  # refused by name, so what it holds does not matter
        return
    before = len(book.problems)
    for area in found.merged:
        message = "結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。"
        book.problems.append(Problem(sheet.name, 0, "", str(area), message))
    columns = _columns(sheet, found.rows[0] if found.rows else [])
    if not any(columns):
        if len(book.problems) == before:
            message = "1行目に列の名前がありません。書き出したブックと同じ列の名前を1行目に入れてください。"
            book.problems.append(Problem(sheet.name, 1, "", "", message))
        return
    rows: list[tuple[int, dict[str, object]]] = []
    beside = 0  # values that no column holds
    for number, line in enumerate(found.rows[1:], start=2):
        if all(cell is None for cell in line):
            continue
        for index, cell in enumerate(line):
            if cell is not None and not (index < len(columns) and columns[index]):
                beside += 1
                if beside > _TOLD:
                    continue
                message = "1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。"
                letter = column_letters(index + 1)
                book.problems.append(Problem(sheet.name, number, letter, show_cell(cell), message))
        marked = next(
            (index for index, cell in enumerate(line) if isinstance(cell, str) and cell.startswith(EXAMPLE)), None
        )
        if marked is not None:
            message = "ひな形の例の行です。あなたの計画の内容に書き換えるか、行ごと消してください。"
            letter = column_letters(marked + 1)
            book.problems.append(Problem(sheet.name, number, letter, show_cell(line[marked]), message))
        row: dict[str, object] = dict.fromkeys(columns)
        row.update(zip(columns, line, strict=False))
        row.pop("", None)
        rows.append((number, row))
    if beside > _TOLD:
        message = f"1行目に列の名前のない列に、ほか{beside - _TOLD:,}個の値があります。"
        book.problems.append(Problem(sheet.name, 0, "", "", message))
    book.notes += [f"{found.place(*where)}: {note}" for where, note in sorted(found.notes.items())]
    read = RawTable(sheet.name, tuple(column for column in columns if column), tuple(rows))
    book.tables += former.today(read, version)


def _columns(sheet: PlanSheet, header: list[Content]) -> list[str]:
    """The names of the columns; the Japanese ones are as good, where they name one column alone."""
    found = []
    for cell in header:
        name = grammar.code(cell) if isinstance(cell, str | int | float) else str(cell or "")
        found.append(sheet.by_title.get(name, DELETE if name == "削除" else name[:_LONGEST_NAME]))
    while found and not found[-1]:
        found.pop()
    return found
