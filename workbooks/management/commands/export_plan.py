"""Write a plan as a plan workbook: to archive it, or to take it to another installation."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policies.models import Plan
from workbooks.plan.writing import TooLong, write_book


class Command(BaseCommand):
    help = "計画を計画ブック（Excel）に書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="計画の識別名（例: kodaira-2）")
        parser.add_argument("file", type=Path, help="書き出すファイル（.xlsx）")

    def handle(self, *args: object, plan: str, file: Path, **options: object) -> None:
        found = Plan.objects.filter(slug=plan).first()
        if found is None:
            known = "、".join(Plan.objects.values_list("slug", flat=True)) or "まだありません"
            raise CommandError(f"計画「{plan}」はありません。登録されている計画: {known}")
        if file.suffix.lower() != ".xlsx":
            raise CommandError(f"{file}: ファイル名の終わりを .xlsx にしてください。")
        waiting = file.with_name(f"{file.name}.part")  # an older file stays until the new one is whole
        try:
            with waiting.open("wb") as content:
                write_book(found, content)
            waiting.replace(file)
        except OSError as error:
            raise CommandError(f"{file}: 書き込めません（{error.strerror}）。") from None
        except TooLong as error:
            raise CommandError(str(error)) from None
        finally:
            waiting.unlink(missing_ok=True)
        self.stdout.write(f"{found}を {file} に書き出しました。")
