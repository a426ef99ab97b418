"""Files of a whole plan: at once for a usual plan; for a large one by the worker, with its progress on a page."""

import io
import re
import shutil
import time
import zipfile
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.template.defaultfilters import filesizeformat
from django_tasks_db.models import DBTaskResult

from staff import exports as pages
from tests.reading import finish, read
from tests.worker import FOLDER, work
from workbooks import exports
from workbooks.models import Export
from workbooks.plan.writing import TooLong

pytestmark = pytest.mark.usefixtures("exports_folder")


@pytest.fixture
def office(client, cast):
    client.force_login(cast.office)
    return client


@pytest.fixture
def writes(monkeypatch):
    """Have a file of a kind written in another way."""

    def instead(kind, write):
        monkeypatch.setitem(exports.KINDS, kind, replace(exports.KINDS[kind], write=write))

    return instead


def address(plan, kind=""):
    return f"/admin/policies/plan/{plan.pk}/exports/{f'{kind}/' if kind else ''}"


def said(response):
    """What the page says in its first section, of the workbook."""
    section = re.search(r"<section.*?</section>", response.text, re.DOTALL)[0]
    return [" ".join(re.sub("<[^>]+>", "", text).split()) for text in re.findall(r"<p.*?</p>", section, re.DOTALL)]


BUTTON = "計画ブック（Excel）をもう一度作成する"
LOOK = "いまの状況を見る"
REFRESH = "js/refresh.js"


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_both_files(office, plan, monkeypatch):
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    assert office.get(f"/admin/policies/plan/{plan.pk}/book/export/")["Location"] == address(plan)
    for kind in ("book", "package"):
        assert office.post(address(plan), {"kind": kind})["Location"] == address(plan)
    work()
    page = office.get(address(plan))
    links = [text for text in read(page).texts["a"] if text.startswith("kodaira-2")]
    assert [name.rpartition(".")[2] for name in links] == ["xlsx", "zip"]
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == [
        "計画ブック（Excel）の書き出しを始めました。",
        "公開データの一式（zip）の書き出しを始めました。",
    ]
    book = office.get(address(plan, "book"))
    assert book["Content-Disposition"] == f'attachment; filename="{links[0]}"'
    content = finish(book)
    assert len(content) == int(book["Content-Length"]) == Export.objects.get(kind="book").size
    assert "programs" in openpyxl.load_workbook(io.BytesIO(content), read_only=True).sheetnames
    package = zipfile.ZipFile(io.BytesIO(finish(office.get(address(plan, "package")))))
    assert "http://testserver/plans/kodaira-2/data/" in package.read("README.md").decode()


def test_what_the_page_says_while_a_file_is_made(office, plan, writes):
    page = office.get(address(plan))
    assert said(page) == ["まだ作成していません。"]
    assert REFRESH not in page.text
    with time_machine.travel("2026-04-01T09:30+09:00", tick=False) as clock:
        office.post(address(plan), {"kind": "book"})
        office.post(address(plan), {"kind": "book"})  # two clicks begin one
        assert DBTaskResult.objects.count() == 1
        page = office.get(address(plan))
        begun = "4月1日 09:30に行政 五郎さんが始めました。"
        assert said(page) == [f"作成の順番を待っています。{begun}", LOOK]
        assert REFRESH in page.text
        assert BUTTON not in page.text
        assert office.get(address(plan, "book")).status_code == 404
        seen = []

        def half(plan, site, file, progress):
            progress(3, 24)
            seen.append(office.get(address(plan)))
            clock.shift(61)
            seen.append(office.get(address(plan)))
            raise TooLong("シート「実施項目（programs）」の 1 の名称（name）は 40,000字あります。")

        writes("book", half)
        work()
        page = office.get(address(plan))
    assert said(seen[0]) == [f"作成しています（24のうち3の表ができました）。{begun}", LOOK]
    assert '<progress aria-label="計画ブック（Excel）の進み具合" max="24" value="3"></progress>' in seen[0].text
    assert (REFRESH in seen[0].text, BUTTON in seen[0].text) == (True, False)
    assert said(seen[1]) == ["サーバーの再起動などで、作成が途中で止まりました。もう一度作成してください。"]
    assert BUTTON in seen[1].text
    assert said(page) == ["シート「実施項目（programs）」の 1 の名称（name）は 40,000字あります。"]
    assert (REFRESH in page.text, BUTTON in page.text) == (False, True)


def test_the_page_says_when_no_worker_takes_it(office, plan):
    with time_machine.travel("2026-04-01T09:30+09:00", tick=False) as clock:
        office.post(address(plan), {"kind": "book"})
        clock.shift(60)
        assert len(said(office.get(address(plan)))) == 2
        clock.shift(1)
        page = office.get(address(plan))
        assert said(page) == [
            "作成の順番を待っています。4月1日 09:30に行政 五郎さんが始めました。",
            "1分たっても作成が始まりません。作成を受け持つプログラム（ワーカー）が動いていないようです。"
            "システムの管理者に知らせてください。ワーカーが動き出すと、このまま作成が始まります。",
            LOOK,
        ]
        assert (REFRESH in page.text, BUTTON in page.text) == (True, True)
        work()
        size = " ".join(filesizeformat(Export.objects.get().size).split())
        assert said(office.get(address(plan))) == [
            f"kodaira-2-2026-04-01.xlsx（{size}。4月1日 09:30に行政 五郎さんが始めたもの）"
        ]


def test_an_error_that_nobody_foresaw_is_not_shown(office, plan, writes):
    writes("book", lambda *args: 1 / 0)
    office.post(address(plan), {"kind": "book"})
    work()
    assert said(office.get(address(plan))) == [
        "作成できませんでした。もう一度試しても同じときは、システムの管理者に知らせてください（理由はサーバーの記録にあります）。"
    ]


def test_a_file_that_is_gone_is_not_found(office, plan):
    office.post(address(plan), {"kind": "package"})
    work()
    shutil.rmtree(FOLDER)
    assert office.get(address(plan, "package")).status_code == 404


def test_files_are_shown_for_a_week(office, plan, cast):
    office.post(address(plan), {"kind": "book"})
    work()
    with time_machine.travel(time.time() + timedelta(days=7, seconds=1).total_seconds(), tick=False):
        office.force_login(cast.office)
        assert said(office.get(address(plan))) == ["まだ作成していません。"]
        assert office.get(address(plan, "book")).status_code == 404


def test_only_who_may_export_sees_and_begins(client, plan, cast):
    exports.start(plan, "package", site="", by=cast.office)
    work()
    for user in (cast.reporter, cast.viewer, cast.committee):
        client.force_login(user)
        for path in (address(plan), address(plan, "package"), f"/admin/policies/plan/{plan.pk}/book/export/"):
            assert client.get(path).status_code == 403
        assert client.post(address(plan), {"kind": "book"}).status_code == 403
    client.force_login(cast.office)
    assert client.post(address(plan, "package")).status_code == 405
    assert client.get(address(plan, "nix")).status_code == 404
    assert client.get("/admin/policies/plan/999999/exports/").status_code == 404
    client.post(address(plan), {"kind": "nix"})
    assert DBTaskResult.objects.count() == 1
