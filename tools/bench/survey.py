"""The survey sheet of one department: downloaded, filled in, sent, looked at. Measured in processor time, which the other
work of a machine does not stretch."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from openpyxl import load_workbook

from accounts.models import Department, User
from policies.models import Plan
from reviews import workflow
from reviews.models import Round
from tools.bench.imports import rows_of, written
from tools.bench.verdict import BROKEN
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.survey import acts, layout
from workbooks.survey.changes import Preview, preview
from workbooks.survey.sheet import survey_sheet

DOWNLOAD, PREVIEW = 1.0, 2.0  # seconds that a department of 20 items waits at most
PROMISED_FOR = 20
LONG = "説明会を開き、参加した市民の意見を取りまとめた。" * 40  # about a thousand characters


def opened(items: int) -> tuple[Round, Department, User]:
    """A plan whose items all belong to one department, its second round open after one that was published."""
    rows = rows_of(items)
    rows["grades"] = [("code", "label", "order", "tone"), ("A", "順調", 1, "on_track"), ("B", "遅れ", 2, "behind")]
    rows["rounds"] = [("as_of", "edition"), (date(2014, 9, 30), "revised"), (date(2015, 3, 31), "revised")]
    import_tables(read_book(written(rows)).tables, by=None)
    by = User.objects.create_superuser("bench", password=None, name="計測")
    first, second = Plan.objects.get(slug="bench").rounds.order_by("as_of")
    first = workflow.open_round(first, by=by)
    grade = first.plan.grades.get(code="A")
    for report in first.reports.all():
        saved = workflow.save_draft(report, {"grade": grade, "progress": LONG}, by=by, version=report.version)
        workflow.approve(workflow.submit(saved, by=by), by=by)
    workflow.publish(first, by=by, freeze_edition=True)
    return workflow.open_round(second, by=by), Department.objects.get(code="a"), by


def filled(data: bytes) -> bytes:
    """Every report with a grade and a long text, every indicator with a value."""
    book = load_workbook(io.BytesIO(data))
    for name, typed in (
        (layout.REPORTS, {"評価": "A", "取組状況": f"{LONG}次も続ける。"}),
        (layout.ACTUALS, {"実績値": 130}),
    ):
        sheet: Any = book[name]
        columns = {cell.value: cell.column for cell in sheet[layout.HEADER_ROW]}
        for row in range(layout.HEADER_ROW + 1, sheet.max_row + 1):
            for title, value in typed.items():
                sheet.cell(row, columns[title]).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def measure(round_: Round, department: Department, by: User) -> tuple[float, float, Preview]:
    """Seconds of the processor to write the sheet, and to take it in as far as its preview with all that is marked."""
    start = time.process_time()
    data = survey_sheet(round_, department, by=by)
    download = time.process_time() - start
    data = filled(data)
    start = time.process_time()
    found = preview(acts.receive(data, "調査票.xlsx", round_, department, by=by))
    for change in found.changes:
        str(change.marked)
    return download, time.process_time() - start, found


def run(items: int) -> Iterator[str]:
    measure(*opened(items))  # the first time loads what stays loaded
    round_ = Round.objects.select_related("plan", "edition").get(state=Round.State.OPEN)
    download, looked, found = measure(round_, Department.objects.get(code="a"), User.objects.get(username="bench"))
    yield from report(items, download, looked, found)


def report(items: int, download: float, looked: float, found: Preview) -> Iterator[str]:
    yield f"{items:,}項目の調査票: ダウンロード {download:.2f}秒、取り込みの確認（{len(found.changes)}か所）{looked:.2f}秒"
    share = max(1.0, items / PROMISED_FOR)
    for what, seconds, limit in (("ダウンロード", download, DOWNLOAD), ("取り込みの確認", looked, PREVIEW)):
        if seconds > limit * share:
            yield f"{BROKEN}{what} {seconds:.2f}秒 > {limit * share:.0f}秒"
