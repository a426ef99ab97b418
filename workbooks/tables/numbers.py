"""The number of an item in a table that people made: of its column, from before its name, or a provisional one."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from datetime import date

from core.text import as_seen, clean_code
from workbooks.tables import cells
from workbooks.tables.column_roles import Role
from workbooks.tables.doubts import Questions
from workbooks.tables.known import KnownPlan
from workbooks.tables.layout import Grid, Layout, values
from workbooks.tables.read_items import TableReading

_NUMBER = re.compile(r"^[0-9A-Za-z][0-9A-Za-z.-]*$")
_STROKES = str.maketrans(dict.fromkeys("－−‐‑‒–—―ー", "-"))
_N = r"[0-9]{1,3}(?:[-.][0-9]{1,3}){0,3}"
# (1) 窓口の改善, ①窓口の改善, 1-2 窓口の改善, 3．窓口の改善; no number is 24時間の受付.
_BEFORE_NAME = re.compile(
    rf"\s*(?:[(\[【]\s*(?P<framed>{_N})\s*[)\]】]|(?P<circled>[①-⑳])|(?P<plain>{_N})(?:[.、:)]\s*|\s+))\s*(?P<name>\S.*)",
    re.DOTALL,
)
_WIDE = str.maketrans("０１２３４５６７８９（）［］．：－", "0123456789()[].:-")


def _plain(number: str) -> tuple[str, str]:
    """A number as it is written, and without its brackets."""
    written = clean_code(number).translate(_STROKES).rstrip(".")
    return written, cells.without_brackets(written)


def _readable(number: str) -> str:
    """What is read of a number with signs that none can have: 1 of 1(新規)."""
    found = re.search(r"[0-9A-Za-z][0-9A-Za-z.-]*", clean_code(number).translate(_STROKES))
    return found[0] if found else ""


def _typed(day: date) -> str:
    return f"{day.month}-{day.day}"


def _registered(known: KnownPlan) -> dict[str, str]:
    """Name as it is seen → number, of the items of the plan."""
    return {as_seen(name): number for number, name in reversed(known.programs.items())}


def _split(names: Sequence[str], registered: Container[str]) -> dict[str, tuple[str, str]]:
    """Name as it is written → number before it and the rest, where every name begins with a number of its own."""
    names = [name for name in names if name and not cells.is_ditto(name)]
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        read = _BEFORE_NAME.fullmatch(name.translate(_WIDE))
        if read is None or as_seen(cells.joined(name)) in registered:
            return {}
        number = unicodedata.normalize("NFKC", read["framed"] or read["circled"] or read["plain"])
        found[name] = (number, name[read.start("name") :])
    if len(found) < 2 or len({number for number, _name in found.values()}) < len(found):
        return {}
    return found


def stated(grid: Grid, layout: Layout, by_role: Mapping[Role, int], known: KnownPlan) -> set[str]:
    """All numbers that the items of a sheet may be read with, so that none of them is made for another item."""
    found: set[str] = set()
    if at := by_role.get(Role.NUMBER):
        for row in range(layout.first, layout.last + 1):
            day = grid.day(row, at)
            found |= {_typed(day)} if day else {*_plain(grid.own(row, at)), _readable(grid.own(row, at))}
    elif at := by_role.get(Role.NAME):
        found |= {number for number, _name in _split(values(grid, layout)[at - 1], _registered(known)).values()}
    return found


class Numbers:
    """Of one sheet. What has to be decided is asked."""

    def __init__(
        self,
        grid: Grid,
        layout: Layout,
        by_role: Mapping[Role, int],
        known: KnownPlan,
        questions: Questions,
        reading: TableReading,
    ) -> None:
        self.grid, self.by_role = grid, by_role
        self.questions = questions
        self.registered = _registered(known)
        self.taken = {*known.programs, *(item.number for item in reading.items)}
        for sheet, numbers in reading.numbers.items():
            if sheet != grid.sheet.name or Role.NUMBER in by_role:  # before names they may be none
                self.taken |= numbers
        self.free = (number for number in map(str, itertools.count(1)) if number not in self.taken)
        self.bracketed: tuple[str, str] | None = None  # the first number with brackets, and what it is read as
        self.before_names = self._before_names(layout)

    def seen(self, row: int, number: str, name: str) -> tuple[str, str]:
        """Number and name as they stand in a row."""
        return self.before_names.get(name) or (self.plain(row, number), name)

    def of(self, row: int, number: str, name: str) -> tuple[str, str, bool]:
        """Number and name of the item in a row, as it is written there, and whether the number is provisional."""
        written, name = self.seen(row, number, name)
        at = self.by_role.get(Role.NUMBER)
        if at and (day := self.grid.day(row, at)):
            written = self._of_day(row, number, day)
        elif written and not _NUMBER.match(written):
            written = self._odd(row, number)
        if written:
            return written, name, False
        return self._made(row, name, bool(at))

    def plain(self, row: int, number: str) -> str:
        """A number without what people put around it."""
        written, bare = _plain(number)
        if bare == written or not _NUMBER.match(bare):
            return written
        if re.fullmatch(r"\W*\w+\W*", written):  # (1) is 1
            return bare
        self.bracketed = self.bracketed or (number, bare)
        question = f"番号のかっこを外して、「{self.bracketed[0]}」は「{self.bracketed[1]}」のように読みました。"
        self.questions.ask(
            "番号", "（かっこの付いた番号）", question, self._place(row), (("bare", "この読み方でよい"),)
        )
        return bare

    def _place(self, row: int) -> str:
        return self.grid.sheet.place(row, self.by_role.get(Role.NUMBER) or self.by_role[Role.NAME])

    def _before_names(self, layout: Layout) -> dict[str, tuple[str, str]]:
        """Name as it is written → number before it and the rest, where the table has no column of numbers and every name
        begins with one of its own."""
        column = self.by_role.get(Role.NAME)
        if column is None or Role.NUMBER in self.by_role:
            return {}
        found = _split(values(self.grid, layout)[column - 1], self.registered)
        if not found:
            return {}
        first, (number, rest) = next(iter(found.items()))
        question = f"番号の列がないので、項目名の前の番号を番号とします（「{cells.short(first)}」は番号{number}、項目名「{cells.short(rest)}」）。"
        choices = (("split", "この読み方でよい"), ("made", "項目名の一部とし、仮の番号を付ける"))
        place = self.grid.sheet.place(layout.first, column)
        return found if self.questions.ask("番号の列", first, question, place, choices) == "split" else {}

    def _of_day(self, row: int, number: str, day: date) -> str:
        """A number like 1-2, of which Excel has made the second of January."""
        typed = _typed(day)
        question = f"番号が日付（{day.isoformat()}）になっています。「{typed}」と読みました。"
        choices = (("typed", "この読み方でよい"), ("made", "仮の番号を付ける"))
        return typed if self.questions.ask("番号", number, question, self._place(row), choices) == "typed" else ""

    def _odd(self, row: int, number: str) -> str:
        bare = _readable(number)
        question = f"番号には半角の英数字と - . だけを使えます。「{bare or 'なし'}」と読みました。"
        choices = (("bare", "この読み方でよい"), ("made", "仮の番号を付ける"))
        return bare if self.questions.ask("番号", number, question, self._place(row), choices) == "bare" else ""

    def _made(self, row: int, name: str, has_column: bool) -> tuple[str, str, bool]:
        """A number for an item without one: the one under which the plan has it, or a provisional one."""
        registered = self.registered.get(as_seen(cells.joined(name)))
        if registered is not None:
            return registered, name, False
        number = next(self.free)
        about = "番号" if has_column else "番号の列"
        question = "番号がないので、仮の番号を上から順に付けます（あとで直せます）。"
        self.questions.ask(about, "（空欄）", question, self._place(row), (("made", "この読み方でよい"),))
        return number, name, True
