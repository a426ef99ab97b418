"""What an answer of the API costs the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from committee.models import KeyProgram, Meeting, Opinion
from figures.models import PublishedFigure
from opendata.api.document import document
from programs.models import (
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    LateContent,
    ProgramEdition,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews.models import Effect, PublishedReport, ReportErratum, Settlement
from tests import factories
from tests.opendata.asking import get
from tests.published import freeze

COST = {
    "/plans": 2,
    "/plans/{plan}": 2,
    "/plans/{plan}/programs": 9,
    "/plans/{plan}/programs/{number}": 19,
    "/plans/{plan}/long": 21,
    "/plans/{plan}/policies": 3,
    "/plans/{plan}/rounds": 10,
    "/plans/{plan}/grade-counts": 6,
    "/plans/{plan}/delay-causes": 2,
    "/plans/{plan}/reports": 3,
    "/plans/{plan}/judgements": 2,
    "/plans/{plan}/contributions": 3,
    "/plans/{plan}/key-programs": 3,
    "/plans/{plan}/meetings": 3,
    "/plans/{plan}/errata": 4,
    "/plans/{plan}/editions": 4,
    "/plans/{plan}/program-editions": 3,
    "/plans/{plan}/late-contents": 3,
    "/plans/{plan}/year-plans": 3,
    "/plans/{plan}/indicators": 5,
    "/plans/{plan}/indicator-targets": 3,
    "/plans/{plan}/indicator-actuals": 3,
    "/plans/{plan}/plan-indicators": 4,
    "/plans/{plan}/plan-indicator-targets": 2,
    "/plans/{plan}/plan-indicator-actuals": 2,
    "/plans/{plan}/effects": 4,
    "/plans/{plan}/settlements": 3,
    "/plans/{plan}/revisions": 16,
    "/plans/{plan}/revised-items": 8,
    "/plans/{plan}/revision-counts": 8,
    "/plans/{plan}/opinions": 3,
    "/plans/{plan}/figures": 4,
    "/plans/{plan}/grades": 3,
    "/plans/{plan}/sources": 3,
    "/plans/{plan}/added-and-ended": 3,
    "/plans/{plan}/relistings": 3,
    "/plans/{plan}/report-departments": 3,
    "/plans/{plan}/program-departments": 3,
    "/plans/{plan}/departments": 5,
    "/plans/{plan}/agenda-items": 2,
    "/plans/{plan}/meeting-sources": 3,
}


def one_of_everything_for_every_item(plan):
    edition, source = plan.editions.first(), plan.sources.get()
    contents = list(ProgramEdition.objects.filter(edition=edition))
    plan.programs.update(added_on="2011-04-01")
    plan.policies.last().relisted.add(plan.programs.first())
    programs = list(plan.programs.all())
    indicators = Indicator.objects.bulk_create([Indicator(program=p, number=1, name="率") for p in programs])
    YearPlan.objects.bulk_create([YearPlan(program_edition=c, fiscal_year=2011, text="検討") for c in contents])
    IndicatorTarget.objects.bulk_create(
        [IndicatorTarget(indicator=i, edition=edition, fiscal_year=2014, value=1) for i in indicators]
    )
    LateContent.objects.bulk_create(
        [
            LateContent(
                plan=plan,
                program_edition=content,
                learned_on="2014-10-31",
                fields="実施内容",
                source=source,
                reason="見つかった",
                learned_by=plan.rounds.filter(published_by__isnull=False).first().published_by,
            )
            for content in contents[:1]
        ]
    )
    IndicatorActual.objects.bulk_create([IndicatorActual(indicator=i, fiscal_year=2014, value=1) for i in indicators])
    Effect.objects.bulk_create(
        [Effect(program=p, fiscal_year=2013, kind="saving", basis="actual", amount=1) for p in programs]
    )
    Settlement.objects.bulk_create(
        [
            Settlement(
                plan=plan,
                program=p,
                source=source,
                settled_on="2014-10-31",
                settled_by=plan.rounds.filter(published_by__isnull=False).first().published_by,
                fiscal_year=2013,
                kind="saving",
                value=1,
            )
            for p in programs
        ]
    )
    Opinion.objects.bulk_create(
        [
            Opinion(plan=plan, key=p.number, program=p, given_on="2014-10-31", text="意見", published_on="2014-11-20")
            for p in programs
        ]
    )
    KeyProgram.objects.bulk_create([KeyProgram(program=p, fiscal_year=2014) for p in programs])
    PublishedReport.objects.filter(round__plan=plan).update(contributions=[{"department": "財政課", "text": "手伝い"}])
    for index in range(len(programs) // 3):
        Meeting.objects.create(
            plan=plan, held_on=f"2014-{index // 28 + 1:02}-{index % 28 + 1:02}", **factories.PUBLIC
        ).documents.add(source)
    revision = Revision.objects.create(plan=plan, from_edition=edition, to_edition=plan.editions.last())
    RevisionMark.objects.bulk_create([RevisionMark(revision=revision, program=p, aspect="contents") for p in programs])
    ReportErratum.objects.bulk_create(
        [
            ReportErratum(
                plan=plan,
                corrected_on="2015-01-15",
                published_report=row,
                field="progress",
                label="取組状況",
                new="正",
                reason="誤記",
                corrected_by=row.round.published_by,
            )
            for row in PublishedReport.objects.filter(round__plan=plan).select_related("round__published_by")
        ]
    )
    PublishedFigure.objects.bulk_create(
        [
            PublishedFigure(
                plan=plan, key=p.number, measure="item_count", label="数", printed="1", unit="項目", source=source
            )
            for p in programs
        ]
    )


def test_an_answer_costs_the_same_for_any_number_of_items(client, cast):
    costs = []
    for slug, number in (("three", 3), ("many", 150)):
        plan = factories.small_plan(slug, programs=number)
        freeze(plan, cast.office)
        for grades in ({1: "A"}, {1: "B", 2: "A"}):
            factories.published_round(plan, grades, by=cast.office)
        one_of_everything_for_every_item(plan)
        cost = {}
        for path in document()["paths"]:
            address = path.replace("{plan}", slug).replace("{number}", "1").replace("/long", "/long?per_page=1000")
            with CaptureQueriesContext(connection) as queries:
                get(client, address)
            cost[path.removeprefix("/api/v1")] = len(queries)
        costs.append(cost)
    assert costs[0] == costs[1] == COST
