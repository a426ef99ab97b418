"""The acts on a round and its reports: who may do what when, and that a refusal leaves everything as it was."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department
from reviews import workflow
from reviews.models import Grade, Report, Round
from tests import factories

PEOPLE = ("reporter", "colleague", "stranger", "viewer", "committee", "office", "root", "retired")

WRITERS = {"reporter", "colleague", "office", "root"}
JUDGES = {"office", "root"}
# act → who may do it, and in which states of the report (in an open round).
REPORT_ACTS = {
    "save_draft": (WRITERS, {"draft", "returned"}),
    "submit": (WRITERS, {"draft", "returned"}),
    "return_": (JUDGES, {"submitted", "approved"}),
    "approve": (JUDGES, {"submitted"}),
}
STATES = ("draft", "submitted", "returned", "approved", "published", "left out")


@pytest.fixture
def everybody(cast):
    """The cast and `retired`, a reporter of the right department whose account is closed."""
    cast.retired = cast.colleague.__class__.objects.create_user(username="retired", name="退職 七郎", is_active=False)
    cast.retired.groups.set(cast.colleague.groups.all())
    cast.retired.departments.add(cast.zaisei)
    return cast


@pytest.fixture
def opened(plan, cast):
    """The first round, open; items 1 and 3 are zaisei's, item 2 is zeimu's."""
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def in_state(opened, state, office):
    """The complete report of item 1 in a state; "left out" is a draft whose round has been published."""
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, factories.content(opened.plan), by=office, version=report.version)
    if state in ("submitted", "returned", "approved", "published"):
        report = workflow.submit(report, by=office)
    if state == "returned":
        report = workflow.return_(report, reason="数を書いてください。", by=office)
    if state in ("approved", "published"):
        report = workflow.approve(report, by=office)
    if state == "left out":
        workflow.approve(factories.handed_in(opened, 2, by=office), by=office)
    if state in ("published", "left out"):
        workflow.publish(opened, by=office, accept_unreported=True)
    return Report.objects.get(pk=report.pk)


def act(name, report, by):
    if name == "save_draft":
        return workflow.save_draft(report, {"progress": "書き直した。"}, by=by, version=report.version)
    if name == "return_":
        return workflow.return_(report, reason="数を書いてください。", by=by)
    return getattr(workflow, name)(report, by=by)


def everything(model=Report):
    """All rows and all history of a model, to see that nothing changed."""
    return list(model.objects.order_by("pk").values()), model.history.count()


def outcome(attempt, model=Report):
    """ "done" or the name of the refusal, and always everything as before."""
    before = everything(model)
    try:
        with transaction.atomic():
            attempt()
            transaction.set_rollback(True)
        return "done"
    except (workflow.NotAllowed, workflow.WrongState, workflow.Conflict, ValidationError) as refused:
        assert everything(model) == before
        return type(refused).__name__


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", REPORT_ACTS)
def test_report_acts_by_person_and_state(opened, everybody, name, state):
    report = in_state(opened, state, everybody.office)
    people, states = REPORT_ACTS[name]
    expected = {
        who: "NotAllowed" if who not in people else "done" if state in states else "WrongState" for who in PEOPLE
    }
    assert {who: outcome(lambda: act(name, report, getattr(everybody, who))) for who in PEOPLE} == expected  # noqa: B023


@pytest.mark.parametrize("state", ["planned", "open", "published"])
@pytest.mark.parametrize(("name", "right_state"), [("open_round", "planned"), ("publish", "open")])
def test_round_acts_by_person_and_state(plan, everybody, name, right_state, state):
    round_ = plan.rounds.first()
    if state != "planned":
        round_ = workflow.open_round(round_, by=everybody.office)
        for number in (1, 2, 3):
            workflow.approve(factories.handed_in(round_, number, by=everybody.office), by=everybody.office)
    if state == "published":
        round_ = workflow.publish(round_, by=everybody.office)
    expected = {
        who: "NotAllowed" if who not in JUDGES else "done" if state == right_state else "WrongState" for who in PEOPLE
    }
    attempts = {who: getattr(everybody, who) for who in PEOPLE}
    done = {
        who: outcome(lambda: getattr(workflow, name)(round_, by=by), Round)  # noqa: B023
        for who, by in attempts.items()
    }
    assert done == expected


def test_the_whole_way_of_a_report_is_in_its_history(opened, cast):
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, factories.content(opened.plan), by=cast.reporter, version=report.version)
    report = workflow.submit(report, by=cast.reporter)
    report = workflow.return_(report, reason=" 回数を書いてください。 ", by=cast.office)
    assert report.return_reason == "回数を書いてください。"
    report = workflow.save_draft(report, {"progress": "3回開いた。"}, by=cast.colleague, version=report.version)
    assert report.return_reason == "回数を書いてください。"  # stays until it is handed in again
    report = workflow.submit(report, by=cast.colleague)
    assert report.return_reason == ""
    workflow.approve(report, by=cast.office)
    workflow.publish(opened, by=cast.root, accept_unreported=True)
    rows = Report.history.filter(id=report.pk).order_by("history_id")
    assert [(r.history_change_reason, r.state, r.version, r.history_user.username) for r in rows] == [
        ("受付開始", "draft", 1, "office"),
        ("保存", "draft", 2, "reporter"),
        ("提出", "submitted", 3, "reporter"),
        ("差し戻し", "returned", 4, "office"),
        ("保存", "returned", 5, "colleague"),
        ("提出", "submitted", 6, "colleague"),
        ("承認", "approved", 7, "office"),
        ("公表", "published", 8, "root"),
    ]
    assert [
        (r.history_change_reason, r.state, r.history_user.username)
        for r in Round.history.filter(id=opened.pk).exclude(history_user=None).order_by("history_id")
    ] == [("受付開始", "open", "office"), ("公表", "published", "root")]


def test_each_act_stores_who_and_when(opened, cast):
    report = factories.handed_in(opened, 1, by=cast.reporter)
    assert (report.submitted_by, report.updated_by) == (cast.reporter, cast.reporter)
    report = workflow.approve(report, by=cast.office)
    assert (report.approved_by, report.approved_at is None) == (cast.office, False)
    report = workflow.return_(report, reason="誤りがあります。", by=cast.office)
    assert (report.state, report.approved_by, report.approved_at) == ("returned", None, None)


def test_the_second_of_two_who_opened_the_same_version_gets_a_conflict(opened, cast):
    seen = factories.report(opened, 1)
    workflow.save_draft(seen, {"progress": "先に書いた。"}, by=cast.colleague, version=seen.version)
    before = everything()
    for attempt in (
        lambda: workflow.save_draft(seen, {"progress": "後から書いた。"}, by=cast.reporter, version=seen.version),
        lambda: workflow.submit(seen, by=cast.reporter, version=seen.version),
        lambda: workflow.approve(seen, by=cast.office, version=seen.version),
        lambda: workflow.return_(seen, reason="理由", by=cast.office, version=seen.version),
    ):
        with pytest.raises(workflow.Conflict) as conflict:
            attempt()
        assert (conflict.value.current.progress, conflict.value.current.updated_by) == ("先に書いた。", cast.colleague)
        assert everything() == before


def test_a_draft_may_be_incomplete_but_not_be_submitted(opened, cast):
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, {}, by=cast.reporter, version=report.version)
    with pytest.raises(ValidationError) as refused:
        workflow.submit(report, by=cast.reporter)
    assert refused.value.message_dict == {
        "grade": ["評価を選んでください。"],
        "progress": ["取組状況を入力してください。"],
    }


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            {"delay_reason": ""},
            {"delay_reason": ["評価が「B 予定よりも遅れている」のときは、遅れの理由を入力してください。"]},
        ),
        ({"remedy": " 　"}, {"remedy": ["評価が「B 予定よりも遅れている」のときは、対応策を入力してください。"]}),
        (
            {"recovery_on": None},
            {"recovery_on": ["評価が「B 予定よりも遅れている」のときは、回復予定日を入力してください。"]},
        ),
        ({"progress": "\u3000\n"}, {"progress": ["取組状況を入力してください。"]}),
        (
            {"delay_reason": "", "remedy": "", "recovery_on": None},
            {
                "delay_reason": ["評価が「B 予定よりも遅れている」のときは、遅れの理由を入力してください。"],
                "remedy": ["評価が「B 予定よりも遅れている」のときは、対応策を入力してください。"],
                "recovery_on": ["評価が「B 予定よりも遅れている」のときは、回復予定日を入力してください。"],
            },
        ),
    ],
)
def test_a_behind_grade_needs_reason_remedy_and_recovery_date(opened, cast, missing, message):
    report = factories.report(opened, 1)
    filled = factories.content(opened.plan, "B", **missing)
    report = workflow.save_draft(report, filled, by=cast.reporter, version=report.version)
    before = everything()
    with pytest.raises(ValidationError) as refused:
        workflow.submit(report, by=cast.reporter)
    assert refused.value.message_dict == message
    assert everything() == before


@pytest.mark.parametrize("code", ["S", "A"])
def test_other_grades_need_no_recovery(opened, cast, code):
    assert factories.handed_in(opened, 1, code, by=cast.reporter).state == "submitted"


@pytest.mark.parametrize("day", [date(2014, 9, 29), date(2014, 9, 30)])
def test_recovery_must_lie_after_the_as_of_date(opened, cast, day):
    report = factories.report(opened, 1)
    before = everything()
    filled = factories.content(opened.plan, "B", recovery_on=day)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(report, filled, by=cast.reporter, version=report.version)
    assert refused.value.message_dict == {
        "recovery_on": ["回復予定日は、調査の基準日（平成26年9月30日）より後の日にしてください。"]
    }
    assert everything() == before


def test_recovery_on_the_day_after_the_as_of_date_is_accepted(opened, cast):
    assert factories.handed_in(opened, 1, "B", by=cast.reporter, recovery_on=date(2014, 10, 1)).is_behind


def test_a_grade_of_another_plan_is_refused(opened, cast):
    other = factories.small_plan("other")
    report = factories.report(opened, 1)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(
            report, {"grade": Grade.objects.get(plan=other, code="A")}, by=cast.reporter, version=report.version
        )
    assert refused.value.message_dict == {
        "grade": ["「A 予定どおりに進捗」は別の計画のものです。同じ計画のものを選んでください。"]
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("progress", "あ" * 4001, "この値は 4000 文字以下でなければなりません( 4001 文字になっています)。"),
        ("remedy", "あ" * 2001, "この値は 2000 文字以下でなければなりません( 2001 文字になっています)。"),
        ("recovery_on", "来年", "“来年” は無効な日付形式です。YYYY-MM-DD 形式にしなければなりません。"),
    ],
)
def test_content_out_of_bounds_is_refused(opened, cast, field, value, message):
    report = factories.report(opened, 1)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(report, {field: value}, by=cast.reporter, version=report.version)
    assert refused.value.message_dict == {field: [message]}


def test_a_draft_cannot_carry_anything_but_content(opened, cast):
    report = factories.report(opened, 1)
    with pytest.raises(ValueError, match=r"not content of a report: \['state'\]"):
        workflow.save_draft(report, {"state": "approved"}, by=cast.office, version=report.version)


@pytest.mark.parametrize("reason", ["", " \u3000\n"])
def test_a_report_is_not_returned_without_a_reason(opened, cast, reason):
    report = factories.handed_in(opened, 1, by=cast.reporter)
    with pytest.raises(ValidationError) as refused:
        workflow.return_(report, reason=reason, by=cast.office)
    assert refused.value.message_dict == {"reason": ["差し戻しの理由を入力してください。担当課に表示されます。"]}


def test_the_successor_of_a_renamed_department_answers_for_its_items(opened, cast):
    cast.zaisei.successor = Department.objects.create(city="小平市", code="zaimu", name="財務課")
    cast.zaisei.save()
    cast.stranger.departments.set([cast.zaisei.successor])
    assert factories.handed_in(opened, 1, by=cast.stranger).submitted_by == cast.stranger


def test_open_round_makes_one_draft_per_item_once(plan, cast):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    assert sorted(opened.reports.values_list("program__number", "state", "version", "updated_by__username")) == [
        ("1", "draft", 1, "office"),
        ("2", "draft", 1, "office"),
        ("3", "draft", 1, "office"),
    ]
    assert opened.opens_on is not None
    assert Report.history.count() == 3


def test_open_round_refuses_a_due_date_in_the_past(plan, cast):
    round_ = plan.rounds.first()
    round_.due_on = date(2014, 10, 31)
    round_.save()
    with pytest.raises(workflow.WrongState, match="提出期限が受付開始日より前です。"):
        workflow.open_round(round_, by=cast.office)
    assert (Report.objects.count(), Round.objects.get(pk=round_.pk).state) == (0, "planned")


def test_publish_needs_an_approved_report(opened, cast):
    factories.handed_in(opened, 1, by=cast.reporter)
    for accept in (False, True):
        with pytest.raises(workflow.WrongState) as refused:
            workflow.publish(opened, by=cast.office, accept_unreported=accept)
        assert str(refused.value) == "承認済みの報告が一つもありません。提出された報告を承認してから公表してください。"


def test_publish_says_how_many_reports_are_missing_unless_that_is_accepted(opened, cast):
    workflow.approve(factories.handed_in(opened, 1, by=cast.reporter), by=cast.office)
    before = everything()
    with pytest.raises(workflow.WrongState) as refused:
        workflow.publish(opened, by=cast.office)
    assert (
        str(refused.value)
        == "承認されていない報告が2件あります。「未報告」として公表するか、承認を待つかを選んでください。"
    )
    assert everything() == before
    published = workflow.publish(opened, by=cast.office, accept_unreported=True)
    assert (published.state, published.published_by) == ("published", cast.office)
    assert sorted(published.reports.values_list("program__number", "state", "published_by__username")) == [
        ("1", "published", "office"),
        ("2", "draft", None),
        ("3", "draft", None),
    ]
