"""Files of a whole plan: at once for a usual plan; for a large one by a process of its own, with its progress on a page."""

import io
import os
import shutil
import subprocess
import time
import zipfile

import openpyxl
import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from staff import export_jobs as jobs
from staff import exports
from tests.reading import finish, read
from workbooks.plan.writing import TooLong


@pytest.fixture(autouse=True)
def folder(settings):
    yield settings.EXPORTS_DIR
    shutil.rmtree(settings.EXPORTS_DIR, ignore_errors=True)


@pytest.fixture
def office(client, cast):
    client.force_login(cast.office)
    return client


def address(plan, kind=""):
    return f"/admin/policies/plan/{plan.pk}/exports/{f'{kind}/' if kind else ''}"


@pytest.fixture
def nobody_begins(monkeypatch):
    """The process of its own does not come: what it would do is done by the test."""
    started = []
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda *args, **kwargs: started.append(args) or _Ended())
    return started


class _Ended:
    def wait(self):
        return 0


@pytest.mark.django_db(transaction=True)
def test_a_process_of_its_own_makes_both_files(office, plan, monkeypatch, folder):
    real = subprocess.Popen

    def to_its_end(*args, **kwargs):
        process = real(*args, **kwargs)
        assert process.wait(timeout=60) == 0
        return process

    monkeypatch.setattr(jobs.subprocess, "Popen", to_its_end)
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    assert office.get(f"/admin/policies/plan/{plan.pk}/book/export/")["Location"] == address(plan)
    for kind in ("book", "package"):
        assert office.post(address(plan), {"kind": kind})["Location"] == address(plan)
    page = office.get(address(plan))
    links = [text for text in read(page).texts["a"] if text.startswith("kodaira-2")]
    assert [name.rpartition(".")[2] for name in links] == ["xlsx", "zip"]
    said = list(LogEntry.objects.values_list("change_message", flat=True))
    assert "計画ブック（Excel）の書き出しを始めました。" in said
    book = office.get(address(plan, "book"))
    assert book["Content-Disposition"] == f'attachment; filename="{links[0]}"'
    assert "programs" in openpyxl.load_workbook(io.BytesIO(finish(book)), read_only=True).sheetnames
    package = zipfile.ZipFile(io.BytesIO(finish(office.get(address(plan, "package")))))
    assert "http://testserver/plans/kodaira-2/data/" in package.read("README.md").decode()
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == sorted(["file", "job.json", "lock"] * 2)


def test_what_the_page_says_of_a_job(office, plan, cast, nobody_begins, monkeypatch):
    assert "まだ作成していません。" in office.get(address(plan)).text
    job = jobs.start(plan, "book", site="http://testserver", by=cast.office)
    assert jobs.start(plan, "book", site="http://testserver", by=cast.office) == job  # two clicks begin one
    assert len(nobody_begins) == 1
    page = office.get(address(plan))
    assert "行政 五郎さんが始めました" in page.text
    assert "js/refresh.js" in page.text
    assert office.get(address(plan, "book")).status_code == 404

    seen = []

    def half(plan, file, progress):
        progress(3, 24)
        seen.append(office.get(address(plan)).text)
        raise TooLong("シート programs の 1 の name は 40,000字あります。")

    monkeypatch.setattr(jobs, "write_book", half)
    jobs.make(plan, "book")
    assert "24のうち3の表ができました" in seen[0]
    assert '<progress aria-label="計画ブック（Excel）の進み具合" max="24" value="3"></progress>' in seen[0]
    page = office.get(address(plan))
    assert "40,000字あります。" in page.text
    assert "js/refresh.js" not in page.text
    jobs.make(plan, "book")  # a second process finds nothing to do
    assert len(seen) == 1

    monkeypatch.setattr(jobs, "write_book", lambda *args: 1 / 0)
    jobs.start(plan, "book", site="", by=cast.office)
    jobs.make(plan, "book")
    assert "システムの管理者に知らせてください" in office.get(address(plan)).text


def test_a_job_whose_process_ended_is_told_and_can_be_begun_again(office, plan, cast, nobody_begins):
    job = jobs.start(plan, "package", site="", by=cast.office)
    with time_machine.travel(time.time() + 31, tick=False):  # it never came
        assert jobs.last(plan, "package").state == "failed"
    jobs.replace(job, has_begun=True, done=2, total=24)._save()  # and this one was killed
    page = office.get(address(plan))
    assert "サーバーの再起動などで、作成が途中で止まりました。" in page.text
    office.post(address(plan), {"kind": "package"})
    jobs.make(plan, "package")
    assert finish(office.get(address(plan, "package"))).startswith(b"PK")


def test_files_are_forgotten_after_a_week(office, plan, cast, nobody_begins, folder):
    jobs.start(plan, "package", site="", by=cast.office)
    jobs.make(plan, "package")
    old = folder / "999" / "book"  # of a plan that is gone
    old.mkdir(parents=True)
    (old / "file").write_text("")
    os.utime(old / "file", (1, 1))
    with time_machine.travel(time.time() + jobs.KEPT + 1, tick=False):
        assert jobs.last(plan, "package") is None
        jobs.start(plan, "book", site="", by=cast.office)
    assert sorted(path.name for path in folder.glob("*/*")) == ["book"]


def test_only_who_may_export_sees_and_begins(client, plan, cast, nobody_begins):
    jobs.start(plan, "package", site="", by=cast.office)
    jobs.make(plan, "package")
    for user in (cast.reporter, cast.viewer, cast.committee):
        client.force_login(user)
        for path in (address(plan), address(plan, "package"), f"/admin/policies/plan/{plan.pk}/book/export/"):
            assert client.get(path).status_code == 403
        assert client.post(address(plan), {"kind": "book"}).status_code == 403
    client.force_login(cast.office)
    assert client.post(address(plan, "package")).status_code == 405
    assert client.get(address(plan, "nix")).status_code == 404
    assert client.get("/admin/policies/plan/999999/exports/").status_code == 404
    client.post(address(plan), {"kind": "nix"})
    assert len(nobody_begins) == 1
