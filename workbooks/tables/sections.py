"""The heading lines between the items of a sheet: which rows they are, of which level, and which of them name policies. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.spreadsheets.limits import place
from workbooks.tables import cells
from workbooks.tables.column_roles import Role
from workbooks.tables.doubts import Questions
from workbooks.tables.forms import FORMS
from workbooks.tables.framework import Framework
from workbooks.tables.layout import Grid, Layout, RowKind, kind_of, say
from workbooks.tables.pieces import is_label

_SHOWN = 3  # lines that a question quotes
_WORD = re.compile(
    r"\s*(?:基本|重点|施策の|改革の)?(方針|柱|目標|大項目|方向性|視点|中項目|小項目|項目|施策|分野|重点|取組)\s*[(（\[【]?\s*[0-9一二三四五六七八九十IVX①-⑳]"
)
_DIRECTION = "方向性"
_UPPER = ("方針", "柱", "目標", "大項目", _DIRECTION)  # the likeliest name of a policy first
_SIGNS = (
    ("Ⅰ", re.compile(r"\s*[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]")),
    ("①", re.compile(r"\s*[①-⑳]")),
    ("(1)", re.compile(r"\s*[(（\[【]\s*[0-9０-９一二三四五六七八九十]{1,2}\s*[)）\]】]")),
    ("一", re.compile(r"\s*[一二三四五六七八九十][\s　.．、:：]")),
    ("1", re.compile(r"\s*[0-9０-９]{1,2}[\s　.．、:：)）]")),
)
_LETTER = r"[ぁ-んァ-ヶ一-龠々]"
_IS_NAME, _IS_LONG_NAME = re.compile(_LETTER), re.compile(f"{_LETTER}{{2}}")
Path = tuple[tuple[str, str], ...]  # from the upper line to the lower one: its level and its text


def level_of(text: str) -> str:
    """What the number of a line looks like: lines of one level are numbered alike (方針１, 方針２; （1）, （2）)."""
    if found := _WORD.match(unicodedata.normalize("NFKC", text[:40])):
        return found[1] if "重点項目" not in text[: len(found[0])] else "重点項目"
    return next((sign for sign, pattern in _SIGNS if pattern.match(text)), "")


@dataclass
class Sections:
    """`policy`, `direction`: by the row of a line, what names them for the items below it; row 0 for those above all lines.
    `items`: rows in which a number and a name stand in one cell, and which are items all the same."""

    policy: dict[int, str] = field(default_factory=dict)
    direction: dict[int, str] = field(default_factory=dict)
    items: dict[int, tuple[str, str]] = field(default_factory=dict)


def decide(
    grid: Grid, layout: Layout, by_role: Mapping[Role, int], framework: Framework, questions: Questions
) -> Sections:
    found = Sections()
    _lines_alone(grid, layout, by_role, questions, found)
    if Role.POLICY in by_role:
        return found
    rows = [row for row in range(layout.first, layout.last + 1) if kind_of(grid, row, layout) is RowKind.SECTION]
    title = framework.title(grid, layout)
    has_above = any(
        kind_of(grid, row, layout) is RowKind.DATA for row in range(layout.first, rows[0] if rows else layout.first)
    )
    if title and (not rows or has_above):
        which = "区切りの見出しより上の項目" if rows else "このシートの項目"
        found.policy[0] = title if framework.confirms(title, which, place(grid.sheet.name, 1, 1)) else ""
    paths = dict(_paths(grid, rows, found.policy.get(0, title)))
    level = _policies_at(grid, paths, questions)
    for row, path in paths.items():
        at = next((index for index, (one, _text) in enumerate(path) if one == level), len(path) - 1)
        found.policy[row] = path[at][1]
        found.direction[row] = next((text for one, text in path[:at] if one == _DIRECTION), "")
    return found


def _lines_alone(
    grid: Grid, layout: Layout, by_role: Mapping[Role, int], questions: Questions, found: Sections
) -> None:
    """Rows in which nothing stands but 「１　協働の推進」 in the column of numbers or of names; asked once for each."""
    if Role.NAME not in by_role or grid.sheet.name == FORMS:
        return
    items = [row for row in range(layout.first, layout.last + 1) if kind_of(grid, row, layout) is RowKind.DATA]
    rows = [row for row in items if sum(map(bool, grid.line(row))) == 1]
    if len(rows) == len(items):  # a list of names alone
        return
    for role, is_guessed in ((Role.NUMBER, True), (Role.NAME, False)):
        column = by_role.get(role)
        if column is None:
            continue
        alone = {}
        for row in rows:
            text = grid.own(row, column)
            number, name = cells.policy(text)
            is_line = _IS_LONG_NAME.search(name) and is_guessed if number is None else _IS_NAME.search(name)
            covered = any((area := grid.area(row, one)) and area.bottom > area.top for one in by_role.values())
            if is_line and not covered and not is_label(text):
                alone[row] = (str(number or ""), name)
        if not alone:
            continue
        texts = [cells.short(grid.own(row, column)) for row in alone]
        quoted = "、".join(f"「{text}」" for text in texts[:_SHOWN]) + ("など" if len(texts) > _SHOWN else "")
        question = f"{role.label}の列だけに書かれた行があります：{quoted}"
        question += "。区切りの見出しと読みました。" if is_guessed else "。区切りの見出しか、項目かを選んでください。"
        choices = (("section", "区切りの見出しとする"), ("item", "項目とする"))
        for row in alone:
            at = grid.sheet.place(row, column)
            answer = questions.ask("区切りの見出し", texts[0], question, at, choices, is_guessed=is_guessed)
            if answer == "section":
                say(grid, row, layout, RowKind.SECTION)
            elif role is Role.NUMBER:
                found.items[row] = alone[row]


def _paths(grid: Grid, rows: list[int], title: str) -> Iterator[tuple[int, Path]]:
    """Each line with those above it that are still in force: a line ends those that are numbered like it and what is below
    them, and one that names a policy ends all that do not."""
    path: list[tuple[str, str]] = [(level_of(title), title)] if title else []
    for row in rows:
        text = next(filter(None, grid.line(row)))
        level = level_of(text)
        if level in _UPPER:
            path = [one for one in path if one[0] in _UPPER]
        same = next((index for index, one in enumerate(path) if one[0] == level), len(path))
        path = [*path[:same], (level, text)]
        yield row, tuple(path)


def _policies_at(grid: Grid, paths: Mapping[int, Path], questions: Questions) -> str:
    """The level whose lines name the policies, as a person says where there are several."""
    nested = {row: path for row, path in paths.items() if len(path) > 1}
    if not nested:
        return ""
    examples: dict[str, str] = {}
    for path in nested.values():
        for level, text in path:
            examples.setdefault(level, cells.short(text))
    likely = next((level for level in _UPPER[:-1] if level in examples), "")
    in_order = sorted(examples, key=lambda level: level != likely)
    question = "区切りの見出しが、上の段と下の段に分かれています。項目の方針を表す段を選んでください。"
    choices = [(str(list(examples).index(level)), f"「{examples[level]}」の段") for level in in_order]
    answer = ""
    for row in nested:
        column = next(index for index, text in enumerate(grid.line(row), 1) if text)
        original = "／".join(examples.values())
        at = grid.sheet.place(row, column)
        answer = questions.ask("方針", original, question, at, choices, is_guessed=bool(likely))
    return list(examples)[int(answer)]
