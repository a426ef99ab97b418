"""Writes the public pages as files: asks the views as a reader without an account would, and follows every link."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.test import RequestFactory
from django.urls import get_script_prefix, resolve, reverse, set_script_prefix

from figures import version
from opendata.frame import StaticCopy
from policies.models import Plan
from website.static_site.addresses import address_of, file_of, link
from website.static_site.folder import Folder

_LINK = re.compile(r'(?<=\s)(href|src)="([^"]*)"')
_ABSOLUTE = re.compile(r'<loc>([^<]*)</loc>|<link [^>]*?href="([^"]*)"')
_IN_CSS = re.compile(r"""(?:@import\s+|url\()\s*['"]?(?!data:)([^'")\s;]+)""")
_STATIC = "static/"  # the folder of stylesheets and scripts
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


class Broken(Exception):
    """A page cannot be written or leads nowhere; nothing that was there before is removed."""


class SiteWriter:
    """Writes the site of `plans` into an entered folder. `base` is the address under which the files will be served."""

    def __init__(self, folder: Folder, plans: Sequence[Plan], base: str) -> None:
        self.folder, self.plans = folder, plans
        self.base = base.rstrip("/")
        parts = urlsplit(self.base)
        self._prefix = f"{parts.path}/"
        self._host, self._is_secure = parts.netloc, parts.scheme == "https"
        self._version = _version()
        self._copy = StaticCopy(frozenset(plan.slug for plan in plans), self._address)
        self._waiting: deque[tuple[str, str, str, str]] = deque()  # path, query, file, where it is linked
        self._known: set[str] = set()

    def write(self) -> None:
        """Write everything. Raises Broken for a link that leads nowhere, and if something was published meanwhile."""
        before = get_script_prefix()
        set_script_prefix(self._prefix)
        try:
            for name in ("home", "plans", "sitemap", "robots"):
                self._want(reverse(name), "", "（はじめ）")
            while self._waiting:
                path, query, file, linked_from = self._waiting.popleft()
                self._write(path, query, file, linked_from)
        finally:
            set_script_prefix(before)
        if _version() != self._version:
            raise Broken("書き出している間に、公表された内容が変わりました。もう一度実行してください。")
        self.folder.finish()

    def _address(self, path: str, query: str) -> str:
        return f"{self.base}/{address_of(file_of(path.removeprefix(self._prefix), query))}"

    def _want(self, path: str, query: str, linked_from: str) -> str:
        """The file of an address of the site; it is written later."""
        if path.startswith(_look()):
            file = _STATIC + unquote(path.removeprefix(_look()))
        elif path.startswith(self._prefix):
            file = file_of(unquote(path.removeprefix(self._prefix)), query)
        else:
            raise Broken(f"{linked_from} に、このサイトの外を指すリンクがあります: {path}")
        if file not in self._known:
            self._known.add(file)
            self._waiting.append((path, query, file, linked_from))
        return file

    def _write(self, path: str, query: str, file: str, linked_from: str) -> None:
        if file.startswith(_STATIC):
            content = _asset(file.removeprefix(_STATIC), linked_from)
            if path.endswith(".css"):
                for found in _IN_CSS.findall(content.decode()):
                    self._want(urlsplit(urljoin(path, found)).path, "", path)
            self.folder.write(file, content)
            return
        response = self._ask(path, query, linked_from)
        kind = response["Content-Type"].partition(";")[0]
        content = _content_of(response)
        if kind == "text/html":
            content = self._linked(content.decode(), path, query, file).encode()
        elif kind in ("application/xml", "application/atom+xml"):
            self._follow_absolute(content.decode(), path)
        self.folder.write(file, content)

    def _ask(self, path: str, query: str, linked_from: str) -> HttpResponseBase:
        """The answer of the site to a reader without an account. No middleware: it guards a server, and there is none."""
        inside = "/" + path.removeprefix(self._prefix)
        request = RequestFactory().get(
            inside,
            QUERY_STRING=query,
            secure=self._is_secure,
            SCRIPT_NAME=self._prefix.rstrip("/"),
        )
        # The files may stand where this server never does, so ALLOWED_HOSTS has no say.
        request.get_host = lambda: self._host  # type: ignore[method-assign]
        request.user = AnonymousUser()
        request.static_copy = self._copy  # type: ignore[attr-defined]
        where = f"{path}?{query}" if query else path
        try:
            match = resolve(inside)
            if match.namespace or match.url_name in ("healthz",) or inside.startswith("/api/"):
                raise Broken(f"{linked_from} に、サーバーがないと開けないページへのリンクがあります: {where}")
            request.resolver_match = match
            response = match.func(request, *match.args, **match.kwargs)
        except Http404:
            raise Broken(f"{linked_from} に、開けないページへのリンクがあります: {where}") from None
        if response.status_code != 200:
            raise Broken(f"{linked_from} に、開けないページへのリンクがあります（{response.status_code}）: {where}")
        return response

    def _linked(self, html: str, path: str, query: str, file: str) -> str:
        """The page with its links leading from file to file."""
        if "<form" in html:
            raise Broken(f"{path} に、サーバーがないと使えない入力欄があります。")
        here = f"{path}?{query}" if query else path

        def rewritten(found: re.Match[str]) -> str:
            name, target = found[1], unescape(found[2])
            if target.startswith("#") or _SCHEME.match(target):
                return found[0]
            parts = urlsplit(urljoin(here, target))
            slug = parts.path.removeprefix(self._prefix + "plans/").partition("/")[0]
            if parts.path.startswith(f"{self._prefix}plans/") and slug and slug not in self._copy.slugs:
                # A plan that was left out of this copy stands on the site itself.
                target = f"{settings.SITE_URL}/{parts.path.removeprefix(self._prefix)}"
            else:
                there = self._want(parts.path, parts.query, path)
                target = link(file, there) + (f"#{parts.fragment}" if parts.fragment else "")
            return f'{name}="{escape(target)}"'

        return _LINK.sub(rewritten, html)

    def _follow_absolute(self, xml: str, path: str) -> None:
        """Feeds and the sitemap name whole addresses; those must be among the files too."""
        for found in _ABSOLUTE.findall(xml):
            target = unescape("".join(found)).partition("#")[0]
            if not target.startswith(f"{self.base}/"):
                raise Broken(f"{path} に、このサイトの外を指すアドレスがあります: {target}")
            self._want(self._prefix + target.removeprefix(f"{self.base}/"), "", path)


def _look() -> str:
    """What links to stylesheets and scripts begin with; settings.STATIC_URL may have been read under another prefix."""
    return str(staticfiles_storage.base_url)  # type: ignore[attr-defined]


def _version() -> int:
    """The number of the published version at this moment; what this process knows may be half a second old."""
    version.forget()
    return version.current().number


def _content_of(response: HttpResponseBase) -> bytes:
    if not isinstance(response, StreamingHttpResponse):
        return bytes(response.content)  # type: ignore[attr-defined]
    content = b"".join(response.streaming_content)  # type: ignore[arg-type]
    if file := getattr(response, "file_to_stream", None):
        file.close()  # response.close() would end the request, and with it the connection to the database
    return content


def _asset(name: str, linked_from: str) -> bytes:
    """A file of the pages' look, from where the server takes it: collected, or out of the checkout."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            return bytes(file.read())
    found = finders.find(name)
    if not isinstance(found, str):
        raise Broken(f"{linked_from} に、ないファイルへのリンクがあります: {name}")
    return Path(found).read_bytes()
