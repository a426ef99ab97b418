"""Before `make run`: not in a checkout that serves a city."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.production import settings_of_production


class Command(BaseCommand):
    help = "このフォルダーの .env に本番の設定があれば、その名前を示して、終了コード 1 で終わります。"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if names := settings_of_production(settings.BASE_DIR / ".env"):
            raise CommandError(
                f"このフォルダーの .env に本番の設定（{'、'.join(names)}）があるため、make run は何もしませんでした。"
                "make run は架空の計画と、パスワードの公開された利用者を作ります。別のフォルダーに複製して実行してください。"
            )
