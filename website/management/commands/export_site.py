"""Write the whole public site as static files."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from opendata.pages import public_plans
from policies.models import Plan
from website.static_site.folder import Folder, FolderRefused
from website.static_site.writing import Broken, SiteWriter


class Command(BaseCommand):
    help = "公開ページとデータのすべてを、サーバーのいらないファイルとしてフォルダーに書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help="書き出すフォルダー（空か、前に書き出したもの）")
        parser.add_argument(
            "--plan",
            nargs="+",
            action="extend",
            default=[],
            metavar="SLUG",
            help="書き出す計画の識別名（省略時は公開しているすべて）",
        )
        parser.add_argument(
            "--base-url",
            metavar="URL",
            help="ファイルを置く場所のアドレス（例: https://www.city.example/plan）。共有用のアドレスや更新情報に使います。省略時は SITE_URL",
        )

    def handle(self, *args: Any, dir: Path, plan: list[str], base_url: str | None, **options: Any) -> None:
        plans = _plans(plan)
        base = _base(base_url)
        folder = Folder(dir)
        try:
            with folder:
                SiteWriter(folder, plans, base).write()
        except (FolderRefused, Broken) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or dir}: 書き込めません（{error.strerror}）。") from None
        self.stdout.write(
            f"{'、'.join(map(str, plans))}を {dir} に書き出しました。"
            f"書いたファイル {folder.written}件、変わらないファイル {folder.unchanged}件、消したファイル {folder.removed}件。"
        )
        if base_url is None:
            self.stdout.write(
                f"共有用のアドレスは {base} で始まります。ほかの場所に置くときは --base-url で指定してください。"
            )


def _plans(slugs: list[str]) -> list[Plan]:
    plans = list(public_plans())
    known = "、".join(plan.slug for plan in plans) or "まだありません"
    for slug in slugs:
        if slug not in {plan.slug for plan in plans}:
            raise CommandError(f"公開している計画「{slug}」はありません。公開している計画: {known}")
    if not plans:
        raise CommandError("公開している計画がありません。計画を登録し、「公開する」を選んでください。")
    return [plan for plan in plans if not slugs or plan.slug in slugs]


def _base(base_url: str | None) -> str:
    base = base_url if base_url is not None else settings.SITE_URL
    try:
        parts = urlsplit(base)
        is_right = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        is_right = False
    if not is_right:
        raise CommandError(f"--base-url {base}: https://www.city.example/plan の形にしてください。")
    return base.rstrip("/")
