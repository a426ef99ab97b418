"""Every act is read by another process within a second, and no draft moves a byte, an ETag or a date there."""

import datetime
import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F

from committee.models import Meeting, Opinion
from committee.opinions import record
from figures.models import PublishedVersion
from figures.version import published_changed
from policies.publicity import make_public, withdraw
from programs.models import Program
from reviews.models import PublishedReport
from reviews.redaction import redact
from tests.figures.acts import DRAFTS, MOVES, STEPS, acts, drafts, known
from tests.soak import whole_in_soak

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = "/plans/kodaira-2"
SEARCHED = (f"{PLAN}/programs/", f"{PLAN}/programs.json", "/api/v1/plans/kodaira-2/programs")

# A process that serves kept pages: it is told an address and answers with status, ETag, date and text.
READER = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.CACHE_PAGES, settings.VERSION_SECONDS = True, float(sys.argv[1])
client = Client()
print("ready", flush=True)
for line in sys.stdin:
    answer = client.get(line.strip())
    told = [answer.status_code, answer.headers.get("ETag"), answer.headers.get("Last-Modified"), answer.getvalue().decode()]
    print(json.dumps(told), flush=True)
"""


@pytest.fixture
def reader(request):
    """Asks for the version as often as the product does in the long run, and in the short one more often."""
    seconds = "0.5" if request.node.get_closest_marker("soak") else "0.1"
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgresql:///{name}"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-c", READER, seconds],
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


def test_every_act_either_moves_the_pages_or_must_not():
    """By introspection: every public function of the business that asks who acts."""
    kinds = (MOVES, STEPS, DRAFTS)
    assert set().union(*kinds) == known()
    assert sum(map(len, kinds)) == len(known())


@pytest.mark.parametrize("times", whole_in_soak([1], [1, 1000]))
def test_each_act_is_read_by_another_process_within_a_second(root, reader, times):
    """All kinds at least once, and so many acts."""
    times, done, late = max(times), Counter(), []
    for name, act, address, present, absent in acts(root):
        if name == "a form" and sum(done.values()) >= times and set(done) >= MOVES:
            break
        before = reader(address)[3]  # it is kept there
        assert present is None or present not in before, name
        assert absent is None or absent in before, name
        act()
        until = time.monotonic() + 1
        while not _told(reader(address)[3], present, absent):
            if time.monotonic() > until:
                late.append((name, address, present, absent))
                break
            time.sleep(0.02)
        done[name] += 1
    assert late == []
    assert set(done) == MOVES | {"a form"}


def _told(text, present, absent):
    return (present is None or present in text) and (absent is None or absent not in text)


@pytest.mark.parametrize("times", whole_in_soak([1], [1, 1000]))
def test_no_draft_moves_a_byte_an_etag_or_a_date(plan_with_round, root, reader, times):
    times, done = max(times), Counter()
    pages = [
        f"{PLAN}/",
        f"{PLAN}/programs/1/",
        f"{PLAN}/programs.csv",
        f"{PLAN}/committee/",
        "/api/v1/plans/kodaira-2/programs",
    ]
    # Just after a change no date is given.
    PublishedVersion.objects.update(moved_at=F("moved_at") - datetime.timedelta(seconds=10))
    before = [reader(page) for page in pages]
    assert all(tag and date for _status, tag, date, _text in before)
    number = PublishedVersion.objects.get().number
    for name, act in drafts(plan_with_round, root):
        act()
        assert PublishedVersion.objects.get().number == number, name
        done[name] += 1
        if sum(done.values()) >= times and set(done) == DRAFTS:
            break
    Meeting.objects.create(plan=plan_with_round, held_on=datetime.date(2030, 1, 1))
    Program.objects.create(plan=plan_with_round, policy=plan_with_round.policies.first(), number="D1", name="準備中")
    time.sleep(0.6)
    assert [reader(page) for page in pages] == before


def test_what_is_taken_back_another_process_finds_no_more_and_the_rest_it_does(plan_with_round, root, reader):
    """On a page, in a file and by the API, each of which has searched before."""
    plan, item = plan_with_round, plan_with_round.programs.get(number="1")
    meeting = Meeting.objects.create(plan=plan, held_on=datetime.date(2015, 1, 1))
    told = {"given_on": meeting.held_on, "published_on": meeting.held_on, "text": "夜間窓口の意見"}
    opinion = Opinion(plan=plan, meeting=meeting, program=item, **told)

    def found(word):
        page, *tables = (reader(f"{address}?q={word}")[3] for address in SEARCHED)
        return "<mark>" in page, *([each["number"] for each in json.loads(table)["items"]] for table in tables)

    def reported(text):
        PublishedReport.objects.filter(program=item).update(progress=text)
        published_changed([str(item.pk)])

    for word, act, items in [
        ("夜間窓口", lambda: record(opinion, by=root), []),
        ("夜間窓口", lambda: make_public(meeting, by=root), ["1"]),
        ("夜間窓口", lambda: withdraw(opinion, reason="誤り", by=root), []),
        ("山田太郎", lambda: reported("山田太郎さんの窓口"), ["1"]),
        ("山田太郎", lambda: redact("山田太郎", reason="氏名が載ったため", by=root), []),
    ]:
        found(word)  # it is kept there
        act()
        until, wanted = time.monotonic() + 1, (bool(items), items, items)
        while (now := found(word)) != wanted and time.monotonic() < until:
            time.sleep(0.02)
        assert (word, now, found("項目2")) == (word, wanted, (True, ["2"], ["2"]))
