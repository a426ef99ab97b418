"""Processes that are killed in the middle of an act on the database of the tests, at every moment of it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

from django.conf import settings
from django.db import connection

_CHILD = """
import sys, time, django
django.setup()
from django.db import connections
connections.databases["default"]["NAME"] = sys.argv[1]
{before}
print("ready", flush=True)
sys.stdin.readline()
start = time.monotonic()
{act}
print("done", time.monotonic() - start, flush=True)
"""
COMMAND = """
from django.core.management import call_command
call_command(*sys.argv[2:])
"""


def run(act, *arguments, before="", seconds=None):
    """Do an act in a process of its own and kill it, with all that it has started, after so many seconds, or not at all.

    `before` is done first, while the clock stands. Returns how many seconds the act took, or None if it was killed before.
    """
    connection.close()
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _CHILD.format(before=before, act=act),
            str(connection.settings_dict["NAME"]),
            *arguments,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        start_new_session=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        try:
            said, _ = process.communicate("go\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
    _wait_until_alone()
    *_, last = said.split("\n")[-2:-1] or [""]
    return float(last.removeprefix("done ")) if last.startswith("done ") else None


def moments(longest, times, seed):
    """So many moments to kill at, early and late, of an act that took `longest` seconds."""
    chance = random.Random(seed)  # noqa: S311 - the same run every time
    for turn in range(times):
        yield longest * 1.2 * (turn + chance.random()) / times


def _wait_until_alone():
    """PostgreSQL's own process of a connection that was cut goes on for a moment."""
    if connection.vendor == "postgresql":
        for _ in range(200):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND backend_type = 'client backend'"
                )
                if cursor.fetchone() == (1,):
                    return
            time.sleep(0.05)
