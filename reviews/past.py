"""Results that the city published before this system was used: registered as frozen rows of their own kind, without a report.

Nothing has to be invented: an item of which nothing is known gets no row, and a grade that means a delay needs no reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.acts import WrongState, require
from core.history import BATCH, signed
from core.text import clean_code
from policies.models import Grade, Source
from programs.models import Program
from reviews.freezing import bare_rows, framework_of
from reviews.models import Origin, PublishedReport, Report, Round

PERMISSION = "reviews.publish_round"


@dataclass(frozen=True)
class PastResult:
    """What the city published about one item."""

    program: Program
    grade: Grade
    progress: str = ""


def register_past(
    round_: Round, results: Sequence[PastResult], *, source: Source, released_on: date, by: User
) -> Round:
    """Register what the city published about a past round, and on which day it did.

    Raises WrongState for a round that was opened or published here, ValidationError for what cannot be.
    """
    require(by, PERMISSION, "過去の公表結果を登録する")
    with transaction.atomic():
        current = Round.objects.select_for_update(of=("self",)).select_related("plan", "edition").get(pk=round_.pk)
        if current.state != Round.State.PLANNED or Report.objects.filter(round=current).exists():
            raise WrongState(
                f"{current}の調査は{current.get_state_display()}です。"
                "過去の公表結果を登録できるのは、受付を始めていない「予定」の調査だけです。"
            )
        _check(current, results, source, released_on)
        rows = bare_rows(current, [result.program for result in results])
        for result in results:
            row = rows[result.program.pk]
            grade = result.grade
            row.grade_code, row.grade_label = grade.code, grade.label
            row.grade_order, row.tone = grade.order, grade.tone
            row.progress, row.origin, row.source_key = result.progress, Origin.CITY, source.key
        PublishedReport.objects.bulk_create(rows.values(), batch_size=BATCH)
        current.framework = framework_of(current)
        current.state, current.source, current.released_on = Round.State.PUBLISHED, source, released_on
        current.published_at, current.published_by = timezone.now(), by
        signed(current, by, "過去の公表結果の登録").save()
        return current


def _check(round_: Round, results: Sequence[PastResult], source: Source, released_on: date) -> None:
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
        if program.plan_id != round_.plan_id or result.grade.plan_id != round_.plan_id:
            wrong.append(f"「{program}」の項目か評価が、この計画のものではありません。")
        elif twice[program.pk] > 1:
            wrong.append(f"「{program}」が2回あります。1回だけにしてください。")
        elif not program.is_active_on(round_.as_of):
            wrong.append(f"「{program}」は、{round_}にはない項目です。")
    if wrong:
        errors["results"] = list(dict.fromkeys(wrong))
    if errors:
        raise ValidationError(errors)


def read_results(round_: Round, text: str) -> list[PastResult]:
    """Read lines of 番号, 評価 and 取組状況 (as they are copied out of a sheet: by tabs). A line without a grade says
    nothing. Raises ValidationError that names each line that cannot be read."""
    programs = {program.number: program for program in Program.objects.filter(plan=round_.plan_id)}
    grades: dict[str, Grade] = {}
    for grade in Grade.objects.main_of(round_.plan_id):
        grades |= {clean_code(grade.code): grade, clean_code(grade.label): grade}
    results, wrong = [], []
    for place, line in enumerate(_lines(text), 1):
        number, code, progress = line
        if not code:
            continue
        program, judged = programs.get(clean_code(number)), grades.get(clean_code(code))
        if program is None:
            wrong.append(f"{place}行目: 番号「{number}」の実施項目はありません。")
        elif judged is None:
            known = "、".join(dict.fromkeys(each.code for each in grades.values()))
            wrong.append(f"{place}行目: 評価「{code}」はありません。使えるのは {known} です。")
        else:
            results.append(PastResult(program, judged, progress))
    if wrong:
        raise ValidationError({"results": wrong})
    return results


def _lines(text: str) -> Iterable[tuple[str, str, str]]:
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("\t")] if "\t" in line else line.split(maxsplit=2)
        if any(parts):
            number, code, progress = (*parts, "", "", "")[:3]
            yield number, code, progress
