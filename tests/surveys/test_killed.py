"""A process that is killed at any moment of taking a sheet in leaves everything or nothing, and a retry works."""

import contextlib
import os
import random
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from reviews.models import Report, SurveyUpload
from reviews.surveys import acts
from reviews.surveys.changes import preview
from tests import factories
from tests.surveys.conftest import Book

pytestmark = pytest.mark.django_db(transaction=True)

CONFIRM = """
import sys, django
django.setup()
from django.db import connections
connections.databases["default"]["NAME"] = sys.argv[1]
from accounts.models import User
from reviews.models import SurveyUpload
from reviews.surveys import acts
from reviews.surveys.changes import preview
upload = SurveyUpload.objects.select_related("round__plan", "round__edition", "department").get(pk=sys.argv[2])
by = User.objects.get(username="reporter")
fingerprint = preview(upload).fingerprint
print("ready", flush=True)
sys.stdin.readline()
acts.confirm(upload, fingerprint=fingerprint, by=by)
print("done", flush=True)
"""


def written():
    return Report.objects.filter(progress="殺されても").count(), Report.history.filter(progress="殺されても").count()


def kill_after(upload, seconds):
    """Confirm in a process of its own and kill it; whether it had finished."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONFIRM, str(connection.settings_dict["NAME"]), str(upload.pk)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGKILL)
        return "done" in process.stdout.read()


def everything_or_nothing(desk, cast, times, longest):
    outcomes = set()
    chance = random.Random(4)  # noqa: S311
    for turn in range(times):
        uploaded = desk.upload(
            Book(desk.download().saved()).put("報告", 4, 取組状況="殺されても").put("報告", 5, 取組状況="殺されても")
        )
        finished = kill_after(uploaded, chance.uniform(0, longest) if turn else 0)
        uploaded = SurveyUpload.objects.get(pk=uploaded.pk)
        before = written()
        assert (before[0], uploaded.state) in {(0, "previewed"), (2, "confirmed")}
        assert not finished or uploaded.state == "confirmed"
        outcomes.add(uploaded.state)
        if uploaded.state == "previewed":
            uploaded = acts.confirm(uploaded, fingerprint=preview(uploaded).fingerprint, by=cast.reporter)
        assert written()[0] == 2
        acts.undo(uploaded, by=cast.reporter)
        assert written()[0] == 0
    return outcomes


def test_killed_at_three_moments(desk, cast):
    everything_or_nothing(desk, cast, 3, 0.2)


@pytest.mark.soak
def test_killed_at_a_hundred_moments(desk, cast, opened):
    assert everything_or_nothing(desk, cast, 100, 0.15) == {"previewed", "confirmed"}
    assert factories.report(opened, 1).state == "draft"
