"""Every act is read by another process within a second, and no draft moves a byte, an ETag or a date there."""

import datetime
import json
import os
import subprocess
import sys
import time
from itertools import count, islice

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from committee.models import Meeting, Opinion
from policies.models import Policy
from policies.publicity import make_public, withdraw
from programs.models import Program
from reviews import workflow
from reviews.models import PublishedReport
from tests import factories
from tests.soak import whole_in_soak

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = "/plans/kodaira-2"

# A process that serves kept pages: it is told an address and answers with status, ETag, date and text.
READER = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.CACHE_PAGES, settings.VERSION_SECONDS = True, 0.5
client = Client()
print("ready", flush=True)
for line in sys.stdin:
    answer = client.get(line.strip())
    told = [answer.status_code, answer.headers.get("ETag"), answer.headers.get("Last-Modified"), answer.content.decode()]
    print(json.dumps(told), flush=True)
"""


@pytest.fixture
def reader():
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgresql:///{name}"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-c", READER],
        env=env | {"TEST_DIR": str(settings.TEST_DIR)},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"

    def read(address):
        process.stdin.write(f"{address}\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield read
    process.stdin.close()
    process.wait(timeout=30)
    process.stdout.close()


@pytest.fixture
def everything(db):
    plan = factories.small_plan()
    root = User.objects.create_superuser(username="root", password="pass")
    round_ = factories.published_round(plan, {1: "A", 2: "B"}, by=root)
    return plan, root, round_


def acts(plan, root):
    """Acts of every kind for ever: (does it, address, what stands there afterwards, what does not)."""
    for number in count(1):
        new = f"変更その{number}。"
        item = Program.objects.get(plan=plan, number="1")
        item.note = new
        yield item.save, f"{PLAN}/programs/1/", new, None
        policy = Policy.objects.get(plan=plan, number=1)
        policy.name = new
        yield policy.save, f"{PLAN}/policies/1/", new, None
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=number)
        meeting = Meeting.objects.create(plan=plan, held_on=day, title=f"会議{new}")
        page = f"{PLAN}/committee/"
        yield lambda meeting=meeting: make_public(meeting, by=root), page, meeting.title, None
        told = Opinion.objects.create(plan=plan, key=f"2020-{number}", given_on=day, text=f"意見{new}", meeting=meeting)
        yield lambda told=told: make_public(told, by=root), page, told.text, None
        yield lambda told=told: withdraw(told, reason="誤り", by=root), page, None, told.text
        yield lambda meeting=meeting: withdraw(meeting, reason="誤り", by=root), page, None, meeting.title
        row = PublishedReport.objects.get(number="1")
        text = f"正しくは{new}"

        def correct(row=row, text=text):
            workflow.correct(row, "progress", text, reason="誤記", by=root)

        yield correct, f"{PLAN}/programs/1/", text, None


@pytest.mark.parametrize("times", whole_in_soak([7], [7, 1000]))
def test_each_act_is_read_by_another_process_within_a_second(everything, reader, times):
    plan, root, _round = everything
    times = max(times) if isinstance(times, list) else times
    late = []
    for act, address, present, absent in islice(acts(plan, root), times):
        reader(address)  # it is kept there
        act()
        until = time.monotonic() + 1
        while True:
            text = reader(address)[3]
            if (present is None or present in text) and (absent is None or absent not in text):
                break
            if time.monotonic() > until:
                late.append((address, present, absent))
                break
            time.sleep(0.02)
    assert late == []


@pytest.mark.parametrize("times", whole_in_soak([5], [5, 1000]))
def test_no_draft_moves_a_byte_an_etag_or_a_date(everything, reader, times):
    plan, root, round_ = everything
    times = max(times) if isinstance(times, list) else times
    pages = [
        f"{PLAN}/",
        f"{PLAN}/programs/1/",
        f"{PLAN}/programs.csv",
        f"{PLAN}/committee/",
        "/api/v1/plans/kodaira-2/programs",
    ]
    time.sleep(3)  # in the second of a change no date is given
    before = [reader(page) for page in pages]
    open_round = workflow.open_round(plan.rounds.get(as_of=datetime.date(2015, 3, 31)), by=root)
    assert open_round != round_
    for number in range(times):
        report = factories.report(open_round, 1)
        workflow.save_draft(report, {"progress": f"下書き{number}"}, by=root, version=report.version)
        Meeting.objects.create(plan=plan, held_on=datetime.date(2030, 1, 1) + datetime.timedelta(days=number))
        Program.objects.create(plan=plan, policy=plan.policies.first(), number=f"D{number}", name="準備中")
    time.sleep(0.6)
    assert [reader(page) for page in pages] == before
