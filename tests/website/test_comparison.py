"""Any two published rounds side by side."""

import datetime

import pytest

from policies.models import Scale
from programs.models import Program
from tests import factories
from tests.kept import kept
from tests.published import freeze
from tests.reading import read

PAGE = "/plans/kodaira-2/compare/"
DAYS = (datetime.date(2014, 9, 30), datetime.date(2015, 3, 31), datetime.date(2015, 9, 30))


@kept
def three(cast):
    """Three rounds of 6 items. 1: A A S; 2: S B S; 3: – – A; 4: B A A; 5 ended after the first; 6 came with the last."""
    plan = factories.small_plan(programs=6)
    freeze(plan, cast.office)
    plan.rounds.create(as_of=DAYS[2], edition=plan.editions.get(key="fy2013-revision"))
    Program.objects.filter(number="5").update(ended_on=datetime.date(2014, 12, 31), end_reason="completed")
    Program.objects.filter(number="6").update(added_on=datetime.date(2015, 7, 1))
    for day, grades in zip(
        DAYS,
        ({1: "A", 2: "S", 4: "B", 5: "A"}, {1: "A", 2: "B", 4: "A"}, {1: "S", 2: "S", 3: "A", 4: "A", 6: "A"}),
        strict=True,
    ):
        factories.published_round(plan, grades, by=cast.office, as_of=day)
    return plan


def groups(page):
    return [text for text in page.texts["h2"] if text.endswith("件）")]


def moves(page):
    return [text for text in page.texts.get("li", []) if "の取組" in text or "項目名" in text]


def test_without_an_answer_the_two_latest_are_compared(client, three):
    page = read(client.get(PAGE))
    assert (page.definitions["評価が下がった"], page.definitions["評価が上がった"]) == ("0項目", "2項目")
    assert (page.definitions["変わらない"], page.definitions["比べられない"]) == ("1項目", "1項目")
    assert groups(page) == [
        "評価が上がった項目（2件）",
        "加わった項目（1件）",
    ]
    assert "評価が下がった項目、なくなった項目はありません。" in page.texts["p"]
    assert moves(page) == [
        "1 項目1の取組●A 予定どおりに進捗 → から▲S 予定以上に進捗",
        "2 項目2の取組▼B 予定よりも遅れている → から▲S 予定以上に進捗",
        "6 項目6の取組●A 予定どおりに進捗",
    ]


def test_any_two_rounds_whatever_lies_between(client, three):
    page = read(client.get(f"{PAGE}?from=2014-09-30&to=2015-09-30&utm_source=mail"))
    assert groups(page) == [
        *("評価が上がった項目（2件）", "加わった項目（1件）", "なくなった項目（1件）"),
    ]
    assert moves(page) == [
        "1 項目1の取組●A 予定どおりに進捗 → から▲S 予定以上に進捗",
        "4 項目4の取組▼B 予定よりも遅れている → から●A 予定どおりに進捗",
        "6 項目6の取組●A 予定どおりに進捗",
        "5 項目5の取組●A 予定どおりに進捗",
    ]
    assert page.tables[0][1:] == [
        ["▲S 予定以上に進捗", "1", "0", "0", "1"],
        ["●A 予定どおりに進捗", "1", "0", "0", "1"],
        ["▼B 予定よりも遅れている", "0", "1", "0", "1"],
        ["○評価なし", "0", "1", "0", "1"],
    ]


def test_across_a_change_of_the_scale_nothing_is_better_or_worse(client, three):
    Scale.objects.create(plan=three, starts_on="2015-03-31", note="厳しくした")
    answer = client.get(f"{PAGE}?from=2014-09-30&to=2015-09-30")
    page = read(answer)
    assert groups(page) == ["加わった項目（1件）", "なくなった項目（1件）"]
    assert "評価が下がった" not in answer.text
    assert "評価が上がった" not in answer.text
    assert "変わったこと：厳しくした" in answer.text
    assert page.tables[0][1][1] == "1"  # who had S has S again
    # Both after the change: comparable again.
    again = read(client.get(f"{PAGE}?from=2015-03-31&to=2015-09-30"))
    assert groups(again) == ["評価が上がった項目（2件）", "加わった項目（1件）"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("from=2014-09-29", "前の基準日：この基準日の公表はありません。一覧から選び直してください。"),
        ("to=x", "後の基準日：この基準日の公表はありません。一覧から選び直してください。"),
        ("from=2015-09-30&to=2014-09-30", "前の基準日：前の基準日には、後の基準日より前の日を選んでください。"),
        ("from=2015-09-30", "前の基準日：前の基準日には、後の基準日より前の日を選んでください。"),
        ("to=2014-09-30", "前の基準日：前の基準日には、後の基準日より前の日を選んでください。"),
        ("to=2015-09-30&to=2015-03-31", "後の基準日：同じ条件が二つ以上あります。一つだけ指定してください。"),
        ("fron=2014-09-30", "「fron」という条件はありません。アドレスから消してください。"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(client, three, query, reason):
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    page = read(answer)
    assert reason in page.texts["li"]
    assert page.tables == []


def test_a_round_that_is_not_published_cannot_be_chosen(client, plan, cast):
    freeze(plan, cast.office)
    page = client.get(PAGE)
    assert (page.status_code, "登録されているのは0回分です" in page.text) == (200, True)
    factories.published_round(plan, {1: "A"}, by=cast.office)
    assert "登録されているのは1回分です" in client.get(PAGE).text
    assert client.get(f"{PAGE}?to=2015-03-31").status_code == 400
