"""Copies of the database that the settings name, SQLite or PostgreSQL: made whole or not at all, and checked before they count.

Beside a copy stand the files that are kept with rounds, where there are any (tools/kept_files.py): both are made, brought back
and deleted together. A copy is checked the same way when it is made and before it is brought back: it can be read to its end, and holds the
tables of this site. What fails says why in Japanese and leaves everything as it was.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from tools import kept_files

ENDINGS = {"sqlite": "sqlite3", "postgresql": "dump"}
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_NAME = re.compile(r"plan-\d{8}-\d{6}\.(?:sqlite3|dump)")
_FILES = re.compile(r"plan-\d{8}-\d{6}\.files\.tar")
_UNFINISHED = re.compile(r"\.plan-\d{8}-\d{6}\.(?:sqlite3|dump|files\.tar)\.\d+")
_UNFINISHED_FOR = 24 * 60 * 60  # seconds, after which what a killed run has left is deleted
_BEGINS = {"sqlite": b"SQLite format 3\x00", "postgresql": b"PGDMP"}
_MIGRATIONS = "django_migrations"
# In the header of an SQLite file, its `user_version`, which nothing else here uses: in a copy the sum of all other bytes.
_SUM = slice(60, 64)


class Failed(Exception):
    """Nothing was changed; the message is Japanese and says what to do."""


@dataclass(frozen=True)
class Copy:
    """What a checked copy holds."""

    path: Path
    tables: frozenset[str]
    migrations: frozenset[tuple[str, str]]
    files: int = 0  # beside it

    @property
    def newer(self) -> list[str]:
        """Migrations that this version of the product does not have."""
        known = MigrationLoader(None).disk_migrations
        packages = {app for app, _name in known}
        return sorted(f"{app}.{name}" for app, name in self.migrations if app in packages and (app, name) not in known)


def own_tables() -> set[str]:
    """Of all apps, whether they are there or not."""
    return set(connection.introspection.django_table_names(only_existing=False, include_views=False))


# Making one


def make(folder: Path, keep: int | None = None) -> Path:
    """Write a copy into a folder, for its owner only; with `keep`, older ones than so many are deleted. Raises Failed."""
    kind = connection.vendor
    final = folder / f"plan-{timezone.localtime():%Y%m%d-%H%M%S}.{ENDINGS[kind]}"
    unfinished: dict[Path, Path] = {}
    try:
        copy = _begin(final, unfinished)
        _WRITE[kind](copy)
        _refuse_foreign(check(copy))
        if names := kept_files.names():  # asked for after the copy: what it names is among them
            files = _begin(kept_files.beside(final), unfinished)
            kept_files.pack(files, names)
            kept_files.check(files)
        for path in unfinished.values():
            _flush(path)
        if taken := next(filter(Path.exists, unfinished), None):
            raise Failed(f"{taken} はもうあります。少し待ってから、もう一度実行してください。")
        for path in reversed(unfinished):  # the copy is there when its files are
            unfinished[path].rename(path)
        _flush(folder)
    except kept_files.DamagedFiles as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"バックアップを書けませんでした（{error.strerror}）。") from error
    finally:
        for path in unfinished.values():
            path.unlink(missing_ok=True)
    _rotate(folder, keep)
    return final


def _begin(final: Path, unfinished: dict[Path, Path]) -> Path:
    """An empty file for what gets its name at the end."""
    path = final.with_name(f".{final.name}.{os.getpid()}")
    try:
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise Failed(f"{final.parent} に書けません（{error.strerror}）。") from error
    unfinished[final] = path
    return path


def _rotate(folder: Path, keep: int | None) -> None:
    copies = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    if keep is not None:
        for path in copies[: max(len(copies) - keep, 0)]:
            path.unlink(missing_ok=True)
            kept_files.beside(path).unlink(missing_ok=True)
    whole = {kept_files.beside(path) for path in copies}
    for path in folder.iterdir():
        is_left = _UNFINISHED.fullmatch(path.name) or (_FILES.fullmatch(path.name) and path not in whole)
        if is_left and time.time() - path.stat().st_mtime > _UNFINISHED_FOR:
            path.unlink(missing_ok=True)


def _write_sqlite(path: Path) -> None:
    """While others read and write."""
    source = Path(str(connection.settings_dict["NAME"]))
    if not source.exists():
        raise Failed(f"データベース {source} がありません。")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=60)) as live,
            closing(sqlite3.connect(path)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise Failed(f"データベースを読み出せませんでした（{error}）。") from error
    _note_sum(path, _sum(path))


def _sum(path: Path) -> int:
    """What SQLite itself does not find: that any byte of a copy is another one than when it was made."""
    with path.open("rb") as file:
        first = bytearray(file.read(100))
        first[_SUM] = bytes(4)
        found = zlib.crc32(first)
        while part := file.read(1 << 20):
            found = zlib.crc32(part, found)
    return found or 1


def _note_sum(path: Path, value: int) -> None:
    with path.open("r+b") as file:
        file.seek(_SUM.start)
        file.write(value.to_bytes(4, "big"))


def _write_postgresql(path: Path) -> None:
    _postgresql("pg_dump", "--format=custom", "--no-password", f"--file={path}")


def _flush(path: Path) -> None:
    """What is said to be there is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# Looking at one


def check(path: Path) -> Copy:
    """Read a copy to its end. Raises Failed."""
    kind = connection.vendor
    try:
        with path.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise Failed(f"{path} を読めません（{error.strerror}）。") from error
    found = next((name for name, start in _BEGINS.items() if begins.startswith(start)), None)
    if found is None:
        raise Failed(f"{path} は、このシステムのバックアップではありません。")
    if found != kind:
        raise Failed(
            f"{path} は {KINDS[found]} のバックアップです。設定（DATABASE_URL）のデータベースは {KINDS[kind]} です。"
        )
    return _CHECK[kind](path)


def _refuse_foreign(copy: Copy) -> None:
    """A copy of an empty database, or of another one, is none."""
    missing = sorted(own_tables() - copy.tables)
    if not copy.migrations or missing:
        names = "、".join([*missing[:3], *(["ほか"] if len(missing) > 3 else [])])
        raise Failed(
            f"バックアップに、このシステムの表がありません（{names or _MIGRATIONS}）。"
            "DATABASE_URL が正しいか、manage.py migrate を済ませたかを確かめてください。"
        )


def _check_sqlite(path: Path) -> Copy:
    with path.open("rb") as file:
        noted = int.from_bytes(file.read(100)[_SUM], "big")  # none in a copy that something else has made
    if noted and noted != _sum(path):
        raise Failed(f"{path} は壊れています（作ったときと中身が違います）。")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            if (said := copy.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise Failed(f"{path} は壊れています（{said}）。")
            if copy.execute("PRAGMA foreign_key_check").fetchone():
                raise Failed(f"{path} の中で、ほかの行への参照が切れています。")
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            migrations = copy.execute("SELECT app, name FROM django_migrations") if _MIGRATIONS in tables else ()
            return Copy(path, frozenset(tables), frozenset((app, name) for app, name in migrations))
    except sqlite3.Error as error:
        raise Failed(f"{path} は壊れています（{error}）。") from error


def _check_postgresql(path: Path) -> Copy:
    listed = _run(["pg_restore", "--list", str(path)])
    # "220; 1259 16390 TABLE public accounts_user plan"
    tables = set(re.findall(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", listed, re.MULTILINE))
    _run(["pg_restore", f"--file={os.devnull}", str(path)])  # reads all rows, so a file that was cut off is found
    migrations: set[tuple[str, str]] = set()
    if _MIGRATIONS in tables:
        rows = _run(["pg_restore", "--data-only", f"--table={_MIGRATIONS}", "--file=-", str(path)])
        copied = rows.partition("FROM stdin;\n")[2].partition("\n\\.")[0]
        migrations = {(row[1], row[2]) for line in copied.splitlines() if len(row := line.split("\t")) > 2}
    return Copy(path, frozenset(tables), frozenset(migrations))


# Bringing one back


def ready(path: Path) -> Copy:
    """A copy that can be brought back. Raises Failed."""
    copy = check(path)
    if copy.newer:
        raise Failed(
            f"{path} は、より新しい版のこのシステムのものです（{copy.newer[0]}）。その版に替えてから復元してください。"
        )
    if not copy.migrations:
        raise Failed(f"{path} は、このシステムのバックアップではありません。")
    try:
        files = len(kept_files.check(kept_files.beside(path))) if kept_files.beside(path).exists() else 0
    except kept_files.DamagedFiles as error:
        raise Failed(str(error)) from error
    return replace(copy, files=files)


def bring_back(copy: Copy) -> None:
    """Put the copy in the place of what the database holds: all of it, or nothing. Raises Failed."""
    try:  # the files first: of nobody they go by themselves, a row without its file would stay
        placed = kept_files.place(kept_files.beside(copy.path)) if copy.files else []
    except (kept_files.DamagedFiles, OSError) as error:
        raise Failed(f"調査ごとに保存するファイルを戻せません（{error}）。") from error
    connection.close()
    try:
        _BRING_BACK[connection.vendor](copy)
    except BaseException:
        kept_files.remove(placed)
        raise


def _bring_back_sqlite(copy: Copy) -> None:
    """The checked copy lies beside the database first, and takes its name in one step."""
    target = Path(str(connection.settings_dict["NAME"])).absolute()
    waiting = target.with_name(f".{target.name}.restoring")
    try:
        waiting.unlink(missing_ok=True)
        shutil.copyfile(copy.path, waiting)
        waiting.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o600)
        _check_sqlite(waiting)
        _note_sum(waiting, 0)
        _flush(waiting)
        _let_go(target)
        waiting.replace(target)
        _flush(target.parent)
    except OSError as error:
        raise Failed(f"{target} に書けません（{error.strerror}）。") from error
    finally:
        waiting.unlink(missing_ok=True)


def _let_go(target: Path) -> None:
    """Nobody has the database open, and no log is left that would be taken for the one of the next."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=5)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Failed(
                "データベースをほかのプログラムが使っています。サイト（plan）とワーカー（plan-worker）を止めてから、"
                "もう一度実行してください。"
            ) from error
    except sqlite3.DatabaseError:  # it is damaged, which is why it is replaced
        pass
    for log in ("-wal", "-shm", "-journal"):
        target.with_name(f"{target.name}{log}").unlink(missing_ok=True)


def _bring_back_postgresql(copy: Copy) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        (others,) = cursor.fetchone()
    connection.close()
    if others:
        raise Failed(
            f"データベースをほかのプログラムが使っています（接続 {others}件）。サイト（plan）とワーカー（plan-worker）を"
            "止めてから、もう一度実行してください。"
        )
    _postgresql(
        "pg_restore",
        *("--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--no-password"),
        str(copy.path),
        by_option=True,
        PGOPTIONS="-c lock_timeout=10s",
    )


def _postgresql(program: str, *arguments: str, by_option: bool = False, **more: str) -> str:
    """Run a program of PostgreSQL on the database of the settings; a password goes through its environment."""
    (_psql, *where), env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    name = where.pop()
    return _run(
        [program, *where, *([f"--dbname={name}"] if by_option else []), *arguments, *([] if by_option else [name])],
        (env or {}) | more,
    )


def _run(command: list[str], env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - programs of PostgreSQL by name
            command, env=os.environ | (env or {}), capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise Failed(
            f"{command[0]} がありません。PostgreSQL のクライアント（postgresql-client）を入れてください。"
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Failed(f"{command[0]} が失敗しました: {' '.join(said[-3:])}")
    return done.stdout


_WRITE: dict[str, Callable[[Path], None]] = {"sqlite": _write_sqlite, "postgresql": _write_postgresql}
_CHECK: dict[str, Callable[[Path], Copy]] = {"sqlite": _check_sqlite, "postgresql": _check_postgresql}
_BRING_BACK: dict[str, Callable[[Copy], Any]] = {
    "sqlite": _bring_back_sqlite,
    "postgresql": _bring_back_postgresql,
}
