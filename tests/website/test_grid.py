"""The grid of items and rounds: what its cells say, in which order, and where they lead."""

import datetime
import re

from policies.models import Plan, Scale
from reviews.models import PublishedReport, ReportErratum, Round
from tests.reading import read
from website.grid import GridCell, GridColumn, GridLine, columns_of

ADDRESS = "/plans/kodaira-2/progress/"
ITEM_1 = ["1", "項目1の取組", "財政課", "●A", "▲S", "▲S 予定以上に進捗前回から上がった"]
ITEM_2 = ["2", "項目2の取組", "税務課", "▲S", "▼B", "▼B 予定よりも遅れている前回から下がった"]
ITEM_3 = ["3仮", "項目名 未登録", "財政課", "○", "○", "○未報告"]


def grid(client, query=""):
    """The rows of the grid, without its head."""
    page = read(client.get(ADDRESS + query))
    return page.tables[0][2:] if page.tables else None


def test_grid_shows_every_item_in_every_round_with_sums(client, published):
    page = read(client.get(ADDRESS))
    assert page.tables[0] == [
        ["", "改訂版", ""],
        ["番号", "項目", "推進担当課", "H269月平成26年9月30日現在", "H273月平成27年3月31日現在", "いま"],
        ["方針1 財政基盤の強化（2件）"],
        ITEM_1,
        ITEM_3,
        ["方針2 執行体制の再構築（1件）"],
        ITEM_2,
        ["▲S 予定以上に進捗の項目数", "1", "1", ""],
        ["●A 予定どおりに進捗の項目数", "1", "0", ""],
        ["▼B 予定よりも遅れているの項目数", "0", "1", ""],
        ["○未報告の項目数", "1", "1", ""],
    ]


def test_a_cell_leads_to_the_report_of_its_round_and_says_everything_in_words(client, published):
    html = client.get(ADDRESS).content.decode()
    address, name = re.search(
        r'<a href="([^"]*programs/2/#[^"]*2015-03-31)" aria-label="([^"]*)" tabindex="-1">▼B</a>', html
    ).groups()
    assert address == "/plans/kodaira-2/programs/2/#r-2015-03-31"
    assert name == "2 平成27年3月31日 B 予定よりも遅れている"
    assert 'id="report-2015-03-31"' in client.get("/plans/kodaira-2/programs/2/").content.decode()


def test_a_code_that_is_its_mark_stands_once(client, published):
    own = published.grades.get(code="B")
    reports = PublishedReport.objects.filter(grade_code="B")
    assert reports.update(grade_code="-", tone="excluded")
    type(own).objects.filter(pk=own.pk).update(code="-", tone="excluded")
    html = client.get("/plans/kodaira-2/progress/").content.decode()
    cells = re.findall(r'<td class="excluded[^"]*">\s*<a[^>]*>\s*(.*?)\s*</a>', html)
    assert set(cells) == {"－"}


def test_order_by_department_and_the_worst_first(client, published):
    rows = grid(client, "?sort=worst")
    assert rows[:6] == [
        ["B 予定よりも遅れている（1件）"],
        ITEM_2,
        ["S 予定以上に進捗（1件）"],
        ITEM_1,
        ["未報告（1件）"],
        ITEM_3,
    ]
    rows = grid(client, "?sort=department")
    assert rows[:5] == [["財政課（2件）"], ITEM_1, ITEM_3, ["税務課（1件）"], ITEM_2]


def test_conditions_mean_what_they_mean_in_the_list(client, published):
    shown = {
        query: [row[0] for row in grid(client, query) or [] if len(row) == 6]
        for query in ("?policy=1", "?department=zeimu", "?grade=B", "?grade=unreported", "?q=項目２", "?grade=A")
    }
    assert shown == {
        "?policy=1": ["1", "3仮"],
        "?department=zeimu": ["2"],
        "?grade=B": ["2"],
        "?grade=unreported": ["3仮"],
        "?q=項目２": ["2"],
        "?grade=A": [],
    }
    assert grid(client, "?round=2014-09-30&grade=S")[1] == ["2", "項目2の取組", "税務課", "▲S", "▲S 予定以上に進捗"]
    for query in ("?sort=nix", "?grade=nix", "?round=2013-01-01"):
        response = client.get(ADDRESS + query)
        assert (response.status_code, "条件が正しくないため" in response.content.decode()) == (400, True)


def test_an_item_that_is_not_in_the_last_round_stays_with_what_was_published(client, published):
    PublishedReport.objects.filter(round__as_of=datetime.date(2015, 3, 31), program__number="2").delete()
    assert ["2", "項目2の取組", "税務課", "▲S", "·この基準日にはない項目", "この基準日にはない項目"] in grid(client)
    assert grid(client, "?sort=worst")[-6:-4] == [
        ["最後の基準日にはない項目（1件）"],
        ["2", "項目2の取組", "税務課", "▲S", "·この基準日にはない項目", "この基準日にはない項目"],
    ]


def test_a_corrected_cell_and_a_change_of_criteria_are_marked(client, published, cast):
    row = PublishedReport.objects.get(round__as_of=datetime.date(2015, 3, 31), program__number="1")
    ReportErratum.objects.create(
        plan=published,
        published_report=row,
        corrected_on=datetime.date(2015, 7, 1),
        field="progress",
        label="取組状況",
        reason="誤記",
        corrected_by=cast.office,
    )
    Scale.objects.create(plan=published, starts_on=datetime.date(2015, 1, 1), note="目標に照らした")
    page = read(client.get(ADDRESS))
    assert page.tables[0][3][4:] == ["▲S*", "▲S 予定以上に進捗"]  # and not: 前回から上がった
    assert page.tables[0][1][4] == "H273月平成27年3月31日現在（評価の基準を変更）"
    told = "平成27年3月31日から評価の基準が変わりました：目標に照らした。その前の評価とは比べていません。"
    assert told in page.texts["p"]


def test_a_plan_without_grades_by_item_says_so_and_shows_the_totals(client, plan):
    page = read(client.get(ADDRESS))
    assert "項目ごとの評価は未登録です。" in page.texts["strong"]
    assert page.tables == [
        [
            ["基準日", "▲S 予定以上に進捗", "●A 予定どおりに進捗", "▼B 予定よりも遅れている"],
            ["平成26年（2014年）9月30日", "未登録"],
            ["平成27年（2015年）3月31日", "未登録"],
        ]
    ]


def cell(tone):
    order = {"ahead": 1, "on_track": 2, "behind": 3}.get(tone)
    return GridCell(tone[:1], "", order, tone, False)


def test_a_streak_ends_at_the_last_round_and_is_said_before_the_change():
    def remark(*tones):
        columns = [GridColumn(Round(), "", False, "", "", ("", ""), False, "") for _ in tones]
        return GridLine("1", False, "", "", [], columns, [tone and cell(tone) for tone in tones], "").remark

    assert remark("behind", "on_track", "behind", "behind") == "2回続けて遅れ"
    assert remark("on_track", "behind") == "前回から下がった"
    assert remark("behind", "on_track") == "前回から上がった"
    assert remark("behind", "behind", None) == ""
    assert remark("behind", None, "behind") == ""
    assert remark("behind") == ""


def test_a_round_published_later_does_not_change_an_earlier_view():
    def published(day, at, edition):
        framework = {"edition": {"name": edition}}
        found = Round(plan=Plan(), as_of=datetime.date.fromisoformat(day), published_at=at, framework=framework)
        found.scale = None
        return found

    late, first, last = (
        published("2014-03-31", 9, "当初"),
        published("2013-09-30", 1, "当初"),
        published("2014-09-30", 5, "改訂版"),
    )
    assert [(c.iso, c.turns) for c in columns_of([last, late, first], last)] == [
        ("2013-09-30", False),
        ("2014-09-30", True),
    ]
