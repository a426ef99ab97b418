"""Fixtures for all tests: one small plan and the same cast of people everywhere.

What is replaced here of Django and of the product, and which test meets the real thing: docs/decisions/0061.
"""

import gc
import shutil
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import connection
from django.template.base import Template
from django.test import utils as test_utils
from django.utils import timezone

from accounts import roles
from accounts.models import Department, Membership, User
from core import process_cache
from core.spreadsheets import child, confined
from figures import version
from tests import factories
from tests.kept import kept, kept_rows, own_rows, pytest_generate_tests
from tests.run import ON_POSTGRESQL, ON_SQLITE
from tests.worker import exports_folder

__all__ = ["exports_folder", "kept_rows", "own_rows", "pytest_generate_tests"]


def pytest_configure():
    """What the workers of an earlier run counted and kept is no business of this one."""
    shutil.rmtree(settings.SHARED_DIR, ignore_errors=True)


def pytest_collection_modifyitems(items):
    """Where `make test` runs a test: the longest name in the lists of tests/run.py decides, the mark of a test before it."""
    here = Path(__file__).parent
    lists = dict.fromkeys(ON_SQLITE, "sqlite_first") | dict.fromkeys(ON_POSTGRESQL, "postgresql_first")
    marks = {"sqlite", "postgresql", *lists.values()}
    for item in items:
        path = item.path.relative_to(here).as_posix()
        found = [name for name in lists if path.startswith(name)]
        if found and marks.isdisjoint(mark.name for mark in item.iter_markers()):
            item.add_marker(lists[max(found, key=len)])


def pytest_collection_finish():
    """What is loaded by now stays to the end. Looking for garbage in it again and again takes a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tables are made from the models; the rows that are there from the beginning are made as the migrations make them."""
    with django_db_blocker.unblock():
        import_module("accounts.migrations.0002_roles").create(apps, None)
        import_module("figures.migrations.0005_published_version").begin(apps, None)
        call_command("migrate", fake=True, verbosity=0)


@pytest.fixture(autouse=True)
def nothing_kept():
    """A rollback gives the same keys again. The published version is read by the tests that are about it; in all others it
    costs no query."""
    process_cache.clear()
    version._known = (time.monotonic(), version.Version(1, timezone.now() - timezone.timedelta(seconds=5)))


@pytest.fixture(autouse=True)
def files_read_here(request, monkeypatch):
    """The process that reads a file costs a tenth of a second; here the same lines come without it. What it is for, and the
    doors through it, is tested with the mark `confined`."""
    if not request.node.get_closest_marker("confined"):
        monkeypatch.setattr(confined, "answer", child.perform)


user_logged_in.disconnect(dispatch_uid="update_last_login")  # three writes for each of a thousand sign-ins


# Models, rights and roles are the same for all tests; making them anew took most of the time after each that commits.
NEVER_EMPTIED = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


@pytest.fixture(scope="session", autouse=True)
def _emptied_row_by_row():
    """What a test that commits leaves is a few rows; TRUNCATE makes anew the files of a hundred tables and their indexes.
    Keys that point at each other are checked when it commits."""

    def sql_flush(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        return [f"DELETE FROM {self.quote_name(table)};" for table in tables if table not in NEVER_EMPTIED]  # noqa: S608 - our own tables

    type(connection.ops).sql_flush = sql_flush  # of every connection: a browser's loop has one of its own
    flush.emit_post_migrate_signal = lambda *args, **options: None


@pytest.fixture(scope="session", autouse=True)
def _templates_as_they_are(django_test_environment):
    """Django's tests copy the context of every template and part for `response.context`; we ask `context_data` of the view."""
    Template._render = test_utils._TestState.saved_data.template_render


@kept
def plan():
    """計画: kodaira-like but small; see tests/factories.py."""
    return factories.small_plan()


@kept
def cast():
    """One person per role. `reporter` and `viewer` belong to department zaisei, `colleague` too, `stranger` to zeimu."""
    zaisei = Department.objects.get_or_create(city="小平市", code="zaisei", defaults={"name": "財政課"})[0]
    zeimu = Department.objects.get_or_create(city="小平市", code="zeimu", defaults={"name": "税務課"})[0]

    def person(username, name, role, *departments):
        user = User.objects.create_user(username=username, name=name, password="pass", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        for department in departments:
            Membership.objects.create(user=user, department=department)
        return user

    return SimpleNamespace(
        zaisei=zaisei,
        zeimu=zeimu,
        reporter=person("reporter", "報告 太郎", roles.REPORTER, zaisei),
        colleague=person("colleague", "同僚 花子", roles.REPORTER, zaisei),
        stranger=person("stranger", "他課 次郎", roles.REPORTER, zeimu),
        viewer=person("viewer", "閲覧 三郎", roles.VIEWER, zaisei),
        committee=person("committee", "委員 四郎", roles.COMMITTEE),
        office=person("office", "行政 五郎", roles.OFFICE),
        root=User.objects.create_superuser(username="root", name="管理 六郎", password="pass"),
    )


# Below the fixtures that they stand on: what is kept lies in the order of definition.
from tests.published import filled, keys, nothing_seen_yet, official, published  # noqa: E402, F401
