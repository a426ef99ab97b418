"""What holds for every address under /api/v1/, whatever stands behind it.

Reading only, for everybody and from every site (CORS); errors are JSON; answers can be kept and checked for change
(ETag, Last-Modified); and nobody may ask so often that others have to wait.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.files import locks
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.crypto import salted_hmac
from django.utils.http import http_date

from opendata.api.problems import MEDIA_TYPE, problem

PREFIX = "/api/v1/"
METHODS = "GET, HEAD, OPTIONS"
_MINUTE = 60
log = logging.getLogger(__name__)
# Preconditions of writing; nothing is written here.
_IGNORED = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class ApiMiddleware:
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
    """How often one address may ask in a minute, of all workers of this machine together.

    Each request adds a byte to a file of its minute and address, in one step that no other process can come between;
    where the file then ends is the number of the request. No request waits for another, and none asks the database.
    """

    def refuses(self, address: str) -> int:
        """0, or the seconds to wait. What cannot be counted is let through: a full disk must not close the API."""
        limit: int = settings.API_REQUESTS_PER_MINUTE
        if not limit:
            return 0
        now = time.time()
        # Addresses are personal data: the names of the files don't tell them, and nothing is older than a minute.
        name = salted_hmac("opendata.api.limit", address, algorithm="sha256").hexdigest()
        folder = settings.SHARED_DIR / "requests" / str(int(now // _MINUTE))
        try:
            asked = self._count(folder, name)
        except OSError:
            log.exception("API requests cannot be counted in %s", folder)
            return 0
        return _MINUTE - int(now % _MINUTE) if asked > limit else 0

    @staticmethod
    def _count(folder: Path, name: str) -> int:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            for other in folder.parent.iterdir():
                if int(other.name) < int(folder.name):
                    shutil.rmtree(other, ignore_errors=True)
        file = os.open(folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, b".")
            return os.lseek(file, 0, os.SEEK_CUR)
        finally:
            os.close(file)


class FirstSeen:
    """Since when an address has had its present content: when any worker first saw it. Kept in files over a restart.

    It follows from public content alone: a date read from tables could tell that somebody is working on a draft.
    """

    def since(self, address: str, etag: str) -> int:
        key = hashlib.sha256(address.encode()).hexdigest()
        try:
            return self._known(key, etag) or self._changed(key, etag)
        except OSError:
            log.exception("what the API has answered cannot be kept in %s", settings.SHARED_DIR)
            return int(time.time())  # a new date each time: the answer is sent again

    @staticmethod
    def _known(key: str, etag: str) -> int:
        known_etag, changed = caches["shared"].get(key, ("", 0))
        return int(changed) if known_etag == etag else 0

    def _changed(self, key: str, etag: str) -> int:
        """One worker after the other: all must give this content the same date."""
        settings.SHARED_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.SHARED_DIR / "lock").open("wb") as file:
            locks.lock(file, locks.LOCK_EX)
            if known := self._known(key, etag):
                return known
            _, before = caches["shared"].get(key, ("", 0))
            # Two contents within one second must not bear the same date.
            changed = max(int(time.time()), before + 1)
            caches["shared"].set(key, (etag, changed))
            return changed
