"""The grades of an item from round to round, as marks in one cell of a list: the grid's cells of the last rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from figures.rows import ProgramRow
from programs.models import Program
from reviews.models import Round
from website.grid import GridColumn, cells_of, columns_of

SHOWN = 10  # rounds


def last_columns(rounds: Sequence[Round], shown: Round | None) -> list[GridColumn]:
    """Those that a list shows up to a round, oldest first."""
    return columns_of(rounds, shown)[-SHOWN:] if shown else []


def with_courses(rows: Sequence[ProgramRow], columns: Sequence[GridColumn]) -> list[ProgramRow]:
    """The rows with what each of the rounds said of them. Two queries, if there is more than one round."""
    if len(columns) < 2 or not rows:
        return list(rows)
    programs = Program.objects.filter(pk__in=[row.pk for row in rows]).only("added_on", "ended_on")
    cells = cells_of(programs, columns)
    return [replace(row, course=list(zip(columns, cells[row.pk], strict=True))) for row in rows]


def in_groups(rows: Iterable[ProgramRow]) -> bool:
    """Whether the items of each policy stand together, so that its name can stand above them."""
    runs = [number for number, _ in groupby(row.policy_number for row in rows)]
    return len(runs) == len(set(runs))
