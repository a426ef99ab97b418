"""Pages for what went wrong, in Japanese, with what to do next."""

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.faults import RETRY_AFTER, UNAVAILABLE, is_lost, is_unavailable
from policies.models import Plan

READING = ("GET", "HEAD", "OPTIONS")
_IN_PLAN = re.compile(r"/plans/([-\w]+)/")


def bad_request(
    request: HttpRequest, exception: Exception | None = None, *, reasons: Iterable[str] = ()
) -> HttpResponse:
    """With `reasons` a reader asked for something that is not there, and keeps the pages and the search of the plan."""
    said = list(reasons)
    context: dict[str, Any] = {"reasons": said, "too_large": _too_large(exception)}
    if said:
        context["plan"] = _plan_of(request)
    return render(request, "opendata/errors/400.html", context, status=400)


def _too_large(exception: Exception | None) -> str:
    """What of a form is more than is read; the limits stand in the settings."""
    match exception:
        case RequestDataTooBig():
            most = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024}MB"
            return f"送信した内容が大きすぎます。一度に送信できるのは{most}までです。"
        case TooManyFieldsSent():
            return f"送信した欄が多すぎます。一度に送信できるのは{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}欄までです。"
        case TooManyFilesSent():
            return (
                f"送信したファイルが多すぎます。一度に送信できるのは{settings.DATA_UPLOAD_MAX_NUMBER_FILES}個までです。"
            )
    return ""


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "opendata/errors/403.html", {"reason": str(exception or "")}, status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "opendata/errors/404.html", {"plan": _plan_of(request)}, status=404)


def _plan_of(request: HttpRequest) -> Plan | None:
    """The public plan below whose address something was looked for: its pages and its search stay in reach."""
    found = _IN_PLAN.match(request.path)
    try:
        return Plan.objects.public().select_related("source").filter(slug=found[1]).first() if found else None
    except UNAVAILABLE:
        return None


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    response = render(request, "opendata/errors/405.html", status=405)
    response["Allow"] = ", ".join(allowed)
    return response


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """The database is down, too busy, or takes no changes. Nothing here may ask it."""
    return _later(render(request, "opendata/errors/503.html", _outcome(request, error), status=503))


def without_room(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """The disk is full: nothing can be taken in, and no file be made."""
    return _later(render(request, "opendata/errors/full.html", _outcome(request, error), status=503))


def _later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _outcome(request: HttpRequest, error: BaseException | None) -> dict[str, str]:
    """What became of what was sent: "none" of it is stored, or that is "unknown"; "" where nothing was sent. What was stored
    before the fault counts as unknown: it is a part of what was wanted."""
    if request.method in READING:
        return {"outcome": ""}
    written = getattr(request, "written", None)
    is_none = written is not None and not written.is_stored and not (written.is_begun and is_lost(error))
    return {"outcome": "none" if is_none else "unknown"}


def busy(request: HttpRequest, wait: int) -> HttpResponse:
    """Too much that takes long is being made at this moment."""
    return _waiting(request, 503, wait, "時間のかかるファイルや検索の要求が重なっています。")


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """One reader asks for files too often."""
    return _waiting(request, 429, wait, "短い時間に、とても多くのファイルが要求されました。")


def _waiting(request: HttpRequest, status: int, wait: int, reason: str) -> HttpResponse:
    response = render(request, "opendata/errors/busy.html", {"reason": reason, "wait": wait}, status=status)
    response["Retry-After"], response["Cache-Control"] = str(wait), "no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if is_unavailable(error):
        return unavailable(request, error)  # outside of a view: a session that cannot be stored
    return render(request, "opendata/errors/500.html", _outcome(request, error), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or sent from elsewhere. The browser's "back" still holds what was typed."""
    return render(request, "opendata/errors/csrf.html", status=403)


def not_found_in_japanese(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware of a demonstration (DEBUG=1), where Django answers an unknown address with an English list of patterns."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return page_not_found(request) if response.status_code == 404 and is_page else response

    return answer
