"""Counts of items by policy and grade: one function for the overview, the page of a round and that of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q

from figures.datasets import Items, Snapshot, joined, scale_of
from figures.rows import GradeChange, change_between, shades
from policies.models import Grade, Policy
from programs.models import active_on
from reviews.models import PublishedReport


@dataclass
class Counts:
    """Numbers of items: in all, by grade in the order of the plan's scale, and without a published report."""

    items: int
    by_grade: list[int]

    @property
    def unreported(self) -> int:
        return self.items - sum(self.by_grade)

    @property
    def reported(self) -> int:
        return sum(self.by_grade)

    def parts(self, grades: Sequence[Grade]) -> list[tuple[str, int]]:
        """(shade, number of items) in the order of the scale, then what was not reported."""
        return [*zip(shades(grades), self.by_grade, strict=True), ("missing", self.unreported)]


@dataclass
class PolicyCounts(Counts):
    number: int
    name: str
    direction_number: int | None
    direction_name: str


# What the items of a plan are counted by; the underscore keeps the names apart from those of the models.
_CELL = (
    *("number_", "name_", "direction_number_", "direction_name_"),
    *("code_", "order_", "tone_", "previous__grade_order", "previous__tone"),
)


@dataclass
class Distribution:
    """How many items of which policy have which grade in a round, and how the grades moved since the round before."""

    grades: list[Grade]
    policies: list[PolicyCounts]
    total: Counts
    unnamed: int = 0
    provisional: int = 0
    changes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GradeChange.values, 0))

    @property
    def cells(self) -> list[tuple[Grade, int]]:
        return list(zip(self.grades, self.total.by_grade, strict=True))


def distribution(current: Snapshot, policy: int | None = None, programs: Items | None = None) -> Distribution:
    """Count the items of a snapshot by policy and grade; policies without items are there with zeros. Two queries.

    `programs`: only these of its items, made by the snapshot."""
    grades = scale_of(current.plan, current.round if current.is_frozen else None)
    position = {grade.code: index for index, grade in enumerate(grades)}
    nothing = [0] * len(grades)
    result = Distribution(grades, [], Counts(0, list(nothing)))
    by_number: dict[int, PolicyCounts] = {}

    def counts_of(number: int, name: str, direction_number: int | None, direction_name: str | None) -> PolicyCounts:
        return by_number.setdefault(
            number, PolicyCounts(0, list(nothing), number, name, direction_number, direction_name or "")
        )

    if current.is_frozen and current.round:
        for each in current.round.framework.get("policies", []):
            if policy in (None, each["number"]):
                counts_of(each["number"], each["name"], each["direction_number"], each["direction_name"])
    keys = None if programs is None else current.keys(programs)
    for cell in _frozen_cells(current, policy, keys) if current.is_frozen else _cells_of_today(current, policy, keys):
        row = counts_of(cell["number_"], cell["name_"], cell["direction_number_"], cell["direction_name_"])
        code, order, previous_order = cell["code_"], cell["order_"], cell["previous__grade_order"]
        for counts in (row, result.total):
            counts.items += cell["items"]
            if code:
                counts.by_grade[position[code]] += cell["items"]
        result.unnamed += cell["unnamed"]
        result.provisional += cell["provisional"]
        change = change_between(order, cell["tone_"] or "", previous_order, cell["previous__tone"] or "")
        if change and current.is_comparable:
            result.changes[change] += cell["items"]
    result.policies = [by_number[number] for number in sorted(by_number)]
    return result


def _frozen_cells(current: Snapshot, policy: int | None, keys: Items | None) -> Items:
    rows = PublishedReport.objects.filter(round=current.round)
    if keys is not None:
        rows = rows.filter(program__in=keys)
    if policy is not None:
        rows = rows.filter(policy_number=policy)
    cells: Items = (
        rows.annotate(
            previous=joined("program__published_reports", current.previous),
            number_=F("policy_number"),
            name_=F("policy_name"),
            direction_number_=F("direction_number"),
            direction_name_=F("direction_name"),
            code_=F("grade_code"),
            order_=F("grade_order"),
            tone_=F("tone"),
        )
        .order_by("number_")
        .values(*_CELL)
        .annotate(
            items=Count("pk"),
            unnamed=Count("pk", filter=Q(name="")),
            provisional=Count("pk", filter=Q(number_is_provisional=True)),
        )
    )
    return cells


def _cells_of_today(current: Snapshot, policy: int | None, keys: Items | None) -> Items:
    policies = Policy.objects.filter(plan=current.plan)
    if policy is not None:
        policies = policies.filter(number=policy)
    there = Q(programs__public_at__isnull=False) & (active_on(current.day, "programs__") | Q(current__pk__isnull=False))
    if keys is not None:
        there &= Q(programs__in=keys)
    cells: Items = (
        policies.annotate(
            current=joined("programs__published_reports", current.round),
            previous=joined("programs__published_reports", current.previous),
            number_=F("number"),
            name_=F("name"),
            direction_number_=F("direction__number"),
            direction_name_=F("direction__name"),
            code_=F("current__grade_code"),
            order_=F("current__grade_order"),
            tone_=F("current__tone"),
        )
        .order_by("number_")
        .values(*_CELL)
        .annotate(
            items=Count("programs", filter=there),
            unnamed=Count("programs", filter=there & Q(programs__name="")),
            provisional=Count("programs", filter=there & Q(programs__number_is_provisional=True)),
        )
    )
    return cells
