"""What somebody typed while the session ran out: kept until the same person has signed in again.

The form carries a signed mark of who opened it. A form sent without a session is kept in the new, anonymous session only
if the mark is genuine; after signing in it is shown again to that person and to nobody else.
"""

from __future__ import annotations

import re
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from accounts.models import User

FIELD = "_opened_by"
_KEY = "typed_before_sign_in"
_SALT = "staff.unsent"
_LONGEST = 200_000  # characters of one form
_SECONDS = 24 * 60 * 60
_IS_KEY = re.compile(r"[\x21-\x7e]*")  # codes, numbers, nothing


def mark(user: User) -> str:
    """The value of the hidden field FIELD."""
    return signing.dumps(user.pk, salt=_SALT)


def _opened_by(data: QueryDict) -> Any:
    try:
        return signing.loads(data.get(FIELD, ""), salt=_SALT, max_age=7 * _SECONDS)
    except signing.BadSignature:
        return None


def store(request: HttpRequest) -> None:
    """Keep the form that was just sent without a session. One per session: the last."""
    typed = request.POST.urlencode()
    if _opened_by(request.POST) is not None and len(typed) <= _LONGEST:
        request.session[_KEY] = {"path": request.path, "typed": typed, "at": timezone.now().timestamp()}


def _waiting(request: HttpRequest) -> QueryDict | None:
    found = request.session.get(_KEY)
    if not found or found["path"] != request.path or timezone.now().timestamp() - found["at"] > _SECONDS:
        return None
    typed = QueryDict(found["typed"])
    return typed if _opened_by(typed) == request.user.pk else None


def waits(request: HttpRequest) -> bool:
    """Whether this person had sent something to this address before signing in."""
    return _waiting(request) is not None


def restore(request: HttpRequest) -> QueryDict | None:
    """What this person had typed on this page before signing in. The page that asks shows it."""
    typed = _waiting(request)
    if typed is not None:
        request.typed_is_shown = True  # type: ignore[attr-defined]
    return typed


def is_shown(request: HttpRequest) -> bool:
    """Whether a page has taken what was typed."""
    return getattr(request, "typed_is_shown", False)


def texts(request: HttpRequest) -> list[str]:
    """What was typed in words, without the names of its fields."""
    typed = _waiting(request) or QueryDict()
    fields = (name for name in typed if not name.startswith(("_", "csrf")) and name != "version")
    return [text.strip() for name in fields for text in typed.getlist(name) if not _IS_KEY.fullmatch(text.strip())]


def discard(request: HttpRequest) -> None:
    """The page was sent again: saved, or shown once more with what was typed."""
    found = request.session.get(_KEY)
    if found and found["path"] == request.path:
        del request.session[_KEY]
