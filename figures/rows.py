"""The typed rows of the one flat dataset, and the words that stand in them. Pure: figures/datasets.py fills them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import TextChoices

from core.fiscal import fiscal_year_of
from policies.models import UNCOMPARED, Grade, ranks
from programs.models import UNREGISTERED_NAME

if TYPE_CHECKING:
    from figures.axes import Judged
    from figures.search import Hit

UNREPORTED = "unreported"  # the filter value for items without a published report
UNNAMED = "-"  # the filter value for what nobody named: a department, a cause of delay, the account of an amount
YES, NO = "yes", "no"


class GradeChange(TextChoices):
    """How a grade moved since the published round before."""

    BETTER = "better", "上がった"
    WORSE = "worse", "下がった"
    SAME = "same", "変わらない"


def change_between(order: int | None, tone: str, earlier_order: int | None, earlier_tone: str) -> str:
    """Compare two grades of one scale (order 1 is best): a GradeChange, or "" where there is nothing to compare."""
    if order is None or earlier_order is None or tone in UNCOMPARED or earlier_tone in UNCOMPARED:
        return ""
    if order == earlier_order:
        return GradeChange.SAME
    return GradeChange.BETTER if order < earlier_order else GradeChange.WORSE


def shades(grades: Iterable[Grade]) -> list[str]:
    """What stands for each grade in a chart: its tone, and behind a colon its rank where a better one has the same tone."""
    grades = list(grades)
    rank = ranks(grades)
    return [f"{grade.tone}:{rank[grade.code]}" if rank[grade.code] else str(grade.tone) for grade in grades]


class DepartmentName(NamedTuple):
    code: str
    name: str


@dataclass(frozen=True)
class FrozenEditionRow:
    """A published wording of the plan, with the departments that it names."""

    pk: int
    key: str
    name: str
    first_fiscal_year: int
    departments: list[DepartmentName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """One item as of one round. Texts are "" and numbers None where nothing is registered or published."""

    pk: int
    plan: str
    number: str
    number_is_provisional: bool
    name: str
    direction_number: int | None
    direction_name: str
    policy_number: int
    policy_name: str
    edition: str
    departments: Sequence[DepartmentName]
    as_of: date | None
    grade: str
    grade_label: str
    tone: str
    reported: Mapping[str, str | date | None]  # the other fields of the report by name (reviews/report_fields.py)
    previous_as_of: date | None
    previous_grade: str
    previous_label: str
    previous_tone: str
    change: str
    source: str
    note: str
    is_fictional: bool
    corrected: bool  # an erratum stands beside it
    of_city: bool  # the round holds what the city published: an item without a row is unknown, not unreported
    # How it came and went, as known today; nothing in the rows of a round that was asked for, which never change.
    added_on: date | None = None
    ended_on: date | None = None
    end_reason: str = ""
    merged_into: str = ""
    carried_plan: str = ""
    carried_number: str = ""
    hits: Sequence[Hit] = ()  # where a list found what was searched for
    course: Sequence[object] = ()  # what the rounds up to this one said, where a list shows it
    judged: Sequence[Judged] = ()  # by the axes beside the first (figures/axes.py), where a page names them

    @property
    def display_name(self) -> str:
        return self.name or UNREGISTERED_NAME

    @property
    def fiscal_year(self) -> int | None:
        return fiscal_year_of(self.as_of) if self.as_of else None

    @property
    def no_grade(self) -> str:
        """What is said where the grade would stand."""
        return "未報告" if self.as_of and not self.of_city else "未登録"

    @property
    def carried_to(self) -> str:
        """The item of the next plan that went on with this one: plan and number, as far as they are known."""
        return "/".join(filter(None, (self.carried_plan, self.carried_number)))

    @property
    def change_label(self) -> str:
        return GradeChange(self.change).label if self.change else ""


@dataclass(frozen=True)
class Move:
    """The items that moved in one direction since the round before: how many, and the first of them."""

    change: GradeChange
    count: int
    rows: list[ProgramRow]


@dataclass(frozen=True, slots=True)
class ErratumRow:
    """A correction to one value of a published report. `field` and both values are written as programs read them."""

    program_number: str
    program_name: str
    as_of: date
    corrected_on: date
    field: str
    label: str
    old: str
    new: str
    reason: str


def codes_of(grades: Iterable[str]) -> list[str]:
    """What rows hold for codes of grades or UNREPORTED."""
    return ["" if grade == UNREPORTED else grade for grade in grades]


@dataclass(frozen=True)
class Selection:
    """What a reader asked for, and in which order; empty means everything, several values any of them. `grades` are codes or
    UNREPORTED, `programs` are primary keys, `keys` are YES or NO (chosen by the committee in some year, or never) or fiscal
    years. `changes` since the round before, `was` the grades of then; `leads` are the departments that stand first, `causes`
    those of items that are behind, each or UNNAMED."""

    policies: tuple[int, ...] = ()
    departments: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    programs: frozenset[int] | None = None
    keys: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    sort: str = ""

    @property
    def grade_codes(self) -> list[str]:
        """The codes of the grades; "" where there is none."""
        return codes_of(self.grades)
