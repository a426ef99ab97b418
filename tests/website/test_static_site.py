"""The site as files: complete, the same as the live pages, without drafts, and nobody else's file is touched."""

import io
import re
import urllib.request
import zipfile
from html import unescape
from io import StringIO
from urllib.parse import urldefrag, urljoin

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.http import Http404

from opendata.program_files import ProgramExport
from policies.models import Plan
from programs.models import Program
from reviews import workflow
from reviews.models import Round
from tests import factories
from tests.file_server import serve
from tests.published import SECRET
from tests.reading import read
from website import committee, item_sheets, overview, report
from website.static_site.addresses import file_of, link
from website.static_site.folder import LIST, Folder, FolderRefused
from website.static_site.writing import SiteWriter

BASE = "https://plan.city.example/kaikaku"


def export(folder, *arguments):
    out = StringIO()
    call_command("export_site", folder, *arguments, stdout=out)
    return out.getvalue()


def counts(said):
    return tuple(
        map(
            int, re.search(r"書いたファイル (\d+)件、変わらないファイル (\d+)件、消したファイル (\d+)件", said).groups()
        )
    )


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(name, content):
    """Everything that can be read in a file, inside archives too."""
    yield content.decode(errors="replace")
    if name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield archive.read(part).decode(errors="replace")


# Our templates put every value between double quotes, where a quote of a text is escaped.
_ATTRIBUTE = re.compile(r'\s(id|href|src|action)="([^"]*)"')


def links_and_places(page):
    """Where a page leads, and the names of its own places."""
    found = [(name, unescape(value)) for name, value in _ATTRIBUTE.findall(page.decode())]
    return [value for name, value in found if name != "id"], {value for name, value in found if name == "id"}


# A sheet takes seconds to make, an age is that of a day, and a form needs a server.
_ONLY_LIVE = re.compile(
    "(?:項目ごとの票の|印刷用この項目の) PDF（A4） |(?<=（)[^（）]{2,8}前、|市の対応 市の対応（.*この条件で見る "
)
_ONLY_COPIED = re.compile("このサイトは、ファイルだけで公開しています。.*?方針で選ぶ 方針1 財政基盤の強化 ")


@pytest.fixture
def server(tmp_path):
    """A plain file server, with the copy in a sub-folder."""
    with serve(tmp_path) as address:
        yield f"{address}/"


def crawl(start):
    """{address: content} of everything that can be reached inside the folder of `start`; broken links and places fail."""
    pages, waiting, places, ids = {}, [start], [], {}
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
            pages[address] = answer.read()
        if not address.endswith(".html"):
            continue
        links, ids[address] = links_and_places(pages[address])
        for target in (urljoin(address, each) for each in links):
            if target.startswith(start.rpartition("/")[0] + "/"):
                page, place = urldefrag(target)
                waiting.append(page)
                places.append((page, place))
            else:
                assert not target.startswith("http://127.0.0.1"), f"{address} leads out of the folder: {target}"
    assert [(page, place) for page, place in set(places) if place and place not in ids[page]] == []
    return pages


@pytest.fixture
def hidden(filled, cast):
    """Beside what is published: a draft of everything that can be one, and a plan that is not public."""
    plan = filled
    round_ = Round.objects.create(
        plan=plan, as_of="2015-09-30", edition=plan.editions.get(key="fy2013-revision"), opens_on="2015-09-30"
    )
    workflow.open_round(round_, by=cast.office)
    draft = factories.report(round_, 1)
    workflow.save_draft(draft, factories.content(plan, "B", progress=SECRET), by=cast.office, version=draft.version)
    figures = {"effects": [(2014, "saving", "actual", 987654, SECRET)]}
    approved = factories.handed_in(round_, 2, "B", by=cast.office, progress=SECRET, evidence=SECRET, **figures)
    workflow.approve(approved, by=cast.office)
    returned = factories.handed_in(round_, 3, "S", by=cast.office, progress=SECRET)
    workflow.return_(returned, reason=SECRET, by=cast.office)
    other = factories.small_plan("other", is_public=False)
    factories.published_round(other, {1: "B"}, by=cast.office)
    Program.objects.filter(plan=other).update(name=SECRET)
    Plan.objects.filter(pk=other.pk).update(name=SECRET, summary=SECRET)
    return plan


@pytest.fixture
def quick(monkeypatch):
    """What takes long to write and is looked into elsewhere: the workbooks of one filter each are empty archives, and of a PDF
    the page stands that it is made of, in which a draft would be found as it would not in the file."""
    whole = ProgramExport.write_xlsx

    def short(export, file, **options):
        zipfile.ZipFile(file, "w").close() if export.narrowed else whole(export, file, **options)

    monkeypatch.setattr(ProgramExport, "write_xlsx", short)
    for module in (committee, report, item_sheets):
        monkeypatch.setattr(module, "pdf_of", lambda html, *_: html.encode())


@pytest.mark.soak
@pytest.mark.parametrize("again", [False, True])
def test_the_copy_is_whole_and_says_what_the_live_pages_say(again, client, hidden, tmp_path, server, request):
    if not again:
        request.getfixturevalue("quick")
    folder = tmp_path / "sub" / "folder"
    said = export(folder, "--base-url", BASE)
    written, *rest = counts(said)
    assert rest == [0, 0]
    copied = files(folder)
    assert written == len(copied) - 1  # the list of the files is none of them

    # No draft, no way to the staff's pages, no form.
    for name, content in copied.items():
        for text in texts(name, content):
            assert SECRET not in text, name
            assert "987654" not in text, name
        if name.endswith(".html"):
            html = content.decode()
            assert (
                re.findall(
                    r"/admin/|<form|<style|\sstyle=|\son\w+=|<script(?! src=\"[./]*static/js/find\.js\" defer>)", html
                )
                == []
            )

    # A plain file server hands out all of it, and every link leads somewhere.
    pages = crawl(f"{server}sub/folder/index.html")
    reached = {address.removeprefix(f"{server}sub/folder/") for address in pages}
    assert set(copied) - reached == {LIST, "robots.txt", "sitemap.xml"}

    # The pages say what the live ones say.
    compared = 0
    for address in ("/", "/plans/", "/glossary/", *(f"/plans/kodaira-2/{page}" for page in (
        "", "policies/1/", "programs/1/", "programs/3/", "progress/2015-03-31/", "effects/", "committee/",
        "figures/",
    ))):  # fmt: skip
        html = copied[file_of(address)].replace(BASE.encode(), b"http://testserver")
        said = read(type("Page", (), {"content": html})).texts["main"]
        said = [_ONLY_COPIED.sub("", text) for text in said]
        assert said == [_ONLY_LIVE.sub("", text) for text in read(client.get(address)).texts["main"]], address
        compared += 1
    assert compared == 11
    for name in ("programs.csv", "programs.json", "long.csv", "errata.csv", "data/reports.csv"):
        assert copied[f"plans/kodaira-2/{name}"] == client.get(f"/plans/kodaira-2/{name}").getvalue()
    listed = read(type("Page", (), {"content": copied["plans/kodaira-2/programs/by/policy/2/index.html"]}))
    assert [row[0] for row in listed.tables[0][1:]] == ["方針2 執行体制の再構築", "2"]
    assert (
        copied["plans/kodaira-2/by/policy/2/programs.csv"]
        == client.get("/plans/kodaira-2/programs.csv?policy=2").getvalue()
    )

    # Addresses for sharing name the place where the files will stand, under the names of the files.
    html = copied["plans/kodaira-2/programs/by/policy/2/index.html"].decode()
    address = f"{BASE}/plans/kodaira-2/programs/by/policy/2/"
    assert f'<link rel="canonical" href="{address}">' in html
    assert f'<meta property="og:url" content="{address}">' in html
    assert f"<loc>{BASE}/plans/kodaira-2/programs/1/</loc>" in copied["sitemap.xml"].decode()
    assert copied["robots.txt"].decode() == f"User-agent: *\nDisallow: \nSitemap: {BASE}/sitemap.xml\n"

    # Later, with unchanged data, nothing changes; not even what is inside the workbooks.
    if again:
        with time_machine.travel("2031-05-06 07:08:09+09:00"):
            assert counts(export(folder, "--base-url", BASE)) == (0, written, 0)
        assert files(folder) == copied


def test_some_plans_only(published, tmp_path, settings, quick):
    other = factories.small_plan("other", programs=1)
    other.programs.update(ended_on="2015-03-31", end_reason="carried", carried_plan=published.slug, carried_number="1")
    said = export(tmp_path, "--plan", "other")
    assert f"共有用のアドレスは {settings.SITE_URL} で始まります。" in said
    assert [path.name for path in (tmp_path / "plans").iterdir() if path.is_dir()] == ["other"]
    home = (tmp_path / "index.html").read_text()  # the default plan is not in it
    assert "<h1>計画の一覧</h1>" in home
    assert "plans/kodaira-2" not in home
    page = (tmp_path / "plans" / "other" / "programs" / "1" / "index.html").read_text()
    assert f'href="{settings.SITE_URL}/plans/kodaira-2/programs/1/"' in page


def test_what_is_refused(published, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "note.txt").write_text("x")
    said = {}

    def refuse(name, *arguments):
        with pytest.raises(CommandError) as refused:
            export(*arguments)
        said[name] = str(refused.value).replace(str(tmp_path), "…")

    refuse("file", tmp_path / "file")
    refuse("foreign", foreign)
    refuse("below", tmp_path / "file" / "below")
    refuse("plan", tmp_path / "new", "--plan", "nix")
    refuse("url", tmp_path / "new", "--base-url", "plan.example")
    assert not (tmp_path / "new").exists()
    with Folder(tmp_path / "busy"):
        refuse("busy", tmp_path / "busy")
    with Folder(tmp_path / "old") as old:
        old.write("kept.html", b"old")

    def nothing(*_):
        raise Http404

    def edited_meanwhile(_writer, html, *_):
        published.summary += "。"
        published.save()
        return html

    with monkeypatch.context() as meanwhile:  # the first pages alone: no link is followed
        meanwhile.setattr(SiteWriter, "_linked", edited_meanwhile)
        meanwhile.setattr(SiteWriter, "_follow_absolute", lambda *_: None)
        refuse("moved", tmp_path / "old")
    monkeypatch.setattr(overview, "shown_plans", nothing)
    refuse("broken", tmp_path / "old")
    assert (tmp_path / "old" / "kept.html").read_bytes() == b"old"
    Plan.objects.update(is_public=False)
    refuse("none", tmp_path / "new")
    assert said == {
        "file": "…/file はファイルです。フォルダーの名前を指定してください。",
        "foreign": "…/foreign には、export_site が書いたものではないファイルがあります。"
        "空のフォルダーか、前に書き出したフォルダーを指定してください。",
        "below": "…/file/below: 書き込めません（Not a directory）。",
        "plan": "公開している計画「nix」はありません。公開している計画: kodaira-2",
        "url": "--base-url plan.example: https://www.city.example/plan の形にしてください。",
        "busy": "…/busy には、ほかの export_site が書き出しています。終わるまで待ってください。",
        "moved": "書き出している間に、公表された内容が変わりました。もう一度実行してください。",
        "broken": "（はじめ） に、開けないページへのリンクがあります: /",
        "none": "公開している計画がありません。計画を登録し、「公開する」を選んでください。",
    }
    assert files(foreign) == {"note.txt": b"x"}


def test_a_killed_run_leaves_whole_files_and_the_next_one_completes_it(tmp_path):
    with Folder(tmp_path) as first:
        first.write("a/index.html", b"1")
        first.write("gone/index.html", b"1")
        first.finish()
    with Folder(tmp_path) as killed:  # writes two files, and half of a third
        killed.write("a/index.html", b"2")
        killed.write("b.csv", b"2")
    (tmp_path / ".c.csv.part").write_bytes(b"ha")
    with (tmp_path / LIST).open("a") as cut:
        cut.write("c.c")
    assert files(tmp_path).keys() == {"a/index.html", "gone/index.html", "b.csv", ".c.csv.part", LIST}
    with Folder(tmp_path) as last:
        last.write("a/index.html", b"2")
        last.write("b.csv", b"2")
        last.write("c.csv", b"22")
        last.finish()
    assert (last.written, last.unchanged, last.removed) == (1, 2, 1)
    assert {name: content for name, content in files(tmp_path).items() if name != LIST} == {
        "a/index.html": b"2",
        "b.csv": b"2",
        "c.csv": b"22",
    }
    assert not (tmp_path / "gone").exists()


def test_nobody_elses_file_is_overwritten_or_removed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    with Folder(tmp_path / "site") as folder:
        folder.write("a.html", b"1")
        folder.finish()
    (tmp_path / "site" / "b.html").write_text("theirs")
    with (tmp_path / "site" / LIST).open("a") as changed:
        changed.write("../outside.txt\n/etc/hostname\n")
    with Folder(tmp_path / "site") as folder:
        with pytest.raises(FolderRefused, match=r"b\.html は、export_site が書いたものではありません。"):
            folder.write("b.html", b"2")
        folder.write("a.html", b"1")
        folder.finish()
    assert (folder.written, folder.unchanged, folder.removed) == (0, 1, 0)
    assert (tmp_path / "site" / "b.html").read_text() == "theirs"
    assert outside.exists()


@pytest.mark.parametrize(
    ("path", "query", "file"),
    [
        ("/", "", "index.html"),
        ("/plans/a/", "", "plans/a/index.html"),
        ("/plans/a/programs/", "policy=4&grade=B", "plans/a/programs/by/grade/B/policy/4/index.html"),
        ("/plans/a/programs/", "policy=4&q=", "plans/a/programs/by/policy/4/index.html"),
        ("/plans/a/programs/", "page=1", "plans/a/programs/index.html"),
        ("/plans/a/programs/", "page=2", "plans/a/programs/by/page/2/index.html"),
        ("/plans/a/programs.csv", "policy=4", "plans/a/by/policy/4/programs.csv"),
        ("/plans/a/programs/", "q=../x", "plans/a/programs/by/q/_2e2e2f78/index.html"),
        ("/plans/a/programs/", "q=税", "plans/a/programs/by/q/_e7a88e/index.html"),
    ],
)
def test_every_address_has_one_file(path, query, file):
    assert file_of(path, query) == file


def test_a_path_out_of_the_folder_has_none():
    for path in ("/../x", "/plans/../../x/", "/plans//x"):
        with pytest.raises(ValueError, match="x"):
            file_of(path)
    assert link("plans/a/index.html", "static/css/site.css") == "../../static/css/site.css"
    assert link("index.html", "plans/index.html") == "plans/index.html"
