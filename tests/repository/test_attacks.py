"""The attack list names tests that there are, and says of each case how it ended."""

import json
import re

import pytest

from tests import attacks
from tests.attacks import ATTACKS, SQLITE, cases, table, verdict
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


def test_a_case_without_a_result_is_a_failure(monkeypatch):
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    everything = {test: ["passed"] for _area, _case, test in cases()}
    [*_others, last] = everything
    assert verdict(everything, [0, 0], needing_a_server=set()) == 0
    assert verdict(everything, [0, 1], needing_a_server=set()) == 1
    assert verdict(everything | {last: []}, [0, 0], needing_a_server=set()) == 1
    assert verdict(everything | {last: ["passed", "failed"]}, [0, 0], needing_a_server=set()) == 1
    assert verdict(everything | {last: []}, [0], needing_a_server={last}) == 0
    monkeypatch.setenv("REQUIRE_ALL", "1")
    assert verdict(everything | {last: []}, [0], needing_a_server={last}) == 1


def test_what_has_no_result_on_the_server_is_run_on_sqlite(monkeypatch, capsys):
    """And the table holds both."""
    first, *others = dict.fromkeys(test for _area, _case, test in cases())
    asked = []

    def run(tests, url, left, done):
        asked.append((len(tests), url, left))
        found = others if url.startswith("postgresql") else [first]
        return 0, {test: ["passed"] for test in found}, set()

    monkeypatch.setattr(attacks, "_run", run)
    monkeypatch.setenv("DATABASE_URL", "postgresql:///somewhere")
    assert attacks.main([]) == 0
    assert asked == [
        (len(others) + 1, "postgresql:///somewhere", "not sqlite"),
        (1, "sqlite://:memory:", "not postgresql"),
    ]
    said = capsys.readouterr().out
    assert (said.count("防いだ（1通り）"), said.count("行っていない")) == (len(cases()), 0)


@pytest.mark.soak
def test_what_an_earlier_run_has_noted_is_not_run_again(monkeypatch, tmp_path, capsys):
    """But for the parameters that it left out; and what failed there is a failure of the list."""
    done, in_part, failed = (
        f"tests/repository/test_attacks.py::{name}"
        for name in (
            "test_every_case_is_tried_by_a_test_that_there_is",
            "test_the_table_tells_what_failed_and_what_was_not_tried",
            "test_a_case_without_a_result_is_a_failure",
        )
    )
    monkeypatch.setattr(attacks, "cases", lambda: [("", "", test) for test in (done, in_part, failed)])
    monkeypatch.setenv("DATABASE_URL", SQLITE)
    monkeypatch.setenv("TEST_DIR", str(tmp_path))
    earlier = tmp_path / "earlier.json"
    noted = {done: ["passed"], f"{in_part}[other]": ["passed"], failed: ["failed"]}
    earlier.write_text(json.dumps({"outcomes": noted, "deselected": []}))
    assert attacks.main([str(earlier), str(tmp_path / "never written.json")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(" … ")[2] for line in lines[-3:]] == ["防いだ（1通り）", "防いだ（2通り）", "1/1 失敗"]
