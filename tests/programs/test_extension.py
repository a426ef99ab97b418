"""A revision extends the plan: its pages say so, the added years belong to the edition, and no year with rows is taken out."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from policies.models import Plan
from programs.content import Content
from programs.contents import save_content
from programs.editions import freeze, prepare
from programs.models import ProgramEdition
from reviews.models import Round
from tests.kept import kept
from tests.reading import words_of
from tests.workbooks.plan import books
from workbooks.plan.importing import ImportRefused, import_tables
from workbooks.plan.reading import read_book


@kept
def extended(plan, cast):
    """The plan 2011–2015 with an edition of 2015–2016, frozen like the one before it."""
    freeze(plan.editions.get(key="fy2013-revision"), by=cast.office, accept_incomplete=True)
    edition = prepare(plan, key="longer", name="延長版", first_fiscal_year=2015, last_fiscal_year=2016, by=cast.office)
    assert Plan.objects.get().period_label.endswith("平成27年度（2015年度）まで")  # a draft extends nothing
    content = ProgramEdition.objects.get(edition=edition, program__number="1")
    save_content(content, Content(texts={"contents": "続ける。"}, year_plans={2016: "まとめ"}), by=cast.office)
    freeze(edition, by=cast.office, accept_incomplete=True)
    return Plan.objects.get()


def test_freezing_the_edition_extends_the_plan_and_the_pages_say_so(client, extended):
    assert (extended.last_fiscal_year, extended.original_last_fiscal_year) == (2016, 2015)
    assert extended.history.first().history_change_reason == "期間の延長"
    told = "平成28年度（2016年度）まで（当初は平成27年度（2015年度）まで。見直しで延長）"
    for address in (
        reverse("plans"),
        reverse("plan", args=[extended.slug]),
        reverse("plan_about", args=[extended.slug]),
        reverse("revision", args=[extended.slug, "longer"]),
    ):
        assert told in words_of(client, address), address
    item = words_of(client, reverse("program", args=[extended.slug, "1"]))
    assert "平成28年度（2016年度） 延長した年度 約束 まとめ" in item
    answer = client.get(f"/api/v1/plans/{extended.slug}").json()
    assert (answer["last_fiscal_year"], answer["original_last_fiscal_year"]) == (2016, 2015)


def test_the_added_year_belongs_to_the_edition_alone_and_has_rounds(plan, extended, cast):
    other = ProgramEdition.objects.get(edition__key="original", program__number="1")
    with pytest.raises(ValidationError, match="にありません"):
        save_content(other, Content(year_plans={2016: "実施"}), by=cast.office)
    edition = plan.editions.get(key="longer")
    assert plan.editions.in_force(plan, 2016) == edition
    round_ = Round(plan=plan, as_of=datetime.date(2017, 3, 31), edition=edition)
    round_.full_clean()


def test_the_page_that_freezes_says_it_before(client, plan, cast):
    edition = prepare(plan, key="longer", name="延長版", first_fiscal_year=2015, last_fiscal_year=2016, by=cast.office)
    client.force_login(cast.office)
    page = client.get(reverse("admin:policies_edition_freeze", args=[edition.pk])).content.decode()
    assert "は、平成28年度（2016年度）まで延長されます。" in page


def test_a_year_with_rows_is_not_taken_out(extended, cast):
    extended.last_fiscal_year = 2015
    extended.original_last_fiscal_year = None
    with pytest.raises(ValidationError) as refused:
        extended.full_clean()
    assert refused.value.message_dict["last_fiscal_year"] == [
        "平成28年度（2016年度）には確定した版、年度計画があるため、計画の期間から外せません。"
    ]
    row = {"slug": extended.slug, "last_fiscal_year": 2015, "original_last_fiscal_year": None}
    with pytest.raises(ImportRefused) as error:
        import_tables(read_book(books.written({"plan": [row]})).tables, by=cast.office)
    (problem,) = error.value.comparison.problems
    assert (problem.sheet, problem.column) == ("plan", "last_fiscal_year")


def test_a_workbook_writes_added_years_into_the_edition_that_covers_them(extended, cast):
    rows = [{"program": "2", "edition": "original", "fiscal_year": 2016, "text": "実施"}]
    tables = {"plan": [{"slug": extended.slug}], "year_plans": rows}
    problems = import_tables(read_book(books.written(tables)).tables, by=cast.office, dry_run=True).problems
    assert [problem.message for problem in problems] == [
        "期間を延長した年度（2015年度より後）は、その年度に適用する版にだけ書けます。"
    ]
