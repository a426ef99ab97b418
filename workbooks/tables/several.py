"""Cells, headings and rows that name several years: given to each of them, and asked about."""

from __future__ import annotations

from itertools import pairwise

from core.fiscal import era_fiscal_year
from workbooks.tables import cells, spans
from workbooks.tables.column_roles import ColumnUse, Role, year_in
from workbooks.tables.doubts import Questions
from workbooks.tables.known import KnownPlan

_OK = "この読み方でよい"


class SeveralYears:
    """Of one sheet."""

    def __init__(self, known: KnownPlan, questions: Questions) -> None:
        self.known, self.questions = known, questions
        self.examples: dict[str, str] = {}  # heading → how the first cell below it was taken apart

    def of_row(self, heading: str, text: str, place: str) -> list[int]:
        """The years whose values a row has, by what stands in its column of years."""
        years = spans.years_in(text, self.known.last_year)
        if not years:
            year = year_in(text)
            return [] if year is None else [year]
        question = f"この行の値を、{said(years)}のすべての年度の値と読みました。"
        answer = self.questions.ask(heading, text, question, place, _choices(years))
        return list(_chosen(years, answer))

    def of_cell(self, column: ColumnUse, heading: str, text: str, place: str) -> list[tuple[int | None, str]]:
        """What a cell of a yearly column says year by year: 「H23：検討 H24：実施」, or one text below a heading of several
        years. What says nothing of the kind is one text of its column's year."""
        of_heading = spans.years_in(heading, self.known.last_year) if column.year is None else ()
        bare = () if column.year else of_heading or self.known.years
        parts = spans.by_year(text, self.known.last_year, bare)
        if len(parts) > (column.year is not None):
            return self._parts(column, heading, [(year, said) for years, said in parts for year in years], text, place)
        if column.year and (other := spans.other_years(text, column.year, self.known.last_year, self.known.years)):
            return self._of_other_years(column.year, *other, heading, text, place)
        if not of_heading or column.role is not Role.YEAR_PLAN:  # an amount of several years is no amount of each
            return [(column.year, text)]
        question = f"年度に分けて書いていない欄を、見出しの{said(of_heading)}のすべての年度の計画と読みました。"
        choices = (*_choices(of_heading), ("skip", "登録しない"))
        years = _chosen(of_heading, self.questions.ask(heading, "（年度に分けていない欄）", question, place, choices))
        return [(year, text) for year in years]

    def _of_other_years(
        self, year: int, years: tuple[int, ...], part: str, heading: str, text: str, place: str
    ) -> list[tuple[int | None, str]]:
        """A cell that names other years than its column does. Where its column's year is none of them, nobody can tell which
        was meant."""
        question = f"{era_fiscal_year(year)}の列の欄に、{said(years)}と書いてあります。"
        choices = (
            ("named", f"{said(years)}の「{cells.short(part)}」とする"),
            ("column", f"{era_fiscal_year(year)}の「{cells.short(part)}」とする"),
            ("whole", f"{era_fiscal_year(year)}に「{cells.short(text)}」のまま登録する"),
            ("skip", "登録しない"),
        )
        answer = self.questions.ask(heading, text, question, place, choices, is_guessed=year in years)
        found: dict[str, list[tuple[int | None, str]]] = {
            "named": [(named, part) for named in years],
            "column": [(year, part)],
            "whole": [(year, text)],
        }
        return found.get(answer, [])

    def goes_on(self, text: str, plan: str, year: int | None, blank: list[int], place: str) -> bool:
        """Whether a plan with an arrow that reaches over blank cells holds in their years as well."""
        question = f"矢印の右の欄が空いています（{said((*blank,))}）。その年度も続く計画と読みました。"
        only = f"{era_fiscal_year(year)}だけに" if year else ""
        choices = (
            ("each", f"空いている年度も、同じ「{cells.short(plan)}」とする"),
            ("only", f"{only}「{cells.short(text)}」のまま登録する"),
        )
        return self.questions.ask("年度計画", text, question, place, choices) == "each"

    def _parts(
        self, column: ColumnUse, heading: str, parts: list[tuple[int, str]], text: str, place: str
    ) -> list[tuple[int | None, str]]:
        """Asked once for all cells of the column: where one of them is written so, the others are."""
        taken = "、".join(f"{era_fiscal_year(year)}「{cells.short(said)}」" for year, said in parts[:4])
        example = self.examples.setdefault(heading, f"「{cells.short(text)}」は、{taken}{'など' if parts[4:] else ''}")
        question = f"1つの欄に年度ごとに書いてあるので、年度に分けて読みました（例：{example}）。"
        whole = f"分けずに、{era_fiscal_year(column.year)}に登録する" if column.year else "登録しない"
        choices = (("split", _OK), ("whole", whole))
        if self.questions.ask(heading, "（年度ごとに書いた欄）", question, place, choices) == "split":
            return [*parts]
        return [(column.year, text)] if column.year else []


def said(years: tuple[int, ...]) -> str:
    """平成25年度から平成27年度まで."""
    if len(years) > 2 and all(later == year + 1 for year, later in pairwise(years)):
        return f"{era_fiscal_year(years[0])}から{era_fiscal_year(years[-1])}まで"
    return "、".join(map(era_fiscal_year, years))


def _choices(years: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    if len(years) == 1:
        return (("each", _OK),)
    ends = (("first", years[0]), ("last", years[-1]))
    return (("each", _OK), *((code, f"{era_fiscal_year(year)}だけとする") for code, year in ends))


def _chosen(years: tuple[int, ...], answer: str) -> tuple[int, ...]:
    return {"each": years, "first": years[:1], "last": years[-1:], "skip": ()}[answer]
