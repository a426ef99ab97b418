"""Load the sample plan of the fictional city 見本市. For trying the product out; nothing else loads it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.loading import Occupied, is_loaded, load
from reviews.models import Report
from workbooks.plan.importing import Refused
from workbooks.plan.yaml_tables import Damaged


class Command(BaseCommand):
    help = "見本の計画（架空の「見本市」）を読み込みます。すでにあるときは何も変えません。"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if is_loaded():
                self.stdout.write("見本の計画: すでに登録されています。何も変えていません。")
                return
            plan = load()
        except Occupied as error:
            raise CommandError(str(error)) from None
        except Damaged as error:
            raise CommandError(f"{error}\n何も読み込んでいません。") from None
        except Refused as error:
            lines = "\n".join(f"  {problem}" for problem in error.comparison.problems)
            raise CommandError(f"見本の計画: {error}\n{lines}") from None
        reports = Report.objects.filter(round__plan=plan, state=Report.State.PUBLISHED).count()
        self.stdout.write(
            f"見本の計画: {plan}（架空のデータ）を登録しました。"
            f"実施項目 {plan.programs.count()}件、調査 {plan.rounds.count()}回、進捗報告 {reports}件。"
        )
