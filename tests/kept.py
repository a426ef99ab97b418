"""Rows that many tests start from, made once and kept for the tests that follow.

A fixture marked `@kept` runs in a transaction of its own that stays open; every test that asks for the fixture then
starts from those rows inside a savepoint and loses only what it did itself. The transactions lie on each other in the
order in which the fixtures are defined, so `published` stays on top of `plan` and `cast` until a test wants less.

A kept fixture may ask only for other kept fixtures, and must not depend on the day. Each test gets its own copy of
what the fixture returned. Tests that commit (`transaction=True`, `live_server`) get rows made for them alone.
"""

import copy
import inspect

import pytest
from django.db import connection, transaction

_makers = []


def kept(maker):
    """Declare a fixture whose rows are kept. Sees to its own access to the database."""
    wanted = list(inspect.signature(maker).parameters)
    _makers.append(maker)

    def fixture(request, kept_rows, db, **values):
        return maker(**values) if kept_rows is None else kept_rows[maker]

    parameters = ["request", "kept_rows", "db", *wanted]
    fixture.__signature__ = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in parameters]
    )
    fixture.__doc__ = maker.__doc__
    fixture.maker = maker
    return pytest.fixture(name=maker.__name__)(fixture)


class Layers:
    """The open transactions, the lowest first, each with the fixture that filled it and what that returned."""

    def __init__(self):
        self.open = []
        self.blocker = None

    def stand_on(self, makers):
        """Have exactly the rows of `makers`; what is already there stays. Returns the tests' copies by maker."""
        same = 0
        while same < min(len(self.open), len(makers)) and self.open[same][0] is makers[same]:
            same += 1
        self.drop(to=same)
        for maker in makers[same:]:
            self._add(maker)
        return copy.deepcopy({maker: value for maker, value, _ in self.open})

    def _add(self, maker):
        # Copies: what a fixture changes in the objects of another one must not outlive its own rows.
        values = copy.deepcopy({below.__name__: value for below, value, _ in self.open})
        atomic = transaction.atomic()
        atomic._from_testcase = True  # as Django's TestCase does: `durable=True` inside it is not refused
        atomic.__enter__()
        self.open.append((maker, None, atomic))
        try:
            value = maker(**{name: values[name] for name in inspect.signature(maker).parameters})
            connection.check_constraints()
        except BaseException:
            self.drop(to=len(self.open) - 1)
            raise
        self.open[-1] = (maker, value, atomic)

    def drop(self, to=0):
        while len(self.open) > to:
            *_, atomic = self.open.pop()
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


LAYERS = Layers()


def commits(item):
    marker = item.get_closest_marker("django_db")
    by_marker = bool(marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)))
    return by_marker or bool({"transactional_db", "live_server"} & set(item.fixturenames))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before any fixture of a test that commits: once its browser runs, this thread has another connection."""
    if LAYERS.open and commits(item):
        with LAYERS.blocker.unblock():
            LAYERS.drop()


@pytest.fixture(scope="session")
def kept_layers(django_db_setup, django_db_blocker):
    LAYERS.blocker = django_db_blocker
    yield LAYERS
    with django_db_blocker.unblock():
        LAYERS.drop()


@pytest.fixture
def kept_rows(request, kept_layers, django_db_blocker):
    """The values of the kept fixtures that a test asks for, by maker; None for a test that commits."""
    if commits(request.node):
        return None
    definitions = request.node._fixtureinfo.name2fixturedefs.values()
    wanted = {getattr(definition[-1].func, "maker", None) for definition in definitions}
    with django_db_blocker.unblock():
        return kept_layers.stand_on([maker for maker in _makers if maker in wanted])


@pytest.fixture
def _django_db_helper(kept_rows, _django_db_helper):
    """pytest-django's own transaction of a test, begun above the kept ones."""
