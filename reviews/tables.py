"""Results of several rounds in one table of an office: what the city published is registered, answers that came in fill drafts.

Results are lines as reviews/past.py reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core.acts import WrongState, require
from core.fiscal import era_date
from core.history import signed, update_with_history
from policies.locking import lock_plan
from policies.models import Edition, Plan, Source
from reviews import past
from reviews.locking import lock_round, lock_rounds
from reviews.models import Report, Round


def register_days(
    plan: Plan, texts: Mapping[date, str], *, source: Source, released: Mapping[date, date], by: User
) -> list[Round]:
    """Register what the city published as of several days, all or nothing. A round that nobody has planned is made, of the
    edition in force on its day. `texts` and `released` (when the city did) are by day.

    Raises ValidationError by day (ISO), NotAllowed.
    """
    require(by, past.PERMISSION, "過去の公表結果を登録する")
    with transaction.atomic():
        lock_plan(plan.pk)
        rounds = {round_.as_of: round_ for round_ in lock_rounds(plan=plan, as_of__in=[*texts])}
        errors: dict[str, list[str]] = {}
        for as_of in sorted(texts.keys() - rounds.keys()):
            edition = Edition.objects.in_force_on(plan, as_of)
            if edition is None:
                errors[as_of.isoformat()] = [f"{era_date(as_of)}に適用される版がありません。先に版を登録してください。"]
            else:
                rounds[as_of] = Round(plan=plan, as_of=as_of, edition=edition)
                signed(rounds[as_of], by, "過去の公表結果の登録").save()
        made = []
        for as_of, round_ in sorted(rounds.items()):
            try:
                results = past.read_results(round_, texts[as_of])
                made.append(past.register_past(round_, results, source=source, released_on=released[as_of], by=by))
            except WrongState as refused:
                errors[as_of.isoformat()] = [str(refused)]
            except ValidationError as refused:
                errors[as_of.isoformat()] = refused.messages
        if errors:
            raise ValidationError(errors)
        return made


def fill_drafts(round_: Round, text: str, *, by: User) -> tuple[list[Report], list[Report]]:
    """Write grades and 取組状況 of an open round into reports in which nothing is written yet: (filled, left as they are).

    A fixed number of queries. Raises ValidationError that names each line that cannot be read, WrongState, NotAllowed.
    """
    require(by, "reviews.approve_report", "報告に記入する")
    with transaction.atomic():
        current = lock_round(round_.pk)
        if current.state != Round.State.OPEN:
            raise WrongState(f"{current}の調査は{current.get_state_display()}のため、報告に記入できません。")
        results = {result.program.pk: result for result in past.read_results(current, text)}
        reports = Report.objects.select_for_update(of=("self",)).filter(round=current, program__in=results)
        filled, left, wrong = [], [], []
        for report in reports.select_related("program", "grade").order_by("program__sort_key"):
            result = results[report.program_id]
            if report.state not in Report.EDITABLE or report.grade_id or report.progress:
                left.append(report)
                continue
            report.round, report.grade, report.progress = current, result.grade, result.progress
            report.version += 1
            report.updated_by = by
            report.derive()
            try:
                report.clean_content()
            except ValidationError as refused:
                wrong += [f"「{report.program}」: {message}" for message in refused.messages]
            filled.append(report)
        if wrong:
            raise ValidationError({"results": wrong})
        update_with_history(Report, filled, by=by, reason="表からの記入")
        return filled, left
