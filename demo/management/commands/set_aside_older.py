"""Before `make run`: a database of a version whose migrations are gone is set aside, so that a new one can be made."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone


class Command(BaseCommand):
    help = "前の版のデータベース（SQLite）があれば、日付を付けた名前に変えて残します。"

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("このコマンドは、make run の SQLite のデータベースだけに使います。")
        path = Path(connection.settings_dict["NAME"])
        if not path.exists() or not is_older():
            return
        connection.close()
        aside = aside_name(path, timezone.localtime())
        take_in_log(path)
        path.rename(aside)
        self.stdout.write(
            f"{_shown(path)} は前の版のデータベースのため、{_shown(aside)} に名前を変えて残しました。新しく作り直します。"
        )


def is_older() -> bool:
    """Whether migrations of our packages were applied that this version does not have."""
    applied = MigrationRecorder(connection).applied_migrations()
    known = MigrationLoader(None).disk_migrations
    packages = {app for app, _name in known}
    return any(app in packages and (app, name) not in known for app, name in applied)


def aside_name(path: Path, now: datetime) -> Path:
    """var/demo.sqlite3 → var/demo-20261126-1559.sqlite3, and -2, -3 … for a name that is taken."""
    name = f"{path.stem}-{now:%Y%m%d-%H%M}"
    number = 1
    while (found := path.with_name(f"{name}{'' if number == 1 else f'-{number}'}{path.suffix}")).exists():
        number += 1
    return found


def take_in_log(path: Path) -> None:
    """Bring what stands in the write-ahead log into the file itself: the log does not go along with a new name.

    Raises CommandError while another program has the database open.
    """
    with closing(sqlite3.connect(path)) as database:
        try:
            database.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise CommandError(
                f"{_shown(path)} は前の版のデータベースですが、ほかのプログラムが使っています。止めてから、もう一度実行してください。"
            ) from error


def _shown(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path)
