"""What holds for every address under /api/v1/, whatever stands behind it.

Reading only, for everybody and from every site (CORS); errors are JSON; answers can be kept and checked for change
(ETag, Last-Modified). How often one may ask is counted behind it: opendata/api/limit.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control

from core.faults import UNAVAILABLE
from opendata.api.problems import MEDIA_TYPE, problem
from opendata.page_cache import Mark, checked, mark

PREFIX = "/api/v1/"
METHODS = "GET, HEAD, OPTIONS"
# Preconditions of writing; nothing is written here.
_IGNORED = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class ApiMiddleware:
    """Middleware. It stands before the sessions, so that no answer can depend on who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

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
        if request.method == "OPTIONS":
            return _options(request)
        return self._read(request)

    def _read(self, request: HttpRequest) -> HttpResponse:
        asked, request.method = request.method, "GET"
        for name in _IGNORED:
            request.META.pop(name, None)
        try:  # before anything is read, so that the answer is never taken for newer than it is
            written_for = mark()
        except UNAVAILABLE:
            written_for = None  # the answer will say so
        response = self.get_response(request)
        if response.status_code >= 400:
            if response["Content-Type"] != MEDIA_TYPE:
                response = problem(response.status_code)
            response = _not_kept(response)
        elif response.status_code == 200 and written_for is not None:
            response = _checked(request, response, written_for)
        if asked == "HEAD":
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        request.method = asked
        return response


def _checked(request: HttpRequest, response: HttpResponse, written_for: Mark) -> HttpResponse:
    """The answer, or 304 if the reader already has it."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, no_cache=True)
    return checked(request, response, etag, written_for.changed)


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
