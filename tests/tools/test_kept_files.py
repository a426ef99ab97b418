"""The files that are kept with rounds, beside a copy of the database: they come and go with it."""

import os
import stat
import subprocess
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from policies.models import Plan
from tests.tools.commands import refused
from tools import backups
from workbooks.models import Export, exports_storage

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = b"%PDF-1.7 " + bytes(range(256)) * 700


def export(plan, by, name, content, round_=None):
    now = timezone.now()
    times = {"asked_at": now, "begun_at": now, "heartbeat_at": now, "finished_at": now}
    return Export.objects.create(
        plan=plan,
        round=round_,
        kind="report" if round_ else "book",
        state=Export.State.DONE,
        name=name,
        asked_by=by,
        size=len(content),
        file=exports_storage().save(name, ContentFile(content)),
        **times,
    )


@pytest.fixture
def issues(plan, cast, exports_folder):
    """Two issues of the report of a round, and a workbook that goes after a week."""
    export(plan, cast.office, "book.xlsx", b"PK")
    round_ = plan.rounds.first()
    return [export(plan, cast.office, f"issue-{number}.pdf", REPORT + bytes([number]), round_) for number in (1, 2)]


def run(command, *arguments):
    out, err = StringIO(), StringIO()
    connection.close()
    call_command(command, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def copy_in(folder):
    (path,) = (path for path in folder.iterdir() if path.suffix != ".tar")
    return path


def test_they_come_back_with_the_database(issues, exports_folder, tmp_path):
    said, warned = run("backup", tmp_path)
    copy = copy_in(tmp_path)
    tar = tmp_path / f"{copy.stem}.files.tar"
    assert files(tmp_path) == sorted([copy.name, tar.name])
    assert (str(tar) in said, warned) == (True, "")
    assert stat.S_IMODE(tar.stat().st_mode) == 0o600
    # Anybody can open it and see that it is whole.
    subprocess.run(["tar", "xf", tar], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True)
    assert [name for name in files(tmp_path) if "plan-" not in name] == ["SHA256SUMS", "issue-1.pdf", "issue-2.pdf"]

    Export.objects.all().delete()
    (exports_folder / "issue-2.pdf").write_bytes(b"another one")
    assert files(exports_folder) == ["issue-2.pdf"]
    said, warned = run("restore", copy, "--noinput")
    assert ("調査ごとに保存するファイル 2件）" in said, warned) == (True, "")
    assert files(exports_folder) == ["issue-1.pdf", "issue-2.pdf"]
    for number, issue in enumerate(Export.objects.filter(round__isnull=False).order_by("pk"), 1):
        with issue.file.open() as file:
            assert file.read() == REPORT + bytes([number])
    assert stat.S_IMODE((exports_folder / "issue-1.pdf").stat().st_mode) == 0o600


def test_what_is_damaged_or_cannot_be_brought_back_changes_nothing(issues, exports_folder, tmp_path, monkeypatch):
    run("backup", tmp_path)
    copy = copy_in(tmp_path)
    tar = tmp_path / f"{copy.stem}.files.tar"
    data = tar.read_bytes()
    Export.objects.all().delete()
    Plan.objects.update(name="あとの名前")
    for damaged in (b"", data[:100_000], data[:600] + b"x" + data[601:], b"PK" + data):
        tar.write_bytes(damaged)
        assert f"{tar} は壊れています" in refused("restore", str(copy), "--noinput")
    tar.write_bytes(data)

    def fails(_copy):
        raise backups.Failed("使っています")

    monkeypatch.setitem(backups._BRING_BACK, connection.vendor, fails)
    assert refused("restore", str(copy), "--noinput") == "使っています\n何も変えていません。"
    assert (files(exports_folder), Plan.objects.get().name) == ([], "あとの名前")


def test_one_that_is_lost_is_said_and_stops_nothing(issues, exports_folder, tmp_path):
    (exports_folder / "issue-1.pdf").unlink()
    _said, warned = run("backup", tmp_path)
    assert warned == "調査ごとに保存するファイルが 1件、保存場所にありません（issue-1.pdf）。\n"
    copy = copy_in(tmp_path)
    (tmp_path / f"{copy.stem}.files.tar").unlink()
    (exports_folder / "issue-2.pdf").unlink()
    said, warned = run("restore", copy, "--noinput")
    assert warned == "調査ごとに保存するファイルが 2件、ありません（issue-1.pdf）。\n"
    assert "調査ごとに保存するファイル 0件）" in said


def test_no_copy_is_left_without_its_files(issues, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tools.kept_files.pack", full)
    assert refused("backup", str(tmp_path)).startswith("バックアップを書けませんでした（No space left on device）。")
    assert files(tmp_path) == []


def test_they_go_with_their_copy(issues, tmp_path):
    names = [f"plan-2014010{day}-020000.{ending}" for day in (1, 2) for ending in ("dump", "files.tar")]
    killed = tmp_path / "plan-20131231-020000.files.tar"
    for name in (*names, killed.name):
        (tmp_path / name).touch()
    os.utime(killed, (0, 0))
    run("backup", tmp_path, "--keep", "2")
    assert files(tmp_path)[:2] == names[2:]
    assert len(files(tmp_path)) == 4
