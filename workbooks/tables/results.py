"""What a table that people made tells of rounds: grades and 取組状況 of each day, and what was reached in the year of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from core import grammar
from core.fiscal import fiscal_year_of, last_day
from core.text import as_seen
from figures.models import Triangle
from policies.models import Grade, Plan
from programs import models as programs
from reviews.models import Basis, Round
from reviews.models import Effect as EffectRow
from reviews.past import by_name
from reviews.report_figures import Actual, Amount
from reviews.table_results import ResultLines
from workbooks.tables.doubts import Doubt, Questions
from workbooks.tables.read_items import ReadEffect, ReadIndicator, ReadItem, TableReading

_NO_INDICATOR = "登録されていない指標な"
_NO_RESULT = "その基準日の評価がない"
_TRIANGLE = "△の意味が分からない"
_NOT_YET = "年度の途中の調査で、見込と書かれていない"


def ask_grades(plan: Plan, reading: TableReading, answers: Mapping[str, str]) -> list[Doubt]:
    """The marks that are none of the plan's grades, each asked about once; answered ones are put into the results.

    A plan without grades is not asked about: there is nothing to choose.
    """
    scale = list(Grade.objects.main_of(plan.pk)) if reading.results else []
    if not scale:
        return []
    named = by_name(scale)
    labels = [(str(place), f"{grade.code} {grade.label}".strip()) for place, grade in enumerate(scale)]
    choices = (*labels, ("skip", "この評価の項目は、評価も取組状況も登録しない"))
    question = "計画の評価にない書き方です。どの評価かを選んでください。"
    questions = Questions(answers)
    for as_of in sorted(reading.results):
        results = reading.results[as_of]
        for item in reading.items:
            mark, progress = results.get(item.number, ("", ""))
            if not mark or named.meant(grammar.code(mark)) is not None:
                continue
            questions.ask("評価", mark, question, item.place, choices, is_guessed=False)
            answer = next(one.chosen for one in questions.doubts.values() if one.original == mark)
            if not answer:
                continue
            if answer == "skip":
                del results[item.number]
            else:
                results[item.number] = (scale[int(answer)].code or scale[int(answer)].label, progress)
    return list(questions.doubts.values())


def ask_triangles(plan: Plan, reading: TableReading, answers: Mapping[str, str]) -> list[Doubt]:
    """What △ means in amounts of savings that are of the year of a round, asked about once; answered, they are numbers."""
    opened = plan.rounds.filter(state=Round.State.OPEN).values_list("as_of", flat=True)
    years = {fiscal_year_of(as_of) for as_of in (*reading.results, *opened)}
    questions = Questions(answers)
    question = "歳出削減の金額に△があります。減らした額か、減らせずに増えた額かを選んでください。"
    choices = tuple((one.value, str(one.label)) for one in Triangle)
    for item in reading.items:
        for effect in item.effects:
            if not isinstance(effect.amount, str) or effect.year not in years:
                continue
            questions.ask("効果額", "△", question, item.place, choices, is_guessed=False)
            if answer := next(iter(questions.doubts.values())).chosen:
                amount = Decimal(effect.amount.removeprefix("△"))
                effect.amount = amount if answer == Triangle.REDUCTION.value else -amount
    return list(questions.doubts.values())


def lines_of(plan: Plan, reading: TableReading, as_of: date) -> ResultLines:
    """The results of a day as reviews/past.py reads them: a line an item, its number, grade (nothing of further axes) and
    取組状況."""
    results = reading.results.get(as_of, {})
    blanks = [""] * len(plan.further_axes)
    lines, places = [], []
    for item in reading.items:
        if item.number in results:
            grade, progress = results[item.number]
            lines.append("\t".join((item.number, grade, *blanks, progress)).rstrip())
            places.append(item.place)
    return ResultLines("\n".join(lines), places)


@dataclass
class Stated:
    """What a table says of an item in the fiscal year of a round: as a report takes it (`actuals`, `effects`), in the table's
    own words (`taken`), what no report takes, each with the reason (`left`), and those taken of which the plan holds another
    value (`held`), which stays."""

    actuals: dict[tuple[int, int], Actual] = field(default_factory=dict)
    effects: list[Amount] = field(default_factory=list)
    taken: list[ReadIndicator | ReadEffect] = field(default_factory=list)
    left: list[tuple[ReadIndicator | ReadEffect, str]] = field(default_factory=list)
    held: dict[int, Decimal | None] = field(default_factory=dict)  # place in `taken` → the value that the plan holds


def figures_of(
    round_: Round, items: Iterable[ReadItem], graded: Container[str] | None = None, *, has_end: bool = False
) -> dict[str, Stated]:
    """By number of an item: what the table says was reached in the fiscal year of a round. `graded` are the items that have a
    result as of the day of a past round: without one there is no row for it. `has_end`: the table tells of the end of that
    year, too, so what was reached in it belongs there. Three queries."""
    registered = {
        (number, as_seen(name)): key
        for number, name, key in programs.Indicator.objects.filter(program__plan=round_.plan_id).values_list(
            "program__number", "name", "pk"
        )
    }
    year = round_.fiscal_year
    is_over = round_.as_of >= last_day(year)
    held = _Held(round_) if graded is not None else None
    found = {}
    for item in items:
        stated = Stated()
        for one in item.indicators:
            if year not in one.actuals:
                continue
            value, note, is_forecast = one.actuals[year]
            shown = replace(one, baseline=None, targets={}, actuals={year: one.actuals[year]})
            key = registered.get((item.number, as_seen(one.name)))
            if key is None:
                stated.left.append((shown, _NO_INDICATOR))
            elif graded is not None and item.number not in graded:
                stated.left.append((shown, _NO_RESULT))
            elif not (is_over or is_forecast):
                stated.left += [] if has_end else [(shown, _NOT_YET)]
            else:
                stated.actuals[key, year] = Actual(value, is_forecast, note)
                if held and (key, year) in held.actuals and (stands := held.actuals[key, year]) != value:
                    stated.held[len(stated.taken)] = stands
                stated.taken.append(shown)
        for effect in item.effects:
            if effect.year != year:
                continue
            if not isinstance(effect.amount, Decimal):
                stated.left.append((effect, _TRIANGLE))
            elif graded is not None and item.number not in graded:
                stated.left.append((effect, _NO_RESULT))
            elif not is_over and effect.basis == Basis.ACTUAL:
                stated.left += [] if has_end else [(effect, _NOT_YET)]
            else:
                stated.effects.append(Amount(year, effect.kind, effect.basis, effect.amount))
                place = (item.number, year, effect.kind, effect.basis)
                if held and place in held.effects and (stands := held.effects[place]) != effect.amount:
                    stated.held[len(stated.taken)] = stands
                stated.taken.append(effect)
        if stated.taken or stated.left:
            found[item.number] = stated
    return found


class _Held:
    """What the plan holds of the fiscal year of a round."""

    def __init__(self, round_: Round) -> None:
        year = round_.fiscal_year
        actuals = programs.IndicatorActual.objects.filter(indicator__program__plan=round_.plan_id, fiscal_year=year)
        effects = EffectRow.objects.filter(program__plan=round_.plan_id, fiscal_year=year, account="", series="")
        self.actuals = {(key, year): value for key, value in actuals.values_list("indicator", "value")}
        self.effects = {
            (number, year, kind, basis): amount
            for number, kind, basis, amount in effects.values_list("program__number", "kind", "basis", "amount")
        }


@dataclass
class DayOfResults:
    """What a table says as of a day: how many results of each grade and, where the round of that day is open or not planned
    yet, what was reached in its year (by number of the item)."""

    as_of: date
    count: int
    grades: str
    round: Round | None
    figures: dict[str, Stated]

    @property
    def is_planned(self) -> bool:
        return self.round is None or self.round.state == Round.State.PLANNED

    @property
    def year(self) -> int:
        return fiscal_year_of(self.as_of)

    @property
    def is_open(self) -> bool:
        return self.round is not None and self.round.state == Round.State.OPEN

    @property
    def actuals(self) -> int:
        return sum(len(one.actuals) for one in self.figures.values())

    @property
    def effects(self) -> int:
        return sum(len(one.effects) for one in self.figures.values())


def days_of(plan: Plan, reading: TableReading) -> list[DayOfResults]:
    """The days of which a table tells something that belongs to a round."""
    rounds = {round_.as_of: round_ for round_ in plan.rounds.all()}
    scale = Grade.objects.main_of(plan.pk) if reading.results else ()
    order = {grade.code: place for place, grade in enumerate(scale)}
    figures = {}
    for as_of in sorted({*reading.results, *rounds}):
        round_ = rounds.get(as_of) or Round(plan=plan, as_of=as_of)
        has_end = (end := last_day(round_.fiscal_year)) != as_of and end in reading.results
        if round_.state == Round.State.OPEN:
            figures[as_of] = figures_of(round_, reading.items, has_end=has_end)
        elif round_.state == Round.State.PLANNED and as_of in reading.results:
            figures[as_of] = figures_of(round_, reading.items, reading.results[as_of], has_end=has_end)
    figures = {as_of: found for as_of, found in figures.items() if found}
    days = []
    for as_of in sorted({*reading.results, *figures}):
        grades = Counter(grade for grade, _progress in reading.results.get(as_of, {}).values() if grade)
        ordered = sorted(grades.items(), key=lambda pair: order.get(grammar.code(pair[0]), len(order)))
        said = "、".join(f"{grade} {count}" for grade, count in ordered)
        days.append(DayOfResults(as_of, grades.total(), said, rounds.get(as_of), figures.get(as_of, {})))
    return days
