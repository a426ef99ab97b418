"""What surrounds every request: the health check, a wrong host, what no form sends, a database that is down."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, DataError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from core.client_address import client_address
from core.faults import WATCH, is_number_beyond, is_unavailable, is_without_room
from core.stored import Written
from opendata import errors

HEALTH = "/healthz"
_HEALTH_SECONDS = 1.8
_ADMIN = "/admin/"
_TO_FIELD = "_to_field"  # by which field a form names its record
_CHOSEN = "_selected_action"  # the records that an act on a list is meant for
_LONG_NUMBER = re.compile("[0-9]{19}")  # beyond what a key can be
_PATTERN = "regex"  # ends the name of a condition that no list offers: one may take a statement's whole time
_SEARCH = "q"  # what is searched for is cleaned where it is read
Respond = Callable[[HttpRequest], HttpResponse]

log = logging.getLogger("site")


class FaultsMiddleware:
    """Stands first. It answers the health check for whichever host it is asked of, without session or redirect."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == HEALTH and request.method in ("GET", "HEAD"):
            return health()
        try:
            request.get_host()
        except DisallowedHost:
            log.warning("wrong host %.200r from %s", request.META.get("HTTP_HOST", ""), client_address(request))
            return _said(errors.bad_request(request))
        if request.path_info.startswith(_ADMIN):
            if _LONG_NUMBER.search(request.path_info):
                return errors.page_not_found(request)
            if _is_malformed_address(request):
                return errors.bad_request(request)
        if request.method in errors.READING:
            return self.get_response(request)
        request.written = Written()  # type: ignore[attr-defined]
        with connection.execute_wrapper(request.written):  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        if request.method != "POST" or not request.path_info.startswith(_ADMIN):
            return None
        try:
            sent = [(name, value) for name, values in request.POST.lists() for value in values]
        except UnreadablePostError:  # the other end has gone
            return None
        except OSError as error:
            if not is_without_room(error):
                raise
            return self.process_exception(request, error)
        return errors.bad_request(request) if _is_malformed(sent) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_unavailable(exception):
            what, answer = "database unavailable", errors.unavailable
        elif is_without_room(exception):
            what, answer = "no room on the disk", errors.without_room
        elif request.path_info.startswith(_ADMIN) and (
            is_number_beyond(exception) or (isinstance(exception, DataError) and request.method in errors.READING)
        ):
            return errors.bad_request(request)
        else:
            return None
        log.error("%s: %s %.200s: %s", what, request.method, request.path, _in_one_line(exception))
        return _said(answer(request, exception))


def health() -> HttpResponse:
    """Whether the database answers, within two seconds whatever it does."""
    if WATCH.is_running:
        answers = WATCH.answers(_HEALTH_SECONDS)
    else:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            answers = True
        except DatabaseError:
            answers = False
    return HttpResponse(
        "ok\n" if answers else "database unavailable\n",
        status=200 if answers else 503,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def _is_malformed_address(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    if not any(sign in query for sign in ("%", _TO_FIELD, _PATTERN)):
        return False
    sent = parse_qsl(query, keep_blank_values=True)
    return _is_malformed([(name, value) for name, value in sent if name != _SEARCH])


def _is_malformed(sent: Iterable[tuple[str, str]]) -> bool:
    """No list, form or keyboard makes this; Django and PostgreSQL refuse it in the middle of their work."""
    return any(
        "\x00" in name
        or "\x00" in value
        or (name == _TO_FIELD and not value)
        or name.endswith(_PATTERN)
        or (name == _CHOSEN and not (value.isascii() and value.isdecimal() and len(value) < 19))
        for name, value in sent
    )


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _said(response: HttpResponse) -> HttpResponse:
    """The log has its line."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
