"""The files for analysts: their shape, hostile texts, and that ordinary programs read them."""

import csv
import io
import json
import warnings
from decimal import Decimal

import openpyxl
import pandas
import pytest
import time_machine
from django.utils import timezone

from figures import datasets, version
from opendata.tables.table import write_csv
from policies.models import Plan
from programs.models import Program
from reviews import workflow
from reviews.models import PublishedReport, ReportErratum
from tests.libreoffice import sheets_as_csv
from tests.published import CAME_AND_WENT
from tests.reading import csv_rows, finish

LIST = "/plans/kodaira-2/programs"
HEADER = (
    "plan,program_number,is_number_provisional,name,direction_number,direction_name,policy_number,policy_name,edition,"
    "lead_department_code,lead_department_name,as_of,fiscal_year,grade,grade_label,tone,progress,delay_reason,remedy,"
    "recovery_on,previous_as_of,previous_grade,change,source,note,is_fictional,evidence,delay_cause,"
    "added_on,ended_on,end_reason,merged_into_program_number,carried_plan,carried_program_number"
)


def workbook_of(response):
    return openpyxl.load_workbook(io.BytesIO(response.getvalue()))


def cells(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_csv(client, published):
    response = client.get(f"{LIST}.csv")
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbfplan,program_number,")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="kodaira-2_programs_2015-03-31.csv"'
    assert response["Content-Length"] == str(len(content))
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines == [
        HEADER,
        "kodaira-2,1,false,項目1の取組,1,基盤の強化,1,財政基盤の強化,fy2013-revision,zaisei,財政課,2015-03-31,2014,S,予定以上に進捗,ahead,説明会を3回開いた。,,,,2014-09-30,A,better,S1,,false,,,,,,,,",
        "kodaira-2,2,false,項目2の取組,1,基盤の強化,2,執行体制の再構築,fy2013-revision,zeimu,税務課,2015-03-31,2014,B,予定よりも遅れている,behind,説明会を3回開いた。,関係者との調整に時間を要した。,協議の回数を増やす。,2016-03-31,2014-09-30,S,worse,S1,,false,,,,,,,,",
        "kodaira-2,3,true,,1,基盤の強化,1,財政基盤の強化,fy2013-revision,zaisei,財政課,2015-03-31,2014,,,,,,,,2014-09-30,,,S1,,false,,,,,,,,",
        "",
    ]


def test_csv_without_byte_order_mark(client, published):
    with_mark, without = (client.get(f"{LIST}.csv?bom={bom}").getvalue() for bom in (1, 0))
    assert with_mark == b"\xef\xbb\xbf" + without
    assert client.get(f"{LIST}.csv?bom=2").status_code == 400


def test_csv_for_excel_has_no_text_that_excel_would_run_and_leaves_numbers_alone():
    row = ("=1+1", "'-2", "-", "'plain", "全角＝", "a=b", Decimal("-5.50"), -3, None)
    written = {}
    for bom in (True, False):
        file = io.BytesIO()
        write_csv(file, ["@text"], [row], bom=bom)
        written[bom] = file.getvalue().decode()
    assert written == {
        True: "\ufeff'@text\r\n'=1+1,''-2,-,'plain,全角＝,a=b,-5.5,-3,\r\n",
        False: "@text\r\n=1+1,'-2,-,'plain,全角＝,a=b,-5.5,-3,\r\n",
    }


def test_json(client, published):
    response = client.get(f"{LIST}.json?policy=2")
    assert response["Content-Type"] == "application/json"
    text = response.getvalue().decode()
    assert "執行体制の再構築" in text
    assert json.loads(text) == {
        "count": 1,
        "plan": "kodaira-2",
        "licence": "公共データ利用規約（第1.0版）",
        "items": [
            {
                "plan": "kodaira-2",
                "number": "2",
                "program_number": "2",
                "is_number_provisional": False,
                "name": "項目2の取組",
                "direction_number": 1,
                "direction_name": "基盤の強化",
                "policy_number": 2,
                "policy_name": "執行体制の再構築",
                "edition": "fy2013-revision",
                "lead_department_code": "zeimu",
                "lead_department_name": "税務課",
                "as_of": "2015-03-31",
                "fiscal_year": 2014,
                "grade": "B",
                "grade_label": "予定よりも遅れている",
                "tone": "behind",
                "progress": "説明会を3回開いた。",
                "delay_reason": "関係者との調整に時間を要した。",
                "remedy": "協議の回数を増やす。",
                "recovery_on": "2016-03-31",
                "previous_as_of": "2014-09-30",
                "previous_grade": "S",
                "change": "worse",
                "source": "S1",
                "note": None,
                "is_fictional": False,
                "evidence": None,
                "delay_cause": None,
                **dict.fromkeys(CAME_AND_WENT),
                "departments": [{"department_code": "zeimu", "department_name": "税務課"}],
            }
        ],
        "errata": [],
    }


def test_json_without_items(client, published):
    assert json.loads(client.get(f"{LIST}.json?grade=A").getvalue())["items"] == []


@time_machine.travel("2026-04-01 09:00+09:00", tick=False)
def test_workbook(client, published):
    response = client.get(f"{LIST}.xlsx?policy=2&grade=B")
    assert response["Content-Disposition"] == (
        'attachment; filename="kodaira-2_programs_2015-03-31_policy-2_grade-B.xlsx"'
    )
    workbook = workbook_of(response)
    machine = ["programs", "long", "errata", "codes", "sources"]
    assert workbook.sheetnames == ["表紙", "一覧", "集計", "指標", "効果額", *machine]
    header, row = cells(workbook["programs"])
    assert dict(zip(header, map(str, row), strict=True)) == {
        "番号": "2",
        "番号は仮": "None",
        "項目名": "項目2の取組",
        "方向性": "1 基盤の強化",
        "方針": "2 執行体制の再構築",
        "推進担当課": "税務課",
        "基準日": "2015-03-31 00:00:00",
        "評価": "B",
        "評価の名称": "予定よりも遅れている",
        "前回の評価": "S",
        "前回から": "下がった",
        "取組状況": "説明会を3回開いた。",
        "評価の根拠": "None",
        "遅れの原因": "None",
        "遅れの理由": "関係者との調整に時間を要した。",
        "対応策": "協議の回数を増やす。",
        "回復予定日": "2016-03-31 00:00:00",
        "追加・終了": "None",
        "備考": "None",
        "出典": "S1",
        "データの種類": "None",
    }
    nothing = [*["None"] * 4, "program", *["None"] * 6]
    long = [[str(value) for value in row] for row in cells(workbook["long"])]
    assert long == [
        [
            *("plan", "program_number", "as_of", "fiscal_year", "measure", "value", "unit", "source", "is_fictional"),
            *(
                "indicator",
                "edition",
                "kind",
                "basis",
                "level",
                "policy_number",
                "category",
                "account",
                "series",
                "axis",
                "plan_indicator",
            ),
        ],
        ["kodaira-2", "2", "2014-09-30 00:00:00", "2014", "grade", "S", "grade_code", "site", "False", *nothing],
        ["kodaira-2", "2", "2015-03-31 00:00:00", "2014", "grade", "B", "grade_code", "site", "False", *nothing],
    ]
    codes = cells(workbook["codes"])
    assert codes[0] == ["kind", "code", "label", "meaning", "is_fictional"]
    assert [row[1] for row in codes if row[0] == "grade"] == ["S", "A", "B"]
    assert [row[1] for row in codes if row[0] == "column"] == HEADER.split(",")
    sources = cells(workbook["sources"])
    assert [row[:3] for row in sources] == [
        ["kind", "key", "title"],
        ["about", "plan", "テスト計画"],
        ["about", "city", "小平市"],
        ["about", "period", "平成23年度（2011年度）から平成27年度（2015年度）まで"],
        ["about", "as_of", "2015-03-31"],
        ["about", "filter:policy", "2"],
        ["about", "filter:grade", "B"],
        ["about", "generated_at", timezone.localtime(version.current().moved_at).isoformat(timespec="seconds")],
        ["about", "licence", "公共データ利用規約（第1.0版）"],
        ["source", "S1", "テスト資料"],
    ]


def test_workbook_is_set_up_for_reading_and_printing(client, published):
    sheet = workbook_of(client.get(f"{LIST}.xlsx"))["programs"]
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == "A1:U4"
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$C")
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "8")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
    assert sheet.oddHeader.left.text == "小平市 テスト計画　実施項目　平成27年（2015年）3月31日現在"
    assert sheet["A1"].font.bold is True
    assert sheet["C2"].alignment.wrap_text is True
    assert sheet.column_dimensions["C"].width == 6 * 2 + 1 + 2  # 項目名 未登録: six wide characters, a space, a margin
    assert sheet["G2"].number_format == "yyyy-mm-dd"


def test_codes_that_come_after_the_grades_of_all_items_have_room_in_the_tidy_table(client, published):
    sheet = workbook_of(client.get(f"{LIST}.xlsx"))["long"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    widths = {name: sheet.column_dimensions[letters[name]].width for name in ("measure", "basis", "edition")}
    assert widths == {
        "measure": len("indicator_forecast") + 2,
        "basis": len("forecast") + 2,
        "edition": len("fy2013-revision") + 2,
    }


def test_workbook_before_any_publication(client, plan):
    response = client.get(f"{LIST}.xlsx")
    assert response["Content-Disposition"] == 'attachment; filename="kodaira-2_programs.xlsx"'
    workbook = workbook_of(response)
    assert [row[8] for row in cells(workbook["programs"])] == ["評価の名称", "未登録", "未登録", "未登録"]
    assert len(cells(workbook["long"])) == 1


def test_characters_that_xml_forbids_are_marked_in_the_workbook_only(client, published):
    text = "前\x0b後\x1f\ufffe\uffff"
    Program.objects.filter(number="1").update(name=text)
    assert csv_rows(client.get(f"{LIST}.csv").getvalue())[0]["name"] == text
    assert workbook_of(client.get(f"{LIST}.xlsx"))["programs"]["C2"].value == "前\ufffd後\ufffd\ufffd\ufffd"


def test_name_of_the_plan_cannot_break_header_or_file_name(client, published):
    Plan.objects.update(name='A&B "計画"\n&D')
    response = client.get(f"{LIST}.xlsx?q=%2F..%22")
    assert workbook_of(response)["programs"].oddHeader.left.text.startswith("小平市 A&&B")
    assert response["Content-Disposition"] == 'attachment; filename="kodaira-2_programs_2015-03-31_q--..-.xlsx"'


def test_japanese_keyword_in_the_file_name(client, published):
    response = client.get(f"{LIST}.csv?q=項目")
    assert len(csv_rows(response.getvalue())) == 2
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''kodaira-2_programs_2015-03-31_q-%E9%A0%85%E7%9B%AE.csv"
    )


def test_fictional_data_is_marked_in_every_file_and_sheet(client, published):
    Plan.objects.update(is_fictional=True)
    assert {row["is_fictional"] for row in csv_rows(client.get(f"{LIST}.csv").getvalue())} == {"true"}
    data = json.loads(client.get(f"{LIST}.json").getvalue())
    assert (data["notice"], {item["is_fictional"] for item in data["items"]}) == ("架空のデータ", {True})
    workbook = workbook_of(client.get(f"{LIST}.xlsx"))
    assert {row[-1] for row in cells(workbook["programs"])[1:]} == {"架空のデータ"}
    for name in ("long", "codes", "sources"):
        header, *rows = cells(workbook[name])
        assert {row[header.index("is_fictional")] for row in rows} == {True}
    assert workbook["programs"].oddHeader.left.text.startswith("【架空のデータ】")


def test_pandas_reads_every_format_alike(client, published):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = pandas.read_csv(io.BytesIO(client.get(f"{LIST}.csv").getvalue()), dtype={"program_number": str})
        sheets = pandas.read_excel(
            io.BytesIO(client.get(f"{LIST}.xlsx").getvalue()),
            sheet_name=None,
            dtype={"program_number": str},
            engine="openpyxl",
        )
        items = pandas.DataFrame(json.loads(client.get(f"{LIST}.json").getvalue())["items"])
    assert list(table["program_number"]) == list(items["number"]) == ["1", "2", "3"]
    assert table["is_number_provisional"].dtype == bool
    assert list(table["grade"].fillna("")) == list(items["grade"].fillna("")) == ["S", "B", ""]
    long = sheets["long"]
    latest = long[(long["measure"] == "grade") & (long["as_of"] == "2015-03-31")]
    assert dict(zip(latest["program_number"], latest["value"], strict=True)) == {"1": "S", "2": "B"}


@pytest.mark.soak
@pytest.mark.libreoffice
def test_libreoffice_opens_the_workbook(client, published, tmp_path):
    Program.objects.filter(number="1").update(name="=1+1")
    path = tmp_path / "programs.xlsx"
    path.write_bytes(client.get(f"{LIST}.xlsx").getvalue())
    sheets_as_csv(path, tmp_path)
    rows = list(csv.reader((tmp_path / "programs-programs.csv").read_text().splitlines()))
    assert [row[:3] for row in rows] == [
        ["番号", "番号は仮", "項目名"],
        ["1", "", "=1+1"],
        ["2", "", "項目2の取組"],
        ["3", "仮", "項目名 未登録"],
    ]
    for_people = ("表紙", "一覧", "集計", "指標", "効果額")
    for_programs = ("programs", "long", "errata", "codes", "sources")
    names = {f"programs-{sheet}.csv" for sheet in (*for_people, *for_programs)}
    assert {found.name for found in tmp_path.glob("*.csv")} == names


def test_head_tells_the_size_without_the_file(client, published):
    response = client.head(f"{LIST}.csv")
    assert response.status_code == 200
    assert int(response["Content-Length"]) > 0
    assert finish(response) == b""


def test_an_item_that_came_and_went_says_so(client, published):
    into = Program.objects.get(plan=published, number="1")
    Program.objects.filter(plan=published, number="2").update(
        added_on="2013-04-01", ended_on="2015-03-31", end_reason="merged", merged_into=into
    )
    row = csv_rows(client.get(f"{LIST}.csv").getvalue())[1]
    assert [row[name] for name in CAME_AND_WENT] == ["2013-04-01", "2015-03-31", "merged", "1", "", ""]
    header, _, shown, _ = cells(workbook_of(client.get(f"{LIST}.xlsx"))["programs"])
    said = dict(zip(header, shown, strict=True))["追加・終了"]
    assert said == "2013-04-01 追加、2015-03-31 終了（統合: 1）"
    then = csv_rows(client.get(f"{LIST}.csv?round=2015-03-31").getvalue())  # what was published never changes
    assert [then[1][name] for name in CAME_AND_WENT] == [""] * 6


def test_errata_are_those_of_the_items_that_were_asked_for(client, published, cast, django_assert_num_queries):
    """Looked for from the few errata: a database that has not counted its rows yet does not go through all items for each."""
    for row in PublishedReport.objects.filter(round__as_of="2015-03-31").exclude(grade_code=""):
        workflow.correct(row, "grade", "A", reason="転記の誤りを直した。", by=cast.office)
    found = client.get(f"{LIST}.json?policy=2").json()
    assert [(one["program_number"], one["field"], one["new"]) for one in found["errata"]] == [("2", "grade", "A")]
    assert [one["program_number"] for one in client.get(f"{LIST}.json").json()["errata"]] == ["2", "1"]
    snapshot = datasets.snapshot(published, datasets.published_rounds(published), datasets.frozen_editions(published))
    with django_assert_num_queries(2):
        assert [row.program_number for row in snapshot.errata(snapshot.programs())] == ["2", "1"]
    errata = ReportErratum.objects.all()
    errata._raw_delete(errata.db)  # what nobody may do: an erratum stays
    with django_assert_num_queries(1):
        assert snapshot.errata(snapshot.programs()) == []
