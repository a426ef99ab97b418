"""Bring a sample plan in: everything through the plan workbook, its rounds open and reported, then published one by one.

Everything is written in one transaction, with history, and by the functions that staff use, so a sample cannot hold what
they could not have made. Only the moments differ: the acts know nothing but now, so the days on which the fictional city
published are set afterwards. The history rows keep the true time of loading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
from core.history import update_with_history
from demo import promise, reports
from demo.promise import read, read_file
from policies.models import Plan, Source
from programs.models import Program
from reviews import workflow
from reviews.corrections import correctables
from reviews.models import Basis, EffectPlace, PublishedReport, Report, Round
from reviews.settling import settle
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import import_tables
from workbooks.plan.yaml_tables import read_yaml

FIXTURES = settings.BASE_DIR / "fixtures"
ERRATA, SETTLEMENTS = "errata.yaml", "settlements.yaml"
# Stands for all staff of the fictional cities. Nobody can sign in as it: no password, not active once a plan is there.
ACTOR = {"username": "sample", "name": "架空の市の職員"}
REASON = "見本の計画の読み込み"
_MORNING = time(10)


def _unfolded(folder: Path) -> Iterator[RawTable]:
    """A plan whose items are blocks (demo/promise.py, demo/reports.py)."""
    yield from read_yaml(folder / "plan.yaml")
    yield from read_yaml(folder / "figures.yaml")
    items = read(folder)
    yield from promise.tables(items, read_file(folder / "revision-marks.yaml"))
    yield from reports.tables(items)


def _as_tables(folder: Path) -> Iterator[RawTable]:
    """A plan whose files are tables of the plan workbook and nothing else; two of them hold acts."""
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in (ERRATA, SETTLEMENTS):
            yield from read_yaml(path)


@dataclass(frozen=True)
class Sample:
    slug: str
    city: str
    read: Callable[[Path], Iterable[RawTable]]

    @property
    def folder(self) -> Path:
        return FIXTURES / self.slug


FIRST = Sample("sample", "見本市", _unfolded)
SAMPLES = (FIRST, Sample("sample-2", "架空市", _as_tables))


class Occupied(Exception):
    """Something that is not the sample stands where it would be written."""


def is_loaded(sample: Sample) -> bool:
    """True when the plan is there. Occupied when another plan has its name. One query."""
    plan = Plan.objects.filter(slug=sample.slug).first()
    if plan is not None and not plan.is_fictional:
        raise Occupied(f"識別名「{sample.slug}」は、架空でない計画「{plan}」が使っています。何も読み込んでいません。")
    return plan is not None


def load(sample: Sample) -> Plan:
    """Make the whole plan. Ask `is_loaded` first: what is there already is never touched."""
    tables = list(_with_moments(list(sample.read(sample.folder))))
    with transaction.atomic():
        if Department.objects.filter(city=sample.city).exists():
            raise Occupied(
                f"「{sample.city}」の部署がすでに登録されています。計画と部署をまとめて作るため、何も読み込んでいません。"
                "その部署を使っていなければ、管理画面で削除してからやり直してください。"
            )
        actor = _actor()
        import_tables(tables, by=actor, reason=REASON)
        plan = Plan.objects.get(slug=sample.slug)
        _publish(plan, actor)
        _correct(plan, read_file(sample.folder / ERRATA), actor)
        if (settled := sample.folder / SETTLEMENTS).exists():
            _settle(plan, read_file(settled), actor)
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


def _with_moments(tables: list[RawTable]) -> Iterator[RawTable]:
    """Rounds that take reports, and reports handed in and approved: over the three weeks before the due day, the office's
    approval some days later. A row that says its state stays as it is."""
    due = {cells["as_of"]: cells["due_on"] for table in tables if table.sheet == "rounds" for _, cells in table.rows}
    place = 0
    for table in tables:
        added: dict[int, dict[str, object]] = {}
        for number, cells in table.rows:
            if table.sheet == "rounds":
                added[number] = {"state": Round.State.OPEN}
            elif table.sheet == "reports":
                day = cast(date, due[cells["as_of"]])
                added[number] = {
                    "state": Report.State.APPROVED,
                    "submitted_at": _moment(day - timedelta(days=(place * 5) % 21), minutes=(place * 37) % 400),
                    "approved_at": _moment(day + timedelta(days=3 + place % 9)),
                }
                place += 1
        columns = dict.fromkeys([*table.columns, *(name for more in added.values() for name in more)])
        rows = tuple(
            (number, cells if "state" in cells else cells | added.get(number, {})) for number, cells in table.rows
        )
        yield RawTable(table.sheet, tuple(columns), rows)


def _publish(plan: Plan, actor: User) -> None:
    """All is public from the first day of the plan; one round after the other is published, each on the day of the
    document that it cites."""
    begun = _moment(first_day(plan.first_fiscal_year))
    for model in (Source, Program, Meeting, Round):
        model._default_manager.filter(plan=plan).update(public_at=begun)
    rounds = list(Round.objects.filter(plan=plan, state=Round.State.OPEN).select_related("source").order_by("as_of"))
    moments = {one.pk: _moment(one.source.date if one.source else None) for one in rounds}
    published = [workflow.publish(one, by=actor, accept_unreported=True) for one in rounds]
    for one in published:
        one.published_at = moments[one.pk]
    update_with_history(Round, published, by=actor, reason=REASON)
    frozen = list(Report.objects.filter(round__plan=plan, state=Report.State.PUBLISHED).select_related("grade"))
    for report in frozen:
        report.published_at = moments[report.round_id]
    update_with_history(Report, frozen, by=actor, reason=REASON)


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


def _settle(plan: Plan, settled: list[dict[str, Any]], actor: User) -> None:
    for one in settled:
        settle(
            Program.objects.get(plan=plan, number=one["program"]),
            EffectPlace(one["fiscal_year"], one["kind"], Basis.ACTUAL, one["account"]),
            one["value"],
            source=Source.objects.get(plan=plan, key=one["source"]),
            settled_on=one["settled_on"],
            note=one["note"],
            by=actor,
        )


def _moment(day: date | None, *, minutes: int = 0) -> datetime:
    if day is None:
        raise ValueError("plan.yaml: a source of a round has no date")
    return timezone.make_aware(datetime.combine(day, _MORNING) + timedelta(minutes=minutes))
