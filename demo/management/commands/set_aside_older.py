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
from django.utils import timezone

from demo.production import settings_of_production


class Command(BaseCommand):
    help = "前の版のデータベース（SQLite）があれば、日付を付けた名前に変えて残します。"

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("このコマンドは、make run の SQLite のデータベースだけに使います。")
        demonstration = Path(connection.settings_dict["NAME"])
        # Where `make run` of the first version kept its data; also where a server without DATABASE_URL has them.
        former = settings.VAR_DIR / "db.sqlite3"
        if is_older(demonstration):
            connection.close()
            self.stdout.write(f"{set_aside(demonstration)}新しく作り直します。")
        if former != demonstration and is_older(former):
            if names := settings_of_production(settings.BASE_DIR / ".env"):
                self.stdout.write(
                    f"{_shown(former)} は前の版のデータベースですが、"
                    f".env に本番の設定（{'、'.join(names)}）があるため、そのまま残しました。"
                )
            else:
                self.stdout.write(
                    f"{set_aside(former)}make run のデータベースは、いまは {_shown(demonstration)} です。"
                )


def is_older(path: Path) -> bool:
    """Whether migrations of our packages were applied in a database that this version does not have."""
    known = MigrationLoader(None).disk_migrations
    packages = {app for app, _name in known}
    return any(app in packages and (app, name) not in known for app, name in applied_in(path))


def applied_in(path: Path) -> list[tuple[str, str]]:
    """Package and name of the migrations in a file of SQLite; none where there is no file, or another one."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        try:
            return database.execute("SELECT app, name FROM django_migrations").fetchall()
        except sqlite3.DatabaseError:
            return []


def set_aside(path: Path) -> str:
    """Rename an older database; the sentence that says so. Raises CommandError while another program has it open."""
    aside = aside_name(path, timezone.localtime())
    take_in_log(path)
    path.rename(aside)
    return f"{_shown(path)} は前の版のデータベースのため、{_shown(aside)} に名前を変えて残しました。"


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
