"""Who asks the API too often waits, whichever worker answers."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import time_machine
from django.test import RequestFactory

from kodaira_reform import settings as product
from opendata.api.limit import THROTTLE
from tests.product import settings_with


def test_who_asks_too_often_waits(client, published, settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 3
    with time_machine.travel("2026-04-01 09:00:20+09:00", tick=False) as clock:
        statuses = [client.get("/api/v1/plans").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = client.get("/api/v1/plans")
        assert (refused["Retry-After"], refused["Cache-Control"]) == ("40", "no-store")
        assert json.loads(refused.content)["title"] == "要求が多すぎます。"
        assert client.get("/api/v1/plans", REMOTE_ADDR="192.0.2.1").status_code == 200
        # What a reader writes into the header is not believed; what our proxy adds at its end is.
        forged = {"X-Forwarded-For": "192.0.2.7"}
        assert client.get("/api/v1/plans", headers=forged).status_code == 429
        settings.TRUSTED_PROXIES = 1  # as with HTTPS=1
        for _ in range(3):
            proxied = client.get("/api/v1/plans", headers={"X-Forwarded-For": f"192.0.2.{_}, 192.0.2.7"})
            assert proxied.status_code == 200
        assert client.get("/api/v1/plans", headers=forged).status_code == 429
        assert client.get("/plans/").status_code == 200
        # The pages about the API count as well; what is answered without any work does not.
        for address in ("/api/v1/", "/api/v1/docs", "/api/v1/openapi.json"):
            too_many = client.get(address, headers=forged)
            assert (too_many.status_code, too_many["Retry-After"]) == (429, "40")
            assert json.loads(too_many.content) == json.loads(refused.content)
            assert too_many["Content-Type"] == "application/problem+json"
            assert too_many["Access-Control-Allow-Origin"] == "*"
        unpaid = (client.get("/api/v1/nix", headers=forged), client.post("/api/v1/plans", headers=forged))
        assert [response.status_code for response in unpaid] == [404, 405]
        assert client.options("/api/v1/plans", headers=forged).status_code == 204
        clock.shift(40)
        statuses = [
            client.get(address, headers=forged).status_code
            for address in ("/api/v1/", "/api/v1/docs", "/api/v1/openapi.json", "/api/v1/plans")
        ]
        assert statuses == [200, 200, 200, 429]


def test_the_proxy_is_believed_only_where_there_is_one():
    told = [settings_with(HTTPS=https).TRUSTED_PROXIES for https in ("0", "1")]
    assert told == [0, 1]


ONE_MOMENT = "2026-04-01 09:00:20+09:00"


def _count(reader):
    """The numbers of fifty requests of a reader in one minute."""
    with time_machine.travel(ONE_MOMENT, tick=False):
        request = RequestFactory().get("/api/v1/plans", REMOTE_ADDR=reader)
        return [THROTTLE._asked(request) for _ in range(50)]


def test_workers_count_together(settings, tmp_path):
    folder = tmp_path / "requests"
    settings.CACHES = settings.CACHES | {"requests": settings.CACHES["requests"] | {"LOCATION": folder}}
    with ProcessPoolExecutor(4, multiprocessing.get_context("fork")) as workers:
        counted = [number for numbers in workers.map(_count, ["192.0.2.1"] * 8) for number in numbers]
    assert sorted(counted) == list(range(1, 401))
    kept = {file.name for file in folder.glob("*.djcache")}
    assert len(kept) == 1
    with time_machine.travel(ONE_MOMENT, tick=False) as clock:
        clock.shift(121)
        assert THROTTLE._asked(RequestFactory().get("/", REMOTE_ADDR="192.0.2.2")) == 1
    [remaining] = folder.glob("*.djcache")  # nothing older is kept
    assert remaining.name not in kept


def test_an_api_whose_cache_cannot_be_used_answers_all_the_same(
    client, published, settings, tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("CACHE_URL", "redis://127.0.0.1:1/0")
    away = {name: product._shared_cache(name, timeout=60, entries=9) for name in ("shared", "requests")}
    (tmp_path / "file").write_text("")
    nowhere = {name: settings.CACHES[name] | {"LOCATION": tmp_path / "file" / name} for name in away}
    settings.API_REQUESTS_PER_MINUTE = 1
    for unusable in (away, nowhere):
        caplog.clear()
        settings.CACHES = settings.CACHES | unusable
        assert [client.get("/api/v1/plans").status_code for _ in range(2)] == [200, 200]
        said = [record.message for record in caplog.records]
        assert said == ["API requests cannot be counted"] * 2
