"""`make run` over a database that an earlier version made."""

import os
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from demo.management.commands.set_aside_older import aside_name

ROOT = Path(__file__).resolve().parents[2]


def run(database, *arguments):
    env = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "kodaira_reform.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    ).stdout


def test_a_database_of_an_earlier_version_is_kept_under_a_dated_name_and_one_of_today_stays(tmp_path):
    path = tmp_path / "db.sqlite3"
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
    insert = "INSERT INTO django_migrations (app, name, applied) VALUES ('reviews', ?, '2026-01-01')"
    database.execute(insert, ["0001_initial"])
    database.commit()
    assert run(path, "set_aside_older") == ""

    database.execute(insert, ["0002_promise_and_round"])  # as the version before this one had it
    database.commit()
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run(path, "set_aside_older")
    assert "ほかのプログラムが使っています。止めてから、もう一度実行してください。" in refused.value.stderr
    assert [found.name for found in tmp_path.glob("*.sqlite3")] == ["db.sqlite3"]
    database.close()
    said = run(path, "set_aside_older")
    (aside,) = tmp_path.glob("db-*.sqlite3")
    assert said == (f"{path} は前の版のデータベースのため、{aside} に名前を変えて残しました。新しく作り直します。\n")
    assert not path.exists()
    with sqlite3.connect(aside) as kept:
        rows = kept.execute("SELECT count(*) FROM django_migrations WHERE name = '0002_promise_and_round'").fetchone()
    kept.close()
    assert rows == (1,)


def test_a_name_that_is_taken_is_not_written_over(tmp_path):
    now = datetime(2026, 11, 26, 15, 59)  # noqa: DTZ001 - the name says local time
    path = tmp_path / "db.sqlite3"
    for expected in ("db-20261126-1559.sqlite3", "db-20261126-1559-2.sqlite3", "db-20261126-1559-3.sqlite3"):
        found = aside_name(path, now)
        assert found.name == expected
        found.touch()
