"""Public answers are written once a minute, sent compressed or plain, and not sent again to who has them."""

import gzip

import pytest
import time_machine
from django.core.cache import caches

from policies.models import Plan

PAGE = "/plans/kodaira-2/programs/"


@pytest.fixture
def keeping(settings):
    settings.CACHE_PAGES = True
    caches["pages"].clear()
    yield
    caches["pages"].clear()


def test_a_page_is_written_once_a_minute(client, published, keeping, django_assert_num_queries):
    with time_machine.travel("2026-04-01 09:00+09:00", tick=False) as clock:
        first = client.get(PAGE)
        Plan.objects.update(name="新しい名前")
        clock.shift(59)
        with django_assert_num_queries(0):
            again = client.get(PAGE)
            head = client.head(PAGE)
        assert (again.content, again.headers) == (first.content, first.headers)
        assert (head.status_code, head["ETag"]) == (200, first["ETag"])
        assert "新しい名前" in client.get(f"{PAGE}?policy=1").text
        clock.shift(2)
        later = client.get(PAGE)
    assert "新しい名前" in later.text
    assert later["ETag"] != first["ETag"]


@pytest.mark.parametrize("accepts", ["gzip", "br, gzip;q=0.5", "gzip;q=1, *"])
def test_who_takes_gzip_gets_it(client, published, keeping, accepts):
    plain = client.get(PAGE)
    packed = client.get(PAGE, headers={"Accept-Encoding": accepts})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 3
    for answer in (plain, packed):
        assert answer["Vary"] == "Accept-Encoding"
        assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize("accepts", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_who_does_not_take_gzip_gets_it_plain(client, published, keeping, accepts):
    answer = client.get(PAGE, headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in answer
    assert answer.content.startswith(b"<!DOCTYPE html>")


def test_who_has_a_page_does_not_get_it_again(client, published, keeping):
    first = client.get(PAGE)
    known = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (known.status_code, known.content, known["Cache-Control"]) == (304, b"", "public, max-age=60")
    assert client.get(PAGE, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_errors_and_the_health_check_are_not_kept(client, published, keeping, django_assert_num_queries):
    assert client.get("/plans/kodaira-3/").status_code == 404
    Plan.objects.update(slug="kodaira-3")
    assert client.get("/plans/kodaira-3/").status_code == 200
    assert client.get("/healthz").status_code == 200
    with django_assert_num_queries(1):
        client.get("/healthz")


def test_each_host_has_its_own_pages(client, published, keeping):
    here, there = client.get(PAGE), client.get(PAGE, headers={"host": "127.0.0.1"})
    assert "http://testserver/plans/" in here.text
    assert "http://127.0.0.1/plans/" in there.text
