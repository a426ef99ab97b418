"""What the rounds say to the end and to the withdrawal of an item: no report loses its item."""

from __future__ import annotations

from datetime import date

from core.acts import WrongState
from core.fiscal import era_date
from programs.models import Program
from reviews.locking import lock_rounds
from reviews.models import PublishedReport, Report


def refuse_ending_with_report(sender: type[Program], program: Program, on: date, **_: object) -> None:
    """An item that is reported on as of a day was there on that day: it can end on that day at the earliest.

    The plan's rounds are locked first, so that no round opens meanwhile and makes a report of the item.
    """
    rounds = {one.pk: one for one in lock_rounds(plan=program.plan_id, as_of__gt=on)}
    report = Report.objects.filter(program=program, round__in=rounds).order_by("-round__as_of").first()
    if report is None:
        return
    round_ = rounds[report.round_id]
    raise WrongState(
        f"{round_}の調査（{round_.get_state_display()}）に、この項目の報告（{report.get_state_display()}）があります。"
        f"終了した日は、基準日の{era_date(round_.as_of)}以後の日にしてください。"
    )


def why_item_stays_public(sender: type[Program], record: Program, **_: object) -> str:
    """Citizens read of it in what was published."""
    return "公表した報告があります。" if PublishedReport.objects.filter(program=record).exists() else ""
