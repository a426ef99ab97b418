"""What was published and when: rounds, errata, revisions of the plan, opinions and answers. Feeds are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import NAMESPACE_URL, uuid5

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from committee.models import Opinion
from core.fiscal import date_label
from policies.models import Edition, ErratumFields, Plan
from policies.words import in_words_of, word
from programs.models import ContentErratum, Program
from programs.revisions import events
from reviews.models import PublishedReport, ReportErratum, Round

MOST = 50


@dataclass(frozen=True)
class FeedEntry:
    """One piece of updates of a plan. `key` tells it from all others of the plan, `path` is where it can be read."""

    plan: Plan
    key: str
    moment: datetime
    title: str
    text: str
    path: str

    @property
    def identifier(self) -> str:
        """The same wherever the feed is served from."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self.plan.slug}/{self.key}')}"


def updates(plans: Sequence[Plan]) -> list[FeedEntry]:
    """The latest pieces of updates of the given public plans, newest first. Four queries."""
    by_pk = {plan.pk: plan for plan in plans}
    found = [*_rounds(by_pk), *_errata(by_pk), *_editions(by_pk), *_opinions(by_pk)]
    return sorted(found, key=lambda entry: (entry.moment, entry.key), reverse=True)[:MOST]


def updates_of(plan: Plan, programs: QuerySet[Program]) -> list[FeedEntry]:
    """The latest pieces of updates about some items of a plan, newest first. Four queries."""
    by_pk = {plan.pk: plan}
    found = [*_reports(plan, programs), *_errata(by_pk, programs), *_opinions(by_pk, programs)]
    return sorted(found, key=lambda entry: (entry.moment, entry.key), reverse=True)[:MOST]


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _rounds(plans: dict[int, Plan]) -> Iterable[FeedEntry]:
    for round_ in Round.objects.published().filter(plan__in=plans).order_by("-published_at")[:MOST]:
        plan = plans[round_.plan_id]
        assert round_.published_at is not None  # noqa: S101 - the database holds it
        yield FeedEntry(
            plan,
            f"round/{round_.as_of}",
            round_.published_at,
            f"{date_label(round_.as_of)}現在の"
            + ("市の公表結果を登録しました" if round_.released_on else "進捗を公表しました"),
            f"{plan.name}の{word(plan, 'program')}の評価と取組状況です。",
            reverse("round", args=[plan.slug, round_.as_of]),
        )


def _reports(plan: Plan, programs: QuerySet[Program]) -> Iterable[FeedEntry]:
    """What each published round said of each of the items."""
    rows = PublishedReport.objects.public().filter(program__in=programs).select_related("round", "program")
    for report in rows.order_by("-round__published_at", "-pk")[:MOST]:
        assert report.round.published_at is not None  # noqa: S101 - the database holds it
        told = f"{report.grade_code} {report.grade_label}" if report.grade_code else report.round.ungraded_label
        yield FeedEntry(
            plan,
            f"report/{report.program.number}/{report.round.as_of}",
            report.round.published_at,
            f"{report.program}：{date_label(report.round.as_of)}現在は「{told}」",
            Truncator(report.progress).chars(200),
            f"{reverse('program', args=[plan.slug, report.program.number])}#r-{report.round.as_of}",
        )


def _errata(plans: dict[int, Plan], programs: QuerySet[Program] | None = None) -> Iterable[FeedEntry]:
    of_reports = ReportErratum.objects.filter(plan__in=plans).select_related("published_report__round")
    if programs is not None:
        of_reports = of_reports.filter(published_report__program__in=programs)
    for erratum in of_reports.order_by("-corrected_on", "-pk")[:MOST]:
        report = erratum.published_report
        of = f"{date_label(report.round.as_of)}現在の報告"
        yield _erratum(plans[erratum.plan_id], "erratum", erratum, report.number, of)
    of_contents = ContentErratum.objects.filter(
        plan__in=plans, program_edition__edition__frozen_at__isnull=False
    ).select_related("program_edition__program", "program_edition__edition")
    if programs is not None:
        of_contents = of_contents.filter(program_edition__program__in=programs)
    for correction in of_contents.order_by("-corrected_on", "-pk")[:MOST]:
        content = correction.program_edition
        of = f"「{content.edition.name}」の計画内容"
        yield _erratum(plans[correction.plan_id], "content-erratum", correction, content.program.number, of)


def _erratum(plan: Plan, name: str, erratum: ErratumFields, number: str, of: str) -> FeedEntry:
    return FeedEntry(
        plan,
        f"{name}/{erratum.pk}",
        start_of(erratum.corrected_on),
        f"{word(plan, 'program')}{number}の{of}を訂正しました（{in_words_of(plan, erratum.label)}）",
        erratum.reason,
        reverse("program", args=[plan.slug, number]),
    )


def _editions(plans: dict[int, Plan]) -> Iterable[FeedEntry]:
    editions = list(Edition.objects.filter(plan__in=plans).select_related("revision"))
    for pk, plan in plans.items():
        for event in events(edition for edition in editions if edition.plan_id == pk):
            edition = event.edition
            if edition.frozen_at is None:
                continue
            yield FeedEntry(
                plan,
                f"edition/{edition.key}",
                edition.frozen_at,
                f"計画の{'見直し' if event.before else '内容'}（{edition.name}）を載せました",
                f"{edition.period_label}の計画内容です。",
                reverse("revision", args=[plan.slug, edition.key]) if event.is_frozen else plan.get_absolute_url(),
            )


def _opinions(plans: dict[int, Plan], programs: QuerySet[Program] | None = None) -> Iterable[FeedEntry]:
    latest = Greatest("published_on", Coalesce("answered_on", F("published_on")))
    opinions = Opinion.objects.published().filter(plan__in=plans).order_by(latest.desc(), "-pk")
    if programs is not None:
        opinions = opinions.filter(program__in=programs)
    for opinion in opinions[:MOST]:
        plan = plans[opinion.plan_id]
        assert opinion.published_on is not None  # noqa: S101 - the filter
        path = reverse("committee", args=[plan.slug])
        yield FeedEntry(
            plan,
            f"opinion/{opinion.key}",
            start_of(opinion.published_on),
            f"委員会の意見（{opinion.key}）を公開しました",
            Truncator(opinion.text).chars(200),
            path,
        )
        if opinion.answered_on:
            yield FeedEntry(
                plan,
                f"answer/{opinion.key}",
                start_of(max(opinion.answered_on, opinion.published_on)),
                f"委員会の意見（{opinion.key}）に市が回答しました",
                Truncator(opinion.answer).chars(200),
                path,
            )
