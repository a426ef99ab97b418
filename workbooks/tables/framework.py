"""The policies and directions that a table names, beside those that the plan has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text import as_seen
from workbooks.tables import cells
from workbooks.tables.doubts import Questions
from workbooks.tables.known import KnownPlan
from workbooks.tables.layout import Grid, Layout, RowKind, kind_of
from workbooks.tables.read_items import ReadItem, TableReading

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]*")  # no name that a person reads
_POLICY = re.compile(r"\s*(基本)?(方針|柱|重点|大項目|基本目標)")


def names_policy(text: str) -> bool:
    """Whether a title is that of a policy (方針１　歳入の確保)."""
    return cells.policy(text)[0] is not None and bool(_POLICY.match(text))


def numbers_in(grid: Grid, layout: Layout, column: int | None) -> set[int]:
    """The numbers that the policies of a table have where they are written: in their column, in heading lines, above it."""
    texts = [
        grid.own(row, column) if column else next(filter(None, grid.line(row)), "")
        for row in range(layout.first, layout.last + 1)
        if column or kind_of(grid, row, layout) is RowKind.SECTION
    ]
    titles = [text for row in range(1, layout.header or layout.first) for text in grid.line(row) if names_policy(text)]
    found = {cells.policy(text)[0] for text in (*texts, *titles, grid.sheet.name) if text}
    return {number for number in found if number is not None}


class Framework:
    def __init__(self, known: KnownPlan, questions: Questions, reading: TableReading) -> None:
        self.known, self.questions, self.reading = known, questions, reading

    def policy(self, text: str, at: str) -> int:
        """The number of the policy that a cell names."""
        known = self.known.policies | self.reading.policies
        number, name = cells.policy(text)
        if number is None and _CODE.fullmatch(as_seen(name)):
            return self._coded(as_seen(name), text, at)
        if number is None:
            registered = {as_seen(one): key for key, one in known.items()}
            number = registered.get(as_seen(name))
            if number is None:
                number = self._next()
                question = f"方針の番号がないので、「{name}」を方針{number}とします。"
                self.questions.ask("方針", text, question, at, (("made", "この読み方でよい"),))
        if name:
            return self._called(number, name, text, at)
        if number not in self.known.policies and number not in self.reading.stated:
            question = f"方針{number}の名称が、表にも計画にもありません。入れた名称で登録します。番号の誤りのときは、表を直して選び直してください。"
            if name := self.questions.ask_text("方針の名称", text, question, at):
                self.reading.policies[number] = name
        return number

    def with_name(self, text: str, name: str, at: str) -> str:
        """A policy whose number and name stand in two columns."""
        number, own = cells.policy(text)
        named, bare = cells.policy(name)
        if not name or own or number is None:
            return name or text
        if named is not None and named != number:
            question = f"方針の番号の列には「{text}」、名称の列には「{cells.short(name)}」とあります。"
            choices = (("number", f"方針{number} {bare} とする"), ("name", f"方針{named} {bare} とする"))
            answer = self.questions.ask("方針", f"{text}／{cells.short(name)}", question, at, choices, is_guessed=False)
            number = number if answer == "number" else named
        return f"方針{number} {bare or name}"

    def _coded(self, code: str, text: str, at: str) -> int:
        """The policy that a table tells by a code of its own (A01), numbered in the order in which they come."""
        number = self.reading.codes.get(code) or self._next()
        self.reading.codes[code] = number
        question = f"方針が符号「{code}」で書かれています。入れた名称で、方針{number}として登録します。"
        if name := self.questions.ask_text("方針の名称", text, question, at):
            self.reading.policies[number] = name
        return number

    def ask_of(self, items: Sequence[ReadItem]) -> None:
        """The policy of items of which no table tells it, as a person says for all such items of a sheet."""
        known = self.known.policies | self.reading.policies
        original = "（方針の書かれていない項目）"
        choices = [(str(number), f"方針{number} {name}") for number, name in sorted(known.items())]
        for item in items:
            answer = "new"
            if known:
                question = f"「{item.sheet}」シートの項目が、どの方針の項目か分かりません。"
                with_new = [*choices, ("new", "新しい方針の項目とする")]
                answer = self.questions.ask("方針", original, question, item.place, with_new, is_guessed=False)
            item.policy = int(answer) if answer != "new" else self._named(original, item, known)

    def _named(self, original: str, item: ReadItem, known: dict[int, str]) -> int | None:
        question = (
            "これらの項目の方針の名称を入れてください。新しい方針として登録します。"
            "方針に分けていない計画では、計画の名称などを入れます。"
        )
        name = self.questions.ask_text("方針の名称", original, question, item.place)
        if not name:
            return None
        registered = {as_seen(one): number for number, one in (known | self.reading.policies).items()}
        number = registered.get(as_seen(name)) or self._next()
        self.reading.policies.setdefault(number, name)
        return number

    def _next(self) -> int:
        """A number that no policy has: neither in the plan nor anywhere in the tables."""
        reading = self.reading
        taken = {*self.known.policies, *reading.policies, *reading.codes.values(), *reading.policy_numbers}
        return max([0, *taken]) + 1

    def _called(self, number: int, name: str, text: str, at: str) -> int:
        """The policy of a number and a name; a second name under one number may be that of another policy."""
        if number not in self.reading.policies:
            self.reading.stated[number] = name
            self._keep(number, name, text, at)
        first = self.reading.policies[number]
        if as_seen(name) in (as_seen(first), as_seen(self.reading.stated.get(number, ""))):
            return number
        question = f"方針{number}が、ほかのところでは「{first}」です。同じ方針か、別の方針かを選んでください。"
        choices = (
            ("same", f"同じ方針なので、「{first}」とする"),
            ("other", f"別の方針「{name}」とし、次の番号を付ける"),
        )
        if self.questions.ask("方針", text, question, at, choices, is_guessed=False) == "same":
            return number
        known = self.known.policies | self.reading.policies
        number = next((key for key, one in known.items() if as_seen(one) == as_seen(name)), 0) or self._next()
        self.reading.policies.setdefault(number, name)
        return number

    def _keep(self, number: int, name: str, text: str, at: str) -> None:
        registered = self.known.policies.get(number)
        if registered is not None and as_seen(registered) != as_seen(name):
            question = f"方針{number}は「{registered}」として登録されています。"
            choices = (("keep", "登録されている名称のままにする"), ("new", f"「{name}」に改める"))
            name = registered if self.questions.ask("方針", text, question, at, choices) == "keep" else name
        self.reading.policies[number] = registered if registered and as_seen(registered) == as_seen(name) else name

    def direction(self, text: str, policy: int, at: str) -> None:
        if not text:
            return
        number, name = cells.policy(text)
        known = {as_seen(one): key for key, (one, _) in self.reading.directions.items()}
        number = number if number is not None else known.get(as_seen(name), len(self.reading.directions) + 1)
        if not name and not (name := self.known.directions.get(number, "")):
            question = f"方向性{number}の名称が、表にも計画にもありません。入れた名称で登録します。"
            name = self.questions.ask_text("方向性の名称", text, question, at)
        _name, policies = self.reading.directions.setdefault(number, (name, []))
        if policy not in policies:
            policies.append(policy)

    def title(self, grid: Grid, layout: Layout) -> str:
        """A title above the table, or the sheet's name, that is that of a policy: a sheet a policy."""
        titles = [text for row in range(1, layout.header or layout.first) for text in grid.line(row) if text]
        return next((text for text in (*titles, grid.sheet.name) if names_policy(text) and self._label(text)), "")

    def _label(self, text: str) -> str:
        """A policy as a question names it; nothing where its name stands nowhere."""
        number, name = cells.policy(text)
        name = name or self.known.policies.get(number or 0, "")
        return f"方針{number} {name}" if name else ""

    def confirms(self, title: str, which: str, at: str) -> bool:
        """Whether items are those of the policy that a title names, as a person says."""
        question = f"{which}を、すべて「{self._label(title)}」の項目と読みました。"
        choices = (("all", "この読み方でよい"), ("none", "方針が分からない"))
        return self.questions.ask("方針", title, question, at, choices) == "all"
