"""A plan that calls its parts by words of its own is spoken of in these words: on pages, in files and to its staff."""

import io
import re
import zipfile

import openpyxl
import pytest

from policies.models import Plan
from policies.words import WORDS, in_words_of
from tests.repository.packages import ROOT

OWN = {
    "policy_word": "重点改革項目",
    "program_word": "取組",
    "department_word": "所管部署",
    "indicator_word": "数値目標",
    "direction_word": "柱",
    "edition_word": "年度版",
    "office_word": "行政経営室",
}
OURS = re.compile("|".join(word for word in WORDS.values() if len(word) > 1))
# The name of a rule of the plan is no policy of it.
ELSEWHERE = "根拠となる方針"

PAGES = (
    *("", "about/", "policies/1/", "programs/", "programs/1/", "progress/", "progress/2015-03-31/"),
    *("revisions/", "revisions/fy2013-revision/", "effects/", "committee/", "figures/", "data/"),
)


@pytest.fixture
def own(filled):
    Plan.objects.filter(pk=filled.pk).update(**OWN)
    filled.refresh_from_db()
    return filled


def text_of(response):
    main = re.sub(r"<(style|script|footer|pre).*?</\1>", "", response.content.decode(), flags=re.S)
    return re.sub(r"<[^>]+>|\s+", " ", main.replace(ELSEWHERE, ""))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_none_of_our_words(own, client, page):
    response = client.get(f"/plans/{own.slug}/{page}")
    assert response.status_code == 200
    found = [text_of(response)[max(0, m.start() - 20) : m.end() + 20] for m in OURS.finditer(text_of(response))]
    assert found == []


def test_the_plans_words_stand_where_ours_did(own, client):
    said = {page: text_of(client.get(f"/plans/{own.slug}/{page}")) for page in PAGES}
    assert "重点改革項目1 財政基盤の強化" in said["programs/"]
    assert "柱1 基盤の強化" in said["policies/1/"]
    assert "所管部署" in said["progress/"]
    assert "数値目標" in said["programs/1/"]
    assert "取組をさがす" in said[""]


def test_a_refused_filter_speaks_them_too(own, client):
    response = client.get(f"/plans/{own.slug}/programs/?policy=99")
    assert response.status_code == 400
    assert "この重点改革項目はありません。" in response.content.decode()


def test_files_are_headed_by_them(own, client):
    answer = client.get(f"/plans/{own.slug}/programs.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    headings = [cell.value for cell in book["programs"][1]]
    assert headings[3:6] == ["柱", "重点改革項目", "所管部署"]
    meanings = {row[1].value: row[3].value for row in book["codes"].iter_rows() if row[0].value == "column"}
    assert meanings["policy_number"] == "取組が属する重点改革項目。"
    package = zipfile.ZipFile(io.BytesIO(client.get(f"/plans/{own.slug}/data.zip").getvalue()))
    readme = package.read("README.md").decode()
    assert "| `indicators.csv` | 数値目標。取組の成果を測る指標。年度版" not in readme
    assert "| `indicators.csv` | 数値目標。取組の成果を測る指標。" in readme
    assert "重点改革項目の番号" in package.read("datapackage.json").decode()


def test_the_ledger_explains_itself_in_them(own, client):
    own.figures.update(measure="item_count", category="", edition=None, value=3)
    assert "登録されている取組を数えました。" in client.get(f"/plans/{own.slug}/figures/").content.decode()


def test_the_api_gives_the_words(own, client):
    found = client.get(f"/api/v1/plans/{own.slug}").json()
    assert {name: found[name] for name in OWN} == OWN


def test_staff_read_them(own, client, cast):
    client.force_login(cast.office)
    content = own.editions.get(key="original").contents.first()
    page = client.get(f"/admin/programs/programedition/{content.pk}/change/").content.decode()
    assert "<dt>取組</dt>" in page
    assert '<h2 id="departments-title">所管部署</h2>' in page


def test_without_words_of_its_own_a_plan_says_ours():
    assert in_words_of(None, "方針の実施項目") == "方針の実施項目"
    assert in_words_of(Plan(policy_word="柱", program_word="方針"), "方針の実施項目、改訂版") == "柱の方針、改訂版"


def test_pages_name_these_parts_by_the_tag_alone():
    # Those that speak of no plan, or of the plans of other times.
    of_no_plan = {"accessibility.html", "glossary.html", "about_lineage.html", "lineage_results.html"}
    found = {
        f"{path.name}:{number}"
        for path in (ROOT / "templates" / "website").rglob("*.html")
        if path.name not in of_no_plan
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if OURS.search(re.sub(r'"[^"]*"\|in_words_of:plan', "", line.replace(ELSEWHERE, "")))
    }
    assert found == set()
