"""A table of an office, in five layouts that cities publish, becomes the plan workbook that a person wrote by hand: what the plan
is exported as afterwards says the same in every cell of every sheet."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from policies.models import Plan
from tests import factories
from tests.staff.pages import CONFIRM_BOOK, client_of, sent, table_page, token
from tests.workbooks.plan.books import exported
from tests.workbooks.tables import hand
from tests.workbooks.tables.reading import cells

BOOK_IMPORT = "/admin/policies/plan/book/import/"
IN_MAKE_TEST = "two-rows-an-item"


@pytest.fixture
def plan(db):
    return Plan.objects.create(
        slug="human", city="○○市", name="行財政改革プラン", first_fiscal_year=2011, last_fiscal_year=2015
    )


def guided(client, plan, file, data):
    """Through the pages of the guide: what is proposed is taken, and of two answers without a proposal the first."""
    sheets = client.post(table_page(plan), {"file": SimpleUploadedFile(file, data)}, follow=True)
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(plan, "columns/"), sent(columns), follow=True)
    open_ = {f"answer-{one.id}": one.choices[0][0] for one in doubts.context_data["reading"].doubts if not one.chosen}
    preview = client.post(table_page(plan, "doubts/"), sent(doubts) | open_)
    if preview.context_data.get("question"):
        preview = client.post(BOOK_IMPORT, sent(preview) | {"triangle": "negative"})
    done = client.post(CONFIRM_BOOK, {"file": token(preview)}, follow=True)
    assert "取り込みました" in done.text


def said(book):
    """Sheet → rows, each without its blank cells; sheets without rows and the README left out."""
    rows = {
        sheet: [{column: value for column, value in row.items() if value is not None} for row in rows]
        for sheet, rows in cells(book).items()
        if sheet != "README"
    }
    return {sheet: found for sheet, found in rows.items() if found}


@pytest.mark.parametrize(
    "layout", [pytest.param(one, marks=[] if one == IN_MAKE_TEST else pytest.mark.soak) for one in hand.LAYOUTS]
)
def test_the_plan_says_what_a_person_wrote_by_hand_in_every_cell(layout, plan, cast):
    file, data, _by_hand = hand.LAYOUTS[layout]
    if layout == "half-years":  # a plan that has its scale, and the paper in which the results stand
        for place, (code, label, tone) in enumerate(factories.GRADES, 1):
            plan.grades.create(code=code, label=label, tone=tone, order=place)
        plan.sources.create(key="S1", title="進捗状況一覧", publisher="○○市")
    guided(client_of(cast.office), plan, file, data)
    assert said(exported(plan.slug)) == said(hand.written(layout))
