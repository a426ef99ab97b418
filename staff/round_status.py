"""進み具合の表: the office's list of who has handed in, as a workbook to print and to send round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from django.utils import timezone

from core.fiscal import date_label, era_date
from core.text import FICTIONAL, MAKER
from policies.words import word
from reviews.board import Board, BoardRow
from reviews.models import Report, Round
from workbooks.sheets_for_people import LATE, CellStyles, PrintedSheet
from workbooks.writer import WrittenBook

_SIZE = 10
_HEADER = 3  # row
_WIDE = (150, 190)  # pixels of a department, and of its people
_NUMBER, _DAY = 64, 120


def write_status(
    file: IO[bytes], round_: Round, board: Board, columns: Sequence[tuple[str, str]], *, now: datetime
) -> None:
    """`columns` are the states and what they are called; `now`, in local time, is the moment that the list tells."""
    plan = round_.plan
    heading = f"{f'【{FICTIONAL}】' if plan.is_fictional else ''}{plan.title}　{round_}の進み具合"
    with WrittenBook(file, heading, made_at=now) as book:
        look, sheet = CellStyles(book), PrintedSheet(book, "進み具合")
        sheet.widths([_WIDE[0], _WIDE[1], *[_NUMBER] * (len(columns) + 2), _DAY, _DAY])
        sheet.line(0, heading, 14, look(14, bold=True))
        due = f"提出期限: {era_date(round_.due_on)}。" if round_.due_on else ""
        said = f"{date_label(now.date())} {now:%H:%M} 現在。{due}件数は、その課が主担当の項目です。"
        sheet.line(1, said, 9, look(9))
        headers = [
            *(word(plan, "department"), "入力できる人", "項目数"),
            *(label for _, label in columns),
            *("期限を過ぎた", "最後の提出", "最後の更新"),
        ]
        sheet.height(_HEADER, [(text, at) for at, text in enumerate(headers)], _SIZE)
        for at, text in enumerate(headers):
            sheet.put(_HEADER, at, text, look.header(_SIZE))
        for number, row in enumerate([*board.rows, board.total], _HEADER + 1):
            _write_row(sheet, look, number, row, columns, is_total=row is board.total)
        last = _HEADER + len(board.rows) + 1
        sheet.made.autofilter(_HEADER, 0, last - 1, len(headers) - 1)
        sheet.made.freeze_panes(_HEADER + 1, 1)
        sheet.paper("A4", header=heading, footer=f"{MAKER}が作成", last_row=last, repeat=(_HEADER, _HEADER))


def _write_row(
    sheet: PrintedSheet,
    look: CellStyles,
    number: int,
    row: BoardRow,
    columns: Sequence[tuple[str, str]],
    *,
    is_total: bool,
) -> None:
    name = "合計" if is_total else str(row.department or "未登録")
    former = "".join(f"\n（旧 {each}）" for each in row.former)
    people = "" if is_total else "、".join(str(user) for user in row.people) or "いません"
    late = {"bg_color": LATE} if row.late and not is_total else {}
    sheet.height(number, [(name + former, 0), (people, 1)], _SIZE)
    for at, text in enumerate((name + former, people)):
        sheet.put(number, at, text, look.cell(_SIZE, bold=is_total, **late))
    counts = [row.total, *(row.states[state] for state, _ in columns), row.late]
    for at, count in enumerate(counts, 2):
        sheet.put(number, at, count, look.cell(_SIZE, bold=is_total, num_format="#,##0", **late))
    for at, moment in enumerate((row.submitted_at, row.last_activity), 2 + len(counts)):
        sheet.put(number, at, _moment(moment), look.cell(_SIZE, **late))


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "まだ"


def state_columns(round_: Round) -> list[tuple[Report.State, str]]:
    """The states that a board tells apart, and what they are called there."""
    state = Report.State
    last = (state.PUBLISHED, "公表済み") if round_.state == Round.State.PUBLISHED else (state.APPROVED, "承認済み")
    return [(state.DRAFT, "下書き"), (state.RETURNED, "差し戻し"), (state.SUBMITTED, "承認待ち"), last]
