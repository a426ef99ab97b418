"""`make run` over a database that an earlier version made."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.utils import ConnectionHandler

from demo.management.commands.set_aside_older import aside_name


@pytest.fixture(autouse=True)
def var(tmp_path, settings):
    """The folder var/ of another checkout: never the one that the tests run in."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    return settings.VAR_DIR


def older(path):
    """A database as the version before this one had it."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('reviews', '0002_promise_and_round', '2026-01-01')"
        )


def set_aside(path):
    """What the command says where this is the database of the settings."""
    ours = connections["default"]
    connections["default"] = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}}
    )["default"]
    out = StringIO()
    try:
        call_command("set_aside_older", stdout=out)
    finally:
        connections["default"].close()
        connections["default"] = ours
    return out.getvalue()


OTHER = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('SELECT * FROM django_migrations'); print(flush=True); input()"


@contextmanager
def opened_by_another_program(path):
    """Within one process SQLite knows its own connections and would let them."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        other.stdout.readline()
        try:
            yield
        finally:
            other.communicate("\n")


@pytest.mark.django_db
def test_a_database_of_an_earlier_version_is_kept_under_a_dated_name_and_one_of_today_stays(tmp_path):
    path = tmp_path / "db.sqlite3"
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
    insert = "INSERT INTO django_migrations (app, name, applied) VALUES ('reviews', ?, '2026-01-01')"
    database.execute(insert, ["0001_initial"])
    database.commit()
    assert set_aside(path) == ""

    database.execute(insert, ["0002_promise_and_round"])  # as the version before this one had it
    database.commit()
    database.close()
    with opened_by_another_program(path), pytest.raises(CommandError) as refused:
        set_aside(path)
    assert "ほかのプログラムが使っています。止めてから、もう一度実行してください。" in str(refused.value)
    assert [found.name for found in tmp_path.glob("*.sqlite3")] == ["db.sqlite3"]
    said = set_aside(path)
    (aside,) = tmp_path.glob("db-*.sqlite3")
    assert said == (f"{path} は前の版のデータベースのため、{aside} に名前を変えて残しました。新しく作り直します。\n")
    assert not path.exists()
    with sqlite3.connect(aside) as kept:
        rows = kept.execute("SELECT count(*) FROM django_migrations WHERE name = '0002_promise_and_round'").fetchone()
    kept.close()
    assert rows == (1,)


def test_a_database_where_the_first_version_kept_it_is_set_aside_too_and_one_of_today_or_of_others_stays(var):
    former = var / "db.sqlite3"
    former.write_text("なにかのファイル")
    assert set_aside(var / "demo.sqlite3") == ""
    former.unlink()
    older(former)
    with opened_by_another_program(former), pytest.raises(CommandError, match="ほかのプログラムが使っています。"):
        set_aside(var / "demo.sqlite3")
    said = set_aside(var / "demo.sqlite3")
    (aside,) = var.glob("db-*.sqlite3")
    assert said == (
        f"{former} は前の版のデータベースのため、{aside} に名前を変えて残しました。"
        f"make run のデータベースは、いまは {var / 'demo.sqlite3'} です。\n"
    )
    assert not former.exists()
    assert set_aside(var / "demo.sqlite3") == ""


def test_the_database_of_a_server_keeps_its_name(var, settings):
    settings.BASE_DIR = var.parent
    (var.parent / ".env").write_text("DATABASE_URL=sqlite:///var/db.sqlite3\n")
    older(var / "db.sqlite3")
    assert set_aside(var / "demo.sqlite3") == (
        "var/db.sqlite3 は前の版のデータベースですが、.env に本番の設定（DATABASE_URL）があるため、そのまま残しました。\n"
    )
    assert [path.name for path in var.iterdir()] == ["db.sqlite3"]


def test_a_name_that_is_taken_is_not_written_over(tmp_path):
    now = datetime(2026, 11, 26, 15, 59)  # noqa: DTZ001 - the name says local time
    path = tmp_path / "db.sqlite3"
    for expected in ("db-20261126-1559.sqlite3", "db-20261126-1559-2.sqlite3", "db-20261126-1559-3.sqlite3"):
        found = aside_name(path, now)
        assert found.name == expected
        found.touch()
