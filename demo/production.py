"""Whether this checkout serves a city: a demonstration has no place in it."""

from __future__ import annotations

from pathlib import Path

import environ
from django.conf import settings

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


def is_production() -> bool:
    """Whether the settings of this process are those of a server."""
    return settings.SECRET_KEY_IS_CONFIGURED and not settings.DEBUG


def settings_of_production(path: Path) -> list[str]:
    """Names in an .env file that a developer's machine does not need, and a server does."""
    if not path.exists():
        return []

    class File(environ.Env):
        ENVIRON: dict[str, str] = {}

    File.read_env(path)
    found = {name: value.strip() for name, value in File.ENVIRON.items() if value.strip()}
    hosts = {host.strip() for host in found.get("ALLOWED_HOSTS", "").split(",") if host.strip()}
    debugs = found.get("DEBUG", "").lower() in ("1", "true", "on")
    of_a_server = {
        "DATABASE_URL": "DATABASE_URL" in found,
        "ALLOWED_HOSTS": bool(hosts - LOCAL_HOSTS),
        "SECRET_KEY": "SECRET_KEY" in found and not debugs,
        "HTTPS": found.get("HTTPS", "").lower() in ("1", "true", "on"),
        "EMAIL_URL": found.get("EMAIL_URL", "").startswith("smtp"),
    }
    return [name for name, is_set in of_a_server.items() if is_set]
