"""Rows by the names that people know: a reference may be written as the name of the row that it means (企画課 for its code).

A code goes before a name, so what was written as a code means what it always did. A name that several rows bear is refused
with their codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from core.grammar import Unreadable, quoted
from core.text import clean_code
from workbooks.plan.changes import RawTable
from workbooks.plan.columns import LIST_SEPARATOR, ColumnKind, PlanColumn
from workbooks.plan.specification import BY_NAME, Key, NamedRows, PlanSheet, Rows


class KnownNames:
    """What the rows are called once the file is in: those that are stored, and over them those of the file."""

    def __init__(self, stored: Rows, tables: Mapping[str, RawTable]) -> None:
        self._stored, self._tables = stored, tables
        self._known: dict[NamedRows, dict[str, list[str]]] = {}

    def in_codes(self, sheet: PlanSheet, column: PlanColumn, cell: object) -> object:
        """The cell with codes in place of names. Raises Unreadable for a name of several rows."""
        target = sheet.targets.get(column.name)
        if target is None or not isinstance(cell, str):
            return cell
        if target not in self._known:
            self._known[target] = self._codes(target)
        if column.kind is ColumnKind.LIST:
            return LIST_SEPARATOR.join(self._code(target, part) for part in cell.split(LIST_SEPARATOR))
        return self._code(target, cell)

    def _code(self, target: NamedRows, text: str) -> str:
        codes = self._known[target].get(clean_code(text), [text])
        if len(codes) > 1:
            raise Unreadable(
                f"「{quoted(text)}」は、シート「{BY_NAME[target.sheet].named}」に{len(codes)}行あります。"
                f"どの行かが分かるように、{'か'.join(codes)} と入力してください。"
            )
        return codes[0]

    def _codes(self, target: NamedRows) -> dict[str, list[str]]:
        """Code or name → the codes that it may mean."""
        names = {
            str(key[-1]): clean_code(str(name or ""))
            for key, name in self._rows(BY_NAME[target.sheet], target.column)
            if key[:-1] == target.of
        }
        found: dict[str, list[str]] = defaultdict(list)
        for code, name in names.items():
            if name:
                found[name].append(code)
        return {**found, **{code: [code] for code in names}}

    def _rows(self, sheet: PlanSheet, column: str) -> Iterator[tuple[Key, object]]:
        yield from ((key, values[column]) for key, values in self._stored.get(sheet.name, {}).items())
        table = self._tables.get(sheet.name)
        if table is None or column not in table.columns:
            return
        for _number, cells in table.rows:
            try:
                key = tuple(sheet.by_name[name].parse(cells.get(name)) for name in sheet.key)
            except Unreadable:
                continue  # told where the row itself is read
            yield key, cells.get(column)
