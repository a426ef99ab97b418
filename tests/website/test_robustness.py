"""No address answers 500: wrong methods, numbers, dates and characters; the error pages; the health check."""

import re

import pytest
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from committee.models import Meeting
from opendata import errors, faults
from policies.models import Plan
from programs.models import Indicator, IndicatorActual
from tests import factories
from tests.reading import finish, read
from tests.soak import others_in_soak
from tests.website.addresses import NAMES
from website import overview


def test_this_test_knows_every_public_address():
    resolvers = (get_resolver(f"{package}.urls") for package in ("website", "opendata"))
    names = {name for resolver in resolvers for name in resolver.reverse_dict if isinstance(name, str)}
    assert names == set(NAMES)


@pytest.mark.parametrize(
    "name", others_in_soak(NAMES, ["home", "feed", "program", "programs_csv", "round", "table_csv"])
)
def test_public_addresses_are_read_only(met, name):
    client = Client(enforce_csrf_checks=True)
    address = reverse(name, args=NAMES[name])
    for method in ("get", "head"):
        response = getattr(client, method)(address)
        finish(response)
        assert response.status_code == 200
    for method in ("post", "put", "patch", "delete", "options", "trace"):
        response = getattr(client, method)(address)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD"
        assert read(response).texts["h1"] == ["この方法では開けません"]


@pytest.fixture
def met(published, monkeypatch):
    """The published plan with a meeting and a number of an indicator, and without typesetting, which not every machine can do
    (tests/website/test_packet.py)."""
    rate = Indicator.objects.create(program=published.programs.get(number="1"), number=1, name="収納率", unit="%")
    IndicatorActual.objects.create(indicator=rate, fiscal_year=2014, value=96)
    Meeting.objects.create(plan=published, held_on="2014-10-31", agenda="1 進捗状況", **factories.PUBLIC)
    for module in ("committee", "report"):
        monkeypatch.setattr(f"website.{module}.pdf_of", lambda html, stylesheet: b"%PDF-")
    return published


MISSING = [
    "/plans/kodaira-2/committee/2014-10-30/",
    "/plans/kodaira-2/committee/2014-10-30/packet.pdf",
    "/plans/kodaira-2/committee/2014-02-30/",
    "/plans/kodaira-2/committee/0000-01-01/packet.pdf",
    "/plans/nix/committee/2014-10-31/",
    "/plans/kodaira-2/committee/next/",
    "/plans/kodaira-2/data/nix.csv",
    "/plans/kodaira-2/data/rounds/2013-03-31/programs.csv",
    "/plans/kodaira-2/data/rounds/2015-02-30/SHA256SUMS",
    "/plans/nix/data.zip",
    "/nix/",
    "/plans/nix/",
    "/plans/小平/",
    "/plans/%00/",
    "/plans/kodaira-2/policies/9/",
    "/plans/kodaira-2/policies/-1/",
    "/plans/kodaira-2/policies/99999999999999999999999999/",
    "/plans/kodaira-2/policies/1/?page=2",
    "/plans/kodaira-2/policies/1/?page=abc",
    "/plans/kodaira-2/policies/1/?page=%00",
    "/plans/kodaira-2/policies/１/?page=0",
    "/plans/kodaira-2/programs/99/",
    "/plans/kodaira-2/programs/%00/",
    "/plans/kodaira-2/programs/%27%20OR%201=1/",
    "/plans/kodaira-2/programs/..%2f..%2fetc/",
    "/plans/kodaira-2/programs/２/",
    "/plans/kodaira-2/programs/" + "1" * 3000 + "/",
    "/plans/kodaira-2/revisions/nix/",
    "/plans/kodaira-2/revisions/改訂版/",
    "/plans/kodaira-2/revisions/fy2013-revision/?page=2",
    "/plans/kodaira-2/progress/2013-03-31/",
    "/plans/kodaira-2/progress/2015-02-30/",
    "/plans/kodaira-2/progress/0000-01-01/",
    "/plans/kodaira-2/progress/9999-12-31/",
    "/plans/kodaira-2/progress/20150331/",
    "/plans/kodaira-2/progress/2015-03-31/?page=2",
    "/plans/kodaira-2/progress/2015-03-31/?page=" + "9" * 5000,
]


def test_what_is_not_there_is_404_in_japanese(client, published):
    answers = {}
    for address in MISSING:
        response = client.get(address)
        answers[address] = (response.status_code, *read(response).texts["h1"])
    assert answers == dict.fromkeys(MISSING, (404, "ページが見つかりません"))


def test_error_pages_say_what_to_do(rf, db):
    request = rf.get("/")
    answers = {
        400: errors.bad_request(request),
        403: errors.permission_denied(request, PermissionError("自分の課の項目ではありません。")),
        404: errors.page_not_found(request),
        405: errors.method_not_allowed(request, ["GET"]),
        500: errors.server_error(request),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    for answer in [*answers.values(), errors.csrf_failure(request)]:
        assert any("てください" in text for text in read(answer).texts["p"])
    assert "自分の課の項目ではありません。" in read(answers[403]).texts["p"]
    assert errors.csrf_failure(request).status_code == 403


def test_page_for_500_needs_no_database():
    # Without the db fixture a query would raise.
    html = render_to_string("opendata/errors/500.html", {}, RequestFactory().get("/"))
    assert "システムに問題が起きました" in html


def test_broken_view_answers_500_in_japanese(published, monkeypatch):
    monkeypatch.setattr(overview, "distribution", lambda *_: 1 / 0)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert read(response).texts["h1"] == ["システムに問題が起きました"]


def test_health_check_tells_whether_the_database_answers(client, db, monkeypatch):
    response = client.get("/healthz")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"ok\n", "no-store")

    def refuse():
        raise DatabaseError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(faults.connection, "cursor", refuse)
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"database unavailable\n")


def test_no_inline_styles_or_scripts(client, met):
    for name, args in NAMES.items():
        response = client.get(reverse(name, args=args))
        if not response["Content-Type"].startswith("text/html"):
            finish(response)
            continue
        html = response.content.decode()
        assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", html) == []


def test_404_below_a_plan_keeps_its_pages_and_its_search(client, published):
    page = read(client.get("/plans/kodaira-2/programs/999/"))
    assert page.texts["h1"] == ["ページが見つかりません"]
    assert "いまの状況" in page.texts["a"]
    assert 'action="/plans/kodaira-2/programs/"' in client.get("/plans/kodaira-2/nix/").text
    Plan.objects.update(is_public=False)
    assert "kodaira-2" not in client.get("/plans/kodaira-2/programs/999/").text.replace(
        "/plans/kodaira-2/programs/999/", ""
    )
