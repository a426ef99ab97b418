"""Files that wait for somebody to take them: small ones in memory, larger ones on disk."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, cast

_IN_MEMORY = 4 * 1024 * 1024  # bytes


def waiting_file() -> IO[bytes]:
    """An empty file that is open for writing and reading, and gone once it is closed."""
    return cast(IO[bytes], SpooledTemporaryFile(max_size=_IN_MEMORY))
