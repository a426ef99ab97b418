"""The axes beside the first on the page of a report."""

import pytest

from policies.models import Grade
from reviews import workflow
from tests import factories
from tests.kept import kept


@kept
def opened(plan, cast):
    factories.further_axes(plan)
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def text_of(answer):
    return answer.content.decode()


def pk(axis, code):
    return str(Grade.objects.get(axis__key=axis, code=code).pk)


def rows(report):
    return list(report.judgements.order_by("axis__order").values_list("axis__key", "grade__code"))


def typed(report, **values):
    return {"version": report.version, "grade": pk("main", "A"), "progress": "説明会を開いた。"} | values


def page(report):
    return f"/admin/reviews/report/{report.pk}/change/"


def test_the_reporter_judges_by_every_axis_of_the_departments(client, cast, opened):
    report = factories.report(opened, 1)
    client.force_login(cast.reporter)
    html = client.get(page(report)).content.decode()
    assert ("達成度" in html, 'name="judgement-outcome"' in html, 'name="judgement-committee"' in html) == (
        True,
        True,
        False,
    )
    refused = client.post(page(report), typed(report, _submit="1", **{"judgement-outcome": ""}))
    assert "「達成度」の評価を選んでください。" in refused.content.decode()
    sent = client.post(page(report), typed(report, _submit="1", **{"judgement-outcome": pk("outcome", "B")}))
    assert (sent.status_code, rows(report)) == (302, [("outcome", "B")])
    report.refresh_from_db()
    assert (report.state, report.grade.code) == ("submitted", "A")


def test_a_foreign_grade_is_no_choice(client, cast, opened):
    report = factories.report(opened, 1)
    client.force_login(cast.reporter)
    for grade in (pk("main", "A"), pk("committee", "A"), "x"):
        answer = client.post(page(report), typed(report, _save="1", **{"judgement-outcome": grade}))
        assert (answer.status_code, rows(report)) == (400, [])


def test_two_people_who_judge_otherwise_choose(client, cast, opened):
    report = factories.report(opened, 1)
    first = {"judgements": {"outcome": Grade.objects.get(pk=pk("outcome", "A"))}}
    workflow.save_draft(report, first, by=cast.colleague, version=report.version)
    client.force_login(cast.reporter)
    mine = {"judgement-outcome": pk("outcome", "B"), "initial-judgement-outcome": ""}
    conflict = client.post(page(report), typed(report, _save="1", **mine))
    choice = next(each for each in conflict.context_data["choices"] if each.label == "達成度の評価")
    assert (conflict.status_code, choice.stored_text, choice.mine_text) == (409, "A 届いた", "B 届いていない")
    assert f'name="judgement-outcome" value="{pk("outcome", "B")}"' in conflict.content.decode()
    report.refresh_from_db()
    for picked, kept_grade in (("theirs", "A"), ("mine", "B")):
        sent = typed(report, _save="1", _resolve="1", pick_grade="mine", pick_progress="mine", **mine)
        answer = client.post(page(report), sent | {"pick_judgement-outcome": picked})
        assert (answer.status_code, rows(report)) == (302, [("outcome", kept_grade)])
        report.refresh_from_db()


def test_who_left_an_axis_alone_does_not_undo_another(client, cast, opened):
    report = factories.report(opened, 1)
    first = {"judgements": {"outcome": Grade.objects.get(pk=pk("outcome", "A"))}}
    workflow.save_draft(report, first, by=cast.colleague, version=report.version)
    client.force_login(cast.reporter)
    untouched = {"judgement-outcome": "", "initial-judgement-outcome": ""}
    conflict = client.post(page(report), typed(report, _save="1", **untouched))
    choice = next(each for each in conflict.context_data["choices"] if each.label == "達成度の評価")
    assert (choice.is_conflict, choice.picked) == (False, "theirs")


def test_the_office_enters_the_judgement_of_the_committee(client, cast, opened):
    report = factories.report(opened, 1)
    content = factories.content(opened.plan) | {"judgements": {"outcome": Grade.objects.get(pk=pk("outcome", "A"))}}
    report = workflow.save_draft(report, content, by=cast.reporter, version=report.version)
    client.force_login(cast.office)
    assert "報告が提出されたあとに" in text_of(client.get(page(report)))
    report = workflow.submit(report, by=cast.reporter)
    judge = f"/admin/reviews/report/{report.pk}/judge/"
    html = client.get(page(report)).content.decode()
    assert f'action="{judge}"' in html
    given = {"judgement-committee": pk("committee", "C"), "judgement-version": report.version}
    answer = client.post(judge, given, follow=True)
    assert ("の評価を保存しました。" in text_of(answer), rows(report)) == (True, [("outcome", "A"), ("committee", "C")])
    late = client.post(judge, given | {"judgement-committee": pk("committee", "A")})
    told = "評価を保存していません。この報告は、あなたが開いたあとに別の画面であなた自身が更新しました。"
    assert (late.status_code, told in text_of(late), rows(report)[1]) == (409, True, ("committee", "C"))
    form = late.context_data["judge_form"]
    report.refresh_from_db()
    assert (form["committee"].value(), form["version"].value()) == (pk("committee", "A"), str(report.version))
    again = {"committee": pk("committee", "C"), "version": form["version"].value()}
    assert client.post(judge, {f"judgement-{name}": value for name, value in again.items()}).status_code == 302
    assert rows(report)[1] == ("committee", "C")
    client.force_login(cast.reporter)
    assert "C 見直しが必要" in text_of(client.get(page(report)))  # to read
    assert client.post(judge, given).status_code == 403


@pytest.mark.parametrize("given", [{}, {"judgement-committee": "x", "judgement-version": "1"}])
def test_a_broken_form_of_the_office_is_refused(client, cast, opened, given):
    report = factories.report(opened, 1)
    client.force_login(cast.office)
    answer = client.post(f"/admin/reviews/report/{report.pk}/judge/", given, follow=True)
    assert "評価を保存していません。この画面を開き直し" in text_of(answer)


def test_a_plan_with_one_axis_shows_none(client, cast, plan):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    client.force_login(cast.office)
    html = client.get(page(factories.report(opened, 1))).content.decode()
    assert ("ほかの軸" in html, "事務局・委員会の評価" in html) == (False, False)


def test_before_publication_the_office_sees_which_axes_lack_grades(client, cast, opened):
    report = factories.report(opened, 1)
    content = factories.content(opened.plan) | {"judgements": {"outcome": Grade.objects.get(pk=pk("outcome", "A"))}}
    report = workflow.save_draft(report, content, by=cast.reporter, version=report.version)
    report = workflow.approve(workflow.submit(report, by=cast.reporter), by=cast.office)
    client.force_login(cast.office)
    address = f"/admin/reviews/round/{opened.pk}/publish/"
    assert client.get(address).context_data["unjudged"] == [(opened.plan.axes.get(key="committee"), 1)]
    assert "<dt>委員会評価（委員会）</dt><dd>1件</dd>" in text_of(client.get(address))
    given = {"committee": Grade.objects.get(pk=pk("committee", "A"))}
    workflow.judge(report, given, by=cast.office, version=report.version)
    assert "評価の入っていない軸" not in text_of(client.get(address))
