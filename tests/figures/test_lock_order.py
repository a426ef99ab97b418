"""Two acts at one moment wait for each other in one direction only: all lock in the order of policies/locking.py."""

import re
from collections import defaultdict
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.figures.acts import DRAFTS, MOVES, acts, drafts, name_of
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import import_tables

# SQLite has one writer at a time, and no `FOR UPDATE`.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
LOCKED = re.compile(r'SELECT .* FROM "(\w+)".* FOR UPDATE(?: OF (.+))?$', re.S)
WRITTEN = re.compile(r'(?:UPDATE|DELETE FROM) "(\w+)"|INSERT INTO "(\w+)".* ON CONFLICT', re.S)


class Locks:
    """Notes which tables a transaction locks rows of, in their order, and what it had locked before both."""

    def __init__(self):
        self.pairs = defaultdict(dict)  # (earlier, later) → act → tables that were locked before the earlier one
        self.held = []
        self.act = ""

    @contextmanager
    def of(self, act):
        self.act, self.held = act, []
        with connection.execute_wrapper(self):
            yield

    def __call__(self, execute, sql, params, many, context):
        if not connection.in_atomic_block:
            self.held = []
        for table in tables_of(sql):
            if table not in self.held:
                for place, earlier in enumerate(self.held):
                    self.pairs[earlier, table].setdefault(self.act, set(self.held[:place]))
                self.held.append(table)
        return execute(sql, params, many, context)

    def both_ways(self):
        """Pairs of tables that one act locks in this order and another in that one, unless one row lets only one of both in."""
        return sorted(
            f"{one} locks {earlier}, then {later}; {other} the other way round"
            for (earlier, later), ways in self.pairs.items()
            for one, before in ways.items()
            for other, before_other in self.pairs.get((later, earlier), {}).items()
            if earlier < later and not before & before_other
        )


def tables_of(sql):
    """Tables of which a statement locks rows that others may want. A new row is nobody else's yet."""
    if found := LOCKED.match(sql):
        return re.findall(r'"(\w+)"', found[2]) if found[2] else [found[1]]
    found = WRITTEN.match(sql)
    return [found[1] or found[2]] if found else []


def a_book(plan):
    """Changes rows of every part of a plan."""
    changed = {
        "plan": {"slug": plan.slug, "summary": "要約"},
        "departments": {"code": "zaisei", "name": "財政企画課"},
        "programs": {"number": "1", "note": "備考"},
        "program_editions": {"program": "1", "edition": "original", "contents": "約束"},
        "rounds": {"as_of": "2015-03-31", "due_on": "2015-04-30"},
    }
    return [RawTable(name, tuple(cells), ((2, cells),)) for name, cells in changed.items()]


def test_no_two_acts_lock_in_opposite_orders(plan_with_round, root):
    locks, done = Locks(), set()
    for wanted, all_acts in ((MOVES, acts(root)), (DRAFTS, drafts(plan_with_round, root))):
        for name, act, *_ in all_acts:
            with locks.of(name):
                act()
            done.add(name)
            if done >= wanted:
                break
    with locks.of(name_of(import_tables)):
        import_tables(a_book(plan_with_round), by=root)
    assert {"policies_plan", "reviews_round", "programs_program"} <= {table for pair in locks.pairs for table in pair}
    assert locks.both_ways() == []
