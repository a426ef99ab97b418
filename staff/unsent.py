"""What somebody typed and could not send: kept until the same person has signed in again.

The form carries a signed mark of who opened it. A form that is sent without a session, or with one that began after the
form was opened, is kept in the session only if the mark is genuine; once signed in it is shown again to that person and to
nobody else, and nothing of it is done or saved before the person sends it again.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from opendata import errors

FIELD = "_opened_by"
RESTORED = "ログインの前に入力した内容を戻しました。まだ保存していません。確かめてから保存してください。"
_KEY = "typed_before_sign_in"
_SENT = "sent"  # in the address of the page to sign in: something was sent without a session
_SALT = "staff.unsent"
_LONGEST = 2_000_000  # characters of one form as browsers send it: some 220 000 kanji
_MOST = 5  # forms of one session
_SECONDS = 24 * 60 * 60
# The words of a redaction are what should stand in no table any more.
_SECRET = ("csrfmiddlewaretoken", "words")
_NOT_TYPED = re.compile(r"[\w:]*", re.ASCII)  # codes and keys, nothing
_HIDDEN = ("version", "seen", "pending", "file", "edition", "department")


def mark(user: User) -> str:
    """The value of the hidden field FIELD."""
    return signing.dumps(user.pk, salt=_SALT)


def _opened_by(data: QueryDict) -> Any:
    try:
        return signing.loads(data.get(FIELD, ""), salt=_SALT, max_age=7 * _SECONDS)
    except signing.BadSignature:
        return None


def _kept(request: HttpRequest) -> dict[str, Any]:
    """By the address to which a form was sent."""
    return dict(request.session.get(_KEY, {}))


def store(request: HttpRequest) -> None:
    """Keep the form that was just sent without a session, without secret words. The last few of a session."""
    if _opened_by(request.POST) is None:
        return
    posted = request.POST.copy()
    for name in [name for name in posted if "password" in name or name in _SECRET]:
        del posted[name]
    typed, is_long = posted.urlencode(), False
    if len(typed) > _LONGEST:
        typed, is_long = urlencode({FIELD: request.POST[FIELD]}), True
    kept = _kept(request)
    kept.pop(request.path, None)
    kept[request.path] = {"typed": typed, "long": is_long, "at": timezone.now().timestamp()}
    request.session[_KEY] = dict(list(kept.items())[-_MOST:])


def told_at_sign_in(response: HttpResponseBase) -> HttpResponseBase:
    """Let the page to sign in, to which whoever sends anything without a session is led, say that nothing was done."""
    url = getattr(response, "url", "")
    return redirect(f"{url}&{_SENT}=1") if url.startswith(f"{reverse('admin:login')}?") else response


def was_sent(request: HttpRequest) -> bool:
    return _SENT in request.GET


def _is_own(request: HttpRequest, found: dict[str, Any]) -> bool:
    fresh = timezone.now().timestamp() - found["at"] <= _SECONDS
    return fresh and _opened_by(QueryDict(found["typed"])) == request.user.pk


def _waiting(request: HttpRequest) -> dict[str, Any] | None:
    found = _kept(request).get(request.path)
    return found if found and _is_own(request, found) else None


def waits(request: HttpRequest) -> bool:
    """Whether this person had sent something to this address before signing in."""
    return _waiting(request) is not None


def restore(request: HttpRequest) -> QueryDict | None:
    """What this person had typed on this page before signing in. The page that asks shows it."""
    found = _waiting(request)
    if found is None or found["long"]:
        return None
    request.typed_is_shown = True  # type: ignore[attr-defined]
    return QueryDict(found["typed"])


def is_shown(request: HttpRequest) -> bool:
    """Whether a page has taken what was typed."""
    return getattr(request, "typed_is_shown", False)


def refused_words(request: HttpRequest) -> list[str]:
    """What stands in a form that is refused as a whole, if this person opened it."""
    if _opened_by(request.POST) != request.user.pk:
        return []
    return [text for name, text in _words(dict(request.POST.lists())) if name not in _SECRET and "password" not in name]


def lead(request: HttpRequest, page: str) -> None:
    """What was sent to an act without a page of its own is shown on the page of its record."""
    kept = _kept(request)
    kept[request.path]["page"] = page
    request.session[_KEY] = kept


def take(request: HttpRequest) -> dict[str, Any] | None:
    """For a page that does not show by itself what was typed: what static/js/forms.js fills in, and the words of it.
    Once: who leaves the page without sending it is asked."""
    for address, found in _kept(request).items():
        if found.get("page", address) == request.path and _is_own(request, found):
            typed = QueryDict(found["typed"])
            discard(request, address)
            values = {name: each for name, each in typed.lists() if name != FIELD}
            return {"fill": {"to": address, "values": values}, "words": _words(values), "long": found["long"]}
    return None


def _words(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    """What a person typed, by the names of the fields: no keys, and nothing that forms carry along hidden."""
    fields = [name for name in values if not name.startswith("_") and name not in _HIDDEN]
    texts = [(name, text.strip()) for name in fields for text in values[name]]
    return [(name, text) for name, text in texts if not (_NOT_TYPED.fullmatch(text) or _is_data(text))]


def _is_data(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def discard(request: HttpRequest, address: str = "") -> None:
    """The page was sent again: saved, or shown once more with what was typed."""
    kept = _kept(request)
    if kept.pop(address or request.path, None):
        request.session[_KEY] = kept


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was opened before the person signed in anew, in another tab, has the token of the former session."""
    if request.method != "POST" or not admin.site.has_permission(request):
        return errors.csrf_failure(request, reason)
    if request.path == reverse("admin:login"):  # signed in meanwhile: there is nothing to do here
        following = request.POST.get("next", "")
        allowed = url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure())
        return redirect(following if allowed else "admin:index")
    if not request.path.startswith(reverse("admin:index")) or _opened_by(request.POST) != request.user.pk:
        return errors.csrf_failure(request, reason)
    store(request)
    return redirect(request.get_full_path())
