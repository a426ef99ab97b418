"""The acts on a round and its reports: who may do what when, and that a refusal leaves everything as it was."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department, User
from programs.models import Responsibility
from reviews import workflow
from reviews.models import Contribution, PublishedReport, Report, Round
from tests import factories
from tests.published import freeze
from tests.workbooks.survey.sheets import Book, row_of
from workbooks.models import SurveyUpload
from workbooks.survey import acts as surveys
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet

PEOPLE = ("reporter", "colleague", "supporter", "stranger", "viewer", "committee", "office", "root", "retired")

WRITERS = {"reporter", "colleague", "office", "root"}
JUDGES = {"office", "root"}
# act → who may do it, and in which states of the report (in an open round).
REPORT_ACTS = {
    "save_draft": (WRITERS, {"draft", "returned"}),
    "contribute": ({"supporter", "office", "root"}, {"draft", "returned"}),
    "submit": (WRITERS, {"draft", "returned"}),
    "return_": (JUDGES, {"submitted", "approved"}),
    "approve": (JUDGES, {"submitted"}),
    "approve_all": (JUDGES, {"submitted"}),
    "confirm": (WRITERS, {"draft", "returned"}),
    "undo": (WRITERS, {"draft", "returned"}),
    "correct": (JUDGES, {"published", "left out"}),  # 未報告 was published, too
}
STATES = ("draft", "submitted", "returned", "approved", "published", "left out")


@pytest.fixture
def everybody(cast):
    """The cast; `retired`, a reporter of the right department whose account is closed; `supporter` of a second one."""
    cast.shien = Department.objects.create(city="小平市", code="shien", name="支援課")
    for name, department, is_active in (("retired", cast.zaisei, False), ("supporter", cast.shien, True)):
        person = User.objects.create_user(username=name, name=name, is_active=is_active)
        person.groups.set(cast.colleague.groups.all())
        person.departments.add(department)
        setattr(cast, name, person)
    return cast


def in_state(opened, state, office):
    """The complete report of item 1 in a state; "left out" is a draft whose round has been published."""
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, factories.content(opened.plan), by=office, version=report.version)
    report = two_sheets(opened, report, office)
    if state in ("submitted", "returned", "approved", "published"):
        report = workflow.submit(report, by=office)
    if state == "returned":
        report = workflow.return_(report, reason="数を書いてください。", by=office)
    if state in ("approved", "published"):
        report = workflow.approve(report, by=office)
    if state == "left out":
        workflow.approve(factories.handed_in(opened, 2, by=office), by=office)
    if state in ("published", "left out"):
        workflow.publish(opened, by=office, accept_unreported=True, freeze_edition=True)
    return Report.objects.get(pk=report.pk)


def two_sheets(opened, report, office):
    """One sheet of zaisei was taken in, another one waits to be confirmed; both change item 1."""
    zaisei = Department.objects.get(code="zaisei")
    for title, text, is_confirmed in (("評価の根拠", "議事録", True), ("取組状況", "調査票に書いた。", False)):
        book = Book(survey_sheet(opened, zaisei, by=office))
        data = book.put("報告", row_of(book, 1), **{title: text}).saved()
        upload = surveys.receive(data, "調査票.xlsx", opened, zaisei, by=office)
        if is_confirmed:
            surveys.confirm(upload, fingerprint=preview(upload).fingerprint, by=office)
    return Report.objects.get(pk=report.pk)


def act(name, report, by):
    if name == "save_draft":
        return workflow.save_draft(report, {"progress": "書き直した。"}, by=by, version=report.version)
    if name == "contribute":
        supporting = Department.objects.get(code="shien")
        return workflow.contribute(report, supporting, "窓口で案内した。", by=by, version=report.version)
    if name == "return_":
        return workflow.return_(report, reason="数を書いてください。", by=by)
    if name == "approve_all":
        _, refused = workflow.approve_all([report], by=by)
        if refused:
            raise workflow.WrongState(refused[0][1])
        return None
    if name in ("confirm", "undo"):
        return by_sheet(name, report, by)
    if name == "correct":
        row = report.round.published_reports.filter(program=report.program_id).first() or PublishedReport(pk=0)
        try:
            return workflow.correct(row, "progress", "訂正した。", reason="誤記", by=by)
        except PublishedReport.DoesNotExist as refused:
            raise workflow.WrongState(str(refused)) from refused
    return getattr(workflow, name)(report, by=by)


def by_sheet(name, report, by):
    """A sheet of zaisei, sent when it could be, is confirmed or undone now. It is the person's own."""
    SurveyUpload.objects.filter(state=SHEET[name]).update(uploaded_by=by)
    upload = SurveyUpload.objects.get(state=SHEET[name])
    if name == "undo":
        try:
            return surveys.undo(upload, by=by)
        except surveys.NotUndone as refused:
            raise workflow.WrongState(refused.reasons) from refused
    try:
        return surveys.confirm(upload, fingerprint=report.fingerprint, by=by)
    except surveys.NotConfirmed as refused:
        raise workflow.WrongState(str(refused)) from refused


SHEET = {"confirm": "previewed", "undo": "confirmed"}


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
    except (workflow.NotAllowed, workflow.WrongState, workflow.ReportConflict, ValidationError) as refused:
        assert everything(model) == before
        return type(refused).__name__


# Who may do what when is decided in Python; what locks and constraints do is seen in two states on both databases.
ON_BOTH = ("draft", "approved")


@pytest.mark.parametrize(
    "state",
    [state if state in ON_BOTH else pytest.param(state, marks=pytest.mark.sqlite_first) for state in STATES],
)
def test_report_acts_by_person_and_state(opened, everybody, state):
    """State × person × act: every cell, done or refused; a refusal leaves everything as it was."""
    content = opened.edition.contents.get(program__number="1")
    Responsibility.objects.create(program_edition=content, department=everybody.shien, order=2)
    report = in_state(opened, state, everybody.office)
    report.fingerprint = preview(SurveyUpload.objects.get(state="previewed")).fingerprint  # the same for all of them
    expected = {
        (name, who): "NotAllowed" if who not in people else "done" if state in states else "WrongState"
        for name, (people, states) in REPORT_ACTS.items()
        for who in PEOPLE
    }
    found = {(name, who): outcome(lambda: act(name, report, getattr(everybody, who))) for name, who in expected}  # noqa: B023
    assert found == expected


@pytest.mark.parametrize("state", ["planned", "open", "published"])
@pytest.mark.parametrize(("name", "right_state"), [("open_round", "planned"), ("publish", "open")])
def test_round_acts_by_person_and_state(plan, everybody, name, right_state, state):
    freeze(plan, everybody.office)
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
    workflow.publish(opened, by=cast.root, accept_unreported=True, freeze_edition=True)
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
        with pytest.raises(workflow.ReportConflict) as conflict:
            attempt()
        assert (conflict.value.current.progress, conflict.value.current.updated_by) == ("先に書いた。", cast.colleague)
        assert everything() == before


def test_who_may_not_write_is_refused_before_a_conflict_shows_what_others_wrote(opened, cast):
    seen = factories.report(opened, 1)
    workflow.save_draft(seen, {"progress": "財政課だけの話。"}, by=cast.colleague, version=seen.version)
    for attempt in (
        lambda: workflow.save_draft(seen, {"progress": "横から。"}, by=cast.stranger, version=seen.version),
        lambda: workflow.submit(seen, by=cast.stranger, version=seen.version),
        lambda: workflow.contribute(seen, cast.zeimu, "横から。", by=cast.stranger, version=seen.version),
        lambda: workflow.approve(seen, by=cast.reporter, version=seen.version),
        lambda: workflow.return_(seen, reason="横から。", by=cast.reporter, version=seen.version),
    ):
        with pytest.raises(workflow.NotAllowed):
            attempt()


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
            workflow.publish(opened, by=cast.office, accept_unreported=accept, freeze_edition=True)
        assert str(refused.value) == "承認済みの報告が一つもありません。提出された報告を承認してから公表してください。"


def test_publish_stands_on_a_frozen_edition(opened, cast):
    workflow.approve(factories.handed_in(opened, 1, by=cast.reporter), by=cast.office)
    before = everything()
    with pytest.raises(workflow.WrongState) as refused:
        workflow.publish(opened, by=cast.office, accept_unreported=True)
    assert (
        str(refused.value)
        == "「改訂版」がまだ確定していません。先に版を確定するか、公表と同時に確定することを選んでください。"
    )
    assert everything() == before
    published = workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    assert published.edition.frozen_by == cast.office
    assert set(published.published_reports.values_list("edition_key", flat=True)) == {published.edition.key}
    assert published.framework["edition"]["key"] == published.edition.key


def test_publish_says_how_many_reports_are_missing_unless_that_is_accepted(opened, cast):
    workflow.approve(factories.handed_in(opened, 1, by=cast.reporter), by=cast.office)
    before = everything()
    with pytest.raises(workflow.WrongState) as refused:
        workflow.publish(opened, by=cast.office, freeze_edition=True)
    assert (
        str(refused.value)
        == "承認されていない報告が2件あります。「未報告」として公表するか、承認を待つかを選んでください。"
    )
    assert everything() == before
    published = workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    assert (published.state, published.published_by) == ("published", cast.office)
    assert sorted(published.reports.values_list("program__number", "state", "published_by__username")) == [
        ("1", "published", "office"),
        ("2", "draft", None),
        ("3", "draft", None),
    ]


# Several departments on one item


@pytest.fixture
def shared(opened, everybody):
    """The report of item 1: zaisei leads, shien supports."""
    content = opened.edition.contents.get(program__number="1")
    Responsibility.objects.create(program_edition=content, department=everybody.shien, order=2)
    return factories.report(opened, 1)


def test_a_supporting_department_reads_the_report_and_adds_to_it(shared, everybody):
    assert list(Report.objects.visible_to(everybody.supporter)) == [shared]
    assert list(Report.objects.editable_by(everybody.supporter)) == []
    saved = workflow.contribute(
        shared, everybody.shien, " 窓口で案内した。 ", by=everybody.supporter, version=shared.version
    )
    added = saved.contributions.get()
    assert (added.text, added.updated_by, saved.version) == ("窓口で案内した。", everybody.supporter, 2)
    for department, by, error in (
        (everybody.zaisei, everybody.reporter, "財政課はこの項目の関係課ではないため"),
        (everybody.zeimu, everybody.stranger, "税務課はこの項目の関係課ではないため"),
        (everybody.shien, everybody.reporter, "支援課に所属していないため"),
    ):
        with pytest.raises(workflow.NotAllowed, match=error):
            workflow.contribute(saved, department, "横から", by=by, version=saved.version)
    with pytest.raises(workflow.ReportConflict):
        workflow.contribute(saved, everybody.shien, "後から", by=everybody.supporter, version=1)
    with pytest.raises(ValidationError):
        workflow.contribute(saved, everybody.shien, "あ" * 2001, by=everybody.supporter, version=2)
    workflow.contribute(saved, everybody.shien, "", by=everybody.supporter, version=2)
    assert not saved.contributions.exists()
    assert list(Contribution.history.order_by("history_id").values_list("history_type", "history_user__username")) == [
        ("+", "supporter"),
        ("-", "supporter"),
    ]


def test_the_successor_of_the_leading_department_leads(shared, everybody):
    everybody.zaisei.successor = everybody.shien
    everybody.zaisei.save()
    assert workflow.save_draft(shared, {"progress": "引き継いだ。"}, by=everybody.supporter, version=1).version == 2


# Figures


def test_many_are_approved_at_once_as_they_were_seen(opened, cast, django_assert_max_num_queries):
    first, second = (factories.handed_in(opened, number, by=cast.office) for number in (1, 2))
    draft = factories.report(opened, 3)
    workflow.save_draft(draft, {"progress": "あとから"}, by=cast.reporter, version=draft.version)
    with django_assert_max_num_queries(8):
        approved, refused = workflow.approve_all([first, second, draft], by=cast.office)
    assert [(report.program.number, report.state, report.version) for report in approved] == [
        ("1", "approved", 4),
        ("2", "approved", 4),
    ]
    assert [(report.pk, why[:30]) for report, why in refused] == [
        (draft.pk, "この報告は、あなたが開いたあとに別の人が更新しました。上書き"[:30])
    ]
    assert Report.history.filter(history_change_reason="承認", history_user=cast.office).count() == 2
    with pytest.raises(workflow.NotAllowed):
        workflow.approve_all([first], by=cast.reporter)
