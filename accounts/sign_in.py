"""Who signs in, from where; who is refused, and until when. What axes counts, with a second, slower count by name alone.

Ten wrong passwords for one name from one address lock that pair. A guesser with many addresses is stopped by the count of
the name: then it is locked for everybody but addresses from which the same name has signed in before, so that nobody can
lock a colleague out from elsewhere.
"""

from __future__ import annotations

import datetime
import json
import logging
from dataclasses import dataclass
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_failure_limit
from axes.models import AccessAttempt, AccessLog
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from core.client_address import client_address

LOCKED_FOR = datetime.timedelta(hours=settings.AXES_COOLOFF_TIME)
PAIR_LIMIT: int = settings.AXES_FAILURE_LIMIT
NAME_LIMIT = 100  # from all addresses together
KNOWN_FOR = datetime.timedelta(days=90)  # an address from which somebody has signed in

log = logging.getLogger("security")


class Handler(AxesDatabaseHandler):
    def get_failures(self, request: HttpRequest, credentials: dict[str, object] | None = None) -> int:
        of_pair: int = super().get_failures(request, credentials)
        limit: int = get_failure_limit(request, credentials)
        if of_pair < limit and self._is_name_locked(request, get_client_username(request, credentials)):
            return limit
        return of_pair

    def _is_name_locked(self, request: Any, name: str | None) -> bool:
        recent = AccessAttempt.objects.filter(username=name, attempt_time__gte=get_cool_off_threshold(request))
        failures = recent.aggregate(total=Sum("failures_since_start"))["total"] or 0
        if failures < NAME_LIMIT:
            return False
        since = timezone.now() - KNOWN_FOR
        address = request.axes_ip_address  # which axes has noted there
        known = AccessLog.objects.filter(username=name, ip_address=address, attempt_time__gte=since)
        return not known.exists()


@dataclass(frozen=True)
class Failures:
    """Wrong passwords of the last half-hour for a name from an address. Without an address: from all of them."""

    name: str
    address: str | None
    times: int
    last: datetime.datetime

    @property
    def is_locked(self) -> bool:
        return self.times >= (PAIR_LIMIT if self.address else NAME_LIMIT)

    @property
    def until(self) -> datetime.datetime:
        return self.last + LOCKED_FOR


def recent_failures() -> list[Failures]:
    """What is counted now, the latest first."""
    counted = AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - LOCKED_FOR)
    pairs = counted.values("username", "ip_address").annotate(
        times=Sum("failures_since_start"), last=Max("attempt_time")
    )
    names = counted.values("username").annotate(times=Sum("failures_since_start"), last=Max("attempt_time"))
    found = [Failures(row["username"] or "", row["ip_address"], row["times"], row["last"]) for row in pairs.order_by()]
    found += [
        Failures(row["username"] or "", None, row["times"], row["last"])
        for row in names.order_by()
        if row["times"] >= NAME_LIMIT
    ]
    return sorted(found, key=lambda one: one.last, reverse=True)


def lift(name: str, *, by: User) -> int:
    """Forget the failures of a name, wherever they came from."""
    count: int = AccessAttempt.objects.filter(username=name).delete()[0]
    log.info("lifted name=%s by=%s", _quoted(name), _quoted(by.get_username()))
    return count


def purge(days: int) -> int:
    """Delete the records of sign-ins and of failures that are older."""
    before = timezone.now() - datetime.timedelta(days=days)
    return sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in (AccessLog, AccessAttempt))


# The log: every sign-in, unmasked, because who is attacked from where is what somebody must see


def _quoted(name: object) -> str:
    """On one line, whatever was typed."""
    return json.dumps(str(name or "")[:150], ensure_ascii=False)


def _where(request: HttpRequest | None) -> str:
    return (client_address(request) if request is not None else None) or "-"


def _signed_in(sender: object, request: HttpRequest, user: AbstractBaseUser, **kwargs: object) -> None:
    log.info("signed in name=%s address=%s", _quoted(user.get_username()), _where(request))


def _signed_out(sender: object, request: HttpRequest, user: AbstractBaseUser | None, **kwargs: object) -> None:
    if user is not None:
        log.info("signed out name=%s address=%s", _quoted(user.get_username()), _where(request))


def _failed(
    sender: object, credentials: dict[str, object], request: HttpRequest | None = None, **kwargs: object
) -> None:
    log.warning("failed name=%s address=%s", _quoted(credentials.get("username")), _where(request))


def _locked(sender: object, request: HttpRequest, username: str, ip_address: str, **kwargs: object) -> None:
    log.warning("locked name=%s address=%s", _quoted(username), ip_address or "-")


def connect() -> None:
    for signal, receiver in (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _failed),
        (user_locked_out, _locked),
    ):
        signal.connect(receiver, dispatch_uid=f"accounts.sign_in.{receiver.__name__}")
