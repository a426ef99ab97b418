"""A plan and what was done in one cell, below each other: 「計画：検討⏎実績：検討した」. Told apart, and asked once a sheet. Pure."""

from __future__ import annotations

import re
from datetime import date

from workbooks.tables.cells import is_none, short
from workbooks.tables.column_roles import Role
from workbooks.tables.doubts import Questions
from workbooks.tables.row_kinds import RowMeaning

_WORD = r"(?:当初)?(?:(?P<{0}plan>計画|予定)|実績|結果|取組(?:状況|実績))"
_LABEL = re.compile(
    rf"[【〔]\s*{_WORD.format('a')}\s*[】〕]\s*[:：]?|^\s*[(（\[<＜]\s*{_WORD.format('b')}\s*[)）\]>＞]\s*[:：]?|(?:^|(?<=\s))\s*{_WORD.format('c')}\s*[:：]",
    re.MULTILINE,
)
_OF_BOTH = re.compile(r"(計画|予定)\s*[/／・･⏎\n]\s*実績")
_LONGEST = 2000  # characters


def in_two(heading: str, text: str) -> tuple[str, str] | None:
    """The plan and what was done, where the words of a cell or its heading say that it has both."""
    if len(text) > _LONGEST:
        return None
    labels = list(_LABEL.finditer(text))
    if labels and not text[: labels[0].start()].strip():
        ends = [*(label.start() for label in labels[1:]), len(text)]
        parts = [
            (any(label.groupdict().values()), text[label.end() : end].strip(" \u3000\n、,/／"))
            for label, end in zip(labels, ends, strict=True)
        ]
        plan, done = ("\n".join(said for is_plan, said in parts if said and is_plan is one) for one in (True, False))
        return plan, done
    if not _OF_BOTH.search(heading):
        return None
    parts_of_two = [part.strip() for part in re.split(r"\n|[/／]", text)]
    return (parts_of_two[0], parts_of_two[1]) if len(parts_of_two) == 2 else None


class Stacked:
    """Of one sheet."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.example = ""

    def read(self, heading: str, text: str, year: int | None, at: str) -> tuple[str, str, date | None]:
        """The plan, what was done, and the day as of which."""
        found = in_two(heading, text) if year else None
        if found is None or year is None:
            return text, "", None
        plan, done = found
        self.example = self.example or f"「{short(text)}」は、計画「{short(plan)}」、実績「{short(done)}」"
        question = f"1つの欄に計画と実績が書いてあるので、分けて読みました（例：{self.example}）。"
        choices = (
            ("end", "計画を年度計画、実績を各年度の3月31日現在の取組状況とする"),
            ("half", "計画を年度計画、実績を各年度の9月30日現在の取組状況とする"),
            ("plan", "計画だけを登録する"),
            ("whole", "分けずに、年度計画として登録する"),
        )
        answer = self.questions.ask("年度計画", "（計画と実績の欄）", question, at, choices)
        if answer == "whole":
            return text, "", None
        if answer == "plan" or is_none(done):
            return plan, "", None
        return plan, done, RowMeaning(Role.PROGRESS, 9 if answer == "half" else 3).as_of(year)
