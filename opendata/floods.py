"""What many readers at once may take: a share of each worker's threads for what is dear, and files at most as often as the API.

What is kept (opendata/page_cache.py) comes before all this and is sent in any case.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from opendata import errors
from opendata.api.limit import THROTTLE
from opendata.frame import copy_of

AT_ONCE = 2  # of the four threads of a worker (gunicorn.conf.py)
PATIENCE = 2.0  # seconds that one more waits for its turn, in a thread of its own
RETRY_AFTER = 10
_places = threading.BoundedSemaphore(AT_ONCE)
_turn = threading.Lock()  # of the one who waits; one thread is left for everything else

View = Callable[..., HttpResponseBase]


def searches(request: HttpRequest) -> bool:
    """Whether words are looked for, which reads every text of a plan."""
    return bool(request.GET.get("q"))


def bounded(
    view: View,
    *,
    when: Callable[[HttpRequest], bool] = lambda _request: True,
    busy: Callable[[HttpRequest, int], HttpResponseBase] = errors.busy,
) -> View:
    """A page that takes long to make: PDF, zip, workbook, search. Beyond the share and one who waits for it the answer is
    503 at once, `busy`, and other pages go on."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not when(request):
            return view(request, *args, **kwargs)
        if not (_places.acquire(blocking=False) or _waited()):
            return busy(request, RETRY_AFTER)
        try:
            return view(request, *args, **kwargs)
        finally:
            _places.release()

    return respond


def _waited() -> bool:
    """Whether a place became free in time, for the only one who waits."""
    if not _turn.acquire(blocking=False):
        return False
    try:
        return _places.acquire(timeout=PATIENCE)
    finally:
        _turn.release()


def limited(view: View) -> View:
    """A file: each one that is made counts as a request of the API."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if copy_of(request) is None and not THROTTLE.allow_request(request):
            return errors.too_many(request, math.ceil(THROTTLE.wait()))
        return view(request, *args, **kwargs)

    return respond
