"""Workbooks that an earlier version wrote: what they say, under the names and in the sheets of today."""

from __future__ import annotations

import json
from collections.abc import Callable

from policies.models import Tone
from workbooks.plan.changes import RawTable

_CRITERIA = ("criteria_note", "評価の基準の変更")
# Until version 2 a grade that judges nothing was of no tone.
_LAST_WITHOUT_EXCLUDED = 2


def today(table: RawTable, version: int | None = None) -> list[RawTable]:
    """A table as today's sheets have it. `version` is that of the file's README; None for a file that has none."""
    if version is None or version <= _LAST_WITHOUT_EXCLUDED:
        table = _with_excluded(table)
    match table.sheet:
        case "errata" if "edition" in table.columns:
            return _errata(table)
        case "rounds" if note := next((name for name in _CRITERIA if name in table.columns), ""):
            return _scales(table, note)
    return [table]


def _errata(table: RawTable) -> list[RawTable]:
    """Errata of contents once stood in the sheet of errata, told by their `edition`."""
    of_reports: list[tuple[int, dict[str, object]]] = []
    of_contents: list[tuple[int, dict[str, object]]] = []
    for number, row in table.rows:
        rows, without = (of_reports, "edition") if row.get("edition") is None else (of_contents, "as_of")
        kept = {name: value for name, value in row.items() if name != without or value is not None}
        rows.append((number, kept | {"number": len(rows) + 1}))
    return [
        RawTable("errata", _without(table.columns, "edition"), tuple(of_reports)),
        RawTable("content_errata", _without(table.columns, "as_of"), tuple(of_contents)),
    ]


def _scales(table: RawTable, note: str) -> list[RawTable]:
    """That a round judged by other criteria once stood in the round: a scale begins with it, with the same grades."""
    rounds = tuple((number, {name: row[name] for name in row if name != note}) for number, row in table.rows)
    scales = tuple(
        (number, {"starts_on": row.get("as_of"), "note": row[note]})
        for number, row in table.rows
        if row.get(note) not in (None, "")
    )
    found = [RawTable("rounds", _without(table.columns, note), rounds)]
    return [RawTable("scales", ("starts_on", "note"), scales), *found] if scales else found


def _with_excluded(table: RawTable) -> RawTable:
    """What was of no tone was what is not judged."""
    if table.sheet in ("grades", "published_reports"):
        return _replaced(table, "tone", lambda cell: Tone.EXCLUDED.value if cell == Tone.NONE else cell)
    if table.sheet == "rounds":
        return _replaced(table, "framework", _framework)
    return table


def _framework(cell: object) -> object:
    try:
        framework = json.loads(str(cell))
        for grade in framework.get("grades", []):
            if grade.get("tone") == Tone.NONE:
                grade["tone"] = Tone.EXCLUDED.value
    except (ValueError, AttributeError):  # what it is instead is told by the column
        return cell
    return json.dumps(framework, ensure_ascii=False, sort_keys=True)


def _replaced(table: RawTable, column: str, replace: Callable[[object], object]) -> RawTable:
    if column not in table.columns:
        return table
    rows = tuple(
        (number, row | {column: replace(row[column])} if row.get(column) is not None else row)
        for number, row in table.rows
    )
    return RawTable(table.sheet, table.columns, rows)


def _without(columns: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column != name)
