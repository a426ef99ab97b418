"""Results of several rounds in one table of an office: what the city published is registered, answers that came in fill drafts.

Results are lines as reviews/past.py reads them, with the place in the office's table from which each line comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import grammar
from core.acts import WrongState, require
from core.fiscal import era_date
from core.history import create_with_history, signed, update_with_history
from policies.locking import lock_plan
from policies.models import Edition, Plan, Source
from programs.models import Indicator
from reviews import past
from reviews.locking import lock_round, lock_rounds
from reviews.models import Report, ReportActual, ReportEffect, Round
from reviews.report_figures import Actuals, Amount, actual_rows, effect_rows


class ResultLines(NamedTuple):
    """Results of a day, and of each line the place from which it comes; without places, a line is named by its number."""

    text: str
    places: Sequence[str] = ()


class FiguresOfItem(Protocol):
    """What a table says of an item beside its grade, as save_draft of reviews/workflow.py takes it."""

    @property
    def actuals(self) -> Actuals: ...
    @property
    def effects(self) -> Sequence[Amount]: ...


def register_days(
    plan: Plan,
    told: Mapping[date, ResultLines],
    figures: Mapping[date, Mapping[str, FiguresOfItem]] | None = None,
    *,
    source: Source,
    released: Mapping[date, date],
    by: User,
) -> list[Round]:
    """Register what the city published as of several days, all or nothing. A round that nobody has planned is made, of the
    edition in force on its day. `told`, `figures` (by number of the item, of those that have a grade) and `released` (when the
    city did) are by day.

    Raises ValidationError by day (ISO), NotAllowed.
    """
    require(by, past.PERMISSION, "過去の公表結果を登録する")
    with transaction.atomic():
        lock_plan(plan.pk)
        rounds = {round_.as_of: round_ for round_ in lock_rounds(plan=plan, as_of__in=[*told])}
        errors: dict[str, list[str]] = {}
        for as_of in sorted(told.keys() - rounds.keys()):
            edition = Edition.objects.in_force_on(plan, as_of)
            if edition is None:
                errors[as_of.isoformat()] = [f"{era_date(as_of)}に適用される版がありません。先に版を登録してください。"]
            else:
                rounds[as_of] = Round(plan=plan, as_of=as_of, edition=edition)
                signed(rounds[as_of], by, "過去の公表結果の登録").save()
        made = []
        for as_of, round_ in sorted(rounds.items()):
            round_.plan = plan
            try:
                results = _with(past.read_results(round_, *told[as_of]), (figures or {}).get(as_of, {}))
                made.append(past.register_past(round_, results, source=source, released_on=released[as_of], by=by))
            except WrongState as refused:
                errors[as_of.isoformat()] = [str(refused)]
            except ValidationError as refused:
                errors[as_of.isoformat()] = refused.messages
        if errors:
            raise ValidationError(errors)
        return made


def _with(results: Iterable[past.PastResult], figures: Mapping[str, FiguresOfItem]) -> list[past.PastResult]:
    by_number = _by_number(figures)
    found = []
    for result in results:
        stated = by_number.meant(grammar.code(result.program.number))
        found.append(replace(result, actuals=stated.actuals, effects=stated.effects) if stated else result)
    return found


def _by_number(figures: Mapping[str, FiguresOfItem]) -> grammar.Codes[str, FiguresOfItem]:
    return grammar.Codes((grammar.code(number), stated) for number, stated in figures.items())


def fill_drafts(
    round_: Round, told: ResultLines, figures: Mapping[str, FiguresOfItem] | None = None, *, by: User
) -> tuple[list[Report], list[Report]]:
    """Write what a table says into drafts of an open round: (filled, those in which something stays as it was written).

    Grade and 取組状況 go into a report that has neither; of `figures` (by number of the item), actuals and amounts each into
    one that has none of their kind. A fixed number of queries. Raises ValidationError that names each line and item that
    cannot be read, WrongState, NotAllowed.
    """
    reason = "表からの記入"
    require(by, "reviews.approve_report", "報告に記入する")
    with transaction.atomic():
        current = lock_round(round_.pk)
        if current.state != Round.State.OPEN:
            raise WrongState(f"{current}の調査は{current.get_state_display()}のため、報告に記入できません。")
        results = {result.program.pk: result for result in past.read_results(current, *told)}
        by_number = _by_number(figures or {})
        locked = Report.objects.select_for_update(of=("self",)).filter(round=current)
        reports = list(locked.select_related("program", "grade").order_by("program__sort_key"))
        indicators = Indicator.objects.filter(program__in=[report.program_id for report in reports]).in_bulk()
        has_actuals = {*ReportActual.objects.filter(report__round=current).values_list("report", flat=True)}
        has_effects = {*ReportEffect.objects.filter(report__round=current).values_list("report", flat=True)}
        actuals: list[ReportActual] = []
        effects: list[ReportEffect] = []
        filled, left, wrong = [], [], []
        for report in reports:
            result = results.get(report.program_id)
            stated = by_number.meant(grammar.code(report.program.number))
            is_open = report.state in Report.EDITABLE
            words = result if is_open and not (report.grade_id or report.progress) else None
            reached = stated.actuals if stated and is_open and report.pk not in has_actuals else {}
            amounts = stated.effects if stated and is_open and report.pk not in has_effects else ()
            of_table = (result, stated.actuals if stated else (), stated.effects if stated else ())
            if any(one and not taken for one, taken in zip(of_table, (words, reached, amounts), strict=True)):
                left.append(report)
            if not (words or reached or amounts):
                continue
            if words:
                report.grade, report.progress = words.grade, words.progress
            of_actuals, faults = actual_rows(report, indicators, reached)
            of_effects, more = effect_rows(report, amounts)
            actuals += of_actuals.values()
            effects += of_effects.values()
            report.round, report.updated_by = current, by
            report.version += 1
            report.derive()
            try:
                report.clean_content()
            except ValidationError as refused:
                faults += refused.messages
            wrong += [f"「{report.program}」: {message}" for message in (*faults, *more)]
            filled.append(report)
        if wrong:
            raise ValidationError({"results": wrong})
        create_with_history(ReportActual, actuals, by=by, reason=reason)
        create_with_history(ReportEffect, effects, by=by, reason=reason)
        update_with_history(Report, filled, by=by, reason=reason)
        return filled, left
