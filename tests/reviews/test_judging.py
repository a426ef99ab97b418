"""Axes of judgement beside the first: written by who judges, handed in, frozen with the round."""

import pytest
from django.core.exceptions import ValidationError

from core.acts import NotAllowed, WrongState
from policies.models import Axis, Grade
from reviews import past, workflow
from reviews.models import PublishedJudgement, ReportJudgement
from tests import factories
from tests.kept import kept


@kept
def judged(plan):
    """The plan judges by 達成度, too, and the committee has its own grades. Both have a grade A, as the first axis has."""
    factories.further_axes(plan)
    return plan


def grade(plan, axis, code):
    return Grade.objects.get(plan=plan, axis__key=axis, code=code)


def rows(report):
    return list(report.judgements.order_by("axis__order").values_list("axis__key", "grade__code"))


def handed_in(plan, cast):
    round_ = workflow.open_round(plan.rounds.first(), by=cast.office)
    draft = factories.report(round_, 1)
    content = factories.content(plan) | {"judgements": {"outcome": grade(plan, "outcome", "B")}}
    draft = workflow.save_draft(draft, content, by=cast.reporter, version=draft.version)
    return workflow.submit(draft, by=cast.reporter)


def test_the_department_judges_by_its_axes_before_it_hands_in(judged, cast):
    round_ = workflow.open_round(judged.rounds.first(), by=cast.office)
    draft = factories.report(round_, 1)
    draft = workflow.save_draft(draft, factories.content(judged), by=cast.reporter, version=draft.version)
    with pytest.raises(ValidationError) as refused:
        workflow.submit(draft, by=cast.reporter)
    assert refused.value.message_dict == {"judgements": ["「達成度」の評価を選んでください。"]}
    for code in ("A", "B"):
        content = {"judgements": {"outcome": grade(judged, "outcome", code)}}
        draft = workflow.save_draft(draft, content, by=cast.reporter, version=draft.version)
    assert rows(workflow.submit(draft, by=cast.reporter)) == [("outcome", "B")]
    history = ReportJudgement.history.order_by("history_id")
    assert [(row.grade.code, row.history_user) for row in history] == [("A", cast.reporter), ("B", cast.reporter)]


def test_a_grade_is_taken_away_again(judged, cast):
    draft = factories.report(workflow.open_round(judged.rounds.first(), by=cast.office), 1)
    for chosen in (grade(judged, "outcome", "A"), None, None):
        draft = workflow.save_draft(draft, {"judgements": {"outcome": chosen}}, by=cast.reporter, version=draft.version)
    assert rows(draft) == []


@pytest.mark.parametrize(
    ("axis", "of", "code", "message"),
    [
        (
            "committee",
            "committee",
            "A",
            "評価の軸「committee」の評価は、ここでは入力できません。画面を開き直してください。",
        ),
        ("main", "main", "A", "評価の軸「main」の評価は、ここでは入力できません。画面を開き直してください。"),
        ("outcome", "main", "A", "「A 予定どおりに進捗」は、達成度の評価ではありません。"),
    ],
)
def test_a_department_judges_by_its_own_axes_alone(judged, cast, axis, of, code, message):
    draft = factories.report(workflow.open_round(judged.rounds.first(), by=cast.office), 1)
    content = {"judgements": {axis: grade(judged, of, code)}}
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(draft, content, by=cast.reporter, version=draft.version)
    assert refused.value.message_dict == {"judgements": [message]}
    assert ReportJudgement.objects.count() == 0


def test_a_report_is_not_judged_by_a_grade_of_another_axis(judged, cast):
    draft = factories.report(workflow.open_round(judged.rounds.first(), by=cast.office), 1)
    content = {"grade": grade(judged, "outcome", "B")}
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(draft, content, by=cast.reporter, version=draft.version)
    assert list(refused.value.message_dict) == ["grade"]


def test_the_office_enters_what_the_committee_judged(judged, cast):
    report = handed_in(judged, cast)
    given = {"committee": grade(judged, "committee", "A")}
    for person in (cast.reporter, cast.committee):
        with pytest.raises(NotAllowed):
            workflow.judge(report, given, by=person, version=report.version)
    saved = workflow.judge(report, given, by=cast.office, version=report.version)
    assert (rows(saved), saved.version) == ([("outcome", "B"), ("committee", "A")], report.version + 1)
    assert (saved.history.first().history_change_reason, saved.history.first().history_user) == (
        "事務局・委員会の評価",
        cast.office,
    )
    with pytest.raises(workflow.ReportConflict):
        workflow.judge(report, given, by=cast.office, version=report.version)
    again = workflow.judge(saved, given, by=cast.office, version=saved.version)
    assert again.version == saved.version  # nothing new
    with pytest.raises(ValidationError, match="ここでは入力できません"):
        workflow.judge(saved, {"outcome": None}, by=cast.office, version=saved.version)


def test_before_a_report_is_handed_in_nobody_judges_it(judged, cast):
    draft = factories.report(workflow.open_round(judged.rounds.first(), by=cast.office), 1)
    with pytest.raises(WrongState, match="下書き"):
        workflow.judge(draft, {"committee": None}, by=cast.office, version=draft.version)


def test_publishing_freezes_every_axis_with_its_names(judged, cast):
    report = handed_in(judged, cast)
    report = workflow.judge(
        report, {"committee": grade(judged, "committee", "A")}, by=cast.office, version=report.version
    )
    workflow.approve(report, by=cast.office)
    round_ = workflow.publish(report.round, by=cast.office, accept_unreported=True, freeze_edition=True)
    Axis.objects.filter(key="outcome").update(name="改称")
    Grade.objects.filter(axis__key="outcome").update(label="改称")
    frozen = PublishedJudgement.objects.order_by("axis_order")
    names = ("published_report__number", "axis__key", "axis_name", "grade_code", "grade_label", "grade_order", "tone")
    assert list(frozen.values_list(*names)) == [
        ("1", "outcome", "達成度", "B", "届いていない", 2, "behind"),
        ("1", "committee", "委員会評価", "A", "妥当", 1, "on_track"),
    ]
    assert [
        (axis["key"], axis["name"], [one["code"] for one in axis["grades"]]) for axis in round_.framework["axes"]
    ] == [
        ("main", "実施状況", ["S", "A", "B"]),
        ("outcome", "達成度", ["A", "B"]),
        ("committee", "委員会評価", ["A", "C"]),
    ]


def test_a_plan_with_one_axis_publishes_as_before(plan, cast):
    round_ = factories.published_round(plan, {1: "A"}, by=cast.office)
    assert sorted(round_.framework) == ["edition", "grades", "policies"]
    assert PublishedJudgement.objects.count() == 0


def test_past_results_bring_every_axis(judged, cast):
    round_ = judged.rounds.first()
    results = past.read_results(round_, "1\tA\t届いた\tC\t説明会を開いた。\n2\tB\n")
    assert [(each.program.number, each.grade.code, each.progress) for each in results] == [
        ("1", "A", "説明会を開いた。"),
        ("2", "B", ""),
    ]
    with pytest.raises(ValidationError) as refused:
        past.read_results(round_, "1\tA\tX\n2\t\tA\n")
    assert refused.value.message_dict["results"] == [
        "1行目: 達成度の評価「X」はありません。使えるのは A、B です。",
        "2行目: 評価「」はありません。使えるのは S、A、B です。",
    ]
    past.register_past(round_, results, source=judged.sources.get(), released_on=factories.RELEASED, by=cast.office)
    frozen = PublishedJudgement.objects.order_by("axis_order").values_list("axis__key", "grade_code")
    assert list(frozen) == [("outcome", "A"), ("committee", "C")]


def test_a_published_judgement_is_corrected_beside_it(judged, cast):
    report = handed_in(judged, cast)
    workflow.approve(report, by=cast.office)
    round_ = workflow.publish(report.round, by=cast.office, accept_unreported=True, freeze_edition=True)
    row = round_.published_reports.get(number="1")
    for field, new, label, old in (
        ("judgement:outcome", "Ａ", "達成度", "B"),
        ("judgement:committee", "C", "委員会評価", ""),  # which was not known when the round was published
        ("judgement:committee", "", "委員会評価", "C"),  # but it was of another item
    ):
        erratum = workflow.correct(row, field, new, reason="転記の誤り", by=cast.office)
        assert (erratum.label, erratum.old) == (label, old)
    assert [each.new for each in row.errata.order_by("pk")] == ["A", "C", ""]
    with pytest.raises(ValidationError) as refused:
        workflow.correct(row, "judgement:committee", "B", reason="誤り", by=cast.office)
    assert refused.value.message_dict == {"new": ["「B」という評価は委員会評価にありません。使えるのは A、C です。"]}
    assert PublishedJudgement.objects.get().grade_code == "B"  # as it was published
