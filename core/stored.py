"""Whether anything that a request wrote is stored: who sent a form that ended in a fault is told so. Knows no app."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

_Execute = Callable[[str, object, bool, dict[str, object]], object]
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Written:
    """Around the statements of a request (`connection.execute_wrapper`): what was rolled back is not stored, and what was
    committed is, whatever failed afterwards."""

    def __init__(self) -> None:
        self.is_begun = self.is_stored = False

    def __call__(self, execute: _Execute, sql: str, params: object, many: bool, context: dict[str, object]) -> object:
        if not str(sql).lstrip().upper().startswith(_WRITES):
            return execute(sql, params, many, context)
        self.is_begun = True
        result = execute(sql, params, many, context)
        if connection.in_atomic_block:
            transaction.on_commit(self._store)  # forgotten with what is rolled back
        else:
            self._store()
        return result

    def _store(self) -> None:
        self.is_stored = True
