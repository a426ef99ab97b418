"""What a set of raw tables would change in a plan: pure, no database.

Every error of every sheet is found in one pass. A missing sheet or column means "not touched", a missing row never
deletes; a row is deleted only by TRUE in its column `delete`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from reviews.planbook.columns import Value, parse_boolean
from reviews.planbook.rules import broken_checks
from reviews.planbook.sheets import BY_NAME, SHEETS, Reference, Sheet
from reviews.planbook.tables import Key, Tables, Values, key_of

DELETE = "delete"


@dataclass(frozen=True)
class RawTable:
    """A sheet as it was read: column names of row 1, and the cells below with their row numbers."""

    sheet: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, object]], ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file, and where. `row` 0 means the sheet itself, an empty `sheet` the file."""

    sheet: str
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = [f"シート {self.sheet}"] if self.sheet else []
        place += [f"{self.row}行目"] if self.row else []
        place += [f"列 {self.column}"] if self.column else []
        shown = f"（値「{self.value}」）" if self.value else ""
        return f"{' '.join(place)}{': ' if place else ''}{self.message}{shown}"


@dataclass(frozen=True)
class Change:
    """A row of the file whose values differ from the stored ones: column → (stored, in the file)."""

    key: Key
    row: int
    fields: dict[str, tuple[Value, Value]]


@dataclass
class SheetChanges:
    sheet: Sheet
    created: dict[Key, Values] = field(default_factory=dict)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    deleted: list[Key] = field(default_factory=list)


@dataclass
class Comparison:
    """What would happen. Nothing may be written while there are problems."""

    sheets: dict[str, SheetChanges] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(one.created or one.changed or one.deleted for one in self.sheets.values())

    def count(self, what: str) -> int:
        """The number of rows `created`, `changed` or `deleted` in all sheets."""
        return sum(len(getattr(one, what)) for one in self.sheets.values())

    @property
    def fingerprint(self) -> str:
        """The same for the same changes: what a person saw in the preview is what is written on confirmation."""
        digest = hashlib.sha256()
        for name, one in self.sheets.items():
            digest.update(repr((name, one.created, one.changed, one.deleted)).encode())
        return digest.hexdigest()


@dataclass
class _Parsed:
    """A sheet of the file after typing: the rows by key, with the row number of each."""

    sheet: Sheet
    rows: dict[Key, Values] = field(default_factory=dict)
    numbers: dict[Key, int] = field(default_factory=dict)
    deleted: set[Key] = field(default_factory=set)


def compare(raw: Iterable[RawTable], stored: Tables) -> Comparison:
    """Compare tables of a file with what is stored."""
    result = Comparison()
    given = {}
    for table in raw:
        sheet = BY_NAME.get(table.sheet)
        if sheet is None:
            known = "、".join(BY_NAME)
            result.problems.append(
                Problem(table.sheet, 0, "", "", f"このシートは使えません。使えるのは {known} です。")
            )
        elif sheet.name == "plan" and len(table.rows) != 1:
            result.problems.append(
                Problem("plan", 0, "", "", "行は1行だけにしてください。1つのブックは1つの計画です。")
            )
        elif table.sheet in given:
            result.problems.append(
                Problem(table.sheet, 0, "", "", "同じ名前のシートが2枚あります。1枚にしてください。")
            )
        else:
            given[table.sheet] = _parse(sheet, table, result.problems)
    parsed = [given[sheet.name] for sheet in SHEETS if sheet.name in given]

    final = {sheet.name: dict(stored.rows[sheet.name]) for sheet in SHEETS}
    for one in parsed:
        changes = _classify(one, stored.rows[one.sheet.name])
        result.sheets[one.sheet.name] = changes
        rows = final[one.sheet.name]
        for key in changes.deleted:
            del rows[key]
        rows.update(changes.created)
        for change in changes.changed:
            rows[change.key] = rows[change.key] | {name: new for name, (_old, new) in change.fields.items()}
    for one in parsed:
        result.problems.extend(_check_rows(one, result.sheets[one.sheet.name], final))
        result.problems.extend(_check_unique(one, final[one.sheet.name]))
    result.problems.extend(_check_deleted(parsed, result.sheets, final))
    result.problems.sort(key=lambda problem: ([*BY_NAME, problem.sheet].index(problem.sheet), problem.row))
    return result


def _parse(sheet: Sheet, table: RawTable, problems: list[Problem]) -> _Parsed:
    parsed = _Parsed(sheet)
    if not _columns_fit(sheet, table, problems):
        return parsed
    columns = [sheet.by_name[name] for name in table.columns if name != DELETE]
    for number, cells in table.rows:
        values: Values = {}
        bad: set[str] = set()
        for column in columns:
            if column.name not in cells and not column.is_key:
                continue
            try:
                values[column.name] = column.parse(cells.get(column.name))
            except ValueError as error:
                bad.add(column.name)
                problems.append(Problem(sheet.name, number, column.name, _shown(cells.get(column.name)), str(error)))
        if bad & set(sheet.key):
            continue
        key = key_of(sheet, values)
        if key in parsed.numbers:
            first = parsed.numbers[key]
            problems.append(
                Problem(
                    sheet.name,
                    number,
                    sheet.key[0],
                    show_key(key),
                    f"{first}行目と同じキーです。1行にまとめてください。",
                )
            )
            continue
        parsed.numbers[key] = number
        if _wants_delete(cells.get(DELETE), sheet, number, problems):
            if not sheet.can_delete:
                message = f"{sheet.label}は計画ブックでは削除できません。この欄を空にしてください。"
                problems.append(Problem(sheet.name, number, DELETE, show_key(key), message))
            parsed.deleted.add(key)
        elif not bad:
            parsed.rows[key] = values
    return parsed


def _columns_fit(sheet: Sheet, table: RawTable, problems: list[Problem]) -> bool:
    before = len(problems)
    for name in dict.fromkeys(table.columns):
        if table.columns.count(name) > 1:
            problems.append(Problem(sheet.name, 1, name, "", "同じ名前の列が2つあります。1つにしてください。"))
        if name not in sheet.by_name and name != DELETE:
            known = "、".join(sheet.by_name)
            problems.append(Problem(sheet.name, 1, name, "", f"この列は使えません。使えるのは {known} です。"))
    for name in sheet.key:
        if name not in table.columns:
            problems.append(Problem(sheet.name, 1, name, "", "この列がありません。行を見分けるために必要です。"))
    return len(problems) == before


def _wants_delete(cell: object, sheet: Sheet, number: int, problems: list[Problem]) -> bool:
    if cell is None or cell == "":
        return False
    try:
        return parse_boolean(cell)
    except ValueError as error:
        problems.append(Problem(sheet.name, number, DELETE, _shown(cell), str(error)))
        return False


def _classify(parsed: _Parsed, stored: dict[Key, Values]) -> SheetChanges:
    changes = SheetChanges(parsed.sheet, deleted=[key for key in parsed.numbers if key in parsed.deleted & set(stored)])
    for key, values in parsed.rows.items():
        old = stored.get(key)
        if old is None:
            blanks = {column.name: column.blank for column in parsed.sheet.columns}
            changes.created[key] = blanks | values
        elif fields := {name: (old[name], value) for name, value in values.items() if old[name] != value}:
            changes.changed.append(Change(key, parsed.numbers[key], fields))
        else:
            changes.unchanged += 1
    return changes


def _check_rows(parsed: _Parsed, changes: SheetChanges, final: dict[str, dict[Key, Values]]) -> Iterator[Problem]:
    """References and constraints of the rows that would be written."""
    sheet = parsed.sheet
    fixed_changes = {change.key: set(change.fields) for change in changes.changed} if sheet.fixed else {}
    for key in [*changes.created, *(change.key for change in changes.changed)]:
        number, values = parsed.numbers[key], final[sheet.name][key]
        for column in sheet.columns:
            if column.is_required and column.name not in parsed.rows[key] and key in changes.created:
                yield Problem(sheet.name, number, column.name, "", "新しい行には、この列が必要です。")
        for name in set(sheet.fixed) & fixed_changes.get(key, set()):
            message = f"{sheet.by_name[name].label}は、登録したあとは変えられません。元の値に戻してください。"
            yield Problem(sheet.name, number, name, show_value(values[name]), message)
        for reference in sheet.references:
            target = _target(reference, values)
            if target is not None and target not in final[reference.sheet]:
                yield Problem(
                    sheet.name,
                    number,
                    reference.names[-1],
                    show_key(target),
                    f"シート {reference.sheet} にありません。",
                )
        for one in sheet.lists:
            for code in values[one.name] or ():  # type: ignore[union-attr]
                if (code,) not in final[one.sheet]:
                    yield Problem(sheet.name, number, one.name, str(code), f"シート {one.sheet} にありません。")
        for message in broken_checks(sheet.model, _by_field(sheet, key, values)):
            yield Problem(sheet.name, number, "", "", message)


def _target(reference: Reference, values: Values) -> Key | None:
    key = tuple(values[name] for name in reference.names)
    return None if all(part is None for part in key) else key


def _by_field(sheet: Sheet, key: Key, values: Values) -> dict[str, Any]:
    """Field name → value, for constraints: a reference is its key, or None."""
    by_field: dict[str, Any] = {name: values[name] for name in sheet.plain}
    by_field |= {reference.field: _target(reference, values) for reference in sheet.references}
    by_field["pk"] = key
    return by_field


def _check_unique(parsed: _Parsed, rows: dict[Key, Values]) -> Iterator[Problem]:
    """Uniqueness beside the key, over all rows as they would be."""
    sheet = parsed.sheet
    for constraint in sheet.model._meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint) or constraint.condition is not None:
            continue
        names = [name for name in constraint.fields if name in sheet.by_name]
        if not names or set(names) == set(sheet.key):
            continue
        seen: dict[Key, Key] = {}
        for key, values in rows.items():
            other = seen.setdefault(tuple(values[name] for name in names), key)
            if other != key and (key in parsed.rows or other in parsed.rows):
                place = key if key in parsed.rows else other
                labels = "、".join(sheet.by_name[name].label for name in names)
                message = (
                    f"{labels}が「{show_key(other if place == key else key)}」の行と同じです。別の値にしてください。"
                )
                yield Problem(sheet.name, parsed.numbers[place], names[-1], show_value(values[names[-1]]), message)


def _check_deleted(
    parsed: list[_Parsed], changes: dict[str, SheetChanges], final: dict[str, dict[Key, Values]]
) -> Iterator[Problem]:
    """A row that others refer to cannot be deleted."""
    gone = {name: set(one.deleted) for name, one in changes.items() if one.deleted}
    if not gone:
        return
    numbers = {one.sheet.name: one.numbers for one in parsed}
    users: dict[tuple[str, Key], list[str]] = defaultdict(list)
    for sheet in SHEETS:
        for key, values in final[sheet.name].items():
            for reference in sheet.references:
                if (target := _target(reference, values)) in gone.get(reference.sheet, ()) and target is not None:
                    users[reference.sheet, target].append(f"{sheet.name} の {show_key(key)}")
            for one in sheet.lists:
                for code in values[one.name] or ():  # type: ignore[union-attr]
                    if (code,) in gone.get(one.sheet, ()):
                        users[one.sheet, (code,)].append(f"{sheet.name} の {show_key(key)}")
    for (name, key), places in users.items():
        more = f" など{len(places)}か所" if len(places) > 3 else ""
        message = f"{'、'.join(places[:3])}{more}で使われているため削除できません。先にそちらを直すか削除してください。"
        yield Problem(name, numbers[name][key], DELETE, show_key(key), message)


def _shown(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return text if len(text) <= 40 else f"{text[:40]}…"


def show_value(value: Value) -> str:
    """A value for people: 空欄 for unknown, TRUE / FALSE, ISO dates."""
    if value is None or value == "" or value == ():
        return "（空欄）"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    return str(value)


def show_key(key: Key) -> str:
    return " / ".join(show_value(part) for part in key)
