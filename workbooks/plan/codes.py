"""Codes in the rows of a file, as people type them: each becomes the known code that it means (◯ is the grade ○)."""

from __future__ import annotations

from collections.abc import Iterable

from core.grammar import Codes, Unreadable
from workbooks.plan.columns import ColumnKind
from workbooks.plan.specification import Key, PlanSheet, Reference, Rows, Values


def _codes(keys: Iterable[Key]) -> Codes[Key, Key]:
    return Codes((key, key) for key in keys)


class KnownCodes:
    """Codes that are stored, and those of the sheets that were read so far."""

    def __init__(self, stored: Rows) -> None:
        self._own = {name: _codes(rows) for name, rows in stored.items()}
        self._all: dict[str, Codes[Key, Key]] = {}

    def add(self, sheet: PlanSheet, keys: Iterable[Key]) -> None:
        """The sheet is read, and these are the keys of its rows."""
        self._all[sheet.name] = _codes([*self._own[sheet.name], *keys])

    def settle(self, sheet: PlanSheet, values: Values) -> None:
        """Give a row the codes that it means. Raises Unreadable where a list then names one twice.

        What refers to a sheet that is not read yet waits for another call; no part of a key does.
        """
        self.settle_references(sheet.references, values)
        for one in sheet.lists:
            if one.name in values and (known := self._all.get(one.sheet)):
                meant = [(known.meant(one.key(code)), code) for code in one.codes(values)]
                codes = tuple(str(key[0]) if key else code for key, code in meant)
                if len(set(codes)) < len(codes):
                    raise Unreadable("同じ記号が2回あります。1回だけ書いてください。")
                values[one.name] = codes
        if any(
            column.is_key and column.kind is ColumnKind.CODE and not column.is_reference for column in sheet.columns
        ):
            key = sheet.key_of(values)
            values.update(zip(sheet.key, self._own[sheet.name].meant(key) or key, strict=True))

    def settle_references(self, references: Iterable[Reference], values: Values) -> None:
        for reference in references:
            known = self._all.get(reference.sheet)
            if known and all(name in values for name in reference.names):
                key = reference.target(values)
                meant = None if key is None else known.meant(key)
                if meant is not None and meant != key:
                    values.update(zip(reference.names, meant[len(reference.of) :], strict=True))
