"""What publishing a round writes: its frozen rows, the framework around them, and the figures that now hold.

Called by workflow.publish() inside its transaction, with the round and its reports locked. A fixed number of queries per
1,000 items.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from accounts.models import Department, User
from core.history import BATCH, create_with_history, update_with_history
from core.money import as_json
from core.text import plain_decimal
from policies.models import Axis, Grade, Policy
from programs.models import IndicatorActual, IndicatorTarget, Program, Responsibility
from reviews import report_fields
from reviews.judging import frozen_judgement
from reviews.models import (
    Contribution,
    Effect,
    EffectPlace,
    PublishedJudgement,
    PublishedReport,
    Report,
    ReportActual,
    ReportEffect,
    ReportJudgement,
    Round,
)
from reviews.report_fields import FieldKind
from reviews.settling import settled_keys

PROMOTION = "公表"
_Part = TypeVar("_Part", ReportActual, ReportEffect, Contribution, ReportJudgement)
_GRADE = ("code", "label", "definition", "order", "tone")
_AXIS = ("key", "name", "order", "judge", "definition")
_Figure = TypeVar("_Figure", IndicatorActual, Effect)


def framework_of(round_: Round) -> dict[str, object]:
    """The scale, the policies and the edition as they are now: what a page of the round shows and offers beside its rows.

    The words of an edition that is not settled yet are a draft: they are not published with the reports.
    """
    framework: dict[str, object] = {
        "grades": list(Grade.objects.main_of(round_.plan).values(*_GRADE)),
        "policies": [
            {"number": number, "name": name, "direction_number": direction, "direction_name": direction_name or ""}
            for number, name, direction, direction_name in Policy.objects.filter(plan=round_.plan)
            .order_by("number")
            .values_list("number", "name", "direction__number", "direction__name")
        ],
    }
    axes = list(round_.plan.axes.order_by("order").prefetch_related("grades"))
    if len(axes) > 1:
        framework["axes"] = [
            _said(axis, _AXIS) | {"grades": [_said(grade, _GRADE) for grade in axis.grades.all()]} for axis in axes
        ]
    if round_.edition.frozen_at:
        framework["edition"] = {
            "key": round_.edition.key,
            "name": round_.edition.name,
            "first_fiscal_year": round_.edition.first_fiscal_year,
            "departments": list(
                Department.objects.filter(
                    responsibilities__program_edition__edition=round_.edition,
                    responsibilities__program_edition__program__withdrawn="",
                )
                .values("code", "name")
                .distinct()
            ),
        }
    return framework


def _said(row: Axis | Grade, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


class _RoundParts:
    """Everything that the rows of a round are made of, read once."""

    def __init__(self, round_: Round) -> None:
        reports = Report.objects.to_publish().filter(round=round_)
        self.programs = (
            Program.objects.filter(pk__in=reports.order_by().values("program"))
            .select_related("policy__direction", "source")
            .in_bulk()
        )
        self.grades = Grade.objects.filter(plan=round_.plan).in_bulk()
        self.departments: dict[int, list[dict[str, str]]] = defaultdict(list)
        self.targets: dict[tuple[int, int], IndicatorTarget] = {}
        if round_.edition.frozen_at:
            for program, code, name in (
                Responsibility.objects.filter(program_edition__edition=round_.edition)
                .order_by("program_edition", "order")
                .values_list("program_edition__program", "department__code", "department__name")
            ):
                self.departments[program].append({"code": code, "name": name})
            self.targets = {
                (target.indicator_id, target.fiscal_year): target
                for target in IndicatorTarget.objects.filter(edition=round_.edition)
            }
        approved = {"report__in": reports.filter(state=Report.State.APPROVED).order_by().values("pk")}
        self.actuals = _by_report(
            ReportActual.objects.filter(**approved)
            .select_related("indicator")
            .order_by("indicator__number", "fiscal_year")
        )
        self.effects = _by_report(ReportEffect.objects.filter(**approved).order_by(*EffectPlace._fields))
        self.judgements = _by_report(
            ReportJudgement.objects.filter(**approved).select_related("axis", "grade").order_by("axis__order")
        )
        self.contributions = _by_report(
            Contribution.objects.filter(**approved).select_related("department").order_by("department")
        )

    def row(self, round_: Round, report: Report) -> PublishedReport:
        row = self.bare(round_, self.programs[report.program_id])
        if report.state == Report.State.APPROVED:
            self._fill(row, report)
        return row

    def bare(self, round_: Round, program: Program) -> PublishedReport:
        """An item with every name as of now, and nothing of what was said about it."""
        policy, direction = program.policy, program.policy.direction
        departments = self.departments[program.pk]
        return PublishedReport(
            round=round_,
            program=program,
            number=program.number,
            number_is_provisional=program.number_is_provisional,
            name=program.name,
            sort_key=program.sort_key,
            search_text=program.search_text,
            direction_number=direction.number if direction else None,
            direction_name=direction.name if direction else "",
            policy_number=policy.number,
            policy_name=policy.name,
            edition_key=round_.edition.key if round_.edition.frozen_at else "",
            departments=departments,
            department_codes=f";{';'.join(each['code'] for each in departments)};" if departments else "",
            source_key=program.source.key if program.source else "",
            note=program.note,
        )

    def _fill(self, row: PublishedReport, report: Report) -> None:
        grade = self.grades[report.grade_id]  # a report that was handed in has one
        row.grade_code, row.grade_label, row.grade_order, row.tone = grade.code, grade.label, grade.order, report.tone
        for field in report_fields.PLAIN:
            value = getattr(report, field.name)
            setattr(row, field.as_frozen, str(value or "") if field.kind is FieldKind.CHOICE else value)
        row.contributions = [
            {"department": contribution.department.name, "text": contribution.text}
            for contribution in self.contributions[report.pk]
        ]
        self.reached(row, self.actuals[report.pk], self.effects[report.pk])

    def reached(self, row: PublishedReport, actuals: Iterable[ReportActual], effects: Iterable[ReportEffect]) -> None:
        row.actuals = [self._actual(actual) for actual in actuals]
        row.effects = [_effect(effect) for effect in effects]

    def _actual(self, actual: ReportActual) -> dict[str, object]:
        indicator = actual.indicator
        target = self.targets.get((indicator.pk, actual.fiscal_year))
        return {
            "indicator": indicator.number,
            "name": indicator.name,
            "unit": indicator.unit,
            "fiscal_year": actual.fiscal_year,
            "target": plain_decimal(target.value) if target else None,
            "target_text": target.text if target else "",
            "value": plain_decimal(actual.value),
            "is_forecast": actual.is_forecast,
            "note": actual.note,
        }


def _effect(effect: ReportEffect) -> dict[str, object]:
    return {
        **{name: getattr(effect, name) for name in ("fiscal_year", "kind", "basis", "note")},
        "amount": as_json(effect.amount),
        **{name: value for name in ("account", "series") if (value := getattr(effect, name))},
    }


def _by_report(rows: Iterable[_Part]) -> dict[int, list[_Part]]:
    found: dict[int, list[_Part]] = defaultdict(list)
    for row in rows:
        found[row.report_id].append(row)
    return found


def bare_rows(
    round_: Round, reached: Mapping[int, tuple[Sequence[ReportActual], Sequence[ReportEffect]]]
) -> dict[int, PublishedReport]:
    """Rows for results that come without reports, by the key of the item, with what was `reached`; nothing is written."""
    parts = _RoundParts(round_)
    found = Program.objects.filter(pk__in=reached).select_related("policy__direction", "source").in_bulk()
    rows = {key: parts.bare(round_, found[key]) for key in reached}
    for key, row in rows.items():
        parts.reached(row, *reached[key])
    return rows


def freeze(round_: Round, reports: Sequence[Report], *, by: User) -> None:
    """Write a PublishedReport for each report of the round, and make the approved figures those that hold.

    `reports` are all reports of the round `to_publish()`, not yet marked as published.
    """
    parts = _RoundParts(round_)
    rows = [(parts.row(round_, report), report) for report in reports]
    PublishedReport.objects.bulk_create([row for row, _ in rows], batch_size=BATCH)
    PublishedJudgement.objects.bulk_create(
        [frozen_judgement(row, each.axis, each.grade) for row, report in rows for each in parts.judgements[report.pk]],
        batch_size=BATCH,
    )
    round_.framework = framework_of(round_)
    # A round that is published after a later one must not replace newer figures with older ones.
    only_new = Round.objects.filter(plan=round_.plan, state=Round.State.PUBLISHED, as_of__gt=round_.as_of).exists()
    programs = {report.pk: report.program_id for report in reports}
    effects = [(programs[pk], effect) for pk, effects in parts.effects.items() for effect in effects]
    actuals = [actual for actuals in parts.actuals.values() for actual in actuals]
    hold(round_, actuals, effects, by=by, only_new=only_new)


def hold(
    round_: Round,
    actuals: Iterable[ReportActual],
    effects: Iterable[tuple[int, ReportEffect]],
    *,
    by: User,
    only_new: bool,
) -> None:
    """Make what a round says of indicators, and of effects (with the key of the item), the figures that hold: all that nobody
    has settled, or of those only what is not stated yet."""
    effects, actuals = list(effects), list(actuals)
    settled = settled_keys({program for program, _effect in effects} | {one.indicator.program_id for one in actuals})
    _promote(
        IndicatorActual,
        ("indicator_id", "fiscal_year"),
        {
            key: {"value": actual.value, "is_forecast": actual.is_forecast, "note": actual.note}
            for actual in actuals
            if (key := (actual.indicator_id, actual.fiscal_year)) not in settled
        },
        IndicatorActual.objects.filter(indicator__program__plan=round_.plan),
        by=by,
        only_new=only_new,
    )
    _promote(
        Effect,
        ("program_id", *EffectPlace._fields),
        {
            (program, *effect.place): {
                "amount": effect.amount,
                "note": effect.note,
                "source_id": round_.source_id,
            }
            for program, effect in effects
            if (program, *effect.place) not in settled
        },
        Effect.objects.filter(program__plan=round_.plan),
        by=by,
        only_new=only_new,
    )


def _promote(
    model: type[_Figure],
    key: tuple[str, ...],
    wanted: Mapping[tuple[object, ...], Mapping[str, object]],
    existing: Iterable[_Figure],
    *,
    by: User,
    only_new: bool,
) -> None:
    """Upsert `wanted` by key with history. Rows that say the same already are left alone."""
    if not wanted:
        return
    found = {tuple(getattr(row, name) for name in key): row for row in existing}
    added: list[_Figure] = []
    changed: list[_Figure] = []
    for where, values in wanted.items():
        row = found.get(where)
        if row is None:
            added.append(model(**dict(zip(key, where, strict=True)), **values))
        elif not only_new and any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    create_with_history(model, added, by=by, reason=PROMOTION)
    update_with_history(model, changed, by=by, reason=PROMOTION)
