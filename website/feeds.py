"""Atom feeds of what was published: about one plan, about an item, a policy or a department of it, and about all plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from core.fiscal import first_day
from core.text import FICTIONAL, MAKER, SITE_NAME, xml_text
from opendata.frame import shown_plans
from opendata.pages import public
from policies.models import Plan, Policy
from policies.words import word
from programs.models import Program, Responsibility
from website.updates import FeedEntry, start_of, updates, updates_of


@dataclass(frozen=True)
class _FeedSubject:
    """What a feed is about: `plan`, or all the `plans`. `address` is the feed's own."""

    plans: Sequence[Plan]
    plan: Plan | None
    address: str
    named: str = ""  # which items of the plan, and where they stand
    path: str = ""
    programs: QuerySet[Program] | None = None


class _Atom(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """A feed without updates has to say a moment too; it is one that never moves."""
        return super().latest_post_date() if self.items else self.feed["since"]


class _Updates(Feed):
    feed_type = _Atom
    language = "ja"

    def get_object(self, request: HttpRequest, slug: str = "") -> _FeedSubject:
        plan = get_object_or_404(shown_plans(request), slug=slug) if slug else None
        return _FeedSubject(
            [plan] if plan else list(shown_plans(request)), plan, request.build_absolute_uri(request.path)
        )

    def title(self, about: _FeedSubject) -> str:
        of = f"{about.plan.title if about.plan else SITE_NAME}{f' {about.named}' if about.named else ''}"
        return xml_text(f"{of}の更新情報{_fictional(about.plan)}")

    def link(self, about: _FeedSubject) -> str:
        return about.path or (reverse("plan", args=[about.plan.slug]) if about.plan else reverse("plans"))

    def feed_guid(self, about: _FeedSubject) -> str:
        return about.address

    def author_name(self, about: _FeedSubject) -> str:
        return xml_text(MAKER)

    def feed_extra_kwargs(self, about: _FeedSubject) -> dict[str, Any]:
        year = min((plan.first_fiscal_year for plan in about.plans), default=1970)
        return {"since": start_of(first_day(year))}

    def items(self, about: _FeedSubject) -> list[FeedEntry]:
        if about.plan and about.programs is not None:
            return updates_of(about.plan, about.programs)
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


def _subject(request: HttpRequest, plan: Plan, named: str, path: str, programs: QuerySet[Program]) -> _FeedSubject:
    return _FeedSubject([plan], plan, request.build_absolute_uri(request.path), named, path, programs)


class _OfItem(_Updates):
    def get_object(self, request: HttpRequest, slug: str = "", number: str = "") -> _FeedSubject:
        plan = get_object_or_404(shown_plans(request), slug=slug)
        item = get_object_or_404(Program.objects.shown().filter(plan=plan), number=number)
        path = reverse("program", args=[plan.slug, item.number])
        return _subject(request, plan, str(item), path, Program.objects.filter(pk=item.pk))


class _OfPolicy(_Updates):
    def get_object(self, request: HttpRequest, slug: str = "", number: int = 0) -> _FeedSubject:
        plan = get_object_or_404(shown_plans(request), slug=slug)
        policy = get_object_or_404(Policy.objects.filter(plan=plan), number=number)
        named = f"{word(plan, 'policy')}{policy.number} {policy.name}"
        path = reverse("policy", args=[plan.slug, policy.number])
        return _subject(request, plan, named, path, Program.objects.filter(policy=policy))


class _OfDepartment(_Updates):
    def get_object(self, request: HttpRequest, slug: str = "", code: str = "") -> _FeedSubject:
        plan = get_object_or_404(shown_plans(request), slug=slug)
        holders = Responsibility.objects.filter(
            program_edition__program__in=Program.objects.shown().filter(plan=plan),
            program_edition__edition__frozen_at__isnull=False,
            department__code=code,
        )
        holder = holders.select_related("department").first()
        if holder is None:
            raise Http404(code)
        path = reverse("programs", args=[plan.slug])
        programs = Program.objects.filter(pk__in=holders.values("program_edition__program"))
        return _subject(request, plan, holder.department.name, path, programs)


def _fictional(plan: Plan | None) -> str:
    return f"（{FICTIONAL}）" if plan and plan.is_fictional else ""


feed = public(_Updates())
feed_of_all = public(_UpdatesOfAll())
feed_of_item = public(_OfItem())
feed_of_policy = public(_OfPolicy())
feed_of_department = public(_OfDepartment())
