"""計画のあゆみ: what was published about a plan, and about those before and after it."""

import datetime

from figures.models import PublishedFigure
from website.lineage import lineage


def test_a_plan_shows_what_was_printed_of_its_own_years(plan):
    """Its figures tell of the plan before it, too: what that one had reached when this one began."""
    plan.lineage.create(key=plan.slug, order=1, name=plan.name)
    for key, day, value in (("before", "2011-03-31", 84), ("own", "2014-09-30", 3)):
        PublishedFigure.objects.create(
            plan=plan,
            source=plan.sources.get(),
            key=key,
            measure=PublishedFigure.Measure.GRADED_TOTAL,
            as_of=datetime.date.fromisoformat(day),
            value=value,
            printed=str(value),
            unit="項目",
        )
    (stage,) = lineage(plan, PublishedFigure.objects.filter(plan=plan).select_related("source", "policy"))
    found = [(results.as_of, [line.total for line in results.lines]) for results in stage.results]
    assert found == [(datetime.date(2014, 9, 30), [3])]
