"""Imports run one way: value modules ← accounts ← policies ← programs ← reviews. Only kodaira_reform/urls.py looks up."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ["kodaira_reform", "accounts", "policies", "programs", "reviews"]
PRODUCT = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
MAY_LOOK_UP = {"kodaira_reform/urls.py"}


def imported(path):
    """First parts of the names of all modules that a file imports, wherever in the file. Relative imports are own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def upward(path, name):
    """The layers above `name` that a file imports, and the tests."""
    above = {*LAYERS[LAYERS.index(name.partition("/")[0]) + 1 :], "tests"}
    return sorted(above & set(imported(path)))


def test_imports_run_one_way():
    names = {path: path.relative_to(ROOT).as_posix() for path in PRODUCT}
    wrong = {name: found for path, name in names.items() if name not in MAY_LOOK_UP and (found := upward(path, name))}
    assert wrong == {}


def test_the_check_sees_an_import_inside_a_function(tmp_path):
    path = tmp_path / "models.py"
    path.write_text("def late():\n    from reviews.models import Report\n    return Report\n")
    assert upward(path, "accounts/models.py") == ["reviews"]


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_stay_readable(path):
    lines = 0 if "migrations" in path.parts else len(path.read_text().splitlines())
    assert lines <= 520, "cut it by business noun"
