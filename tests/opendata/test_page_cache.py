"""Public answers are written once for each published version and day, sent compressed or plain, and not to who has them."""

import gzip

import pytest
import time_machine
from django.urls import reverse
from django.utils.module_loading import import_string

from committee.models import Opinion
from figures.version import published_changed
from opendata import page_cache
from policies.models import Plan
from policies.publicity import make_public, withdraw
from programs.models import Program
from tests.website.addresses import NAMES

PAGE = "/plans/kodaira-2/programs/"


@pytest.fixture
def keeping(settings):
    settings.CACHE_PAGES, settings.VERSION_SECONDS = True, 0
    page_cache.STORE.clear()
    yield
    page_cache.STORE.clear()


@pytest.mark.parametrize("address", [PAGE, "/plans/kodaira-2/programs.csv", "/plans/kodaira-2/programs.xlsx"])
def test_it_is_written_once_until_something_public_changes(
    client, published, keeping, django_assert_num_queries, address
):
    first = client.get(address)
    Program.objects.create(plan=published, policy=published.policies.first(), number="99", name="まだ公開しない")
    with django_assert_num_queries(2):  # the version, for each
        again, head = client.get(address), client.head(address)
    assert (again.content, again.headers) == (first.content, first.headers)
    assert (head.status_code, head["ETag"]) == (200, first["ETag"])
    item = Program.objects.get(plan=published, number="1")
    item.name = "新しい名前"
    item.save()
    later = client.get(address)
    assert later["ETag"] != first["ETag"]
    assert address == PAGE or "attachment" in later["Content-Disposition"]


def test_it_is_written_again_on_the_next_day(client, published, keeping):
    opinion = Opinion.objects.create(
        plan=published, key="2026-1", given_on="2026-03-01", text="四月から読める。", published_on="2026-04-02"
    )
    page = "/plans/kodaira-2/committee/"
    with time_machine.travel("2026-04-01 23:59+09:00", tick=False) as clock:
        assert opinion.text not in client.get(page).text
        clock.shift(120)
        assert opinion.text in client.get(page).text


@pytest.mark.parametrize(
    ("address", "step"),
    [(PAGE, "website.programs.render"), ("/api/v1/plans/kodaira-2/programs", "opendata.api.operations._page")],
)
def test_an_answer_is_never_dated_later_than_what_it_says(client, published, keeping, monkeypatch, address, step):
    """Something changes while it is written, and writing goes on for a minute."""
    go_on = import_string(step)

    def change_and_go_on(*args, **kwargs):
        published_changed()
        clock.shift(60)
        return go_on(*args, **kwargs)

    with time_machine.travel("2026-04-01 09:00+09:00", tick=False) as clock:
        published_changed()
        clock.shift(60)
        monkeypatch.setattr(step, change_and_go_on)
        assert client.get(address)["Last-Modified"] == "Wed, 01 Apr 2026 00:00:00 GMT"
        monkeypatch.setattr(step, go_on)
        later = client.get(address, headers={"If-Modified-Since": "Wed, 01 Apr 2026 00:00:00 GMT"})
        assert (later.status_code, later["Last-Modified"]) == (200, "Wed, 01 Apr 2026 00:01:00 GMT")
        clock.shift(-3600)  # it was wrong
        published_changed()
        clock.shift(60)
        right = client.get(address, headers={"If-Modified-Since": later["Last-Modified"]})
        assert (right.status_code, right["Last-Modified"]) == (200, "Tue, 31 Mar 2026 23:02:00 GMT")


def test_what_is_withdrawn_is_gone_with_the_act(client, published, cast, keeping):
    assert client.get(PAGE).status_code == 200
    plan = withdraw(published, reason="誤り", by=cast.office)
    assert [client.get(address).status_code for address in (PAGE, "/plans/kodaira-2/feed.xml")] == [404, 404]
    make_public(plan, by=cast.office)
    assert client.get(PAGE).status_code == 200


def test_a_process_asks_for_the_version_at_most_every_half_second(
    client, published, keeping, settings, django_assert_num_queries
):
    settings.VERSION_SECONDS = 30
    client.get(PAGE)
    with django_assert_num_queries(0):
        client.get(PAGE)


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
    assert (known.status_code, known.content, known["Cache-Control"]) == (304, b"", "public, no-cache")
    assert client.get(PAGE, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_a_kept_page_has_the_headers_of_all_others(client, published, keeping):
    first, again = client.get(PAGE), client.get(PAGE)
    for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert again[name] == first[name]


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


def test_what_is_kept_is_bounded_in_bytes(client, published, keeping, settings):
    settings.PAGE_CACHE_BYTES = 200_000
    for number in range(30):
        client.get(f"{PAGE}?q={number}")
        assert page_cache.STORE.size <= 200_000
    assert 0 < len(page_cache.STORE) < 30
    page_cache.STORE.clear()
    assert page_cache.STORE.size == 0


SAME = [
    "?policy=2&grade=A&policy=1",
    "?grade=A&policy=1&policy=2",
    "?policy=1&policy=2&policy=1&grade=%41",
    "?sort=&grade=A&q=&policy=2&policy=1&",
    "?page=1&grade=A&policy=1&policy=2&utm_source=mail&fbclid=x",
]


@pytest.mark.parametrize("address", [PAGE, "/plans/kodaira-2/programs.csv"])
def test_all_that_ask_the_same_get_the_same_and_are_kept_once(client, published, keeping, address):
    answers = {client.get(f"{address}{query}").content for query in SAME}
    assert (len(answers), len(page_cache.STORE)) == (1, 1)
    page_cache.STORE.clear()
    assert {client.get(f"{address}{query}").content for query in reversed(SAME)} == answers
    assert client.get(f"{address}?policy=1").content not in answers
    assert len(page_cache.STORE) == 2


def test_what_an_address_does_not_take_is_refused_before_anything_is_read(
    client, published, keeping, django_assert_num_queries, subtests
):
    """Also with nothing behind it, and on pages whose form takes other conditions. The page that says so is that of the
    plan, which is read by itself."""
    for name in NAMES.keys() - {"healthz"}:  # which is answered before all else
        with_plan = 1 if NAMES[name] and name != "programs_json" else 0
        for query in ("x=1", "x=", "x", "x=&x=1", "utm_source=mail&x="):
            with subtests.test(name, query=query), django_assert_num_queries(with_plan):
                refused = client.get(f"{reverse(name, args=NAMES[name])}?{query}")
                assert refused.status_code == 400
                assert "「x」という条件はありません。アドレスから消してください。" in refused.text
    assert len(page_cache.STORE) == 0


@pytest.mark.parametrize("name", ["plan_about", "programs", "compare", "data_zip"])
def test_what_is_kept_of_an_address_does_not_answer_what_it_does_not_take(client, published, keeping, name):
    address = reverse(name, args=NAMES[name])
    answers = [client.get(f"{address}{query}").status_code for query in ("", "?x=", "?utm_source=mail", "?x=1", "")]
    assert answers == [200, 400, 200, 400, 200]


@pytest.mark.parametrize("query", ["x=1", "x="])
@pytest.mark.parametrize("address", ["", "/kodaira-2", "/kodaira-2/programs", "/kodaira-2/reports", "/kodaira-2/long"])
def test_what_the_api_does_not_take_is_refused_before_anything_is_read(
    client, published, django_assert_num_queries, address, query
):
    client.get("/api/v1/plans")  # the version is known for a while
    with django_assert_num_queries(0):
        refused = client.get(f"/api/v1/plans{address}?{query}")
    assert refused.status_code == 400
    assert refused.json()["errors"] == {"": ["「x」という条件はありません。アドレスから消してください。"]}


def test_a_page_without_further_pages_does_not_take_the_first_one(client, published, keeping):
    assert [client.get(f"/plans/kodaira-2/about/{query}").status_code for query in ("", "?page=1")] == [200, 400]
