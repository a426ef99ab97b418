"""Everything of reviews in the admin, and the pages of an item's content, which know errata."""

from reviews.admin import (
    committee,
    contents,
    figures,
    notices,
    plans,
    published,
    reports,
    revisions,
    rounds,
    surveys,
)

__all__ = [
    "committee",
    "contents",
    "figures",
    "notices",
    "plans",
    "published",
    "reports",
    "revisions",
    "rounds",
    "surveys",
]
