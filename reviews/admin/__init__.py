"""Rounds, reports, revisions, errata, survey sheets, published figures, notices and the committee in the admin."""

from reviews.admin import (
    committee,
    contents,
    figures,
    notices,
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
    "published",
    "reports",
    "revisions",
    "rounds",
    "surveys",
]
