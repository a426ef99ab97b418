"""The caches that all processes share: of this machine in files, of several in a Redis (CACHE_URL)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from django.core.files import locks
from redis.exceptions import RedisError

# What a shared cache may raise when it cannot be used: a full disk, a server that is away.
CACHE_ERRORS = (OSError, RedisError)
_MINUTE = 60


class SharedRedisCache(RedisCache):
    """Django's own, but `clear` deletes what begins with the prefix of this cache: the others may use the same Redis, where
    Django would empty all of the database."""

    def clear(self) -> None:
        client = self._cache.get_client(write=True)
        own = re.sub(r"([\\*?\[\]^-])", r"\\\1", f"{self.key_prefix}:") + "*"
        for key in client.scan_iter(own, count=1000):
            client.unlink(key)


class SharedFileCache(FileBasedCache):
    """Django's file cache, in which `add` and `incr` are one step for all processes, as they are in Redis.

    It looks through its folder once a minute, not at every write, and then also removes what has run out.
    """

    def __init__(self, dir: str, params: dict[str, object]) -> None:
        super().__init__(dir, params)
        self._lock = os.path.join(dir, "lock")
        self._tidied = 0.0

    def add(
        self, key: object, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self._alone():
            return super().add(key, value, timeout, version)

    def incr(self, key: object, delta: int = 1, version: int | None = None) -> int:
        """The new number, kept for as long as is usual in this cache. Raises ValueError for a key that is not there."""
        with self._alone():
            return super().incr(key, delta, version)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._createdir()  # type: ignore[attr-defined]
        with open(self._lock, "wb") as file:
            locks.lock(file, locks.LOCK_EX)
            yield

    def _cull(self) -> None:
        now = time.time()
        if abs(now - self._tidied) < _MINUTE:
            return
        self._tidied = now
        for name in self._list_cache_files():  # type: ignore[attr-defined]
            with suppress(FileNotFoundError), open(name, "rb") as file:
                self._is_expired(file)  # type: ignore[attr-defined] # and if it is, deletes it
        super()._cull()  # type: ignore[misc]
