"""Other shapes in which cities keep their plans, each with the workbook that it becomes."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest

from core.spreadsheets import loose
from tests.workbooks.tables.reading import chosen, made, read, workbook
from workbooks.tables.known import KnownPlan
from workbooks.tables.layout import RowKind, kind_of

KNOWN = KnownPlan(
    "human",
    2019,
    2021,
    "original",
    policies={1: "歳入の確保", 2: "歳出の削減"},
    codes=frozenset({"d07", "zaisei"}),
    departments={"財政課": "zaisei"},
)

# A sheet a policy, its name above the table; the years of the plan under one heading; amounts in 万円.
HEADINGS = ["No.", "取組項目", "所管課", "取組内容", "推進計画", None, None, "効果額（万円）", None]
YEARS = [None, None, None, None, "令和元年度", "R2", "2021", "R1決算", "R2見込"]
SHEET_A_POLICY = workbook(
    [
        ["方針１　歳入の確保"],
        HEADINGS,
        YEARS,
        ["1-1", "ふるさと納税", "財政課", "寄附を募る。", "準備", "実施", "⇒", 1234, "1,500"],
        ["1-2", "広告収入", "広報課、財政課", "広告を載せる。", "なし", "実施", "実施", "－", 30.5],
        [None, "小計", None, None, None, None, None, 1234, 1530.5],
    ],
    title="歳入",
    other=[
        (
            "歳出",
            [
                ["方針２　歳出の削減"],
                HEADINGS,
                YEARS,
                ["2-1", "補助金の見直し", "財政課", "補助金を見直す。", "検討", "検討", "実施", None, "△50"],
                ["※ 効果額は概算です。"],
            ],
        ),
        ("表紙", [["○○市行政改革"], ["令和元年6月"]]),
    ],
)


def test_a_sheet_a_policy():
    found = made(SHEET_A_POLICY, KNOWN)
    assert [(row["number"], row["policy"], row["name"]) for row in found["programs"]] == [
        ("1-1", 1, "ふるさと納税"),
        ("1-2", 1, "広告収入"),
        ("2-1", 2, "補助金の見直し"),
    ]
    assert found["departments"] == [{"code": "d08", "name": "広報課"}]
    assert [(row["program"], row["departments"]) for row in found["program_editions"]] == [
        ("1-1", "zaisei"),
        ("1-2", "d08;zaisei"),
        ("2-1", "zaisei"),
    ]
    assert [(row["program"], row["fiscal_year"], row["text"], row["is_none"]) for row in found["year_plans"]] == [
        ("1-1", 2019, "準備", False),
        ("1-1", 2020, "実施", False),
        ("1-1", 2021, "⇒", False),
        ("1-2", 2019, "なし", True),
        ("1-2", 2020, "実施", False),
        ("1-2", 2021, "実施", False),
        ("2-1", 2019, "検討", False),
        ("2-1", 2020, "検討", False),
        ("2-1", 2021, "実施", False),
    ]
    assert found["effects"] == [
        {"program": program, "fiscal_year": year, "kind": "saving", "basis": basis, "amount": amount}
        for program, year, basis, amount in [
            ("1-1", 2019, "actual", 12340),
            ("1-1", 2020, "forecast", 15000),
            ("1-2", 2020, "forecast", 305),
            ("2-1", 2020, "forecast", "△500"),  # what it means is asked with the preview
        ]
    ]
    assert "editions" not in found


def test_a_sheet_without_a_table_is_not_read_and_the_policy_of_a_sheet_is_asked():
    assert [one.grid.sheet.name for one in chosen(SHEET_A_POLICY)] == ["歳入", "歳出"]
    asked = [doubt.question for doubt in read(SHEET_A_POLICY, KNOWN).doubts if doubt.about == "方針"]
    assert asked == [
        "このシートの項目を、すべて「方針1 歳入の確保」の項目と読みました。",
        "このシートの項目を、すべて「方針2 歳出の削減」の項目と読みました。",
    ]


# Two rows an item: what is planned, and below it what is to be reached; policies as lines between the items.
TWO_ROWS = workbook(
    [
        ["行政改革 実施計画（抜粋）"],
        ["項目番号", "実施項目", "担当部署", "区分", "指標", "現状値", "令和元年度", "令和2年度", "令和3年度"],
        ["方針１　歳入の確保"],
        [1, "収納率の向上", "税務課", "計画", None, None, "検討", "実施", "→"],
        [None, None, None, "目標", "収納率（％）", "93.4（H30）", "94.0%", "94.5%", "95.0%以上"],
        [2, "滞納の整理", "税務課", "計画", None, None, "実施", "→", "→"],
        [None, None, None, "目標", "滞納額", "H30：1,200千円", "1,100千円", "1,000千円", "900千円以下"],
        ["方針２　歳出の削減"],
        [3, "会議の見直し", "総務課", "計画", None, None, "検討", "実施", "継続"],
        [None, None, None, "目標", "会議の数", "40回", "-", "30回", "25回"],
    ],
    merged=["A3:I3", "A4:A5", "B4:B5", "C4:C5", "A6:A7", "B6:B7", "C6:C7", "A8:I8", "A9:A10", "B9:B10", "C9:C10"],
)


def test_two_rows_an_item():
    found = made(TWO_ROWS, KNOWN)
    assert [(row["number"], row["policy"], row["name"]) for row in found["programs"]] == [
        ("1", 1, "収納率の向上"),
        ("2", 1, "滞納の整理"),
        ("3", 2, "会議の見直し"),
    ]
    assert [[row["fiscal_year"], row["text"]] for row in found["year_plans"] if row["program"] == "1"] == [
        [2019, "検討"],
        [2020, "実施"],
        [2021, "→"],
    ]
    assert [
        [row[name] for name in ("program", "number", "name", "unit", "better", "baseline", "baseline_fiscal_year")]
        for row in found["indicators"]
    ] == [
        ["1", 1, "収納率", "%", "up", 93.4, 2018],
        ["2", 1, "滞納額", "千円", "down", 1200, 2018],
        ["3", 1, "会議の数", "回", "down", 40, None],
    ]
    assert [
        [row[name] for name in ("program", "fiscal_year", "value", "text")] for row in found["indicator_targets"]
    ] == [
        ["1", 2019, 94, None],
        ["1", 2020, 94.5, None],
        ["1", 2021, 95, "以上"],
        ["2", 2019, 1100, None],
        ["2", 2020, 1000, None],
        ["2", 2021, 900, "以下"],
        ["3", 2020, 30, None],
        ["3", 2021, 25, None],
    ]


# Years above half-years, merged as people do.
HALF_YEARS = ["番号", "項目名", "方針", "令和元年度", None, "令和2年度", None]


def halves(*rows):
    heads = [HALF_YEARS, [None, None, None, "上半期", "下半期", "上半期", "下半期"]]
    return workbook([*heads, *rows], merged=["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1"])


def test_grades_by_half_year_are_results_and_no_plans():
    data = halves(["1", "窓口", 1, "A", "S", "Ａ", "○"], ["2", "広告", 1, "B", "－", None, "△"])
    found = read(data, KNOWN)
    assert found.results == {
        datetime.date(2019, 9, 30): {"1": ("A", ""), "2": ("B", "")},
        datetime.date(2020, 3, 31): {"1": ("S", "")},
        datetime.date(2020, 9, 30): {"1": ("Ａ", "")},
        datetime.date(2021, 3, 31): {"1": ("○", ""), "2": ("△", "")},
    }
    assert [item.year_plans for item in found.items] == [{}, {}]


def test_plans_by_half_year_stay_both_of_them():
    """The later half took the place of the earlier one without a word."""
    data = halves(["1", "窓口", 1, "検討", "試行", "実施", "実施"], ["2", "広告", 1, "検討", "検討", None, "実施"])
    found = read(data, KNOWN)
    assert [(one.original, one.question, one.places) for one in found.doubts if one.about == "年度計画"] == [
        (
            "上半期・下半期",
            "1つの年度の計画が、2つの欄にあります。見出しを付けて続け（「上半期：…」）、1つの年度計画と読みました。",
            ["「表」シート D3"],
        ),
    ]
    assert [item.year_plans for item in found.items] == [
        {2019: ("上半期：検討\n下半期：試行", False), 2020: ("実施", False)},
        {2019: ("検討", False), 2020: ("下半期：実施", False)},
    ]


@pytest.mark.parametrize(("marks", "plans"), [(["A", "B"], [{}, {}]), (["○", "○"], [{2019: ("○", False)}] * 2)])
def test_letters_under_a_year_are_grades_and_circles_are_plans(marks, plans):
    data = workbook([HALF_YEARS[:4], ["1", "窓口", 1, marks[0]], ["2", "広告", 1, marks[1]]])
    found = read(data, KNOWN)
    assert [item.year_plans for item in found.items] == (plans if not found.problems else [{}, {}])
    told = [
        "「表」シート D2: 評価の列「令和元年度」が、いつの時点のものか分かりません。列の役割の画面で基準日を選んでください。"
    ]
    assert found.problems == (told if "A" in marks else [])


def test_a_column_without_heading_and_values_is_for_nothing():
    """Nor is one with a single value: it may be anything."""
    data = workbook([["番号", "項目名", "方針", None, None], ["1", "窓口", 1, None, 7], ["2", "広告", 1, None, None]])
    (one,) = chosen(data)
    assert [column.role.value for column in one.columns] == ["number", "name", "policy", "ignore", "ignore"]
    headless = workbook([["項目名", "方針", None, None], ["窓口", 1, None, None], ["広告", 1, None, "注"]])
    (one,) = chosen(headless)
    assert [column.role.value for column in one.columns] == ["name", "policy", "ignore", "ignore"]


DATABASE = (
    "事業コード,事業名,方針,所属名,事業概要,R1計画,R2計画,R3計画,指標１名称,指標１単位,指標１基準値,指標１目標値（R3）,指標２名称,指標２目標値（R3）,備考\r\n"
    '０１,防災訓練,１,防災課,"訓練を行う。\r\n広報する。",準備,実施,実施,参加者数,人,"1,200","1,500",満足度,80%以上,\r\n'
    "０２,①窓口改善,2,市民課,窓口を改める。,実施,実施,実施,待ち時間,分,15,10,,,髙橋町を除く\r\n"
)


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8", "utf-8-sig", "utf-16", "iso2022_jp"])
def test_a_csv_of_a_database_in_any_japanese_encoding(encoding):
    written = DATABASE if encoding not in ("euc_jp", "iso2022_jp") else DATABASE.replace("①", "").replace("髙", "高")
    found = made(written.encode(encoding), KNOWN)
    same = written == DATABASE
    assert [(row["number"], row["policy"], row["name"], row["note"]) for row in found["programs"]] == [
        ("01", 1, "防災訓練", None),
        ("02", 2, "①窓口改善" if same else "窓口改善", "髙橋町を除く" if same else "高橋町を除く"),
    ]
    assert [row["contents"] for row in found["program_editions"]] == ["訓練を行う。\n広報する。", "窓口を改める。"]
    assert [
        [row[name] for name in ("program", "number", "name", "unit", "better", "baseline")]
        for row in found["indicators"]
    ] == [
        ["01", 1, "参加者数", "人", "up", 1200],
        ["01", 2, "満足度", "%", "up", None],
        ["02", 1, "待ち時間", "分", "down", 15],
    ]
    assert [
        [row[name] for name in ("program", "indicator", "fiscal_year", "value", "text")]
        for row in found["indicator_targets"]
    ] == [["01", 1, 2021, 1500, None], ["01", 2, 2021, 80, "以上"], ["02", 1, 2021, 10, None]]


@pytest.mark.parametrize("text", ["あいうえおかきくけこ", "アイウエオ,かな", "ｱｲｳｴｵ"])
@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_kana_alone_tell_one_encoding_from_the_other(text, encoding):
    """Each of the two can be read as the other, as half-width kana; half-width kana themselves are taken for Shift JIS."""
    if (text, encoding) != ("ｱｲｳｴｵ", "euc_jp"):
        assert loose.decoded(text.encode(encoding)) == text


PASTED = """<html><body><!--StartFragment--><table><tr><th rowspan=2>番号</th><th rowspan=2>項目名</th><th rowspan=2>方針</th>
<th rowspan=2>担当課</th><th colspan=2>年度計画</th></tr><tr><th>R1</th><th>R2</th></tr>
<tr><td>1</td><td>窓口の<br>改善</td><td rowspan=2>方針１　歳入の確保</td><td>市民課</td><td colspan=2>実施</td></tr>
<tr><td>2</td><td>A&amp;Bの見直し</td><td>同上</td><td>検討</td><td>〃</td></tr></table></body></html>"""


def test_cells_pasted_from_a_browser():
    found = made(PASTED.encode(), KNOWN)
    assert [(row["number"], row["policy"], row["name"]) for row in found["programs"]] == [
        ("1", 1, "窓口の改善"),
        ("2", 1, "A&Bの見直し"),
    ]
    assert [row["departments"] for row in found["program_editions"]] == ["d08", "d08"]
    assert [(row["program"], row["fiscal_year"], row["text"]) for row in found["year_plans"]] == [
        ("1", 2019, "実施"),
        ("1", 2020, "実施"),
        ("2", 2019, "検討"),
        ("2", 2020, "検討"),
    ]


def test_cells_pasted_as_text():
    pasted = '番号\t項目名\t方針\t担当課\n1\t"窓口の\n改善"\t1\t市民課\n2\t"""新""の見直し"\t\t財政課\n'
    found = made(pasted.encode(), KNOWN)
    assert [(row["number"], row["policy"], row["name"]) for row in found["programs"]] == [
        ("1", 1, "窓口の改善"),
        ("2", 1, '"新"の見直し'),
    ]


def test_what_the_rows_of_a_table_are():
    data = workbook(
        [
            ["番号", "項目名", "担当課", "実施内容"],
            ["1", "項目1", "財政課", "行う。"],
            [],
            ["番号", "項目名", "担当課", "実施内容"],
            ["2", "項目2", "財政課", "行う。"],
            [None, "合計", None, "2"],
            ["※番号は通し番号"],
        ]
    )
    (one,) = chosen(data)
    assert (one.layout.first, one.layout.last) == (2, 6)
    assert [kind_of(one.grid, row, one.layout) for row in range(2, 8)] == [
        RowKind.DATA,
        RowKind.BLANK,
        RowKind.HEADING,
        RowKind.DATA,
        RowKind.TOTAL,
        RowKind.NOTE,
    ]


def test_what_stops_a_table_is_said_with_its_cell():
    data = workbook([["番号", "項目名", "方針"], ["1", "=1+", "方針９"], ["1", "別の項目", 1], ["2", "項目2", None]])
    assert read(data, KNOWN).problems == [
        "「表」シート B2: 計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。",
        "「表」シート B3: 番号1が 「表」シート B2 にもあり、項目名が違います。表の番号を直してください。",
    ]
    assert read(workbook([["あ", "い"], [1, 2]]), KNOWN).problems == [
        "項目が1件も見つかりません。見出しの行と、列の役割を確かめてください。"
    ]


def test_what_a_program_made_of_a_number_and_what_a_cell_shows():
    """1-2 that became a day, 0.681 that is shown as 68.1 %, and the items that a row of totals counts."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["番号", "項目名", "方針", "指標", "目標（R3）", "備考"])
    sheet.append([datetime.date(2019, 1, 2), "収納", "方針１　歳入の確保", "収納率", 0.681, datetime.date(2019, 4, 1)])
    sheet.append(["1-3", "滞納", None, "滞納率", 0.05, None])
    sheet.append([None, "計", "3"])
    sheet["B4"], sheet["C4"] = "5件", "計"
    for cell in ("E2", "E3"):
        sheet[cell].number_format = "0.0%"
    file = io.BytesIO()
    book.save(file)
    reading = read(file.getvalue(), KNOWN)
    assert [item.number for item in reading.items] == ["1-2", "1-3"]
    assert [(doubt.original, doubt.question) for doubt in reading.doubts if doubt.about == "番号"] == [
        ("2019-01-02", "番号が日付（2019-01-02）になっています。「1-2」と読みました。")
    ]
    assert [(one.unit, dict(one.targets)) for item in reading.items for one in item.indicators] == [
        ("%", {2021: (Decimal("68.1"), "")}),
        ("%", {2021: (Decimal(5), "")}),
    ]
    assert reading.notes == [
        "「Sheet」シート E2: 百分率（%）の書式で表示されている値を、表示のとおり 68.1 と読みました。",
        "「Sheet」シート E3: 百分率（%）の書式で表示されている値を、表示のとおり 5 と読みました。",
        "「Sheet」シート B4: 計の行には5とありますが、読んだ項目は2件です。",
    ]
