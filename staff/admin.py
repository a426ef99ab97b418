"""All pages of the admin: one module a noun, each of which registers its models."""

from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from staff import (
    axes,
    committee,
    contents,
    editions,
    errata,
    figures,
    framework,
    items,
    late,
    lineage,
    notices,
    people,
    plan_indicators,
    plans,
    promise_lists,
    published_reports,
    redactions,
    reports,
    revisions,
    rounds,
    settlements,
    surveys,
)

__all__ = [
    "axes",
    "committee",
    "contents",
    "editions",
    "errata",
    "figures",
    "framework",
    "items",
    "late",
    "lineage",
    "notices",
    "people",
    "plan_indicators",
    "plans",
    "promise_lists",
    "published_reports",
    "redactions",
    "reports",
    "revisions",
    "rounds",
    "settlements",
    "surveys",
]

# The queue's own list, in English and for nobody here; what the office has to know of it stands on the page of exports.
admin.site.unregister(DBTaskResult)
