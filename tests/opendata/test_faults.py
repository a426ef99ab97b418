"""A database that is down, a wrong host, addresses that nobody makes: said, in one line, and never an error page of 500."""

import json
import logging

import pytest
import time_machine
from django.db import OperationalError
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client

from figures import version
from opendata import faults, page_cache
from tests.reading import read

PAGE = "/plans/kodaira-2/programs/"


def lines(caplog):
    return [
        (record.levelname, record.getMessage(), record.exc_info)
        for record in caplog.records
        if record.name.split(".")[0] in ("site", "django")
    ]


def fail(*args, **kwargs):
    raise OperationalError("connection to server failed:\n\tIs the server running?")


@pytest.fixture
def gone(monkeypatch):
    """Call it, and the database has gone away."""
    return lambda: monkeypatch.setattr(SQLCompiler, "execute_sql", fail)


def test_the_health_check_is_answered_for_any_host_and_without_tls(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["plan.city.example"]
    for host in ("127.0.0.1:8000", "10.1.2.3", "plan.city.example", "x"):
        answer = client.get("/healthz", headers={"host": host})
        assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert client.post("/healthz", headers={"host": "plan.city.example"}).status_code in (301, 405)


def test_every_page_says_whom_to_ask(published, client, settings):
    assert "お問い合わせ" not in client.get(PAGE).text
    settings.CONTACT = "行政経営課 <042-000-0000>"
    for address in (PAGE, "/nowhere/"):
        assert "<p>このサイトについてのお問い合わせ：行政経営課 &lt;042-000-0000&gt;</p>" in client.get(address).text


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [
        (
            "DATA_UPLOAD_MAX_MEMORY_SIZE",
            2 * 1024 * 1024,
            "送信した内容が大きすぎます。一度に送信できるのは2MBまでです。",
        ),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", 1_500, "送信した欄が多すぎます。一度に送信できるのは1500欄までです。"),
    ],
)
def test_a_form_that_is_too_large_is_told_why(client, plan, cast, settings, limit, most, said):
    address = f"/admin/policies/plan/{plan.pk}/tables/"
    sent = {"pasted": "あ" * 720_000, **{f"column-{number}": "1" for number in range(1_600)}}
    client.force_login(cast.office)
    taken = client.post(address, sent)
    assert (taken.status_code, "送信した" in taken.text) == (400, False)  # read, and no table
    setattr(settings, limit, most)
    refused = client.post(address, sent)
    assert refused.status_code == 400
    assert read(refused).texts["h1"] == ["送信した内容を受け取れませんでした"]
    assert f"{said}何も保存していません。" in read(refused).texts["p"]


def test_a_wrong_host_is_one_line(client, db, settings, caplog):
    settings.ALLOWED_HOSTS = ["plan.city.example"]
    answer = client.get("/plans/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert lines(caplog) == [("WARNING", "wrong host 'evil.example' from 127.0.0.1", None)]


def test_without_a_database_pages_say_so_in_japanese(published, gone, client, caplog):
    gone()
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "no-store")
    assert read(answer).texts["h1"] == ["いまは表示できません"]
    assert lines(caplog) == [
        ("ERROR", f"database unavailable: GET {PAGE}: connection to server failed: Is the server running?", None)
    ]


def test_kept_pages_go_on_for_a_day(published, settings, gone, client, monkeypatch):
    settings.CACHE_PAGES = True
    page_cache.STORE.clear()
    with time_machine.travel("2026-04-01 09:00+09:00", tick=False) as clock:
        first = client.get(PAGE)
        assert first.status_code == 200
        gone()
        settings.VERSION_SECONDS = 0
        clock.shift(3600)
        assert client.get(PAGE).content == first.content
        assert client.get(f"{PAGE}?policy=1").status_code == 503
        with monkeypatch.context() as changed:  # something was withdrawn before the database went
            changed.setattr(version, "last_known", lambda: -1)
            assert client.get(PAGE).status_code == 503
        clock.shift(24 * 3600)
        assert client.get(PAGE).status_code == 503
    page_cache.STORE.clear()


def test_the_api_says_it_as_json(published, gone, client):
    gone()
    answer = client.get("/api/v1/plans")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(answer.content)["title"] == "いまは使えません。"


def test_a_session_that_cannot_be_stored_is_said_too(cast, client, monkeypatch):
    client.force_login(cast.office)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    answer = Client(raise_request_exception=False, headers={"cookie": f"sessionid={client.cookies['sessionid'].value}"})
    answer = answer.get("/admin/")
    assert answer.status_code == 503
    assert "いまは表示できません" in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/admin/reviews/report/?state__exact=%00", 400),
        ("/admin/reviews/report/?state__exact=x&y%00=1", 400),
        ("/admin/reviews/report/?_to_field=", 400),
        ("/admin/reviews/report/?_to_field=x", 400),
        ("/admin/reviews/report/?_to%5Ffield=", 400),
        ("/admin/reviews/report/?_to_field=%00", 400),
        ("/admin/programs/program/?policy=%00", 400),
        ("/admin/programs/program/?o=%00", 400),
        ("/admin/programs/program/add/?_to_field=", 400),
        ("/admin/programs/program/?id__regex=(a", 400),
        ("/admin/reviews/notice/?id__regex=1", 400),
        ("/admin/reviews/notice/?id__%72egex=1", 400),
        ("/admin/committee/meeting/?held_on__year=99999999999", 400),
        ("/admin/policies/plan/99999999999999999999/tables/book/", 404),
        ("/admin/accounts/user/?groups__id__exact=%00", 400),
        ("/admin/reviews/report/?q=%00", 200),
        ("/admin/reviews/report/?e=%00", 400),
        ("/admin/accounts/department/1/change/?_to_field=", 400),
        ("/admin/login/?next=%00", 400),
        ("/admin/jsi18n/?x=%00", 400),
        ("/admin/autocomplete/?term=%00&app_label=programs&model_name=program&field_name=policy", 400),
    ],
)
def test_malformed_addresses_of_the_admin_are_no_error_of_ours(cast, plan, address, status):
    client = Client(raise_request_exception=False)
    client.force_login(cast.root)
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        ("/admin/login/", {"username": "a\x00b", "password": "p"}, 400),
        ("/admin/login/", {"username": "a", "password": "p", "next": "/\x00"}, 400),
        ("/admin/programs/program/", {"action": "\x00", "_selected_action": "1"}, 400),
        ("/admin/programs/program/", {"action": "delete_selected", "_selected_action": "\x00"}, 400),
        ("/admin/programs/program/", {"action": "delete_selected", "_selected_action": "x"}, 400),
        ("/admin/programs/program/", {"action": "delete_selected", "_selected_action": "99999999999999999999"}, 400),
        ("/admin/accounts/department/{pk}/change/", {"name": "税\x00務課"}, 400),
        ("/admin/accounts/department/{pk}/change/", {"na\x00me": "税務課"}, 400),
        ("/admin/accounts/department/{pk}/change/", {"_to_field": "", "_seen": "x"}, 400),
        ("/admin/accounts/department/{pk}/change/", {"_to_field": "no_such", "_seen": "x"}, 400),
        ("/admin/accounts/department/{pk}/change/", {"_to_field": "name", "_seen": "x"}, 400),
        ("/admin/accounts/department/{pk}/delete/", {"post": "\x00"}, 400),
        ("/admin/reviews/redaction/redact/", {"words": "山\x00田"}, 400),
    ],
)
def test_what_no_form_sends_is_no_error_of_ours(cast, plan, address, sent, status):
    client = Client(raise_request_exception=False)
    client.force_login(cast.root)
    assert client.post(address.format(pk=cast.zeimu.pk), sent).status_code == status
    cast.zeimu.refresh_from_db()
    assert cast.zeimu.name == "税務課"


def test_the_log_of_a_fault_names_no_more_than_its_line(caplog):
    caplog.set_level(logging.INFO)
    assert faults._in_one_line(OperationalError("a\nb\r\n  c" + "x" * 1000)) == ("a b c" + "x" * 295)
