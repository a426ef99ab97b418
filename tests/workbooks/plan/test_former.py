"""Workbooks of earlier versions stay readable."""

import json

from workbooks.plan.changes import RawTable
from workbooks.plan.former import today

COLUMNS = ("number", "as_of", "program", "edition", "field")


def row(number, as_of, edition):
    return {"number": number, "as_of": as_of, "program": "2", "edition": edition, "field": "progress"}


def test_errata_of_contents_that_stood_among_those_of_reports_find_their_sheet():
    rows = ((2, row(1, None, "original")), (3, row(2, "2014-09-30", None)), (4, row(3, None, "original")))
    of_reports, of_contents = today(RawTable("errata", COLUMNS, rows))
    assert (of_reports.sheet, of_reports.columns) == ("errata", ("number", "as_of", "program", "field"))
    assert of_reports.rows == ((3, {"number": 1, "as_of": "2014-09-30", "program": "2", "field": "progress"}),)
    assert (of_contents.sheet, of_contents.columns) == ("content_errata", ("number", "program", "edition", "field"))
    content = {"program": "2", "edition": "original", "field": "progress"}
    assert of_contents.rows == ((2, {"number": 1} | content), (4, {"number": 2} | content))


def test_a_row_that_names_both_or_neither_keeps_both_so_that_it_is_refused():
    both = row(1, "2014-09-30", "original")
    _, of_contents = today(RawTable("errata", COLUMNS, ((2, both),)))
    assert of_contents.rows == ((2, both),)
    neither = row(1, None, None)
    of_reports, _ = today(RawTable("errata", COLUMNS, ((2, neither),)))
    assert of_reports.rows[0][1].get("as_of") is None


def test_tables_of_today_stay_as_they_are():
    table = RawTable("errata", ("number", "as_of"), ((2, {"number": 1, "as_of": None}),))
    assert today(table) == [table]


def test_that_a_round_judged_by_other_criteria_becomes_a_scale():
    rows = (
        (2, {"as_of": "2014-09-30", "edition": "o", "評価の基準の変更": None}),
        (3, {"as_of": "2015-03-31", "edition": "o", "評価の基準の変更": "厳しくした"}),
    )
    scales, rounds = today(RawTable("rounds", ("as_of", "edition", "評価の基準の変更"), rows))
    assert scales == RawTable(
        "scales", ("starts_on", "note"), ((3, {"starts_on": "2015-03-31", "note": "厳しくした"}),)
    )
    assert rounds.columns == ("as_of", "edition")
    assert [row for _, row in rounds.rows] == [
        {"as_of": "2014-09-30", "edition": "o"},
        {"as_of": "2015-03-31", "edition": "o"},
    ]
    [alone] = today(
        RawTable("rounds", ("as_of", "criteria_note"), ((2, {"as_of": "2014-09-30", "criteria_note": ""}),))
    )
    assert alone.columns == ("as_of",)


def test_no_tone_was_what_is_not_judged_until_there_was_a_tone_for_that():
    grades = RawTable(
        "grades", ("code", "tone"), ((2, {"code": "X", "tone": "none"}), (3, {"code": "A", "tone": None}))
    )
    framework = '{"grades": [{"code": "X", "tone": "none"}, {"code": "A", "tone": "ahead"}]}'
    rounds = RawTable("rounds", ("as_of", "framework"), ((2, {"as_of": "2014-09-30", "framework": framework}),))
    for version in (None, 1, 2):
        assert [row["tone"] for _, row in today(grades, version)[0].rows] == ["excluded", None]
        [(_, row)] = today(rounds, version)[0].rows
        assert [grade["tone"] for grade in json.loads(row["framework"])["grades"]] == ["excluded", "ahead"]
    assert today(grades, 3) == [grades]
    assert today(rounds, 3) == [rounds]
    broken = RawTable("rounds", ("framework",), ((2, {"framework": "["}),))
    assert today(broken, 2) == [broken]
