"""A page costs the same number of queries, however many items there are."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from committee.models import Meeting
from figures.models import PublishedFigure
from tests import factories
from tests.published import freeze

# The order of departments costs lists and tables of them one, where this process does not have it yet.
COST = {
    "": 9,
    "about/": 8,
    "policies/1/": 14,
    "programs/": 12,
    "programs/?q=項目&policy=1&department=zaisei&grade=A&round=2014-09-30": 16,
    "programs/?q=項目": 36,  # the first search reads all texts
    "programs/?policy=nix": 6,
    "programs.csv": 8,
    "programs.json": 9,
    "programs.xlsx": 38,
    "long.csv": 17,
    "data/": 3,
    "data/?table=programs": 5,
    "data.zip": 84,
    "data/reports.csv": 2,
    "data/rounds/2015-03-31/programs.csv": 5,
    "programs/1/": 14,
    "committee/": 4,
    "committee/2199-01-01/": 8,
    "errata.csv": 7,
    "progress/": 8,
    "progress/?sort=worst&grade=B": 8,
    "progress/2014-09-30/": 10,
    "progress/2015-03-31/": 11,
    "progress/2015-09-30/": 3,
    "report/2014-09-30/": 21,
    "report/2015-03-31/": 21,
    "compare/": 8,
    "revisions/": 7,
    "effects/": 3,
    "feed.xml": 6,
    "figures/": 5,  # one for the axes, that the first is named where there are several, one for the grades in their order
}


@pytest.mark.parametrize("programs", [3, 300])
def test_queries_do_not_grow_with_the_plan(client, cast, programs):
    plan = factories.small_plan(programs=programs)
    freeze(plan, cast.office)
    for grades in ({1: "A"}, {1: "B", 2: "A"}):
        factories.published_round(plan, grades, by=cast.office)
    plan.rounds.create(as_of=datetime.date(2015, 9, 30), edition=plan.editions.first(), **factories.PUBLIC)
    source = plan.sources.get()
    for index in range(1 if programs == 3 else 20):
        Meeting.objects.create(plan=plan, held_on=datetime.date(2199, 1, 1 + index), **factories.PUBLIC).documents.add(
            source
        )
        PublishedFigure.objects.create(
            plan=plan,
            key=f"f{index}",
            measure="effect",
            label="効果額",
            fiscal_year=2011 + index,
            basis="actual",
            category="total",
            printed="1",
            value=1,
            unit="百万円",
            locator="表",
            source=source,
        )
    cost = {}
    for page in COST:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/plans/kodaira-2/{page}").getvalue()
        cost[page] = len(queries)
    assert cost == COST


@pytest.mark.parametrize(("address", "queries"), [("/plans/", 1), ("/feed.xml", 6), ("/sitemap.xml", 7)])
def test_pages_of_all_plans_cost_the_same_for_every_number_of_plans(
    client, cast, django_assert_num_queries, address, queries
):
    for slug in ("a", "b", "c"):
        plan = factories.small_plan(slug)
        freeze(plan, cast.office)
        factories.published_round(plan, {1: "A"}, by=cast.office)
    with django_assert_num_queries(queries):
        client.get(address)
