"""A column for each axis beside the first on which departments judge."""

from reviews import workflow
from reviews.models import Report
from tests import factories
from tests.workbooks.survey.sheets import Book, changes, row_of
from workbooks.survey import acts
from workbooks.survey.changes import preview
from workbooks.survey.layout import GUIDE, REPORTS
from workbooks.survey.sheet import survey_sheet

OUTCOME = "評価（達成度）"


def judged(report):
    return list(report.judgements.values_list("axis__key", "grade__code"))


def opened_with_axes(plan, cast):
    factories.further_axes(plan)
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def test_a_sheet_judges_by_the_axes_of_the_departments_and_hands_in(plan, cast):
    round_ = opened_with_axes(plan, cast)
    book = Book(survey_sheet(round_, cast.zaisei, by=cast.reporter))
    titles = book.titles(REPORTS)
    assert titles[titles.index("評価") + 1] == OUTCOME
    assert not any("委員会" in str(title) for title in titles)
    told = [cell.value for cell in book[GUIDE]["B"]]
    assert "B 届いていない" in told
    row = row_of(book, 1)
    book.put(REPORTS, row, 評価="A 予定どおりに進捗", 取組状況="説明会を開いた。", **{OUTCOME: "届いていない"})
    uploaded = acts.receive(book.saved(), "調査票.xlsx", round_, cast.zaisei, by=cast.reporter)
    found = preview(uploaded)
    assert found.faults == []
    assert changes(uploaded)["1", "judgement/outcome"] == ("", "B", False)
    change = next(each for each in found.changes if each.name == "judgement/outcome")
    assert (change.label, change.mine_text) == (OUTCOME, "B 届いていない")
    acts.confirm(uploaded, by=cast.reporter, fingerprint=found.fingerprint)
    report = factories.report(round_, 1)
    assert judged(report) == [("outcome", "B")]

    again = acts.receive(
        survey_sheet(round_, cast.zaisei, by=cast.reporter), "調査票.xlsx", round_, cast.zaisei, by=cast.reporter
    )
    assert changes(again) == {}


def test_without_that_grade_the_sheet_says_what_is_missing(plan, cast):
    round_ = opened_with_axes(plan, cast)
    book = Book(survey_sheet(round_, cast.zaisei, by=cast.reporter))
    book.put(REPORTS, row_of(book, 1), 評価="A", 取組状況="説明会を開いた。")
    uploaded = acts.receive(book.saved(), "調査票.xlsx", round_, cast.zaisei, by=cast.reporter)
    [item] = [each for each in preview(uploaded).items if each.item.number == "1"]
    assert item.missing == ["評価（達成度）を選んでください。"]


def test_a_grade_of_another_axis_is_no_choice_in_its_place(plan, cast):
    round_ = opened_with_axes(plan, cast)
    book = Book(survey_sheet(round_, cast.zaisei, by=cast.reporter))
    book.put(REPORTS, row_of(book, 1), **{OUTCOME: "S"})
    uploaded = acts.receive(book.saved(), "調査票.xlsx", round_, cast.zaisei, by=cast.reporter)
    [fault] = preview(uploaded).faults
    assert "「S」は選べません" in fault.message


def test_a_sheet_from_before_the_axis_is_read(plan, cast):
    round_ = workflow.open_round(plan.rounds.first(), by=cast.office)
    book = Book(survey_sheet(round_, cast.zaisei, by=cast.reporter))
    assert OUTCOME not in book.titles(REPORTS)
    factories.further_axes(plan)
    book.put(REPORTS, row_of(book, 1), 評価="A")
    round_ = type(round_).objects.select_related("plan", "edition").get(pk=round_.pk)
    uploaded = acts.receive(book.saved(), "調査票.xlsx", round_, cast.zaisei, by=cast.reporter)
    assert list(changes(uploaded)) == [("1", "grade")]
    assert Report.objects.filter(judgements__isnull=False).count() == 0
