"""No file of this folder is forgotten, and those that want much cost little."""

import ast
import re
import subprocess
import sys

import pytest

from core.spreadsheets.limits import MAX_BYTES, MAX_ROWS, MAX_UNPACKED
from tests.cases.files import FOLDER, NAMES, path_of
from tests.repository.packages import ROOT
from workbooks.survey import reading

# File → the limits of its door.
GREEDY = {
    "s91_XFD_and_3000_rows_3_sheets": (MAX_BYTES, reading._MAX_UNPACKED, reading._MAX_ROWS),
    "l76_4000_rows_and_XFD1": (MAX_BYTES, MAX_UNPACKED, MAX_ROWS + 1_000),
}
READER = """
import resource, sys, time
from core.spreadsheets import sheets
name, *limits = sys.argv[1:]
start = time.monotonic()
book = sheets.read_book(open(name, "rb").read(), **dict(zip(("max_bytes", "max_unpacked", "max_rows"), map(int, limits))))
print(time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, max(
    len(row) for sheet in book.sheets.values() for row in sheet.rows))
"""


def named_in(path):
    """The files that a test module names: each is a row of a table that tests take their parameters from, or a test's own."""
    texts = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    return NAMES & {text for text in texts if isinstance(text, str)}


def test_every_file_has_its_row_and_stands_in_the_readme():
    modules = [FOLDER / f"test_{name}.py" for name in ("sheets", "lists", "books", "truth", "guide")]
    asked = {path.stem: named_in(path) for path in modules}
    common = {"00_base_plan", "base_survey"}  # which the others are made of
    assert set().union(*asked.values()) == NAMES
    assert [name for name in NAMES - common if sum(name in found for found in asked.values()) != 1] == []
    named = re.findall(r"^\| `([^`]+)`", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(NAMES)


@pytest.mark.parametrize("name", GREEDY)
def test_a_blank_cell_far_away_costs_little(name):
    """Asked in a small process: the peak of a child begins with what its parent had."""
    limits = [str(limit) for limit in GREEDY[name]]
    done = subprocess.run(
        [sys.executable, "-c", READER, path_of(name), *limits], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, kilobytes, widest = done.stdout.split()
    assert float(seconds) < 10
    assert int(kilobytes) < 300 * 1024
    assert int(widest) < 100
