"""A printed table, read cell by cell into figures. Pure: sheets, what is known and answers in, figures and doubts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.fiscal import era_date
from core.grammar import Faulty
from core.spreadsheets.limits import place
from figures.measures import AXIS, MEASURES
from figures.models import PublishedFigure, Triangle
from policies.models import Tone
from programs.differences import Aspect
from reviews.models import EffectKind
from workbooks.tables.column_roles import end_of_part
from workbooks.tables.doubts import Choices, Questions
from workbooks.tables.layout import Grid
from workbooks.tables.published import meanings, unseen, values
from workbooks.tables.published.layout import FigureLayout, columns_of, corner, rows_of
from workbooks.tables.published.meanings import EFFECTS, Meanings, NameableParts, code
from workbooks.tables.published.printed import FiguresReading, Printed, keep_once
from workbooks.tables.published.values import PERCENT, Value

Measure = PublishedFigure.Measure
_WEAK = (Measure.ITEM_COUNT, Measure.EFFECT)  # of two counts for one number these say less
_AMOUNTS = (Measure.EFFECT, Measure.EFFECT_PLANNED, Measure.EFFECT_DIFFERENCE)
_DATED = (Measure.ITEM_COUNT, Measure.LISTED_COUNT)  # that may have a day, and need none
# What a measure needs and a table can state for all its numbers.
_NEEDED = {"as_of": meanings.DAY, "fiscal_year": meanings.YEAR, "edition": meanings.EDITION, "basis": meanings.BASIS}
_NAMES = {
    meanings.DAY: "基準日",
    meanings.YEAR: "年度",
    meanings.EDITION: "見直し後の版",
    meanings.BASIS: "金額の根拠",
    meanings.UNIT: "金額の単位",
    meanings.PART: "年度のうちの時点",
    meanings.COUNT: "何の数か",
}
_BOTH = "share and change"  # the change of a share, which nothing in the records tells
_LONGEST = 100  # characters of a label and of a place in a document
_MOST_CELLS = 2_000
WHERE = "where"  # of what holds for a whole table: where it stands in the document

Facts = dict[str, str]


@dataclass
class ChosenFigureSheet:
    """A sheet that is to be read, and how: what the headings of its rows and columns mean, and what holds for all of it."""

    grid: Grid
    layout: FigureLayout
    rows: dict[str, Meanings] = field(default_factory=dict)
    columns: dict[str, Meanings] = field(default_factory=dict)
    whole: Facts = field(default_factory=dict)

    @property
    def used(self) -> set[str]:
        """Every meaning that a heading has."""
        return {one for side in (self.rows, self.columns) for meaning in side.values() for one in meaning}

    def guess(self, known: NameableParts, kept: Mapping[str, Meanings], titles: Iterable[str]) -> None:
        """What its headings mean by the rules, or as somebody said of the same headings before (`kept`)."""
        above, written = corner(self.grid, self.layout), list(titles)
        rows = [path for _row, path, _filled in rows_of(self.grid, self.layout)]
        columns = [path for _column, path in columns_of(self.grid, self.layout)]
        names = [text for path in (*rows, *columns) for text in path]
        axis = meanings.axis_named([*written, *above, *names], known)
        self.guess_headings(known, kept, axis)
        self.whole = meanings.of_whole([*written, *above], known) | {WHERE: written[0][:_LONGEST] if written else ""}
        self.whole |= {meanings.AXIS: axis} if axis else {}

    def guess_headings(self, known: NameableParts, kept: Mapping[str, Meanings], axis: str) -> None:
        """With the grades of an axis. What somebody said of the same headings of the first axis means other grades there."""
        above = corner(self.grid, self.layout)
        rows = [path for _row, path, _filled in rows_of(self.grid, self.layout)]
        columns = [path for _column, path in columns_of(self.grid, self.layout)]
        known, kept = known.of_axis(axis), {} if axis else kept
        for side, paths in (("rows", rows), ("columns", columns)):
            found = meanings.guess_all(paths, known, "".join(above) if side == "rows" else "")
            setattr(self, side, {text: kept.get(f"{side}:{text}", guessed) for text, guessed in found.items()})

    @property
    def axis(self) -> str:
        """The key of the axis beside the first that it is about, or ""."""
        return self.whole.get(meanings.AXIS, "")


def read(chosen: Sequence[ChosenFigureSheet], known: NameableParts, questions: Questions) -> FiguresReading:
    """The figures as they will be."""
    reading = FiguresReading()
    for one in chosen:
        _TableReader(one, known, questions, reading).read()
    keep_once(reading, questions)
    if not reading.figures and not reading.problems:
        reading.problems.append("登録する値が1つもありません。表の行と、見出しの意味を確かめてください。")
    return reading


class _TableReader:
    def __init__(
        self, chosen: ChosenFigureSheet, known: NameableParts, questions: Questions, reading: FiguresReading
    ) -> None:
        known = known.of_axis(chosen.axis)
        self.chosen, self.known, self.questions, self.reading = chosen, known, questions, reading
        self.grid, self.layout = chosen.grid, chosen.layout
        self.name = self.grid.sheet.name
        self.labels = {grade.code: grade.label for grade in known.grades}
        self.unseen = unseen.UnseenFigures()
        self.missing: dict[str, str] = {}  # what no heading says → the first number that needs it
        self.days = sorted(one.partition(":")[2] for one in chosen.used if one.startswith(f"{meanings.DAY}:"))

    def read(self) -> None:
        rows, columns = rows_of(self.grid, self.layout), columns_of(self.grid, self.layout)
        if len(rows) * len(columns) > _MOST_CELLS:
            self.reading.problems.append(
                f"「{self.name}」シート: 一度に読める値は{_MOST_CELLS:,}までです。読む行を減らしてください。"
            )
            return
        self.unseen = unseen.decide(self.grid, self.layout, rows, columns, self.questions)
        of_columns = [
            (column, path, self._facts(path, self.chosen.columns, self._at(self.layout.header or 1, column), "列"))
            for column, path in columns
            if column not in self.unseen.columns
        ]
        for row, path, is_filled in rows:
            if row in self.unseen.rows:
                continue
            own = self._facts(path, self.chosen.rows, self._at(row, 1), "行")
            if own is None or (is_filled and not self._fills(row, path)):
                continue
            for column, above, facts in of_columns:
                if facts is not None:
                    self._cell(row, column, path, above, own, facts)
        if not self.layout.header and self.reading.problems:
            self.reading.problems.insert(
                0,
                f"「{self.name}」シート: 見出しの行がありません。見出しも一緒にコピーして選び直すか、列の意味を1つずつ選んでください。",
            )
        for dimension, first in sorted(self.missing.items()):
            self.reading.problems.append(
                f"{first}の値: 「{_NAMES[dimension]}」が見出しから分かりません。"
                "見出しの意味で選ぶか、「表全体について」で選んでください。"
            )

    def _at(self, row: int, column: int) -> str:
        return place(self.name, row, column)

    # Headings

    def _facts(self, path: Sequence[str], said: Mapping[str, Meanings], at: str, side: str) -> Facts | None:
        """What the headings of a row or column say together; None if it is not read."""
        found: Facts = {}
        if not any(said.get(text) for text in path):
            shown = "／".join(path) or "（見出しなし）"
            self.reading.problems.append(
                f"{at}: 「{shown}」が何の{side}か分かりません。意味を選ぶか、「読まない」にしてください。"
            )
            return None
        for text in path:
            if meanings.SKIP in said.get(text, ()):
                return None
            for one in said.get(text, ()):
                dimension, _, value = one.partition(":")
                if dimension == meanings.PLAIN:
                    continue
                if not self._is_there(dimension, value):
                    self.reading.problems.append(
                        f"{at}: 「{text}」の意味として選ばれた方針か版が、いまは登録されていません。選び直してください。"
                    )
                    return None
                if dimension == meanings.HOW and found.get(dimension, value) != value:
                    value = _BOTH
                if dimension not in (meanings.COUNT, meanings.HOW) and found.get(dimension, value) != value:
                    self._contradicts(at, dimension)
                    return None
                found[dimension] = value
            if not self._names_policy(text, said.get(text, ()), at):
                return None
        return self._total(found, said, path[-1], at)

    def _is_there(self, dimension: str, value: str) -> bool:
        """Whether the plan still has what a heading was said to mean, now or with a table before."""
        if dimension == meanings.POLICY:
            return value == meanings.ALL or int(value) in self.known.policies
        return dimension != meanings.EDITION or value in self.known.editions

    def _names_policy(self, text: str, meaning: Iterable[str], at: str) -> bool:
        """Whether a heading that names a policy otherwise than it is registered is that policy."""
        number, is_sure = meanings.policy_named(text, self.known.policies)
        if number is None or is_sure or code(meanings.POLICY, number) not in meaning:
            return True
        question = f"「方針{number} {self.known.policies[number]}」として登録されている方針と読みました。"
        choices = (("same", "この読み方でよい"), ("skip", "読まない（方針を先に登録するか、前の画面で選び直す）"))
        return self.questions.ask("方針", text, question, at, choices) == "same"

    def _total(self, found: Facts, said: Mapping[str, Meanings], text: str, at: str) -> Facts:
        """A 計 that can be two things."""
        beside = {one for meaning in said.values() for one in meaning}
        excluded = {code(meanings.GRADE, self.known.excluded)}
        excluded |= {code(meanings.GRADE, grade.code) for grade in self.known.grades if grade.tone == Tone.EXCLUDED}
        count = found.get(meanings.COUNT)
        if count == Measure.GRADED_TOTAL and beside & excluded:
            question = f"「{text}」は、「対象外」の項目を含む数ですか。"
            choices: Choices = (
                (Measure.ITEM_COUNT.value, "含む（すべての項目の数）"),
                (Measure.GRADED_TOTAL.value, "含まない（評価した項目の数）"),
            )
        elif count == Measure.REVISED_ITEMS and any(one.startswith(meanings.ASPECT) for one in beside):
            question = "見直し箇所の数を足した延べの数か、見直した項目の数かが分かりません。"
            choices = (
                (Measure.REVISED_ITEMS.value, "見直した項目の数（1項目を1回数える）"),
                (Measure.OTHER.value, "延べの数（記録とは照合しない）"),
            )
        else:
            return found
        return found | {meanings.COUNT: self.questions.ask("計の意味", text, question, at, choices, is_guessed=False)}

    def _contradicts(self, at: str, dimension: str) -> None:
        names = {meanings.POLICY: "方針", meanings.GRADE: "評価", meanings.KIND: "効果額の種類"} | _NAMES
        what = names.get(dimension, "意味")
        self.reading.problems.append(
            f"{at}: 行と列の見出しが、違う{what}を表しています。どちらかを「見出しだけ」にしてください。"
        )

    def _fills(self, row: int, path: Sequence[str]) -> bool:
        question = f"空欄の見出しを、上の行と同じ「{path[0]}」と読みました。"
        choices = (("above", "この読み方でよい"), ("skip", "読まない"))
        return self.questions.ask("行の見出し", "（空欄）", question, self._at(row, 1), choices) == "above"

    # One cell

    def _cell(self, row: int, column: int, path: Sequence[str], above: Sequence[str], own: Facts, facts: Facts) -> None:
        at = self._at(row, column)
        if isinstance(faulty := self.grid.cell(row, column), Faulty):
            self.reading.problems.append(f"{at}: {faulty.reason}")
            return
        text = self.unseen.said.get((row, column), self.grid.own(row, column))
        if not text or not self._is_alone(row, column, text):
            return
        together = self._together(own, facts, at)
        if together is None:
            return
        for value in self._values(text, "／".join(above), at, self.grid.sheet.notes.get((row, column), "")):
            if (printed := self._printed(value, together, at, path, above)) is not None:
                self.reading.figures.append(printed)

    def _is_alone(self, row: int, column: int, text: str) -> bool:
        """Whether a number stands under one heading; of merged cells a person says it."""
        area = self.grid.area(row, column)
        if area is None:
            return True
        question = f"結合したセル（{area}）に1つの値があります。どの見出しの値かを選んでください。"
        choices = (("skip", "登録しない"), ("first", "いちばん上の行、左の列の値とする"))
        return (
            self.questions.ask("結合したセル", text, question, self._at(row, column), choices, is_guessed=False)
            == "first"
        )

    def _together(self, own: Facts, facts: Facts, at: str) -> Facts | None:
        found = own | facts
        for dimension in own.keys() & facts.keys():
            if own[dimension] == facts[dimension]:
                continue
            if dimension == meanings.COUNT and own[dimension] in _WEAK:
                continue
            if dimension == meanings.HOW:
                found[dimension] = _BOTH
            elif dimension == meanings.COUNT and facts[dimension] in _WEAK:
                found[dimension] = own[dimension]
            else:
                self._contradicts(at, dimension)
                return None
        return found

    def _values(self, text: str, heading: str, at: str, note: str) -> list[Value]:
        """The numbers of a cell as they are to be registered."""
        if values.is_stroke(text):
            choices: Choices = (("skip", "値がないので、登録しない"), ("zero", "0として登録する"))
            question = "数の代わりに線が引かれています。"
            if self.questions.ask("値", text, question, at, choices) == "skip":
                return []
            return [Value(text, Decimal())]
        found = values.read(text)
        if "百分率" in note:
            found = [replace(one, printed=f"{one.printed}%", unit=PERCENT) for one in found]
        return [one for value in found if (one := self._decided(value, at)) is not None]

    def _decided(self, value: Value, at: str) -> Value | None:
        """A number that is clear, or what a person says about one that is not."""
        if value.value is None:
            point = values.with_comma_as_point(value)
            choices: list[tuple[str, str]] = [("skip", "登録しない")]
            choices += [("point", f"小数点とみて {point.value} と読む")] if point else []
            choices += [("as_is", "印刷された表記だけを登録する（値は読み取れないとする）")]
            answer = self.questions.ask("値", value.printed, value.reason, at, choices, is_guessed=False)
            return {"skip": None, "point": point, "as_is": value}[answer]
        if not value.is_too_fine:
            return value
        question = "計算した値がそのまま入っていて、公表された桁数が分かりません。四捨五入する桁を選んでください。"
        digits = (("1", "小数第1位まで"), ("0", "整数"), ("2", "小数第2位まで"), ("skip", "登録しない"))
        answer = self.questions.ask("小数の桁", "（小数の多い値）", question, at, digits, is_guessed=False)
        if answer == "skip":
            return None
        rounded = value.value.quantize(Decimal(1).scaleb(-int(answer)), ROUND_HALF_UP)
        return replace(value, value=rounded, printed=f"{rounded}{value.unit}")

    def _printed(
        self, value: Value, facts: Facts, at: str, path: Sequence[str], above: Sequence[str]
    ) -> Printed | None:
        whole = self.chosen.whole
        measure, category = _measure(facts, whole, value)
        cell = f"{at}（{'／'.join(path)}、{'／'.join(above)}）"
        if measure is None:
            self.missing.setdefault(meanings.COUNT, cell)
            return None
        facts = self._completed(measure, facts, at, cell)
        unit = self._unit(measure, facts, value, cell)
        if not unit:
            return None
        triangle = ""
        if facts.get(meanings.KIND) == EffectKind.SAVING and value.has_triangle:
            triangle = self._triangle(at) if value.value else Triangle.REDUCTION.value  # △0 is either
            if triangle == Triangle.REDUCTION and value.value:
                value = replace(value, value=abs(value.value))
        policy = facts.get(meanings.POLICY, meanings.ALL)
        rows, columns = "／".join(path), "／".join(above)
        printed = Printed(
            at,
            rows,
            columns,
            value,
            measure,
            unit,
            policy=None if policy == meanings.ALL else int(policy),
            as_of=date.fromisoformat(facts[meanings.DAY]) if meanings.DAY in facts else None,
            fiscal_year=int(facts[meanings.YEAR]) if meanings.YEAR in facts else None,
            edition=facts.get(meanings.EDITION, ""),
            category=category,
            basis=facts.get(meanings.BASIS, ""),
            account=facts.get(meanings.ACCOUNT, ""),
            series=facts.get(meanings.SERIES, ""),
            axis=self.chosen.axis if AXIS in MEASURES[measure].may else "",
            triangle=triangle,
        )
        locator = f"{whole.get(WHERE, '')} {rows}の行・{columns}の列".strip()
        return replace(printed, label=self._label(printed), locator=locator[:_LONGEST])

    def _completed(self, measure: Measure, facts: Facts, at: str, cell: str) -> Facts:
        """With what the table says of all its numbers, as far as the measure asks for it, and without what says nothing."""
        found = dict(facts)
        year, part = found.get(meanings.YEAR) or self.chosen.whole.get(meanings.YEAR), found.pop(meanings.PART, "")
        needed = [_NEEDED[one] for one in MEASURES[measure].needs if one in _NEEDED]
        if meanings.DAY in needed and meanings.DAY not in found and year and (part or meanings.YEAR in found):
            found.pop(meanings.YEAR, None)
            if not part:
                question = "年度だけが書かれています。どの基準日の値ですか。"
                choices = (("end", "年度末（3月31日）"), ("half", "年度の半ば（9月30日）"))
                answer = self.questions.ask("基準日", "（年度だけの見出し）", question, at, choices, is_guessed=False)
                part = "3" if answer == "end" else "9"
            found[meanings.DAY] = end_of_part(int(year), int(part)).isoformat()
        for dimension in needed:
            if dimension in found:
                continue
            stated = self.chosen.whole.get(dimension, "")
            if stated and self._is_there(dimension, stated):
                found[dimension] = stated
            elif dimension == meanings.DAY and self.days:
                found[dimension] = self._day(at)
            else:
                self.missing.setdefault(dimension, cell)
        if measure in _DATED and not {meanings.DAY, meanings.EDITION} & found.keys() and self.chosen.whole.get("day"):
            found[meanings.DAY] = self.chosen.whole[meanings.DAY]
        if measure not in EFFECTS:
            found.pop(meanings.BASIS, None)
        return found

    def _day(self, at: str) -> str:
        """The day of a number that stands beside days: 増減 behind 9月末 and 3月末."""
        choices = [(one, era_date(date.fromisoformat(one))) for one in reversed(self.days)]
        question = "見出しに基準日がありません。どの基準日の値ですか。"
        return self.questions.ask("基準日", "（基準日のない見出し）", question, at, choices)

    def _unit(self, measure: Measure, facts: Facts, value: Value, cell: str) -> str:
        if measure in (Measure.GRADE_SHARE, Measure.EFFECT_RATE) or facts.get(meanings.HOW) == meanings.SHARE:
            return PERCENT
        if value.unit:
            return value.unit
        of_money = meanings.KIND in facts or self.chosen.whole.get(meanings.COUNT) in EFFECTS
        if measure in _AMOUNTS or (measure is Measure.OTHER and of_money):
            unit = facts.get(meanings.UNIT) or self.chosen.whole.get(meanings.UNIT, "")
            if not unit:
                self.missing.setdefault(meanings.UNIT, cell)
            return unit
        return "件" if measure in (Measure.INDICATOR_COUNT, Measure.YEAR_PLAN_COUNT) else "項目"

    def _triangle(self, at: str) -> str:
        question = "歳出削減の金額の△は、どちらの意味ですか。自治体によって違います。公表された表で確かめてください。"
        return self.questions.ask("△の意味", "△", question, at, Triangle.choices, is_guessed=False)

    def _label(self, printed: Printed) -> str:
        of_policy = f"方針{printed.policy}の" if printed.policy else ""
        grade = f"「{self.labels.get(printed.category, printed.category)}」の"
        name = {
            Measure.ITEM_COUNT: "実施項目の数",
            Measure.LISTED_COUNT: "延べ項目の数",
            Measure.GRADED_TOTAL: "評価した項目の数",
            Measure.GRADE_COUNT: f"{grade}項目の数",
            Measure.GRADE_SHARE: f"{grade if printed.category else '評価した'}項目の割合",
            Measure.GRADE_COUNT_CHANGE: f"{grade if printed.category else '評価した'}項目の数の増減",
            Measure.OTHER: f"{printed.rows} {printed.columns}",
        }.get(printed.measure, str(printed.measure.label))
        if printed.measure is Measure.REVISED_ASPECT:
            name = f"「{Aspect(printed.category).label}」を見直した項目の数"
        elif printed.measure in EFFECTS and printed.category in EffectKind.values:
            name = f"{name}（{EffectKind(printed.category).label}）"
        of_axis = f"{self.known.axes[printed.axis][0]}：" if printed.axis in self.known.axes else ""
        return f"{of_axis}{of_policy if printed.measure is not Measure.OTHER else ''}{name}"[:_LONGEST]


def _measure(facts: Facts, whole: Facts, value: Value) -> tuple[Measure | None, str]:
    """What a number counts, and its category; None where nothing says it."""
    how = facts.get(meanings.HOW) or (meanings.SHARE if value.unit == PERCENT else "")
    count = facts.get(meanings.COUNT)
    grade, kind = facts.get(meanings.GRADE, ""), facts.get(meanings.KIND, "")
    if count == Measure.OTHER or how == _BOTH or (how == meanings.CHANGE and value.unit == PERCENT):
        return Measure.OTHER, ""
    if grade or count == Measure.GRADED_TOTAL:
        plain = Measure.GRADE_COUNT if grade else Measure.GRADED_TOTAL
        of = {meanings.SHARE: Measure.GRADE_SHARE, meanings.CHANGE: Measure.GRADE_COUNT_CHANGE}
        return of.get(how, plain), grade
    if aspect := facts.get(meanings.ASPECT):
        return (Measure.OTHER, "") if how else (Measure.REVISED_ASPECT, aspect)
    named = count or whole.get(meanings.COUNT) or (Measure.EFFECT if kind else None)
    measure = Measure(named) if named else None
    if kind and measure not in EFFECTS:
        measure = Measure.EFFECT
    if measure is Measure.ITEM_COUNT and how == meanings.CHANGE:
        return Measure.ITEM_COUNT_CHANGE, ""
    if measure is None or (how and measure is not Measure.EFFECT_RATE):
        return (None if measure is None else Measure.OTHER), ""
    return measure, kind or (meanings.TOTAL if measure is Measure.EFFECT else "")
