"""The feeds and the map of the site: exact entries, addresses that stay, and texts that XML cannot hold."""

from uuid import NAMESPACE_URL, uuid5

import pytest
import time_machine
from defusedxml import ElementTree
from django.core.management import call_command

from committee.models import Opinion
from figures import version
from policies.models import Plan
from programs.models import Program
from reviews.models import Round
from tests import factories
from tests.published import freeze
from tests.reading import read

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "http://testserver"


def parts(element):
    """{name or relation of a link: text or address} of the children of an element of a feed, without its entries."""
    return {
        child.attrib["rel"] if "rel" in child.attrib else child.tag.removeprefix(ATOM): child.get("href")
        or "".join(child.itertext())
        for child in element
        if child.tag != f"{ATOM}entry"
    }


def feed(content):
    root = ElementTree.fromstring(content)
    assert root.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "ja"}
    return parts(root), [parts(entry) for entry in root.iter(f"{ATOM}entry")]


def urn(key):
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'kodaira-2/{key}')}"


@pytest.fixture
def dated(filled):
    """The published plan with moments that are known."""
    for day in ("2014-09-30", "2015-03-31"):
        Round.objects.filter(as_of=day).update(published_at=f"{day}T08:00:00.5Z")
    filled.editions.filter(key="original").update(frozen_at="2014-01-01T00:00:00Z")
    filled.editions.filter(key="fy2013-revision").update(frozen_at="2014-02-01T00:00:00Z")
    Opinion.objects.filter(key="2014-1").update(answer="早めます。", answered_on="2014-12-24", disposition="adopted")
    return filled


def test_the_feed_of_a_plan(client, dated):
    response = client.get("/plans/kodaira-2/feed.xml")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert response["Cache-Control"] == "public, no-cache"
    about, entries = feed(response.content)
    page = f"{SITE}/plans/kodaira-2"
    assert about == {
        "title": "小平市 テスト計画の更新情報",
        "alternate": f"{page}/",
        "self": f"{page}/feed.xml",
        "id": f"{page}/feed.xml",
        "updated": "2015-03-31T17:00:00.500000+09:00",
        "author": "行財政改革プラン 進捗管理サイト",
    }
    assert entries == [
        {
            "title": "平成27年（2015年）3月31日現在の進捗を公表しました",
            "alternate": f"{page}/progress/2015-03-31/",
            "updated": "2015-03-31T17:00:00.500000+09:00",
            "id": urn("round/2015-03-31"),
            "summary": "テスト計画の実施項目の評価と取組状況です。",
        },
        {
            "title": "委員会の意見（2014-1）に市が回答しました",
            "alternate": f"{page}/committee/",
            "updated": "2014-12-24T00:00:00+09:00",
            "id": urn("answer/2014-1"),
            "summary": "早めます。",
        },
        {
            "title": "委員会の意見（2014-1）を公開しました",
            "alternate": f"{page}/committee/",
            "updated": "2014-11-20T00:00:00+09:00",
            "id": urn("opinion/2014-1"),
            "summary": "早めに。",
        },
        {
            "title": "平成26年（2014年）9月30日現在の進捗を公表しました",
            "alternate": f"{page}/progress/2014-09-30/",
            "updated": "2014-09-30T17:00:00.500000+09:00",
            "id": urn("round/2014-09-30"),
            "summary": "テスト計画の実施項目の評価と取組状況です。",
        },
        {
            "title": "計画の見直し（改訂版）を載せました",
            "alternate": f"{page}/revisions/fy2013-revision/",
            "updated": "2014-02-01T09:00:00+09:00",
            "id": urn("edition/fy2013-revision"),
            "summary": "平成26年度（2014年度）から平成27年度（2015年度）までの計画内容です。",
        },
        {
            "title": "計画の内容（当初）を載せました",
            "alternate": f"{page}/",
            "updated": "2014-01-01T09:00:00+09:00",
            "id": urn("edition/original"),
            "summary": "平成23年度（2011年度）から平成27年度（2015年度）までの計画内容です。",
        },
    ]


def test_the_feed_of_all_plans_names_the_plan(client, dated):
    about, entries = feed(client.get("/feed.xml?utm_source=x").content)
    assert about == {
        "title": "行財政改革プラン 進捗管理の更新情報",
        "alternate": f"{SITE}/plans/",
        "self": f"{SITE}/feed.xml",
        "id": f"{SITE}/feed.xml",
        "updated": "2015-03-31T17:00:00.500000+09:00",
        "author": "行財政改革プラン 進捗管理サイト",
    }
    of_plan = feed(client.get("/plans/kodaira-2/feed.xml").content)[1]
    assert entries == [entry | {"title": f"{entry['title']}（テスト計画）"} for entry in of_plan]
    Plan.objects.update(is_fictional=True)
    about, entries = feed(client.get("/plans/kodaira-2/feed.xml").content)
    assert about["title"] == "小平市 テスト計画の更新情報（架空のデータ）"
    assert entries[0]["title"] == "平成27年（2015年）3月31日現在の進捗を公表しました（架空のデータ）"
    title = feed(client.get("/feed.xml").content)[1][0]["title"]
    assert title == "平成27年（2015年）3月31日現在の進捗を公表しました（テスト計画）（架空のデータ）"


def test_a_feed_without_updates_states_the_same_moment_every_day(client, db):
    assert feed(client.get("/feed.xml").content)[0]["updated"] == "1970-04-01T00:00:00+09:00"
    factories.small_plan()
    contents = set()
    for day in ("2026-04-01", "2026-04-02"):
        with time_machine.travel(f"{day} 09:00+09:00"):
            contents.add(client.get("/plans/kodaira-2/feed.xml").content)
    [content] = contents
    about, entries = feed(content)
    assert (about["updated"], entries) == ("2011-04-01T00:00:00+09:00", [])


def test_texts_come_through_whatever_they_hold(client, dated):
    Opinion.objects.filter(key="2014-1").update(text="一行目\x0b二行目 <b>&amp; ]]>\n\x1f三行目")
    Plan.objects.update(name="計画\x0c<1>")
    about, entries = feed(client.get("/plans/kodaira-2/feed.xml").content)
    assert about["title"] == "小平市 計画\ufffd<1>の更新情報"
    assert entries[2]["summary"] == "一行目\ufffd二行目 <b>&amp; ]]>\n\ufffd三行目"


def sitemap(content):
    return [element.text for element in ElementTree.fromstring(content).iter() if element.tag.endswith("}loc")]


PAGES = [
    *("/plans/", "/glossary/", "/about/", "/accessibility/", "/privacy/"),
    *(
        f"/plans/kodaira-2/{page}"
        for page in (
            *(
                "",
                "about/",
                "programs/",
                "progress/",
                "compare/",
                "revisions/",
                "effects/",
                "committee/",
                "figures/",
                "data/",
            ),
            *("policies/1/", "policies/2/", "programs/1/", "programs/2/"),
            *("progress/2014-09-30/", "progress/2015-03-31/", "report/2014-09-30/", "report/2015-03-31/"),
            "committee/2014-10-31/",
            "revisions/fy2013-revision/",
        )
    ),
]


def test_the_map_names_every_page(client, filled):
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    assert sitemap(response.content) == [SITE + page for page in PAGES]
    assert sitemap(client.get("/sitemap.xml", secure=True).content)[0] == "https://testserver/plans/"
    for page in ("2", "x"):
        missing = client.get(f"/sitemap.xml?p={page}")
        assert (missing.status_code, read(missing).texts["h1"]) == (404, ["ページが見つかりません"])


@pytest.mark.soak
def test_a_copy_names_its_own_addresses(client, dated, tmp_path):
    base = "https://plan.city.example/kaikaku"
    call_command("export_site", tmp_path / "copy", "--base-url", base, verbosity=0)
    for name in ("feed.xml", "plans/kodaira-2/feed.xml"):
        live = client.get(f"/{name}").content.decode()
        assert (tmp_path / "copy" / name).read_text() == live.replace(SITE, base)
    assert sitemap((tmp_path / "copy/sitemap.xml").read_bytes()) == [base + page for page in PAGES]


def test_the_feed_of_an_item_a_policy_and_a_department(client, dated):
    page = f"{SITE}/plans/kodaira-2"
    about, entries = feed(client.get("/plans/kodaira-2/programs/2/feed.xml").content)
    assert about["title"] == "小平市 テスト計画 2 項目2の取組の更新情報"
    assert (about["alternate"], about["self"]) == (f"{page}/programs/2/", f"{page}/programs/2/feed.xml")
    told = [(entry["title"], entry["alternate"]) for entry in entries if "現在は" in entry["title"]]
    assert told == [
        (
            "2 項目2の取組：平成27年（2015年）3月31日現在は「B 予定よりも遅れている」",
            f"{page}/programs/2/#r-2015-03-31",
        ),
        ("2 項目2の取組：平成26年（2014年）9月30日現在は「S 予定以上に進捗」", f"{page}/programs/2/#r-2014-09-30"),
    ]
    assert entries[0]["id"] == urn("report/2/2015-03-31")
    for address, title, numbers in (
        ("policies/2/", "方針2 執行体制の再構築", {"2"}),
        ("departments/zeimu/", "税務課", {"2"}),
        ("policies/1/", "方針1 財政基盤の強化", {"1", "3"}),
    ):
        about, entries = feed(client.get(f"/plans/kodaira-2/{address}feed.xml").content)
        assert about["title"] == f"小平市 テスト計画 {title}の更新情報"
        assert {entry["title"].split()[0] for entry in entries if "現在は" in entry["title"]} == numbers, address
    for address in ("programs/99/", "policies/99/", "departments/nix/"):
        assert client.get(f"/plans/kodaira-2/{address}feed.xml").status_code == 404
    assert 'href="/plans/kodaira-2/programs/2/feed.xml"' in client.get("/plans/kodaira-2/programs/2/").text
    assert (
        'href="/plans/kodaira-2/departments/zeimu/feed.xml"'
        in client.get("/plans/kodaira-2/programs/?department=zeimu").text
    )


def test_an_item_that_is_not_public_has_no_feed_and_its_department_is_not_named(client, plan, cast):
    freeze(plan, cast.office)
    addresses = [f"/plans/kodaira-2/{of}feed.xml" for of in ("programs/2/", "departments/zeimu/")]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    Program.objects.filter(number="2").update(public_at=None)
    version.forget()
    assert [client.get(address).status_code for address in addresses] == [404, 404]
