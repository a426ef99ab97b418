"""Tests stand by themselves: what several of them use stands in modules of its own, and what tests/run.py names exists."""

import ast
from itertools import product

from tests.repository.packages import PACKAGES, ROOT
from tests.run import ON_POSTGRESQL, ON_SQLITE, PROGRAMS, chosen

TESTS = ROOT / "tests"


def names_in_imports(path):
    """Every part of a dotted name, and every name, that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "").split(".")
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield from alias.name.split(".")


def test_no_test_module_is_imported():
    modules = {path.stem for path in TESTS.rglob("test_*.py")}
    importers = {
        path.relative_to(ROOT).as_posix(): found
        for path in TESTS.rglob("*.py")
        if (found := sorted(modules & set(names_in_imports(path))))
    }
    assert importers == {}


def test_every_package_is_tested_in_a_folder_of_its_name():
    """The settings are tested with the repository, whose they are."""
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")}
    assert sorted({*PACKAGES} - folders) == ["kodaira_reform"]


def test_what_runs_on_one_database_exists():
    """A file that moved would run on both again, unseen."""
    assert [name for name in (*ON_SQLITE, *ON_POSTGRESQL) if not (TESTS / name).exists()] == []


def test_every_test_runs_in_one_command_and_in_both_on_both_databases():
    names = ("soak", "sqlite", "postgresql", "sqlite_first", "postgresql_first", *PROGRAMS)
    runs = {(what, name): those for what in ("test", "soak") for name, those in chosen(what).items()}
    wrong = {}
    for home, soak, program in product(("", *names[1:5]), (False, True), ("", *PROGRAMS)):
        marks = {home, program, "soak" if soak else ""}
        true = dict.fromkeys(names, False) | dict.fromkeys(marks, True)
        found = {place for place, those in runs.items() if eval(those, true)}  # noqa: S307 - our own expressions
        on = {name for _what, name in found}
        only = {"sqlite": {"SQLite"}, "postgresql": {"PostgreSQL"}}.get(home, {"SQLite", "PostgreSQL"})
        if program and soak and home != "postgresql":
            only = {"SQLite"}  # programs of long runs are started once
        if on != only or (not soak and not any(what == "test" for what, _name in found)):
            wrong[home, soak, program] = sorted(found)
    # None of the long tests that start a program asks a server of PostgreSQL.
    assert wrong == {("postgresql", True, program): [] for program in PROGRAMS}
