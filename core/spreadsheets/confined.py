"""A stranger's file is read by a process of its own (core/spreadsheets/child.py), with limits of memory and time.

Whatever the file makes of its reader ends there: the thread that asked waits a bounded time, and goes on. Knows no app.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from core.spreadsheets.limits import DAMAGED, TOO_LARGE, UnreadableFile

# Of addresses, which are never fewer than what is used of them; three times what a plan of 6,200 items takes. The site has the
# rest of 300 MB, and keeps what it hears while the process still has it.
MEMORY = 200 * 1024 * 1024
SECONDS = 7  # from the start of the process to its last line
WAITING = 3  # seconds for a place, of which a worker has
PLACES = 2
MOST_BYTES = 40 * 1024 * 1024  # of an answer; that of a plan of 6,200 items has 6

_TOO_LONG = (
    f"ファイルを{SECONDS}秒以内に読み終えられませんでした。使っていない行・列・シートを削除するか、"
    "分けてから、もう一度試してください。"
)
_BUSY = "ほかのファイルを読み込んでいます。少し待ってから、もう一度試してください。"
_LAST = (b'{"end":', b'{"refused":')  # how the last line begins
_CHILD = Path(__file__).with_name("child.py")

_log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(PLACES)


def answer(task: str, data: bytes, options: dict[str, int]) -> Generator[bytes, None, None]:
    """The lines that the reader of a file writes. Raises UnreadableFile, also in the middle; to be closed when done."""
    if not _places.acquire(timeout=WAITING):
        raise UnreadableFile(_BUSY)
    try:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            process = _start(file.fileno(), task, options)
        try:
            yield from _heard(process, time.monotonic() + SECONDS)
        finally:
            process.kill()
            if process.stdout:
                process.stdout.close()
            process.wait()  # it is dead: nothing to wait for, and no zombie is left
    finally:
        _places.release()


def _start(file: int, task: str, options: dict[str, int]) -> subprocess.Popen[bytes]:
    limits = {"memory": MEMORY, "seconds": SECONDS}
    arguments = [json.dumps(value) for value in ([str(_CHILD.parents[2]), *sys.path], task, options, limits)]
    return subprocess.Popen(  # noqa: S603 - our own program, with numbers for arguments
        # Isolated and without `site`: it finds modules where this process does, and starts in a twentieth of a second.
        [sys.executable, "-I", "-S", str(_CHILD), *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        cwd="/",
    )


def _heard(process: subprocess.Popen[bytes], until: float) -> Iterator[bytes]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    pipe = process.stdout.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    size, rest = 0, b""
    while True:
        if not poll.poll(max(0, until - time.monotonic()) * 1000):
            raise _refused("after its time", _TOO_LONG)
        found = os.read(pipe, 1 << 20)
        if not found:
            break
        size += len(found)
        if size > MOST_BYTES:
            raise _refused("with too long an answer", TOO_LARGE)
        *lines, rest = (rest + found).split(b"\n")
        for line in lines:
            yield line
            if line.startswith(_LAST):
                return
    code = process.wait(timeout=1)
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        raise _refused("after its time", _TOO_LONG)
    raise _refused(f"with status {code}", DAMAGED if code == -signal.SIGSEGV else TOO_LARGE)


def _refused(how: str, reason: str) -> UnreadableFile:
    _log.warning("The reader of an uploaded file ended %s; the file was refused.", how)
    return UnreadableFile(reason)
