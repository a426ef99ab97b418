"""After an act the search reads anew what the act touched, and then finds in every item what it would find if it had read
everything anew."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from committee.models import Opinion
from figures import touched, version
from figures.datasets import published_rounds
from figures.models import PublishedVersion
from figures.queries import search_of
from figures.revised import Editions
from figures.search import Search
from figures.version import RULES
from policies.models import Plan
from programs.models import Program
from tests.figures.acts import MOVES, acts

EARLY, LATER, LAST = (datetime(2026, 4, 1, 9, minute, tzinfo=UTC) for minute in range(3))
# Acts that the search answers by reading a plan as a whole: what they change stands in many items, or is no item's.
WHOLE = {
    *("accounts.departments.rename", "accounts.departments.merge"),
    *("programs.editions.freeze", "reviews.workflow.publish", "reviews.past.register_past"),
    *("reviews.table_results.register_days", "workbooks.plan.importing.import_tables", "reviews.redaction.redact"),
}


@pytest.fixture
def at_once(settings):
    """The version is asked for each time, as by a process that has not asked for half a second."""
    settings.VERSION_SECONDS = 0
    version.forget()


def search(plan):
    return search_of(plan, published_rounds(plan), Editions(plan), None)


def passages(texts):
    return {pk: set(line.split("\0")) for pk, line in texts.lines().items()}


@pytest.mark.django_db(transaction=True)
def test_after_every_act_each_item_holds_what_it_would_hold_if_all_were_read_anew(root, at_once, monkeypatch):
    read, whole, done = Search._read, Counter(), set()
    monkeypatch.setattr(Search, "_read", lambda self: (whole.update([self.plan.slug]), read(self))[1])
    for name, act, address, *_ in acts(root):
        if name == "a form" and done >= MOVES:
            break
        for plan in Plan.objects.public():
            assert search(plan)._whole
        whole.clear()
        act()
        for plan in Plan.objects.public():
            asked = search(plan)
            assert passages(asked._whole) == passages(read(asked)), (name, plan.slug)
            own = plan.slug in address
            assert own or name in WHOLE or not whole[plan.slug], (name, plan.slug)
        done.add(name)
        if name not in WHOLE | {"a form"}:
            assert not whole, name


def test_the_search_reads_nothing_of_which_no_touch_is_noted(filled):
    """What a round, and the editions and rounds of a plan, are asked for is part of what the texts were read of."""
    unread = {model._meta.db_table for model, rule in RULES.items() if rule.item is None}
    asked = search(filled)
    with CaptureQueriesContext(connection) as queries:
        asked._read()
    told = " ".join(each["sql"] for each in queries)
    assert "reviews_publishedreport" in told
    assert [table for table in sorted(unread) if f'"{table}"' in told] == []


def test_all_that_no_item_is_told_for_is_of_a_whole_plan_or_is_not_searched():
    assert {model._meta.model_name for model, rule in RULES.items() if rule.item == ""} == {
        *("department", "plan", "edition", "policy", "round")
    }


def test_a_move_is_noted_with_its_moment_and_its_items():
    one, other = touched.entry(EARLY, ["12", "7"]), touched.entry(LATER, [])
    assert (one, other) == (";1775034000000000:12,7", ";1775034060000000:")
    assert touched.entry(LAST, [str(key) for key in range(101)]) == ";1775034120000000:*"
    assert touched.entry(LAST, ["12", "*"]) == ";1775034120000000:*"


@pytest.mark.parametrize(
    ("before", "number", "moves", "items"),
    [
        ((5, EARLY), 7, [(EARLY, ["9"]), (LATER, ["1", "2"]), (LAST, ["2", "3"])], {1, 2, 3}),
        ((6, LATER), 7, [(EARLY, ["9"]), (LATER, ["1", "2"]), (LAST, ["2", "3"])], {2, 3}),
        ((7, LAST), 7, [(EARLY, ["9"]), (LATER, ["1", "2"]), (LAST, ["2", "3"])], set()),
        ((6, LATER), 7, [(LATER, ["*"]), (LAST, [])], set()),
        ((6, LATER), 7, [(LATER, []), (LAST, ["p4"])], set()),  # another plan
        ((6, LATER), 7, [(LATER, []), (LAST, ["1", "p3"])], None),
        ((6, LATER), 7, [(LATER, []), (LAST, ["*"])], None),
        ((4, EARLY), 7, [(LATER, ["1"]), (LAST, ["2"])], None),  # what stood before is cut off
        ((6, EARLY), 7, [(LATER, ["1"]), (LAST, ["2"])], None),  # a database that was brought back
        ((5, EARLY), 8, [(EARLY, []), (LATER, ["1"]), (LAST, ["2"])], None),  # a move that nobody noted
        ((8, LAST), 7, [(LATER, ["1"]), (LAST, ["2"])], None),
        ((6, LATER), 7, [], None),
    ],
)
def test_what_was_touched_between_two_versions(before, number, moves, items):
    text = "".join(touched.entry(*move) for move in moves)
    assert touched.between(before, number, text, plan=3) == items
    assert touched.between(before, number, f"12,13{text}", plan=3) == items  # what is left of a move that was cut


@pytest.mark.django_db(transaction=True)
def test_what_is_noted_grows_to_a_length_and_the_last_moves_stay(plan, at_once):
    item = Program.objects.get(plan=plan, number="1")
    for turn in range(touched.LENGTH // 18):
        item.note = f"備考{turn}"
        item.save()
        if turn == 9:
            before = version.current()
    row = PublishedVersion.objects.get()
    assert (len(row.touched), version.current().items_since(before, plan.pk)) == (touched.LENGTH, None)
    assert [version.current().touched.endswith(f":{item.pk}"), row.touched.count(";") > 150] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_goes_to_another_item_touches_everything(filled, at_once):
    opinion = Opinion.objects.get(key="2014-1")
    before = version.current()
    opinion.text = "別の意見"
    opinion.save()
    assert version.current().items_since(before, filled.pk) == {opinion.program_id}
    opinion.program = Program.objects.get(plan=filled, number="2")
    opinion.save()
    assert version.current().items_since(before, filled.pk) is None
    PublishedVersion.objects.update(number=F("number") + 1)  # by hand, with no word of what
    assert version.current().items_since(before, filled.pk) is None
