"""Files that the worker makes: how far they are, signs of life, and what happens when a worker is killed."""

import os
import signal
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.acts import NotAllowed
from policies.models import Plan
from tests.worker import FOLDER, wait_for, work, worker
from workbooks import exports
from workbooks.models import Export, exports_storage
from workbooks.plan.writing import TooLong

pytestmark = pytest.mark.usefixtures("exports_folder")
NOON = datetime(2026, 4, 1, 12, tzinfo=timezone.get_default_timezone())
ALONE = pytest.mark.django_db(transaction=True)

# Instead of a workbook: says that it has begun, and goes on when a file says so.
SLOW = f"""
import dataclasses, pathlib, time
from workbooks import exports
def write(plan, site, file, progress):
    progress(1, 24)
    while not pathlib.Path({str(FOLDER / "go")!r}).exists():
        time.sleep(0.02)
    file.write(b"slow")
exports.KINDS["book"] = dataclasses.replace(exports.KINDS["book"], write=write)
"""


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def writes(monkeypatch):
    """Have the workbook written in another way."""

    def instead(write):
        monkeypatch.setitem(exports.KINDS, "book", replace(exports.KINDS["book"], write=write))

    return instead


@pytest.fixture
def ask(plan, cast):
    def start(kind="book"):
        return exports.start(plan, kind, site="https://plan.city.example", by=cast.office)

    return start


def tasks():
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def files():
    return sorted(path.name for path in FOLDER.iterdir()) if FOLDER.exists() else []


def test_each_package_registers_what_it_writes():
    assert {key: kind.write.__module__ for key, kind in exports.KINDS.items()} == {
        "book": "workbooks.exports",
        "package": "opendata.package",
        "report": "website.report",
    }


def test_a_file_on_its_way(plan, cast, ask, at_noon, writes):
    assert exports.last(plan, "book") is None
    export = ask()
    assert exports.last(plan, "book") == export
    assert (export.state, export.name, export.asked_by, export.asked_at) == (
        *("waiting", "kodaira-2-2026-04-01.xlsx"),
        *(cast.office, NOON),
    )
    heard = []

    def write(plan, site, file, progress):
        at_noon.shift(5)
        progress(7, 24)
        heard.append((plan, site, exports.last(plan, "book")))
        at_noon.shift(5)
        file.write(b"12345")

    writes(write)
    work()
    ((found, site, running),) = heard
    assert (found, site) == (plan, "https://plan.city.example")
    assert (running.state, running.done, running.total) == ("running", 7, 24)
    assert (running.begun_at, running.heartbeat_at) == (NOON, NOON + timedelta(seconds=5))
    done = exports.last(plan, "book")
    assert (done.state, done.size, done.error) == ("done", 5, "")
    assert (done.finished_at, done.heartbeat_at) == (NOON + timedelta(seconds=10),) * 2
    assert done.file.name == f"{export.task_id}.xlsx"
    with exports_storage().open(done.file.name) as file:
        assert file.read() == b"12345"
    assert (tasks(), files()) == (["SUCCESSFUL"], [done.file.name])


def test_files_are_for_the_service_alone(ask):
    ask("package")
    work()
    (file,) = FOLDER.iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777, FOLDER.stat().st_mode & 0o777) == (".zip", 0o600, 0o700)


def test_only_who_may_export_asks(plan, cast):
    for person in (cast.reporter, cast.viewer, cast.committee):
        with pytest.raises(NotAllowed, match=r"^計画を書き出す権限がありません。$"):
            exports.start(plan, "book", site="", by=person)
    cast.office.is_active = False
    with pytest.raises(NotAllowed):
        exports.start(plan, "book", site="", by=cast.office)
    assert (Export.objects.count(), tasks()) == (0, [])


def test_a_sign_of_life_is_written_once_a_second(plan, ask, writes, monkeypatch, django_assert_num_queries):
    moments = iter([0, 0.5, 0.99, 1, 1.9, 2.5])
    seen = []

    def write(plan, site, file, progress):
        monkeypatch.setattr(exports, "monotonic", lambda: next(moments))
        with django_assert_num_queries(3):
            for done in range(1, 7):
                progress(done, 24)
        seen.append(exports.last(plan, "book").done)
        file.write(b"1")

    writes(write)
    ask()
    work()
    assert seen == [6]


def test_the_workbook_gives_signs_of_life_while_it_reads_and_while_it_writes(plan, tmp_path):
    heard = []
    with (tmp_path / "book").open("wb") as file:
        exports.BOOK.write(plan, "", file, lambda *far: heard.append(far))
    sheets = heard[-1][1]
    assert heard == [(0, sheets)] * sheets + [(done, sheets) for done in range(sheets)]


def test_who_asks_meanwhile_gets_the_one_that_is_made(plan, ask, at_noon, writes):
    first = ask()
    at_noon.shift(60)
    assert ask() == first
    found = []

    def write(plan, site, file, progress):
        at_noon.shift(60)
        found.append(ask())
        file.write(b"1")

    writes(write)
    work()
    assert ([export.state for export in found], found[0].task_id, tasks()) == (
        ["running"],
        first.task_id,
        ["SUCCESSFUL"],
    )
    assert exports.last(plan, "book").state == "done"


def test_one_that_is_quiet_is_made_again_and_the_former_gives_up(plan, ask, at_noon, writes):
    first = ask()

    def write(plan, site, file, progress):
        at_noon.shift(61)
        assert exports.is_stuck(exports.last(plan, "book"))
        again = ask()
        assert (again.pk, again.state, again.task_id == first.task_id) == (first.pk, "waiting", False)
        writes(lambda plan, site, file, progress: file.write(b"second"))
        file.write(b"first")
        progress(1, 24)  # stops here
        raise AssertionError("nobody wants it any more")

    writes(write)
    work()
    done = exports.last(plan, "book")
    assert (done.state, done.size, done.asked_at, done.done) == ("done", 6, NOON + timedelta(seconds=61), 0)
    assert (tasks(), files()) == (["SUCCESSFUL"] * 2, [done.file.name])


def test_one_that_is_finished_too_late_leaves_no_file(plan, ask, at_noon, writes):
    ask()

    def write(plan, site, file, progress):
        at_noon.shift(61)
        ask()
        writes(lambda plan, site, file, progress: file.write(b"second"))
        file.write(b"first")

    writes(write)
    work()
    assert exports.last(plan, "book").size == 6
    assert files() == [exports.last(plan, "book").file.name]


def test_one_that_waits_for_its_turn_is_not_stuck(plan, ask, at_noon, writes):
    found = []

    def write(plan, site, file, progress):
        at_noon.shift(300)
        progress(1, 24)
        at_noon.shift(60)
        found.append(exports.is_stuck(exports.last(plan, "package")))
        at_noon.shift(1)
        found.append(exports.is_stuck(exports.last(plan, "package")))
        file.write(b"1")

    writes(write)
    ask()
    ask("package")
    work()
    assert found == [False, True]
    assert not exports.is_stuck(exports.last(plan, "package"))


def test_a_sign_of_life_from_a_time_to_come_is_none(plan, ask, at_noon, writes):
    """The clock was a day ahead when a worker began, and died; and when another file was finished."""
    at_noon.shift(timedelta(days=1))
    ask()
    Export.objects.update(state="running", begun_at=timezone.now(), heartbeat_at=timezone.now())
    assert not exports.is_stuck(exports.last(plan, "book"))
    at_noon.move_to(NOON + timedelta(days=1) - exports.QUIET)
    assert not exports.is_stuck(exports.last(plan, "book"))
    at_noon.move_to(NOON)
    assert exports.is_stuck(exports.last(plan, "book"))
    waits = ask("package")
    at_noon.shift(61)
    assert exports.is_stuck(waits)
    writes(lambda plan, site, file, progress: file.write(b"anew"))
    assert ask().state == "waiting"
    at_noon.shift(timedelta(days=1))
    made_at = timezone.now()
    work()
    assert exports.last(plan, "book").heartbeat_at == made_at
    at_noon.move_to(NOON)
    assert exports.is_stuck(ask()) is False
    Export.objects.filter(kind="package").update(
        state="waiting", begun_at=None, heartbeat_at=None, finished_at=None, file="", size=0, error="",
        asked_at=made_at,
    )  # fmt: skip
    assert exports.is_stuck(exports.last(plan, "package"))


def test_one_that_no_worker_takes_can_be_asked_for_again(plan, ask, at_noon):
    first = ask()
    DBTaskResult.objects.update(status="FAILED")  # as a worker does that does not know the task
    at_noon.shift(61)
    assert ask().task_id != first.task_id
    work()
    assert (exports.last(plan, "book").state, tasks()) == ("done", ["FAILED", "SUCCESSFUL"])


def test_a_failure_says_so(plan, ask, writes):
    def too_long(*args):
        raise TooLong("シート「実施項目（programs）」の 1 の名称（name）は 40,000字あります。")

    writes(too_long)
    ask()
    work()
    failed = exports.last(plan, "book")
    assert (failed.state, failed.error) == (
        "failed",
        "シート「実施項目（programs）」の 1 の名称（name）は 40,000字あります。",
    )
    writes(lambda *args: 1 / 0)
    assert ask().error == ""
    work()
    failed = exports.last(plan, "book")
    assert (failed.state, failed.error[:11], failed.file.name) == ("failed", "作成できませんでした。", "")
    result = DBTaskResult.objects.get(pk=failed.task_id)
    assert (result.status, result.exception_class_path) == ("FAILED", "builtins.ZeroDivisionError")
    assert (tasks(), files()) == (["SUCCESSFUL", "FAILED"], [])


def test_the_former_file_goes_when_a_new_one_is_asked_for(plan, ask, django_capture_on_commit_callbacks):
    ask()
    work()
    (former,) = files()
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert files() == []
    work()
    assert files() == [exports.last(plan, "book").file.name] != [former]


def test_files_are_forgotten_after_a_week(plan, ask, at_noon, django_capture_on_commit_callbacks):
    ask()
    work()
    exports_storage().save("of-nobody.xlsx", ContentFile(b"1"))
    at_noon.shift(exports.KEPT)
    assert exports.last(plan, "book").state == "done"
    at_noon.shift(1)
    assert exports.last(plan, "book") is None
    with django_capture_on_commit_callbacks(execute=True):
        ask("package")
    assert list(Export.objects.values_list("kind", flat=True)) == ["package"]
    assert files() == ["of-nobody.xlsx"]  # its worker may just be about to write it down
    long_ago = (timezone.now() - exports.KEPT).timestamp() - 1
    os.utime(FOLDER / "of-nobody.xlsx", (long_ago, long_ago))
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert files() == []


def test_a_plan_that_is_deleted_takes_its_files_along(plan, ask, cast, django_capture_on_commit_callbacks):
    other = Plan.objects.create(
        slug="other", name="別の計画", city="小平市", first_fiscal_year=2013, last_fiscal_year=2014
    )
    exports.start(other, "package", site="", by=cast.office)
    work()
    assert len(files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        other.delete()
    assert (files(), Export.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("waiting", {"state": "done"}),
        ("waiting", {"state": "failed", "error": "x"}),
        ("waiting", {"state": "running"}),
        ("waiting", {"state": "nix"}),
        ("waiting", {"begun_at": NOON}),
        ("waiting", {"heartbeat_at": NOON}),
        ("waiting", {"finished_at": NOON}),
        ("waiting", {"error": "x"}),
        ("waiting", {"file": "x"}),
        ("waiting", {"size": 1}),
        ("waiting", {"done": 1}),
        ("done", {"state": "waiting"}),
        ("done", {"state": "running"}),
        ("done", {"state": "failed"}),
        ("done", {"finished_at": None}),
        ("done", {"heartbeat_at": None}),
        ("done", {"file": ""}),
        ("done", {"size": 0}),
        ("done", {"error": "x"}),
    ],
)
def test_rows_that_contradict_themselves_are_refused(ask, state, values):
    export = ask()
    if state == "done":
        work()
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk, state=state).update(**values)


@ALONE
def test_two_who_ask_at_once_get_one(plan, cast):
    barrier, found = threading.Barrier(4), []

    def start():
        try:
            connection.ensure_connection()
            barrier.wait(10)
            found.append(exports.start(plan, "book", site="", by=cast.office).task_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    export = Export.objects.get()
    assert (found, tasks()) == ([export.task_id] * 4, ["READY"])


@pytest.mark.soak
@ALONE
def test_two_workers_make_a_file_once(plan, ask):
    for kind in ("book", "package"):
        ask(kind)
    with worker("--batch") as one, worker("--batch") as other:
        said = one.communicate(timeout=60)[0] + other.communicate(timeout=60)[0]
    assert (one.returncode, other.returncode, said.count("state=RUNNING")) == (0, 0, 2)
    assert (tasks(), len(files())) == (["SUCCESSFUL"] * 2, 2)


def half_made(plan):
    """A worker that is in the middle of a file."""
    process = worker(before=SLOW)
    wait_for(lambda: Export.objects.filter(state="running", done=1).exists() or process.poll() is not None)
    assert process.poll() is None, process.stdout.read()
    return process


@ALONE
def test_a_file_whose_worker_was_killed_is_made_again(plan, ask):
    first = ask()
    with half_made(plan) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    left = exports.last(plan, "book")
    assert (left.state, left.done, exports.is_stuck(left), tasks()) == ("running", 1, False, ["RUNNING"])
    assert ask().task_id == first.task_id  # for a minute it may just be slow
    work()  # and the queue does not give it to anybody again
    assert (exports.last(plan, "book").state, tasks()) == ("running", ["RUNNING"])
    Export.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    assert exports.is_stuck(exports.last(plan, "book"))
    again = ask()
    assert (again.pk, again.state, again.done) == (first.pk, "waiting", 0)
    with worker("--batch") as process:
        process.communicate(timeout=60)
    done = exports.last(plan, "book")
    assert (done.state, tasks(), files()) == ("done", ["RUNNING", "SUCCESSFUL"], [f"{again.task_id}.xlsx"])


@pytest.mark.sqlite_first
@ALONE
def test_a_worker_that_is_told_to_end_finishes_its_file(plan, ask):
    ask()
    with half_made(plan) as process:
        process.send_signal(signal.SIGTERM)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / "go").touch()
        assert process.wait(30) == 0
    assert (exports.last(plan, "book").state, exports.last(plan, "book").size, tasks()) == ("done", 4, ["SUCCESSFUL"])


@pytest.mark.soak
@ALONE
def test_a_worker_that_is_told_twice_says_that_it_stopped(plan, ask):
    ask()
    with half_made(plan) as process:
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: "shutting down" in process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert (exports.last(plan, "book").state, exports.last(plan, "book").error) == ("failed", exports.STOPPED)
    assert tasks() == ["FAILED"]


@ALONE
@pytest.mark.sqlite
def test_a_sign_of_life_that_cannot_be_written_stops_nothing(plan, ask, writes):
    """SQLite has one writer: a long import holds its lock."""
    taken, over = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                taken.set()
                over.wait(30)
        finally:
            connection.close()

    def write(plan, site, file, progress):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        holder = threading.Thread(target=hold)
        holder.start()
        assert taken.wait(30)
        with pytest.raises(OperationalError):
            Export.objects.update(done=0)
        progress(1, 24)
        over.set()
        holder.join(30)
        progress(2, 24)
        assert exports.last(plan, "book").done == 2
        file.write(b"1")

    writes(write)
    ask()
    work()
    assert exports.last(plan, "book").state == "done"
