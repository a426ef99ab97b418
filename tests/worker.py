"""The worker of production, run when a test says so: in this process, or as a process of its own."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connection
from django_tasks_db.management.commands import db_worker

FOLDER = settings.TEST_DIR / "exports"

_CHILD = """
import sys, django
from django.db import connections
django.setup()
connections.databases["default"]["NAME"] = sys.argv[1]
{before}
from django.core.management import call_command
call_command("db_worker", "--no-startup-delay", "--interval", "0.05", *sys.argv[2:])
"""


@pytest.fixture
def exports_folder():
    """Where the files come to be, empty before and after."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    yield FOLDER
    shutil.rmtree(FOLDER, ignore_errors=True)


def work():
    """What `db_worker --batch` does, without its handlers of signals, which would stay with the tests.

    Inside the transaction of a test it does not give its connection back either: the transaction would be lost.
    """
    keeps = patch.object(db_worker, "close_old_connections") if connection.in_atomic_block else nullcontext()
    batch = db_worker.Worker(
        queue_names=["default"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="tests",
    )
    with keeps:
        batch.run()


def worker(*options, before=""):
    """`db_worker` as a process of its own on the database of the tests. `before` is what it does first."""
    return subprocess.Popen(
        [sys.executable, "-c", _CHILD.format(before=before), str(connection.settings_dict["NAME"]), *options],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition, seconds=60):
    """The first true answer of a condition; a failure when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not in {seconds} seconds")
