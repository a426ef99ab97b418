"""All pages of the admin: one module a noun, each of which registers its models."""

from staff import (
    committee,
    contents,
    editions,
    errata,
    figures,
    framework,
    items,
    notices,
    people,
    plans,
    promise_lists,
    published,
    reports,
    revisions,
    rounds,
    surveys,
)

__all__ = [
    "committee",
    "contents",
    "editions",
    "errata",
    "figures",
    "framework",
    "items",
    "notices",
    "people",
    "plans",
    "promise_lists",
    "published",
    "reports",
    "revisions",
    "rounds",
    "surveys",
]
