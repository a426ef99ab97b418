"""A process that is killed at any moment of taking a sheet in leaves everything or nothing, and a retry works."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from reviews.models import Report
from tests import factories
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.changes import preview

pytestmark = pytest.mark.django_db(transaction=True)

CONFIRM = """
import sys, django
django.setup()
from django.db import connections
connections.databases["default"]["NAME"] = sys.argv[1]
from accounts.models import User
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.changes import preview
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
    """Confirm in a process of its own and kill it; whether it had finished, and how long it took. Without `seconds`
    nobody kills it."""
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
        start = time.monotonic()
        if seconds is None:
            return process.stdout.readline() == "done\n", time.monotonic() - start
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGKILL)
        return "done" in process.stdout.read(), seconds


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_a_confirmation_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated(desk, cast, opened, kills):
    chance = random.Random(4)  # noqa: S311
    outcomes, longest = Counter(), None
    for turn in range(kills + 1):
        uploaded = desk.upload(
            desk.download().put("報告", 4, 取組状況="殺されても").put("報告", 5, 取組状況="殺されても")
        )
        # The first one runs to its end and shows how long that takes; then one at once, early ones and late ones.
        seconds = None if longest is None else longest * (turn - 1 + chance.random() * (turn > 1)) / kills
        finished, took = kill_after(uploaded, seconds)
        uploaded = SurveyUpload.objects.get(pk=uploaded.pk)
        before = written()
        assert (before[0], uploaded.state) in {(0, "previewed"), (2, "confirmed")}
        assert not finished or uploaded.state == "confirmed"
        if longest is None:
            assert finished
            longest = took * 1.2
        else:
            outcomes[uploaded.state] += 1
        if uploaded.state == "previewed":
            uploaded = acts.confirm(uploaded, fingerprint=preview(uploaded).fingerprint, by=cast.reporter)
        assert written() == (2, before[1] + (2 if before[0] == 0 else 0))
        acts.undo(uploaded, by=cast.reporter)
        assert written()[0] == 0
    print(f"{kills} kills of confirm within {longest:.2f} s: {dict(outcomes)}")
    assert outcomes["previewed"] > 0
    assert factories.report(opened, 1).state == "draft"
