"""Which file holds which page. Pure: paths and query strings in, names of files out."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import parse_qsl

INDEX = "index.html"
_PLAIN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?")


def file_of(path: str, query: str = "") -> str:
    """The file of an address, from the folder of the copy.

    "/plans/a/programs/" → "plans/a/programs/index.html"; with "policy=4" → "plans/a/programs/by/policy/4/index.html";
    "/plans/a/programs.csv" with "policy=4" → "plans/a/by/policy/4/programs.csv". Conditions are put in order; empty
    ones and the first page are left out. Raises ValueError for a path that would leave the folder.
    """
    folder, _, name = path.lstrip("/").rpartition("/")
    if any(part in ("", ".", "..") for part in folder.split("/") if folder) or name in (".", ".."):
        raise ValueError(path)
    asked = sorted((key, value) for key, value in parse_qsl(query) if value and (key, value) != ("page", "1"))
    by = ["by", *(_part(part) for pair in asked for part in pair)] if asked else []
    return "/".join([*([folder] if folder else []), *by, name or INDEX])


def _part(text: str) -> str:
    """A part of a query string as the name of a folder; what is no plain name is spelled out in its bytes."""
    return text if _PLAIN.fullmatch(text) else f"_{text.encode().hex()}"


def address_of(file: str) -> str:
    """A file as an address from the top of the copy: "plans/a/index.html" → "plans/a/"."""
    return file.removesuffix(INDEX) if posixpath.basename(file) == INDEX else file


def link(here: str, there: str) -> str:
    """A link from one file to another. It names index.html, so that it also works in a folder without any server."""
    return posixpath.relpath(there, posixpath.dirname(here) or ".")
