"""Check the published figures against the records; exit 1 when one differs (for cron and CI)."""

import sys
from collections import Counter

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.text import show_number
from figures.ledger import reconcile
from figures.revisions import Status, of_plan
from policies.models import Plan


class Command(BaseCommand):
    help = "公表値と登録されている記録を照合します。不一致があると終了コード 1 で終わります。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", nargs="?", help="計画の識別名（省略時はすべての計画）")

    def handle(self, *args: object, plan: str | None, **options: object) -> None:
        plans = Plan.objects.filter(slug=plan) if plan else Plan.objects.all()
        if plan and not plans:
            raise CommandError(f"計画「{plan}」はありません。", returncode=2)
        differs = False
        for one in plans:
            rows = reconcile(one)
            counts = Counter(row.status for row in rows)
            self.stdout.write(f"{one}: " + "、".join(f"{status} {counts[status]}件" for status in Status))
            for row in rows:
                if row.status is Status.DIFFERS:
                    differs = True
                    figure = row.figure
                    self.stdout.write(
                        f"  {figure.label}（{figure.key}）: 公表値 {show_number(figure.value)}{figure.unit}（{figure.source.key} {figure.locator}）、"
                        f"計算した値 {show_number(row.computed)}{figure.unit}。{row.reason}"
                    )
            for comparison in of_plan(one):
                # Told only: which of the city's table and its wording is right, people have to settle.
                for found in comparison.disagreements:
                    self.stdout.write(
                        f"  {comparison.event.edition} {found.item.number} {found.item.display_name} {found.aspect.label}: {found.text}"
                    )
        if differs:
            sys.exit(1)
