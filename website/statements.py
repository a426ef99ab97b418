"""What the site says about itself: who runs it, how accessible it is, what it records. The texts of whoever runs it are settings.

What the product does is said here; what it cannot know (who runs it, how long a server keeps its logs) is a clear gap
until a setting says it.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opendata.pages import public

TESTED_ON = date(2026, 11, 28)  # when `make soak` has last run over all pages, as docs/accessibility.md tells


def _page(request: HttpRequest, section: str, text: str) -> HttpResponse:
    context = {"section": section, "operator": settings.OPERATOR, "text": text, "tested_on": TESTED_ON}
    return render(request, f"website/{section}.html", context)


@public
def about(request: HttpRequest) -> HttpResponse:
    """Without a query, like the other two."""
    return _page(request, "site_about", settings.ABOUT_TEXT)


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    return _page(request, "accessibility", settings.ACCESSIBILITY_TEXT)


@public
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request, "privacy", settings.PRIVACY_TEXT)
