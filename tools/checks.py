"""What `manage.py check --deploy` finds on a server beside Django's own checks: what makes a new installation look broken,
or leave its files open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Warning, register
from django.core.files.storage import storages

_HOW = "(umask 022 && manage.py collectstatic --noinput) を実行してください。"


def static_files(app_configs: Any = None, **kwargs: Any) -> Iterator[CheckMessage]:
    """Collected, of this version, and readable by the web server."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return
    root = Path(settings.STATIC_ROOT)
    known = staticfiles_storage.hashed_files if root.exists() else {}
    missing = sorted(
        path.replace(os.sep, "/")
        for finder in get_finders()
        for path, _storage in finder.list([])
        if path.replace(os.sep, "/") not in known
    )
    if missing:
        yield Warning(
            f"集めていないスタイルシートなどがあります（{missing[0]} ほか計{len(missing)}件）。",
            hint=_HOW,
            id="plan.W001",
        )
        return
    for path in [*reversed(root.parents), *sorted(root.rglob("*"))]:
        mode = path.stat().st_mode
        wanted = stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
        if not mode & wanted:
            how = "chmod o+x" if stat.S_ISDIR(mode) else "chmod o+r"
            yield Warning(
                f"nginx が {path} を読めないため、スタイルシートが 403 になります。",
                hint=f"{how} {path} を実行してください。",
                id="plan.W002",
            )
            return


def mail(app_configs: Any = None, **kwargs: Any) -> Iterator[CheckMessage]:
    if settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":
        yield Warning(
            "メールは送られません（標準出力に書くだけです）。",
            hint="EMAIL_URL、DEFAULT_FROM_EMAIL、SITE_URL を設定してください。",
            id="plan.W003",
        )


def contact(app_configs: Any = None, **kwargs: Any) -> Iterator[CheckMessage]:
    if not settings.CONTACT:
        yield Warning(
            "市民がこのサイトについて問い合わせる先が、どのページにもありません。",
            hint="CONTACT を設定してください（例: 行政経営課 042-000-0000）。",
            id="plan.W005",
        )
    if missing := [name for name in ("OPERATOR", "PRIVACY_TEXT") if not getattr(settings, name)]:
        yield Warning(
            "だれがこのサイトを運営し、何を記録するかが、「このサイトについて」などのページで空欄です。",
            hint=f"{'、'.join(missing)} を設定してください（docs/operations.md）。",
            id="plan.W006",
        )


def private_files(app_configs: Any = None, **kwargs: Any) -> Iterator[CheckMessage]:
    """What holds keys, drafts and people is for the service's user alone."""
    paths = [
        settings.BASE_DIR / ".env",
        *(Path(_location(name)) for name in ("import_export", "exports")),
        Path(settings.SHARED_DIR),
    ]
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        paths.append(Path(database["NAME"]))
    for path in paths:
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Warning(
                f"{path} を、ほかの利用者が読めます。", hint=f"chmod go= {path} を実行してください。", id="plan.W004"
            )


def _location(name: str) -> str:
    storage: Any = storages[name]
    return str(storage.location)


def connect() -> None:
    for found in (static_files, mail, contact, private_files):
        register(_listed(found), "security", deploy=True)


def _listed(check: Any) -> Any:
    def run(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
        return list(check(app_configs, **kwargs))

    return run
