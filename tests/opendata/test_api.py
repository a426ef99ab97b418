"""The API: exact answers, the filters of the pages, pages and their borders, errors, freshness, limits, and no leaks."""

import json

import time_machine
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from committee.models import Meeting
from figures import version
from policies.models import Plan
from policies.words import WORDS
from programs.models import (
    Program,
)
from reviews import workflow
from reviews.models import PublishedReport
from tests import factories
from tests.figures.filters import FOUND, numbers_on_page
from tests.opendata.asking import ADDRESSES, API, get
from tests.published import SECRET, freeze
from tests.reading import read

LICENCE_URL = "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"
SAID = {"is_fictional": False, "notice": None, "licence": "公共データ利用規約（第1.0版）", "licence_url": LICENCE_URL}


def items(client, name, **same):
    """The rows of a table without the columns that are the same in all rows."""
    found = get(client, f"{API}/{name}")["items"]
    for item in found:
        assert (item.pop("plan"), item.pop("is_fictional")) == ("kodaira-2", False)
    return found


def test_exact_answers(client, filled):
    assert get(client, "/api/v1/plans/kodaira-2") == SAID | {
        "plan": "kodaira-2",
        "city": "小平市",
        "city_code": None,
        "name": "テスト計画",
        "program_name": None,
        "summary": None,
        "first_fiscal_year": 2011,
        "last_fiscal_year": 2015,
        "original_last_fiscal_year": None,
        "source": None,
        **dict.fromkeys((f"{name}_word" for name in WORDS), None),
    }
    page = get(client, f"{API}/policies?per_page=1")
    assert page == SAID | {
        "count": 2,
        "page": 1,
        "per_page": 1,
        "next": f"http://testserver{API}/policies?per_page=1&page=2",
        "previous": None,
        "plan": "kodaira-2",
        "items": [
            {
                "plan": "kodaira-2",
                "policy_number": 1,
                "policy_name": "財政基盤の強化",
                "summary": None,
                "direction_number": 1,
                "direction_name": "基盤の強化",
                "item_count": 2,
                "source": "S1",
                "is_fictional": False,
            }
        ],
    }
    assert [edition["edition"] for edition in items(client, "editions")] == ["original", "fy2013-revision"]
    assert items(client, "year-plans") == [
        {"program_number": "1", "edition": "original", "fiscal_year": 2011, "text": "検討", "is_none": False}
    ]
    target = {"plan": "kodaira-2", "program_number": "1", "indicator": 1, "edition": "original", "fiscal_year": 2014}
    actual = {"plan": "kodaira-2", "program_number": "1", "indicator": 1, "unit": "%", "note": None}
    actual["is_fictional"] = False
    assert items(client, "indicators") == [
        {
            "program_number": "1",
            "indicator": 1,
            "name": "収納率",
            "unit": "%",
            "better": "up",
            "baseline": 95.5,
            "baseline_fiscal_year": None,
            "baseline_note": None,
            "indicator_targets": [target | {"value": 97.25, "unit": "%", "text": "以上", "is_fictional": False}],
            "indicator_actuals": [
                actual | {"fiscal_year": 2013, "value": 96, "is_forecast": False},
                actual | {"fiscal_year": 2014, "value": 96.5, "is_forecast": True},
            ],
        }
    ]
    rounds = items(client, "rounds")
    assert [
        (r["as_of"], r["fiscal_year"], r["item_count"], r["graded_count"], r["unreported_count"]) for r in rounds
    ] == [
        ("2014-09-30", 2014, 3, 2, 1),
        ("2015-03-31", 2014, 3, 2, 1),
    ]
    assert [[(g["grade"], g["item_count"]) for g in r["grade_counts"]] for r in rounds] == [
        [("S", 1), ("A", 1)],
        [("S", 1), ("B", 1)],
    ]
    reports = items(client, "reports?round=2015-03-31")
    assert [(r["program_number"], r["name"], r["grade"], r["lead_department_code"]) for r in reports] == [
        ("1", "項目1の取組", "S", "zaisei"),
        ("2", "項目2の取組", "B", "zeimu"),
        ("3", None, None, "zaisei"),
    ]
    assert items(client, "effects") == [
        {
            "level": "program",
            "policy_number": None,
            "program_number": "1",
            "fiscal_year": 2013,
            "kind": "saving",
            "basis": "actual",
            "amount": -1200,
            "unit": "千円",
            "is_approximate": False,
            "note": None,
            "source": "S1",
            "account": None,
            "series": None,
            "planned": None,
            "difference": None,
            "rate_percent": None,
        }
    ]
    [revision] = items(client, "revisions")
    counts = {
        c["aspect"]: (c["published_count"], c["computed_count"], c["marked_count"], c["status"])
        for c in revision.pop("revision_counts")
    }
    assert revision == {
        "edition": "fy2013-revision",
        "from_edition": "original",
        "level": "program",
        "decided_on": None,
        "decided": None,
        "decided_gregorian": None,
        "purpose": "中間年の見直し",
        "source": None,
    }
    assert {aspect: count for aspect, count in counts.items() if any(count[:3])} == {
        "items": (None, 1, 1, "一致"),
        "contents": (1, 1, 1, "一致"),
        "indicators": (None, 1, 0, "不一致"),
    }
    assert [(r["program_number"], r["aspect"]) for r in items(client, "revised-items")] == [
        ("1", "contents"),
        ("1", "indicators"),
    ]
    assert [(o["opinion"], o["text"], o["program_number"]) for o in items(client, "opinions")] == [
        ("2014-1", "早めに。", "1")
    ]
    assert [list(c.values()) for c in items(client, "contributions?round=2015-03-31")] == [
        ["2015-03-31", 2014, "2", "財政課", "説明会を手伝った。"],
        ["2015-03-31", 2014, "2", "税務課", "冊子"],
    ]
    assert items(client, "contributions?program=1") == []
    assert get(client, f"{API}/contributions?per_page=1&page=2")["items"][0]["text"] == "冊子"
    assert items(client, "key-programs") == [{"program_number": "1", "fiscal_year": 2014, "note": "効果が大きい"}]
    assert items(client, "meetings") == [{"meeting_on": "2014-10-31", "title": None, "place": "市役所"}]
    Meeting.objects.update(agenda="進捗状況について\n\n その他 ")
    assert items(client, "agenda-items") == [
        {"meeting_on": "2014-10-31", "order": 1, "text": "進捗状況について"},
        {"meeting_on": "2014-10-31", "order": 2, "text": "その他"},
    ]
    assert items(client, "meeting-sources") == [{"meeting_on": "2014-10-31", "source": "S1"}]
    assert items(client, "departments")[0] == {
        "department_code": "zaisei",
        "department_name": "財政課",
        "valid_from": None,
        "valid_to": None,
        "successor_department_code": None,
        "order": None,
    }
    assert items(client, "program-departments?program=1&edition=original") == [
        {"program_number": "1", "edition": "original", "order": 1, "department_code": "zaisei"}
    ]
    assert [
        (row["as_of"], row["order"], row["department_code"], row["department_name"])
        for row in items(client, "report-departments?program=1")
    ] == [("2014-09-30", 1, "zaisei", "財政課"), ("2015-03-31", 1, "zaisei", "財政課")]
    [figure] = items(client, "figures")
    assert (figure["figure"], figure["printed"], figure["value"], figure["edition"]) == (
        "revised-contents",
        "1",
        1,
        "fy2013-revision",
    )
    long = [
        (r["program_number"], r["as_of"], r["fiscal_year"], r["measure"], r["value"], r["unit"], r["indicator"])
        for r in items(client, "long?policy=1")
    ]
    assert long == [
        ("1", "2014-09-30", 2014, "grade", "A", "grade_code", None),
        ("1", "2015-03-31", 2014, "grade", "S", "grade_code", None),
        ("1", None, 2014, "indicator_target", 97.25, "%", 1),
        ("1", None, 2013, "indicator_actual", 96, "%", 1),
        ("1", None, 2014, "indicator_forecast", 96.5, "%", 1),
        ("1", None, 2013, "effect", -1200, "千円", None),
    ]
    detail = get(client, f"{API}/programs/1")
    assert (detail["number"], detail["grade"], detail["departments"]) == (
        "1",
        "S",
        [{"department_code": "zaisei", "department_name": "財政課"}],
    )
    assert {name: len(part) for name, part in detail.items() if isinstance(part, list)} == {
        "departments": 1,
        "program_editions": 2,
        "late_contents": 0,
        "year_plans": 1,
        "indicators": 1,
        "indicator_targets": 1,
        "indicator_actuals": 2,
        "reports": 2,
        "contributions": 0,
        "effects": 1,
        "key_programs": 1,
        "opinions": 1,
    }
    assert "財政基盤の強化".encode() in client.get(f"{API}/policies").content


def test_filters_find_what_the_page_finds(client, keys):
    for query, numbers in FOUND.items():
        found = get(client, f"{API}/programs{query}")
        assert [item["number"] for item in found["items"]] == numbers == numbers_on_page(client, query), query
        assert found["count"] == len(numbers)
    from_file = json.loads(client.get("/plans/kodaira-2/programs.json").getvalue())["items"]
    assert get(client, f"{API}/programs")["items"] == from_file


def test_what_is_refused(client, filled):
    huge = 10**24
    for query, reasons in {
        "programs?grade=Z": {"grade": ["この評価はありません。一覧から選び直してください。"]},
        "programs?nix=1": {"": ["「nix」という条件はありません。アドレスから消してください。"]},
        "programs/1?x=1": {"": ["「x」という条件はありません。アドレスから消してください。"]},
        "reports?round=2015-09-30": {"round": ["この基準日の公表はありません。"]},
        "reports?round=x": {"round": ["基準日は 2015-03-31 の形で指定してください。"]},
        f"reports?policy={huge}": {"policy": ["方針の番号を指定してください。"]},
        "reports?policy=9": {"policy": ["この方針はありません。"]},
        "effects?program=9": {"program": ["この番号の実施項目はありません。"]},
        "effects?program=%00": {"program": ["番号に使えない文字が含まれています。"]},
        "effects?round=2015-03-31": {"": ["「round」という条件はありません。アドレスから消してください。"]},
        "year-plans?edition=secret": {"edition": ["この版はありません。"]},
        "effects?fiscal_year=1": {"fiscal_year": ["年度は始まる年の西暦で指定してください。"]},
        "long?per_page=1001": {"per_page": ["1 から 1000 までの整数で指定してください。"]},
        "long?per_page=0": {"per_page": ["1 から 1000 までの整数で指定してください。"]},
        "long?page=1&page=2": {"page": ["同じ条件が二つ以上あります。一つだけ指定してください。"]},
    }.items():
        answer = get(client, f"{API}/{query}", 400)
        assert (answer["status"], answer["errors"]) == (400, reasons), query
    for address in (
        "/api/v1/nix",
        "/api/v1/plans/",
        "/api/v1/plans/nix",
        "/api/v1/plans/nix/programs?grade=Z",
        "/api/v1/plans/%00/programs",
        f"{API}/programs/9",
        f"{API}/programs?page=0",
        f"{API}/programs?page=2",
        f"{API}/programs?page={huge}",
    ):
        assert get(client, address, 404)["status"] == 404
    assert get(client, f"{API}/long?per_page=1000")["per_page"] == 1000


def test_pages_follow_each_other_to_the_end(client, filled):
    seen, address = [], f"{API}/long?per_page=3"
    pages = []
    while address:
        page = get(client, address)
        pages.append((page["page"], len(page["items"])))
        seen += page["items"]
        if page["previous"]:
            assert get(client, page["previous"])["page"] == page["page"] - 1
        address = page["next"]
    whole = get(client, f"{API}/long")["items"]
    assert pages == [(1, 3), (2, 3), (3, 3)]  # a page across the border of grades and targets, and one across targets
    assert seen == whole
    assert len(whole) == 9  # one of them printed


def test_methods_and_other_sites(client, published):
    for method in ("post", "put", "patch", "delete", "trace"):
        response = getattr(client, method)(f"{API}/programs")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert json.loads(response.content)["title"] == "この方法では使えません。"
    preflight = client.options(f"{API}/programs", headers={"Origin": "https://elsewhere.example"})
    assert (preflight.status_code, preflight["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    assert client.options("/api/v1/nix").status_code == 404
    whole, head = client.get(f"{API}/programs"), client.head(f"{API}/programs")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert int(head["Content-Length"]) == len(whole.content)
    for response in (whole, head, preflight, client.get("/api/v1/nix")):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in response
        assert response.cookies == {}


def test_an_answer_that_has_not_changed_is_not_sent_again(client, filled, settings):
    settings.VERSION_SECONDS = 0
    with time_machine.travel("2026-04-01 09:00:00+09:00", tick=False) as clock:
        version.published_changed()
        assert "Last-Modified" not in client.get(f"{API}/programs")  # there may be another change in this second
        clock.shift(60)
        first = client.get(f"{API}/programs")
        assert first["Cache-Control"] == "public, no-cache"
        assert first["Last-Modified"] == "Wed, 01 Apr 2026 00:00:00 GMT"
        since = {"If-Modified-Since": first["Last-Modified"]}
        known = {"If-None-Match": first["ETag"]}
        for headers in (known, since, known | since, known | {"If-Match": '"x"'}):
            clock.shift(60)
            again = client.get(f"{API}/programs", headers=headers)
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
            assert again["Last-Modified"] == first["Last-Modified"]
            assert again["Access-Control-Allow-Origin"] == "*"
        item = Program.objects.get(number="1")
        item.name = "別の名称"
        item.save()
        clock.shift(60)
        for headers in (known, since):
            changed = client.get(f"{API}/programs", headers=headers)
            assert changed.status_code == 200
            assert changed["Last-Modified"] == "Wed, 01 Apr 2026 00:05:00 GMT"


def test_an_unexpected_error_is_json_without_internals(client, published, monkeypatch):
    def broken(*arguments, **more):
        raise RuntimeError(SECRET)

    monkeypatch.setattr("opendata.api.operations._page", broken)
    client.raise_request_exception = False
    answer = get(client, f"{API}/programs", 500)
    assert answer["title"] == "サーバーで問題が起きました。"
    assert SECRET not in str(answer)


def everything(client):
    """Content, ETag and date of every answer; what a draft must not move."""
    answers = {}
    for address in ADDRESSES:
        response = client.get(address)
        assert response.status_code == 200, address
        answers[address] = response.content.decode(), response["ETag"], response["Last-Modified"]
    return answers


def test_nothing_unpublished_in_any_answer(client, filled, cast):
    before = everything(client)
    assert [address for address, (content, *_) in before.items() if SECRET in content or "secret" in content] == []
    round_ = filled.rounds.create(as_of="2015-09-30", edition=filled.editions.get(key="fy2013-revision"))
    round_ = workflow.open_round(round_, by=cast.office)
    workflow.approve(factories.handed_in(round_, 1, "B", by=cast.office, progress=SECRET), by=cast.office)
    other = factories.small_plan("hidden", is_public=False)
    freeze(other, cast.office)
    factories.published_round(other, {1: "A"}, by=cast.office)
    for person in (None, cast.reporter, cast.committee, cast.root):
        if person:
            client.force_login(person)
        assert everything(client) == before
    for address in ADDRESSES[1:]:
        get(client, address.replace("kodaira-2", "hidden"), 404)
    Plan.objects.update(is_public=False)
    for address in ADDRESSES[1:]:
        get(client, address, 404)
    assert get(client, "/api/v1/plans")["items"] == []


def test_fictional_data_says_so_in_every_answer(client, filled):
    Plan.objects.update(is_fictional=True)
    for address in ADDRESSES:
        answer = get(client, address)
        assert (answer["is_fictional"], answer["notice"]) == (True, "架空のデータ"), address
        assert {item["is_fictional"] for item in answer.get("items", [])} <= {True}


HOSTILE = [
    "=cmd|'/C calc'!A0",
    "+1",
    "@SUM(A1)",
    "\"a\";'b',c",
    "一行目\r\n二行目",
    "👩‍👩‍👧‍👦",
    "は\u3099",
    "長" * 4000,
    "</script><b>",
]


def test_hostile_text_survives(client, published):
    for text in HOSTILE:
        PublishedReport.objects.filter(number="1").update(progress=text)
        found = get(client, f"{API}/reports?program=1")["items"]
        assert {item["progress"] for item in found} == {text}


def test_the_document_and_its_page(client, published):
    described = get(client, "/api/v1/openapi.json")
    assert described["openapi"] == "3.1.0"
    faults = [(fault.instance_path, fault.message) for fault in OPENAPI_31_VALIDATOR.iter_errors(described)]
    assert faults == []
    for operation in (methods["get"] for methods in described["paths"].values()):
        assert set(operation["responses"]) == {"200", "304", "400", "404", "405", "429"}
        assert operation["description"]
        assert "example" in operation["responses"]["200"]["content"]["application/json"]
    for name, shape in described["components"]["schemas"].items():
        for column, part in shape["properties"].items():
            assert "description" in part or name in ("Problem",), f"{name}.{column}"
    index = get(client, "/api/v1/")
    assert index["openapi"] == "http://testserver/api/v1/openapi.json"
    page = client.get("/api/v1/docs")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    texts = read(page).texts
    assert texts["h1"] == ["API の使い方"]
    assert len(texts["h3"]) == len(described["paths"])
    assert "src=" not in page.text
