"""A department fills in its reports by a file of the list."""

import datetime

import pytest

from accounts.models import Membership
from policies.models import Grade
from reviews import workflow
from reviews.models import Report
from tests import factories
from tests.reading import messages
from tests.staff.addresses import list_url
from tests.staff.files import problems, xlsx

REPORT = ["計画", "調査", "実施項目", "評価", "取組状況", "遅れの理由", "対応策", "回復予定日", "変更回数"]


@pytest.fixture
def opened(plan, cast):
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def row(number, version=1, grade="A", progress="説明会を3回開いた。", *delay):
    return ["kodaira-2", "2014-09-30", number, grade, progress, *(delay or ("", "", "")), version]


def test_a_department_fills_in_its_reports_by_a_file(client, cast, opened, take_in):
    client.force_login(cast.reporter)
    late = ("調整", "協議", "平成28年3月31日")
    done = take_in("reviews.report", xlsx([REPORT, row(1), row("３", 1, "Ｂ", "遅れた。", *late)]))
    assert messages(done) == ["進捗報告を取り込みました。新規0件、更新2件、変更なし0件。"]
    saved = list(opened.reports.order_by("program__sort_key").values_list("grade__code", "recovery_on", "version"))
    assert saved == [("A", None, 2), (None, None, 1), ("B", datetime.date(2016, 3, 31), 2)]
    assert Report.history.latest().history_user == cast.reporter


NOT_FOUND = "この調査には、あなたが入力できるこの項目の報告がありません。調査の基準日と項目の番号を確かめてください。"


@pytest.mark.parametrize(
    ("wrong", "column", "message"),
    [
        (row(2), "", NOT_FOUND),
        (row(1, None), "", "「変更回数」が空です。書き出したときの値のまま取り込んでください。"),
        (row(1, 1, "Z"), "評価", "「kodaira-2」に、「Z」という評価はありません。"),
        (
            row(1, 1, "B", "x", "r", "s", "2014-09-30"),
            "回復予定日",
            "回復予定日は、調査の基準日（平成26年9月30日）より後の日にしてください。",
        ),
        (row(1, 1, "A", "あ" * 4001), "取組状況", None),
    ],
)
def test_a_wrong_row_stops_the_whole_file(wrong, column, message, client, cast, opened, preview):
    client.force_login(cast.reporter)
    [(number, found_column, text)] = problems(preview("reviews.report", xlsx([REPORT, row(3), wrong])))
    assert (number, found_column) == (3, column)
    assert message is None or text == message
    assert set(opened.reports.values_list("version", flat=True)) == {1}


def test_a_row_older_than_what_is_stored_is_refused_and_names_who_saved(client, cast, opened, preview):
    draft = factories.report(opened, 1)
    workflow.save_draft(draft, factories.content(opened.plan), by=cast.colleague, version=1)
    client.force_login(cast.reporter)
    [(number, _column, text)] = problems(preview("reviews.report", xlsx([REPORT, row(1, 1, "S")])))
    assert number == 2
    assert text.startswith("書き出したあとに同僚 花子が更新しました（変更回数 1 → 2）。")


def test_a_report_that_was_handed_in_is_not_changed_by_a_file(client, cast, opened, preview):
    report = factories.handed_in(opened, 1, by=cast.reporter)
    client.force_login(cast.reporter)
    [(_number, _column, text)] = problems(preview("reviews.report", xlsx([REPORT, row(1, report.version, "S")])))
    assert text == "この報告は提出済みのため、保存できません。"


def test_the_department_is_asked_again_at_the_confirmation(client, cast, opened, preview, confirm):
    client.force_login(cast.reporter)
    response = preview("reviews.report", xlsx([REPORT, row(1)]))
    Membership.objects.filter(user=cast.reporter).delete()
    assert confirm("reviews.report", response).status_code == 409
    assert factories.report(opened, 1).version == 1


def test_a_published_report_of_another_department_is_visible_but_not_writable(client, cast, plan, preview):
    factories.published_round(plan, {2: "A"}, by=cast.office)
    client.force_login(cast.reporter)
    [(_number, _column, text)] = problems(preview("reviews.report", xlsx([REPORT, row(2, 5, "S")])))
    assert text.startswith("自分の課が主担当の項目ではない")


@pytest.mark.parametrize(
    ("who", "status"), [("viewer", 403), ("committee", 403), ("stranger", 200), ("reporter", 200), ("office", 200)]
)
def test_only_who_may_import_reaches_the_form(who, status, client, cast, opened):
    client.force_login(getattr(cast, who))
    assert client.get(list_url("reviews.report", "import/")).status_code == status
    answer = client.post(list_url("reviews.report", "process_import/"))
    assert answer.status_code == (403 if status == 403 else 302)
    assert client.get(list_url("reviews.report", "process_import/")).status_code == (403 if status == 403 else 302)


def test_grades_are_only_those_of_the_reports_plan(client, cast, opened, preview):
    Grade.objects.create(plan=factories.small_plan("other"), code="X", label="別", tone="ahead", order=9)
    client.force_login(cast.reporter)
    [(_number, column, text)] = problems(preview("reviews.report", xlsx([REPORT, row(1, 1, "X")])))
    assert (column, text) == ("評価", "「kodaira-2」に、「X」という評価はありません。")
