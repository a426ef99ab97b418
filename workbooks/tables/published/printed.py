"""The numbers of a printed table, each with all that it means, and each once. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from figures.models import PublishedFigure
from workbooks.tables.doubts import Questions
from workbooks.tables.published.values import Value

Measure = PublishedFigure.Measure


@dataclass(frozen=True)
class Printed:
    """One number of a table with all that it means."""

    place: str
    rows: str  # its headings
    columns: str
    value: Value
    measure: Measure
    unit: str
    policy: int | None = None
    as_of: date | None = None
    fiscal_year: int | None = None
    edition: str = ""
    category: str = ""
    basis: str = ""
    account: str = ""
    series: str = ""
    axis: str = ""
    triangle: str = ""
    label: str = ""
    locator: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """What no other number of a table has."""
        own = self.label if self.measure is Measure.OTHER else ""
        where = (
            self.policy,
            self.as_of,
            self.fiscal_year,
            self.edition,
            self.category,
            self.basis,
            self.account,
            self.series,
            self.axis,
        )
        return (self.measure, *where, self.unit, own)


@dataclass
class FiguresReading:
    figures: list[Printed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def keep_once(reading: FiguresReading, questions: Questions) -> None:
    """Every number once. The same one in two places is no doubt; two different ones are."""
    seen: dict[tuple[object, ...], Printed] = {}
    kept: list[Printed] = []
    for one in reading.figures:
        other = seen.setdefault(one.identity, one)
        if other is one:
            kept.append(one)
        elif other.value.value == one.value.value:
            question = f"同じ値が {other.place} にもあります。1回だけ登録します。"
            questions.ask("重なった値", one.value.printed, question, one.place, (("once", "この読み方でよい"),))
        else:
            reading.problems.append(
                f"{one.place}: 「{one.label}」は {other.place} にもあり、値が違います（{other.value.printed} と "
                f"{one.value.printed}）。どちらかの行か列を「読まない」にしてください。"
            )
    reading.figures = kept
