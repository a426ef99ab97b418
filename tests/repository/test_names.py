"""A class's name stands once in the product, so that a word names one thing.

A class within a class is named together with it (`Report.State`, `Meta`) and may be called like that of another. Django calls
every command `Command`, and what the API answers with is called as its OpenAPI document says it (opendata/api/schemas.py).
"""

import ast
from collections import defaultdict

from tests.repository.packages import PRODUCT, ROOT

EVERYWHERE = {"Command", "Migration"}
OF_THE_API = "opendata/api/schemas.py"


def classes_of(tree):
    """The names of its classes that are in no other class, private ones without the underscore."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
        else:
            yield from classes_of(node)


def test_a_name_of_a_class_stands_once():
    places = defaultdict(list)
    for path in PRODUCT:
        if (name := str(path.relative_to(ROOT))) != OF_THE_API:
            for found in classes_of(ast.parse(path.read_text())):
                places[found].append(name)
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in EVERYWHERE}
    assert twice == {}
