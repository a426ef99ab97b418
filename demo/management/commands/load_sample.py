"""Load the sample plans of fictional cities. For trying the product out; nothing else loads them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.loading import FIRST, SAMPLES, Occupied, Sample, is_loaded, load
from demo.production import is_production
from reviews.models import Report
from workbooks.plan.importing import ImportRefused
from workbooks.plan.yaml_tables import Damaged


class Command(BaseCommand):
    help = "見本の計画（架空の「見本市」）を読み込みます。すでにあるときは何も変えません。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--in-production", action="store_true", help="本番の設定でも読み込む（市民に公開されます）")
        parser.add_argument(
            "--all", action="store_true", help="もう一つの見本の計画（架空の「架空市」）も読み込む", dest="every"
        )

    def handle(self, *args: Any, in_production: bool, every: bool, **options: Any) -> None:
        if is_production() and not in_production:
            raise CommandError(
                "本番の設定（SECRET_KEY があり、DEBUG が 1 でない）のため、読み込んでいません。架空の計画が市民に公開されます。"
                "それでも読み込むときは --in-production を付けてください。消すときは manage.py remove_sample です。"
            )
        for sample in SAMPLES if every else (FIRST,):
            self.load(sample)

    def load(self, sample: Sample) -> None:
        name = f"見本の計画（{sample.slug}）"
        try:
            if is_loaded(sample):
                self.stdout.write(f"{name}: すでに登録されています。何も変えていません。")
                return
            plan = load(sample)
        except Occupied as error:
            raise CommandError(str(error)) from None
        except Damaged as error:
            raise CommandError(f"{error}\n何も読み込んでいません。") from None
        except ImportRefused as error:
            lines = "\n".join(f"  {problem}" for problem in error.comparison.problems)
            raise CommandError(f"{name}: {error}\n{lines}") from None
        reports = Report.objects.filter(round__plan=plan, state=Report.State.PUBLISHED).count()
        self.stdout.write(
            f"{name}: {plan}（架空のデータ）を登録しました。"
            f"実施項目 {plan.programs.count()}件、調査 {plan.rounds.count()}回、進捗報告 {reports}件。"
        )
