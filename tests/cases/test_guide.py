"""A table as an office has it, through the guide for tables: 14 items after a person has looked at what is doubtful."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Department
from policies.models import Plan
from tests.cases.files import path_of
from tests.soak import others_in_soak
from tests.staff.pages import CONFIRM_BOOK, lines, sent, table_page, token
from tests.workbooks.tables import human
from tests.workbooks.tables.reading import cells


@pytest.fixture
def empty_plan(db):
    """The period alone is known."""
    return Plan.objects.create(
        slug=human.PLAN, city="○○市", name="第２次行財政改革プラン", first_fiscal_year=2011, last_fiscal_year=2015
    )


@pytest.mark.parametrize("ending", others_in_soak(["xlsx", "xls", "ods"], ["xlsx"]))
def test_a_table_that_people_made(ending, client, cast, empty_plan):
    """The other two are what LibreOffice saved it as."""
    client.force_login(cast.office)
    file = SimpleUploadedFile(f"実施計画.{ending}", path_of("human-1").with_suffix(f".{ending}").read_bytes())
    page = client.post(table_page(empty_plan), {"file": file}, follow=True)
    for step in ("sheets/", "columns/"):
        page = client.post(table_page(empty_plan, step), sent(page), follow=True)
    assert {f"「実施計画.{ending}」から14項目を読みました。", "確かめるところが15件あります。"} <= set(lines(page))
    assert cells(client.get(table_page(empty_plan, "book/")).content) == human.by_hand()
    assert empty_plan.programs.count() == 0
    preview = client.post(table_page(empty_plan, "doubts/"), sent(page))
    client.post(CONFIRM_BOOK, {"file": token(preview)})
    assert list(empty_plan.programs.order_by("sort_key").values_list("number", "name", "policy__number")) == [
        (str(number), f"項目{number}", 1 + (number > 5) + (number > 10)) for number in range(1, 15)
    ]
    assert empty_plan.programs.get(number="7").note == "再掲：方針３"
    assert Department.objects.filter(city="○○市").count() == 6
