"""Citizens see published data only, on no page and in no file anything else, whoever is signed in."""

import datetime
import io

import pytest
import python_calamine

from committee.models import Meeting
from figures.models import PublishedFigure
from programs.models import Program
from reviews import workflow
from reviews.models import Report, Round
from tests import factories
from tests.published import freeze
from tests.reading import finish, read
from tests.soak import others_in_soak, whole_in_soak

SECRET = "まだ公表していない内容"
PAGES = [
    "",
    "policies/1/",
    "policies/2/",
    "programs/",
    "programs.csv",
    "programs.json",
    "programs.xlsx",
    "programs/1/",
    "programs/2/",
    "progress/",
    "progress/2014-09-30/",
    "progress/2015-03-31/",
    "compare/",
    "report/2014-09-30/",
    "effects/",
    "errata.csv",
    "feed.xml",
    "figures/",
    "revisions/",
    "revisions/fy2013-revision/",
    "data/",
    "data/dataset.jsonld",
    "data/catalog.jsonld",
    "data/reports.csv",
    "data/rounds.csv",
    "long.csv",
]
FILTERS = ["?revised=yes", "?grade=A", "?grade=B", "?grade=unreported", "?q=項目", "?department=zaisei"]


def body(client, address):
    """Status and content as text, without what changes with the clock."""
    response = client.get(address)
    content = response.getvalue()
    if response.status_code == 200 and ".xlsx" in address:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        rows = [[row for row in sheet if row[1:2] != ["generated_at"]] for sheet in sheets]
        return response.status_code, str(rows)
    return response.status_code, content.decode()


LISTS = ("programs/", "programs.csv", "programs.json", "programs.xlsx", "long.csv")
FILTERED = [name + query for name in LISTS for query in FILTERS]
ONE_OF_EACH = [
    *("", "policies/1/", "programs/", "programs/2/", "progress/", "progress/2015-03-31/", "effects/", "figures/"),
    *("feed.xml", "revisions/fy2013-revision/", "data/reports.csv", "report/2014-09-30/", "errata.csv", "compare/"),
    *("programs/?revised=yes", "programs.csv?grade=B", "programs.json?q=項目", "programs.xlsx?department=zaisei"),
    "long.csv?grade=unreported",
]


@pytest.fixture(params=whole_in_soak(ONE_OF_EACH, [*PAGES, *FILTERED]))
def everything(client, request):
    """A function that reads all that is public: what each address answers."""
    addresses = ["/", "/plans/", "/feed.xml", "/sitemap.xml"]
    addresses += [f"/plans/kodaira-2/{page}" for page in request.param]
    return lambda: {address: body(client, address) for address in addresses}


def test_an_open_round_changes_no_page_and_no_file(everything, plan, cast):
    freeze(plan, cast.office)
    before = everything()
    round_ = workflow.open_round(plan.rounds.first(), by=cast.office)
    draft = factories.report(round_, 1)
    workflow.save_draft(draft, factories.content(plan, "B", progress=SECRET), by=cast.office, version=draft.version)
    figures = {"effects": [(2014, "saving", "actual", 987654, SECRET)]}
    approved = factories.handed_in(round_, 2, "B", by=cast.office, progress=SECRET, evidence=SECRET, **figures)
    workflow.approve(approved, by=cast.office)
    handed_in = factories.handed_in(round_, 3, "S", by=cast.office, progress=SECRET)
    assert everything() == before
    workflow.return_(handed_in, reason=SECRET, by=cast.office)
    assert everything() == before


@pytest.mark.parametrize("person", others_in_soak(["reporter", "office", "root"], ["office"]))
def test_staff_see_on_public_pages_what_citizens_see(everything, client, published, cast, person):
    plan = published
    workflow.open_round(
        Round.objects.create(plan=plan, as_of=datetime.date(2015, 9, 30), edition=plan.editions.last()), by=cast.office
    )
    workflow.approve(factories.handed_in(plan.rounds.last(), 1, "B", by=cast.office, progress=SECRET), by=cast.office)
    before = everything()
    client.force_login(getattr(cast, person))
    assert everything() == before


def test_unapproved_reports_of_a_published_round_stay_hidden(everything, client, plan, cast):
    freeze(plan, cast.office)
    round_ = workflow.open_round(plan.rounds.first(), by=cast.office)
    workflow.approve(factories.handed_in(round_, 1, by=cast.office), by=cast.office)
    factories.handed_in(round_, 2, "B", by=cast.office, progress=SECRET, delay_reason=SECRET, remedy=SECRET)
    workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
    answers = everything()
    assert {status for status, _ in answers.values()} == {200}
    assert [address for address, (_, content) in answers.items() if SECRET in content] == []
    assert answers["/plans/kodaira-2/programs.csv?grade=B"][1].count("\r\n") == 1  # the header
    assert read(client.get("/plans/kodaira-2/progress/")).tables[1][1][1:] == ["0", "1", "0", "2"]


NOT_PUBLIC = [*PAGES, "programs/?grade=nix", "programs.json?q=項目", "progress/1999-01-01/"]
SOME_NOT_PUBLIC = ["", "programs.xlsx", "programs/1/", "feed.xml", "data/reports.csv", "programs/?grade=nix"]


@pytest.mark.parametrize("address", others_in_soak(NOT_PUBLIC, SOME_NOT_PUBLIC))
def test_plan_that_is_not_public_is_404_for_everybody(client, cast, address):
    plan = factories.small_plan(is_public=False)
    freeze(plan, cast.office)
    factories.published_round(plan, {1: "A"}, by=cast.office)
    for person in (None, cast.reporter, cast.office, cast.root):
        if person:
            client.force_login(person)
        assert client.get(f"/plans/kodaira-2/{address}").status_code == 404
    assert "テスト計画" not in client.get("/").content.decode()
    assert "テスト計画" not in client.get("/plans/").content.decode()


def test_departments_of_an_edition_that_is_not_frozen_are_hidden(everything, plan, cast):
    """Only an archive of earlier days brings a published round whose edition is not frozen."""
    round_ = factories.published_round(plan, {1: "A"}, by=cast.office)
    round_.published_reports.update(departments=[], department_codes="", edition_key="")
    del round_.framework["edition"]
    round_.save()
    plan.editions.update(frozen_at=None, frozen_by=None)
    answers = everything()
    assert {status for address, (status, _) in answers.items() if "department=" in address} == {400}
    assert [address for address, (_, content) in answers.items() if "財政課" in content] == []


def test_departments_come_from_the_frozen_edition_only(everything, client, plan, cast):
    freeze(plan, cast.office, key="original")
    secret = factories.Department.objects.create(city="小平市", code="secret", name=SECRET)
    for content in plan.editions.get(key="fy2013-revision").contents.all():
        content.responsibilities.update(department=secret)
    assert [address for address, (_, content) in everything().items() if SECRET in content] == []
    assert client.get("/plans/kodaira-2/programs/?department=secret").status_code == 400
    assert read(client.get("/plans/kodaira-2/programs/1/")).definitions["推進担当課"] == "財政課「当初」による"


def test_items_of_another_plan_stay_out(everything, client, published, cast):
    other = factories.small_plan("other", programs=5)
    factories.published_round(other, {1: "B", 4: "B"}, by=cast.office)
    Program.objects.filter(plan=other).update(name=SECRET)
    PublishedFigure.objects.create(
        plan=other,
        key="x",
        measure="item_count",
        label=SECRET,
        printed="5",
        value=5,
        unit="項目",
        locator="表",
        source=other.sources.get(),
    )
    Meeting.objects.create(plan=other, held_on=datetime.date(2015, 1, 1), title=SECRET, **factories.PUBLIC)
    assert Report.objects.published().count() == 4 + 2
    answers = {address: content for address, (_, content) in everything().items()}
    assert [address for address, content in answers.items() if SECRET in content] == []
    assert client.get("/plans/kodaira-2/programs/5/").status_code == 404


def test_answers_are_the_same_for_all_readers_and_may_be_kept(client, published, cast):
    client.force_login(cast.office)
    for page in PAGES:
        response = client.get(f"/plans/kodaira-2/{page}")
        finish(response)
        assert response["Cache-Control"] == "public, no-cache"
        assert "Cookie" not in response.get("Vary", "")
        assert response.cookies == {}
