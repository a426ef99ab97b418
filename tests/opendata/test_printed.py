"""The open data of a plan of which the city has printed totals alone: as full as its pages, every row with its source."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.kept import kept

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DATA = "/plans/kodaira-2"


@kept
def kodaira():
    call_command("load_official", verbosity=0)


def rows(client, name):
    content = client.get(f"{DATA}/{name}").getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def some(found, *names):
    return [tuple(row[name] for name in names) for row in found]


def test_rounds_grades_and_effects_stand_in_the_same_tables_as_those_of_items(client, kodaira):
    rounds = rows(client, "data/rounds.csv")
    assert len(rounds) == 10
    assert some(rounds[-2:], "level", "as_of", "edition", "item_count", "graded_count", "source") == [
        ("plan", "2015-09-30", "fy2013-revision", "", "", "S2"),
        ("plan", "2016-03-31", "fy2013-revision", "62", "62", "S2"),
    ]
    assert some(rows(client, "data/grade_counts.csv"), "level", "as_of", "grade", "item_count", "source") == [
        ("plan", "2016-03-31", "A", "50", "S2"),
        ("plan", "2016-03-31", "B", "11", "S2"),
        ("plan", "2016-03-31", "S", "1", "S2"),
    ]
    effects = rows(client, "data/effects.csv")
    assert len(effects) == 15
    assert {(row["level"], row["program_number"], row["source"]) for row in effects} == {("plan", "", "S2")}
    of_2015 = [row for row in effects if row["fiscal_year"] == "2015"]
    assert some(of_2015, "kind", "basis", "amount", "is_approximate") == [
        ("revenue", "budget", "1000", "true"),
        ("saving", "budget", "168000", "true"),
        ("total", "budget", "169000", "true"),
    ]


def test_editions_and_the_revision_are_told_with_source_and_date(client, kodaira):
    assert some(rows(client, "data/editions.csv"), "level", "edition", "decided", "frozen_on", "source") == [
        ("plan", "original", "", "", "S1"),
        ("plan", "fy2013-revision", "平成25年度末", "", "S1"),
    ]
    [revision] = rows(client, "data/revisions.csv")
    assert (revision["level"], revision["from_edition"], revision["decided"], revision["source"]) == (
        *("plan", "original"),
        *("平成25年度末", "S1"),
    )
    assert revision["purpose"].startswith("計画をつくったときから")
    counts = rows(client, "data/revision_counts.csv")
    assert some(counts[:2], "aspect", "aspect_label", "published_count", "source") == [
        ("items", "見直した項目", "50", "S1"),
        ("departments", "推進担当課の追加", "9", "S1"),
    ]


def test_every_row_of_the_tidy_table_has_its_source(client, kodaira):
    long = rows(client, "long.csv")
    assert {row["source"] for row in long} == {"S1", "S2"}
    assert {(row["measure"], row["level"]) for row in long} == {
        *(("item_count", "plan"), ("item_count", "policy"), ("grade_count", "plan"), ("effect", "plan")),
        *(("revised_items", "plan"), ("revised_aspect", "plan")),
    }
    policy = {row["policy_number"]: row["value"] for row in long if row["level"] == "policy"}
    assert policy == {"1": "15", "2": "5", "3": "7", "4": "18", "5": "17"}
    assert rows(client, "long.csv?policy=1") == []  # about items that were asked for, of which nothing is known


def test_the_api_gives_the_same(client, kodaira):
    found = client.get(f"/api/v1{DATA}/effects?fiscal_year=2011").json()["items"]
    assert [(row["level"], row["kind"], row["amount"]) for row in found] == [
        ("plan", "revenue", 179000),
        ("plan", "saving", 106000),
        ("plan", "total", 285000),
    ]
    long = client.get(f"/api/v1{DATA}/long?per_page=1000").json()
    assert long["count"] == len(rows(client, "long.csv"))


def test_the_examples_print_something_for_a_plan_known_by_totals(client, kodaira, tmp_path):
    folder = tmp_path / "plans" / "kodaira-2"
    folder.mkdir(parents=True)
    (folder / "long.csv").write_bytes(client.get(f"{DATA}/long.csv").getvalue())
    done = subprocess.run(
        [sys.executable, EXAMPLES / "grades_over_time.py", f"file://{tmp_path}", "kodaira-2"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.split()
    assert said[:9] == ["評価の推移（項目数）", "grade", "A", "B", "S", "as_of", "2016-03-31", "50", "11"]
    assert ("2011", "revenue", "179000") in zip(said, said[1:], said[2:], strict=False)


@pytest.mark.usefixtures("transactional_db")
def test_the_example_for_the_api_names_every_item(live_server):
    call_command("load_official", verbosity=0)
    done = subprocess.run(
        [sys.executable, EXAMPLES / "every_item.py", live_server.url, "kodaira-2"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 62
    assert "27 事業仕分けの実施 未登録" in lines
