"""How a plan stands, in numbers for one sentence, and its policies as bars. Pure: the caller reads what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.plots import BarPart, stacked
from figures.counts import Distribution, PolicyCounts
from figures.models import PublishedFigure
from policies.models import WELL, Grade, Tone
from reviews.models import Round
from website.published_figures import PublishedGrades


@dataclass(frozen=True)
class Summary:
    """Numbers of items on a day. `well` are those that go as planned or better, under the plan's own `labels`; `others` the
    other grades that judge, how many have them, and their codes, best first. `codes` are those of `well`; where the items are
    not known there are no codes. `excluded` items are in the total and in no share."""

    as_of: date
    total: int
    well: int
    labels: list[str]
    others: list[tuple[str, int, str]]
    excluded: int
    unreported: int
    codes: list[str] = field(default_factory=list)
    figures: dict[str, PublishedFigure] = field(default_factory=dict)  # printed ones, by the label of their grade

    @property
    def printed(self) -> list[PublishedFigure]:
        """The printed figures that `well` adds up; none where the items are known."""
        return [self.figures[label] for label in self.labels if label in self.figures]

    @property
    def told(self) -> list[tuple[str, int, str, PublishedFigure | None]]:
        """The others, each with its printed figure if it comes from one."""
        return [(label, count, code, self.figures.get(label)) for label, count, code in self.others]

    @property
    def graded(self) -> int:
        return self.total - self.excluded - self.unreported

    @property
    def percent(self) -> int:
        """The share that goes well of what is graded, in whole percent; 0 and 100 only if it is exactly none or all."""
        share = round(100 * self.well / self.graded) if self.graded else 0
        return min(max(share, int(self.well > 0)), 100 if self.well == self.graded else 99)


def _summary(as_of: date, cells: Sequence[tuple[Grade, int]], unreported: int, *, by_item: bool) -> Summary:
    return Summary(
        as_of,
        sum(count for _, count in cells) + unreported,
        sum(count for grade, count in cells if grade.tone in WELL),
        [grade.label for grade, _ in cells if grade.tone in WELL],
        [
            (grade.label, count, grade.code if by_item else "")
            for grade, count in cells
            if count and grade.tone not in WELL and grade.tone != Tone.EXCLUDED
        ],
        sum(count for grade, count in cells if grade.tone == Tone.EXCLUDED),
        unreported,
        [grade.code for grade, _ in cells if grade.tone in WELL] if by_item else [],
    )


def of_records(round_: Round | None, counts: Distribution) -> Summary | None:
    """From the rows of the latest published round; None if there is none."""
    return _summary(round_.as_of, counts.cells, counts.total.unreported, by_item=True) if round_ else None


def of_printed(printed: PublishedGrades) -> Summary | None:
    """From the city's printed totals; None if one of the grades is unknown, or they do not add up to the total."""
    cells = [(grade, int(value)) for grade, value in printed.cells if value is not None]
    graded = sum(count for grade, count in cells if grade.tone != Tone.EXCLUDED)
    if not printed.is_whole or (printed.total and printed.total.value != graded):
        return None
    figures = {grade.label: figure for grade, figure in printed.by_grade if figure}
    return replace(_summary(printed.as_of, cells, 0, by_item=False), figures=figures)


@dataclass(frozen=True)
class PolicyLine:
    """A policy with its published number of items and its bar; the longest bar of all is `longest`."""

    counts: PolicyCounts
    figure: PublishedFigure | None
    bar: list[BarPart]
    longest: int


def with_bars(counts: Distribution, figures: Mapping[int | None, PublishedFigure] | None = None) -> list[PolicyLine]:
    """The policies of a distribution; `figures` are printed numbers of items by policy."""
    longest = max((policy.items for policy in counts.policies), default=0)
    return [
        PolicyLine(policy, (figures or {}).get(policy.number), stacked(policy.parts(counts.grades)), longest)
        for policy in counts.policies
    ]
