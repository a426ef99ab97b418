"""Public answers kept ready to be sent: written and compressed once, and valid as long as the published version and the
day stay (figures/version.py).

Every worker keeps its own, in so many bytes. What is kept is the same for all readers; browsers and proxies keep it too and
ask each time whether it still holds.
"""

from __future__ import annotations

import datetime
import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, urlencode

from core.faults import UNAVAILABLE, WATCH
from figures import version
from figures.filters import says_where_from

OLDEST = 24 * 60 * 60  # seconds; so old may be what is shown while the database is down
MOST_OF_ONE = 8 * 1024 * 1024  # bytes; a larger file is made anew each time
READABLE_FROM = "Access-Control-Allow-Origin"  # in an answer that pages of other sites may read
READABLE_HEADERS = "Access-Control-Expose-Headers"  # what such a page learns beside what it always may
_LEAST = 200  # bytes; shorter ones do not get shorter
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


class Mark(NamedTuple):
    """For which version and on which day something was written, and since when that holds (seconds since 1970)."""

    version: int
    day: datetime.date
    changed: int


@dataclass(frozen=True)
class Answer:
    """An answer with status 200 and all that it takes to send it."""

    headers: dict[str, str]
    content: bytes
    packed: bytes | None
    tag: str
    changed: int  # seconds since 1970

    @classmethod
    def of(cls, response: HttpResponse, changed: int) -> Answer:
        content = response.content
        # Public pages hold no secret that a reader could be made to guess by the length of an answer (BREACH); the staff's
        # pages do, and are not compressed.
        packed = gzip.compress(content, 8, mtime=0) if len(content) >= _LEAST else None
        # Weak, because the two forms of one page have the same.
        tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        smaller = packed if packed and len(packed) < len(content) else None
        return cls(dict(response.headers), content, smaller, tag, changed)

    @property
    def size(self) -> int:
        return len(self.content) + len(self.packed or b"") + 1000  # headers, key

    def to(self, request: HttpRequest) -> HttpResponse:
        """The answer in the form that the reader takes, or 304 if the reader has it."""
        is_packed = self.packed is not None and _TAKES_GZIP.search(request.headers.get("Accept-Encoding", ""))
        response = HttpResponse(self.packed if is_packed else self.content, headers=self.headers)
        if is_packed:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        patch_vary_headers(response, ["Accept-Encoding"])
        return checked(request, response, self.tag, self.changed)


class Store:
    """Answers by address, in at most so many bytes; what was asked for longest ago goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Mark, float, Answer]] = OrderedDict()
        self.size = 0

    def get(self, key: str) -> tuple[Mark, float, Answer] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: str, mark: Mark, answer: Answer) -> None:
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self.size -= old[2].size
            self._kept[key] = (mark, time.time(), answer)
            self.size += answer.size
            while self.size > settings.PAGE_CACHE_BYTES and self._kept:
                _key, (_mark, _at, gone) = self._kept.popitem(last=False)
                self.size -= gone.size

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._kept)


STORE = Store()


def mark() -> Mark:
    """For what an answer holds that is written from now on: what citizens can read changes with the version, and with the
    day, on which pages depend. Raises what the database raises."""
    now, known = timezone.localtime(), version.current()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Mark(known.number, now.date(), int(max(known.moved_at, midnight).timestamp()))


def checked(request: HttpRequest, response: HttpResponse, tag: str, changed: int) -> HttpResponse:
    """The answer with its tag and date, or 304 if the reader has it. Within the second of a change a date tells too little
    (another change may come in it), so none is given yet."""
    response["ETag"] = tag
    if time.time() - changed > 2:
        response["Last-Modified"] = http_date(changed)
    # A clock that was set back gives an earlier date to what is newer: only the same date says that nothing has changed.
    since = request.headers.get("If-Modified-Since", http_date(changed))
    last = changed if since == http_date(changed) else None
    found = get_conditional_response(request, etag=tag, last_modified=last, response=response)
    if not isinstance(found, HttpResponse):
        return response
    for header in (READABLE_FROM, READABLE_HEADERS):
        if header in response:
            found[header] = response[header]
    return found


class PageCacheMiddleware:
    """Stands before sessions, messages and all else: what is kept is sent without a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if (answer := find(request)) is not None:
            return answer.to(request)
        response = self.get_response(request)
        if response.status_code == 503 and (stale := find(request, stale=True)) is not None:
            return stale.to(request)
        return keep(request, response) if getattr(response, "is_for_everybody", False) else response


def find(request: HttpRequest, *, stale: bool = False) -> Answer | None:
    """What is kept of an address. With `stale`, and while the database is down, what was kept of it within a day, if nothing
    public has changed since as far as this process knows: what was withdrawn or taken out does not come back."""
    found = STORE.get(_key(request)) if settings.CACHE_PAGES else None
    if found is None:
        return None
    of, at, answer = found
    if not (stale or WATCH.is_down):
        try:
            return answer if of == mark() else None
        except UNAVAILABLE:
            pass
    return answer if of.version == version.last_known() and time.time() - at < OLDEST else None


def keep(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Make the answer of a response for everybody, and keep it."""
    patch_cache_control(response, public=True, no_cache=True)
    if isinstance(response, FileResponse) and not response.has_header("ETag"):
        if int(response.headers.get("Content-Length", MOST_OF_ONE + 1)) > MOST_OF_ONE:
            return response
        whole = HttpResponse(response.getvalue(), headers=dict(response.headers))
        if response.file_to_stream is not None:  # closing the response itself would end the request
            response.file_to_stream.close()
        response = whole
    if not isinstance(response, HttpResponse) or response.has_header("ETag") or response.cookies:
        return response
    written_for: Mark = getattr(request, "written_for", None) or mark()
    answer = Answer.of(response, written_for.changed)
    if settings.CACHE_PAGES and answer.size < MOST_OF_ONE * 2:
        STORE.put(_key(request), written_for, answer)
    return answer.to(request)


def one_form(query: str, taken: Collection[str] = ()) -> str:
    """A query string as every one that asks the same is written: in order, each condition once, in one encoding, without
    what asks for nothing (where a reader came from; of the conditions that are `taken`, empty values and the first page).
    WSGI holds its bytes as Latin-1."""
    if not query:
        return ""
    asked = {
        name: {*values} - ({""} if name in taken else set())
        for name, values in QueryDict(query.encode("iso-8859-1")).lists()
        if not says_where_from(name)
    }
    if "page" in taken and asked.get("page") == {"1"}:
        del asked["page"]
    return urlencode([(name, value) for name in sorted(asked) for value in sorted(asked[name])])


def _key(request: HttpRequest) -> str:
    """Pages name their own address, so they differ by host."""
    asked = one_form(request.META.get("QUERY_STRING", ""))
    return hashlib.sha256(f"{request.scheme}://{request.get_host()}{request.path}?{asked}".encode()).hexdigest()
