"""Delete old records of who signed in from where: personal data that nobody needs any more."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sign_in import purge


class Command(BaseCommand):
    help = "ログインと、その失敗の記録（利用者名、アドレス、ブラウザー）のうち、古いものを消します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, help="残す日数（省略時は 90 日）")

    def handle(self, *args: object, days: int, **options: object) -> None:
        if days < 1:
            raise CommandError("--days は 1 以上にしてください。")
        self.stdout.write(f"{days}日より前のログインの記録を {purge(days)}件 消しました。")
