"""Values that take long to find, kept in this process for as long as what they were found from stays (docs/decisions/0016-kept-comparison.md)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_MOST = 24  # the texts of a plan of 6,200 items take some megabytes
_lock = threading.Lock()
# By a key whatever its `find` gives: one store, so that what is kept together is bounded.
_kept: OrderedDict[Hashable, tuple[Any, Any]] = OrderedDict()

_Found = TypeVar("_Found")
_Of = TypeVar("_Of", bound=Hashable)


def kept(
    key: Hashable,
    of: _Of | None,
    find: Callable[[], _Found],
    renewed: Callable[[_Of, _Found], _Found | None] | None = None,
) -> _Found:
    """The value of a key, found anew when it was found of something else; there is one for each key. `of` is read before
    whatever `find` reads, so that a value is never taken for newer than it is. None: this one is not to be kept.

    `renewed` may make the value of the one before and what that was found of; None: it cannot, and `find` is asked."""
    if of is None:
        return find()
    with _lock:
        known = _kept.get(key)
        if known is not None and known[0] == of:
            _kept.move_to_end(key)
            value: _Found = known[1]
            return value
    before = renewed(*known) if renewed is not None and known is not None else None
    found = find() if before is None else before
    with _lock:
        _kept[key] = (of, found)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


def clear() -> None:
    """Drop everything; for whoever changes rows around the acts, and for words that must be nowhere any more."""
    with _lock:
        _kept.clear()
