"""Workbooks that an earlier version wrote: what they say, under the names and in the sheets of today."""

from __future__ import annotations

from workbooks.plan.changes import RawTable


def today(table: RawTable) -> list[RawTable]:
    """A table as today's sheets have it. Errata of contents once stood in the sheet of errata, told by their `edition`."""
    if table.sheet != "errata" or "edition" not in table.columns:
        return [table]
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


def _without(columns: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column != name)
