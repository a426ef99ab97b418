"""A copy of the database that the settings name, checked and dated."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tools import backups


class Command(BaseCommand):
    help = "設定のデータベースを、日付の付いたファイルに写します。読めること、このシステムの表があることを確かめます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="置く場所（なければ作ります）")
        parser.add_argument("--keep", type=int, metavar="N", help="新しいものから N 個だけを残し、古いものを消す")

    def handle(self, *args: Any, folder: Path, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep は 1 以上にしてください。")
        try:
            path = backups.make(folder, keep)
        except backups.Failed as error:
            raise CommandError(f"{error}\nバックアップはできていません。") from None
        self.stdout.write(f"{path}（{path.stat().st_size:,}バイト）に写しました。")
