"""A page as PDF, with WeasyPrint. Its system libraries (pango) may be missing: then the page to print remains.

Nothing outside this application is read: no picture, stylesheet or font by address.
"""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpResponse
from django.template.loader import render_to_string

from core.caches import CACHE_ERRORS
from reviews.redaction import redacted

_ONE_AT_A_TIME = Lock()  # typesetting takes half a second of a core and up to 150 MB

log = logging.getLogger(__name__)
_KEPT = 7 * 24 * 60 * 60


class Unavailable(Exception):
    """This machine cannot make PDF files."""


@cache
def is_available() -> bool:
    """Whether the libraries are there. Imports them the first time, which takes a second."""
    try:
        import weasyprint  # noqa: F401 - loading it is the question
    except (ImportError, OSError):  # OSError: pango cannot be loaded
        return False
    return True


def _nothing_outside(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"a document to print reads nothing by address: {url}")


@lru_cache(maxsize=16)
def pdf_of(html: str, stylesheet: str) -> bytes:
    """The same page gives the same bytes. `stylesheet` is a file below static/.

    Raises Unavailable. Kept in memory for the next reader of the same page, and for all workers for a week: a whole report
    takes ten seconds.
    """
    if not is_available():
        raise Unavailable
    rules = settings.BASE_DIR / "static" / stylesheet
    html = _with_charts(html)
    key = f"pdf-{sha256(html.encode() + rules.read_bytes()).hexdigest()}"
    with _ONE_AT_A_TIME:
        try:
            content = caches["shared"].get(key)
        except CACHE_ERRORS:
            content = None
        if content is None:
            content = _typeset(html, rules)
            try:
                caches["shared"].set(key, content, _KEPT)
            except CACHE_ERRORS:  # a full disk, a Redis that is away: whoever asks has the file all the same
                log.exception("a PDF file cannot be kept for all workers")
    return bytes(content)


def _with_charts(html: str) -> str:
    """Each picture with rules and points of its own, because those of the page do not reach into it, and with words: what a page
    hides from who hears it would be a figure without any in a file."""
    rules = (settings.BASE_DIR / "static" / "css" / "packet_charts.css").read_text()
    marks = re.search(r"<defs>.*</defs>", render_to_string("website/parts/chart_marks.html"), re.DOTALL)

    def opened(opening: re.Match[str]) -> str:
        words = "<title>凡例の印</title>" if 'aria-hidden="true"' in opening[0] else ""
        points = marks[0] if marks and 'class="plot"' in opening[0] else ""
        return f"{opening[0]}{words}<style>{rules}</style>{points}"

    return re.sub(r"<svg\b[^>]*>", opened, html)


def _typeset(html: str, rules: Path) -> bytes:
    from weasyprint import CSS, HTML

    content: bytes = HTML(string=html, url_fetcher=_nothing_outside).write_pdf(
        stylesheets=[CSS(filename=rules)],
        pdf_variant="pdf/ua-1",  # tagged: headings, lists and tables can be read aloud
        pdf_identifier=b"packet",
    )
    return content


@receiver(redacted, dispatch_uid="pdf_hold_no_redacted_words")
def _forget_all(**_: Any) -> None:
    """Nobody gets a former page's file again, but its bytes may hold what was taken out. The act stands, also where Redis is
    away: then the log says so."""
    pdf_of.cache_clear()
    transaction.on_commit(caches["shared"].clear, robust=True)


def public_pdf(content: bytes, name: str) -> HttpResponse:
    """Shown in the browser."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
