"""Public answers kept ready to be sent: written once, compressed once, for as long as browsers may keep them too.

Every worker keeps its own. What is kept is the same for all readers, so a proxy in front may do as much.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

SECONDS = 60
OLDEST = 24 * 60 * 60  # seconds; so old may be what is shown while the database is down
_LEAST = 200  # bytes; shorter ones do not get shorter
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


@dataclass(frozen=True)
class Answer:
    """An answer with status 200 and all that it takes to send it."""

    headers: dict[str, str]
    content: bytes
    packed: bytes | None
    tag: str

    @classmethod
    def of(cls, response: HttpResponse) -> Answer:
        content = response.content
        # Public pages hold no secret that a reader could be made to guess by the length of an answer (BREACH); the staff's
        # pages do, and are not compressed.
        packed = gzip.compress(content, 6, mtime=0) if len(content) >= _LEAST else None
        # Weak, because the two forms of one page have the same.
        tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        return cls(dict(response.headers), content, packed if packed and len(packed) < len(content) else None, tag)

    def to(self, request: HttpRequest) -> HttpResponse:
        """The answer in the form that the reader takes, or 304 if the reader has it."""
        is_packed = self.packed is not None and _TAKES_GZIP.search(request.headers.get("Accept-Encoding", ""))
        response = HttpResponse(self.packed if is_packed else self.content, headers=self.headers)
        if is_packed:
            response["Content-Encoding"] = "gzip"
        response["ETag"] = self.tag
        patch_vary_headers(response, ["Accept-Encoding"])
        found = get_conditional_response(request, etag=self.tag, response=response)
        return found if isinstance(found, HttpResponse) else response


def find(request: HttpRequest, *, stale: bool = False) -> Answer | None:
    """What is kept of an address; with `stale`, what was kept of it within a day."""
    found: tuple[float, Answer] | None = caches["pages"].get(_key(request)) if settings.CACHE_PAGES else None
    if found is None:
        return None
    until, answer = found
    return answer if stale or time.time() < until else None


def keep(request: HttpRequest, response: HttpResponse) -> Answer:
    """Make the answer of a response, and keep it unless the response says for how long itself."""
    lasts = response.has_header("Cache-Control")
    if not lasts:
        patch_cache_control(response, public=True, max_age=SECONDS)
    answer = Answer.of(response)
    if settings.CACHE_PAGES and not lasts:
        caches["pages"].set(_key(request), (time.time() + SECONDS, answer), OLDEST)
    return answer


def _key(request: HttpRequest) -> str:
    """Pages name their own address, so they differ by host."""
    return hashlib.sha256(request.build_absolute_uri().encode()).hexdigest()
