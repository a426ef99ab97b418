"""Bring a copy of the database back, in place of what it holds."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import User
from policies.models import Plan
from tools import backups, kept_files


class Command(BaseCommand):
    help = "manage.py backup のファイルを、設定のデータベースに戻します。すべて戻すか、何も変えないかのどちらかです。"
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="manage.py backup で作ったファイル")
        parser.add_argument("--noinput", action="store_true", help="確かめの質問をしない")

    def handle(self, *args: Any, file: Path, noinput: bool, **options: Any) -> None:
        try:
            copy = backups.ready(file)
            made = timezone.localtime(datetime.fromtimestamp(file.stat().st_mtime, tz=timezone.get_current_timezone()))
            self.stdout.write(
                f"戻すファイル: {file}（{made:%Y-%m-%d %H:%M}、{file.stat().st_size:,}バイト、調査ごとに保存するファイル {copy.files}件）"
            )
            self.stdout.write(f"置き換えるもの: {connection.settings_dict['NAME']}（{self._held()}）")
            if not noinput and input("置き換えると元に戻せません。続けるときは yes と入力してください: ") != "yes":
                raise CommandError("何も変えていません。")
            backups.bring_back(copy)
        except backups.Failed as error:
            raise CommandError(f"{error}\n何も変えていません。") from None
        with suppress(DatabaseError):  # of an older version, before `migrate`
            if lost := kept_files.missing():
                self.stderr.write(f"調査ごとに保存するファイルが {len(lost)}件、ありません（{lost[0]}）。")
        self.stdout.write("戻しました。続けて manage.py migrate --check を実行してください。")

    def _held(self) -> str:
        try:
            return f"計画 {Plan.objects.count()}件、利用者 {User.objects.count()}人"
        except DatabaseError:
            return "このシステムの表は、まだないか、読めません"
