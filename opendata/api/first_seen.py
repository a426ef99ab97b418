"""Since when an address has had its present content: when any worker first saw it. Kept over a restart.

It follows from public content alone: a date read from tables could tell that somebody is working on a draft.
"""

from __future__ import annotations

import hashlib
import logging
import time

from django.core.cache import caches

from core.caches import CACHE_ERRORS

_MINUTE = 60
log = logging.getLogger(__name__)


def first_seen(address: str, etag: str) -> int:
    """Seconds since 1970; the same for all workers that share the cache `shared`."""
    now = int(time.time())
    try:
        return _first_seen(hashlib.sha256(address.encode()).hexdigest(), etag, now)
    except CACHE_ERRORS:
        log.exception("what the API has answered cannot be kept")
        return now  # a new date each time: the answer is sent again


def _first_seen(key: str, etag: str, now: int) -> int:
    dates = caches["shared"]
    known, since = dates.get(key, ("", 0))
    if known == etag:
        return int(since)
    # Of several workers that see the change, the first gives the date. Two contents of one second must not bear the same.
    change = f"{key}/{since}/{etag}"
    changed = max(now, since + 1)
    if not dates.add(change, changed, _MINUTE):
        changed = int(dates.get(change, changed))
    dates.set(key, (etag, changed))
    return changed
