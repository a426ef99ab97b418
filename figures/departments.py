"""How many items each department leads, and with which grades. Published rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Department
from figures.counts import Counts
from figures.datasets import Items
from policies.models import Grade, Tone
from reviews.models import PublishedReport, Round


@dataclass
class DepartmentLine:
    """The items that a department leads; without a code and a name those that name none."""

    code: str
    name: str
    counts: Counts


def by_department(
    round_: Round, grades: Sequence[Grade], *, city: str, programs: Items | None = None
) -> list[DepartmentLine]:
    """By the department that stands first, in the order of the city. `grades` are those of the round; `programs`: the keys
    of those items to count, instead of all. Two queries."""
    place = {grade.code: index for index, grade in enumerate(grades)}
    lines: dict[str, DepartmentLine] = {}
    reports = PublishedReport.objects.filter(round=round_)
    if programs is not None:
        reports = reports.filter(program__in=programs)
    rows = reports.order_by().values_list("departments", "grade_code")
    for departments, code, items in rows.annotate(items=Count("pk")):
        lead = departments[0] if departments else {"code": "", "name": ""}
        line = lines.setdefault(lead["code"], DepartmentLine(lead["code"], lead["name"], Counts(0, [0] * len(grades))))
        line.counts.items += items
        if code in place:
            line.counts.by_grade[place[code]] += items
    place_of = Department.objects.city_order(city)
    return sorted(lines.values(), key=lambda line: (not line.code, place_of(line.code)))


def most_behind(lines: Sequence[DepartmentLine], grades: Sequence[Grade]) -> tuple[list[str], int]:
    """The names of the departments that lead most items that are behind, and how many those are; none where nothing is."""
    behind = [index for index, grade in enumerate(grades) if grade.tone == Tone.BEHIND]
    late = {line.name: sum(line.counts.by_grade[index] for index in behind) for line in lines if line.code}
    most = max(late.values(), default=0)
    return [name for name, items in late.items() if items == most and most], most
