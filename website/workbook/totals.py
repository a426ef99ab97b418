"""集計: how many items have which grade, in all, by policy, by department and over time, each with a chart of Excel's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.fiscal import date_label, short_month
from figures.axes import AxisCounts
from figures.counts import Counts
from figures.rows import shades
from policies.words import in_words_of, word
from reviews.models import ungraded_labels
from website.trend import RoundLine
from website.workbook.facts import SheetFacts
from website.workbook.look import UNKNOWN, fill, ground, head, remark, title
from workbooks.sheets_for_people import FONT, GRID_LINE, LINE, CellStyles, PrintedSheet
from workbooks.writer import WrittenBook

NAME = "集計"
_SIZE = 10
_NAME, _NUMBER, _GAP, _CHART = 250, 62, 24, 620  # pixels of columns, and of a chart
_POINTS = 0.75  # of a pixel
_BAR = 23  # pixels: room for the name of each
_PAGE = 710  # points of an A3 page in landscape, less the title that each repeats
_FONT = {"name": FONT, "size": 10}
_MOST_BARS = 40  # departments in a chart

# A name and its numbers in the order of the scale, without a grade and in all; None where one is not known, "" where there
# is nothing to say.
_Line = tuple[str, list[int | str | None]]


class _TotalsSheet:
    """One block below the other: a heading, a table, and beside it its chart."""

    def __init__(self, book: WrittenBook, look: CellStyles, facts: SheetFacts) -> None:
        self.sheet, self.look, self.facts, self._book = PrintedSheet(book, NAME), look, facts, book
        grades = facts.counts.grades
        self.shades = [*shades(grades), "missing"]
        self.labels = [*(str(grade) for grade in grades), _missing(facts)]
        self.sheet.widths([_NAME, *[_NUMBER] * (len(self.labels) + 1), _GAP, _CHART])
        self.row = 0
        self.ends: list[int] = []

    def block(
        self, heading: str, note: str, what: str, lines: Sequence[_Line], total: _Line | None, chart: str
    ) -> None:
        """`chart` is the kind of XlsxWriter: bars lie under each other, columns stand beside each other."""
        look, first = self.look, self.row
        title(self.sheet, look, self.row, heading, 12)
        remark(self.sheet, look, self.row + 1, note)
        self.row += 2
        self.sheet.height(self.row, [(label, at) for at, label in enumerate([what, *self.labels], 0)], _SIZE)
        self.sheet.put(self.row, 0, what, look.header(_SIZE))
        for at, (label, shade) in enumerate(zip(self.labels, self.shades, strict=True), 1):
            self.sheet.put(self.row, at, label, look.header(_SIZE, **ground(shade), align="center"))
        self.sheet.put(self.row, len(self.labels) + 1, "計", look.header(_SIZE, align="center"))
        self.row += 1
        body = self.row
        for name, numbers in [*lines, *([total] if total else [])]:
            is_total = total is not None and name == total[0]
            self.sheet.height(self.row, [(name, 0)], _SIZE)
            self.sheet.put(self.row, 0, name, look.cell(_SIZE, bold=is_total))
            for at, number in enumerate(numbers, 1):
                style = look.cell(_SIZE, bold=is_total, num_format="#,##0", align="right")
                self.sheet.put(self.row, at, UNKNOWN if number is None else number, style)
            self.row += 1
        drawn = lines[:_MOST_BARS]
        height = 0
        if any(number for _, numbers in drawn for number in numbers[:-1]):
            height = max(220, _BAR * len(drawn) + 130) if chart == "bar" else 260
            self._draw(heading, drawn, body, chart, first, height)
        self._close(first, height)

    def grades(
        self, heading: str, note: str, labels: Sequence[str], shades: Sequence[str], numbers: Sequence[int]
    ) -> None:
        """The last round by the grades of one axis alone, and those without one."""
        look, first = self.look, self.row
        title(self.sheet, look, first, heading, 12)
        remark(self.sheet, look, first + 1, note)
        for at, text in enumerate(("評価", "項目数")):
            self.sheet.put(first + 2, at, text, look.header(_SIZE))
        for row, (label, number) in enumerate(zip(labels, numbers, strict=True), first + 3):
            self.sheet.put(row, 0, label, look.cell(_SIZE))
            self.sheet.put(row, 1, number, look.cell(_SIZE, num_format="#,##0"))
        last = first + 2 + len(numbers)
        self.sheet.put(last + 1, 0, "計", look.cell(_SIZE, bold=True))
        self.sheet.put(last + 1, 1, sum(numbers), look.cell(_SIZE, bold=True, num_format="#,##0"))
        made = self._book.sheets.add_chart({"type": "column"})
        made.add_series(
            {
                "name": "項目数",
                "categories": [NAME, first + 3, 0, last, 0],
                "values": [NAME, first + 3, 1, last, 1],
                "categories_data": list(labels),
                "values_data": list(numbers),
                "points": [fill(shade) for shade in shades],
                "data_labels": {"value": True, "font": _FONT},
                "gap": 60,
            }
        )
        made.set_legend({"none": True})
        made.set_x_axis({"num_font": _FONT})
        self._place(made, heading, made.set_y_axis, first, 220)
        self.row = last + 2
        self._close(first, 220)

    def _close(self, first: int, height: int) -> None:
        """Go on below the table and the chart."""
        self.row = max(self.row, self.sheet.row_below(first, height * _POINTS)) + 1
        self.ends.append(self.row)

    def _draw(self, heading: str, lines: Sequence[_Line], body: int, chart: str, first: int, height: int) -> None:
        made = self._book.sheets.add_chart({"type": chart, "subtype": "stacked"})
        last = body + len(lines) - 1
        names = [name for name, _ in lines]
        for at, (label, shade) in enumerate(zip(self.labels, self.shades, strict=True)):
            numbers = [value if isinstance(value := values[at], int) else 0 for _, values in lines]
            if any(numbers):
                made.add_series(
                    {
                        "name": label,
                        "categories": [NAME, body, 0, last, 0],
                        "values": [NAME, body, at + 1, last, at + 1],
                        # Kept in the file for programs that draw it before they compute anything.
                        "categories_data": names,
                        "values_data": numbers,
                        "gap": 60,
                        **fill(shade),
                    }
                )
        made.set_legend({"position": "bottom", "font": _FONT})
        names_on, numbers_on = made.set_x_axis, made.set_y_axis
        if chart == "bar":
            names_on, numbers_on = numbers_on, names_on
        names_on({"num_font": _FONT, "reverse": chart == "bar", "interval_unit": 1})
        self._place(made, heading, numbers_on, first, height)

    def _place(self, made: Any, heading: str, axis_of_numbers: Any, first: int, height: int) -> None:
        made.set_title({"name": f"{heading}（項目数）", "name_font": _FONT | {"size": 11}})
        lines = {"visible": True, "line": {"color": GRID_LINE}}
        axis_of_numbers({"num_font": _FONT, "num_format": "#,##0", "major_gridlines": lines})
        made.set_size({"width": _CHART - 10, "height": height - 8})
        made.set_chartarea({"border": {"color": LINE}})
        self.sheet.made.insert_chart(
            first,
            self.sheet.columns - 1,
            made,
            {"y_offset": 4, "object_position": 2, "description": f"{heading}のグラフ。数は左の表と同じ。"},
        )


def write(book: WrittenBook, look: CellStyles, facts: SheetFacts, *, made: str) -> None:
    totals, plan = _TotalsSheet(book, look, facts), facts.plan
    round_, counts = facts.snapshot.round, facts.counts
    items = word(plan, "program")
    title(totals.sheet, look, 0, f"{head(plan)}　{items}の集計")
    as_of = f"{date_label(round_.as_of)}現在" if round_ else f"{items}ごとの評価は{UNKNOWN}"
    remark(totals.sheet, look, 1, f"{as_of}。数は{items}の数。")
    totals.row = 3
    is_known = round_ is not None
    policies = [(f"{each.number} {each.name}", _numbers(each, is_known)) for each in counts.policies]
    policies = [line for line in policies if line[1][-1]]
    whole = ("計", _numbers(counts.total, is_known))
    if facts.printed is not None:
        _write_printed(totals)
    if is_known:
        whole_by_grade = [*counts.total.by_grade, counts.total.unreported]
        totals.grades(facts.main_axis or "評価別", as_of, totals.labels, totals.shades, whole_by_grade)
        for axis in facts.axes:
            _write_axis(totals, axis, as_of)
    totals.block(f"{word(plan, 'policy')}別", as_of, word(plan, "policy"), policies, whole, "bar")
    if facts.course:
        course = [_of_round(line, totals) for line in facts.course]
        note = "市の公表値は、市が公表した計画全体の数です（このサイトに項目ごとの記録がない基準日）。"
        totals.block(
            "推移", note if any(line.counts is None for line in facts.course) else "", "基準日", course, None, "column"
        )
    if facts.has_departments:
        owners = [(line.name or UNKNOWN, _numbers(line.counts, is_known)) for line in facts.departments]
        owner = word(plan, "department")
        note = f"{as_of}。いくつかの課が担当する{items}は、はじめに書かれた課で数えます。"
        # Of a round of the city, items whose result is not registered have no department either.
        counted = sum(line.counts.items for line in facts.departments) == counts.total.items
        totals.block(f"{owner}別", note, owner, owners, whole if counted else None, "bar")
    totals.sheet.break_between(totals.ends, _PAGE)
    totals.sheet.paper("A3", header=f"{head(plan)}　{as_of}", footer=made, last_row=totals.row, repeat=(0, 1))


def _missing(facts: SheetFacts) -> str:
    rounds = [column.round for column in facts.columns]
    return ungraded_labels(rounds) if rounds else UNKNOWN


def _numbers(counts: Counts, is_known: bool) -> list[int | str | None]:
    """In the order of the scale, without a grade, in all; what is not graded at all is not 0."""
    by_grade: list[int | str | None] = [*counts.by_grade] if is_known else [None] * len(counts.by_grade)
    return [*by_grade, counts.unreported, counts.items]


def _of_round(line: RoundLine, totals: _TotalsSheet) -> _Line:
    year, month = short_month(line.round.as_of)
    name = f"{year}.{month.removesuffix('月')} ({line.round.as_of.year})"  # a chart breaks the line at the blank
    if line.counts is not None:
        return name, _numbers(line.counts, True)
    cells = line.printed.cells if line.printed else []
    numbers = [None if value is None else int(value) for _, value in cells]
    known = [number for number in numbers if number is not None]
    return f"{name}（市の公表値）", [*numbers, "", sum(known) if len(known) == len(numbers) else None]


def _write_axis(totals: _TotalsSheet, axis: AxisCounts, as_of: str) -> None:
    """By an axis beside the first, whose grades are others."""
    grades = [grade for grade, _ in axis.cells]
    changed = f"。この基準日から評価の基準が変わりました：{axis.scale_note}" if axis.scale_note else ""
    totals.grades(
        in_words_of(totals.facts.plan, f"{axis.name}（{axis.judge}の評価）"),
        f"{as_of}{changed}",
        [*(str(grade) for grade in grades), UNKNOWN],
        [*shades(grades), "missing"],
        [*(count for _, count in axis.cells), axis.unjudged],
    )


def _write_printed(totals: _TotalsSheet) -> None:
    """What the city printed of the last day, where nothing is registered by item."""
    printed = totals.facts.printed
    if printed is not None:
        numbers = [None if value is None else int(value) for _, value in printed.cells]
        whole = int(printed.total.value) if printed.total and printed.total.value is not None else None
        note = f"{date_label(printed.as_of)}現在。出典：{'、'.join(str(figure.source) for figure in printed.cited)}"
        totals.block("市の公表値", note, "計画全体", [("計画全体", [*numbers, "", whole])], None, "bar")
