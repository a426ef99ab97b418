"""未登録, なし and 未公表 are three things: the site never says of what it merely does not have that the city has not published it."""

import io
import re
import subprocess
import zipfile
from collections import Counter

import pytest
from django.core.management import call_command
from django.urls import resolve, reverse

from policies.models import Plan
from programs.editions import freeze
from programs.models import Program, ProgramEdition, YearPlan
from tests.kept import kept
from tests.reading import items_of, read
from tests.website.whole_site import SOME, texts_of_site

NEVER = re.compile(r"未公表|公表されていません|公表していません|計画なし|予定なし|該当なし")
# The legend that explains the three words.
LEGEND = "市が公表していないと述べているときは「未公表」"
INTERNAL = re.compile(r"[（(]S\d+[）)]|出典コード|\bS[1-9]\d?\b")


@kept
def kodaira():
    call_command("load_official", verbosity=0)


_sites = {}


@pytest.fixture(params=SOME)
def most(request):
    """How many pages and files of each kind are looked at; None for all."""
    return request.param


@pytest.fixture
def site(client, kodaira, tmp_path, most):
    """Pages and files of kodaira-2 by their name in a copy; all are those of the copy. Asked for once for all tests."""
    if most not in _sites:
        _sites[most] = _linked(client, most) if most else _copied(tmp_path / "copy")
    return _sites[most]


def _linked(client, most):
    found = texts_of_site(client, Plan.objects.get(slug="kodaira-2"), most)
    return {(f"{path}index.html" if path.endswith("/") else path)[1:]: content for path, content in found.items()}


def _copied(folder):
    call_command("export_site", folder, "--base-url", "https://plan.city.example", verbosity=0)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(name, content):
    """What of a file people or programs read: (name of the part, text)."""
    if name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from texts(f"{name}:{part}", archive.read(part))
    elif name.endswith(".pdf"):
        yield name, text_of_pdf(content)
    elif name.endswith((".html", ".xml", ".rels", ".csv", ".json", ".jsonld", ".txt", ".md", ".js", ".svg")):
        yield name, content.decode()


def text_of_pdf(content):
    """Without the ends of lines, which may stand within a word."""
    read = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(read.stdout.decode().split())


def pdfs(plan):
    """Every file on paper that the site makes of a plan."""
    slug = plan.slug
    yield from (reverse("report_pdf", args=[slug, day]) for day in plan.rounds.values_list("as_of", flat=True))
    yield from (reverse("packet_pdf", args=[slug, day]) for day in plan.meetings.values_list("held_on", flat=True))
    yield from (reverse("policy_pdf", args=[slug, number]) for number in plan.policies.values_list("number", flat=True))
    yield from (reverse("item_pdf", args=[slug, number]) for number in plan.programs.values_list("number", flat=True))


@pytest.mark.pdf
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_no_file_on_paper_says_it_either(client, kodaira, whole):
    """The first that there is of each kind; in `make soak` all of them."""
    read, wrong = Counter(), {}
    for path in pdfs(Plan.objects.get(slug="kodaira-2")):
        kind = resolve(path).url_name
        if read[kind] and not whole:
            continue
        answer = client.get(path)
        if answer.status_code == 404:  # nothing is known that such a file could hold
            continue
        text = text_of_pdf(answer.getvalue())
        assert "小平市" in text, path
        read[kind] += 1
        if found := NEVER.findall(text.replace(LEGEND, "")):
            wrong[path] = found
    assert wrong == {}
    assert read["report_pdf"]


def test_a_file_within_a_file_is_read_too(site):
    book = next(content for name, content in site.items() if name.endswith("programs.xlsx"))
    parcel = io.BytesIO()
    with zipfile.ZipFile(parcel, "w") as archive:
        archive.writestr("within/programs.xlsx", book)
    found = dict(texts("parcel.zip", parcel.getvalue()))
    assert "行財政再構築プラン" in "".join(
        text for name, text in found.items() if "sharedStrings" in name or "sheet" in name
    )


def test_no_page_or_file_says_of_what_is_unknown_that_it_is_not_published(site, most):
    pages = [name for name in site if name.endswith(".html")]
    assert len(pages) > (20 if most else 62 + 5)
    assert {name.rsplit(".", 1)[-1] for name in site} >= {"html", "xml", "csv", "json", "xlsx", "zip"}
    wrong = {
        name: re.findall(rf".{{0,40}}(?:{NEVER.pattern}).{{0,40}}", text.replace(LEGEND, ""))
        for file, content in site.items()
        for name, text in texts(file, content)
        if NEVER.search(text.replace(LEGEND, ""))
    }
    assert wrong == {}
    assert LEGEND in site["glossary/index.html"].decode()


def test_no_page_shows_the_keys_of_sources(site):
    shown = {
        name: found
        for name, content in site.items()
        if name.endswith(".html") and "/data/" not in name
        if (found := INTERNAL.findall(re.sub(r"<[^>]*>", " ", content.decode())))
    }
    assert shown == {}


def test_a_generated_document_is_by_this_site(site):
    made_by = "行財政改革プラン 進捗管理サイト"
    book = next(content for name, content in site.items() if name.endswith("programs.xlsx"))
    core = zipfile.ZipFile(io.BytesIO(book)).read("docProps/core.xml").decode()
    assert f"<dc:creator>{made_by}</dc:creator>" in core
    package = next(content for name, content in site.items() if name.endswith("data.zip"))
    described = zipfile.ZipFile(io.BytesIO(package)).read("datapackage.json").decode()
    assert f'"title": "{made_by}", "role": "author"' in re.sub(r"\s+", " ", described)
    for text in (core, described):
        assert not re.search(r'(creator|author|publisher)[^\w]+"?小平市"?', text)


def test_a_year_without_text_is_unknown_and_none_is_what_a_source_says(client, plan, cast):
    content = ProgramEdition.objects.get(program__plan=plan, program__number="1", edition__key="original")
    YearPlan.objects.create(program_edition=content, fiscal_year=2011, text="検討")
    YearPlan.objects.create(program_edition=content, fiscal_year=2013, text="－", is_none=True)
    freeze(content.edition, by=cast.office, accept_incomplete=True)
    page = read(client.get("/plans/kodaira-2/programs/1/"))
    years = {text[:10]: text for text in page.lists["years"]}
    assert "約束 計画は未登録「当初」の計画" in years["平成24年度（201"]
    assert "約束 －計画なし「当初」の計画" in years["平成25年度（201"]
    rows = client.get("/plans/kodaira-2/data/year_plans.csv").getvalue().decode("utf-8-sig").splitlines()
    assert [row.split(",")[1:6] for row in rows[1:]] == [
        ["1", "original", "2011", "検討", "false"],
        ["1", "original", "2013", "－", "true"],
    ]


def test_a_plan_that_has_ended_says_so_first_with_what_follows(client, kodaira):
    page = read(client.get("/"))
    assert page.texts["p"][1:2] == [
        "この計画は平成28年（2016年）3月31日に終わりました。あとに続くもの：第2次行財政再構築プラン（フォローアップ）、小平市第3次行財政再構築プラン、"
        "小平市第1期経営方針推進プログラム（令和3年度（2021年度）から令和6年度（2024年度）まで）。計画のあゆみ",
    ]


def test_items_without_a_name_have_pages_that_search_engines_leave_out(client, kodaira):
    unnamed = Program.objects.filter(name="").values_list("number", flat=True)
    assert len(unnamed) == 42
    for number in unnamed:
        response = client.get(f"/plans/kodaira-2/programs/{number}/")
        assert (response.status_code, b'content="noindex"' in response.content) == (200, True)
    assert b"noindex" not in client.get("/plans/kodaira-2/programs/27/").content
    listed = read(client.get("/plans/kodaira-2/programs/"))
    assert len(items_of(listed.tables[0])) == 20
    assert [text for text in listed.texts["li"] if "名称未登録" in text] == [
        "方針1 地域協働の推進：ほか11項目（名称未登録）",
        "方針2 情報の共有と双方向のコミュニケーション：ほか2項目（名称未登録）",
        "方針3 ＰＤＣＡサイクルの構築：ほか4項目（名称未登録）",
        "方針4 財政基盤の強化：ほか13項目（名称未登録）",
        "方針5 執行体制の再構築：ほか12項目（名称未登録）",
    ]
    assert "62件（すべて）" in listed.texts["p"]
    addresses = client.get("/sitemap.xml").content.decode()
    assert addresses.count("/plans/kodaira-2/programs/") == 1 + 20


def test_the_line_of_plans_is_told_by_policy_where_it_is_known(client, kodaira):
    page = read(client.get("/plans/kodaira-2/about/"))
    tables = dict(zip(page.captions, page.tables, strict=True))
    by_day = {
        caption.partition("現在")[0]: [row[1:] for row in table[1:]]
        for caption, table in tables.items()
        if "評価ごと" in caption
    }
    assert by_day["平成23年（2011年）3月31日"] == [["1", "95", "4", "100"]]
    assert by_day["平成28年（2016年）3月31日"] == [["1", "50", "11", "62"]]
    assert by_day["平成29年（2017年）3月31日"] == [
        *(
            ["1", "7", "1", "9"],
            ["0", "4", "0", "4"],
            ["0", "5", "1", "6"],
            ["0", "10", "2", "12"],
            ["0", "9", "1", "10"],
        ),
        ["1", "35", "5", "41"],
    ]
    assert by_day["平成29年（2017年）9月30日"] == [
        *(
            ["0", "7", "0", "7"],
            ["0", "3", "0", "3"],
            ["0", "6", "0", "6"],
            ["0", "10", "4", "14"],
            ["0", "13", "0", "13"],
        ),
        ["0", "39", "4", "43"],
    ]
    assert page.texts["h3"].count("小平市行財政再構築プラン") == 1
    assert any("中間" not in text and "平成21年3月に" in text for text in page.texts["li"])


def test_a_meeting_of_which_nothing_is_known_has_no_packet(client, kodaira):
    page = client.get("/plans/kodaira-2/committee/2014-10-31/")
    assert "packet.pdf" not in page.content.decode()
    assert "この会議の次第、進捗の資料、意見と市の回答は未登録です。" in read(page).texts["p"]
    assert client.get("/plans/kodaira-2/committee/2014-10-31/packet.pdf").status_code == 404


def test_the_revision_counts_added_departments_as_the_city_printed_it(client, kodaira):
    page = read(client.get("/plans/kodaira-2/revisions/fy2013-revision/"))
    assert page.tables[0][2][0] == "推進担当課の追加"
    assert page.definitions["見直しの趣旨"].startswith("計画をつくったときから、3年目にあたる平成25年度の終わりに")
    assert page.definitions["見直しの趣旨"].endswith("このサイトの要約")
