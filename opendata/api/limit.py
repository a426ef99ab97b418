"""How often one address may ask the API in a minute, counted by all that share the cache `requests`."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac
from ninja.throttling import BaseThrottle

from core.caches import CACHE_ERRORS
from core.client_address import client_address
from opendata.api.problems import problem

_MINUTE = 60
log = logging.getLogger(__name__)


class AddressThrottle(BaseThrottle):
    """So many requests of one address in each minute of the clock.

    The package's own throttles read a list of moments and write it back, so requests of one moment count as one, and
    keep what they read on the throttle, which all threads share. This one adds to a number in one step.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        """What cannot be counted is let through: a full disk must not close the API."""
        limit: int = settings.API_REQUESTS_PER_MINUTE
        try:
            return not limit or self._asked(request) <= limit
        except CACHE_ERRORS:
            log.exception("API requests cannot be counted")
            return True

    def wait(self) -> float:
        return _MINUTE - time.time() % _MINUTE

    def _asked(self, request: HttpRequest) -> int:
        """The number of this request in its minute."""
        # Addresses are personal data: the key does not tell one, nor what the same address did in another minute.
        asked = f"{client_address(request)} {time.time() // _MINUTE}"
        key = salted_hmac("opendata.api.limit", asked, algorithm="sha256").hexdigest()
        requests = caches["requests"]
        try:
            return int(requests.incr(key))
        except ValueError:  # the first one, or one of several first ones
            return 1 if requests.add(key, 1) else int(requests.incr(key))


THROTTLE = AddressThrottle()


def limited(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page about the API: it counts as a request of the API."""

    @wraps(view)
    def respond(request: HttpRequest) -> HttpResponseBase:
        return view(request) if THROTTLE.allow_request(request) else too_many()

    return respond


def too_many() -> HttpResponse:
    return _waiting(429, math.ceil(THROTTLE.wait()))


def busy(wait: int) -> HttpResponse:
    """Too much that takes long is being made at this moment."""
    return _waiting(503, wait)


def _waiting(status: int, wait: int) -> HttpResponse:
    response = problem(status)
    response["Retry-After"] = str(wait)
    return response
