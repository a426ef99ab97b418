"""What a printed table hides and what it strikes out: asked about as it is in an office's table. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid
from workbooks.tables.published.layout import FigureLayout, sections
from workbooks.tables.unseen import hidden_columns, hidden_rows, without_struck


@dataclass
class UnseenFigures:
    """Rows and columns that are not read, and what struck cells are read as."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    said: dict[tuple[int, int], str] = field(default_factory=dict)


def decide(
    grid: Grid,
    table: FigureLayout,
    rows: Sequence[tuple[int, list[str], bool]],
    columns: Sequence[tuple[int, list[str]]],
    questions: Questions,
) -> UnseenFigures:
    """`rows` and `columns` with numbers, and their headings."""
    headings = {column: "／".join(path) for column, path in columns}
    labels = list(range(1, table.labels + 1))
    found = UnseenFigures(
        hidden_rows(grid, [row for row, _path, _filled in rows], [*labels, *headings], questions),
        hidden_columns(grid, headings, table.header or table.first, questions),
    )
    of_section: dict[int, set[int]] = {}
    for row, section in sections(grid, table).items():
        of_section.setdefault(section, set()).add(row)
    for section, below in of_section.items():
        seen = bool(section and below - found.rows)
        if seen and _drops(grid, [(section, column) for column in labels], "見出しの下の行", "見出し", questions):
            found.rows |= below
    for row, _path, _filled in rows:
        if row not in found.rows and _drops(grid, [(row, column) for column in labels], "行", "行の見出し", questions):
            found.rows.add(row)
    above = range(table.header, table.first) if table.header else range(0)
    for column in headings:
        if column not in found.columns and _drops(
            grid, [(row, column) for row in above], "列", "列の見出し", questions
        ):
            found.columns.add(column)
    read = {row for row, _path, _filled in rows} - found.rows
    for (row, column), left in sorted(grid.sheet.looks.struck.items()):
        if row in read and column in headings.keys() - found.columns and (text := grid.own(row, column)):
            at = grid.sheet.place(row, column)
            found.said[row, column] = without_struck(headings[column], text, left.strip(), at, questions)
    return found


def _drops(grid: Grid, cells: Sequence[tuple[int, int]], what: str, heading: str, questions: Questions) -> bool:
    """Whether a row, the rows of a section or a column are not read, because their heading is struck out, all of it or in
    part."""
    struck: Mapping[tuple[int, int], str] = grid.sheet.looks.struck
    for row, column in cells:
        area = grid.area(row, column)
        at = (area.top, area.left) if area else (row, column)
        if at in struck and (text := grid.own(*at)):
            question = f"この{heading}に、取り消し線が引かれています。"
            choices = (("skip", f"この{what}を読まない"), ("read", "取り消し線を無視して、見出しのとおりに読む"))
            where = grid.sheet.place(*at)
            if questions.ask("取り消し線", text, question, where, choices, is_guessed=False) == "skip":
                return True
    return False
