"""Remind departments of reports that are due soon, late, or returned and not handed in again. For cron."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.fiscal import parse_date
from reviews import notices
from reviews.models import Round


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > 365:
        raise ArgumentTypeError(f"「{text}」: 0 から 365 までの日数を入力してください。")
    return int(text)


class Command(BaseCommand):
    help = (
        "提出されていない報告を、推進担当課の人にメールで知らせます。送れないメールがあると終了コード 1 で終わります。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        default = notices.Timing()
        parser.add_argument("--dry-run", action="store_true", help="送らずに、だれに何を送るかを表示する")
        parser.add_argument("--today", type=_day, help="この日に実行したものとする（例: 2014-10-10）")
        for name, meaning in (
            ("soon", "期限の何日前から知らせるか"),
            ("waiting", "差し戻しから何日たったら知らせるか"),
            ("gap", "同じ人に同じ種類を知らせる間隔の日数"),
        ):
            value = getattr(default, name)
            parser.add_argument(f"--{name}", type=_days, default=value, help=f"{meaning}（省略時は{value}日）")

    def handle(
        self, *args: object, dry_run: bool, today: date | None, soon: int, waiting: int, gap: int, **options: object
    ) -> None:
        timing = notices.Timing(soon, waiting, gap)
        today = today or timezone.localdate()
        rounds = Round.objects.open().select_related("plan").order_by("plan", "as_of")
        if not rounds:
            self.stdout.write("受付中の調査はありません。")
        failed = 0
        for round_ in rounds:
            outcome = notices.remind(round_, today=today, timing=timing, show=self.show if dry_run else None)
            failed += len(outcome.failed) + len(outcome.unsent)
            if dry_run:
                self.stdout.write(f"{round_.plan} {round_}: 試しの実行のため、送っていません。")
            else:
                reports = sum(sum(mail.counts.values()) for mail in outcome.sent)
                done = f"{len(outcome.sent)}人に、のべ{reports}件を知らせるメールをメールサーバーに渡しました。"
                self.stdout.write(f"{round_.plan} {round_}: {done}")
            for problem in outcome.problems:
                self.stdout.write(f"  {problem}")
        if failed:
            raise CommandError(f"送っていないメールが{failed}通あります。もう一度実行すると、その人だけに送ります。")

    def show(self, mail: notices.Mail) -> None:
        self.stdout.write(f"宛先: {mail.user}（{mail.user.email}）\n件名: {mail.subject}\n\n{mail.text}\n")
