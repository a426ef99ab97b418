"""Load the official facts about Kodaira's plan: create what is missing, overwrite nothing, say what differs."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workbooks.plan.changes import PlanComparison, show_key, show_value
from workbooks.plan.importing import ImportRefused, import_tables
from workbooks.plan.yaml_tables import Damaged, read_yaml

OFFICIAL = settings.BASE_DIR / "fixtures" / "official" / "kodaira.yaml"


class Command(BaseCommand):
    help = "小平市の公式データを読み込みます。ないものだけを登録し、入力済みの内容は上書きしません。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=OFFICIAL, help="読み込むファイル（省略時は同梱の公式データ）"
        )

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            result = import_tables(
                read_yaml(file), by=None, only_missing=True, shows=True, reason="公式データの読み込み"
            )
        except Damaged as error:
            raise CommandError(f"{error}\n何も読み込んでいません。") from None
        except ImportRefused as error:
            lines = "\n".join(f"  {problem}" for problem in error.comparison.problems)
            raise CommandError(f"{file}: {error}\n{lines}") from None
        self._report(result)

    def _report(self, result: PlanComparison) -> None:
        created = [f"{one.sheet.label} {len(one.created)}件" for one in result.sheets.values() if one.created]
        self.stdout.write(
            f"公式データ: {'、'.join(created)}を登録しました。"
            if created
            else "公式データ: 新しく登録するものはありません。"
        )
        differing = [(one.sheet, change) for one in result.sheets.values() for change in one.changed]
        if differing:
            self.stdout.write(
                f"次の{len(differing)}件は、登録されている値が公式データと違います（上書きしていません）。"
            )
        for sheet, change in differing:
            for name, (stored, official) in change.fields.items():
                label = sheet.by_name[name].label
                self.stdout.write(
                    f"  {sheet.label} {show_key(change.key)} の{label}: "
                    f"登録「{show_value(stored)}」／公式「{show_value(official)}」"
                )
