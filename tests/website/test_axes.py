"""A plan that judges by three axes: the pages, files and the ledger speak of each; a plan with one speaks of none."""

import csv
import io
import re

import openpyxl

from committee.models import KeyProgram
from figures import version
from figures.axes import counts_by_axis
from figures.models import PublishedFigure
from policies.models import Grade, Plan, Scale
from reviews import workflow
from reviews.models import PublishedJudgement, PublishedReport, Round
from tests import factories
from tests.figures.imported import figure, ledger, reasons, table
from tests.kept import kept
from tests.published import EARLIER, LATEST, freeze
from tests.reading import read
from tests.workbooks.plan import books
from website.trend import axis_trends
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book

Measure = PublishedFigure.Measure


def grade(plan, axis, code):
    return Grade.objects.get(plan=plan, axis__key=axis, code=code)


def publish(plan, cast, judged):
    """Publish the next planned round: number → (main, outcome, committee or None)."""
    round_ = workflow.open_round(plan.rounds.filter(state="planned").first(), by=cast.office)
    for number, (main, outcome, committee) in judged.items():
        judgements = {"judgements": {"outcome": grade(plan, "outcome", outcome)}}
        report = factories.handed_in(round_, number, main, by=cast.office, **judgements)
        if committee:
            given = {"committee": grade(plan, "committee", committee)}
            report = workflow.judge(report, given, by=cast.office, version=report.version)
        workflow.approve(report, by=cast.office)
    return workflow.publish(round_, by=cast.office, accept_unreported=True)


@kept
def axes(plan, cast):
    freeze(plan, cast.office)
    factories.further_axes(plan)
    publish(plan, cast, {1: ("A", "A", "A"), 2: ("S", "B", None)})
    publish(plan, cast, {1: ("S", "A", "A"), 2: ("B", "B", "C")})
    return plan


def trends(plan):
    return axis_trends(list(plan.rounds.all()), {EARLIER: 3, LATEST: 3})


def rows_of(client, path):
    text = client.get(f"/plans/kodaira-2/{path}").getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def page(client, path):
    answer = client.get(f"/plans/kodaira-2/{path}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_page_of_a_round_counts_every_axis(client, axes):
    html = page(client, f"progress/{EARLIER}/")
    assert [html.count(f">{name}</h2>") for name in ("実施状況", "達成度", "委員会評価")] == [1, 1, 1]
    found = counts_by_axis(axes.rounds.get(as_of=EARLIER), 3)
    assert [(one.name, [count for _, count in one.cells], one.unjudged) for one in found] == [
        ("達成度", [1, 1], 1),
        ("委員会評価", [1, 0], 2),
    ]


def test_the_page_of_an_item_names_every_axis(client, axes):
    html = page(client, "programs/2/")
    for text in ("実施状況：", "達成度：", "委員会評価：", "C 見直しが必要"):
        assert text in html
    assert html.count("委員会評価：") == 3  # now, and one a round


def test_a_judgement_that_is_taken_back_is_so_on_page_file_and_packet(client, axes, cast):
    axes.meetings.create(held_on="2015-06-01", **factories.PUBLIC)
    KeyProgram.objects.create(program=axes.programs.get(number="2"), fiscal_year=2015)
    Round.objects.filter(plan=axes).update(published_at="2015-05-01T09:00:00+09:00")
    row = PublishedReport.objects.get(number="2", round__as_of=LATEST)
    client.force_login(cast.office)
    told = {"field": "judgement:committee", "new": "", "reason": "別の項目の評価だったため"}
    assert client.post(f"/admin/reviews/publishedreport/{row.pk}/correct/", told).status_code == 302
    item, packet = page(client, "programs/2/"), page(client, "committee/2015-06-01/")
    said = '委員会評価：<span class="text">誤「C」→ 正「（空欄）」</span>'
    assert item.count(said) == 2  # now, and with the round
    assert said in packet
    assert item.partition('class="strip')[2].partition("</table>")[0].count("訂正あり") == 1
    [erratum] = rows_of(client, "errata.csv")
    assert [erratum[name] for name in ("field", "old", "new")] == ["judgement:committee", "C", ""]


def scale_of(plan, axis, note="三段階にした"):
    Scale.objects.create(plan=plan, axis=plan.axes.get(key=axis), starts_on="2014-10-01", note=note)


TREND, BREAK = 'id="trend-', "「委員会評価」の評価の基準が変わりました：三段階にした。その前の評価とは比べられません。"


def test_each_axis_has_a_trend_of_its_own_on_the_pages_of_the_grid_and_of_a_policy(client, axes):
    found = [(one.name, [list(line.counts.by_grade) for line in one.lines]) for one in trends(axes)]
    assert found == [("達成度", [[1, 1], [1, 1]]), ("委員会評価", [[1, 0], [1, 1]])]
    assert [[line.counts.unreported for line in one.lines] for one in trends(axes)] == [[1, 1], [2, 1]]
    for path, judged in (("progress/", 2), ("policies/1/", 2)):
        html = page(client, path)
        assert (html.count(TREND), html.count('class="break"')) == (judged, 0)
        assert "「未報告」は" not in html.partition(TREND)[2]
    [outcome, committee] = axis_trends(list(axes.rounds.all()), {EARLIER: 1, LATEST: 1}, 2)
    assert [[list(line.counts.by_grade) for line in one.lines] for one in (outcome, committee)] == [
        [[0, 1], [0, 1]],
        [[0, 1]],
    ]


def test_another_scale_of_a_further_axis_is_drawn_wherever_its_judgements_stand(client, axes):
    """And nowhere else: the first axis goes on with its own."""
    pages = ("progress/", "policies/1/", "programs/1/", f"progress/{LATEST}/", f"report/{LATEST}/")
    assert [path for path in pages if BREAK in page(client, path)] == []
    scale_of(axes, "committee")
    version.forget()
    told = {path: page(client, path) for path in (*pages, f"progress/{EARLIER}/", "programs/2/")}
    assert [path for path, html in told.items() if BREAK in html] == list(pages)  # item 2 was judged for the first time
    drawn = {path: html.count('<line class="break"') for path, html in told.items() if TREND in html}
    assert drawn == {"progress/": 2, "policies/1/": 2}  # in the chart and its legend
    assert [one.scale_starts != [] for one in trends(axes)] == [False, True]
    assert "評価が上がった" in told[f"progress/{LATEST}/"]


def test_a_meeting_has_every_axis_before_it(client, axes, cast):
    Round.objects.filter(plan=axes).update(published_at="2015-05-01T09:00:00+09:00")
    scale_of(axes, "committee")
    axes.meetings.create(held_on="2015-06-01", **factories.PUBLIC)
    KeyProgram.objects.create(program=axes.programs.get(number="1"), fiscal_year=2015)
    html = page(client, "committee/2015-06-01/")
    assert html.count("（委員会の評価）") == 1
    assert html.count("委員会評価：") == 2  # of the item that is behind, and of the key item
    assert "C 見直しが必要" in html
    assert BREAK in html


def test_the_sheets_for_people_have_every_axis(client, axes):
    scale_of(axes, "committee")
    version.forget()

    def sheets(query=""):
        data = client.get(f"/plans/kodaira-2/programs.xlsx{query}").getvalue()
        return openpyxl.load_workbook(io.BytesIO(data))

    book = sheets()
    rows = list(book["一覧"].iter_rows(values_only=True))
    at = rows[3].index("達成度")
    assert rows[3][at + 1] == "委員会評価"
    told = {str(row[0]): row[at : at + 2] for row in rows[4:] if row[at]}
    assert told == {"1": ("A 届いた", "A 妥当"), "2": ("B 届いていない", "C 見直しが必要")}
    assert "「委員会評価」の評価の基準が変わりました：三段階にした" in rows[1][0]
    totals = [row[:2] for row in book["集計"].iter_rows(values_only=True)]
    start = totals.index(("委員会評価（委員会の評価）", None))
    assert totals[start + 2 : start + 7] == [
        ("評価", "項目数"), ("A 妥当", 1), ("C 見直しが必要", 1), ("未登録", 1), ("計", 3),
    ]  # fmt: skip
    narrowed = [row[:2] for row in sheets("?policy=2")["集計"].iter_rows(values_only=True)]
    start = narrowed.index(("達成度（推進担当課の評価）", None))
    assert narrowed[start + 3 : start + 7] == [("A 届いた", 0), ("B 届いていない", 1), ("未登録", 0), ("計", 1)]


def test_an_axis_that_did_not_judge_in_a_round_moves_no_other_in_a_part_of_the_list(client, axes):
    PublishedJudgement.objects.filter(published_report__round__as_of=LATEST, axis__key="outcome").delete()
    version.forget()
    book = openpyxl.load_workbook(io.BytesIO(client.get("/plans/kodaira-2/programs.xlsx?policy=2").getvalue()))
    rows = list(book["一覧"].iter_rows(values_only=True))
    at = rows[3].index("委員会評価")
    assert "達成度" not in rows[3]
    assert {str(row[0]): row[at] for row in rows[4:] if row[at]} == {"2": "C 見直しが必要"}


def test_the_report_of_a_round_names_every_axis(client, axes):
    html = page(client, f"report/{LATEST}/")
    assert "委員会評価（委員会の評価）" in html
    assert "C 見直しが必要" in html


def test_two_grades_of_one_tone_have_marks_of_their_own_by_their_axis(client, plan, cast):
    """In its own axis D is the second of its tone, whatever the first axis has."""
    freeze(plan, cast.office)
    factories.further_axes(plan)
    committee = plan.axes.get(key="committee")
    Grade.objects.create(plan=plan, axis=committee, code="D", label="中止が必要", tone="behind", order=3)
    publish(plan, cast, {1: ("A", "A", "C"), 2: ("S", "B", "D")})
    marks = []
    for number in (1, 2):
        html = page(client, f"programs/{number}/")
        marks.append(html.partition("委員会評価：")[2].partition('aria-hidden="true">')[2][0])
    assert len(set(marks)) == 2


def test_the_meaning_of_grades_is_told_axis_by_axis(client, axes):
    axes.axes.filter(key="outcome").update(definition="年度の目標をどこまで達成したか。")
    Plan.objects.update(department_word="所管部署")
    version.forget()
    html = page(client, "about/").partition('id="grades"')[2].partition("</section>")[0]
    told = re.findall(r"<h3>(.*?)</h3> <p>(.*?)</p>", html)
    assert told == [
        ("実施状況", "所管部署の評価です。"),
        ("達成度", "所管部署の評価です。年度の目標をどこまで達成したか。"),
        ("委員会評価", "委員会の評価です。"),
    ]
    scales = [re.findall(r"</span>(\w) [^<]+</span></dt>", scale) for scale in html.split("<h3>")[1:]]
    assert scales == [["S", "A", "B"], ["A", "B"], ["A", "C"]]


def test_of_a_round_in_which_an_axis_judged_nothing_no_page_speaks_of_it(client, axes):
    PublishedJudgement.objects.filter(axis__key="committee", published_report__round__as_of=EARLIER).delete()
    told = {
        day: [f'id="axis-{key}"' in page(client, f"progress/{day}/") for key in ("outcome", "committee")]
        for day in (EARLIER, LATEST)
    }
    assert told == {EARLIER: [True, False], LATEST: [True, True]}
    assert page(client, f"report/{EARLIER}/").count("委員会評価") == 0
    assert page(client, "programs/1/").count("委員会評価：") == 2  # at the top and at the later round


def test_an_office_that_judges_is_called_as_its_city_calls_it(client, axes):
    axes.axes.filter(key="committee").update(judge="office")
    assert "<h3>委員会評価</h3> <p>事務局の評価です。</p>" in page(client, "about/")
    Plan.objects.update(office_word="行政経営室")
    version.forget()
    assert "<h3>委員会評価</h3> <p>行政経営室の評価です。</p>" in page(client, "about/")


def test_a_plan_with_one_axis_speaks_of_none(client, published):
    assert "進み具合は、推進担当課が次の段階で判断します。" in page(client, "about/")
    for path in (f"progress/{LATEST}/", "programs/1/", f"report/{LATEST}/"):
        html = page(client, path)
        assert ("実施状況：" in html, 'id="axis-' in html) == (False, False)


def test_the_open_tables_tell_every_axis(client, axes):
    found = [
        tuple(row[name] for name in ("as_of", "program_number", "axis", "axis_name", "judge", "grade", "tone"))
        for row in table(client, axes, "judgements?round=2015-03-31")
    ]
    assert found == [
        ("2015-03-31", "1", "outcome", "達成度", "department", "A", "done"),
        ("2015-03-31", "1", "committee", "委員会評価", "committee", "A", "on_track"),
        ("2015-03-31", "2", "outcome", "達成度", "department", "B", "behind"),
        ("2015-03-31", "2", "committee", "委員会評価", "committee", "C", "behind"),
    ]
    assert [(row["axis"], row["grade"]) for row in table(client, axes, "grades")] == [
        ("main", "S"), ("main", "A"), ("main", "B"), ("outcome", "A"), ("outcome", "B"), ("committee", "A"), ("committee", "C"),
    ]  # fmt: skip
    assert {row["grade"] for row in table(client, axes, "grade-counts")} == {"S", "A", "B"}


def test_a_printed_table_of_a_further_axis_is_reconciled(axes):
    outcome, committee = (axes.axes.get(key=key) for key in ("outcome", "committee"))
    two = axes.policies.get(number=2)
    figure(axes, "main", Measure.GRADE_COUNT, 1, category="A", as_of=EARLIER)
    figure(axes, "a", Measure.GRADE_COUNT, 1, category="A", as_of=EARLIER, axis=outcome)
    figure(axes, "label", Measure.GRADE_COUNT, 1, category="届いていない", as_of=LATEST, axis=outcome, policy=two)
    figure(axes, "wrong", Measure.GRADE_COUNT, 2, category="C", as_of=LATEST, axis=committee)
    figure(axes, "total", Measure.GRADED_TOTAL, 1, as_of=EARLIER, axis=committee)
    figure(axes, "share", Measure.GRADE_SHARE, 50, category="B", as_of=LATEST, axis=outcome, unit="%")
    figure(axes, "change", Measure.GRADE_COUNT_CHANGE, 1, category="C", as_of=LATEST, axis=committee)
    figure(axes, "foreign", Measure.GRADE_COUNT, 1, category="S", as_of=LATEST, axis=committee)
    figure(axes, "items", Measure.ITEM_COUNT, 3, as_of=LATEST, axis=committee)
    found = ledger(axes)
    assert found == {
        "main": ("一致", 1),
        "a": ("一致", 1),
        "label": ("一致", 1),
        "wrong": ("不一致", 1),
        "total": ("一致", 1),
        "share": ("一致", 50),
        "change": ("一致", 1),
        "foreign": ("照合できません", None),
        "items": ("照合できません", None),
    }
    assert reasons(axes)["items"] == "「項目数」は評価の軸の別に数えられないため、計算できません。"
    Scale.objects.create(plan=axes, axis=committee, starts_on=LATEST, note="厳しくした")
    assert ledger(axes)["change"] == ("照合できません", None)
    assert reasons(axes)["change"].endswith("評価の基準が変わったため、増減は計算しません。")


def test_a_figure_of_one_axis_never_stands_among_those_of_another(client, axes):
    committee = axes.axes.get(key="committee")
    for key, axis, day in (
        ("a", None, LATEST),
        ("b", committee, EARLIER),
        ("c", None, EARLIER),
        ("d", committee, LATEST),
    ):
        figure(axes, key, Measure.GRADE_COUNT, 1, category="A", as_of=day, axis=axis)
    html = page(client, "figures/")
    groups = re.findall(r'scope="rowgroup">\s*([^<]*?)\s*<span class="meta">([^<]*)<', html)
    assert groups == [
        ("評価別の項目数：実施状況（2件）", "単位：項目"),
        ("評価別の項目数：委員会評価（2件）", "単位：項目"),
    ]


def test_everything_comes_back_from_the_plan_workbook(axes, cast):
    figure(axes, "a", Measure.GRADE_COUNT, 1, category="A", as_of=EARLIER, axis=axes.axes.get(key="outcome"))
    first = books.exported("kodaira-2")
    cells = books.cells(first)
    assert len(cells["published_judgements"]) - 1 == 7
    assert len(cells["judgements"]) - 1 == 7
    books.empty_database()
    read = read_book(first)
    assert (read.problems, import_tables(read.tables, by=None).problems) == ([], [])
    assert books.cells(books.exported("kodaira-2")) == cells


def test_files_of_items_stay_those_of_the_first_axis(client, axes):
    rows = rows_of(client, "programs.csv")
    assert [(row["program_number"], row["grade"]) for row in rows] == [("1", "S"), ("2", "B"), ("3", "")]


def test_the_tidy_table_has_a_measure_of_its_own_with_the_axis(client, axes):
    rows = rows_of(client, "long.csv")
    found = [
        (row["program_number"], row["as_of"], row["axis"], row["value"])
        for row in rows
        if row["measure"] == "judgement"
    ]
    assert found[:3] == [
        ("1", "2014-09-30", "outcome", "A"),
        ("1", "2014-09-30", "committee", "A"),
        ("1", "2015-03-31", "outcome", "A"),
    ]
    assert (len(found), {row["axis"] for row in rows if row["measure"] == "grade"}) == (7, {""})
    book = openpyxl.load_workbook(io.BytesIO(client.get("/plans/kodaira-2/programs.xlsx").getvalue()), read_only=True)
    codes = [row[:3] for row in book["codes"].iter_rows(values_only=True)]
    assert ("axis", "committee", "委員会評価") in codes
    assert ("grade:committee", "C", "見直しが必要") in codes


def test_the_grid_shows_the_axis_that_the_reader_chooses(client, axes):
    def grid(query=""):
        rows = read(client.get(f"/plans/kodaira-2/progress/{query}")).tables[0]
        return [row[:1] + row[3:] for row in rows if row[0].rstrip("仮") in ("1", "2", "3")]

    assert grid() == [
        ["1", "●A", "▲S", "▲S 予定以上に進捗前回から上がった"],
        ["3仮", "○", "○", "○未報告"],
        ["2", "▲S", "▼B", "▼B 予定よりも遅れている前回から下がった"],
    ]
    assert grid("?axis=committee") == [
        ["1", "●A", "●A", "●A 妥当"],
        ["3仮", "○", "○", "○未登録"],
        ["2", "○", "▼C", "▼C 見直しが必要"],
    ]
    # What is asked of grades is asked of the axis.
    assert [row[0] for row in grid("?axis=outcome&sort=worst")] == ["2", "1", "3仮"]
    assert [row[0] for row in grid("?axis=committee&grade=C")] == ["2"]
    assert [row[0] for row in grid("?axis=committee&grade=unreported")] == ["3仮"]
    html = page(client, "progress/?axis=outcome")
    assert '<a href="/plans/kodaira-2/progress/?axis=outcome" aria-current="page">達成度</a>' in html
    assert '<a href="/plans/kodaira-2/progress/">実施状況</a>' in html
    assert client.get("/plans/kodaira-2/progress/?axis=nix").status_code == 400
    asked = page(client, "progress/?sort=worst&policy=1&axis=outcome")
    assert 'href="/plans/kodaira-2/progress/?policy=1&amp;sort=worst">実施状況</a>' in asked
    asked = page(client, "progress/?sort=worst&policy=1&grade=A")
    assert 'href="/plans/kodaira-2/progress/?policy=1&amp;sort=worst&amp;axis=outcome">達成度</a>' in asked
