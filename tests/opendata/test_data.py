"""The page of the data and its files: the zip and its metadata, files of a round that never change, the examples."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pandas
import pytest
import time_machine
from django.utils import timezone

from figures import version
from opendata.tables.catalogue import SUBJECTS, TABLES
from opendata.tables.long import LONG
from opendata.tables.observations import Observation
from policies.models import Plan, Policy
from programs.models import Program
from tests import factories
from tests.published import SECRET
from tests.reading import read

DATA = "/plans/kodaira-2"
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
BOM = b"\xef\xbb\xbf"
DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean", "string": "string", "any": "string"}


def unzip(client, query=""):
    response = client.get(f"{DATA}/data.zip{query}")
    assert response["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_long_csv(client, filled):
    response = client.get(f"{DATA}/long.csv?policy=1")
    assert response["Content-Disposition"] == 'attachment; filename="kodaira-2_long_2015-03-31_policy-1.csv"'
    content = response.getvalue()
    assert content.startswith(BOM)
    assert content.decode("utf-8-sig").split("\r\n") == [
        "plan,program_number,as_of,fiscal_year,measure,value,unit,source,is_fictional,indicator,edition,kind,basis,level,"
        "policy_number,category,account,series,axis,plan_indicator",
        "kodaira-2,1,2014-09-30,2014,grade,A,grade_code,site,false,,,,,program,,,,,,",
        "kodaira-2,1,2015-03-31,2014,grade,S,grade_code,site,false,,,,,program,,,,,,",
        "kodaira-2,1,,2014,indicator_target,97.25,%,site,false,1,original,,,program,,,,,,",
        "kodaira-2,1,,2013,indicator_actual,96,%,site,false,1,,,,program,,,,,,",
        "kodaira-2,1,,2014,indicator_forecast,96.5,%,site,false,1,,,,program,,,,,,",
        "kodaira-2,1,,2013,effect,-1200,千円,S1,false,,,saving,actual,program,,,,,,",
        "",
    ]
    # As of a round that was asked for: what was known then, and nothing that may have come later.
    then = rows_of(client.get(f"{DATA}/long.csv?policy=1&round=2014-09-30").getvalue())
    assert [(row["as_of"], row["measure"], row["value"]) for row in then] == [("2014-09-30", "grade", "A")]
    assert client.get(f"{DATA}/long.csv?grade=Z").status_code == 400


@time_machine.travel("2026-04-01 09:00+09:00", tick=False)
def test_a_row_of_the_tidy_table_has_the_columns_in_their_order():
    assert list(Observation._fields) == [column.name for column in LONG.columns]


def test_zip(client, filled):
    files = unzip(client)
    tables = [f"{table.name}.csv" for table in TABLES]
    assert list(files) == [*tables, "datapackage.json", "csv-metadata.json", "README.md", "LICENCE.txt"]
    assert files["programs.csv"] == client.get(f"{DATA}/programs.csv").getvalue()
    assert files["long.csv"] == client.get(f"{DATA}/long.csv").getvalue()
    for table in TABLES:
        content = files[f"{table.name}.csv"]
        assert content == client.get(f"{DATA}/data/{table.name}.csv").getvalue()
        assert [len(rows_of(content)) > 0, SECRET in content.decode()] == [
            table.name
            not in (
                "delay_causes",
                "judgements",
                "errata",
                "late_contents",
                "agenda_items",
                "added_and_ended",
                "relistings",
                "settlements",
            )
            and not table.name.startswith("plan_indicator"),
            False,
        ], table.name
    package = json.loads(files["datapackage.json"])
    moved = timezone.localtime(version.current().moved_at).isoformat(timespec="seconds")  # whenever the file is made
    assert [package[name] for name in ("name", "version", "created", "modified")] == [
        *("kodaira-2-progress", "2015-03-31"),
        *(moved, moved),
    ]
    assert package["licenses"][0]["title"] == "公共データ利用規約（第1.0版）"
    described = json.loads(files["csv-metadata.json"])
    for resource, about, table in zip(package["resources"], described["tables"], TABLES, strict=True):
        content = files[resource["path"]]
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == [column["name"] for column in about["tableSchema"]["columns"]]
        assert names == content.decode("utf-8-sig").split("\r\n")[0].split(",")
        assert len(set(names)) == len(names)
        if table.key:
            rows = rows_of(content)
            assert len({tuple(row[name] for name in table.key) for row in rows}) == len(rows), table.name
            assert all(row[name] for row in rows for name in table.key), table.name
    assert "| `programs.csv` | 実施項目。" in files["README.md"].decode()
    made = timezone.localtime(version.current().moved_at).isoformat(timespec="seconds")
    assert f"作成: {made}（kodaira-reform 0.1.0）" in files["README.md"].decode()
    without = unzip(client, "?bom=0")
    assert {name: BOM + without[name] for name in tables} == {name: files[name] for name in tables}
    refused = client.get(f"{DATA}/data.zip?grade=A")
    assert refused.status_code == 400
    assert "「grade」という条件はありません。アドレスから消してください。" in refused.text


def test_pandas_reads_every_table_in_one_line(client, filled):
    files = unzip(client)
    for resource in json.loads(files["datapackage.json"])["resources"]:
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = pandas.read_csv(
                io.BytesIO(files[resource["path"]]),
                dtype={name: DTYPES[kind] for name, kind in fields.items() if kind != "date"},
                parse_dates=[name for name, kind in fields.items() if kind == "date"],
                keep_default_na=False,
                na_values=[""],
            )
        assert list(table) == list(fields), resource["path"]
        for name, kind in fields.items():
            if kind == "date" and table[name].notna().any():
                assert str(table[name].dtype).startswith("datetime64"), name
    indicators = pandas.read_csv(io.BytesIO(files["indicators.csv"]))
    assert (indicators["baseline"].dtype, list(indicators["baseline"])) == ("float64", [95.5])


def test_file_of_a_round_never_changes(client, published, cast):
    address = f"{DATA}/data/rounds/2014-09-30/programs.csv"
    first = client.get(address)
    content = first.getvalue()
    assert content.decode("utf-8-sig").split("\r\n") == [
        "plan,as_of,fiscal_year,program_number,is_number_provisional,name,direction_number,direction_name,policy_number,"
        "policy_name,edition,lead_department_code,lead_department_name,grade,grade_label,tone,progress,evidence,delay_reason,"
        "remedy,recovery_on,source,note,is_fictional",
        "kodaira-2,2014-09-30,2014,1,false,項目1の取組,1,基盤の強化,1,財政基盤の強化,fy2013-revision,zaisei,財政課,"
        "A,予定どおりに進捗,on_track,説明会を3回開いた。,,,,,S1,,false",
        "kodaira-2,2014-09-30,2014,2,false,項目2の取組,1,基盤の強化,2,執行体制の再構築,fy2013-revision,zeimu,税務課,"
        "S,予定以上に進捗,ahead,説明会を3回開いた。,,,,,S1,,false",
        "kodaira-2,2014-09-30,2014,3,true,,1,基盤の強化,1,財政基盤の強化,fy2013-revision,zaisei,財政課,"
        ",,,,,,,,S1,,false",
        "",
    ]
    sums = client.get(f"{DATA}/data/rounds/2014-09-30/SHA256SUMS")
    assert sums.text == f"{hashlib.sha256(content).hexdigest()}  programs.csv\n"
    Program.objects.update(name="別の名称")
    Policy.objects.update(name="別の方針")
    factories.Department.objects.update(name="別の課")
    factories.published_round(
        published,
        {1: "B"},
        by=cast.office,
        as_of=published.rounds.create(as_of="2015-09-30", edition=published.editions.last()).as_of,
    )
    again = client.get(address)
    assert (again.getvalue(), again["ETag"], again["Last-Modified"]) == (
        content,
        first["ETag"],
        first["Last-Modified"],
    )
    for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        assert client.get(address, headers=headers).status_code == 304


def test_what_search_engines_and_catalogues_are_told(client, filled, settings):
    settings.OPERATOR, settings.CONTACT = "見本市総務部", "plan@city.example"
    page = client.get(f"{DATA}/data/")
    assert '<link rel="alternate" type="application/ld+json" title="DCAT"' in page.text
    response = client.get(f"{DATA}/data/dataset.jsonld")
    assert response["Content-Type"] == "application/ld+json"
    dataset = response.json()
    assert (dataset["@type"], dataset["name"]) == (
        "Dataset",
        "小平市 テスト計画 進捗データ（行財政改革プラン 進捗管理サイトが作成）",
    )
    assert dataset["temporalCoverage"] == "2011-04-01/2016-03-31"
    assert dataset["publisher"] == {
        "@type": "Organization",
        "name": "見本市総務部",
        "contactPoint": {"@type": "ContactPoint", "url": "mailto:plan@city.example"},
    }
    catalog = client.get(f"{DATA}/data/catalog.jsonld").json()
    assert catalog["dcat:dataset"][0]["dct:publisher"]["foaf:name"] == "見本市総務部"
    assert catalog["dcat:dataset"][0]["dcat:contactPoint"]["vcard:hasURL"] == {"@id": "mailto:plan@city.example"}
    addresses = [each["dcat:downloadURL"]["@id"] for each in catalog["dcat:dataset"][0]["dcat:distribution"]]
    assert addresses == [each["contentUrl"] for each in dataset["distribution"]]
    assert len(addresses) == len(TABLES) + 4
    for address in addresses:
        found = client.get(address.removeprefix("http://testserver"))
        assert found.status_code == 200
        assert found["Access-Control-Allow-Origin"] == "*"
        assert found.getvalue()
    Plan.objects.update(is_fictional=True)
    assert client.get(f"{DATA}/data/dataset.jsonld").json()["name"].startswith("【架空のデータ】")


def test_page(client, filled):
    page = read(client.get(f"{DATA}/data/"))
    assert page.captions == [
        f"{table.in_words_of(filled).title}の列の意味" for _, tables in SUBJECTS for table in tables
    ]
    columns = [row[0] for row in page.tables[0][1:]]
    assert columns[:2] == ["plan", "program_number"]
    assert "（2015年3月31日" not in page.texts["h1"][0]
    assert any("小平市 テスト計画 進捗データ" in text and "に利用。" in text for text in page.texts["p"])
    for name in ("grades_over_time.py", "every_item.py", "grades_over_time.R"):
        code = " ".join((EXAMPLES / name).read_text().split())
        assert code in page.texts["code"], name


def test_every_table_stands_under_one_subject_and_can_be_linked_to(client, filled):
    assert sorted(table.name for _, tables in SUBJECTS for table in tables) == sorted(table.name for table in TABLES)
    html = client.get(f"{DATA}/data/").text
    for table in TABLES:
        assert html.count(f'<div id="{table.name}">') == 1
        assert html.count(f'href="?table={table.name}"') == 1


def test_a_table_has_a_page_with_its_first_rows(client, filled):
    page = client.get(f"{DATA}/data/", {"table": "programs"})
    assert read(page).tables[0][2] == ["program_number", "1", "2", "3"]
    page = client.get(f"{DATA}/data/", {"table": "rounds"})
    assert read(page).captions == ["はじめの2行（長い文は途中まで）", "調査の列の意味"]
    assert "2015-03-31</td>" in page.text
    assert 'href="/plans/kodaira-2/data/rounds.csv"' in page.text
    refused = client.get(f"{DATA}/data/", {"table": "<b>"})
    assert refused.status_code == 400
    assert "「&lt;b&gt;」という表はありません。" in refused.text


def test_page_before_any_publication(client, plan):
    page = client.get(f"{DATA}/data/")
    assert page.status_code == 200
    assert "項目ごとの評価の登録された調査は、まだありません。" in page.text
    assert json.loads(unzip(client)["datapackage.json"])["version"] == "0"


def run(example, *arguments):
    done = subprocess.run([sys.executable, EXAMPLES / example, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_example_for_pandas_runs_as_printed(client, filled, tmp_path):
    folder = tmp_path / "plans" / "kodaira-2"
    folder.mkdir(parents=True)
    (folder / "long.csv").write_bytes(client.get(f"{DATA}/long.csv").getvalue())
    said = run("grades_over_time.py", f"file://{tmp_path}", "kodaira-2")
    assert said == [
        *("評価の推移（項目数）", "grade", "A", "B", "S", "as_of"),
        *("2014-09-30", "1", "0", "1", "2015-03-31", "0", "1", "1"),
        *(
            "効果額の実績（千円）",
            "fiscal_year",
            "kind",
            "2013",
            "saving",
            "-1200",
            "Name:",
            "value,",
            "dtype:",
            "int64",
        ),
    ]


@pytest.mark.rscript
def test_the_example_for_r_runs_as_printed(client, filled, tmp_path):
    folder = tmp_path / "plans" / "kodaira-2"
    folder.mkdir(parents=True)
    (folder / "long.csv?bom=0").write_bytes(client.get(f"{DATA}/long.csv?bom=0").getvalue())
    done = subprocess.run(
        [shutil.which("Rscript"), "--vanilla", EXAMPLES / "grades_over_time.R", f"file://{tmp_path}", "kodaira-2"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [
        *("grade", "as_of", "A", "B", "S", "2014-09-30", "1", "0", "1", "2015-03-31", "0", "1", "1"),
        *("kind", "fiscal_year", "saving", "2013", "-1200"),
    ]


@pytest.mark.usefixtures("transactional_db")
def test_the_example_for_the_api_runs_as_printed(live_server, published):
    assert run("every_item.py", live_server.url, "kodaira-2") == [
        *("1", "項目1の取組", "予定以上に進捗", "2", "項目2の取組", "予定よりも遅れている"),
        *("3", "項目名", "未登録", "未登録"),
    ]


def test_pages_of_other_sites_may_read_all_but_pages(client, published):
    """Files, feeds and the map of the site, also as 304 and where something is wrong; no page, and no file for staff."""
    files = [
        *("feed.xml", "programs.json", "long.csv", "data/rounds/2015-03-31/SHA256SUMS", "report/2015-03-31.pdf"),
        *("programs/2/feed.xml", "policies/1/feed.xml", "departments/zaisei/feed.xml"),
    ]
    for address in ("/feed.xml", "/sitemap.xml", "/robots.txt", *(f"{DATA}/{path}" for path in files)):
        answer = client.get(address)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*"), address
        again = client.get(address, headers={"If-None-Match": answer.headers.get("ETag", "")})
        assert again["Access-Control-Allow-Origin"] == "*", address
        exposed = {one["Access-Control-Expose-Headers"] for one in (answer, again)}
        assert exposed == {"ETag, Content-Disposition"}, address
    assert client.get(f"{DATA}/programs.json?policy=x")["Access-Control-Allow-Origin"] == "*"
    for address in ("/", f"{DATA}/programs/", f"{DATA}/programs/?policy=x", f"{DATA}/no-such-page/"):
        assert "Access-Control-Allow-Origin" not in client.get(address), address
