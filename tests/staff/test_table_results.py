"""取り込みの手引き: columns of grades become results of past rounds, or drafts of the round that is open."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from programs.models import Indicator, IndicatorActual
from reviews import workflow
from reviews.models import Effect, PublishedReport, Report
from reviews.report_figures import Actual
from reviews.table_results import ResultLines, fill_drafts
from tests import factories
from tests.reading import messages
from tests.staff.pages import client_of, lines, sent, table_page
from workbooks.tables.results import Stated

GRADED = """<table><tr><th rowspan=2>番号<th rowspan=2>項目名<th colspan=2>平成26年9月末<th colspan=2>平成27年3月末
<tr><th>評価<th>取組状況<th>評価<th>取組状況
<tr><td>1<td>項目1の取組<td>Ａ<td>会議を<br>開いた。<td>S<td>
<tr><td>2<td>項目2の取組<td>－<td><td>B<td>遅れた。</table>"""


def test_grades_in_columns_by_half_year_become_results_of_past_rounds(cast, plan):
    """The plan has the items, so the table needs no column of policies."""
    client = client_of(cast.root)
    edition = plan.editions.first()
    sheets = client.post(table_page(plan), {"pasted": "x", "page": GRADED, "edition": edition.pk}, follow=True)
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    shown = sent(columns)
    assert [(shown[f"role-0-{n}"], shown[f"day-0-{n}"]) for n in range(2, 6)] == [
        ("grade", "2014-09-30"),
        ("progress", "2014-09-30"),
        ("grade", "2015-03-31"),
        ("progress", "2015-03-31"),
    ]
    doubts = client.post(table_page(plan, "columns/"), shown, follow=True)
    assert doubts.status_code == 200
    assert [line for line in lines(doubts) if "項目の評価。" in line] == [
        "平成26年9月30日：1項目の評価。",
        "平成27年3月31日：2項目の評価。",
    ]
    page = client.get(table_page(plan, "results/"))
    assert [line for line in lines(page) if line.endswith("の公表日:")] == [
        "平成26年9月30日の公表日:",
        "平成27年3月31日の公表日:",
    ]
    assert [row for row in page.context_data["rows"] if row[0] == "1"] == [
        ("1", "項目1の取組", [("Ａ", "会議を 開いた。", []), ("S", "", [])])
    ]
    typed = {"source": plan.sources.get().pk, "released-2014-09-30": "H26.11.20", "_register": "1"}
    done = client.post(table_page(plan, "results/"), typed, follow=True)
    assert messages(done) == ["1回の調査の公表結果（1件）を登録しました。"]
    row = plan.rounds.get(as_of="2014-09-30").published_reports.get()
    assert (row.program.number, row.grade_code, row.progress, row.origin) == ("1", "A", "会議を 開いた。", "city")
    again = client.get(table_page(plan, "results/"))
    assert "この基準日の結果は、もう公表されています。" in again.text
    assert [*again.context_data["form"].fields] == ["source", "released-2015-03-31"]


def results_page(client, plan, table=None):
    """The page of results of a table, after all steps before it."""
    edition = plan.editions.first()
    sheets = client.post(table_page(plan), {"pasted": "x", "page": table or GRADED, "edition": edition.pk}, follow=True)
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    client.post(table_page(plan, "columns/"), sent(columns), follow=True)
    return client.get(table_page(plan, "results/"))


def answered(client, plan, table):
    """The page of results after what is asked was answered with what is offered first."""
    doubts = results_page(client, plan, table)
    assert doubts.status_code == 302
    doubts = client.get(table_page(plan, "doubts/"))
    client.post(table_page(plan, "doubts/"), sent(doubts))
    return client.get(table_page(plan, "results/"))


def test_results_of_a_day_without_a_round_make_one_and_one_fault_stops_all(cast, plan):
    client = client_of(cast.office)
    plan.rounds.filter(as_of="2015-03-31").delete()
    page = results_page(client, plan)
    assert "この基準日の調査はまだないので、あわせて作ります。" in page.text
    typed = {"source": plan.sources.get().pk, "_register": "1"}
    nothing = client.post(table_page(plan, "results/"), typed)
    assert (nothing.status_code, "登録する基準日に、市が公表した日を入力してください。" in nothing.text) == (400, True)
    days = {"released-2014-09-30": "2014-11-20", "released-2015-03-31": "2015-02-01"}
    wrong = client.post(table_page(plan, "results/"), typed | days)
    assert wrong.context_data["form"].errors == {
        "released-2015-03-31": ["市が公表した日は、基準日から今日までの日にしてください。"]
    }
    assert list(plan.rounds.values_list("as_of", "state")) == [(date(2014, 9, 30), "planned")]
    done = client.post(table_page(plan, "results/"), typed | days | {"released-2015-03-31": "2015-05-20"}, follow=True)
    assert messages(done) == ["2回の調査の公表結果（3件）を登録しました。"]
    made = plan.rounds.get(as_of="2015-03-31")
    assert (made.state, made.edition.key, made.released_on) == ("published", "fy2013-revision", date(2015, 5, 20))
    assert (made.history.latest().history_user, made.history.count()) == (cast.office, 2)


def test_results_of_an_open_round_are_written_into_drafts_that_are_empty(cast, plan):
    client = client_of(cast.office)
    round_ = workflow.open_round(plan.rounds.get(as_of="2015-03-31"), by=cast.office)
    factories.handed_in(round_, 2, by=cast.office, progress="自分で書いた。")
    page = results_page(client, plan)
    assert "すでに記入のあるものは変えません。" in page.text
    closed = client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2014-09-30"})
    assert (closed.status_code, "受付中の調査がありません。何も記入していません。" in closed.text) == (400, True)
    done = client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2015-03-31"}, follow=True)
    assert messages(done) == [
        "平成27年3月31日の報告1件に下書きとして記入しました。すでに記入のあった1件では、その欄を変えていません。"
    ]
    found = {report.program.number: report for report in Report.objects.filter(round=round_)}
    assert [(found[n].grade and found[n].grade.code, found[n].progress, found[n].state) for n in "123"] == [
        ("S", "", "draft"),
        (found["2"].grade.code, "自分で書いた。", "submitted"),
        (None, "", "draft"),
    ]
    assert found["1"].history.latest().history_change_reason == "表からの記入"
    assert PublishedReport.objects.count() == 0


REACHED = """<table><tr><th>番号<th>項目名<th>指標名<th>実績 平成26年度<th>平成27年3月末 評価<th>平成26年度 歳出削減額（千円） 決算<th>平成25年度 歳出削減額（千円） 決算
<tr><td>1<td>項目1の取組<td>収納率<td>93.5%<td>A<td>1,200<td>900
<tr><td>2<td>項目2の取組<td>ない指標<td>10件<td>A<td>△300<td>
<tr><td>3<td>項目3の取組<td>収納率<td>88%<td>A<td>50<td></table>"""


def test_what_was_reached_in_the_year_of_an_open_round_goes_into_drafts_too(cast, plan):
    """Each kind into reports that have none of it; what cannot be taken is shown with its reason."""
    client = client_of(cast.office)
    programs = {program.number: program for program in plan.programs.all()}
    rates = {n: Indicator.objects.create(program=programs[n], number=1, name="収納率", unit="%") for n in "13"}
    round_ = workflow.open_round(plan.rounds.get(as_of="2015-03-31"), by=cast.office)
    third = Report.objects.get(round=round_, program=programs["3"])
    own = {(rates["3"].pk, 2014): Actual(Decimal("87.5"))}
    workflow.save_draft(third, {"actuals": own}, by=cast.office, version=third.version)
    page = answered(client, plan, REACHED)
    (asked,) = page.context_data["doubts"]
    assert (asked.original, asked.question, asked.chosen) == (
        "△",
        "歳出削減の金額に△があります。減らした額か、減らせずに増えた額かを選んでください。",
        "",
    )
    early = client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2015-03-31"})
    assert early.status_code == 400
    answer = {f"answer-{asked.id}": "reduction", "_grades": "1"}
    page = client.post(table_page(plan, "results/"), answer, follow=True)
    said = ["平成27年3月31日：3項目（A 3）。平成26年度の指標の実績2件。", "平成26年度の効果額3件。"]
    assert [line for line in lines(page) if "件。" in line] == said
    assert [row[2][0][2] for row in page.context_data["rows"]] == [
        ["収納率、実績 平成26年度 93.5%", "平成26年度 歳出削減 1,200千円（実績）"],
        [
            "平成26年度 歳出削減 300千円（実績）",
            "ない指標、実績 平成26年度 10件（登録されていない指標なので、登録しません）",
        ],
        ["収納率、実績 平成26年度 88%", "平成26年度 歳出削減 50千円（実績）"],
    ]
    done = client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2015-03-31"}, follow=True)
    assert messages(done) == [
        "平成27年3月31日の報告3件に下書きとして記入しました。すでに記入のあった1件では、その欄を変えていません。"
    ]
    found = {report.program.number: report for report in Report.objects.filter(round=round_)}
    assert {
        number: (
            found[number].grade.code,
            [(row.fiscal_year, row.value, row.is_forecast) for row in found[number].actuals.all()],
            [(row.fiscal_year, row.kind, row.basis, row.amount) for row in found[number].effects.all()],
        )
        for number in "123"
    } == {
        "1": ("A", [(2014, Decimal("93.5"), False)], [(2014, "saving", "actual", 1200)]),
        "2": ("A", [], [(2014, "saving", "actual", 300)]),
        "3": ("A", [(2014, Decimal("87.5"), False)], [(2014, "saving", "actual", 50)]),
    }
    assert found["1"].actuals.get().history.get().history_change_reason == "表からの記入"
    again = client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2015-03-31"}, follow=True)
    assert messages(again) == [
        "平成27年3月31日の報告0件に下書きとして記入しました。すでに記入のあった3件では、その欄を変えていません。"
    ]
    assert not IndicatorActual.objects.exists()  # of the plan: nothing before the round is published


PAST = """<table><tr><th>番号<th>項目名<th>指標名<th>実績 平成26年度<th>平成26年9月末 評価<th>平成27年3月末 評価<th>平成26年度 歳出削減額（千円） 決算
<tr><td>1<td>項目1の取組<td>収納率<td>93.5%<td>B<td>A<td>1,200
<tr><td>2<td>項目2の取組<td>収納率<td>80%<td>B<td>A<td>△300
<tr><td>3<td>項目3の取組<td>収納率<td>88%<td>B<td>－<td>50</table>"""


def test_what_was_reached_comes_in_with_the_past_results_of_the_end_of_its_year(cast, plan):
    """A value that the plan holds already stays; an item without a grade has no row, and it is said."""
    client = client_of(cast.office)
    plan.editions.update(frozen_at="2012-04-01T00:00Z")
    programs = {program.number: program for program in plan.programs.all()}
    rates = {n: Indicator.objects.create(program=programs[n], number=1, name="収納率", unit="%") for n in "123"}
    IndicatorActual.objects.create(indicator=rates["2"], fiscal_year=2014, value=81)
    page = results_page(client, plan, PAST)
    (asked,) = page.context_data["doubts"]
    page = client.post(table_page(plan, "results/"), {f"answer-{asked.id}": "negative", "_grades": "1"}, follow=True)
    assert [[days[0][2], days[1][2]] for _number, _name, days in page.context_data["rows"]] == [
        [[], ["収納率、実績 平成26年度 93.5%", "平成26年度 歳出削減 1,200千円（実績）"]],
        [
            [],
            [
                "収納率、実績 平成26年度 80%（81 が登録されているので、そのままにします）",
                "平成26年度 歳出削減 -300千円（実績）",
            ],
        ],
        [
            [],
            [
                "収納率、実績 平成26年度 88%（その基準日の評価がないので、登録しません）",
                "平成26年度 歳出削減 50千円（実績）（その基準日の評価がないので、登録しません）",
            ],
        ],
    ]
    typed = {"source": plan.sources.get().pk, "_register": "1"}
    days = {"released-2014-09-30": "2014-11-20", "released-2015-03-31": "2015-05-20"}
    done = client.post(table_page(plan, "results/"), typed | days, follow=True)
    assert messages(done) == ["2回の調査の公表結果（5件）を登録しました。"]
    frozen = PublishedReport.objects.order_by("round__as_of", "sort_key")
    assert [(row.round.as_of.year, row.number, _stated(row.actuals), _stated(row.effects)) for row in frozen] == [
        *((2014, number, [], []) for number in "123"),
        (2015, "1", ["93.5"], [1200]),
        (2015, "2", ["80"], [-300]),
    ]
    held = IndicatorActual.objects.order_by("indicator__program__sort_key").values_list("fiscal_year", "value")
    assert [*held] == [(2014, Decimal("93.5")), (2014, Decimal(81))]
    effects = Effect.objects.order_by("program__sort_key")
    assert [(one.program.number, one.fiscal_year, one.kind, one.basis, one.amount, one.source) for one in effects] == [
        ("1", 2014, "saving", "actual", 1200, plan.sources.get()),
        ("2", 2014, "saving", "actual", -300, plan.sources.get()),
    ]
    assert effects[0].history.get().history_user == cast.office
    item = client.get(f"/plans/{plan.slug}/programs/1/")
    assert (item.status_code, "93.5" in item.text, "1,200" in item.text) == (200, True, True)


def _stated(rows):
    return [row.get("value", row.get("amount")) for row in rows]


def test_an_indicator_of_another_item_is_refused_and_nothing_is_written(cast, plan):
    first, second = plan.programs.filter(number__in=("1", "2")).order_by("number")
    foreign = Indicator.objects.create(program=second, number=1, name="収納率", unit="%")
    round_ = workflow.open_round(plan.rounds.get(as_of="2015-03-31"), by=cast.office)
    told = {first.number: Stated(actuals={(foreign.pk, 2014): Actual(Decimal(90))})}
    with pytest.raises(ValidationError) as refused:
        fill_drafts(round_, ResultLines("1\tA"), told, by=cast.office)
    assert refused.value.messages == [f"「{first}」: この項目にない指標の実績です。画面を開き直してください。"]
    assert {*Report.objects.filter(round=round_).values_list("grade", flat=True)} == {None}


def test_in_the_middle_of_a_year_only_forecasts_go_into_drafts(cast, plan):
    client = client_of(cast.office)
    program = plan.programs.get(number="1")
    Indicator.objects.create(program=program, number=1, name="収納率", unit="%")
    round_ = workflow.open_round(plan.rounds.get(as_of="2014-09-30"), by=cast.office)
    table = "<table><tr><th>番号<th>項目名<th>指標名<th>実績 平成26年度<tr><td>1<td>項目1の取組<td>収納率<td>{}</table>"
    [row] = results_page(client, plan, table.format("93.5%")).context_data["rows"]
    assert row[2][0][2] == [
        "収納率、実績 平成26年度 93.5%（年度の途中の調査で、見込と書かれていないので、登録しません）"
    ]
    results_page(client, plan, table.format("93.5%").replace("実績 平成26年度", "実績見込 平成26年度"))
    client.post(table_page(plan, "results/"), {"_fill": "1", "day": "2014-09-30"})
    report = Report.objects.get(round=round_, program=program)
    assert [(row.value, row.is_forecast) for row in report.actuals.all()] == [(Decimal("93.5"), True)]
    assert (report.grade, report.version) == (None, 2)


def test_two_columns_of_grades_as_of_one_day_are_told_apart_by_the_person(cast, plan):
    page = results_page(
        client_of(cast.office),
        plan,
        "<table><tr><th>番号<th>項目名<th>H26.9 所管課評価<th>H26.9 委員会評価<tr><td>1<td>項目1の取組<td>A<td>B</table>",
    )
    assert page.status_code == 302
    assert "どちらも平成26年9月30日の評価です。" in client_of(cast.office).get(table_page(plan, "doubts/")).text


def test_nothing_is_registered_while_something_is_to_be_checked(cast, plan):
    """Two departments or one with such a name: asked, and not answered."""
    client = client_of(cast.office)
    table = (
        "<table><tr><th>番号<th>項目名<th>担当課<th>H26.9 評価<tr><td>1<td>項目1の取組<td>市民課・財政課<td>A</table>"
    )
    assert results_page(client, plan, table).status_code == 302
    doubts = client.get(table_page(plan, "doubts/"))
    assert "確かめるところにすべて答えると、調査の結果を登録できます。" in doubts.text
    client.post(table_page(plan, "doubts/"), sent(doubts))
    assert client.get(table_page(plan, "results/")).context_data["rows"] == [("1", "項目1の取組", [("A", "", [])])]


def test_grades_under_years_alone_are_given_a_day_of_their_year(cast, plan):
    """The plan has no round, and the heading names no day: the ends of half-years are there to choose from."""
    client = client_of(cast.office)
    plan.rounds.all().delete()
    table = "<table><tr><th>番号<th>項目名<th>H26<tr><td>1<td>項目1の取組<td>A<tr><td>2<td>項目2の取組<td>B</table>"
    first = {"pasted": "x", "page": table, "edition": plan.editions.first().pk}
    sheets = client.post(table_page(plan), first, follow=True)
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    shown = sent(columns)
    assert (shown["role-0-2"], shown["day-0-2"]) == ("grade", "")
    assert '<option value="2015-03-31">平成27年3月31日</option>' in columns.text
    stopped = client.post(table_page(plan, "columns/"), shown, follow=True)
    assert "評価の列「H26」が、いつの時点のものか分かりません。" in stopped.text
    client.post(table_page(plan, "columns/"), shown | {"day-0-2": "2015-03-31"}, follow=True)
    results = client.get(table_page(plan, "results/"))
    assert [(one.as_of, one.grades, one.round) for one in results.context_data["days"]] == [
        (date(2015, 3, 31), "A 1、B 1", None)
    ]


def test_only_the_office_registers_results(cast, plan):
    results_page(client_of(cast.office), plan)
    assert client_of(cast.reporter).get(table_page(plan, "results/")).status_code == 403
    assert client_of(cast.committee).post(table_page(plan, "results/"), {"_fill": "1"}).status_code == 403


MARKED = """<table><tr><th>番号<th>項目名<th>平成26年9月末 評価<th>平成27年3月末 評価<th>平成27年3月末 取組状況
<tr><td>1<td>項目1の取組<td>A（遅れ）<td>Ａ<td>開いた。<tr><td>2<td>項目2の取組<td>◎<td>未着手<td>まだ。
<tr><td>3<td>項目3の取組<td>B<td>◎<td></table>"""


def test_a_mark_that_the_scale_does_not_have_is_asked_about_once_with_the_grades_of_the_plan(cast, plan):
    client = client_of(cast.office)
    page = results_page(client, plan, MARKED)
    assert [
        (one.original, one.places, one.chosen, [label for _code, label in one.choices])
        for one in page.context_data["doubts"]
    ] == [
        (mark, [f"「表1」シート B{row}" for row in rows], "", [*GRADES_OFFERED, SKIPPED])
        for mark, rows in (("A（遅れ）", [2]), ("◎", [3, 4]), ("未着手", [3]))
    ]
    assert "公表結果を登録する" not in page.text
    typed = {"source": plan.sources.get().pk, "released-2014-09-30": "H26.11.20", "released-2015-03-31": "H27.5.20"}
    early = client.post(table_page(plan, "results/"), typed | {"_register": "1"})
    assert (early.status_code, "先に、評価の読み方を確かめてください。" in early.text) == (400, True)
    assert not PublishedReport.objects.exists()
    answers = dict(zip([f"answer-{one.id}" for one in page.context_data["doubts"]], ["2", "0", "skip"], strict=True))
    said = client.post(table_page(plan, "results/"), answers | {"_grades": "1"}, follow=True)
    assert [one.grades for one in said.context_data["days"]] == ["S 1、B 2", "S 1、Ａ 1"]
    done = client.post(table_page(plan, "results/"), typed | {"_register": "1"}, follow=True)
    assert messages(done) == ["2回の調査の公表結果（5件）を登録しました。"]
    found = PublishedReport.objects.order_by("round__as_of", "program__sort_key")
    assert [(row.round.as_of.year, row.program.number, row.grade_code, row.progress) for row in found] == [
        *((2014, "1", "B", ""), (2014, "2", "S", ""), (2014, "3", "B", "")),
        *((2015, "1", "A", "開いた。"), (2015, "3", "S", "")),
    ]


GRADES_OFFERED = ["S 予定以上に進捗", "A 予定どおりに進捗", "B 予定よりも遅れている"]
SKIPPED = "この評価の項目は、評価も取組状況も登録しない"


def test_a_result_that_cannot_be_registered_is_named_by_its_row_of_the_office_s_own_table(cast, plan):
    table = "<table><tr><th>番号<th>項目名<th>方針<th>平成27年3月末 評価<tr><td>1<td>項目1の取組<td>1<td>A<tr><td>9<td>ない項目<td>1<td>A</table>"
    client = client_of(cast.office)
    results_page(client, plan, table)
    typed = {"source": plan.sources.get().pk, "_register": "1", "released-2015-03-31": "2015-05-20"}
    wrong = client.post(table_page(plan, "results/"), typed)
    assert wrong.context_data["form"].errors == {
        "released-2015-03-31": ["「表1」シート B3: 番号「9」の実施項目はありません。"]
    }
    assert not PublishedReport.objects.exists()
