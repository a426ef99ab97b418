"""Every number of a page that is a link leads to a list of so many items, to amounts that add up to it, or to what was printed."""

import re
from gzip import compress
from gzip import decompress as gunzipped
from html import unescape
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from django.core.management import call_command

from tests.kept import kept
from tests.reading import read
from tests.soak import others_in_soak

_LINKED = re.compile(r'<a href="([^"]+)">(-?[\d,.]+)</a>')
_PRINTED = re.compile(r'<a href="([^"]+/figures/#figure-[^"]+)">([^<]+)</a>')
_COUNTED = re.compile(r"<strong>([\d,]+)</strong>\s*件")

STATIC = Path(__file__).parents[2] / "static"
HEADERS = 250  # bytes of an answer that are not its content

# A page and how many numbers lead on from it, at least.
PAGES = {
    "sample/": 40,
    "sample/progress/": 25,
    "sample/progress/2016-03-31/": 85,
    "sample/progress/2013-03-31/": 85,
    "sample/compare/?from=2014-09-30&to=2016-03-31": 12,
    "sample/revisions/": 5,
    "sample/effects/": 50,
    "sample/policies/4/": 20,
    "sample/committee/2016-05-27/": 15,
    "sample-2/": 60,
    "sample-2/progress/2025-03-31/": 40,
    "sample-2/compare/?from=2024-12-31&to=2025-03-31": 9,
    "sample-2/effects/": 50,
    "kodaira-2/": 6,
    "kodaira-2/progress/2016-03-31/": 0,
}
# Of these, how many numbers that the city printed lead to their place among the published figures, at least.
PRINTED = {"sample/": 18, "sample/effects/": 18, "kodaira-2/": 24, "kodaira-2/progress/2016-03-31/": 3}
SOME = [
    "sample/effects/",
    "sample-2/compare/?from=2024-12-31&to=2025-03-31",
]


@kept
def samples():
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)


def test_the_report_of_62_items_is_read_with_60_kb(client, samples):
    """What a first visit takes, compressed: the page, its styles and its icon, each with its headers. No script, no picture."""
    page = client.get("/plans/sample/report/2016-03-31/", headers={"Accept-Encoding": "gzip"})
    files = re.findall(r'<link rel="(?:stylesheet|icon)" href="/static/([^"]+)"', gunzipped(page.content).decode())
    assert page["Content-Encoding"] == "gzip"
    assert len(files) == 11
    sent = [len(compress((STATIC / file).read_bytes(), 9)) for file in files]
    assert len(page.content) + sum(sent) + HEADERS * (1 + len(files)) < 60_000


def _rows_of(html):
    """How many items the list shows: the rows of its table that are none of a policy, and those without a name, told together."""
    unnamed = sum(int(count) for count in re.findall(r"ほか(\d+)項目（名称未登録）", html))
    table = html.partition('<table class="items">')[2].partition("</table>")[0].partition("<tbody>")[2]
    return table.count("<tr>") + unnamed


def _sum_of(page):
    """What the amounts that were followed add up to."""
    [(_head, *rows)] = [
        table
        for caption, table in zip(page.captions, page.tables, strict=True)
        if caption.startswith("選んだ効果額の計")
    ]
    sums = {row[0]: row[-1] for row in rows}
    return sums.get("計") or sums.get("計画") or next(iter(sums.values()))


@pytest.mark.parametrize("page", others_in_soak(PAGES, SOME))
def test_a_number_is_that_of_what_it_leads_to(client, samples, page):
    address = f"/plans/{page}"
    html = client.get(address).content.decode()
    printed = {(urljoin(address, href), shown) for href, shown in _PRINTED.findall(html)}
    for place, shown in sorted(printed):
        ledger, _, key = place.partition("#")
        [row] = re.findall(rf'<tr id="{re.escape(key)}">(.*?)</tr>', client.get(ledger).content.decode(), re.DOTALL)
        assert shown in row, place
    assert len(printed) >= PRINTED.get(page, 0)
    ways = {(urldefrag(urljoin(address, unescape(href)))[0], number) for href, number in _LINKED.findall(html)}
    ways = {(place, number) for place, number in ways if place != address and not place.endswith("/figures/")}
    wrong = []
    for place, number in sorted(ways):
        response = client.get(place)
        assert response.status_code == 200, place
        is_sum = "/effects/" in place
        found = response.content.decode()
        said = _sum_of(read(response)) if is_sum else _COUNTED.search(found)[1]
        shown = said if is_sum or "/programs/" not in place else str(_rows_of(found))
        if not said == number == shown:
            wrong.append((place, number, said, shown))
    assert wrong == []
    assert len(ways) >= PAGES[page]


def test_amounts_can_be_chosen_in_one_way_only(client, samples):
    assert client.get("/plans/sample/effects/?year=1999").status_code == 400
    assert client.get("/plans/sample/effects/?policy=9").status_code == 400
    refused = client.get("/plans/sample/effects/?year=2011&year=2012")
    assert refused.status_code == 400
    assert "同じ条件が二つ以上あります" in refused.content.decode()
    nothing = client.get("/plans/sample/effects/?policy=3&kind=revenue").content.decode()
    assert "この条件に当てはまる効果額はありません。" in nothing


def test_counts_in_sentences_lead_to_what_they_count(client, samples):
    committee = client.get("/plans/sample/committee/").content.decode()
    [(state, count)] = re.findall(r'<strong><a href="(\?state=open)#opinions">(\d+)件</a></strong>', committee)
    waiting = client.get(f"/plans/sample/committee/{state}").content.decode()
    assert waiting.count('<article class="opinion answered"') == int(count) == 2
    assert len(_PRINTED.findall(client.get("/plans/sample/effects/").content.decode())) == PRINTED["sample/effects/"]
    assert '<a href="/plans/sample/progress/">10回のうち10回</a>' in client.get("/plans/sample/").content.decode()


def test_a_number_that_adds_up_printed_ones_leads_to_all_of_them(client, samples):
    overview = client.get("/plans/kodaira-2/").content.decode()
    assert '<strong><a href="/plans/kodaira-2/figures/#figures-grade_count">51</a>項目（82%）</strong>' in overview
    ledger = client.get("/plans/kodaira-2/figures/").content.decode()
    [all_of_them] = re.findall(r'<tbody id="figures-grade_count">(.*?)</tbody>', ledger, re.DOTALL)
    rows = re.findall(r'id="figure-grade_count.2016-03-31.(.)">.*?<td>\s*(\d+)\s*</td>', all_of_them, re.DOTALL)
    assert rows == [("S", "1"), ("A", "50"), ("B", "11")]


def test_a_department_leads_to_its_items_and_its_feed(client, samples):
    item = client.get("/plans/sample/programs/1/").content.decode()
    [(way, name), *_] = re.findall(r'<a href="(/plans/sample/programs/\?department=[^"]+)">([^<]+)</a>', item)
    feed = f'/plans/sample/departments/{way.partition("=")[2]}/feed.xml"'
    for condition in ("department", "lead"):
        page = client.get(way.replace("department", condition)).content.decode()
        assert f'<a href="{feed}>{name}の更新情報' in page
        assert f'title="{name}の更新情報" href="{feed}' in page
    assert "feed.xml" in item.partition('title="この項目の更新情報"')[2].partition(">")[0]


def test_a_refused_condition_keeps_the_pages_and_the_search_of_the_plan(client, samples):
    refused = client.get("/plans/sample/programs/?q=1&foo=2")
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "「foo」という条件はありません。" in page
    assert '<form class="site-search" action="/plans/sample/programs/"' in page
    assert '<a href="/plans/sample/effects/">いくら効果があったか</a>' in page
    assert "site-search" not in client.get("/glossary/?foo=2").content.decode()
