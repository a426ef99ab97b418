"""What the rows of an item are for, where a column says it: 計画, 目標, 実績, 取組状況, 評価 below each other, years side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.fiscal import last_day
from workbooks.tables import cells
from workbooks.tables.column_roles import ColumnUse, Role
from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid, Layout, RowKind, kind_of

AMOUNTS = (Role.SAVING, Role.REVENUE)
_KINDS = (
    (Role.REVENUE, re.compile("歳入確保|増収")),
    (Role.SAVING, re.compile("効果(見込|目標|実績|計画)?額|財政効果|削減額|節減額")),
    (Role.GRADE, re.compile("評価|判定|達成度|達成状況")),
    (Role.PROGRESS, re.compile("状況|進捗")),
    (Role.TARGET, re.compile("目標")),
    (Role.ACTUAL, re.compile("実績|結果")),
    (Role.YEAR_PLAN, re.compile("計画|予定|取組")),
)
_DIGIT = re.compile(r"\d")
_OK, _SKIP = "この読み方でよい", ("skip", "読まない")


@dataclass(frozen=True)
class RowMeaning:
    """What the columns of years say in a row. `month`: at the end of which month of the year its grades and texts are told."""

    role: Role
    month: int = 3

    def as_of(self, year: int) -> date:
        return last_day(year) if self.month == 3 else date(year, 9, 30)


def of_a_year(what: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The days of a year as of which grades and texts may be told."""
    return [("end", _OK), ("half", f"各年度の9月30日現在の{what}とする"), *more, _SKIP]


def day_of(year: int, role: Role, heading: str, at: str, questions: Questions) -> date | None:
    """The day of a year as of which a column tells whose rows are of years; asked once a column."""
    what = role.label.partition("（")[0]
    question = f"「{heading}」の列は、各年度の3月31日現在の{what}と読みました。"
    place = at.rstrip("0123456789") + "列"
    answer = questions.ask(heading, "（この列のすべて）", question, place, of_a_year(what))
    return None if answer == "skip" else RowMeaning(role, 9 if answer == "half" else 3).as_of(year)


AS_THE_COLUMN = RowMeaning(Role.YEAR_PLAN)


class RowKinds:
    """Of one sheet; each kind is asked about once."""

    def __init__(
        self, grid: Grid, layout: Layout, columns: Mapping[int, ColumnUse], heading: str, questions: Questions
    ) -> None:
        self.grid, self.heading, self.questions = grid, heading, questions
        self.column = next((index for index, one in columns.items() if one.role is Role.ROW_KIND), None)
        self.years = [index for index, one in columns.items() if one.role is Role.YEAR_PLAN]
        self.has_indicators = any(one.role is Role.INDICATOR for one in columns.values())
        rows = range(layout.first, layout.last + 1) if self.column else range(0)
        self.rows = [row for row in rows if kind_of(grid, row, layout) is RowKind.DATA]
        self.found: dict[str, RowMeaning] = {}

    def of(self, row: int) -> RowMeaning:
        text = self.text(row)
        if not text or not self.years:
            return AS_THE_COLUMN
        if text not in self.found:
            self.found[text] = self._decided(text, row)
        return self.found[text]

    def text(self, row: int) -> str:
        return cells.joined(self.grid.seen(row, self.column)) if self.column else ""

    def _decided(self, text: str, row: int) -> RowMeaning:
        role = next((role for role, pattern in _KINDS if pattern.search(text)), None)
        if role is Role.GRADE:
            question = f"「{text}」の行は、各年度の3月31日現在の評価と読みました。"
            choices = of_a_year("評価")
        elif role is Role.PROGRESS or (role is Role.ACTUAL and not self.has_indicators and self._is_told(text)):
            question = f"「{text}」の行は言葉で書かれているので、各年度の3月31日現在の取組状況と読みました。"
            choices = of_a_year("取組状況", ("actual", "指標の実績とする"))
            role = Role.PROGRESS
        elif role in AMOUNTS:
            question = f"「{text}」の行は、各年度の効果額と読みました。"
            choices = [
                *((("saving", "歳出削減とする"), ("revenue", "歳入確保とする"))[:: 1 if role is Role.SAVING else -1]),
                _SKIP,
            ]
        elif role is None:
            question = f"「{text}」の行が何を表すか分からないので、読みません。"
            choices = [("skip", _OK), ("plan", "年度計画とする")]
        else:
            return RowMeaning(role)
        assert self.column is not None  # noqa: S101 - `of` asks where there is one
        answer = self.questions.ask(self.heading, text, question, self.grid.sheet.place(row, self.column), choices)
        chosen = {
            "skip": Role.IGNORE,
            "plan": Role.YEAR_PLAN,
            "actual": Role.ACTUAL,
            "saving": Role.SAVING,
            "revenue": Role.REVENUE,
        }.get(answer, role or Role.IGNORE)
        return RowMeaning(chosen, 9 if answer == "half" else 3)

    def _is_told(self, text: str) -> bool:
        """Whether the rows of a kind are words, not numbers."""
        rows = (row for row in self.rows if self.column and cells.joined(self.grid.seen(row, self.column)) == text)
        given = [value for value in self._values(rows) if value and not cells.is_none(value)]
        return sum(not _DIGIT.search(value) for value in given) * 2 > len(given)

    def _values(self, rows: Iterable[int]) -> Iterable[str]:
        return (self.grid.own(row, index) for row in rows for index in self.years)
