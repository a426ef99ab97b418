"""The grades of an item from round to round, as marks in one cell of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from core.fiscal import era_date
from figures.rows import ProgramRow
from reviews.models import PublishedReport, Round, scale_breaks

SHOWN = 10  # rounds


ABSENT = "この基準日にはない"


class CourseMark(NamedTuple):
    """What a round said of an item; without a code `label` says why there is no grade."""

    day: str
    tone: str
    code: str
    label: str
    breaks: bool  # another scale begins

    @property
    def is_absent(self) -> bool:
        return self.label == ABSENT


def last_rounds(rounds: Iterable[Round], shown: Round | None) -> list[Round]:
    """Those that a list shows up to a round, oldest first. `rounds` newest first."""
    return [one for one in rounds if shown and one.as_of <= shown.as_of][:SHOWN][::-1]


def with_courses(rows: Sequence[ProgramRow], rounds: Sequence[Round]) -> list[ProgramRow]:
    """The rows with what each of the rounds said of them. One query, if there is more than one round."""
    if len(rounds) < 2 or not rows:
        return list(rows)
    told: Any = PublishedReport.objects.filter(round__in=rounds, program__in=[row.pk for row in rows])
    found = {
        (program, round_): (tone, code, label)
        for program, round_, tone, code, label in told.order_by().values_list(
            "program", "round", "tone", "grade_code", "grade_label"
        )
    }
    breaks = scale_breaks(rounds)

    def mark(row: ProgramRow, one: Round) -> CourseMark:
        tone, code, label = found.get((row.pk, one.pk), ("", "", ABSENT))
        if not code and (row.pk, one.pk) in found:
            label = one.ungraded_label
        return CourseMark(era_date(one.as_of), tone, code, label, one in breaks)

    return [replace(row, course=[mark(row, one) for one in rounds]) for row in rows]


def in_groups(rows: Iterable[ProgramRow]) -> bool:
    """Whether the items of each policy stand together, so that its name can stand above them."""
    order = [row.policy_number for row in rows]
    return all(order[index - 1] == number or number not in order[:index] for index, number in enumerate(order) if index)
