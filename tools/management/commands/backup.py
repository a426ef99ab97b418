"""A copy of the database that the settings name, checked and dated."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tools import backups, kept_files


class Command(BaseCommand):
    help = "設定のデータベースと、調査ごとに保存するファイルを、日付の付いたファイルに写します。読めること、このシステムの表があることを確かめます。"

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
        if (files := kept_files.beside(path)).exists():
            self.stdout.write(f"{files}（{files.stat().st_size:,}バイト）に、調査ごとに保存するファイルを写しました。")
        if lost := kept_files.missing():
            self.stderr.write(f"調査ごとに保存するファイルが {len(lost)}件、保存場所にありません（{lost[0]}）。")
