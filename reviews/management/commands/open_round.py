"""Begin a round from the command line, as the button in the admin does."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.fiscal import parse_date
from policies.models import Plan
from reviews import notices, workflow
from reviews.models import Round


class Command(BaseCommand):
    help = "調査の受付を始め、対象の全項目に下書きの報告を用意します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="計画の識別名（例: kodaira-2）")
        parser.add_argument("as_of", help="基準日（例: 2014-09-30、平成26年9月30日）")
        parser.add_argument("--by", help="受付を始める人の利用者名（省略時は管理者がひとりだけのときその人）")
        parser.add_argument("--notify", action="store_true", help="推進担当課の人に、受付の開始をメールで知らせる")

    def handle(self, *args: object, plan: str, as_of: str, by: str | None, notify: bool, **options: object) -> None:
        round_, actor = self.round(plan, self.day(as_of)), self.person(by)
        try:
            opened = workflow.open_round(round_, by=actor)
        except (workflow.WrongState, PermissionDenied) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{opened.plan} {opened}の調査の受付を始めました。{opened.reports.count()}項目の下書きを用意しました。"
        )
        if notify:
            outcome = notices.notify_opened(opened, by=actor)
            if outcome.told:
                self.stdout.write(outcome.told)
            for problem in outcome.problems:
                self.stderr.write(problem)
            if outcome.failed or outcome.unsent:
                raise CommandError(
                    "受付は始まりましたが、送っていないメールがあります。調査の「進み具合」から送れます。"
                )

    def day(self, text: str) -> date:
        try:
            return parse_date(text)
        except ValueError as error:
            raise CommandError(str(error)) from error

    def round(self, slug: str, as_of: date) -> Round:
        plan = Plan.objects.filter(slug=slug).first()
        if plan is None:
            known = "、".join(Plan.objects.values_list("slug", flat=True)) or "まだ一つもありません"
            raise CommandError(f"計画「{slug}」はありません。登録されている計画: {known}")
        found = Round.objects.filter(plan=plan, as_of=as_of).select_related("plan").first()
        if found is None:
            raise CommandError(
                f"{plan}に基準日{as_of:%Y-%m-%d}の調査はありません。先に管理画面の「調査」で登録してください。"
            )
        return found

    def person(self, username: str | None) -> User:
        if username is not None:
            found = User.objects.filter(username=username).first()
            if found is None:
                raise CommandError(f"利用者「{username}」はいません。")
            return found
        people = list(User.objects.filter(is_superuser=True, is_active=True)[:2])
        if len(people) != 1:
            raise CommandError("だれが受付を始めるのかを、--by 利用者名 で指定してください。")
        return people[0]
