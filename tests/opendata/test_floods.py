"""What many readers at once may take; everything else goes on."""

import threading

import pytest
from django.db.models import F

from figures.models import PublishedVersion
from opendata import floods
from tests.reading import read

DEAR = ["/plans/kodaira-2/data.zip", "/plans/kodaira-2/programs.xlsx", "/plans/kodaira-2/programs/?q=項目"]
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
