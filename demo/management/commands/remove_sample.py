"""Take the fictional plans out again, whole."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.removing import remove


class Command(BaseCommand):
    help = "架空の計画（見本市など）を、履歴やファイルを含めてすべて消します。ほかの計画には触れません。"

    def handle(self, *args: Any, **options: Any) -> None:
        removed = remove()
        for name in removed:
            self.stdout.write(f"架空の計画「{name}」を、履歴を含めて消しました。")
        if not removed:
            self.stdout.write("架空の計画はありません。何も変えていません。")
