"""All that citizens can get of a plan: every page and file, followed from link to link."""

import re
from collections import Counter, deque

import pytest
from django.urls import resolve

SOME = [pytest.param(2, id="some of each kind"), pytest.param(None, marks=pytest.mark.soak, id="everything")]
# A walk over the site: in `make soak` over all of it.
some_of_each_kind = pytest.mark.parametrize("most", SOME)


def texts_of_site(client, plan, most=None):
    """Every public page and file of the plan, by its path; or at most so many of each kind of address, the first that are
    linked to."""
    waiting, seen, kinds = deque([plan.get_absolute_url(), "/", "/plans/", "/feed.xml", "/sitemap.xml"]), {}, Counter()
    waiting += [
        f"/api/v1/plans/{plan.slug}{name}"
        for name in ("", "/programs", "/reports", "/opinions", "/program-editions", "/long")
    ]
    waiting += [f"/plans/{plan.slug}/programs.xlsx", f"/plans/{plan.slug}/data.zip"]
    while waiting:
        path = waiting.popleft()
        kind = resolve(path).route
        if path in seen or kinds[kind] == most:
            continue
        kinds[kind] += 1
        answer = client.get(path)
        seen[path] = answer.getvalue()
        if answer.headers["Content-Type"].startswith("text/html"):
            found = re.findall(r'href="(/[^"#?]*)"', seen[path].decode())
            waiting += [
                link for link in found if not link.startswith(("/static/", "/admin/")) and not link.endswith(".pdf")
            ]
    return seen
