"""The tests' database is made from the models (tests/settings.py), a site's by the migrations: both are the same."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest
from django.db import connection

from tests.repository.packages import ROOT

_POSTGRESQL = (
    """SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
                  is_nullable, column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public'""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint
                      JOIN pg_namespace ON pg_namespace.oid = connamespace WHERE nspname = 'public'""",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
)

_CASTS = re.compile(r"::(text|character varying)(\[\])?|[()]")  # a constraint is printed as it was typed, once or twice
_OF_DJANGO = [("auth_group_permissions", "id")]  # its number is wider where the migrations of Django made it


def _of_postgresql(cursor):
    found = set()
    for query in _POSTGRESQL:
        cursor.execute(query)
        found |= {tuple(_CASTS.sub("", str(value)) for value in row) for row in cursor.fetchall()}
    return {row for row in found if row[0] != "django_migrations" and row[:2] not in _OF_DJANGO}


def _parts(statement):
    """What stands between the outer brackets of CREATE TABLE, part by part."""
    inside = statement[statement.index("(") + 1 : statement.rindex(")")]
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(inside):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append(inside[start:at])
            start = at + 1
    return {re.sub(r"\s+", " ", part).strip() for part in (*parts, inside[start:])}


def _of_sqlite(cursor):
    cursor.execute("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    rows = cursor.fetchall()
    return {
        (kind, name, part)
        for kind, name, sql in rows
        if name != "django_migrations"
        for part in (_parts(sql) if kind == "table" else {sql})
    }


def _assert_same(migrated, made):
    assert migrated
    assert (sorted(migrated - made, key=str), sorted(made - migrated, key=str)) == ([], [])


def _migrate(url):
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=env | {"DATABASE_URL": url, "DEBUG": "1", "SECRET_KEY": "x" * 50}, check=True)


@pytest.fixture
def database_of_a_server():
    """The address of an empty database beside that of the tests."""
    server, own = os.environ["DATABASE_URL"].rpartition("/")[0], f"{connection.settings_dict['NAME']}_migrated"
    with closing(psycopg2.connect(f"{server}/postgres")) as admin:
        admin.autocommit = True
        admin.cursor().execute(f'DROP DATABASE IF EXISTS "{own}"')
        admin.cursor().execute(f'CREATE DATABASE "{own}"')
        yield f"{server}/{own}"
        admin.cursor().execute(f'DROP DATABASE "{own}"')


@pytest.mark.soak  # half a minute
@pytest.mark.postgresql
def test_migrations_give_the_tables_of_the_models_on_postgresql(db, database_of_a_server):
    _migrate(database_of_a_server)
    with closing(psycopg2.connect(database_of_a_server)) as migrated, connection.cursor() as cursor:
        _assert_same(_of_postgresql(migrated.cursor()), _of_postgresql(cursor))


@pytest.mark.soak
@pytest.mark.sqlite
def test_migrations_give_the_tables_of_the_models_on_sqlite(db, tmp_path):
    path = tmp_path / "migrated.sqlite3"
    _migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as migrated, connection.cursor() as cursor:
        _assert_same(_of_sqlite(migrated.cursor()), _of_sqlite(cursor))
