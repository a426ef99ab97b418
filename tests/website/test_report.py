"""進捗状況報告書: the whole report of a round, as a page and as a file."""

import re
import subprocess
from collections import Counter

import pikepdf
import pytest
import time_machine
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.utils import timezone

from committee.models import Opinion
from core.fiscal import date_label
from figures import version
from figures.models import PublishedFigure
from policies.models import Plan
from programs import errata
from programs.models import ProgramEdition, YearPlan
from reviews import workflow
from reviews.models import PublishedReport
from reviews.redaction import redact
from tests import factories
from tests.kept import kept
from tests.published import SECRET, freeze
from tests.reading import read
from website.pdf import pdf_of
from workbooks import exports
from workbooks.models import exports_storage

PAGE = "/plans/kodaira-2/report/2015-03-31/"


@kept
def reported(plan, cast):
    """Two rounds over a written plan; item 2 got worse, has a target, an actual, an amount, an opinion and an erratum."""
    factories.written(plan, key="fy2013-revision")
    freeze(plan, cast.office)
    factories.published_round(plan, {1: "A", 2: "S"}, by=cast.office)
    factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)
    row = PublishedReport.objects.get(number="2", round__as_of="2015-03-31")
    PublishedReport.objects.filter(pk=row.pk).update(
        delay_cause="関係者との調整",
        actuals=[factories.FROZEN_ACTUAL],
        effects=[{"fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": -1200, "note": ""}],
    )
    for key, day, published in (("2015-1", "2014-12-01", "2014-12-20"), ("2014-1", "2014-05-01", "2014-05-20")):
        Opinion.objects.create(
            plan=plan, key=key, program=row.program, given_on=day, published_on=published, text=f"意見{key}。"
        )
    Opinion.objects.create(plan=plan, key="x", given_on="2014-12-02", text=SECRET)
    return plan


def test_the_report_tells_the_round_from_its_frozen_rows(client, reported):
    page = read(client.get(PAGE))
    assert page.texts["h1"] == ["進捗状況報告書 平成27年（2015年）3月31日現在"]
    assert page.texts["h2"] == [
        *("読み方", "進捗の要約", "評価が下がった項目と理由", "効果額", "計画の見直し"),
        *("委員会の意見と市の回答", "項目ごとの票", "公表のあとの訂正", "出典"),
    ]
    by_policy, by_department, causes, effects, *_ = page.tables
    assert by_policy[1:] == [
        ["方針1 財政基盤の強化", "0", "1", "0", "1", "2"],
        ["方針2 執行体制の再構築", "0", "0", "1", "0", "1"],
        ["計", "0", "1", "1", "1", "3"],
    ]
    assert by_department[1:] == [["財政課", "0", "1", "0", "1", "2"], ["税務課", "0", "0", "1", "0", "1"]]
    assert causes[1:] == [["関係者との調整", "1"]]
    assert effects == [["種類", "平成26年度（2014年度）", "計"], ["歳出削減（実績）", "-1,200", "-1,200"]]
    assert page.definitions["遅れの原因"] == "関係者との調整"
    assert [text for text in page.texts["h4"] if text.startswith("意見")] == ["意見 2015-1： 2 項目2の取組"]
    assert [text for text in page.texts["h4"] if not text.startswith("意見")] == [
        *("1 項目1の取組", "3 項目名 未登録", "2 項目2の取組"),
    ]


def test_its_contents_name_the_policies_and_its_cover_who_made_it(client, reported, settings):
    page = read(client.get(PAGE))
    contents = ["読み方", "進捗の要約", "推進担当課ごと", "評価が下がった項目と理由", "効果額", "計画の見直し"]
    contents += ["委員会の意見と市の回答", "項目ごとの票", "方針1 財政基盤の強化", "方針2 執行体制の再構築"]
    listed = client.get(PAGE).text.partition('class="contents"')[2].partition("</nav>")[0]
    assert re.findall(r">([^<>]*)</a>", listed) == [*contents, "公表のあとの訂正", "出典"]
    made = "行財政改革プラン 進捗管理サイトが、登録された内容から作成した資料です。市が出した報告書そのものではありません。"
    place = page.texts["p"].index(made)
    assert page.texts["p"][place + 1] == "報告書の PDF（A4）"  # who runs the site is unknown
    settings.OPERATOR, settings.CONTACT = "企画課", "kikaku@city.example"
    assert read(client.get(PAGE)).texts["p"][place + 1] == "運営：企画課 問い合わせ先：kikaku@city.example"


def sheet(client, number, address=PAGE):
    html = re.sub(r"(?<=>)\s+|\s+(?=<)", "", " ".join(client.get(address).text.split()))
    return next(part for part in html.split('<article class="sheet"')[1:] if f'id="i-{number}"' in part)


def test_a_sheet_holds_promise_year_plan_targets_report_and_what_is_unknown(client, reported):
    told = sheet(client, 2)
    assert "税の収納率を上げる。" in told
    assert "関係者との調整に時間を要した。" in told
    assert '協議の回数を増やす。<span class="whole">（平成28年（2016年）3月31日）</span>' in told
    assert "平成26年度（2014年度） 歳出削減 -1,200千円（実績）" in told
    grades = '<span class="whole">9月 S、</span><span class="whole">3月 B</span>'
    assert f'<th class="when" scope="row">平成26年度（2014年度）</th><td>実施</td><td>{grades}</td>' in told
    assert "77.5以上" in told
    assert "76.1（見込）" in told
    assert '<a href="#opinion-2015-1">2015-1</a>' in told
    assert "未登録：見込まれる効果</p>" in told
    # An earlier round knows nothing of what came later.
    before = sheet(client, 2, "/plans/kodaira-2/report/2014-09-30/")
    assert '<td><span class="whole">9月 S</span></td>' in before
    assert "76.1" not in before


def test_what_is_not_public_is_not_in_it(client, reported):
    answer = client.get(PAGE)
    assert SECRET not in answer.text
    assert "意見2014-1" not in answer.text  # it belongs to the round before
    Plan.objects.update(is_public=False)
    assert client.get(PAGE).status_code == 404


def test_an_erratum_to_the_contents_names_its_item(client, reported, cast):
    content = ProgramEdition.objects.get(program__number="1", edition__key="fy2013-revision")
    errata.correct_content(content, "contents", "窓口を増やす。", reason="印刷のもれ", by=cast.office)
    listed = client.get(PAGE).text.partition("<h3>計画の内容の訂正</h3>")[2]
    assert re.search(r"<li>\s*1 項目1の取組：<strong>実施内容</strong>", listed)


def test_an_erratum_stands_beside_the_frozen_value(client, reported, cast):
    row = PublishedReport.objects.get(number="1", round__as_of="2015-03-31")
    workflow.correct(row, "progress", "説明会を4回開いた。", by=cast.office, reason="数えまちがい")
    told = sheet(client, 1)
    assert "説明会を3回開いた。" in told
    assert "「説明会を3回開いた。」を「説明会を4回開いた。」に。" in told


def test_a_round_of_which_only_totals_are_printed_is_short_and_honest(client, official):
    page = read(client.get("/plans/kodaira-2/report/2016-03-31/"))
    assert (
        "項目ごとの評価は、このサイトに登録されていません（未登録）。市が公表した合計だけを示します。"
        in page.texts["p"]
    )
    assert page.texts["h2"] == ["読み方", "進捗の要約", "効果額", "計画の見直し", "出典"]
    assert page.definitions["●A 予定どおりに進捗"] == "50項目"
    assert client.get("/plans/kodaira-2/report/2015-09-30/").status_code == 404  # nothing is known of it
    assert client.get("/plans/kodaira-2/report/2015-09-30.pdf").status_code == 404


def test_effects_of_later_years_are_not_in_an_earlier_report(client, reported):
    source = reported.sources.get()
    for year in (2013, 2015):
        PublishedFigure.objects.create(
            plan=reported,
            key=f"e{year}",
            measure="effect",
            category="total",
            label="効果額",
            fiscal_year=year,
            basis="actual",
            printed=f"{year}百万円",
            value=year,
            unit="百万円",
            locator="表",
            source=source,
        )
    text = client.get(PAGE).text
    assert ("2013百万円" in text, "2015百万円" in text) == (True, False)


def test_an_edition_that_came_later_is_not_in_it(client, reported, cast):
    later = reported.editions.create(key="later", name="あとの版", first_fiscal_year=2015, last_fiscal_year=2015)
    content = ProgramEdition.objects.create(program=reported.programs.get(number="2"), edition=later)
    YearPlan.objects.create(program_edition=content, fiscal_year=2015, text="あとの計画")
    freeze(reported, cast.office, key="later")
    assert "あとの計画" not in client.get(PAGE).text
    assert "あとの計画" in client.get("/plans/kodaira-2/programs/2/").text


@pytest.mark.pdf
def test_the_file_says_what_the_page_says(client, reported, tmp_path):
    answer = client.get("/plans/kodaira-2/report/2015-03-31.pdf")
    assert answer["Content-Disposition"] == 'inline; filename="kodaira-2-2015-03-31-report.pdf"'
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.content)

    def asked(*command):
        return subprocess.run([*command], capture_output=True, text=True, check=True).stdout

    text = "".join(asked("pdftotext", file, "-").split())
    for said in (
        "進捗状況報告書",
        "税の収納率を上げる。",
        "協議の回数を増やす。",
        "76.1（見込）",
        "管理サイトが、登録された内容",
    ):
        assert said in text, said
    about = asked("pdfinfo", file)
    assert "行財政改革プラン 進捗管理サイト" in about
    assert "Tagged:          yes" in about


def elements(node):
    """Every element of a tree of tags below `node`, in order: its tag, its words, and which cell it is or is headed by."""
    if not isinstance(node, pikepdf.Dictionary):
        return
    if "/S" in node:
        attributes = node.get("/A", pikepdf.Dictionary())
        attributes = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
        heads = {bytes(each) for one in attributes for each in one.get("/Headers", [])}
        yield str(node.S)[1:], {"alt": str(node.get("/Alt", "")), "id": bytes(node.get("/ID", b"")), "heads": heads}
    below = node.get("/K", [])
    for each in below if isinstance(below, pikepdf.Array) else [below]:
        yield from elements(each)


@pytest.mark.pdf
@pytest.mark.parametrize(
    ("address", "name", "headings"),
    [
        ("/plans/kodaira-2/report/2015-03-31.pdf", "2015-03-31-report", {"H1": 1, "H2": 9}),
        ("/plans/kodaira-2/programs/2/sheet.pdf", "item-2", {"H1": 1, "H2": 2, "H4": 2}),
        ("/plans/kodaira-2/policies/2/sheets.pdf", "policy-2", {"H1": 1, "H2": 2, "H4": 2}),
    ],
)
def test_files_are_tagged_and_each_chart_says_what_it_shows(client, reported, tmp_path, address, name, headings):
    answer = client.get(address)
    assert answer["Content-Disposition"] == f'inline; filename="kodaira-2-{name}.pdf"'
    file = tmp_path / "file.pdf"
    file.write_bytes(answer.content)
    tags = subprocess.run(["pdfinfo", "-struct", file], capture_output=True, text=True, check=True).stdout
    found = Counter(re.findall(r"^ *(\w+)", tags, re.MULTILINE))
    del found["Object"]  # a link's place on the page, which is no tag
    assert {tag: found[tag] for tag in headings} == headings
    assert found["Table"] > 0
    assert found["TH"] > found["Table"]
    with pikepdf.open(file) as held:
        told = list(elements(held.Root.StructTreeRoot))
        assert "/Outlines" in held.Root
        assert (bool(held.Root.MarkInfo.Marked), str(held.Root.Lang)) == (True, "ja")
    # Both programs find the same tags; the second one reads what they say.
    assert Counter(tag for tag, _ in told) == found
    of_tag = {tag: [said for name, said in told if name == tag] for tag in ("TH", "TD", "Figure")}
    # Every cell of a number is told with its heads.
    heads = {said["id"] for said in of_tag["TH"]}
    assert len(heads - {b""}) == len(of_tag["TH"])
    assert [said for said in of_tag["TD"] if not said["heads"] or said["heads"] - heads] == []
    # The chart of 収納率 and the marks of legends: a figure each, none without words.
    words = [said["alt"] for said in of_tag["Figure"]]
    assert len(words) >= 3
    assert "" not in words
    assert any("収納率" in each for each in words)
    assert "凡例の印" in words
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "収納率" in text
    # Each sheet says where it is from, the day, and its number.
    *sheets, rest = text.split("\f")
    page = f"http://testserver{address.removesuffix('.pdf').removesuffix('sheets').removesuffix('sheet').rstrip('/')}/"
    day = f"{date_label(timezone.localdate())}に作成"
    assert rest == ""
    for number, sheet in enumerate(sheets, start=1):
        assert page in sheet.splitlines()
        assert f"{day} {number}/{len(sheets)}" in sheet
    assert SECRET not in text
    assert "意見2014-1" not in text


def test_a_plan_or_an_item_without_a_published_round_has_no_file(client, reported):
    assert client.get("/plans/kodaira-2/policies/9/sheets.pdf").status_code == 404
    assert client.get("/plans/kodaira-2/programs/99/sheet.pdf").status_code == 404
    assert "/programs/2/sheet.pdf" in client.get("/plans/kodaira-2/programs/2/").text
    assert "/policies/2/sheets.pdf" in client.get("/plans/kodaira-2/policies/2/").text
    Plan.objects.update(is_public=False)
    assert client.get("/plans/kodaira-2/programs/2/sheet.pdf").status_code == 404
    assert client.get("/plans/kodaira-2/policies/2/sheets.pdf").status_code == 404


def made(round_, by, site="http://testserver"):
    """The report of a round as the worker makes it for the office."""
    export = exports.start(round_.plan, "report", site=site, by=by, round_=round_)
    exports.make(export.pk, export.task_id)
    export.refresh_from_db()
    return export


@pytest.mark.pdf
def test_the_report_of_any_published_round_is_made_as_a_task_and_stays(client, reported, cast, exports_folder):
    first = reported.rounds.get(as_of="2014-09-30")
    with time_machine.travel("2026-04-01T12:00:00+09:00", tick=False):
        export = made(first, cast.office)
        assert (export.state, export.error, export.name) == ("done", "", "kodaira-2-2014-09-30-report-2026-04-01.pdf")
        with export.file.open() as file:
            content = file.read()
        assert content == client.get("/plans/kodaira-2/report/2014-09-30.pdf").content
    with time_machine.travel("2026-06-01T12:00:00+09:00", tick=False):
        exports.start(reported, "book", site="", by=cast.office)  # what is older than a week goes now
        assert exports.of_round(first, "report") == [export]
        assert exports.is_current(export)
        # Nothing has changed since April: everybody gets that file, with its day, but where it leads to another site.
        assert client.get("/plans/kodaira-2/report/2014-09-30.pdf").content == content
        elsewhere = client.get("/plans/kodaira-2/report/2014-09-30.pdf", headers={"host": "localhost"}).content
        assert elsewhere != content


@pytest.mark.pdf
def test_after_a_correction_it_is_made_anew_and_the_former_stays(client, reported, cast, exports_folder):
    round_ = reported.rounds.get(as_of="2015-03-31")
    former = made(round_, cast.office)
    row = PublishedReport.objects.get(number="1", round=round_)
    workflow.correct(row, "progress", "説明会を4回開いた。", by=cast.office, reason="数えまちがい")
    version.forget()
    assert not exports.is_current(former)
    told = client.get(f"{PAGE[:-1]}.pdf").content
    newest = made(round_, cast.office)
    assert exports.of_round(round_, "report") == [newest, former]
    with newest.file.open() as now, former.file.open() as then:
        assert (now.read() == told, then.read() == told) == (True, False)


def test_of_a_round_that_is_not_published_the_task_says_so(plan, cast, exports_folder):
    export = made(plan.rounds.first(), cast.office)
    assert export.state == "failed"
    assert export.error.startswith("この調査の結果はまだ公表されていないため、報告書を作れません。")
    with pytest.raises(ValueError, match="a file of a round"):
        exports.start(plan, "report", site="", by=cast.office)


@pytest.mark.pdf
def test_what_was_made_goes_when_personal_data_is_taken_out(
    client, reported, cast, exports_folder, django_capture_on_commit_callbacks
):
    round_ = reported.rounds.get(as_of="2015-03-31")
    export = made(round_, cast.office)
    of_nobody = exports_storage().save("left.pdf", ContentFile(b"%PDF"))  # its process was killed
    client.get(f"{PAGE[:-1]}.pdf")
    caches["shared"].set("pdf-former", b"%PDF")
    with django_capture_on_commit_callbacks(execute=True):
        redact("説明会", reason="氏名が載っていたため", by=cast.root)
    assert exports.of_round(round_, "report") == []
    assert [exports_storage().exists(name) for name in (export.file.name, of_nobody)] == [False, False]
    assert caches["shared"].get("pdf-former") is None
    assert pdf_of.cache_info().currsize == 0


@pytest.mark.pdf
def test_a_file_comes_also_where_what_all_workers_keep_cannot_be_used(settings, tmp_path, caplog):
    (tmp_path / "file").touch()
    settings.CACHES = settings.CACHES | {
        "shared": settings.CACHES["shared"] | {"LOCATION": tmp_path / "file" / "shared"}
    }
    assert pdf_of("<p>控えなし</p>", "css/packet.css").startswith(b"%PDF")
    said = [record.message for record in caplog.records if record.name == "website.pdf"]
    assert said == ["a PDF file cannot be kept for all workers"]
