"""A plan with something to read: two published rounds, and both editions frozen."""

import datetime

import pytest
from django.utils import timezone

from tests import factories


def freeze(plan, by, **only):
    plan.editions.filter(**only).update(frozen_at=timezone.now(), frozen_by=by)


@pytest.fixture
def published(plan, cast):
    """2014-09-30: 1 = A, 2 = S. 2015-03-31: 1 = S (better), 2 = B (worse). Item 3 is never reported."""
    freeze(plan, cast.office)
    factories.published_round(plan, {1: "A", 2: "S"}, by=cast.office)
    factories.published_round(plan, {1: "S", 2: "B"}, by=cast.office)
    return plan


LATEST = datetime.date(2015, 3, 31)
EARLIER = datetime.date(2014, 9, 30)
