"""A real Chromium against a running server. Any script error, blocked resource or outside request fails the test."""

import os
from pathlib import Path

import pytest

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.people import DESK, Person

# Playwright keeps an event loop in the tests' thread; the database is used from there all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium: install chromium, set CHROMIUM, or leave these tests out with -m 'not browser'.")
    return browser_type_launch_args | {"executable_path": path, "args": list(FLAGS)}


@pytest.fixture
def someone(browser, django_db_setup, live_server):  # a server that starts before there is a file shares one connection
    """someone() opens a browser for one more person, someone(PHONE) on a phone; at the end nobody met a problem."""
    people = []

    def arrive(viewport=DESK):
        people.append(Person(browser, live_server.url, viewport))
        return people[-1]

    yield arrive
    problems = [problem for person in people for problem in person.problems]
    for person in people:
        person.context.close()
    assert problems == []
