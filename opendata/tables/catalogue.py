"""Every open table, in the order in which readers meet them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from figures.datasets import Snapshot, frozen_editions, published_rounds, snapshot
from figures.rows import GradeChange
from opendata.tables.columns import COLUMNS, TYPES
from opendata.tables.committee import AGENDA_ITEMS, KEY_PROGRAMS, MEETING_SOURCES, MEETINGS, OPINIONS
from opendata.tables.effects import EFFECTS, SETTLEMENTS
from opendata.tables.long import LONG
from opendata.tables.plan_indicators import PLAN_ACTUALS, PLAN_INDICATORS, PLAN_TARGETS
from opendata.tables.promise import (
    ACTUALS,
    CAME_AND_WENT,
    DEPARTMENTS,
    EDITIONS,
    GRADES,
    INDICATORS,
    LATE_CONTENTS,
    POLICIES,
    PROGRAM_DEPARTMENTS,
    PROGRAM_EDITIONS,
    RELISTINGS,
    SOURCES,
    TARGETS,
    YEAR_PLANS,
)
from opendata.tables.review import (
    CONTRIBUTIONS,
    DELAY_CAUSES,
    ERRATA,
    FIGURES,
    GRADE_COUNTS,
    JUDGEMENTS,
    REPORT_DEPARTMENTS,
    REPORTS,
    ROUNDS,
)
from opendata.tables.revision import REVISED, REVISION_COUNTS, REVISIONS
from opendata.tables.table import Field, Row, Rows, Table
from policies.models import Plan, Tone
from programs.models import EndReason

_CODES = {
    "tone": tuple(Tone.choices),
    "previous_tone": tuple(Tone.choices),
    "change": tuple(GradeChange.choices),
    "end_reason": tuple(EndReason.choices),
}
_EXAMPLES: dict[str, Any] = {
    "plan": "kodaira-2",
    "program_number": "27",
    "is_number_provisional": False,
    "as_of": "2015-03-31",
    "fiscal_year": 2014,
    "grade": "A",
    "tone": "on_track",
    "change": "same",
    "is_fictional": False,
}
# The columns of programs.csv, as fields of an open table.
PROGRAM_FIELDS = tuple(
    Field(
        column.name,
        column.label,
        column.meaning,
        type=TYPES.get(column.name, "string"),
        codes=_CODES.get(column.name, ()),
        example=_EXAMPLES.get(column.name),
    )
    for column in COLUMNS
)


@dataclass(frozen=True)
class ProgramRows:
    """Items of a snapshot, streamed."""

    snapshot: Snapshot
    programs: QuerySet[Any]

    def count(self) -> int:
        return self.programs.count()

    def slice(self, start: int, stop: int) -> Iterator[Row]:
        return self._read(self.programs[start:stop])

    def __iter__(self) -> Iterator[Row]:
        return self._read(self.programs)

    def _read(self, programs: Any) -> Iterator[Row]:
        for row in self.snapshot.rows(programs):
            yield tuple(column.value(row) for column in COLUMNS)


class ProgramTable(Table):
    """programs.csv: the items as of the latest published round."""

    @property
    def columns(self) -> tuple[Field, ...]:
        return self.fields

    def rows(self, plan: Plan, **conditions: Any) -> Rows:
        latest = snapshot(plan, published_rounds(plan), frozen_editions(plan))
        return ProgramRows(latest, latest.programs())


PROGRAMS = ProgramTable(
    "programs",
    "実施項目",
    "1行に一つの実施項目。最も新しく公表された評価と、その前の評価を含む。",
    PROGRAM_FIELDS,
    lambda plan: [],
    ("program_number",),
)

TABLES: tuple[Table, ...] = (
    PROGRAMS,
    LONG,
    POLICIES,
    ROUNDS,
    GRADE_COUNTS,
    DELAY_CAUSES,
    REPORTS,
    JUDGEMENTS,
    REPORT_DEPARTMENTS,
    CONTRIBUTIONS,
    ERRATA,
    EDITIONS,
    PROGRAM_EDITIONS,
    PROGRAM_DEPARTMENTS,
    DEPARTMENTS,
    LATE_CONTENTS,
    YEAR_PLANS,
    INDICATORS,
    TARGETS,
    ACTUALS,
    PLAN_INDICATORS,
    PLAN_TARGETS,
    PLAN_ACTUALS,
    EFFECTS,
    SETTLEMENTS,
    REVISIONS,
    REVISION_COUNTS,
    REVISED,
    KEY_PROGRAMS,
    MEETINGS,
    AGENDA_ITEMS,
    MEETING_SOURCES,
    OPINIONS,
    FIGURES,
    GRADES,
    SOURCES,
    CAME_AND_WENT,
    RELISTINGS,
)

# The tables by what a reader looks for; each stands once (a test compares).
SUBJECTS: tuple[tuple[str, tuple[Table, ...]], ...] = (
    ("実施項目と評価", (PROGRAMS, LONG, POLICIES, ROUNDS, GRADE_COUNTS, DELAY_CAUSES, GRADES)),
    ("公表した報告", (REPORTS, JUDGEMENTS, REPORT_DEPARTMENTS, CONTRIBUTIONS, ERRATA)),
    ("計画内容", (EDITIONS, PROGRAM_EDITIONS, PROGRAM_DEPARTMENTS, DEPARTMENTS, LATE_CONTENTS, YEAR_PLANS)),
    ("指標と効果額", (INDICATORS, TARGETS, ACTUALS, PLAN_INDICATORS, PLAN_TARGETS, PLAN_ACTUALS, EFFECTS, SETTLEMENTS)),
    ("見直し、追加、終了、再掲", (REVISIONS, REVISION_COUNTS, REVISED, CAME_AND_WENT, RELISTINGS)),
    ("委員会", (KEY_PROGRAMS, MEETINGS, AGENDA_ITEMS, MEETING_SOURCES, OPINIONS)),
    ("公表値と出典", (FIGURES, SOURCES)),
)
