"""The walk of one grade, from the cell of a sheet that a department sends to the cell of the public page: who carries it.

Traced while it happens. docs/decisions/0029-one-merge.md shows the same list.
"""

import dataclasses
import re
import sys
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from policies.models import Grade
from reviews import workflow
from reviews.models import Report
from tests.workbooks.survey.sheets import row_of
from workbooks.survey import layout

ROOT = Path(__file__).parents[3]
# Codes that stand for nothing else, not even by chance in a signature or a token (those are ASCII). A value that carries
# both is the scale, and not our grade.
OURS, OTHERS = "鶴", "亀"

# Each hands the grade on to the next, in another form or to another place.
WALK = [
    "core/spreadsheets/xlsx.py",
    "core/spreadsheets/opening.py",
    "core/spreadsheets/sheets.py",
    "workbooks/survey/reading.py",
    "core/grammar.py",
    "workbooks/survey/cells.py",
    "workbooks/survey/changes.py",
    "workbooks/survey/acts.py",
    "reviews/workflow.py",
    "reviews/freezing.py",
    "website/item_page.py",
    "opendata/templatetags/plan.py",
]
# These look at it on the way, and answer, print or note something.
BESIDE = {
    "core/text.py",  # invisible characters in it
    "core/differences.py",  # how the preview marks it
    "core/merge.py",  # whether somebody else has changed it
    "core/history.py",  # who wrote it
    "policies/models/framework.py",  # whether it is one of the plan's
    "policies/models/scales.py",  # how it is called
    "reviews/hints.py",  # what should be looked at again
    "reviews/judging.py",  # what is missing for handing in
    "figures/axes.py",  # judgements by further axes
    "core/templatetags/lines.py",  # blanks around it in the page
}


def carries(value, code=OURS, depth=4):
    if isinstance(value, str):
        return code in value
    if depth == 0:
        return False
    if isinstance(value, models.Model):
        values = [*value._state.fields_cache.values(), *value.__dict__.values()]
    elif isinstance(value, dict):
        values = value.values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        values = value
    elif dataclasses.is_dataclass(value):
        values = [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    else:
        return False
    return any(carries(each, code, depth - 1) for each in list(values)[:200])


class Trace:
    """Notes the modules of the product of which a function is given the grade, or gives it."""

    def __init__(self):
        self.modules = set()

    def __call__(self, frame, event, given):
        code = frame.f_code
        module = code.co_filename.removeprefix(f"{ROOT}/")
        if event not in ("call", "return") or re.match(r"/|\.venv/|tests/|<", module) or module in self.modules:
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        values = [given] if event == "return" else [frame.f_locals.get(name) for name in names if name != "self"]
        if any(carries(each) and not carries(each, OTHERS) for each in values):
            self.modules.add(module)

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *raised):
        sys.setprofile(None)


def test_a_grade_passes_fifteen_modules_at_most(desk, cast, opened, client):
    for code, other in (("S", OURS), ("A", OTHERS)):
        Grade.objects.filter(plan=opened.plan, code=code).update(code=other)
    book = desk.download()
    book.put(layout.REPORTS, row_of(book, 1), 評価=f"{OURS} 予定以上に進捗", 取組状況="済んだ")
    sheet = SimpleUploadedFile("調査票.xlsx", book.saved())
    client.force_login(cast.reporter)
    with Trace() as trace:
        preview = client.post(
            f"/admin/workbooks/surveyupload/sheets/{opened.pk}/{cast.zaisei.pk}/", {"file": sheet}, follow=True
        )
        [(where, _status)] = preview.redirect_chain
        fingerprint = re.search(r'name="fingerprint" value="(\w+)"', preview.text)[1]
        client.post(where, {"fingerprint": fingerprint, "_submit": "1"})
        workflow.approve(Report.objects.get(round=opened, state="submitted"), by=cast.office)
        workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
        page = client.get("/plans/kodaira-2/programs/1/")
    assert f"{OURS}" in page.text
    assert trace.modules == {*WALK, *BESIDE}
    assert len(WALK) <= 15
    decision = (ROOT / "docs/decisions/0029-one-merge.md").read_text()
    assert [module for module in (*WALK, *BESIDE) if f"`{module}`" not in decision] == []
