"""Any two published rounds side by side: what rose, what fell, what came and what ended. Frozen rows of the two days alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, OuterRef
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from figures.counts import Distribution, distribution
from figures.datasets import Items, Snapshot, edition_of, published_rounds
from figures.filters import QueryForm, days_of
from figures.rows import UNREPORTED, ProgramRow
from opendata.pages import public, public_plans
from policies.models import Grade, Plan
from reviews.models import PublishedReport, Round

SHOWN = 100  # items of one list; the numbers are those of all


class CompareForm(QueryForm):
    """Which two of the published rounds; without an answer the two latest."""

    TAKES = ("from", "to")  # "from" is a word of Python, so the fields have no attributes of the class
    page = None  # type: ignore[assignment]

    def __init__(self, data: QueryDict, rounds: Sequence[Round]) -> None:
        """`rounds` newest first."""
        super().__init__(data)
        choices = days_of(rounds)
        usual = zip(self.TAKES, ("前の基準日", "後の基準日"), (choices[1:2], choices[:1]), strict=True)
        for name, label, usually in usual:
            self.fields[name] = forms.ChoiceField(
                label=label,
                required=False,
                choices=choices,
                error_messages={"invalid_choice": "この基準日の公表はありません。一覧から選び直してください。"},
            )
            self.initial[name] = usually[0][0] if usually else ""

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        for name in ("from", "to"):
            if name in asked:
                asked[name] = asked[name] or self.initial[name]
        if "from" in asked and "to" in asked and asked["from"] >= asked["to"] != "":
            self.add_error("from", "前の基準日には、後の基準日より前の日を選んでください。")
        return asked

    def chosen(self, name: str) -> str:
        """What is selected: as asked, or what is usual."""
        return str(self.data.get(name) or self.initial[name])

    @property
    def lists(self) -> Iterator[tuple[Any, str]]:
        """The two lists of choices, each with what is selected."""
        for name in ("from", "to"):
            yield self[name], self.chosen(name)

    @property
    def days(self) -> tuple[date, date]:
        """Of a valid form of a plan with two rounds."""
        return date.fromisoformat(self.cleaned_data["from"]), date.fromisoformat(self.cleaned_data["to"])


@dataclass(frozen=True)
class Group:
    """Items of one kind: how many, and the first of them."""

    key: str
    title: str
    count: int
    rows: list[ProgramRow]


@dataclass(frozen=True)
class Crossing:
    """A grade of the earlier round (None: no grade) and how many of its items have which grade in the later one."""

    grade: Grade | None
    codes: list[str]  # of the later scale in order, then UNREPORTED if any item has no grade
    counts: list[int]

    @property
    def cells(self) -> list[tuple[str, int]]:
        return list(zip(self.codes, self.counts, strict=True))

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass
class RoundComparison:
    before: Snapshot
    after: Snapshot
    counts: Distribution  # of the later round
    crossings: list[Crossing]
    groups: list[Group]

    @property
    def is_comparable(self) -> bool:
        return self.after.is_comparable

    @property
    def has_ungraded(self) -> bool:
        return any(UNREPORTED in line.codes for line in self.crossings)

    @property
    def shown_groups(self) -> list[Group]:
        return [group for group in self.groups if group.count]

    @property
    def empty_groups(self) -> list[Group]:
        return [group for group in self.groups if not group.count]

    @property
    def in_both(self) -> int:
        return sum(line.total for line in self.crossings)

    @property
    def uncompared(self) -> int:
        """Items of both rounds that moved neither way and are not the same: one of the grades is missing or judges nothing."""
        return self.in_both - sum(self.counts.changes.values())


def compare(plan: Plan, earlier: Round, later: Round) -> RoundComparison:
    """Six queries, however many items there are."""
    before = Snapshot(plan, earlier, None, edition_of(earlier), is_frozen=True)
    after = Snapshot(plan, later, earlier, edition_of(later), is_frozen=True)
    before_grades = distribution(before).grades
    counts = distribution(after)
    groups = []
    if after.is_comparable:
        for move in after.moves(counts.changes, at_most=2 * SHOWN):
            groups.append(Group(str(move.change), f"評価が{move.change.label}項目", move.count, move.rows))
    there = PublishedReport.objects.filter(round=later, program=OuterRef("program"))
    groups += [
        _group(after, "came", "加わった項目", after.programs().filter(previous__pk=None)),
        _group(before, "ended", "なくなった項目", before.programs().filter(~Exists(there))),
    ]
    return RoundComparison(before, after, counts, _crossings(after, before_grades, counts.grades), groups)


def _group(of: Snapshot, key: str, title: str, items: Items) -> Group:
    rows = list(of.rows(items[: SHOWN + 1], with_departments=False))
    count = len(rows) if len(rows) <= SHOWN else items.count()
    return Group(key, title, count, rows[:SHOWN])


def _crossings(after: Snapshot, before: Sequence[Grade], now: Sequence[Grade]) -> list[Crossing]:
    """Of the items that both rounds have. One query."""
    rows = after.programs().filter(previous__pk__isnull=False).order_by()
    cells = rows.values_list(F("previous__grade_code"), F("grade_code")).annotate(items=Count("pk"))
    column = {grade.code: index for index, grade in enumerate(now)} | {"": len(now)}
    codes = [*(grade.code for grade in now), UNREPORTED]
    lines = {grade.code: Crossing(grade, codes, [0] * len(column)) for grade in before} | {
        "": Crossing(None, codes, [0] * len(column))
    }
    for was, is_, items in cells:
        lines[was].counts[column[is_]] += items
    if not any(line.counts[-1] for line in lines.values()):  # a column of zeros
        codes.remove(UNREPORTED)
        for line in lines.values():
            line.counts.pop()
    return [line for line in lines.values() if line.grade or line.total]


@partial(public, takes=CompareForm.TAKES)
def comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """Eight queries."""
    plan = get_object_or_404(public_plans(), slug=slug)
    rounds = published_rounds(plan)
    form = CompareForm(request.GET, rounds)
    context: dict[str, Any] = {"plan": plan, "section": "revisions", "form": form, "rounds": rounds}
    if not form.is_valid():
        return render(request, "website/comparison.html", context, status=400)
    if len(rounds) > 1:
        by_day = {each.as_of: each for each in rounds}
        earlier, later = (by_day[day] for day in form.days)
        context |= {"found": compare(plan, earlier, later), "earlier": earlier, "later": later}
        context["neighbours"] = list(zip(rounds[1:], rounds, strict=False))
    return render(request, "website/comparison.html", context)
