"""Of a round of which only a part of the city's results is registered nothing is told as if it were the whole."""

import datetime

import pytest

from committee.models import Meeting
from figures.models import PublishedFigure
from reviews import past
from tests.factories import PUBLIC, published_round
from tests.figures.imported import figure, ledger, reasons
from tests.kept import kept
from tests.published import freeze
from tests.reading import read

Measure = PublishedFigure.Measure
FIRST, SECOND = datetime.date(2014, 9, 30), datetime.date(2015, 3, 31)


@kept
def partly(plan, cast):
    """2014-09-30, as the city published it: 1 = A, of 2 and 3 nothing is known. 2015-03-31, our own: 1 = S, 2 = B."""
    freeze(plan, cast.office)
    first = plan.rounds.get(as_of=FIRST)
    given = {"source": plan.sources.get(), "released_on": datetime.date(2014, 11, 20), "by": cast.office}
    past.register_past(first, past.read_results(first, "1\tA\n"), **given)
    published_round(plan, {1: "S", 2: "B"}, by=cast.office)
    return plan


def test_the_ledger_compares_no_part_with_the_whole(partly):
    day = {"as_of": FIRST}
    figure(partly, "total", Measure.GRADED_TOTAL, 3, **day)
    figure(partly, "count", Measure.GRADE_COUNT, 1, category="A", **day)
    figure(partly, "share", Measure.GRADE_SHARE, 100, unit="%", category="A", **day)
    figure(partly, "change", Measure.GRADE_COUNT_CHANGE, -1, category="A", as_of=SECOND)
    figure(partly, "own", Measure.GRADE_COUNT, 1, category="B", as_of=SECOND)
    found = ledger(partly)
    assert {key: status for key, (status, _) in found.items()} == {
        **dict.fromkeys(("total", "count", "share", "change"), "照合できません"),
        "own": "一致",
    }
    reason = "市が公表した平成26年9月30日の結果のうち、2項目が未登録のため、照合できません。"
    said = reasons(partly)
    assert {said[key] for key in ("total", "count", "share", "change")} == {reason}


def test_a_policy_of_which_all_is_known_is_compared(partly):
    two = partly.programs.get(number="2").policy
    figure(partly, "unknown", Measure.GRADED_TOTAL, 0, as_of=FIRST, policy=two)
    partly.programs.filter(number="3").update(ended_on=datetime.date(2014, 3, 31), end_reason="completed")
    figure(
        partly,
        "known",
        Measure.GRADE_COUNT,
        1,
        category="A",
        as_of=FIRST,
        policy=partly.programs.get(number="1").policy,
    )
    found = ledger(partly)
    assert (found["unknown"][0], found["known"]) == ("照合できません", ("一致", 1))


def test_tables_call_it_unregistered(partly, client):
    [table] = [one for one in read(client.get("/plans/kodaira-2/progress/")).tables if one[0][0] == "基準日"]
    assert table[0][-1] == "未登録・未報告"
    assert [row[1:] for row in table[1:]] == [["0", "1", "0", "2"], ["1", "0", "1", "1"]]
    page = client.get("/plans/kodaira-2/progress/?round=2014-09-30").content.decode()
    assert "この基準日にはない項目" not in page
    round_page = read(client.get("/plans/kodaira-2/progress/2014-09-30/"))
    [by_policy] = [one for one in round_page.tables if one[0][0] == "方針"]
    assert by_policy[0][-2:] == ["未登録", "計"]


def test_the_packet_and_the_report_of_such_a_round_call_it_unregistered_too(partly, client):
    Meeting.objects.create(plan=partly, held_on="2014-12-01", **PUBLIC)
    for address in ("committee/2014-12-01/", "report/2014-09-30/"):
        told = read(client.get(f"/plans/kodaira-2/{address}"))
        tables = [table for table in told.tables if table[0][-1] == "計"]
        assert [table[0][-2] for table in tables] == ["未登録"] * (2 if "report" in address else 1), address


@pytest.mark.parametrize(("number", "missing"), [(1, "未登録・未報告"), (2, "未登録")])
def test_the_course_of_a_policy_counts_what_is_not_known(partly, client, number, missing):
    page = read(client.get(f"/plans/kodaira-2/policies/{number}/"))
    [course] = [one for one in page.tables if one[0][0] == "基準日"]
    assert course[0][-1] == missing
    assert course[1][0].startswith("平成26年（2014年）9月30日")
    assert course[1][-1] == "1"


@pytest.mark.parametrize("address", ["programs/", "policies/2/"])
def test_the_course_of_an_item_in_a_list_calls_it_unregistered(partly, client, address):
    rows = read(client.get(f"/plans/kodaira-2/{address}")).tables[-1]
    [course] = [row[3] for row in rows if row[0] == "2"]
    assert course == "○平成26年9月30日 未登録、▼平成27年3月31日 B、"
