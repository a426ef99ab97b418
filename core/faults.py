"""A database that is down or does not answer: found out in two seconds, so that no thread waits for it for ever.

A server that is stopped, or a network that swallows packets, says nothing, and a thread that waits for an answer cannot be ended
from outside. So each process of the site has one thread that asks the database every second, and all other threads look
at what it found while they wait. A statement that merely takes long is let go on: its server still answers. PostgreSQL
only; SQLite is a file. Knows no app.
"""

from __future__ import annotations

import errno
import select
import threading
import time

import psycopg2
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError, connection
from psycopg2 import extensions

UNAVAILABLE = (OperationalError, InterfaceError)
# Of PostgreSQL: it takes no changes (a standby, a full disk), or has ended a transaction that waited too long.
_UNAVAILABLE_CODES = {"25006", "25P03"}
_LOST_CODES = ("08", "57P", "25P03")  # how the codes begin of a connection that has ended
_UNIQUE, _TOO_LARGE = "23505", "22003"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
RETRY_AFTER = 30  # seconds that a visitor is asked to wait
STATEMENT_SECONDS = 30  # that a statement of a page may take; commands and the worker have no such limit
_CONNECTING = 5.0  # seconds
_PROBE = 1.5
_EVERY = 1.0
_LOOK = 0.5  # how often a thread that waits looks up

_own = threading.local()  # `until`: when the one who asks gives up


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database is the reason, and no mistake of ours: the same may succeed later."""
    return isinstance(error, UNAVAILABLE) or (isinstance(error, InternalError) and _code(error) in _UNAVAILABLE_CODES)


def is_lost(error: BaseException | None) -> bool:
    """Whether the database said nothing about what was asked last: a change that was to be stored may be, or may not."""
    if connection.vendor != "postgresql" or not is_unavailable(error):
        return False
    code = _code(error)
    return not code or code.startswith(_LOST_CODES)


def is_overlap(error: IntegrityError) -> bool:
    """Whether another row says already what may stand once; false for all else that a database refuses."""
    sqlite = getattr(error.__cause__, "sqlite_errorname", "")
    return _code(error) == _UNIQUE or sqlite in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def is_number_beyond(error: BaseException | None) -> bool:
    """A number that no column holds, as keys of records in an address or a choice that no page sends; or no calendar."""
    return isinstance(error, OverflowError) or _code(error) == _TOO_LARGE


def is_without_room(error: BaseException | None) -> bool:
    """Whether no more fits on the disk."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _code(error: BaseException | None) -> str:
    """Of PostgreSQL; "" where it said nothing."""
    return getattr(error.__cause__ if error else None, "pgcode", None) or ""


class Watch:
    """Whether the database answers, asked by a thread of its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asks_since: float | None = None  # the question that has no answer yet
        self._asked = 0.0  # when the last answered question was asked
        self._wanted = False
        self._answers = True

    def start(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database watch", daemon=True)
                self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    @property
    def is_down(self) -> bool:
        since = self._asks_since
        return not self._answers or (since is not None and time.monotonic() - since > _PROBE + _LOOK)

    def answers(self, within: float) -> bool:
        """Whether the database answers a question that is asked now."""
        now = time.monotonic()
        with self._changed:
            self._wanted = True
            self._changed.notify_all()
            while self._asked < now:
                if not self._changed.wait(now + within - time.monotonic()):
                    return False
            return self._answers

    def _run(self) -> None:
        asked: extensions.connection | None = None
        while True:
            self._asks_since = now = time.monotonic()
            try:
                _own.until = now + _PROBE
                asked = asked or psycopg2.connect(**connection.get_connection_params())
                asked.autocommit = True
                with asked.cursor() as cursor:
                    cursor.execute("SELECT 1")
                answers = True
            except psycopg2.Error:
                if asked is not None:
                    asked.close()
                asked, answers = None, False
            with self._changed:
                self._asks_since, self._asked, self._answers = None, now, answers
                self._changed.notify_all()
                if not self._wanted:
                    self._changed.wait(_EVERY)
                self._wanted = False


WATCH = Watch()


def watch() -> None:
    """From now on this process waits for no database that does not answer. For the site; commands wait as they always did."""
    if connection.vendor == "postgresql":
        options: dict[str, object] = connection.settings_dict["OPTIONS"]
        options["options"] = f"{options.get('options', '')} -c statement_timeout={STATEMENT_SECONDS}s".strip()
        extensions.set_wait_callback(_wait)
        WATCH.start()


def _wait(asked: extensions.connection) -> None:
    """How psycopg2 waits: as long as the database answers others."""
    began = time.monotonic()
    poll = select.poll()
    while True:
        match asked.poll():
            case extensions.POLL_OK:
                return
            case extensions.POLL_READ:
                events = select.POLLIN
            case extensions.POLL_WRITE:
                events = select.POLLOUT
            case _:
                raise psycopg2.OperationalError("The connection to the database was lost.")
        number = asked.fileno()
        poll.register(number, events)
        while not poll.poll(_LOOK * 1000):
            _give_up_in_time(asked, began)
        poll.unregister(number)


def _give_up_in_time(asked: extensions.connection, began: float) -> None:
    now = time.monotonic()
    until: float | None = getattr(_own, "until", None)
    connecting = asked.status == extensions.STATUS_SETUP and now - began > _CONNECTING
    if (until is not None and now > until) or connecting or (until is None and WATCH.is_down):
        raise psycopg2.OperationalError("The database does not answer.")
