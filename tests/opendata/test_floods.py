"""What many readers at once may take; everything else goes on."""

import queue
import threading

import pytest
from django.db.models import F
from django.http import HttpResponse

from figures.models import PublishedVersion
from opendata import floods
from tests.reading import read

PLAN = "/plans/kodaira-2"
SEARCHES = [
    f"{PLAN}/{name}?q=項目" for name in ("programs/", "programs.csv", "programs.json", "long.csv", "errata.csv")
]
DEAR = [f"{PLAN}/data.zip", f"{PLAN}/programs.xlsx", *SEARCHES]
FILES = ["/plans/kodaira-2/programs.csv", "/plans/kodaira-2/data/sources.csv", "/plans/kodaira-2/programs.json"]


@pytest.fixture
def full(monkeypatch):
    """Both places are taken."""
    places = threading.BoundedSemaphore(2)
    monkeypatch.setattr(floods, "_places", places)
    monkeypatch.setattr(floods, "PATIENCE", 0.01)
    for _ in range(floods.AT_ONCE):
        places.acquire()
    return places


def test_what_is_dear_has_a_share_and_the_rest_goes_on(client, filled, full):
    for address in DEAR:
        refused = client.get(address)
        assert (refused.status_code, refused["Retry-After"], refused["Cache-Control"]) == (503, "10", "no-store")
        assert read(refused).texts["h1"] == ["混み合っています"]
    for address in ("/plans/kodaira-2/programs/", *FILES):
        assert client.get(address).status_code == 200
    refused = client.get(f"/api/v1{PLAN}/programs?q=項目")
    assert (refused.status_code, refused["Retry-After"]) == (503, "10")
    assert refused["Content-Type"] == "application/problem+json"
    assert client.get(f"/api/v1{PLAN}/programs").status_code == 200
    full.release()
    for address in DEAR:  # each gives its place back
        assert client.get(address).status_code == 200


def test_who_must_wait_does_not_get_what_has_been_withdrawn_meanwhile(client, filled, full, settings):
    settings.CACHE_PAGES, settings.VERSION_SECONDS = True, 0
    full.release()
    assert client.get(DEAR[0]).status_code == 200
    PublishedVersion.objects.update(number=F("number") + 1)  # as another process does
    full.acquire()
    assert client.get(DEAR[0]).status_code == 503


def test_a_packet_of_the_members_is_dear_too(client, filled, cast, full):
    client.force_login(cast.office)
    own = f"/admin/committee/meeting/{filled.meetings.first().pk}/packet/"
    assert (client.get(f"{own}packet.pdf").status_code, client.get(own).status_code) == (503, 200)


def test_of_many_at_once_two_are_answered_one_waits_and_the_rest_hear_at_once_that_it_is_full(rf, monkeypatch):
    """Of the four threads of a worker one is always left."""
    monkeypatch.setattr(floods, "_places", threading.BoundedSemaphore(floods.AT_ONCE))
    monkeypatch.setattr(floods, "PATIENCE", 60)
    answers, done = queue.Queue(), threading.Event()
    makes = floods.bounded(lambda _request: HttpResponse(done.wait(60)), busy=lambda *_: HttpResponse(status=503))
    threads = [threading.Thread(target=lambda: answers.put(makes(rf.get("/")).status_code)) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        assert [answers.get(timeout=10) for _ in range(5)] == [503] * 5
        assert answers.empty()
    finally:
        done.set()
    assert [answers.get(timeout=10) for _ in range(3)] == [200] * 3


def test_a_failure_gives_its_place_back(rf, monkeypatch):
    def fails(_request):
        raise RuntimeError

    monkeypatch.setattr(floods, "_places", threading.BoundedSemaphore(1))
    for _ in range(3):
        with pytest.raises(RuntimeError):
            floods.bounded(fails)(rf.get("/"))


def test_files_are_made_as_often_as_the_api_answers(client, filled, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    assert [client.get(address).status_code for address in FILES] == [200, 200, 429]
    refused = client.get(FILES[0])
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "とても多くのファイル" in refused.text
    assert client.get("/plans/kodaira-2/programs/").status_code == 200
    assert client.get(FILES[0], REMOTE_ADDR="192.0.2.9").status_code == 200
