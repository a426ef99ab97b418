"""Tables that people made, read row by row into items. Pure: sheets, columns, what is known and answers in, rows out.

What stands in one cell is read by workbooks/tables/cells.py; what a column is for stands in workbooks/tables/column_roles.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from core.fiscal import era_fiscal_year
from core.grammar import Faulty
from core.text import as_seen
from workbooks.tables import amounts, cells, checks, departments, restarting, sections, totals, unseen
from workbooks.tables.again import Again
from workbooks.tables.column_roles import OF_DAY, OF_INDICATOR, YEARLY, ColumnUse, Role
from workbooks.tables.doubts import Questions
from workbooks.tables.forms import FORMS
from workbooks.tables.framework import Framework, numbers_in
from workbooks.tables.indicators import Gathering, ItemCell
from workbooks.tables.joining import once_each
from workbooks.tables.known import KnownPlan
from workbooks.tables.layout import Grid, Layout, RowKind, headings, kind_of
from workbooks.tables.numbers import Numbers, stated
from workbooks.tables.read_items import ReadItem, TableReading
from workbooks.tables.row_kinds import AMOUNTS, RowKinds, day_of
from workbooks.tables.several import SeveralYears
from workbooks.tables.stacked import Stacked

_NUMBERS = (Role.TARGET, Role.ACTUAL, Role.BASELINE, Role.REVENUE, Role.SAVING)
_TEXTS = (Role.CONTENTS, Role.PLANNED_YEARS, Role.EXPECTED_EFFECT)


@dataclass(frozen=True)
class _YearPlanCell:
    """What one column says of a year."""

    column: int
    text: str
    is_none: bool


@dataclass(frozen=True)
class ChosenSheet:
    """A sheet that is to be read, and how."""

    grid: Grid
    layout: Layout
    columns: Sequence[ColumnUse]


def read(chosen: Sequence[ChosenSheet], known: KnownPlan, answers: Mapping[str, str]) -> TableReading:
    """The rows as they will be."""
    questions = Questions(answers)
    reading = _rows_of(chosen, known, questions)
    if (again := restarting.restarts(reading.items, known)) is not None:
        questions = Questions(answers)
        reading = _rows_of(chosen, known, questions, by_policy=restarting.is_of_policy(again, questions))
    once_each(reading, known, questions)
    reading.doubts = list(questions.doubts.values())
    if not reading.items and not reading.problems:
        reading.problems.append("項目が1件も見つかりません。見出しの行と、列の役割を確かめてください。")
    return reading


def _rows_of(
    chosen: Sequence[ChosenSheet], known: KnownPlan, questions: Questions, *, by_policy: bool = False
) -> TableReading:
    reading = TableReading(by_policy=by_policy)
    readers = [_SheetReader(one, known, questions, reading) for one in chosen]
    for one in readers:
        one.tell_numbers()
    for one in readers:
        one.read()
    return reading


class _SheetReader:
    def __init__(self, chosen: ChosenSheet, known: KnownPlan, questions: Questions, reading: TableReading) -> None:
        self.grid, self.layout = chosen.grid, chosen.layout
        self.columns = {
            index: column for index, column in enumerate(chosen.columns, 1) if column.role is not Role.IGNORE
        }
        self.known, self.questions, self.reading = known, questions, reading
        paths = headings(self.grid, self.layout)
        self.headings = {
            index: "／".join(map(cells.joined, path)) or f"{index}列目" for index, path in enumerate(paths, 1)
        }
        self.by_role = {column.role: index for index, column in reversed(self.columns.items())}
        self.sections = sections.Sections()
        self.section = 0  # the row of the heading line above; 0 above all of them
        self.filled: dict[tuple[int, int], str] = {}  # (row, column) → what a ditto below it stands for
        self.table_unit = amounts.unit_above(self.grid, self.layout)
        self.framework = Framework(known, questions, reading)
        self.unseen = unseen.Unseen()
        self.several = SeveralYears(known, questions)
        self.again = Again(questions)
        self.stacked = Stacked(questions)
        self.row_years: list[int] = []  # of a table with its years below each other

    def tell_numbers(self) -> None:
        """The numbers that stand on this sheet: none of them is given to something else, on whichever sheet."""
        policy = self.by_role.get(Role.POLICY)
        self.reading.policy_numbers |= numbers_in(self.grid, self.layout, policy)
        self.reading.numbers[self.grid.sheet.name] = stated(self.grid, self.layout, self.by_role, self.known)

    def read(self) -> None:
        reading = self.reading
        reading.roles |= {column.role.value for column in self.columns.values()}
        name = self.grid.sheet.name
        if Role.NAME not in self.by_role and Role.NUMBER not in self.by_role:
            reading.problems.append(f"「{name}」シート: 「番号」か「項目名」の列を選んでください。")
            return
        reading.problems += checks.same_day(self.grid, self.columns, self.headings)
        totals.decide(self.grid, self.layout, self.by_role, self.questions)
        self.sections = sections.decide(self.grid, self.layout, self.by_role, self.framework, self.questions)
        self.unseen = unseen.decide(self.grid, self.layout, self.columns, self.headings, self.questions)
        self.kinds = RowKinds(
            self.grid,
            self.layout,
            self.columns,
            self.headings.get(self.by_role.get(Role.ROW_KIND, 0), ""),
            self.questions,
        )
        self.numbers = Numbers(self.grid, self.layout, self.by_role, self.known, self.questions, reading)
        items: list[tuple[ReadItem, Gathering]] = []
        current: tuple[ReadItem, Gathering] | None = None
        for row in range(self.layout.first, self.layout.last + 1):
            match kind_of(self.grid, row, self.layout):
                case RowKind.SECTION:
                    self.section = row
                case RowKind.DATA if row not in self.unseen.skipped:
                    if label := self._label_in(row):
                        reading.problems.append(label)
                        break
                    self._faulty(row)
                    self._put_together(row)
                    self.row_years = self._years_of(row) or self.row_years
                    item = self._started(row, current[0] if current else None)
                    if item is not None:
                        is_kept = item.place != "skip" and row not in self.unseen.dropped
                        current = (item, Gathering(item, self.questions, self.known, self.again)) if is_kept else None
                        items += [current] if current else []
                    if current:
                        self._fill(row, *current, is_first=item is not None)
                        current[0].rows.append((name, row))
        noted: dict[str, list[str]] = {}
        for (row, column), note in sorted(self.grid.sheet.notes.items()):
            if column in self.columns and self.layout.first <= row <= self.layout.last:
                noted.setdefault(note, []).append(self._at(row, column))
        for note, places in noted.items():
            others = f" ほか{len(places) - 1}か所" if places[1:] else ""
            reading.notes.append(f"{places[0]}{others}: {note}")
        for item, gathering in items:
            gathering.finish()
            reading.items.append(item)
        reading.notes += checks.total(
            self.grid, self.layout, [self.by_role.get(Role.NAME), self.by_role.get(Role.NUMBER)], len(items)
        )

    # Places and values

    def _at(self, row: int, column: int) -> str:
        return self.grid.sheet.place(row, column)

    def _own(self, row: int, column: int) -> str:
        """What stands in this very cell, without letters that are struck out and don't count."""
        said = self.unseen.said.get((row, column))
        return self.grid.own(row, column) if said is None else said

    def _label_in(self, row: int) -> str:
        """What is wrong where the name of a field stands in place of an item."""
        at = filter(None, (self.by_role.get(Role.NUMBER), self.by_role.get(Role.NAME)))
        return next(filter(None, (checks.label(self._own(row, one), self._at(row, one)) for one in at)), "")

    def _put_together(self, row: int) -> None:
        """Ask about cells of a form that were put together from its cells by a rule that may be wrong."""
        for column in self.columns:
            if doubtful := self.grid.sheet.doubtful.get((row, column)):
                choices = (("read", "この読み方でよい"), ("other", doubtful.otherwise))
                about, at = self.headings[column], self._at(row, column)
                if self.questions.ask(about, doubtful.original, doubtful.question, at, choices) == "other":
                    self.unseen.said[row, column] = doubtful.text

    def _years_of(self, row: int) -> list[int]:
        column = self.by_role.get(Role.ROW_YEAR)
        text = self.grid.seen(row, column) if column else ""
        return self.several.of_row(self.headings[column], text, self._at(row, column)) if column and text else []

    def _yearly(self) -> Iterator[tuple[int, ColumnUse]]:
        """The columns, those without a year once for each year of the row."""
        for index, column in self.columns.items():
            years: Sequence[int | None] = [column.year]
            if column.role in YEARLY and column.year is None and self.row_years:
                is_sum = column.role in (Role.REVENUE, Role.SAVING) and len(self.row_years) > 1
                years = [None] if is_sum else self.row_years
            yield from ((index, replace(column, year=year)) for year in years)

    def _each(self, row: int, index: int, column: ColumnUse, text: str, unit: str = "") -> list[ItemCell]:
        """A cell, or one for each year where it tells of several."""
        at, heading = self._at(row, index), self.headings[index]
        if column.role in _NUMBERS and (noted := cells.noted(text)):
            question = f"「{noted[1]}」を注の印と見て、「{noted[0]}」と読みました。"
            choices = (("bare", "この読み方でよい"), ("whole", f"「{cells.short(text)}」のまま読む"))
            text = noted[0] if self.questions.ask(heading, text, question, at, choices) == "bare" else text
        told = self.several.of_cell(column, heading, text, at) if column.role in YEARLY else [(column.year, text)]
        return [ItemCell(replace(column, year=year), heading, part, at, unit) for year, part in told]

    def _faulty(self, row: int) -> None:
        for index, cell in enumerate(self.grid.sheet.rows[row - 1], 1):
            if isinstance(cell, Faulty) and index in self.columns:
                self.reading.problems.append(f"{self._at(row, index)}: {cell.reason}")

    def _value(self, row: int, column: int, *, fills: bool = False) -> str:
        """What a cell of an item says: a merged one what its area says, 同上 what stands above. `fills`: a blank one of a
        list says what the last one above it did."""
        text = self._own(row, column)
        area = self.grid.area(row, column)
        heading = self.headings[column]
        if not text and area and area.top < row:
            text = self.filled.get((area.top, area.left), self._own(area.top, area.left))
        elif text and cells.is_ditto(text):
            above = self._above(row, column)
            if above:
                question = f"上の欄と同じ「{cells.short(above)}」と読みました。"
                choices = (("above", "この読み方でよい"), ("blank", "空欄（分からない）とする"))
                answer = self.questions.ask(heading, text, question, self._at(row, column), choices)
                text = above if answer == "above" else ""
        elif not text and fills and self.grid.sheet.name != FORMS and (above := self._above(row, column)):
            question = f"空欄を、上の欄と同じ「{cells.short(above)}」と読みました。"
            choices = (("above", "この読み方でよい"), ("blank", "空欄（分からない）とする"))
            text = (
                above
                if self.questions.ask(heading, "（空欄）", question, self._at(row, column), choices) == "above"
                else ""
            )
        self.filled[row, column] = text
        return text

    def _above(self, row: int, column: int) -> str:
        for above in range(row - 1, self.layout.first - 1, -1):
            if kind_of(self.grid, above, self.layout) is RowKind.DATA and (text := self.filled.get((above, column))):
                return text
        return ""

    # Items

    def _started(self, row: int, above: ReadItem | None) -> ReadItem | None:
        """The item that begins in a row; None for a row that goes on with the one above."""
        number_at, name_at = self.by_role.get(Role.NUMBER), self.by_role.get(Role.NAME)
        number = self._own(row, number_at) if number_at else ""
        name = self._own(row, name_at) if name_at else ""
        number, name = self.sections.items.get(row, (number, name))
        where = self._at(row, name_at or number_at or 1)
        if number_at and number and (area := self.grid.area(row, number_at)) and area.top < row:
            return None
        if not number and (not name or cells.is_ditto(name)):
            return None
        if Role.ROW_YEAR in self.by_role and above:
            again, same = self.numbers.seen(row, number, name)
            if self.reading.by_policy and above.policy is not None:
                again = restarting.of_policy(again, above.policy)
            if (above.number, above.name) == (again, cells.joined(same)):
                return None  # every row of a year says again which item it is of
        written, name, provisional = self.numbers.of(row, number, name)
        name, relisted = cells.relisted(name)
        item = ReadItem(where, written, name, None, number_is_provisional=provisional, sheet=self.grid.sheet.name)
        if relisted and not self._is_counted(item, relisted, name_at, row):
            item.place = "skip"
        elif row not in self.unseen.dropped:
            item.policy = self._policy(row, item)
            item.number_place = self._at(row, number_at) if number_at else where
            if self.reading.by_policy and item.policy is not None and not provisional:
                item.number = restarting.of_policy(written, item.policy)
        return item

    def _is_counted(self, item: ReadItem, relisted: str, name_at: int | None, row: int) -> bool:
        """Whether a row with 再掲 is an item of its own. One that the table shows under the same name already is not."""
        shown_before = any(as_seen(other.name) == as_seen(item.name) for other in self.reading.items)
        keep = ("note", f"項目「{item.name}」として登録し、「{relisted}」を備考に入れる")
        skip = ("skip", "ほかの行の項目の再掲なので、登録しない")
        question = "同じ項目が、もう一か所にも載っています。1回だけ登録します。"
        at = self._at(row, name_at or 1)
        choices = (skip, keep) if shown_before else (keep, skip)
        if self.questions.ask("項目名", self._own(row, name_at or 1), question, at, choices) == "skip":
            return False
        item.note = relisted
        return True

    def _policy(self, row: int, item: ReadItem) -> int | None:
        column = self.by_role.get(Role.POLICY)
        text = self._value(row, column, fills=True) if column else self.sections.policy.get(self.section, "")
        at = self._at(row, column) if column else self._at(row, 1)
        if column and (of_name := self.by_role.get(Role.POLICY_NAME)):
            text = self.framework.with_name(text, self._value(row, of_name, fills=True), at)
        if not text:  # another table may say it
            item.without_policy = True
            return next(iter(self.known.policies)) if len(self.known.policies) == 1 else None
        number = self.framework.policy(text, at)
        if direction := self.by_role.get(Role.DIRECTION):
            self.framework.direction(self._value(row, direction, fills=True), number, self._at(row, direction))
        elif not column:
            self.framework.direction(self.sections.direction.get(self.section, ""), number, at)
        return number

    def _fill(self, row: int, item: ReadItem, gathering: Gathering, *, is_first: bool) -> None:
        kind = self.kinds.of(row)
        found: list[ItemCell] = []
        plans: list[tuple[int, int]] = []
        for index, column in self._yearly():
            at = self._at(row, index)
            role = column.role
            if role is Role.YEAR_PLAN and kind.role is not role:
                as_of = kind.as_of(column.year) if kind.role in OF_DAY and column.year else None
                column = ColumnUse(kind.role, column.year, as_of)
                role = kind.role
                if role in OF_DAY:
                    self._result(row, index, column, item)
                    continue
                if role in AMOUNTS and (text := self._own(row, index)):
                    for cell in self._each(row, index, column, text):
                        cell = replace(cell, heading=f"{cell.heading}／{self.kinds.text(row)}")
                        item.effects += amounts.effects(cell, self.table_unit, self.known.years, self.questions)
                    continue
            if role in OF_INDICATOR:
                unit = "%" if "百分率" in self.grid.sheet.notes.get((row, index), "") else ""
                text = self._value(row, index) if is_first or self._own(row, index) else ""
                if text or role is Role.INDICATOR:
                    found += self._each(row, index, column, text, unit)
            elif role is Role.YEAR_PLAN:
                plans.append((index, column.year or 0))
            elif role is Role.DEPARTMENTS and (is_first or self._own(row, index)):
                text = self._value(row, index)
                named = departments.of_cell(text, self.headings[index], at, self.questions)
                if is_first or self.again.adds(self.headings[index], item, named, text, at):
                    item.departments = tuple(dict.fromkeys((*item.departments, *named)))
            elif role in OF_DAY and column.as_of is None and self.row_years:
                for year in self.row_years if self._own(row, index) else ():
                    if day := day_of(year, column.role, self.headings[index], at, self.questions):
                        self._result(row, index, replace(column, as_of=day), item)
            elif role in OF_DAY and (is_first or self._own(row, index)):
                self._result(row, index, column, item)
            elif role in _TEXTS or role is Role.NOTE:
                self._text(row, index, item, is_first=is_first)
            elif role in (Role.REVENUE, Role.SAVING) and (text := self._own(row, index)):
                for cell in self._each(row, index, column, text):
                    item.effects += amounts.effects(cell, self.table_unit, self.known.years, self.questions)
        gathering.row(found)
        self._year_plans(row, item, plans)

    def _result(self, row: int, index: int, column: ColumnUse, item: ReadItem, said: str = "") -> None:
        """What the city published of the item as of a day, as it is written: who registers it reads it once more."""
        graded = {one.as_of for one in self.columns.values() if one.role is Role.GRADE}
        as_of = column.as_of or (next(iter(graded)) if len(graded) == 1 else None)
        text = " ".join((said or self._value(row, index)).split())
        if not text or cells.is_none(text):
            return
        if as_of is None:
            self._nowhere(row, index, f"{column.role.label.partition('（')[0]}の列", "いつの時点", "基準日")
            return
        results = self.reading.results.setdefault(as_of, {})
        grade, progress = results.get(item.number, ("", ""))
        is_grade = column.role is Role.GRADE
        label = column.role.label.partition("（")[0]
        text = self.again.one(label, grade if is_grade else progress, text, self._at(row, index), may_join=not is_grade)
        results[item.number] = (text, progress) if is_grade else (grade, text)

    def _nowhere(self, row: int, index: int, what: str, which: str, chosen: str) -> None:
        """Said once of a column whose values have no year or no day."""
        told = f"{what}「{self.headings[index]}」が、{which}のものか分かりません。列の役割の画面で{chosen}を選んでください。"
        if told not in {one.partition(": ")[2] for one in self.reading.problems}:
            self.reading.problems.append(f"{self._at(row, index)}: {told}")

    def _text(self, row: int, index: int, item: ReadItem, *, is_first: bool) -> None:
        role = self.columns[index].role
        text = self._value(row, index) if is_first else self._own(row, index)
        if not text:
            return
        stored = item.note if role is Role.NOTE else item.texts.get(role.value, "")
        if not is_first:
            question = f"項目{item.number}の2行目以降にある「{cells.short(text)}」を、上の行の続きと読みました。"
            choices = (("append", "改行して続ける"), ("skip", "登録しない"))
            answer = self.questions.ask(self.headings[index], text, question, self._at(row, index), choices)
            if answer == "skip":
                return
        if role is Role.NOTE:
            item.note = "\n".join(filter(None, (stored, cells.joined(text))))
        else:
            item.texts[role.value] = "\n".join(filter(None, (stored, text)))

    def _year_plans(self, row: int, item: ReadItem, plans: Sequence[tuple[int, int]]) -> None:
        left = ""
        several: dict[int, list[_YearPlanCell]] = {}
        carried: dict[int, str] = {}  # column → what an arrow that begins to the left of it says there
        for order, (index, year) in enumerate(plans):
            text = self._own(row, index) or carried.get(index, "")
            at = self._at(row, index)
            area = self.grid.area(row, index)
            if not text and area and area.left < index and area.top == row and (whole := self._own(row, area.left)):
                text = self._spanning(whole, area.left, area.right, row)
            if text and cells.is_ditto(text):
                text = self._ditto_plan(row, index, text, left)
            text, done, as_of = self.stacked.read(self.headings[index], text, year, at)
            if done:
                self._result(row, index, ColumnUse(Role.PROGRESS, as_of=as_of), item, done)
            told = self.several.of_cell(ColumnUse(Role.YEAR_PLAN, year or None), self.headings[index], text, at)
            if text and any(named is None for named, _part in told):
                self._nowhere(row, index, "年度計画の列", "どの年度", "年度")
                continue
            for named, part in told:
                part, is_none = (part, False) if index in carried else self._plan(part, left, at)
                if len(told) == 1 and index not in carried and (goes_on := cells.going_on(self._own(row, index))):
                    blank = self._blank(row, plans[order + 1 :])
                    if blank and self.several.goes_on(
                        self._own(row, index), goes_on.text or part, named, [*blank.values()], at
                    ):
                        part = goes_on.text or part
                        carried |= dict.fromkeys(blank, part)
                if part and named:
                    several.setdefault(named, []).append(_YearPlanCell(index, part, is_none))
                    left = part
                text = part if len(told) == 1 else text
            self.filled[row, index] = text
        columns = Counter(year for _index, year in plans)
        for year, found in several.items():
            text, is_none = self._one_plan(row, found, columns[year] or 1)
            stated, _is_none = item.year_plans.get(year, ("", False))
            if (kept := self.again.one("年度計画", stated, text, self._at(row, found[0].column))) != stated:
                item.year_plans[year] = (kept, is_none and kept == text)

    def _plan(self, text: str, left: str, at: str) -> tuple[str, bool]:
        """What is registered of one plan, and whether it says that there is none."""
        is_none = bool(text) and cells.is_none(text) and not cells.is_arrow(text)
        if is_none:
            question = f"「{text}」は、その年度に計画がないことを表すと読みました。"
            choices = (("none", "計画なしとして登録する"), ("blank", "空欄（分からない）とする"))
            if self.questions.ask("年度計画", text, question, at, choices) == "blank":
                return "", False
        elif text and cells.is_arrow(text):
            question = "矢印は、前の年度から続くことを表すと読みました。"
            choices = (("keep", "矢印のまま登録する"), ("copy", "前の年度と同じ言葉にする"))
            if self.questions.ask("年度計画", text, question, at, choices) == "copy":
                return left or text, False
        return text, is_none

    def _blank(self, row: int, plans: Sequence[tuple[int, int]]) -> dict[int, int]:
        """The years without a plan that come next: column → year."""
        is_blank = (
            bool(year) and not self._own(row, index) and not self.grid.area(row, index) for index, year in plans
        )
        return dict(plan for plan, blank in zip(plans, takewhile(bool, is_blank), strict=False) if blank)

    def _one_plan(self, row: int, found: list[_YearPlanCell], columns: int) -> tuple[str, bool]:
        """The plan of a year that stands in several columns (上半期, 下半期): all of them, each with its heading."""
        if columns in (1, len(found)) and len({one.text for one in found}) == 1:
            return found[0].text, found[0].is_none
        paths = [self.headings[one.column].split("／") for one in found]
        levels = [[path[-up] if up <= len(path) else "" for path in paths] for up in range(1, max(map(len, paths)) + 1)]
        labels = next(
            (level for level in levels if len({*level}) == len(level)), levels[0]
        )  # 当初計画, 見直し後計画 above R2
        whole = "\n".join(f"{label}：{one.text}" for label, one in zip(labels, found, strict=True))
        if len(found) == 1:  # nothing of it is left out
            return whole, False
        question = f"1つの年度の計画が、{len(found)}つの欄にあります。見出しを付けて続け（「{labels[0]}：…」）、1つの年度計画と読みました。"
        choices = (
            ("all", "この読み方でよい"),
            ("first", f"「{labels[0]}」だけを登録する"),
            ("last", f"「{labels[-1]}」だけを登録する"),
        )
        answer = self.questions.ask("年度計画", "・".join(labels), question, self._at(row, found[0].column), choices)
        if answer == "all":
            return whole, False
        one = found[0 if answer == "first" else -1]
        return one.text, one.is_none

    def _spanning(self, text: str, first: int, last: int, row: int) -> str:
        years = [column.year for index in range(first, last + 1) if (column := self.columns.get(index)) and column.year]
        span = f"{era_fiscal_year(min(years))}から{era_fiscal_year(max(years))}まで" if years else "結合した列"
        question = f"結合したセルの「{cells.short(text)}」を、{span}のすべての年度の計画と読みました。"
        choices = (("each", "この読み方でよい"), ("first", "最初の年度だけに登録する"))
        answer = self.questions.ask("年度計画", text, question, self._at(row, first), choices)
        return text if answer == "each" else ""

    def _ditto_plan(self, row: int, index: int, text: str, left: str) -> str:
        above = self._above(row, index)
        readings = [("left", left, "左（前の年度）")] if left else []
        if above and not cells.is_left(text):
            readings.append(("above", above, "上の項目"))
        if not readings:
            return text
        choices = [(code, f"{where}と同じ「{cells.short(value)}」とする") for code, value, where in readings]
        choices += [("keep", f"「{text}」のまま登録する")]
        question = "どの欄と同じかを選んでください。"
        answer = self.questions.ask("年度計画", text, question, self._at(row, index), choices)
        return next((value for code, value, _where in readings if code == answer), text)
