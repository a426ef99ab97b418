"""What each person may read and write, at a fixed number of queries."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from programs.models import Program
from reviews import workflow
from reviews.models import Report, Round
from tests import factories
from tests.kept import kept


@kept
def rounds(plan, cast):
    """The first round published with items 1 and 2 (item 3 left out), the second one open, item 1 submitted there."""
    published = factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)
    opened = workflow.open_round(plan.rounds.get(state="planned"), by=cast.office)
    factories.handed_in(opened, 1, by=cast.reporter)
    return published, opened


def names(reports):
    """ "9/1 published": month of the round, item and state, in the order of the round's day and the item."""
    return [
        f"{r.round.as_of.month}/{r.program.number} {r.state}"
        for r in reports.select_related("round", "program").order_by("round__as_of", "program__sort_key")
    ]


PUBLISHED = ["9/1 published", "9/2 published"]
EVERYTHING = [*PUBLISHED, "9/3 draft", "3/1 submitted", "3/2 draft", "3/3 draft"]
OWN = ["9/1 published", "9/2 published", "9/3 draft", "3/1 submitted", "3/3 draft"]


def test_published_is_what_was_approved_in_a_published_round(rounds, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert names(Report.objects.published()) == PUBLISHED
    assert list(Round.objects.published()) == [rounds[0]]
    assert list(Round.objects.open()) == [rounds[1]]


def test_nothing_of_a_plan_that_is_not_public_is_published(rounds, plan):
    plan.is_public = False
    plan.save()
    assert (names(Report.objects.published()), list(Round.objects.published())) == ([], [])
    assert list(Program.objects.public()) == []


@pytest.mark.parametrize(
    ("who", "visible", "queries"),
    [
        # rights of the person and of the groups (2), departments (2), reports (1); superusers skip the rights
        ("reporter", OWN, 5),
        ("viewer", OWN, 5),
        ("stranger", [*PUBLISHED, "3/2 draft"], 5),
        ("committee", PUBLISHED, 3),
        ("office", EVERYTHING, 3),
        ("root", EVERYTHING, 1),
        ("anonymous", PUBLISHED, 1),
    ],
)
def test_visible_to(rounds, cast, who, visible, queries, django_assert_num_queries):
    user = AnonymousUser() if who == "anonymous" else User.objects.get(username=who)
    with django_assert_num_queries(queries):
        assert names(Report.objects.visible_to(user)) == visible


@pytest.mark.parametrize(
    ("who", "editable", "queries"),
    [
        ("reporter", ["3/3 draft"], 5),
        ("viewer", [], 2),
        ("stranger", ["3/2 draft"], 5),
        ("committee", [], 2),
        ("office", ["3/2 draft", "3/3 draft"], 3),
        ("root", ["3/2 draft", "3/3 draft"], 1),
        ("anonymous", [], 0),
    ],
)
def test_editable_by(rounds, cast, who, editable, queries, django_assert_num_queries):
    user = AnonymousUser() if who == "anonymous" else User.objects.get(username=who)
    with django_assert_num_queries(queries):
        assert names(Report.objects.editable_by(user)) == editable


def test_a_closed_account_sees_what_citizens_see_and_edits_nothing(rounds, cast):
    cast.office.is_active = False
    assert names(Report.objects.visible_to(cast.office)) == PUBLISHED
    assert names(Report.objects.editable_by(cast.office)) == []


def test_the_number_of_queries_does_not_grow_with_the_items(cast, django_assert_num_queries):
    plan = factories.small_plan("large", programs=60)
    workflow.open_round(plan.rounds.first(), by=cast.office)
    user = User.objects.get(username="reporter")
    with django_assert_num_queries(5):
        assert len(names(Report.objects.editable_by(user))) == 30


def test_a_department_owns_by_the_edition_of_the_round(rounds, plan, cast):
    """Item 2 moves to zaisei in the original edition only: the rounds of the revised one do not follow."""
    original = plan.editions.get(key="original")
    content = original.contents.get(program__number="2")
    content.responsibilities.update(department=cast.zaisei)
    assert names(Report.objects.editable_by(cast.reporter)) == ["3/3 draft"]
    Round.objects.filter(pk=rounds[1].pk).update(edition=original)
    assert names(Report.objects.editable_by(cast.reporter)) == ["3/2 draft", "3/3 draft"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("項目1", ["1"]),
        ("項目１", ["1"]),
        ("取 組", ["1", "2"]),
        ("トリクミ", ["2"]),
        ("２", ["2"]),
        ("3", ["3"]),
        ("%", []),
        ("_", []),
        ("'; --", []),
    ],
)
def test_search_ignores_width_kana_and_space(plan, typed, found):
    second = Program.objects.get(number="2")
    second.name_kana = "こうもくにのとりくみ"
    second.save()
    assert [program.number for program in Program.objects.search(typed)] == found
