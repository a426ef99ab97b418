"""What was read goes into the plan by way of the plan workbook, and reading the same table again changes nothing."""

from decimal import Decimal

import pytest

from policies.models import Plan
from programs.models import Indicator, Program
from tests.workbooks.tables import human
from tests.workbooks.tables.reading import read, workbook
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.tables import building
from workbooks.tables.known import known_of


def brought_in(plan):
    known = known_of(plan, plan.editions.first())
    book = read_book(building.write(building.tables_of(read(human.FILE, known), known), plan.name))
    return import_tables(book.tables, by=None, found=book.problems)


@pytest.mark.django_db
def test_fourteen_items_stand_in_the_plan_and_once_is_enough():
    plan = Plan.objects.create(
        slug="human", city="○○市", name="第２次行財政改革プラン", first_fiscal_year=2011, last_fiscal_year=2015
    )
    first = brought_in(plan)
    assert {name: len(one.created) for name, one in first.sheets.items() if one.created} == {
        "editions": 1,
        "policies": 3,
        "departments": 6,
        "programs": 14,
        "program_editions": 14,
        "year_plans": 70,
        "indicators": 16,
        "indicator_targets": 16,
    }
    item = Program.objects.get(plan=plan, number="7")
    content = item.editions.get()
    assert (item.name, item.note, item.policy.name) == ("項目7", "再掲：方針３", "情報の共有")
    assert [str(one.department) for one in content.responsibilities.order_by("order")] == ["市民協働課", "地域振興課"]
    indicator = item.indicators.get()
    assert (str(indicator), str(indicator.baseline), indicator.baseline_fiscal_year) == ("収納率（%）", "68.1000", 2011)
    again = brought_in(plan)
    assert again.is_empty
    assert again.problems == []


@pytest.mark.django_db
def test_what_a_table_does_not_say_of_a_registered_indicator_stays_and_is_not_asked(plan):
    program = plan.programs.get(number="1")
    facts = {"unit": "%", "better": "down", "baseline": Decimal("68.1"), "baseline_fiscal_year": 2010}
    indicator = Indicator.objects.create(program=program, number=3, name="収納率", baseline_note="決算", **facts)
    known = known_of(plan, plan.editions.first())
    table = workbook([["番号", "項目名", "指標名", "平成23年度実績"], ["1", program.name, "収納率", 71.5]])
    reading = read(table, known)
    assert [doubt.about for doubt in reading.doubts] == []
    result = import_tables(building.tables_of(reading, known), by=None)
    changes = result.sheets["indicators"]
    assert (result.problems, changes.changed, changes.created, changes.unchanged) == ([], [], {}, 1)
    assert [(row.fiscal_year, row.value) for row in indicator.actuals.all()] == [(2011, Decimal("71.5"))]
    indicator.refresh_from_db()
    assert {name: getattr(indicator, name) for name in facts} == facts
