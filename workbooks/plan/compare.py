"""What a set of raw tables would change in a plan: pure, no database.

Every error of every sheet is found in one pass. A missing sheet or column means "not touched", a missing row never
deletes; a row is deleted only by TRUE in its column `delete`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from accounts.models import following_order
from core import grammar
from workbooks.plan.changes import (
    DELETE,
    PlanComparison,
    Problem,
    RawTable,
    RowChange,
    SheetChanges,
    show_cell,
    show_key,
    show_value,
)
from workbooks.plan.codes import KnownCodes
from workbooks.plan.columns import PlanColumn, Value
from workbooks.plan.names import KnownNames
from workbooks.plan.rules import broken_checks
from workbooks.plan.sheets import BY_NAME, SHEETS
from workbooks.plan.specification import Key, PlanSheet, Rows, Values
from workbooks.plan.stored_plan import StoredPlan
from workbooks.plan.unchangeable import check_kept, check_published

_KEPT = 1000  # readings of a column
_PLACES = {sheet.name: place for place, sheet in enumerate(SHEETS)}


@dataclass
class _Parsed:
    """A sheet of the file after typing: the rows by key, with the row number of each."""

    sheet: PlanSheet
    rows: dict[Key, Values] = field(default_factory=dict)
    numbers: dict[Key, int] = field(default_factory=dict)
    deleted: set[Key] = field(default_factory=set)
    lacking: dict[Key, list[str]] = field(default_factory=dict)  # of new rows the required columns that say nothing


def compare(
    raw: Iterable[RawTable], stored: StoredPlan, *, only_missing: bool = False, found: Iterable[Problem] = ()
) -> PlanComparison:
    """Compare tables of a file with what is stored.

    With `only_missing` rows that exist are left as they are, whatever the file says about them. `found` are problems of
    the file that are known already.
    """
    result = PlanComparison(problems=list(found))
    tables: dict[str, RawTable] = {}
    for table in raw:
        sheet = BY_NAME.get(table.sheet)
        if sheet is None:
            known = "、".join(sheet.named for sheet in BY_NAME.values())
            result.problems.append(
                Problem(table.sheet, 0, "", "", f"このシートは使えません。使えるのは {known} です。")
            )
        elif sheet.name == "plan" and len(table.rows) != 1:
            result.problems.append(
                Problem("plan", 0, "", "", "行は1行だけにしてください。1つのブックは1つの計画です。")
            )
        elif table.sheet in tables:
            result.problems.append(
                Problem(table.sheet, 0, "", "", "同じ名前のシートが2枚あります。1枚にしてください。")
            )
        else:
            tables[table.sheet] = table
    codes, names = KnownCodes(stored.rows), KnownNames(stored.rows, tables)
    parsed = []
    for sheet in SHEETS:  # each below those that its keys refer to
        if sheet.name in tables:
            parsed.append(_parse(sheet, tables[sheet.name], codes, names, result.problems))
        codes.add(sheet, parsed[-1].numbers if sheet.name in tables else ())
    for one in parsed:
        later = [each for each in one.sheet.references if _PLACES[each.sheet] >= _PLACES[one.sheet.name]]
        for values in one.rows.values() if later else ():
            codes.settle_references(later, values)

    final = result.final = {sheet.name: dict(stored.rows[sheet.name]) for sheet in SHEETS}
    for one in parsed:
        changes = _classify(one, stored.rows[one.sheet.name])
        result.sheets[one.sheet.name] = changes
        rows = final[one.sheet.name]
        rows.update(changes.created)
        if only_missing:
            continue
        for key in changes.deleted:
            del rows[key]
        for change in changes.changed:
            rows[change.key] = rows[change.key] | {name: new for name, (_old, new) in change.fields.items()}
    # A row that could not be read is there all the same: what refers to it is not told as a second error.
    unread = {one.sheet.name: one.numbers.keys() - one.rows.keys() - one.deleted for one in parsed}
    for one in parsed:
        changes = result.sheets[one.sheet.name]
        changed = [] if only_missing else changes.changed
        result.problems.extend(_check_fixed(one, changed, final))
        result.problems.extend(_check_rows(one, [*changes.created, *(c.key for c in changed)], final, unread))
        result.problems.extend(_check_unique(one, final[one.sheet.name]))
        result.problems.extend(_check_loops(one, final[one.sheet.name]))
    if not only_missing:
        result.problems.extend(_check_deleted(parsed, result.sheets, final))
    numbers = {one.sheet.name: one.numbers for one in parsed}
    result.problems.extend(check_published(result, numbers, stored, only_missing))
    result.problems.extend(check_kept(result, numbers, stored, only_missing, result.problems))
    places = {name: place for place, name in enumerate(BY_NAME)}
    result.problems.sort(key=lambda problem: (places.get(problem.sheet, len(places)), problem.row))
    return result


def _parse(sheet: PlanSheet, table: RawTable, codes: KnownCodes, names: KnownNames, problems: list[Problem]) -> _Parsed:
    parsed = _Parsed(sheet)
    if not _columns_fit(sheet, table, problems):
        return parsed
    unsaid = [name for name in sheet.key if name not in table.columns]  # parts of the key that are unknown
    columns = [sheet.by_name[name] for name in (*table.columns, *unsaid) if name != DELETE]
    readings = {column.name: _Reading(sheet, column, names) for column in columns}
    for number, cells in table.rows:
        values: Values = {}
        bad: set[str] = set()
        for column in columns:
            if column.name not in cells and not column.is_key:
                continue
            try:
                values[column.name] = readings[column.name](cells.get(column.name))
            except ValueError as error:
                bad.add(column.name)
                problems.append(Problem(sheet.name, number, column.name, show_cell(cells.get(column.name)), str(error)))
        if bad & set(sheet.key):
            continue
        try:
            codes.settle(sheet, values)
        except grammar.Unreadable as error:
            bad.add("")
            problems.append(Problem(sheet.name, number, "", "", str(error)))
        key = sheet.key_of(values)
        if key in parsed.numbers:
            first = parsed.numbers[key]
            problems.append(
                Problem(
                    sheet.name,
                    number,
                    sheet.key[0],
                    show_key(key),
                    f"{'と'.join(sheet.by_name[name].label for name in sheet.key)}が{first}行目と同じです。1行にまとめてください。",
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


class _Reading:
    """What the cells of a column say. Most say the same again and again, and reading one anew costs far more than finding it."""

    def __init__(self, sheet: PlanSheet, column: PlanColumn, names: KnownNames) -> None:
        self._sheet, self._column, self._names = sheet, column, names
        self._before: dict[object, Value] = {}

    def __call__(self, cell: object) -> Value:
        if type(cell) not in (str, int):  # True and 1 are one key, a list is none
            return self._column.parse(cell)
        if cell not in self._before:
            value = self._column.parse(self._names.in_codes(self._sheet, self._column, cell))
            if len(self._before) >= _KEPT:
                return value
            self._before[cell] = value
        return self._before[cell]


def _columns_fit(sheet: PlanSheet, table: RawTable, problems: list[Problem]) -> bool:
    before = len(problems)
    for name in dict.fromkeys(table.columns):
        if table.columns.count(name) > 1:
            problems.append(Problem(sheet.name, 1, name, "", "同じ名前の列が2つあります。1つにしてください。"))
        if name not in sheet.by_name and name != DELETE:
            known = "、".join(map(sheet.column_named, sheet.by_name))
            problems.append(Problem(sheet.name, 1, name, "", f"この列は使えません。使えるのは {known} です。"))
    for name in sheet.key:
        if name not in table.columns and not sheet.by_name[name].may_be_blank:
            problems.append(Problem(sheet.name, 1, name, "", "この列がありません。行を見分けるために必要です。"))
    return len(problems) == before


def _wants_delete(cell: object, sheet: PlanSheet, number: int, problems: list[Problem]) -> bool:
    if cell is None or cell == "":
        return False
    try:
        return grammar.flag(cell) or False
    except grammar.Unreadable as error:
        problems.append(Problem(sheet.name, number, DELETE, show_cell(cell), str(error)))
        return False


def _classify(parsed: _Parsed, stored: dict[Key, Values]) -> SheetChanges:
    place = parsed.sheet.place
    orders = [cast("int | None", row[place]) for row in stored.values()] if place else []
    deleted = [key for key in parsed.numbers if key in parsed.deleted & set(stored)]
    changes = SheetChanges(parsed.sheet, deleted=deleted, numbers=parsed.numbers)
    blanks = {column.name: column.blank for column in parsed.sheet.columns}
    required = [column.name for column in parsed.sheet.columns if column.is_required]
    for key, values in parsed.rows.items():
        old = stored.get(key)
        if old is None:
            if place and place not in values:
                orders.append(following_order(orders))
                values = values | {place: orders[-1]}
            if lacking := [name for name in required if name not in values]:
                parsed.lacking[key] = lacking
            changes.created[key] = parsed.rows[key] = blanks | values  # one and the same: a large plan is there once
        elif fields := {name: (old[name], value) for name, value in values.items() if old[name] != value}:
            changes.changed.append(RowChange(key, parsed.numbers[key], fields))
        else:
            changes.unchanged += 1
    return changes


def _check_fixed(parsed: _Parsed, changed: list[RowChange], final: Rows) -> Iterator[Problem]:
    """Columns that keep their first value."""
    sheet = parsed.sheet
    for change in changed if sheet.fixed else ():
        for name in change.fields:
            if name in sheet.fixed:
                message = f"{sheet.by_name[name].label}は、登録したあとは変えられません。元の値に戻してください。"
                shown = show_value(final[sheet.name][change.key][name])
                yield Problem(sheet.name, parsed.numbers[change.key], name, shown, message)


def _check_rows(parsed: _Parsed, keys: Iterable[Key], final: Rows, unread: dict[str, set[Key]]) -> Iterator[Problem]:
    """References and constraints of the rows that would be written."""
    sheet = parsed.sheet
    for key in keys:
        number, values = parsed.numbers[key], final[sheet.name][key]
        missing = False
        for name in parsed.lacking.get(key, ()):
            missing = True
            yield Problem(sheet.name, number, name, "", "新しい行には、この列が必要です。")
        for reference in sheet.references:
            target = reference.target(values)
            if target is not None and target not in final[reference.sheet]:
                missing = True
                if target in unread.get(reference.sheet, ()):
                    continue
                yield Problem(
                    sheet.name,
                    number,
                    reference.names[-1],
                    show_key(target),
                    _not_there(reference.sheet),
                )
        for one in sheet.lists:
            for code in one.codes(values):
                if one.key(code) not in final[one.sheet] and one.key(code) not in unread.get(one.sheet, ()):
                    yield Problem(sheet.name, number, one.name, str(code), _not_there(one.sheet))
        if not missing:
            for message in broken_checks(sheet.model, _by_field(sheet, key, values, final)):
                yield Problem(sheet.name, number, "", "", message)
            for message in sheet.check(values, final):
                yield Problem(sheet.name, number, "", "", message)


def _not_there(sheet: str) -> str:
    return f"シート「{BY_NAME[sheet].named}」にありません。そのシートに行を加えるか、この値を直してください。"


def _by_field(sheet: PlanSheet, key: Key, values: Values, final: Rows) -> dict[str, object]:
    """Field name → value, for constraints: a reference is its key, or None; a person is whoever imports."""
    by_field: dict[str, object] = {name: values[name] for name in sheet.plain}
    by_field |= {reference.field: reference.target(values) for reference in sheet.references}
    by_field |= {one.field: True if not one.when or values[one.when] else None for one in sheet.people}
    by_field |= sheet.derived(values, final)
    by_field["pk"] = key
    return by_field


def _check_unique(parsed: _Parsed, rows: dict[Key, Values]) -> Iterator[Problem]:
    """Uniqueness beside the key, over all rows as they would be."""
    sheet = parsed.sheet
    for names in sheet.unique:
        seen: dict[Key, Key] = {}
        for key, values in rows.items():
            together = tuple(values[name] for name in names)
            if None in together:
                continue
            other = seen.setdefault(together, key)
            if other != key and (key in parsed.rows or other in parsed.rows):
                place = key if key in parsed.rows else other
                labels = "、".join(sheet.by_name[name].label for name in names)
                message = (
                    f"{labels}が「{show_key(other if place == key else key)}」の行と同じです。別の値にしてください。"
                )
                yield Problem(sheet.name, parsed.numbers[place], names[-1], show_value(values[names[-1]]), message)


def _check_loops(parsed: _Parsed, rows: dict[Key, Values]) -> Iterator[Problem]:
    """Rows that refer to rows of their own sheet (a department to its successor) never come back to themselves."""
    sheet = parsed.sheet
    for reference in sheet.references:
        if reference.sheet != sheet.name:
            continue
        following = {key: target for key, values in rows.items() if (target := reference.target(values)) is not None}
        for start in following:
            seen, key = {start}, following[start]
            while key in following and key not in seen:
                seen.add(key)
                key = following[key]
            if key == start and len(seen) > 1 and start in parsed.rows:  # a row that names itself breaks a constraint
                label = sheet.by_name[reference.names[0]].label
                message = f"{label}をたどると、この行に戻ります。最後に引き継いだものを選んでください。"
                yield Problem(
                    sheet.name, parsed.numbers[start], reference.names[0], show_key(following[start]), message
                )


def _check_deleted(parsed: list[_Parsed], changes: dict[str, SheetChanges], final: Rows) -> Iterator[Problem]:
    """A row that others refer to cannot be deleted."""
    gone = {name: set(one.deleted) for name, one in changes.items() if one.deleted}
    if not gone:
        return
    numbers = {one.sheet.name: one.numbers for one in parsed}
    users: dict[tuple[str, Key], list[str]] = defaultdict(list)
    for sheet in SHEETS:
        for key, values in final[sheet.name].items():
            for reference in sheet.references:
                if (target := reference.target(values)) in gone.get(reference.sheet, ()) and target is not None:
                    users[reference.sheet, target].append(f"{sheet.named}の {show_key(key)}")
            for one in sheet.lists:
                for code in one.codes(values):
                    if one.key(code) in gone.get(one.sheet, ()):
                        users[one.sheet, one.key(code)].append(f"{sheet.named}の {show_key(key)}")
    for (name, key), places in users.items():
        more = f" など{len(places)}か所" if len(places) > 3 else ""
        message = f"{'、'.join(places[:3])}{more}で使われているため削除できません。先にそちらを直すか削除してください。"
        yield Problem(name, numbers[name][key], DELETE, show_key(key), message)
