"""The attack list names tests that there are, and says of each case how it ended."""

import re

from tests.attacks import ATTACKS, cases, table
from tests.repository.packages import ROOT


def test_every_case_is_tried_by_a_test_that_there_is():
    missing = []
    for _area, case, test in cases():
        path, _, name = test.partition("::")
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE):
            missing.append((case, test))
    assert missing == []
    tests = [test for _area, _case, test in cases()]
    assert len(tests) == len(set(tests)) >= 60
    assert len(ATTACKS) >= 8


def test_the_table_tells_what_failed_and_what_was_not_tried():
    first, second = (test for _area, _case, test in cases()[:2])
    lines = table({first: ["passed", "passed"], second: ["passed", "failed"]})
    assert [line.rpartition(" … ")[2] for line in lines[:3]] == ["防いだ（2通り）", "1/2 失敗", "行っていない"]
    assert len(lines) == len(cases())
