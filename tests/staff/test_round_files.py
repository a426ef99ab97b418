"""The page of a round with its reports: what is there, what is coming, what is old."""

from dataclasses import replace

import pytest
from django.contrib.admin.models import LogEntry

from figures import version
from reviews import workflow
from reviews.models import PublishedReport
from tests import factories
from tests.kept import kept
from tests.published import freeze
from tests.reading import finish, read
from tests.worker import work
from workbooks import exports
from workbooks.models import Export

pytestmark = pytest.mark.usefixtures("exports_folder")
BUTTON = "進捗状況報告書（PDF）を作成する"
AGAIN = "進捗状況報告書（PDF）をもう一度作成する"


@kept
def reported(plan, cast):
    factories.written(plan, key="fy2013-revision")
    freeze(plan, cast.office)
    return factories.published_round(plan, {1: "A"}, by=cast.office)


@pytest.fixture
def office(client, cast, monkeypatch):
    """Somebody of the office; a report is a few letters here."""
    write = lambda round_, site, file, progress: file.write(f"{round_} {site}".encode())  # noqa: E731
    monkeypatch.setitem(exports.KINDS, "report", replace(exports.KINDS["report"], write=write))
    client.force_login(cast.office)
    return client


@pytest.mark.django_db(transaction=True)
def test_the_office_asks_once_and_finds_the_file_on_the_rounds_page(office, reported):
    address = f"/admin/reviews/round/{reported.pk}/report/"
    assert f'<a href="{address}">報告書</a>' in office.get(f"/admin/reviews/round/{reported.pk}/change/").text
    assert f'<a href="{address}">報告書（PDF）</a>' in office.get(f"/admin/reviews/round/{reported.pk}/board/").text
    page = read(office.get(address))
    assert ("まだ作成していません。" in page.texts["p"], page.texts["button"][-1]) == (True, BUTTON)
    assert office.post(address)["Location"] == address
    page = office.get(address)
    assert ("作成の順番を待っています。" in page.text, BUTTON in page.text, AGAIN in page.text) == (True, False, False)
    office.post(address)  # a second click is the same
    work()
    made = Export.objects.get()
    page = read(office.get(address))
    assert page.texts["button"][-1] == AGAIN
    assert "最後に作成してから、公開されている内容は変わっていません。" in page.texts["p"]
    assert made.name in page.texts["a"]
    answer = office.get(f"{address}{made.pk}/")
    assert answer["Content-Disposition"] == f'attachment; filename="{made.name}"'
    assert finish(answer) == f"{reported} http://testserver".encode()
    assert list(LogEntry.objects.values_list("change_message", flat=True)) == ["報告書の作成を始めました。"] * 2


@pytest.mark.django_db(transaction=True)
def test_what_changed_since_is_said_and_the_former_file_stays(office, reported, cast):
    address = f"/admin/reviews/round/{reported.pk}/report/"
    office.post(address)
    work()
    row = PublishedReport.objects.get(number="1", round=reported)
    workflow.correct(row, "progress", "説明会を4回開いた。", by=cast.office, reason="数えまちがい")
    version.forget()
    assert "このあと、公開されている内容が変わっています。" in office.get(address).text
    office.post(address)
    work()
    assert "このあと、公開されている内容が変わっています。" not in office.get(address).text
    assert len([text for text in read(office.get(address)).texts["a"] if text.endswith(".pdf")]) == 2


def test_a_file_belongs_to_its_round(office, reported, plan, cast):
    later = factories.published_round(plan, {1: "A"}, by=cast.office)
    export = exports.start(plan, "report", site="s", by=cast.office, round_=reported)
    exports.make(export.pk, export.task_id)
    own, other = (f"/admin/reviews/round/{round_.pk}/report/{export.pk}/" for round_ in (reported, later))
    assert finish(office.get(own)) == f"{reported} s".encode()
    assert office.get(other).status_code == 404
    export.refresh_from_db()
    export.file.delete(save=False)  # the folder was lost
    assert office.get(own).status_code == 404


def test_the_files_of_a_plan_lead_to_its_rounds(office, plan):
    address = f"/admin/policies/plan/{plan.pk}/exports/"
    page = office.get(address)
    assert f'<a href="/admin/reviews/round/?plan={plan.pk}">調査の一覧</a>' in page.text
    assert "進捗状況報告書（PDF）を作成する" not in page.text
    office.post(address, {"kind": "report"})
    assert not Export.objects.exists()
