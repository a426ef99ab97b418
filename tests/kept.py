"""Rows that many tests start from, made once for all tests that want the same ones: class-level data of Django's TestCase.

A fixture marked `@kept` makes rows. The tests that ask for the same kept fixtures run one after the other (pytest sorts
tests by the parameters of a session's fixture) inside the transaction of one `TestCase` class, whose `setUpTestData` made
the rows; each test is then a savepoint above them, with its own copy of what the fixtures returned, and loses only what
it did itself. A kept fixture may ask only for other kept fixtures, and must not depend on the day. Tests that commit
(`transaction=True`, `live_server`) get rows made for them alone.
"""

import inspect
from types import SimpleNamespace

import pytest
from django.test import TestCase

_makers = []  # in the order of definition: each stands below what asks for it


def kept(maker):
    """Declare a fixture whose rows are kept. Sees to its own access to the database."""
    _makers.append(maker)

    def fixture(own_rows):
        return getattr(own_rows, maker.__name__)

    fixture.__doc__ = maker.__doc__
    return pytest.fixture(name=maker.__name__)(fixture)


def _known_in(maker, module):
    """A fixture of a test module is known there; one of a conftest.py or beside it, in its folder and below."""
    folder, _, file = maker.__module__.rpartition(".")
    return module == maker.__module__ if file.startswith("test_") else module.startswith(f"{folder}.")


def _wanted(names, module):
    """The kept fixtures among names, and what they stand on, in the order of definition."""
    nearest = {maker.__name__: maker for maker in sorted(_makers, key=_depth) if _known_in(maker, module)}
    wanted, left = set(), [nearest[name] for name in names if name in nearest]
    while left:
        maker = left.pop()
        wanted.add(maker)
        left += [nearest[name] for name in inspect.signature(maker).parameters]
    return tuple(maker for maker in _makers if maker in wanted)


def _depth(maker):
    return maker.__module__.count("."), maker.__module__.rpartition(".")[2].startswith("test_")


def _make(makers, into):
    for maker in makers:
        values = {name: getattr(into, name) for name in inspect.signature(maker).parameters}
        setattr(into, maker.__name__, maker(**values))
    return into


def _commits(metafunc):
    marker = metafunc.definition.get_closest_marker("django_db")
    by_marker = bool(marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)))
    return by_marker or bool({"transactional_db", "live_server"} & set(metafunc.fixturenames))


def pytest_generate_tests(metafunc):
    """Every test says what must lie below it: kept rows, or none."""
    makers = _wanted(metafunc.fixturenames, metafunc.module.__name__)
    below = pytest.param((_commits(metafunc), makers), id=pytest.HIDDEN_PARAM)
    metafunc.parametrize("kept_rows", [below], indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def kept_rows(request, django_db_blocker):
    """A function that gives a test its rows, which are made here and taken away after the last test that wants them."""
    commits, makers = getattr(request, "param", (True, ()))  # a TestCase of Django has no parameters and its own data
    if commits or not makers:
        yield lambda: _make(makers, SimpleNamespace())
        return
    request.getfixturevalue("django_db_setup")

    class Rows(TestCase):
        @classmethod
        def setUpTestData(cls):
            _make(makers, cls)

    with django_db_blocker.unblock():
        Rows.setUpClass()
    yield lambda: Rows("run")
    with django_db_blocker.unblock():
        Rows.tearDownClass()
        Rows.doClassCleanups()


@pytest.fixture
def own_rows(kept_rows, db):
    """What the kept fixtures of a test returned, as attributes; a copy of its own."""
    return kept_rows()
