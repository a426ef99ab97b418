"""How a plan stands, in numbers for one sentence, and its policies as bars. Pure: the caller reads what was published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.plots import Segment, stacked
from figures.datasets import Distribution, PolicyCounts
from figures.models import PublishedFigure
from policies.models import Grade, Tone
from reviews.models import Round
from website.published import PublishedGrades


@dataclass(frozen=True)
class Summary:
    """Numbers of items on a day. `well` are as planned or ahead; `excluded` are those that no grade judges."""

    as_of: date
    total: int
    well: int
    behind: int
    excluded: int
    unreported: int

    @property
    def percent(self) -> int:
        """The share that goes well, in whole percent; 0 and 100 only if it is exactly none or all."""
        share = round(100 * self.well / self.total) if self.total else 0
        return min(max(share, int(self.well > 0)), 100 if self.well == self.total else 99)


def _summary(as_of: date, cells: Iterable[tuple[Grade, int]], unreported: int) -> Summary:
    by_tone: Counter[str] = Counter()
    for grade, count in cells:
        by_tone[grade.tone] += count
    return Summary(
        as_of,
        by_tone.total() + unreported,
        by_tone[Tone.AHEAD] + by_tone[Tone.ON_TRACK],
        by_tone[Tone.BEHIND],
        by_tone[Tone.NONE],
        unreported,
    )


def of_records(round_: Round | None, counts: Distribution) -> Summary | None:
    """From the rows of the latest published round; None if there is none."""
    return _summary(round_.as_of, counts.cells, counts.total.unreported) if round_ else None


def of_printed(printed: PublishedGrades) -> Summary | None:
    """From the city's printed totals; None if one of the grades is unknown, or they do not add up to the total."""
    cells = [(grade, int(value)) for grade, value in printed.cells if value is not None]
    total = sum(count for _, count in cells)
    if len(cells) < len(printed.by_grade) or (printed.total and printed.total.value != total):
        return None
    return _summary(printed.as_of, cells, 0)


@dataclass(frozen=True)
class PolicyLine:
    """A policy with its published number of items and its bar; the longest bar of all is `longest`."""

    counts: PolicyCounts
    figure: PublishedFigure | None
    bar: list[Segment]
    longest: int


def with_bars(counts: Distribution, figures: Mapping[int | None, PublishedFigure] | None = None) -> list[PolicyLine]:
    """The policies of a distribution; `figures` are printed numbers of items by policy."""
    longest = max((policy.items for policy in counts.policies), default=0)
    return [
        PolicyLine(policy, (figures or {}).get(policy.number), stacked(policy.parts(counts.grades)), longest)
        for policy in counts.policies
    ]
