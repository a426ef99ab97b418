"""Results that the city published before this system was used: registered as frozen rows of their own kind, without a report.

Nothing has to be invented: an item of which nothing is known gets no row, and a grade that means a delay needs no reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import grammar
from core.acts import WrongState, require
from core.history import BATCH, signed
from policies.models import MAIN_AXIS, Axis, Grade, Source
from policies.publicity import show_with
from programs.models import Indicator, Program
from reviews.freezing import bare_rows, framework_of, hold
from reviews.judging import frozen_judgement
from reviews.locking import lock_round
from reviews.models import Origin, PublishedJudgement, PublishedReport, Report, ReportActual, ReportEffect, Round
from reviews.report_figures import Actuals, Amount, actual_rows, effect_rows

PERMISSION = "reviews.publish_round"


@dataclass(frozen=True)
class PastResult:
    """What the city published about one item; `judgements` by key of the axes beside the first, `actuals` and `effects` as a
    report states them."""

    program: Program
    grade: Grade
    progress: str = ""
    judgements: Mapping[str, Grade] = field(default_factory=dict)
    actuals: Actuals = field(default_factory=dict)
    effects: Sequence[Amount] = ()


def register_past(
    round_: Round, results: Sequence[PastResult], *, source: Source, released_on: date, by: User
) -> Round:
    """Register what the city published about a past round, and on which day it did. What it says of indicators and amounts
    holds where nothing is registered yet; a figure that is there stays.

    Raises WrongState for a round that was opened or published here, ValidationError for what cannot be.
    """
    require(by, PERMISSION, "過去の公表結果を登録する")
    with transaction.atomic():
        current = lock_round(round_.pk)
        if current.state != Round.State.PLANNED or Report.objects.filter(round=current).exists():
            raise WrongState(
                f"{current}の調査は{current.get_state_display()}です。"
                "過去の公表結果を登録できるのは、受付を始めていない「予定」の調査だけです。"
            )
        axes = {axis.key: axis for axis in current.plan.axes.all()}
        _check(current, results, axes, source, released_on)
        reached = _reached(current, results)
        rows = bare_rows(current, reached)
        for result in results:
            row = rows[result.program.pk]
            grade = result.grade
            row.grade_code, row.grade_label = grade.code, grade.label
            row.grade_order, row.tone = grade.order, grade.tone
            row.progress, row.origin, row.source_key = result.progress, Origin.CITY, source.key
        PublishedReport.objects.bulk_create(rows.values(), batch_size=BATCH)
        PublishedJudgement.objects.bulk_create(
            [
                frozen_judgement(rows[result.program.pk], axes[key], grade)
                for result in results
                for key, grade in result.judgements.items()
            ],
            batch_size=BATCH,
        )
        show_with(Program.objects.filter(pk__in=rows), by=by, reason="過去の公表結果の登録にともなう公開")
        current.framework = framework_of(current)
        current.state, current.source, current.released_on = Round.State.PUBLISHED, source, released_on
        current.published_at, current.published_by = timezone.now(), by
        signed(current, by, "過去の公表結果の登録").save()
        actuals = [actual for actuals, _effects in reached.values() for actual in actuals]
        effects = [(key, effect) for key, (_actuals, effects) in reached.items() for effect in effects]
        hold(current, actuals, effects, by=by, only_new=True)
        return current


def _reached(round_: Round, results: Sequence[PastResult]) -> dict[int, tuple[list[ReportActual], list[ReportEffect]]]:
    """What each item reached, as rows of reports that nobody stores. Raises ValidationError for `results`."""
    named = {indicator for result in results for indicator, _year in result.actuals}
    indicators = Indicator.objects.in_bulk(named) if named else {}
    found: dict[int, tuple[list[ReportActual], list[ReportEffect]]] = {}
    wrong = []
    for result in results:
        report = Report(round=round_, program=result.program)
        actuals, faults = actual_rows(report, indicators, result.actuals)
        effects, more = effect_rows(report, result.effects)
        wrong += [f"「{result.program}」: {message}" for message in (*faults, *more)]
        found[result.program.pk] = ([*actuals.values()], [*effects.values()])
    if wrong:
        raise ValidationError({"results": wrong})
    return found


def _check(
    round_: Round, results: Sequence[PastResult], axes: Mapping[str, Axis], source: Source, released_on: date
) -> None:
    errors: dict[str, list[str]] = {}
    if source.plan_id != round_.plan_id:
        errors["source"] = ["同じ計画の出典を選んでください。"]
    if not round_.as_of <= released_on <= timezone.localdate():
        errors["released_on"] = ["市が公表した日は、基準日から今日までの日にしてください。"]
    wrong = []
    if not results:
        wrong.append("結果を一つ以上入力してください。")
    twice = Counter(result.program.pk for result in results)
    for result in results:
        program = result.program
        given = {**result.judgements, MAIN_AXIS: result.grade}
        foreign = any(key not in axes or grade.axis_id != axes[key].pk for key, grade in given.items())
        if program.plan_id != round_.plan_id or foreign:
            wrong.append(f"「{program}」の項目か評価が、この計画のものではありません。")
        elif twice[program.pk] > 1:
            wrong.append(f"「{program}」が2回あります。1回だけにしてください。")
        elif program.withdrawn:
            wrong.append(
                f"「{program}」は取り下げています。載せるときは、先に項目の画面で「公開する」を押してください。"
            )
        elif not program.is_active_on(round_.as_of):
            wrong.append(f"「{program}」は、{round_}にはない項目です。")
    if wrong:
        errors["results"] = list(dict.fromkeys(wrong))
    if errors:
        raise ValidationError(errors)


def read_results(round_: Round, text: str, places: Sequence[str] = ()) -> list[PastResult]:
    """Read lines of 番号, 評価 (of each axis) and 取組状況 (as they are copied out of a sheet: by tabs). A line without a
    grade says nothing. Raises ValidationError that names each line that cannot be read: by its place, if `places` says for
    each line where it comes from."""
    programs = grammar.Codes((program.number, program) for program in Program.objects.filter(plan=round_.plan_id))
    further = round_.plan.further_axes
    scales = [Grade.objects.main_of(round_.plan_id), *(axis.grades.all() for axis in further)]
    named = [by_name(scale) for scale in scales]
    results, wrong = [], []
    for line, (number, codes, progress) in _lines(text, len(named)):
        at = places[line - 1] if places else f"{line}行目"
        if not any(codes):
            continue
        program = programs.meant(grammar.code(number))
        if program is None:
            wrong.append(f"{at}: 番号「{number}」の実施項目はありません。")
            continue
        judged = [grades.meant(grammar.code(code)) for grades, code in zip(named, codes, strict=True)]
        for axis, grades, code, grade in zip([None, *further], named, codes, judged, strict=True):
            if grade is None and (code or axis is None):
                of = f"{axis}の" if axis else ""
                known = "、".join(dict.fromkeys(each.code for each in grades.values()))
                said = f"使えるのは {known} です。" if known else "先に評価を登録してください。"
                wrong.append(f"{at}: {of}評価「{code}」はありません。{said}")
        if judged[0] is not None:
            judgements = {axis.key: grade for axis, grade in zip(further, judged[1:], strict=True) if grade}
            results.append(PastResult(program, judged[0], progress, judgements))
    if wrong:
        raise ValidationError({"results": wrong})
    return results


def by_name(grades: Iterable[Grade]) -> grammar.Codes[str, Grade]:
    """By code and label; where they are the same word, the first of the scale is meant."""
    found = grammar.Codes[str, Grade]()
    for grade in grades:
        for name in filter(None, map(grammar.code, (grade.code, grade.label))):
            found.setdefault(name, grade)
    return found


def _lines(text: str, axes: int) -> Iterable[tuple[int, tuple[str, list[str], str]]]:
    """Of each line that is not blank: which one it is, counted from 1; its number, one grade an axis, and text."""
    for place, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.split("\t")] if "\t" in line else line.split(maxsplit=axes + 1)
        if any(parts):
            number, *codes, progress = (*parts, *[""] * (axes + 2))[: axes + 2]
            yield place, (number, codes, progress)
