"""Rounds in the admin: the buttons that open and publish, and what can no longer change."""

import datetime

import pytest

from reviews import workflow
from reviews.models import Report, Round
from tests import factories
from tests.kept import kept
from tests.staff.addresses import url


@kept
def planned(plan):
    return plan.rounds.first()


@kept
def opened(planned, cast):
    """Open; item 1 approved, 2 submitted, 3 draft."""
    workflow.open_round(planned, by=cast.office)
    workflow.approve(factories.handed_in(planned, 1, by=cast.reporter), by=cast.office)
    factories.handed_in(planned, 2, by=cast.stranger)
    return planned


def test_opening_is_confirmed_and_makes_a_draft_for_every_item(client, cast, planned):
    client.force_login(cast.office)
    assert "受付を始める</a>" in client.get(url(planned, "change")).content.decode()
    page = client.get(url(planned, "open"))
    assert (page.status_code, page.context_data["programs"]) == (200, 3)
    assert Report.objects.count() == 0
    assert client.post(url(planned, "open")).url == url(planned, "change")
    planned.refresh_from_db()
    assert (planned.state, planned.reports.count()) == ("open", 3)
    again = client.post(url(planned, "open"))
    assert again.status_code == 400
    assert again.context_data["error"].startswith("平成26年9月30日現在の調査は受付中です。")


def test_publishing_shows_the_counts_and_what_is_missing(client, cast, opened):
    client.force_login(cast.office)
    page = client.get(url(opened, "publish"))
    assert page.context_data["counts"] == [("下書き", 1), ("提出済み", 1), ("差し戻し", 0), ("承認済み", 1)]
    assert [report.program.number for report in page.context_data["missing"]] == ["2", "3"]


def test_publishing_without_accepting_the_missing_ones_is_refused_with_their_number(client, cast, opened):
    client.force_login(cast.office)
    response = client.post(url(opened, "publish"), {"seen": "2"})
    assert response.status_code == 400
    assert response.context_data["error"].startswith("承認されていない報告が2件あります。")
    opened.refresh_from_db()
    assert opened.state == "open"


def test_the_missing_ones_are_accepted_only_as_they_were_seen(client, cast, opened):
    client.force_login(cast.office)
    seen = client.get(url(opened, "publish")).context_data["seen"]
    workflow.approve(Report.objects.get(state="submitted"), by=cast.office)
    workflow.return_(Report.objects.get(program__number="1"), reason="直し", by=cast.office)  # as many as before
    response = client.post(url(opened, "publish"), {"seen": seen, "accept_unreported": "1", "freeze_edition": "1"})
    assert response.status_code == 400
    assert response.context_data["error"].startswith("承認されていない報告が、画面を開いたあとに変わりました。")


def test_the_office_publishes(client, cast, opened):
    client.force_login(cast.office)
    seen = client.get(url(opened, "publish")).context_data["seen"]
    response = client.post(url(opened, "publish"), {"seen": seen, "accept_unreported": "1", "freeze_edition": "1"})
    assert response.url == url(opened, "change")
    opened.refresh_from_db()
    assert (opened.state, opened.published_by) == ("published", cast.office)
    assert sorted(opened.reports.values_list("state", flat=True)) == ["draft", "published", "submitted"]


@pytest.mark.parametrize("who", ["reporter", "viewer", "committee"])
@pytest.mark.parametrize("act", ["open", "publish", "board", "approve", "notify"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_the_office_opens_or_publishes(who, act, method, client, cast, opened):
    client.force_login(getattr(cast, who))
    assert getattr(client, method)(url(opened, act)).status_code == (302 if (act, method) == ("notify", "get") else 403)
    opened.refresh_from_db()
    assert opened.state == "open"


@pytest.mark.parametrize("act", ["open", "publish", "board", "approve"])
def test_an_unknown_round_is_a_404(act, client, cast, db):
    client.force_login(cast.office)
    assert client.get(f"/admin/reviews/round/999/{act}/").status_code == 404


@pytest.mark.parametrize(
    ("state", "editable"),
    [
        ("planned", ["as_of", "due_on", "edition", "opens_on", "source"]),
        ("open", ["due_on", "opens_on", "source"]),
        ("published", ["source"]),
    ],
)
def test_what_reports_stand_on_cannot_change(state, editable, client, cast, planned):
    if state != "planned":
        workflow.open_round(planned, by=cast.office)
    if state == "published":
        workflow.approve(factories.handed_in(planned, 1, by=cast.reporter), by=cast.office)
        workflow.publish(planned, by=cast.office, accept_unreported=True, freeze_edition=True)
    client.force_login(cast.office)
    form = client.get(url(planned, "change")).context_data["adminform"].form
    assert sorted(form.fields) == editable


@pytest.mark.parametrize(("as_of", "edition"), [("平成25年9月30日", "original"), ("2016-03-31", "fy2013-revision")])
def test_a_round_without_an_edition_takes_the_one_in_force(as_of, edition, client, cast, plan):
    client.force_login(cast.office)
    plan.rounds.all().delete()
    response = client.post("/admin/reviews/round/add/", {"plan": plan.pk, "as_of": as_of})
    assert response.status_code == 302
    assert Round.objects.get().edition.key == edition


def test_a_round_outside_every_edition_says_what_is_missing(client, cast, plan):
    client.force_login(cast.office)
    response = client.post("/admin/reviews/round/add/", {"plan": plan.pk, "as_of": "2020-03-31"})
    assert response.context_data["adminform"].form.errors["edition"] == [
        "令和元年度（2019年度）に適用される版がありません。先に版を登録してください。"
    ]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("as_of", "昭和64年1月8日", "「昭和64年1月8日」は昭和の日付ではありません。平成元年1月8日ではありませんか。"),
        ("as_of", "2014-09-30", None),
        ("due_on", "2014-09-01", None),
    ],
)
def test_bad_dates_are_refused(field, value, error, client, cast, plan):
    client.force_login(cast.office)
    data = {"plan": plan.pk, "as_of": "2015-09-30", "opens_on": "2015-10-01", field: value}
    response = client.post("/admin/reviews/round/add/", data)
    assert response.status_code == 200
    assert error is None or response.context_data["adminform"].form.errors[field] == [error]
    assert Round.objects.count() == 2


def test_a_round_with_reports_cannot_be_deleted_and_the_page_says_why(client, cast, opened):
    client.force_login(cast.office)
    response = client.post(url(opened, "delete"), {"post": "yes"})
    assert response.status_code == 200
    assert "進捗報告" in response.content.decode()
    opened.refresh_from_db()
    assert opened.as_of == datetime.date(2014, 9, 30)
