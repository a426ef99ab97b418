"""What the acts of tests/figures/acts.py are done on."""

import pytest

from accounts.models import Department, User
from programs.models import ProgramEdition, Responsibility
from tests import factories


@pytest.fixture
def root(db):
    return User.objects.create_superuser(username="root", email="root@example.jp", password="pass")


@pytest.fixture
def plan_with_round(root):
    """A plan with a published round; 税務課 adds to item 1."""
    plan = factories.small_plan()
    content = ProgramEdition.objects.get(program__number="1", edition__key="fy2013-revision")
    Responsibility.objects.create(program_edition=content, department=Department.objects.get(code="zeimu"), order=2)
    factories.published_round(plan, {1: "A", 2: "B"}, by=root)
    return plan
