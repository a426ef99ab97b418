"""No module needs itself to be imported: within a package, too, imports run one way."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.repository.packages import PRODUCT, ROOT


def module_name(path):
    """policies/models/__init__.py is policies.models."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def run_on_import(node):
    """What Python runs when it imports a module: no body of a function, and nothing that only the type checker reads."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    yield node
    checked = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    for child in node.orelse if checked else ast.iter_child_nodes(node):
        yield from run_on_import(child)


def needed(text, modules):
    """Those of the modules that Python code imports when it is imported itself."""
    for node in run_on_import(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [part if part in modules else node.module for part in parts]
        else:
            continue
        yield from (name for name in names if name in modules)


def circle(texts):
    """Names of modules of which each needs the next one, and the last is the first; empty without a circle."""
    try:
        TopologicalSorter({name: set(needed(text, texts)) for name, text in texts.items()}).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


def test_no_module_needs_itself():
    assert circle({module_name(path): path.read_text() for path in PRODUCT}) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from plans.models import Plan", ["plans.line", "plans.models"]),
        ("import plans.models", ["plans.line", "plans.models"]),
        ("if True:\n    from plans import models", ["plans.line", "plans.models"]),
        ("from plans.line import Line", ["plans.line"]),
        ("def late():\n    from plans.models import Plan", []),
        ("if TYPE_CHECKING:\n    from plans.models import Plan", []),
        ("from plans import words", []),
    ],
)
def test_the_check_sees_a_circle(code, found):
    texts = {"plans": "", "plans.words": "", "plans.line": code, "plans.models": "from plans.line import Line"}
    assert sorted(set(circle(texts))) == found
