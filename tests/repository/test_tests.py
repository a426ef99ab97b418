"""Tests stand by themselves: what several of them use stands in modules of its own, and what tests/run.py names exists."""

import ast

from tests.repository.packages import ROOT
from tests.run import ONE_DATABASE

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


def test_what_runs_on_one_database_exists():
    """A file that moved would run on both again, unseen."""
    assert [name for name in ONE_DATABASE if not (TESTS / name).exists()] == []
