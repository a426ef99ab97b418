"""Reports in the admin: who reaches which report, and what the buttons do."""

import datetime
import re

import pytest
from django.core import mail

from reviews import workflow
from reviews.models import Report
from tests import factories
from tests.kept import kept
from tests.reading import messages
from tests.staff.addresses import url
from tests.staff.forms import typed

CAST = ["reporter", "colleague", "stranger", "viewer", "committee", "office", "root"]


@kept
def round_(plan, cast):
    return workflow.open_round(plan.rounds.first(), by=cast.office)


@kept
def report(round_):
    """Item 1 of department zaisei, a draft."""
    return factories.report(round_, 1)


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("reporter", ["1", "3"]),
        ("colleague", ["1", "3"]),
        ("stranger", ["2"]),
        ("viewer", ["1", "3"]),
        ("committee", None),
        ("office", ["1", "2", "3"]),
        ("root", ["1", "2", "3"]),
    ],
)
def test_the_list_shows_each_person_the_reports_they_may_read(who, listed, client, cast, round_):
    client.force_login(getattr(cast, who))
    response = client.get("/admin/reviews/report/")
    if listed is None:
        assert response.status_code == 403
    else:
        assert [report.program.number for report in response.context_data["cl"].result_list] == listed


@pytest.mark.parametrize(
    ("who", "get", "post"),
    [
        ("reporter", 200, 302),
        ("colleague", 200, 302),
        ("stranger", 404, 404),
        ("viewer", 200, 403),
        ("committee", 404, 404),
        ("office", 200, 302),
        ("root", 200, 302),
    ],
)
def test_the_address_of_a_draft_answers_each_person(who, get, post, client, cast, report):
    client.force_login(getattr(cast, who))
    assert client.get(url(report)).status_code == get
    assert client.post(url(report), {**typed(report), "_save": "1"}).status_code == post
    report.refresh_from_db()
    assert report.progress == ("説明会を3回開いた。" if post == 302 else "")


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize(("path", "method"), [("add/", "get"), ("{}/delete/", "get"), ("{}/delete/", "post")])
def test_nobody_adds_or_deletes_a_report(who, path, method, client, cast, report):
    client.force_login(getattr(cast, who))
    answer = getattr(client, method)("/admin/reviews/report/" + path.format(report.pk))
    assert answer.status_code in (403, 404)
    assert Report.objects.count() == 3


@pytest.mark.parametrize(
    ("who", "status"),
    [("reporter", 200), ("stranger", 403), ("viewer", 200), ("committee", 403), ("office", 200), ("root", 200)],
)
def test_the_history_of_a_report_holds_drafts_and_is_for_the_department_and_the_office(
    who, status, client, cast, round_, report
):
    workflow.approve(factories.handed_in(round_, 1, by=cast.reporter), by=cast.office)
    workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
    client.force_login(getattr(cast, who))
    assert client.get(url(report, "history")).status_code == status


def test_a_published_report_of_another_department_is_read_only(client, cast, round_, report):
    workflow.approve(factories.handed_in(round_, 1, by=cast.reporter), by=cast.office)
    workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
    report.refresh_from_db()
    client.force_login(cast.stranger)
    page = client.get(url(report))
    assert page.status_code == 200
    assert page.context_data["editable"] is False
    assert client.post(url(report), {**typed(report), "_save": "1"}).status_code == 403


def test_the_page_of_one_version_cannot_be_posted(client, cast, report):
    """django-simple-history would save a form sent there, past the workflow."""
    client.force_login(cast.office)
    version = report.history.first()
    path = f"{url(report, 'history')}{version.pk}/"
    assert client.post(path, typed(report, progress="横から")).status_code == 405
    assert client.get(path).url == url(report, "history")
    report.refresh_from_db()
    assert report.progress == ""


@pytest.mark.parametrize("key", ["0", "abc", "99999999999999999999999"])
@pytest.mark.parametrize("act", ["change", "history", "history/1", "history/x"])
def test_an_unknown_report_is_a_404(key, act, client, cast, round_):
    client.force_login(cast.office)
    expected = 302 if act.startswith("history/") and key == "0" else 404
    assert client.get(f"/admin/reviews/report/{key}/{act}/").status_code == expected


def test_a_draft_is_saved_incomplete_and_says_it_is_not_handed_in(client, cast, report):
    client.force_login(cast.reporter)
    data = typed(report, "B", progress="一行目\r\n二行目", delay_reason="", remedy="", recovery_on="")
    response = client.post(url(report), {**data, "_save": "1"}, follow=True)
    assert messages(response) == ["下書きを保存しました。まだ提出していません。"]
    report.refresh_from_db()
    assert (report.state, report.grade.code, report.progress) == ("draft", "B", "一行目\n二行目")
    assert report.updated_by == cast.reporter


def test_a_behind_grade_cannot_be_handed_in_without_reason_remedy_and_date_and_keeps_what_was_typed(
    client, cast, report
):
    client.force_login(cast.reporter)
    data = typed(report, "B", progress="調整が続いている。", delay_reason="", remedy="", recovery_on="")
    response = client.post(url(report), {**data, "_submit": "1"})
    assert response.status_code == 400
    form = response.context_data["adminform"].form
    assert sorted(form.errors) == ["delay_reason", "recovery_on", "remedy"]
    assert form.errors["remedy"] == ["評価が「B 予定よりも遅れている」のときは、対応策を入力してください。"]
    html = response.content.decode()
    assert "調整が続いている。</textarea>" in html
    assert "提出していません。入力した内容もまだ保存していません。" in html
    report.refresh_from_db()
    assert (report.state, report.progress, report.version) == ("draft", "", 1)


def test_a_complete_report_is_handed_in_and_the_start_page_follows(client, cast, report):
    client.force_login(cast.reporter)
    data = typed(report, "B", recovery_on="平成２８年３月３１日")
    response = client.post(url(report), {**data, "_submit": "1"})
    assert (response.status_code, response.url) == (302, "/admin/")
    report.refresh_from_db()
    assert (report.state, report.recovery_on) == ("submitted", datetime.date(2016, 3, 31))


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("grade", "999999", "正しく選択してください。選択したものは候補にありません。"),
        ("recovery_on", "平成99年13月1日", None),
        ("recovery_on", "2014-09-30", "回復予定日は、調査の基準日（平成26年9月30日）より後の日にしてください。"),
        ("progress", "あ" * 4001, None),
    ],
)
def test_bad_input_is_refused_at_its_field(field, value, error, client, cast, report):
    client.force_login(cast.reporter)
    response = client.post(url(report), {**typed(report, "B"), field: value, "_save": "1"})
    assert response.status_code == 400
    errors = response.context_data["adminform"].form.errors
    assert list(errors) == [field]
    assert error is None or errors[field] == [error]


def test_the_grade_of_another_plan_cannot_be_chosen(client, cast, report):
    other = factories.small_plan("other").grades.first()
    client.force_login(cast.reporter)
    response = client.post(url(report), {**typed(report), "grade": other.pk, "_save": "1"})
    assert list(response.context_data["adminform"].form.errors) == ["grade"]


@pytest.mark.parametrize("version", ["", "x", None])
def test_a_form_without_its_version_is_refused(version, client, cast, report):
    client.force_login(cast.reporter)
    data = {**typed(report), "_save": "1"} | {"version": version}
    response = client.post(url(report), {name: value for name, value in data.items() if value is not None})
    assert response.status_code == 400
    assert "この画面は古くなっています。一覧から開き直してください。" in response.content.decode()


def test_the_page_shows_the_promise_the_last_report_and_why_it_came_back(client, cast, plan):
    factories.published_round(plan, {1: "B"}, by=cast.office)
    opened = workflow.open_round(plan.rounds.last(), by=cast.office)
    returned = workflow.return_(
        factories.handed_in(opened, 1, by=cast.reporter), reason="回数を書いてください。", by=cast.office
    )
    client.force_login(cast.reporter)
    page = client.get(url(returned))
    assert page.context_data["departments"] == "財政課"
    assert [str(report.round) for report in page.context_data["earlier"]] == ["平成26年9月30日現在"]
    html = page.content.decode()
    for text in ("回数を書いてください。", "協議の回数を増やす。", "平成28年3月31日"):
        assert text in html


def test_the_office_approves_and_returns_by_page(client, cast, round_):
    report = factories.handed_in(round_, 1, by=cast.reporter)
    cast.reporter.email = "reporter@example.jp"
    cast.reporter.save()
    client.force_login(cast.office)
    page = client.get(url(report))
    assert (page.context_data["editable"], page.context_data["can_approve"]) == (False, True)
    approved = client.post(url(report, "approve"), {"version": report.version}, follow=True)
    assert messages(approved) == ["1 項目1の取組の報告を承認しました。"]
    report.refresh_from_db()
    no_reason = client.post(url(report, "return"), {"version": report.version, "reason": " "})
    assert no_reason.status_code == 400
    assert no_reason.context_data["return_form"].errors["reason"] == [
        "差し戻しの理由を入力してください。担当課に表示されます。"
    ]
    returned = client.post(url(report, "return"), {"version": report.version, "reason": "数字を。"}, follow=True)
    assert messages(returned) == [
        "1 項目1の取組の報告を差し戻しました。",
        "1人へのメールをメールサーバーに渡しました。",
        "メールアドレスが未登録のため、知らせていない人: 同僚 花子。「利用者」でアドレスを登録すると（管理者）、送れます。",
    ]
    assert [message.to for message in mail.outbox] == [["reporter@example.jp"]]
    report.refresh_from_db()
    assert (report.state, report.return_reason) == ("returned", "数字を。")


def test_an_office_act_on_an_outdated_page_changes_nothing_and_keeps_the_reason(client, cast, round_):
    report = factories.handed_in(round_, 1, by=cast.reporter)
    client.force_login(cast.office)
    for act in ("approve", "return"):
        response = client.post(
            url(report, act), {"version": report.version - 1, "reason": "長い理由"}, follow=act == "approve"
        )
        assert "上書きはしていません。" in response.content.decode()
    assert "長い理由</textarea>" in response.content.decode()
    assert response.context_data["return_form"]["version"].value() == str(report.version)
    report.refresh_from_db()
    assert report.state == "submitted"


@pytest.mark.parametrize("who", ["reporter", "stranger", "viewer", "committee"])
@pytest.mark.parametrize("act", ["approve", "return"])
def test_nobody_but_the_office_approves_or_returns(who, act, client, cast, round_):
    report = factories.handed_in(round_, 1, by=cast.reporter)
    client.force_login(getattr(cast, who))
    data = {"version": report.version, "reason": "x"}
    assert client.post(url(report, act), data).status_code == 403
    assert client.get(url(report, act)).status_code == 302
    report.refresh_from_db()
    assert report.state == "submitted"


def test_the_office_approves_selected_reports_as_they_stood_in_its_list(client, cast, round_):
    """What the list says about versions is sent back by it; a report that moved meanwhile is not approved unseen."""
    done, moved = (factories.handed_in(round_, number, by=cast.office) for number in (1, 2))
    draft = factories.report(round_, 3)
    client.force_login(cast.office)
    page = client.get("/admin/reviews/report/").text
    seen = {int(pk): version for pk, version in re.findall(r'name="seen-(\d+)" value="(\d+)"', page)}
    assert seen == {done.pk: "3", moved.pk: "3", draft.pk: "1"}
    returned = workflow.return_(moved, reason="確かめる", by=cast.root)
    workflow.submit(returned, by=cast.stranger)
    data = {"action": "approve_selected", "_selected_action": list(seen)}
    shown = {f"seen-{pk}": version for pk, version in seen.items()}
    response = client.post("/admin/reviews/report/", data | shown, follow=True)
    assert sorted(messages(response)) == [
        "1件を承認しました。",
        "2 項目2の取組: この報告は、あなたが開いたあとに別の人が更新しました。上書きはしていません。",
        "3 項目名 未登録: この報告は下書きのため、承認できません。",
    ]
    states = round_.reports.order_by("program__sort_key").values_list("state", flat=True)
    assert list(states) == ["approved", "submitted", "draft"]
    [message] = messages(client.post("/admin/reviews/report/", data, follow=True))  # of pages that were not looked at
    assert message.startswith("この画面に表示していない3件は承認していません。")
    assert list(states.all()) == ["approved", "submitted", "draft"]


@pytest.mark.parametrize("who", ["reporter", "viewer"])
def test_the_action_is_not_offered_to_others_and_does_nothing(who, client, cast, round_):
    report = factories.handed_in(round_, 1, by=cast.reporter)
    client.force_login(getattr(cast, who))
    client.post("/admin/reviews/report/", {"action": "approve_selected", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert report.state == "submitted"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"todo": "write"}, ["1", "3"]),
        ({"todo": "approve"}, ["2"]),
        ({"state__exact": "submitted"}, ["2"]),
        ({"q": "こうもく１"}, []),
        ({"q": "項目１"}, ["1"]),
        ({"q": "３"}, ["3"]),
        ({"department": "x"}, []),
        ({"round": "x"}, []),
    ],
)
def test_the_list_finds(query, numbers, client, cast, round_):
    factories.handed_in(round_, 2, by=cast.stranger)
    client.force_login(cast.office)
    response = client.get("/admin/reviews/report/", query)
    assert [report.program.number for report in response.context_data["cl"].result_list] == numbers
