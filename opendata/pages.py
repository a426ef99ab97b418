"""What all public pages share: who may ask what, how long it may be kept, and pages of long lists."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from typing import IO, Any, Protocol

from django.core.paginator import EmptyPage, Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.views.decorators.csrf import csrf_exempt

from core.waiting import waiting_file
from figures.filters import refused_conditions
from opendata import errors, page_cache
from policies.models import Plan, PlanQuerySet

ROWS_PER_PAGE = 100
_METHODS = ("GET", "HEAD")

View = Callable[..., HttpResponseBase]


class Refuse(Protocol):
    def __call__(self, request: HttpRequest, *, reasons: Iterable[str]) -> HttpResponse: ...


def public(view: View, *, takes: Collection[str] = (), refuse: Refuse = errors.bad_request) -> View:
    """A page for everybody: GET and HEAD only, the same for all readers, so that it is kept (opendata/page_cache.py).
    A file, a feed and whatever else is no HTML may be read by pages of other sites too: open data.

    `takes` are the conditions that its address may hold; others are refused before anything is read, also with nothing
    behind them. All that ask the same are answered as one.
    """

    @csrf_exempt  # nothing is ever written here; a POST must hear 405, not that its form is too old
    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in _METHODS:
            return errors.method_not_allowed(request, _METHODS)
        asked = request.META.get("QUERY_STRING", "")
        if reasons := refused_conditions(request.GET, takes):
            return refuse(request, reasons=reasons)
        request.META["QUERY_STRING"] = page_cache.one_form(asked, takes)
        request.GET = QueryDict(request.META["QUERY_STRING"])
        if request.META["QUERY_STRING"] != asked and (kept := page_cache.find(request)) is not None:
            return kept.to(request)
        # Read before anything that the page says, so that it is never taken for newer than it is.
        request.written_for = page_cache.mark()  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        response.is_for_everybody = response.status_code == 200  # type: ignore[attr-defined]
        if not response.get("Content-Type", "").startswith("text/html"):
            response[page_cache.READABLE_FROM] = "*"
            response[page_cache.READABLE_HEADERS] = "ETag, Content-Disposition"
        return response

    return respond


def public_plans() -> PlanQuerySet:
    """The plans that citizens may see; every other one is 404 for everybody."""
    return Plan.objects.public().select_related("source", "committee_source")


def page_of(rows: Any, number: int | str, count: int | None = None, per_page: int = ROWS_PER_PAGE) -> Any:
    """One django Page of a queryset or list. Raises Http404 for a page that is not there. `count` saves the counting query."""
    paginator = Paginator(rows, per_page)
    if count is not None:
        paginator.count = count
    try:
        return paginator.page(number)
    except EmptyPage as missing:
        raise Http404(str(missing)) from missing


def requested_page(request: HttpRequest) -> int:
    """The page number of the query string, 1 without one. Raises Http404 for what is not a number."""
    try:
        return int(request.GET.get("page") or 1)
    except ValueError as error:
        raise Http404("page") from error


def file_response(
    write: Callable[[IO[bytes]], object], name: str, content_type: str, *, as_attachment: bool = True
) -> FileResponse:
    """A file that is written completely before anything is sent: a reader gets all of it or an error."""
    file = waiting_file()  # the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=as_attachment, filename=name, content_type=content_type)
