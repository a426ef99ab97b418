"""Bring the sample plan in: the promise through the plan workbook, then ten rounds opened, reported and published.

Everything is written in one transaction, with history, and by the functions that staff use, so the sample cannot hold what
they could not have made. Only the moments differ: the acts know nothing but now, so the days on which the fictional city
handed in, approved and published are set afterwards. The history rows keep the true time of loading.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts import roles
from accounts.models import Department, User
from committee.models import Meeting
from core.fiscal import first_day
from core.history import create_with_history, update_with_history
from demo.promise import Item, read, read_file, tables
from demo.reports import ROUNDS, Reported, reports_of
from policies.models import Plan, Source
from programs.models import Indicator, Program
from reviews import workflow
from reviews.corrections import correctables
from reviews.models import Contribution, PublishedReport, Report, ReportActual, ReportEffect, Round
from workbooks.plan.importing import import_tables
from workbooks.plan.yaml_tables import read_yaml
from workbooks.survey.cells import choices_of

FOLDER = settings.BASE_DIR / "fixtures" / "sample"
SLUG = "sample"
CITY = "見本市"
# Stands for all staff of the fictional city. Nobody can sign in as it: no password, not active once the plan is there.
ACTOR = {"username": "sample", "name": "見本市 行政管理課（架空）"}
REASON = "見本の計画の読み込み"
_MORNING = time(10)


class Occupied(Exception):
    """Something that is not the sample stands where it would be written."""


def is_loaded() -> bool:
    """True when the plan is there. Occupied when another plan has its name. One query."""
    plan = Plan.objects.filter(slug=SLUG).first()
    if plan is not None and not plan.is_fictional:
        raise Occupied(f"識別名「{SLUG}」は、架空でない計画「{plan}」が使っています。何も読み込んでいません。")
    return plan is not None


def load(folder: Path = FOLDER) -> Plan:
    """Make the whole plan. Ask `is_loaded` first: what is there already is never touched."""
    items = read(folder)
    with transaction.atomic():
        if Department.objects.filter(city=CITY).exists():
            raise Occupied(
                f"「{CITY}」の部署がすでに登録されています。計画と部署をまとめて作るため、何も読み込んでいません。"
                "その部署を使っていなければ、管理画面で削除してからやり直してください。"
            )
        actor = _actor()
        promise = [
            *read_yaml(folder / "plan.yaml"),
            *read_yaml(folder / "figures.yaml"),
            *tables(items, read_file(folder / "revision-marks.yaml")),
        ]
        import_tables(promise, by=actor, reason=REASON)
        plan = Plan.objects.get(slug=SLUG)
        _Rounds(plan, items, actor).run()
        _correct(plan, read_file(folder / "errata.yaml"), actor)
        actor.is_active = False
        actor.save()
    return plan


def _actor() -> User:
    actor, _created = User.objects.get_or_create(username=ACTOR["username"], defaults={"name": ACTOR["name"]})
    actor.is_active = True
    actor.set_unusable_password()
    actor.save()
    actor.groups.add(Group.objects.get(name=roles.OFFICE))
    return actor


class _Rounds:
    """Plays the rounds one after the other."""

    def __init__(self, plan: Plan, items: list[Item], actor: User) -> None:
        self.plan, self.actor = plan, actor
        self.reported = {item.number: reports_of(item) for item in items}
        self.choices = choices_of(plan.pk)
        self.departments = {one.code: one for one in Department.objects.filter(city=plan.city)}
        self.indicators = {
            (one.program.number, one.number): one
            for one in Indicator.objects.filter(program__plan=plan).select_related("program")
        }

    def run(self) -> None:
        for place, as_of in enumerate(ROUNDS):
            round_ = workflow.open_round(Round.objects.get(plan=self.plan, as_of=as_of), by=self.actor)
            self._report(round_, {number: reports[place] for number, reports in self.reported.items()})
            workflow.publish(round_, by=self.actor, accept_unreported=True)
        self._date()

    def _report(self, round_: Round, reported: dict[str, Reported | None]) -> None:
        """Fill in, hand in and approve all reports of a round at once; the acts would take them one by one."""
        drafts = [
            (report, said)
            for report in Report.objects.filter(round=round_).select_related("program")
            if (said := reported[report.program.number])
        ]
        for report, said in drafts:
            self._fill(report, said)
            report.round = round_
            report.check_complete()
        reports = [report for report, _said in drafts]
        update_with_history(Report, reports, by=self.actor, reason=REASON)
        self._create(ReportActual, (row for pair in drafts for row in self._actuals(*pair)))
        self._create(ReportEffect, (row for pair in drafts for row in self._effects(*pair)))
        self._create(Contribution, (row for pair in drafts for row in self._contributions(*pair)))

    def _fill(self, report: Report, said: Reported) -> None:
        for name in Report.CONTENT:
            value = getattr(said, name)
            setattr(report, name, self.choices[name].get(value) if name in self.choices else value)
        report.derive()
        report.state = Report.State.APPROVED
        report.submitted_at = report.approved_at = timezone.now()
        report.submitted_by = report.approved_by = report.updated_by = self.actor
        report.version += 1

    def _actuals(self, report: Report, said: Reported) -> Iterable[ReportActual]:
        for one in said.actuals:
            yield ReportActual(
                report=report,
                indicator=self.indicators[report.program.number, one.indicator],
                fiscal_year=one.fiscal_year,
                value=one.value,
                is_forecast=one.is_forecast,
                note=one.note,
            )

    def _effects(self, report: Report, said: Reported) -> Iterable[ReportEffect]:
        for one in said.effects:
            yield ReportEffect(
                report=report,
                fiscal_year=one.fiscal_year,
                kind=one.kind,
                basis=one.basis,
                amount=one.amount,
                note=one.note,
            )

    def _contributions(self, report: Report, said: Reported) -> Iterable[Contribution]:
        for code, text in said.contributions.items():
            yield Contribution(report=report, department=self.departments[code], text=text, updated_by=self.actor)

    def _create(self, model: Any, rows: Iterable[Any]) -> None:
        create_with_history(model, list(rows), by=self.actor, reason=REASON)

    def _date(self) -> None:
        """The days of the fictional city: all is public from the first day of its plan, a round is published when the
        document that it cites came out."""
        begun = _moment(first_day(self.plan.first_fiscal_year))
        for model in (Source, Program, Meeting, Round):
            model._default_manager.filter(plan=self.plan).update(public_at=begun)
        rounds = list(Round.objects.filter(plan=self.plan).select_related("source"))
        due = {one.pk: cast(date, one.due_on) for one in rounds}
        published = {one.pk: _moment(cast(Source, one.source).date) for one in rounds}
        for one in rounds:
            one.published_at = published[one.pk]
        update_with_history(Round, rounds, by=self.actor, reason=REASON)
        reports = list(
            Report.objects.filter(round__plan=self.plan, state=Report.State.PUBLISHED)
            .select_related("grade")
            .order_by("round", "program__sort_key")
        )
        for place, report in enumerate(reports):
            # Spread over the three weeks before the due day, the office's approval some days later.
            day = due[report.round_id]
            report.submitted_at = _moment(day - timedelta(days=(place * 5) % 21), minutes=(place * 37) % 400)
            report.approved_at = _moment(day + timedelta(days=3 + place % 9))
            report.published_at = published[report.round_id]
        update_with_history(Report, reports, by=self.actor, reason=REASON)


def _correct(plan: Plan, errata: list[dict[str, Any]], actor: User) -> None:
    """Correct what the files name: `old` is a part of what was published, `new` takes its place."""
    for one in errata:
        row = PublishedReport.objects.get(round__plan=plan, round__as_of=one["as_of"], number=one["program"])
        published = {each.field: each.value for each in correctables(row)}[one["field"]]
        if one["old"] not in published:
            raise ValueError(f"errata.yaml: item {one['program']} of {one['as_of']} does not say {one['old']}")
        workflow.correct(
            row,
            one["field"],
            published.replace(one["old"], one["new"]),
            reason=one["reason"],
            by=actor,
            corrected_on=one["corrected_on"],
        )


def _moment(day: date | None, *, minutes: int = 0) -> datetime:
    if day is None:
        raise ValueError("plan.yaml: a source of a round has no date")
    return timezone.make_aware(datetime.combine(day, _MORNING) + timedelta(minutes=minutes))
