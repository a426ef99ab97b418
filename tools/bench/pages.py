"""Public pages of the sample plan beside a bare Django view: written anew for each request (cold), and kept (warm)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from opendata import page_cache
from tools.bench.verdict import BROKEN

PAGES = {
    "概要": "/plans/sample/",
    "一覧": "/plans/sample/programs/",
    "進捗の一覧": "/plans/sample/progress/",
    "項目": "/plans/sample/programs/1/",
}
BARE = "/bare/"
LEAST_GAIN = 5  # so many times faster is a kept page at least; on a quiet machine it is seventy times


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path(BARE.removeprefix("/"), bare), path("", include(settings.ROOT_URLCONF))]


def seconds(client: Client, address: str, times: int, *, cold: bool = False) -> float:
    """Of the processor, for one answer: the median of `times`."""
    found = []
    for _ in range(times):
        if cold:
            page_cache.STORE.clear()
        start = time.process_time()
        status = client.get(address, secure=True, headers={"Accept-Encoding": "gzip"}).status_code
        found.append(time.process_time() - start)
        if status != 200:
            raise RuntimeError(f"{address}: {status}")
    return sorted(found)[times // 2]


def run(times: int) -> Iterator[str]:
    call_command("load_sample", in_production=True, stdout=StringIO())  # into a database of the bench
    yield from measured(times)


def measured(times: int) -> Iterator[str]:
    """With the sample plan in the database."""
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(ROOT_URLCONF=__name__, CACHE_PAGES=True, ALLOWED_HOSTS=["testserver"], STORAGES=storages):
        client = Client()
        for address in (BARE, *PAGES.values()):
            seconds(client, address, 3, cold=True)  # loads templates
        yardstick = seconds(client, BARE, times * 10)
        yield f"何もしないページ: {yardstick * 1000:.2f}ミリ秒"
        for name, address in PAGES.items():
            cold, warm = seconds(client, address, times, cold=True), seconds(client, address, times * 10)
            if warm > cold / LEAST_GAIN:
                yield f"{BROKEN}{name}: 保存したものが、作るときの{LEAST_GAIN}分の1より遅い"
            yield (
                f"{name}: 作るとき {cold * 1000:.1f}ミリ秒（{cold / yardstick:.0f}倍）、"
                f"保存したもの {warm * 1000:.2f}ミリ秒（{warm / yardstick:.1f}倍）"
            )
