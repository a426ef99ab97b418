"""Indicators of an item from the cells of its rows: names, units, baselines, targets and actuals, several in one cell too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from core.fiscal import era_fiscal_year
from core.text import as_seen
from workbooks.tables import cells
from workbooks.tables.again import Again, shown
from workbooks.tables.column_roles import ColumnUse, Role
from workbooks.tables.doubts import Questions
from workbooks.tables.known import KnownPlan
from workbooks.tables.read_items import ReadIndicator, ReadItem

_Values = TypeVar("_Values", bound=tuple[object, ...])
_FORECAST = re.compile(r"見込|予定|速報|暫定")
# No unit: 2件売却, 3手続で試行.
_WORDY = re.compile(r"[ぁ-おき-ん](?!っ)|^(件|人|回|校|園|館|台|施設|団体|項目|事業|手続|か所|箇所)[一-龥]{2}")
_LONGEST = 200  # characters of a cell with a target and its actual
_DIGIT = re.compile(r"\d")
_BOTH = re.compile(r"(?:(目標)|実績)値?\s*[(（・/／]\s*(?(1)実績|目標)(?:見込み?)?値?\s*[)）]?\s*$")
_IN_TWO = re.compile(r"([^(（\n/／]+?)\s*(?:[(（]\s*([^()（）]+?)\s*[)）]|[\n/／]\s*([^\n/／]+))\s*")
_NAMED = re.compile(
    r"[(（【]?(?:(目標)|実績)値?\s*[)）】]?[:：]?\s*([^\s:：].*?)[\s、,/／]*[(（【]?(?(1)実績|目標)値?\s*[)）】]?[:：]?\s*([^\s:：].*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class ItemCell:
    """One cell of an item's row."""

    column: ColumnUse
    heading: str
    text: str
    place: str
    unit: str = ""  # that its number format shows: % for a percentage


@dataclass
class Gathering:
    """The indicators of one item while its rows are read."""

    item: ReadItem
    questions: Questions
    known: KnownPlan
    again: Again
    current: dict[int, list[ReadIndicator]] = field(default_factory=dict)  # slot → those of the row above
    by_lines: set[int] = field(default_factory=set)  # slots of which each line is of an indicator

    def row(self, found: list[ItemCell]) -> None:
        """Take the cells of one row: the names first, then what is said of them."""
        for slot in sorted({cell.column.slot for cell in found}):
            of_slot = [cell for cell in found if cell.column.slot == slot]
            for cell in of_slot:
                if cell.column.role is Role.INDICATOR:
                    self._names(cell, [one.text for one in of_slot if one is not cell and one.text])
            for role, take in (
                (Role.UNIT, self._unit),
                (Role.BASELINE, self._baseline),
                (Role.TARGET, self._target),
                (Role.ACTUAL, self._actual),
            ):
                for cell in of_slot:
                    if cell.column.role is role and cell.text:
                        self._spread(cell, take)

    def _names(self, cell: ItemCell, beside: list[str]) -> None:
        """`beside`: what the row says of the indicators that the cell names."""
        if not cell.text:
            return
        self.by_lines.discard(cell.column.slot)
        if cells.is_none(cell.text):
            question = f"「{cell.text}」は、指標がないことを表すと読みました。"
            choices = (("none", "指標を登録しない"), ("name", "この文字を指標名として登録する"))
            if self.questions.ask("指標名", cell.text, question, cell.place, choices) == "none":
                self.current[cell.column.slot] = []
                return
        made = []
        for part in self._named_in(cell, beside):
            name, unit = _name_and_unit(part)
            if unit:
                question = f"指標名のかっこの中を単位と読みました：指標名「{name}」、単位「{unit}」"
                choices = (("unit", "この読み方でよい"), ("name", f"「{cells.joined(part)}」全体を指標名にする"))
                if self.questions.ask("指標名", part, question, cell.place, choices) == "name":
                    name, unit = cells.joined(part), ""
            made.append(ReadIndicator(name, unit))
        self.current[cell.column.slot] = made
        self.item.indicators += made

    def _named_in(self, cell: ItemCell, beside: list[str]) -> list[str]:
        """The names of a cell: of a list, or of as many lines as the values have, where a person says so."""
        parts, lines = cells.numbered(cell.text), _lines(cell.text)
        if len(parts) > 1 or len(lines) < 2 or not beside or any(len(_lines(text)) != len(lines) for text in beside):
            return parts
        question = f"指標名も値も{len(lines)}行なので、{len(lines)}つの指標と読みました：{'、'.join(f'「{line}」' for line in lines)}"
        choices = (("lines", "この読み方でよい"), ("one", f"1つの指標「{cells.short(cell.text)}」とする"))
        if self.questions.ask("指標名", cell.text, question, cell.place, choices) == "one":
            return parts
        self.by_lines.add(cell.column.slot)
        return lines

    def _spread(self, cell: ItemCell, take: Callable[[ReadIndicator, str, ItemCell], None]) -> None:
        """Give the parts of a cell to the indicators of its row."""
        here = self.current.get(cell.column.slot, [])
        if not here:
            if cells.is_none(cell.text):
                return
            here = self._unnamed(cell)
            if not here:
                return
        parts = _lines(cell.text) if cell.column.slot in self.by_lines else cells.numbered(cell.text)
        if len(parts) == len(here):
            for one, part in zip(here, parts, strict=True):
                if part:
                    take(one, part, cell)
        elif len(here) == 1:
            take(here[0], cell.text, cell)
        else:
            question = f"指標は{len(here)}つありますが、{cell.heading}の値は{len(parts)}つです。"
            lines = _lines(cell.text)
            each = (("lines", "1行ずつ、上の指標から順に、その値とする"),) if len(lines) == len(here) else ()
            choices = (
                *each,
                ("first", f"上から順に「{here[0].name}」からの値とする"),
                ("all", "先頭の値を、すべての指標の値とする"),
                ("skip", "登録しない"),
            )
            answer = self.questions.ask(cell.heading, cell.text, question, cell.place, choices)
            if answer == "lines":
                for one, line in zip(here, lines, strict=True):
                    take(one, line, cell)
            elif answer == "first":
                for one, part in zip(here, parts, strict=False):
                    take(one, part, cell)
            elif answer == "all":
                for one in here:
                    take(one, parts[0], cell)

    def _unnamed(self, cell: ItemCell) -> list[ReadIndicator]:
        if not self.item.name:
            return []
        question = "指標名がありません。"
        choices = (("item", f"項目名「{self.item.name}」を指標名とする"), ("skip", "登録しない"))
        if not _DIGIT.search(cell.text):  # what was done, more likely than what was reached
            choices = choices[::-1]
        if self.questions.ask(cell.heading, cell.text, question, cell.place, choices) == "skip":
            return []
        made = ReadIndicator(self.item.name)
        self.item.indicators.append(made)
        self.current[cell.column.slot] = [made]
        return [made]

    def _unit(self, one: ReadIndicator, text: str, _cell: ItemCell) -> None:
        one.unit = "" if cells.is_none(text) else cells.joined(text).replace("％", "%")

    def _set_unit(self, one: ReadIndicator, unit: str, cell: ItemCell, text: str) -> bool:
        """Whether the unit beside a value is the indicator's. One that differs is asked about."""
        unit = unit or cell.unit
        if not one.unit and _WORDY.search(unit):
            question = f"数のあとの「{cells.short(unit)}」は、単位ではなく文の一部のようです。"
            choices = (
                ("words", "数値にせず、書かれた言葉のまま登録する"),
                ("unit", f"「{cells.short(unit)}」を単位とする"),
            )
            if self.questions.ask(cell.heading, text, question, cell.place, choices) == "words":
                return False
        if not one.unit:
            one.unit = unit or unit_of(cell.heading)
            return True
        if not unit or unit == one.unit:
            return True
        question = f"指標「{one.name}」の単位は「{one.unit}」ですが、この値には「{unit}」が付いています。"
        choices = (("words", "数値にせず、書かれた言葉のまま登録する"), ("own", f"「{one.unit}」の値として登録する"))
        return self.questions.ask(cell.heading, text, question, cell.place, choices) == "own"

    def _set(self, here: dict[int, _Values], year: int, value: _Values, cell: ItemCell) -> None:
        """Keep the value of a year, of two that differ the one that a person says."""
        stated = here.get(year, value)
        what = "指標の実績" if cell.column.role is Role.ACTUAL else "指標の目標"
        if stated == value or self.again.is_last(what, shown(stated), shown(value), cell.place):
            here[year] = value

    def _set_baseline(self, one: ReadIndicator, value: Decimal, year: int | None, cell: ItemCell) -> None:
        stated = one.baseline if one.baseline is not None else value
        if stated == value or self.again.is_last("指標の基準値", f"{stated:f}", f"{value:f}", cell.place):
            one.baseline, one.baseline_year = value, year

    def _baseline(self, one: ReadIndicator, text: str, cell: ItemCell) -> None:
        if cells.is_none(text):
            return
        found = cells.baseline(text)
        if found is None:
            if self._words(text, cell, "基準値の補足"):
                one.baseline_note = cells.in_words(text)
            return
        value, year = found
        if self._set_unit(one, value.unit, cell, text):
            self._set_baseline(one, value.value, year or one.baseline_year or cell.column.year, cell)
        else:
            one.baseline_note = cells.in_words(text)

    def _target(self, one: ReadIndicator, text: str, cell: ItemCell) -> None:
        year = cell.column.year or self._asked_year(cell)
        if year is None:
            return
        if cells.is_none(text):
            question = f"「{text}」は、目標がないことを表すと読みました。"
            choices = (("none", "その年度の目標を登録しない"), ("words", "この文字を目標の言葉として登録する"))
            if self.questions.ask(cell.heading, text, question, cell.place, choices) == "words":
                self._set(one.targets, year, (None, text), cell)
            return
        if self._both(one, text, cell, year):
            return
        found = cells.amount(text)
        if found is None:
            if not _DIGIT.search(text) or self._words(text, cell, "目標の言葉"):
                self._set(one.targets, year, (None, cells.in_words(text)), cell)
            return
        if found.baseline is not None:
            read = f"目標 {found.value:f}{found.unit}{found.words}、基準値 {found.baseline:f}{found.baseline_unit}"
            when = era_fiscal_year(found.baseline_year) if found.baseline_year else "年度不明"
            question = f"目標と基準値に分けました：{read}（{when}）"
            choices = (("split", "この読み方でよい"), ("words", "分けずに、目標の言葉として登録する"))
            if self.questions.ask(cell.heading, text, question, cell.place, choices) == "words":
                self._set(one.targets, year, (None, cells.in_words(text)), cell)
                return
        if not self._set_unit(one, found.unit, cell, text):
            self._set(one.targets, year, (None, cells.in_words(text)), cell)
            return
        if found.baseline is not None:
            self._set_baseline(one, found.baseline, found.baseline_year, cell)
        self._set(one.targets, year, (found.value, found.words), cell)

    def _both(self, one: ReadIndicator, text: str, cell: ItemCell, year: int) -> bool:
        """Whether a cell below 「目標（実績）」 is taken as both, or one that says so itself: 90%（91.2%）, 目標90% 実績91.2%."""
        if len(text) > _LONGEST:
            return False
        by_heading, by_cell = _BOTH.search(cell.heading), _NAMED.fullmatch(text)
        named = by_cell or by_heading
        written = by_cell or (_IN_TWO.fullmatch(text) if by_heading else None)
        parts = [part.strip() for part in written.groups()[1 if by_cell else 0 :] if part] if written else []
        if (
            not parts
            or cells.amount(text)
            or any(cells.amount(part) is None and not cells.is_none(part) for part in parts)
        ):
            return False
        target, actual = parts if named and named[1] else parts[::-1]
        question = f"{'' if by_cell else '見出しのとおり、'}目標 {target}、実績 {actual} と読みました。"
        choices = (
            ("both", "この読み方でよい"),
            ("words", "分けずに、書かれた言葉のまま登録する"),
            ("skip", "登録しない"),
        )
        match self.questions.ask(cell.heading, text, question, cell.place, choices):
            case "both":
                self._target(one, target, cell)
                self._actual(one, actual, cell)
            case "words" if cell.column.role is Role.TARGET:
                self._set(one.targets, year, (None, cells.in_words(text)), cell)
            case "words":
                self._set(one.actuals, year, (None, cells.in_words(text), bool(_FORECAST.search(cell.heading))), cell)
        return True

    def _asked_year(self, cell: ItemCell) -> int | None:
        question = f"「{cell.heading}」の列が、どの年度のものか分かりません。"
        choices = [(str(year), era_fiscal_year(year)) for year in reversed(self.known.years)] + [("skip", "登録しない")]
        answer = self.questions.ask(cell.heading, "（この列のすべて）", question, cell.place.partition(" ")[0], choices)
        return None if answer == "skip" else int(answer)

    def _actual(self, one: ReadIndicator, text: str, cell: ItemCell) -> None:
        year = cell.column.year or self._asked_year(cell)
        if year is None or cells.is_none(text) or self._both(one, text, cell, year):
            return
        forecast = bool(_FORECAST.search(cell.heading) or _FORECAST.search(text))
        bare = re.sub(r"[(（]?(見込み?|速報|暫定)(値)?[)）]?", "", text).strip()
        found = cells.amount(bare)
        if found is None or found.baseline is not None or not self._set_unit(one, found.unit, cell, text):
            if not _DIGIT.search(text) or self._words(text, cell, "実績の補足"):
                self._set(one.actuals, year, (None, cells.in_words(text), forecast), cell)
        else:
            self._set(one.actuals, year, (found.value, found.words, forecast), cell)

    def _words(self, text: str, cell: ItemCell, where: str) -> bool:
        """Whether words with digits in them, which no rule reads as a number, are to be kept as words."""
        question = f"数値として読めないので、書かれた言葉のまま「{where}」に登録します。"
        choices = (("words", "この読み方でよい"), ("skip", "登録しない"))
        return self.questions.ask(cell.heading, text, question, cell.place, choices) == "words"

    def finish(self) -> None:
        """Say in which direction each indicator gets better: by the words of its targets, as it is registered, by its values,
        or by a person. What is registered of it and the table does not say stays."""
        registered = self.known.indicators.get(self.item.number, {})
        for one in self.item.indicators:
            if known := registered.get(as_seen(one.name)):
                one.unit = one.unit or known.unit
                if one.baseline is None and not one.baseline_note:
                    one.baseline, one.baseline_year = known.baseline, known.baseline_year
                    one.baseline_note = known.baseline_note
            words = " ".join(text for _value, text in one.targets.values())
            up, down = bool(cells.UP.search(words)), bool(cells.DOWN.search(words))
            values = [value for _year, (value, _text) in sorted(one.targets.items()) if value is not None]
            start: Decimal | None = one.baseline if one.baseline is not None else (values[0] if values else None)
            if up != down:
                one.better = "up" if up else "down"
            elif known:
                one.better = known.better
            elif values and start is not None and values[-1] != start:
                one.better = "up" if values[-1] > start else "down"
            else:
                question = "増えるとよい指標か、減るとよい指標かが、表からは分かりません。"
                choices = (("none", "どちらとも言えない"), ("up", "増えるとよい"), ("down", "減るとよい"))
                one.better = self.questions.ask("よい方向", one.name, question, self.item.place, choices)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


_KNOWN_UNIT = (
    r"[%％‰]|[^\d]*(件|人|円|回|団体|か所|箇所|世帯|台|校|点|本|冊|t|kg|トン|㎡|ha|日|時間|分|名|社|店|施設|事業)"
)
_IN_BRACKETS = re.compile(rf"[（(]\s*(?:単位[:：]\s*)?({_KNOWN_UNIT})\s*[)）]")


def unit_of(heading: str) -> str:
    """% of 「目標値（％）」."""
    found = _IN_BRACKETS.search(heading)
    return found[1].replace("％", "%") if found else ""


def _name_and_unit(part: str) -> tuple[str, str]:
    """「収納率（％）」 as (収納率, %)."""
    found = re.match(r"^(.+?)\s*[（(]\s*(?:単位[:：]\s*)?([^（()）]{1,6})\s*[)）]$", part.strip(), re.DOTALL)
    if found and re.fullmatch(_KNOWN_UNIT, found[2]):
        return cells.joined(found[1]), found[2].replace("％", "%")
    return cells.joined(part), ""
