"""The pages of the survey sheet: from the start page to the undone upload."""

import io
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.departments import merge, rename
from reviews import workflow
from tests import factories
from tests.workbooks.survey.sheets import Book, everything
from workbooks.models import SurveyUpload


@pytest.fixture
def address(opened, cast):
    return f"/admin/workbooks/surveyupload/sheets/{opened.pk}/{cast.zaisei.pk}/"


def send(client, address, data, name="調査票.xlsx"):
    return client.post(address, {"file": SimpleUploadedFile(name, data)})


def test_a_reporter_goes_from_the_start_page_to_the_undone_upload(client, cast, opened, address):
    client.force_login(cast.reporter)
    entrance = f"/admin/workbooks/surveyupload/sheets/{opened.pk}/"
    assert f'href="{entrance}">平成27年3月31日現在の調査票</a>' in client.get("/admin/").text
    assert client.get(entrance).url == address
    page = client.get(address)
    assert "財政課の2項目" in page.text
    assert f'href="{address}download/"' in page.text

    file = client.get(f"{address}download/")
    assert unquote(file["Content-Disposition"]) == (
        "attachment; filename=\"survey-2015-03-31-zaisei.xlsx\"; filename*=UTF-8''調査票_2015-03-31_財政課.xlsx"
    )
    data = Book(file.content).put("報告", 4, 評価="A", 取組状況="<b>済み</b>").saved()
    answer = send(client, address, data)
    upload = SurveyUpload.objects.get()
    assert answer.url == f"/admin/workbooks/surveyupload/{upload.pk}/change/"
    page = client.get(answer.url)
    assert "変わるところ 1項目 2か所" in page.text
    assert "<ins>&lt;b&gt;済み&lt;/b&gt;</ins>" in page.text
    assert "「報告」シート H4" in page.text
    assert "取り込んで1項目を提出する" in page.text
    assert factories.report(opened, 1).progress == ""

    stale = client.post(answer.url, {"fingerprint": "x", "_save": "1"})
    assert stale.status_code == 409
    assert "確かめたあとに報告が変わったため、取り込んでいません。" in stale.text
    done = client.post(answer.url, {"fingerprint": page.context_data["preview"].fingerprint, "_save": "1"}, follow=True)
    assert "1項目を取り込みました。まだ提出していません。" in done.text
    assert "この取り込みを取り消す" in done.text
    assert factories.report(opened, 1).progress == "<b>済み</b>"
    twice = client.post(
        answer.url, {"fingerprint": page.context_data["preview"].fingerprint, "_save": "1"}, follow=True
    )
    assert "この調査票は取り込み済みです。同じ内容を二度取り込むことはありません。" in twice.text

    again = client.get(send(client, address, data).url)
    assert "変わるところはありません。" in again.text
    assert "同じファイルを、" in again.text
    undone = client.post(f"/admin/workbooks/surveyupload/{upload.pk}/undo/", follow=True)
    assert "取り込む前の内容に戻しました。" in undone.text
    assert "この取り込みを取り消す" not in undone.text
    assert factories.report(opened, 1).progress == ""


@pytest.mark.parametrize("change", ["renamed", "merged"])
def test_a_sheet_that_was_begun_under_a_former_name_is_taken_in_under_the_new_one(
    change, client, cast, opened, address
):
    client.force_login(cast.reporter)
    begun = Book(client.get(f"{address}download/").content)
    today = timezone.localdate()
    if change == "renamed":
        new = rename(cast.zaisei, code="zaimu", name="財務課", on=today, by=cast.office)
    else:
        new = merge([cast.zaisei], cast.zeimu, on=today, by=cast.office)
    entrance = client.get(f"/admin/workbooks/surveyupload/sheets/{opened.pk}/").url
    assert entrance == f"/admin/workbooks/surveyupload/sheets/{opened.pk}/{new.pk}/"
    shown = client.get(send(client, entrance, begun.put("報告", 4, 取組状況="前の名前で書いた").saved()).url)
    assert "変わるところ 1項目 1か所" in shown.text
    sent = {"fingerprint": shown.context_data["preview"].fingerprint, "_save": "1"}
    assert client.post(shown.request["PATH_INFO"], sent).status_code == 302
    assert factories.report(opened, 1).progress == "前の名前で書いた"
    # And not the other way round.
    wrong = send(client, address, client.get(f"{entrance}download/").content)
    assert f"この調査票は{new}のものです。財政課" in wrong.text


def test_a_conflict_is_shown_side_by_side_with_a_choice(client, cast, opened, address, sheet):
    workflow.save_draft(factories.report(opened, 1), {"progress": "説明会を4回"}, by=cast.colleague, version=1)
    client.force_login(cast.reporter)
    url = send(client, address, Book(sheet).put("報告", 4, 取組状況="説明会を5回").saved()).url
    page = client.get(url)
    assert "説明会を<mark>4</mark>回" in page.text
    assert "説明会を<mark>5</mark>回" in page.text
    [change] = page.context_data["preview"].changes
    data = {"fingerprint": page.context_data["preview"].fingerprint, "_save": "1"}
    assert "どちらを残すか、重なった欄すべてで選んでください。" in client.post(url, data).text
    client.post(url, data | {change.input_name: "mine"})
    assert factories.report(opened, 1).progress == "説明会を5回"
    workflow.save_draft(factories.report(opened, 1), {"progress": "説明会を6回"}, by=cast.colleague, version=3)
    refused = client.post(f"/admin/workbooks/surveyupload/{SurveyUpload.objects.get().pk}/undo/")
    assert refused.status_code == 409
    assert "1 項目1の取組: 取り込んだあとに取組状況が変わりました。" in refused.text


def test_faults_and_files_that_cannot_be_read_are_told(client, cast, opened, address, sheet):
    client.force_login(cast.reporter)
    before = everything()
    for data, message in (
        (b"x", "取り込めません。何も保存していません。文字だけのファイル（CSVなど）です。"),
        (b"", "空のファイルです。記入した調査票を選んでください。"),
    ):
        answer = send(client, address, data)
        assert answer.status_code == 400
        assert message in answer.text
    answer = client.post(address, {})
    assert answer.status_code == 400
    assert "ファイルを選んでください。" in answer.text
    page = client.get(send(client, address, Book(sheet).put("報告", 4, 評価="Z").saved()).url)
    assert "直すところ 1件" in page.text
    assert '<th scope="row">「報告」シート G4</th>' in page.text
    assert "取り込む（提出はしない）" not in page.text
    assert everything() == before


def test_only_the_department_and_the_office_come_as_far_as_a_sheet(client, cast, opened, address, sheet, desk):
    uploaded = desk.upload(sheet)
    mine = f"/admin/workbooks/surveyupload/{uploaded.pk}"
    for who, status in (
        ("reporter", 200), ("office", 200), ("root", 200), ("stranger", 403), ("viewer", 403), ("committee", 403),
    ):  # fmt: skip
        client.force_login(getattr(cast, who))
        for url in (address, f"{address}download/", f"{mine}/change/"):
            assert client.get(url).status_code == status, (who, url)
        if status == 403:
            assert send(client, address, sheet).status_code == 403
            assert client.post(f"{mine}/change/", {}).status_code == 403
            assert client.post(f"{mine}/undo/").status_code == 403
    client.force_login(cast.colleague)
    assert client.get(address).status_code == 200
    assert client.get(f"{mine}/change/").status_code == 403
    assert "調査票.xlsx" not in client.get("/admin/workbooks/surveyupload/").text
    client.force_login(cast.office)
    assert "調査票.xlsx" in client.get("/admin/workbooks/surveyupload/").text
    assert client.get(f"{mine}/undo/").url == f"{mine}/change/"
    departments = client.get(f"/admin/workbooks/surveyupload/sheets/{opened.pk}/").context_data["departments"]
    assert [(department.name, count) for department, count in departments] == [("財政課", 2), ("税務課", 1)]


def test_a_round_that_is_not_open_has_no_sheet(client, cast, opened, address):
    opened.state = "planned"
    opened.save()
    client.force_login(cast.reporter)
    for url in (address, f"{address}download/"):
        answer = client.get(url, follow=True)
        assert "平成27年3月31日現在の調査は予定です。調査票を使えるのは「受付中」の調査だけです。" in answer.text


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, cast, address):
    client.force_login(cast.reporter)
    file = io.BytesIO(b"PK" + b"\0" * (10 * 1024 * 1024))
    file.name = "big.xlsx"
    answer = client.post(address, {"file": file})
    assert (answer.status_code, "ファイルは10MBまでです。" in answer.text) == (400, True)
