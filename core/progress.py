"""Long work that says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[int, int], None]  # (parts that are done, all parts); may be called as often as one likes
_EVERY = 1000
_T = TypeVar("_T")


def heard(rows: Iterable[_T], tell: Callable[[], None]) -> Iterator[_T]:
    """The rows; one is told now and then that they go on."""
    for number, row in enumerate(rows, start=1):
        if number % _EVERY == 0:
            tell()
        yield row
