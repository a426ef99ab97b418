"""Who asks: the one place that says from which address a request comes (lock-out, limits, the log of sign-ins)."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """What the outermost of our own proxies saw. None where there is no address (a socket of this machine).

    Each of the TRUSTED_PROXIES writes whom it saw at the end of X-Forwarded-For. What stands before that was written by
    whoever asks, and is not believed; with no proxy the header is not read at all.
    """
    seen = [request.META.get("REMOTE_ADDR", "")]
    if proxies := settings.TRUSTED_PROXIES:
        forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if forwarded:
            seen.insert(0, forwarded[-min(proxies, len(forwarded))])
    return next(filter(None, map(_address, seen)), None)


def _address(text: str) -> str | None:
    """An address in its one form, without the port that some proxies add."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
