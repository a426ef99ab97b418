"""manage.py backup and restore, on the database of the run: what was there comes back whole, or nothing changes."""

import io
import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.spreadsheets import sheets
from policies.models import Plan
from programs.models import Program, YearPlan
from tests import killing
from tests.tools.commands import refused
from tools import backups
from workbooks.plan.writing import write_book

pytestmark = pytest.mark.django_db(transaction=True)


def book():
    """The cells of the plan's workbook."""
    file = io.BytesIO()
    write_book(Plan.objects.get(), file)
    read = sheets.read_book(file.getvalue(), max_bytes=10**8, max_unpacked=10**9, max_rows=10**5)
    return {name: sheet.rows for name, sheet in read.sheets.items()}


def backup(folder, *options):
    call_command("backup", str(folder), *options, stdout=StringIO())
    return max(folder.glob("plan-2*"))


def restore(path):
    out = StringIO()
    connection.close()
    call_command("restore", str(path), "--noinput", stdout=out)
    return out.getvalue()


def change():
    Program.objects.update(name="変えた名前")
    YearPlan.objects.all().delete()


def test_what_was_there_comes_back(plan, cast, tmp_path):
    before = book()
    path = backup(tmp_path / "backup")
    assert re.fullmatch(r"plan-\d{8}-\d{6}\.(sqlite3|dump)", path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    change()
    assert book() != before
    said = restore(path)
    assert re.search(r"置き換えるもの: .*（計画 1件、利用者 7人）", said)
    assert "戻しました。" in said
    assert book() == before
    assert connection.introspection.table_names()
    call_command("check_figures", stdout=StringIO())


def test_it_comes_back_where_tables_were_dropped(plan, cast, tmp_path):
    before = book()
    path = backup(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE programs_yearplan" + (" CASCADE" if connection.vendor == "postgresql" else ""))
        cursor.execute("DROP TABLE django_session")
    restore(path)
    assert book() == before


def test_older_ones_go(plan, tmp_path):
    for day in range(1, 5):
        (tmp_path / f"plan-2014010{day}-020000.dump").touch()
    (tmp_path / "plan-notes.txt").touch()
    killed = tmp_path / ".plan-20140101-020000.dump.77"
    killed.touch()
    os.utime(killed, (0, 0))
    path = backup(tmp_path, "--keep", "3")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        *("plan-20140103-020000.dump", "plan-20140104-020000.dump", path.name, "plan-notes.txt")
    ]
    assert refused("backup", str(tmp_path), "--keep", "0") == "--keep は 1 以上にしてください。"


def test_a_copy_without_our_tables_is_no_backup(plan, tmp_path, monkeypatch):
    """What an empty database gives, or the wrong one."""
    (tmp_path / "plan-20140101-020000.dump").touch()
    monkeypatch.setattr(backups, "own_tables", lambda: {"django_migrations", "programs_program", "elsewhere"})
    said = refused("backup", str(tmp_path), "--keep", "1")
    assert "このシステムの表がありません（elsewhere）" in said
    assert said.endswith("バックアップはできていません。")
    assert [file.name for file in tmp_path.iterdir()] == ["plan-20140101-020000.dump"]


def test_a_folder_that_cannot_be_written_is_told(plan, tmp_path):
    (tmp_path / "file").touch()
    assert "に書けません" in refused("backup", str(tmp_path / "file" / "folder"))


@pytest.mark.parametrize("ways", [slice(2, 3), pytest.param(slice(5), marks=pytest.mark.soak)], ids=["half", "all"])
def test_what_is_no_whole_copy_changes_nothing(plan, cast, tmp_path, ways):
    path = backup(tmp_path)
    data = path.read_bytes()
    before = book()
    other = tmp_path / "other"
    third = len(data) // 3
    turned = bytes(
        255 - byte for byte in data[third : third + 4096]
    )  # zeros may be what stands there: a page that is free
    for content, reason in (
        (b"", "バックアップではありません"),
        (b"PK" + bytes(100), "バックアップではありません"),
        (data[: len(data) // 2], "壊れて|失敗しました"),
        (
            data[:third] + turned + data[third + 4096 :],
            "壊れて|失敗しました|参照が切れて|このシステムの",
        ),
        (b"PGDMP" if connection.vendor == "sqlite" else b"SQLite format 3\x00", "のバックアップです。設定"),
    )[ways]:
        other.write_bytes(content)
        assert re.search(reason, refused("restore", str(other), "--noinput")), reason
        assert book() == before
    assert "を読めません" in refused("restore", str(tmp_path / "missing"), "--noinput")


@pytest.mark.sqlite
def test_one_byte_that_is_another_is_found_wherever_it_stands(plan, cast, tmp_path):
    """In pages too that hold nothing, or the end of a long text, of which SQLite says that all is well."""
    path = backup(tmp_path)
    data = path.read_bytes()
    before = book()
    other = tmp_path / "other"
    for place in range(61, len(data), len(data) // 12):
        other.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert "は壊れています（作ったときと中身が違います）。" in refused("restore", str(other), "--noinput"), place
    assert book() == before
    call_command("restore", str(path), "--noinput", verbosity=0)
    assert book() == before
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version")  # the sum is that of the copy, not of what people go on writing into
        assert cursor.fetchone() == (0,)


def test_a_copy_of_a_newer_version_is_refused(plan, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('programs', '0999_later', '2030-01-01')"
        )
    path = backup(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0999_later'")
    assert "より新しい版のこのシステムのものです（programs.0999_later）" in refused("restore", str(path), "--noinput")


def test_nothing_is_replaced_while_somebody_uses_it(plan, cast, tmp_path):
    path = backup(tmp_path)
    change()
    code = (
        "import sys, django; django.setup()\nfrom django.db import connections, connection\n"
        "connections.databases['default']['NAME'] = sys.argv[1]\n"
        "from policies.models import Plan\nPlan.objects.count(); print('open', flush=True); sys.stdin.readline()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    with other:
        assert other.stdout.readline() == "open\n"
        connection.close()
        assert "ほかのプログラムが使っています" in refused("restore", str(path), "--noinput")
        other.communicate("\n")
    assert set(Program.objects.values_list("name", flat=True)) == {"変えた名前"}
    restore(path)
    assert "変えた名前" not in set(Program.objects.values_list("name", flat=True))


def test_the_question_is_asked(plan, tmp_path, monkeypatch):
    path = backup(tmp_path)
    change()
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    assert refused("restore", str(path)) == "何も変えていません。"
    assert set(Program.objects.values_list("name", flat=True)) == {"変えた名前"}


@pytest.mark.parametrize("kills", [1, pytest.param(100, marks=pytest.mark.soak)])
def test_what_a_killed_backup_leaves_is_whole(plan, cast, tmp_path, kills):
    longest = killing.run(killing.COMMAND, "backup", str(tmp_path))
    for seconds in killing.moments(longest, kills, seed=4):
        killing.run(killing.COMMAND, "backup", str(tmp_path), seconds=seconds)
        for copy in tmp_path.glob("plan-*"):
            backups.check(copy)


@pytest.mark.soak  # `make test` kills a backup
@pytest.mark.parametrize("kills", [100])
def test_killed_in_the_middle_it_is_all_or_nothing(plan, cast, tmp_path, kills):
    before = book()
    path = backup(tmp_path)
    change()
    after = book()

    def turn(seconds):
        return killing.run(killing.COMMAND, "restore", str(path), "--noinput", seconds=seconds)

    longest = turn(None)
    assert book() == before
    for seconds in killing.moments(longest, kills, seed=5):
        change()
        turn(seconds)
        assert book() in (before, after)
    turn(None)
    assert book() == before


@pytest.mark.sqlite
def test_a_damaged_database_is_replaced_too(plan, cast, tmp_path):
    before = book()
    path = backup(tmp_path)
    connection.close()
    target = Path(connection.settings_dict["NAME"])
    target.write_bytes(b"SQLite format 3\x00" + os.urandom(50_000))
    target.with_name(f"{target.name}-wal").write_bytes(os.urandom(1000))
    assert "読めません" in restore(path)
    assert book() == before
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
