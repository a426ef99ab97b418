"""What holds for every address under /api/v1/, whatever stands behind it.

Reading only, for everybody and from every site (CORS); errors are JSON; answers can be kept and checked for change
(ETag, Last-Modified); and nobody may ask so often that others have to wait.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date

from reviews.api.problems import MEDIA_TYPE, problem

PREFIX = "/api/v1/"
METHODS = "GET, HEAD, OPTIONS"
_MINUTE = 60
_REMEMBERED = 5000
# Preconditions of writing; nothing is written here.
_IGNORED = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class ApiDoor:
    """Middleware. It stands before the sessions, so that no answer can depend on who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.limit = Limit()
        self.seen = FirstSeen()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = self._answer(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Retry-After, Allow"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS.split(", "):
            return _allowing(problem(405))
        if wait := self.limit.refuses(_address(request)):
            response = problem(429)
            response["Retry-After"] = str(wait)
            return _not_kept(response)
        if request.method == "OPTIONS":
            return _options(request)
        return self._read(request)

    def _read(self, request: HttpRequest) -> HttpResponse:
        asked, request.method = request.method, "GET"
        for name in _IGNORED:
            request.META.pop(name, None)
        response = self.get_response(request)
        if response.status_code >= 400:
            if response["Content-Type"] != MEDIA_TYPE:
                response = problem(response.status_code)
            response = _not_kept(response)
        elif response.status_code == 200:
            response = self._checked(request, response)
        if asked == "HEAD":
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        request.method = asked
        return response

    def _checked(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer, or 304 if the reader already has it."""
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        changed = self.seen.since(request.get_full_path(), etag)
        patch_cache_control(response, public=True, max_age=_MINUTE)
        response["ETag"], response["Last-Modified"] = etag, http_date(changed)
        found = get_conditional_response(request, etag=etag, last_modified=changed, response=response)
        return found if isinstance(found, HttpResponse) else response


def _allowing(response: HttpResponse) -> HttpResponse:
    response["Allow"] = METHODS
    return _not_kept(response)


def _not_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _options(request: HttpRequest) -> HttpResponse:
    """What a browser asks before it lets a page of another site read here, and what anybody may ask."""
    try:
        resolve(request.path_info)
    except Resolver404:
        return _not_kept(problem(404))
    response = HttpResponse(status=204, headers={"Allow": METHODS, "Access-Control-Allow-Methods": METHODS})
    response["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-Modified-Since, If-None-Match"
    response["Access-Control-Max-Age"] = "86400"
    return response


def _address(request: HttpRequest) -> str:
    """Of the reader. Only behind a proxy (HTTPS=1) is the proxy's word believed: the last entry is its own."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


class Limit:
    """How often one address may ask in a minute. Kept in the memory of the process, forgotten every minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._asked: Counter[str] = Counter()

    def refuses(self, address: str) -> int:
        """0, or the seconds to wait."""
        limit: int = settings.API_REQUESTS_PER_MINUTE
        now = time.time()
        with self._lock:
            if int(now // _MINUTE) != self._minute:
                self._minute = int(now // _MINUTE)
                self._asked.clear()
            self._asked[address] += 1
            too_many = 0 < limit < self._asked[address]
        return _MINUTE - int(now % _MINUTE) if too_many else 0


class FirstSeen:
    """Since when an address has had its present content, as far as this process knows.

    It follows from public content alone: a date read from tables could tell that somebody is working on a draft.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def since(self, address: str, etag: str) -> int:
        with self._lock:
            known_etag, changed = self._known.pop(address, ("", 0))
            if etag != known_etag:
                # Two contents within one second must not bear the same date.
                changed = max(int(time.time()), changed + 1)
            self._known[address] = etag, changed
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return changed
