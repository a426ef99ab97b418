"""A fault after a form was sent: the page says whether it is stored, and what it says is true."""

import resource
import select
import threading
from contextlib import contextmanager

import psycopg2
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_save
from django.test import Client

from accounts.models import Department
from core.faults import is_lost, is_unavailable
from core.history import signed
from tests.reading import read
from workbooks.models import Export

NONE = "送った入力は、保存されていません。ブラウザーの「戻る」で入力した内容に戻り、少し待ってから、もう一度送ってください。"
UNKNOWN = (
    "送った入力が保存されたかどうかは、ここでは分かりません。もう一度送る前に、その記録のページを開き直し、最後に保存された時刻と人で確かめてください（新しい記録は一覧で）。"
    "保存されていないときは、ブラウザーの「戻る」で入力した内容に戻れます。"
)
ALONE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.root)
    return client


@contextmanager
def said_to_the_database(first, then):
    with connection.cursor() as cursor:
        cursor.execute(first)
        try:
            yield
        finally:
            cursor.execute(then)


def rename(client, department):
    address = f"/admin/accounts/department/{department.pk}/change/"
    found = client.get(address).context_data["adminform"].form
    sent = {name: value for name, value in found.initial.items() if value is not None} | {"name": "新しい課"}
    answer = client.post(address, sent | {"_seen": client.get(address).context_data.get("seen", "")})
    department.refresh_from_db()
    return answer, department.name


def check_read_only(client, cast):
    answer, name = rename(client, cast.zeimu)
    assert (answer.status_code, answer["Retry-After"], name) == (503, "30", "税務課")
    assert NONE in read(answer).texts["p"]
    assert client.get("/admin/accounts/department/").status_code == 200


@pytest.mark.sqlite
def test_a_database_that_takes_no_changes(cast, office):
    with said_to_the_database("PRAGMA query_only = ON", "PRAGMA query_only = OFF"):
        check_read_only(office, cast)
    answer, name = rename(office, cast.zeimu)
    assert (answer.status_code, name) == (302, "新しい課")


@ALONE
@pytest.mark.postgresql
def test_a_postgresql_that_takes_no_changes(cast, office):
    on, off = (f"SET default_transaction_read_only = {value}" for value in ("on", "off"))
    with said_to_the_database(on, off):
        check_read_only(office, cast)


@ALONE
@pytest.mark.postgresql
def test_a_transaction_that_waited_too_long_is_no_mistake_of_ours():
    with connection.cursor() as cursor:
        transaction.set_autocommit(False)
        cursor.execute("SET idle_in_transaction_session_timeout = 20")
        assert select.select([connection.connection.fileno()], [], [], 10)[0]  # the server has ended it
        with pytest.raises(DatabaseError) as ended:
            cursor.execute("SELECT 1")
    connection.close()
    assert (is_unavailable(ended.value), is_lost(ended.value)) == (True, True)
    with pytest.raises(DatabaseError) as ours, connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")
    assert not is_unavailable(ours.value)


@ALONE
@pytest.mark.sqlite
def test_what_was_stored_before_the_fault_is_not_said_to_be_lost(cast, plan, office, exports_folder):
    """The log of changes fails: of a form in the same transaction, of an export after it has been asked for."""
    broken = "CREATE TRIGGER broken BEFORE INSERT ON django_admin_log BEGIN SELECT RAISE(ABORT, 'broken'); END"
    with said_to_the_database(broken, "DROP TRIGGER broken"):
        answer, name = rename(office, cast.zeimu)
        assert (answer.status_code, name) == (500, "税務課")
        assert NONE in read(answer).texts["p"]
        answer = office.post(f"/admin/policies/plan/{plan.pk}/exports/", {"kind": "book"})
    assert (answer.status_code, Export.objects.count()) == (500, 1)
    assert UNKNOWN in read(answer).texts["p"]


@pytest.mark.sqlite
def test_a_page_that_was_only_opened_speaks_of_no_input(client, published, monkeypatch):
    answer = Client(raise_request_exception=False, headers={"host": "testserver"})
    with said_to_the_database(
        "ALTER TABLE policies_policy RENAME TO away", "ALTER TABLE away RENAME TO policies_policy"
    ):
        shown = answer.get("/plans/kodaira-2/programs/")
    assert shown.status_code in (500, 503)
    assert "保存され" not in shown.text


def test_a_file_for_which_there_is_no_room(office, cast):
    """What is larger than Django keeps in memory goes to the disk while it comes in."""
    file = SimpleUploadedFile("list.csv", b"x" * 3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        answer = office.post("/admin/policies/source/import/", {"import_file": file})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    shown = read(answer).texts
    assert shown["h1"] == ["サーバーの空き容量がありません"]
    assert NONE in shown["p"]
    answer.wsgi_request.upload_handlers[
        -1
    ].upload_interrupted()  # Django leaves to Python to close what came to the half


@contextmanager
def held_by_another(department):
    """Another connection is writing to the row, and does not end."""
    held, ends = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Department.objects.filter(pk=department.pk).update(code="held")
            held.set()
            ends.wait(30)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        yield
    finally:
        ends.set()
        thread.join(30)


WAITS = {
    "sqlite": {"lock": "PRAGMA busy_timeout = 50"},
    "postgresql": {"lock": "SET lock_timeout = 50", "statement": "SET statement_timeout = 50"},
}


def check_time_out(office, cast, wait):
    back = {"PRAGMA": "PRAGMA busy_timeout = 20000", "SET": "RESET ALL"}[wait.split()[0]]
    with said_to_the_database(wait, back), held_by_another(cast.zeimu):
        answer, name = rename(office, cast.zeimu)
    assert (answer.status_code, name) == (503, "税務課")
    assert NONE in read(answer).texts["p"]
    answer, name = rename(office, cast.zeimu)
    assert (answer.status_code, name) == (302, "新しい課")


@ALONE
@pytest.mark.sqlite
def test_a_form_that_waited_too_long_for_a_file_that_is_locked(cast, office):
    check_time_out(office, cast, WAITS["sqlite"]["lock"])


@ALONE
@pytest.mark.postgresql
@pytest.mark.parametrize("what", ["lock", "statement"])
def test_a_form_that_waited_too_long_for_a_row(what, cast, office):
    check_time_out(office, cast, WAITS["postgresql"][what])


@ALONE
@pytest.mark.postgresql
def test_a_form_whose_connection_ended_in_its_midst(cast, office):
    """Nobody can know then; the page that is opened again does."""

    def end(sender, **_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        other = psycopg2.connect(**connection.get_connection_params())
        with other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()
        post_save.disconnect(end, sender=Department)

    post_save.connect(end, sender=Department)
    before = office.get(f"/admin/accounts/department/{cast.zeimu.pk}/change/").context_data["adminform"].form.initial
    sent = {name: value for name, value in before.items() if value is not None} | {"name": "新しい課"}
    answer = office.post(f"/admin/accounts/department/{cast.zeimu.pk}/change/", sent)
    connection.close()
    assert answer.status_code == 503
    assert UNKNOWN in read(answer).texts["p"]
    cast.zeimu.refresh_from_db()
    assert cast.zeimu.name == "税務課"


def test_a_page_says_who_saved_it_last(cast, office):
    address = f"/admin/accounts/department/{cast.zeimu.pk}/change/"
    with time_machine.travel("2014-10-31 10:05:09+09:00", tick=False):
        signed(cast.zeimu, cast.office, "保存（名称）").save()
        assert (
            "最後に保存されたのは2014年10月31日 10:05:09、行政 五郎さんの「保存（名称）」です。"
            in office.get(address).text
        )
        signed(cast.zeimu, cast.root, "保存（名称）").save()
    assert "10:05:09、あなたの「保存（名称）」です。" in office.get(address).text
