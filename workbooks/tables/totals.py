"""Rows of totals between and below the items: asked about, so that no item is lost for one and none is made of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbooks.tables import cells
from workbooks.tables.column_roles import Role
from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid, Layout, RowKind, count_in, is_total, kind_of, say

_SHOWN = 3  # rows that a question quotes
_LIKE_A_TOTAL = re.compile(
    r"\S{1,24}(?<![会設統時家生推集])計額?(?:[(（].{1,12}[)）])?|\S{0,24}(?:合計額|総額|全体|平均)(?:[(（].{1,12}[)）])?",
    re.DOTALL,
)
_OK = "計の行なので、読まない"


def decide(grid: Grid, layout: Layout, by_role: Mapping[Role, int], questions: Questions) -> None:
    """Say of the rows of a sheet which are totals. A row with an item of its own is none; of the others a person is asked
    once a kind of word (小計, 方針… 計)."""
    numbered_at, named_at = by_role.get(Role.NUMBER, 0), by_role.get(Role.NAME, 0)
    found: dict[tuple[str, bool], list[int]] = {}
    for row in range(layout.first, layout.last + 1):
        kind = kind_of(grid, row, layout)
        if kind not in (RowKind.DATA, RowKind.TOTAL):
            continue
        own = [grid.own(row, numbered_at), grid.own(row, named_at)]
        if word := next(filter(is_total, own), ""):
            is_guessed = True
        elif kind is RowKind.TOTAL:
            if any(text and count_in(text) is None for text in own):
                say(grid, row, layout, RowKind.DATA)
                continue
            word, is_guessed = next(filter(is_total, grid.line(row))), True
        elif _LIKE_A_TOTAL.fullmatch(alone := cells.joined(_alone(grid, row, own, numbered_at or named_at))):
            word, is_guessed = alone, False
        else:
            continue
        found.setdefault((_kind(word), is_guessed), []).append(row)
    for (_word, is_guessed), rows in found.items():
        is_skipped = _ask(grid, rows, questions, is_guessed=is_guessed) == "skip"
        for row in rows:
            say(grid, row, layout, RowKind.TOTAL if is_skipped else RowKind.DATA)


def _alone(grid: Grid, row: int, own: list[str], at: int) -> str:
    """What stands in place of a number and a name: in one of them, or left of both where the policies stand."""
    if any(own):
        return "" if all(own) else "".join(own)
    return next(filter(None, grid.line(row)[: at - 1]), "")


def _kind(word: str) -> str:
    """方針１ 計 and 方針２ 計 are of one kind."""
    return re.sub(r"[\d０-９Ⅰ-Ⅹ①-⑳一二三四五六七八九十\s]", "", word)


def _ask(grid: Grid, rows: list[int], questions: Questions, *, is_guessed: bool) -> str:
    quoted = "、".join(f"「{_quoted(grid, row)}」" for row in rows[:_SHOWN])
    read = "と読みました" if is_guessed else "かもしれません"
    question = f"次の行は、計の行{read}：{quoted}{'など' if len(rows) > _SHOWN else ''}"
    choices = (("skip", _OK), ("read", "項目なので、ほかの行と同じように読む"))
    answer = ""
    for row in rows:
        at = grid.sheet.place(row, next(index for index, text in enumerate(grid.line(row), 1) if text))
        original = "（計の行）" if len(rows) > 1 else _quoted(grid, row)
        answer = questions.ask("計の行", original, question, at, choices, is_guessed=is_guessed)
    return answer


def _quoted(grid: Grid, row: int) -> str:
    return cells.short(" ".join([text for text in grid.line(row) if text][:3]))
