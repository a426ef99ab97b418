"""Signing in under attack: who is locked out, who is not, what the log says, and how a lock is lifted."""

import logging
from io import StringIO

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.contrib.auth.signals import user_logged_in
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import sign_in
from accounts.models import User
from tests.reading import messages

LOGIN = "/admin/login/"
PAGE = "/admin/sign-ins/"


@pytest.fixture(autouse=True)
def _counted(settings):
    settings.AXES_ENABLED = True
    settings.TRUSTED_PROXIES = 1


def attempt(name, password, address):
    return (
        Client().post(LOGIN, {"username": name, "password": password}, headers={"X-Forwarded-For": address}).status_code
    )


def test_ten_wrong_passwords_from_elsewhere_do_not_lock_the_person_out(cast):
    assert [attempt("reporter", "wrong", "198.51.100.9") for _ in range(11)] == [200] * 9 + [429] * 2
    assert attempt("reporter", "pass", "198.51.100.9") == 429
    assert attempt("reporter", "pass", "192.0.2.1") == 302
    assert (
        AccessAttempt.objects.get(ip_address="198.51.100.9").failures_since_start == 10
    )  # those after it do not prolong it
    with time_machine.travel(sign_in.timezone.now() + sign_in.LOCKED_FOR * 1.1):
        assert attempt("reporter", "pass", "198.51.100.9") == 302


def test_the_list_of_people_says_when_somebody_last_signed_in(cast):
    apps.get_app_config("auth").ready()  # what all other tests leave out
    try:
        assert attempt("reporter", "pass", "192.0.2.1") == 302
    finally:
        user_logged_in.disconnect(dispatch_uid="update_last_login")
    assert User.objects.get(username="reporter").last_login is not None
    assert attempt("office", "pass", "192.0.2.1") == 302
    assert User.objects.get(username="office").last_login is None


def test_many_addresses_together_lock_the_name_but_not_where_the_person_was_before(cast, monkeypatch):
    monkeypatch.setattr(sign_in, "NAME_LIMIT", 20)
    assert attempt("reporter", "pass", "192.0.2.1") == 302
    tried = [attempt("reporter", "wrong", f"198.51.100.{number}") for number in range(1, 21)]
    assert tried == [200] * 19 + [429]
    assert attempt("reporter", "pass", "203.0.113.5") == 429
    assert attempt("office", "pass", "203.0.113.5") == 302
    assert attempt("reporter", "pass", "192.0.2.1") == 302


@pytest.mark.parametrize("name", ["x" * 151, "x" * 300, "x" * 100_000, "漢" * 300])
def test_a_name_that_no_account_can_have_is_refused_before_the_database(db, name):
    answer = Client().post(LOGIN, {"username": name, "password": "p"})
    assert answer.status_code == 200
    assert len(answer.context_data["form"].errors["username"]) == 1
    assert not AccessAttempt.objects.exists()


def test_a_name_of_the_longest_kind_is_counted(db):
    assert attempt("x" * 150, "p", "192.0.2.1") == 200
    assert AccessAttempt.objects.get().username == "x" * 150


def test_the_log_says_who_and_from_where_on_one_line(cast, caplog):
    caplog.set_level(logging.INFO, "security")
    attempt("reporter", "wrong", "198.51.100.9")
    attempt("evil\nsecurity signed in name=root", "wrong", "198.51.100.9")
    client = Client(headers={"X-Forwarded-For": "192.0.2.1"})
    client.post(LOGIN, {"username": "reporter", "password": "pass"})
    client.post("/admin/logout/")
    for _ in range(10):
        attempt("viewer", "wrong", "198.51.100.9")
    lines = [record.getMessage() for record in caplog.records if record.name == "security"]
    assert lines[:4] == [
        'failed name="reporter" address=198.51.100.9',
        'failed name="evil\\nsecurity signed in name=root" address=198.51.100.9',
        'signed in name="reporter" address=192.0.2.1',
        'signed out name="reporter" address=192.0.2.1',
    ]
    assert lines[-2:] == [f'{what} name="viewer" address=198.51.100.9' for what in ("locked", "failed")]
    assert "wrong" not in caplog.text
    assert 'pass"' not in caplog.text


def test_a_superuser_sees_who_is_locked_and_lifts_it(cast, caplog):
    caplog.set_level(logging.INFO, "security")
    for _ in range(10):
        attempt("viewer", "wrong", "198.51.100.9")
    attempt("<b>x</b>", "wrong", "203.0.113.5")
    client = Client()
    client.force_login(cast.office)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"name": "viewer"}).status_code == 403
    client.force_login(cast.root)
    assert f'href="{PAGE}"' in client.get("/admin/").text
    page = client.get(PAGE)
    shown = [(one.name, one.address, one.times, one.is_locked) for one in page.context_data["failures"]]
    assert shown == [("<b>x</b>", "203.0.113.5", 1, False), ("viewer", "198.51.100.9", 10, True)]
    assert "ロック中（" in page.text
    assert "<b>x</b>" not in page.text
    lifted = client.post(PAGE, {"name": "viewer"}, follow=True)
    assert messages(lifted) == ["「viewer」のログインの失敗の記録を消しました。すぐにログインできます。"]
    assert 'lifted name="viewer" by="root"' in caplog.text
    assert attempt("viewer", "pass", "198.51.100.9") == 302
    assert messages(client.post(PAGE, {"name": "nobody"}, follow=True)) == [
        "「nobody」のログインの失敗の記録は、もうありません。"
    ]


def test_old_records_are_deleted(cast):
    with time_machine.travel("2026-01-01 09:00:00+09:00"):
        attempt("reporter", "wrong", "198.51.100.9")
        attempt("office", "pass", "192.0.2.1")
    with time_machine.travel("2026-05-01 09:00:00+09:00"):
        out = StringIO()
        call_command("purge_sign_ins", stdout=out)
        attempt("viewer", "wrong", "198.51.100.9")
        attempt("office", "pass", "192.0.2.1")
        call_command("purge_sign_ins", stdout=StringIO())
    assert out.getvalue() == "90日より前のログインの記録を 2件 消しました。\n"
    assert [AccessAttempt.objects.get().username, AccessLog.objects.get().username] == ["viewer", "office"]
    with pytest.raises(CommandError):
        call_command("purge_sign_ins", "--days", "0")
