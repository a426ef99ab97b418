"""A plan with something to read: two published rounds, and both editions frozen."""

import datetime
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.utils import timezone

from committee.models import KeyProgram, Meeting, Opinion
from figures.models import PublishedFigure
from policies.models import Edition, Plan
from programs.models import (
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    ProgramEdition,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews.models import Effect, PublishedReport
from tests import factories
from tests.kept import kept

CAME_AND_WENT = (
    *("added_on", "ended_on", "end_reason"),
    *("merged_into_program_number", "carried_plan", "carried_program_number"),
)  # the columns that say how an item came and went


def freeze(plan, by, **only):
    plan.editions.filter(**only).update(frozen_at=timezone.now(), frozen_by=by)


@pytest.fixture(autouse=True)
def nothing_seen_yet():
    caches["shared"].clear()
    caches["requests"].clear()


@kept
def published(plan, cast):
    """2014-09-30: 1 = A, 2 = S. 2015-03-31: 1 = S (better), 2 = B (worse). Item 3 is never reported."""
    freeze(plan, cast.office)
    factories.published_round(plan, {1: "A", 2: "S"}, by=cast.office)
    factories.published_round(plan, {1: "S", 2: "B"}, by=cast.office)
    return plan


@pytest.fixture
def keys(published):
    """Item 1 is a key program of 2014."""
    KeyProgram.objects.create(program=published.programs.get(number="1"), fiscal_year=2014)
    return published


@kept
def official():
    """小平市の計画, as far as it is officially known."""
    call_command("load_official", verbosity=0)
    return Plan.objects.get(slug="kodaira-2")


LATEST = datetime.date(2015, 3, 31)
EARLIER = datetime.date(2014, 9, 30)


SECRET = "まだ公表していない内容"


@kept
def filled(published, cast):
    """The published plan with one row of everything that is open data, and beside each one that must stay hidden."""
    plan = published
    item = plan.programs.get(number="1")
    source = plan.sources.get()
    secret = Edition.objects.create(plan=plan, key="secret", name=SECRET, first_fiscal_year=2015, last_fiscal_year=2015)
    hidden = ProgramEdition.objects.create(program=item, edition=secret, contents=SECRET)
    original = item.editions.select_related("edition").get(edition__key="original")
    # In bulk, because a frozen edition refuses to be edited.
    ProgramEdition.objects.filter(pk=original.pk).update(contents="窓口を一つにする。")
    YearPlan.objects.bulk_create(
        [
            YearPlan(program_edition=original, fiscal_year=2011, text="検討"),
            YearPlan(program_edition=hidden, fiscal_year=2015, text=SECRET),
        ]
    )
    rate = Indicator.objects.create(program=item, number=1, name="収納率", unit="%", baseline=Decimal("95.5"))
    unseen = Indicator.objects.create(program=item, number=2, name=SECRET, unit="件")
    IndicatorTarget.objects.bulk_create(
        [
            IndicatorTarget(
                indicator=rate, edition=original.edition, fiscal_year=2014, value=Decimal("97.25"), text="以上"
            ),
            IndicatorTarget(indicator=rate, edition=secret, fiscal_year=2015, value=Decimal("99.9"), text=SECRET),
            IndicatorTarget(indicator=unseen, edition=secret, fiscal_year=2015, value=1),
        ]
    )
    IndicatorActual.objects.create(indicator=rate, fiscal_year=2013, value=Decimal("96"))
    IndicatorActual.objects.create(indicator=rate, fiscal_year=2014, value=Decimal("96.5"), is_forecast=True)
    Effect.objects.create(program=item, fiscal_year=2013, kind="saving", basis="actual", amount=-1200, source=source)
    PublishedReport.objects.filter(number="2", round__as_of=LATEST).update(
        contributions=[{"department": "財政課", "text": "説明会を手伝った。"}, {"department": "税務課", "text": "冊子"}]
    )
    KeyProgram.objects.create(program=item, fiscal_year=2014, note="効果が大きい")
    Meeting.objects.create(
        plan=plan, held_on=datetime.date(2014, 10, 31), place="市役所", **factories.PUBLIC
    ).documents.add(source)
    for key, published_on, text in (("2014-1", datetime.date(2014, 11, 20), "早めに。"), ("2014-2", None, SECRET)):
        Opinion.objects.create(
            plan=plan, key=key, program=item, given_on=datetime.date(2014, 10, 31), text=text, published_on=published_on
        )
    revision = Revision.objects.create(
        plan=plan,
        from_edition=original.edition,
        to_edition=plan.editions.get(key="fy2013-revision"),
        purpose="中間年の見直し",
    )
    RevisionMark.objects.create(revision=revision, program=item, aspect="contents")
    Revision.objects.create(plan=plan, from_edition=revision.to_edition, to_edition=secret, purpose=SECRET)
    PublishedFigure.objects.create(
        plan=plan,
        key="revised-contents",
        measure="revised_aspect",
        category="contents",
        label="実施内容を見直した項目",
        edition=revision.to_edition,
        printed="1",
        value=1,
        unit="項目",
        source=source,
        locator="表2",
    )
    return plan
