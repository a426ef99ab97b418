"""`make run`: the site and its worker beside each other, and nothing of them is left afterwards."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings
from django.db import connection

from tests.soak import others_in_soak
from tests.worker import wait_for
from workbooks import exports

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("exports_folder")]

SERVE = """
import sys, django
from django.db import connections
django.setup()
connections.databases["default"]["NAME"] = sys.argv[1]
from django.core.management import call_command
call_command("serve", sys.argv[2])
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(port, key="x" * 50):
    """The command in a session of its own, whose number is the process's."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(connection.settings_dict["NAME"]), f"127.0.0.1:{port}"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "SECRET_KEY": key},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def answers(port, process):
    assert process.poll() is None, process.stdout.read()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def anybody_left(process):
    """Whether a process of its session is alive."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


ENDS = [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)]


@pytest.mark.parametrize(("how", "code"), others_in_soak(ENDS, [(signal.SIGINT, 0)]))
def test_a_file_comes_out_and_nobody_is_left(plan, cast, how, code):
    port = free_port()
    with served(port) as process:
        wait_for(lambda: answers(port, process))
        exports.start(plan, "book", site="", by=cast.office)
        wait_for(lambda: exports.last(plan, "book").state == "done")
        os.kill(process.pid, how)
        assert process.wait(30) == code
        assert not anybody_left(process)


def test_a_port_that_is_taken_ends_the_worker_too(plan):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with served(port) as process:
            assert process.wait(60) == 1
            assert not anybody_left(process)
            assert "That port is already in use." in process.stdout.read()


@pytest.mark.soak
def test_a_server_that_cannot_start_ends_the_worker_too(plan):
    with served(free_port(), key="") as process:
        assert process.wait(60) == 1
        assert not anybody_left(process)
        assert "SECRET_KEY が設定されていません。" in process.stdout.read()
