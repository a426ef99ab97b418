"""Bring in a plan workbook: everything of it, or nothing."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.spreadsheets.limits import UnreadableFile, check_size
from workbooks.plan.changes import PlanComparison, show_key, show_value, shown_rows
from workbooks.plan.importing import ImportRefused, PreviewOutdated, import_tables
from workbooks.plan.reading import MAX_BYTES, read_book

SHOWN = 20  # changes a sheet; the rest is counted


class Command(BaseCommand):
    help = "計画ブック（Excel）を取り込みます。1つでも誤りがあれば、何も取り込みません。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="取り込むファイル（.xlsx、.ods）")
        parser.add_argument("--dry-run", action="store_true", help="変わる内容と誤りを表示し、何も取り込まない")
        parser.add_argument(
            "--by", dest="user", metavar="USER", help="履歴に残す利用者のログイン名（省略時は、履歴の人は空欄）"
        )

    def handle(self, *args: object, file: Path, dry_run: bool, user: str | None, **options: object) -> None:
        by = User.objects.filter(username=user, is_active=True).first() if user else None
        if user and by is None:
            raise CommandError(f"利用者「{user}」はいません。")
        if by is not None and not by.has_perm("policies.import_plan"):
            raise CommandError(f"利用者「{user}」には、計画ブックを取り込む権限がありません。")
        try:
            check_size(file.stat().st_size, MAX_BYTES)
            book = read_book(file.read_bytes())
            result = import_tables(book.tables, by=by, dry_run=dry_run, found=book.problems)
        except OSError as error:
            raise CommandError(f"{file}: ファイルを開けません（{error.strerror}）。") from None
        except UnreadableFile as error:
            raise CommandError(f"{file}: {error}\n何も取り込んでいません。") from None
        except PreviewOutdated:
            raise CommandError(
                f"{file}: 取り込んでいる間に、計画が変更されました。何も取り込んでいません。もう一度実行してください。"
            ) from None
        except ImportRefused as error:
            raise self._refusal(file, error.comparison) from None
        self._report(result)
        for note in book.notes:
            self.stdout.write(f"読み替え: {note}")
        if result.problems:
            raise self._refusal(file, result)
        self.stdout.write("確認だけです。何も取り込んでいません。" if dry_run else "取り込みました。")

    def _refusal(self, file: Path, result: PlanComparison) -> CommandError:
        lines = "\n".join(f"  {problem}" for problem in result.problems)
        return CommandError(f"{file}: {len(result.problems)}件の誤りがあります。何も取り込んでいません。\n{lines}")

    def _report(self, result: PlanComparison) -> None:
        for one in result.sheets.values():
            self.stdout.write(
                f"{one.sheet.named}: 追加 {len(one.created)}件、変更 {len(one.changed)}件、"
                f"削除 {len(one.deleted)}件、変更なし {one.unchanged}件"
            )
            for change in one.changed[:SHOWN]:
                for column, (old, new) in change.fields.items():
                    label = one.sheet.by_name[column].label
                    self.stdout.write(f"  {show_key(change.key)} の{label}: {show_value(old)} → {show_value(new)}")
            if len(one.changed) > SHOWN:
                self.stdout.write(f"  ほか {len(one.changed) - SHOWN}件の変更")
            for _row, new, values in shown_rows(one, SHOWN):
                told = "、".join(f"{label}={value}" for label, value in values)
                self.stdout.write(f"  {new} を追加: {told or 'ほかの欄は空欄'}")
            for key in one.deleted[:SHOWN]:
                self.stdout.write(f"  {show_key(key)} を削除")
