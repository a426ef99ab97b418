"""The policies and directions that a table names, beside those that the plan has."""

from __future__ import annotations

import re

from core.text import as_seen
from workbooks.reader import place
from workbooks.tables import cells
from workbooks.tables.items import Questions, Reading
from workbooks.tables.known import Known
from workbooks.tables.layout import Grid, Layout

_POLICY = re.compile(r"\s*(基本)?(方針|柱|重点|大項目|基本目標)")


class Framework:
    def __init__(self, known: Known, questions: Questions, reading: Reading) -> None:
        self.known, self.questions, self.reading = known, questions, reading

    def policy(self, text: str, at: str) -> int:
        """The number of the policy that a cell names."""
        known = self.known.policies | self.reading.policies
        number, name = cells.policy(text)
        if number is None:
            registered = {as_seen(one): key for key, one in known.items()}
            number = registered.get(as_seen(name))
            if number is None:
                number = max([0, *known]) + 1
                question = f"方針の番号がないので、「{name}」を方針{number}とします。"
                self.questions.ask("方針", text, question, at, (("made", "この読み方でよい"),))
        if name and number not in self.reading.policies:
            self._keep(number, name, text, at)
        elif not name and number not in known:
            self.reading.problems.append(
                f"{at}: 方針{number}の名称がありません。方針を先に登録するか、名称を書き足してください。"
            )
        return number

    def _keep(self, number: int, name: str, text: str, at: str) -> None:
        registered = self.known.policies.get(number)
        if registered is not None and as_seen(registered) != as_seen(name):
            question = f"方針{number}は「{registered}」として登録されています。"
            choices = (("keep", "登録されている名称のままにする"), ("new", f"「{name}」に改める"))
            name = registered if self.questions.ask("方針", text, question, at, choices) == "keep" else name
        self.reading.policies[number] = registered if registered and as_seen(registered) == as_seen(name) else name

    def direction(self, text: str, policy: int) -> None:
        if not text:
            return
        number, name = cells.policy(text)
        known = {as_seen(one): key for key, (one, _) in self.reading.directions.items()}
        number = number if number is not None else known.get(as_seen(name), len(self.reading.directions) + 1)
        _name, policies = self.reading.directions.setdefault(number, (name, []))
        if policy not in policies:
            policies.append(policy)

    def of_title(self, grid: Grid, layout: Layout) -> str:
        """A policy that a title above the table or the sheet's name tells: a sheet a policy."""
        titles = [text for row in range(1, layout.header or layout.first) for text in grid.line(row) if text]
        for text in (*titles, grid.sheet.name):
            number, name = cells.policy(text)
            if number is not None and _POLICY.match(text):
                if not name and number not in self.known.policies:
                    continue
                label = f"方針{number} {name or self.known.policies[number]}"
                question = f"このシートの項目を、すべて「{label}」の項目と読みました。"
                choices = (("all", "この読み方でよい"), ("none", "方針が分からない"))
                answer = self.questions.ask("方針", text, question, place(grid.sheet.name, 1, 1), choices)
                return text if answer == "all" else ""
        return ""
