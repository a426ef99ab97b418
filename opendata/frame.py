"""What stands around every public page: its own address, and whether it belongs to a static copy of the site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from figures import version
from figures.filters import LONGEST_SEARCH, says_where_from
from opendata.pages import public_plans
from policies.models import PlanQuerySet


@dataclass(frozen=True)
class StaticCopy:
    """The site that is being written as files; the writer puts it on each request as `static_copy`.

    `slugs` are the plans in it, `address` turns the path and query string of a page into its absolute address among the
    files.
    """

    slugs: frozenset[str]
    address: Callable[[str, str], str]


def copy_of(request: HttpRequest) -> StaticCopy | None:
    return getattr(request, "static_copy", None)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. `static_copy`: nothing on the page may need a server. `contact`: who runs the site.
    `longest_search`: what the search box of every page takes."""
    return {
        "static_copy": copy_of(request) is not None,
        "contact": settings.CONTACT,
        "longest_search": LONGEST_SEARCH,
    }


def made_at() -> datetime:
    """Which moment files state as theirs, in local time: that of the published version, because files must not differ only
    by the clock."""
    return timezone.localtime(version.current().moved_at)


def shown_plans(request: HttpRequest) -> PlanQuerySet:
    """The public plans; in a static copy those that were asked for."""
    copy = copy_of(request)
    return public_plans().filter(slug__in=copy.slugs) if copy else public_plans()


def page_address(request: HttpRequest, path: str = "") -> str:
    """The absolute address under which a page is to be found and cited; of the page itself without `path`.

    What only says where a reader came from (utm_…) is no part of it, nor is the first page of several.
    """
    query = request.GET.copy()
    for name in [name for name in query if says_where_from(name) or (name, query[name]) == ("page", "1")]:
        del query[name]
    query_string = "" if path else query.urlencode()
    path = path or request.path
    if copy := copy_of(request):
        return copy.address(path, query_string)
    return request.build_absolute_uri(path) + (f"?{query_string}" if query_string else "")
