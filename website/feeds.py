"""Atom feeds of what was published: about one plan, and about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from core.fiscal import first_day
from core.text import FICTIONAL, MAKER, SITE_NAME, xml_text
from opendata.frame import shown_plans
from opendata.pages import public
from policies.models import Plan
from website.updates import FeedEntry, start_of, updates


@dataclass(frozen=True)
class _Subject:
    """What a feed is about: `plan`, or all the `plans`. `address` is the feed's own."""

    plans: Sequence[Plan]
    plan: Plan | None
    address: str


class _Atom(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """A feed without updates has to say a moment too; it is one that never moves."""
        return super().latest_post_date() if self.items else self.feed["since"]


class _Updates(Feed):
    feed_type = _Atom
    language = "ja"

    def get_object(self, request: HttpRequest, slug: str = "") -> _Subject:
        plan = get_object_or_404(shown_plans(request), slug=slug) if slug else None
        return _Subject([plan] if plan else list(shown_plans(request)), plan, request.build_absolute_uri(request.path))

    def title(self, about: _Subject) -> str:
        return xml_text(f"{about.plan.title if about.plan else SITE_NAME}の更新情報{_fictional(about.plan)}")

    def link(self, about: _Subject) -> str:
        return reverse("plan", args=[about.plan.slug]) if about.plan else reverse("plans")

    def feed_guid(self, about: _Subject) -> str:
        return about.address

    def author_name(self, about: _Subject) -> str:
        return xml_text(MAKER)

    def feed_extra_kwargs(self, about: _Subject) -> dict[str, Any]:
        year = min((plan.first_fiscal_year for plan in about.plans), default=1970)
        return {"since": start_of(first_day(year))}

    def items(self, about: _Subject) -> list[FeedEntry]:
        return updates(about.plans)

    def item_title(self, item: FeedEntry) -> str:
        return xml_text(f"{item.title}{_fictional(item.plan)}")

    def item_description(self, item: FeedEntry) -> str:
        return xml_text(item.text)

    def item_link(self, item: FeedEntry) -> str:
        return item.path

    def item_guid(self, item: FeedEntry) -> str:
        return item.identifier

    def item_updateddate(self, item: FeedEntry) -> datetime:
        return timezone.localtime(item.moment)


class _UpdatesOfAll(_Updates):
    def item_title(self, item: FeedEntry) -> str:
        return xml_text(f"{item.title}（{item.plan.name}）{_fictional(item.plan)}")


def _fictional(plan: Plan | None) -> str:
    return f"（{FICTIONAL}）" if plan and plan.is_fictional else ""


feed = public(_Updates())
feed_of_all = public(_UpdatesOfAll())
