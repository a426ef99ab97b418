"""Tables in four layouts that cities publish, each with the plan workbook that a person would write from it: every value of both
is typed here, none is computed."""

from tests.workbooks.plan import books
from tests.workbooks.tables import human
from tests.workbooks.tables.reading import workbook

EDITIONS = [["key", "name", "first_fiscal_year", "last_fiscal_year"], ["original", "当初", 2011, 2015]]
OF_PROGRAMS = ["number", "number_is_provisional", "policy", "name"]
OF_CONTENTS = ["program", "edition", "contents", "departments"]
OF_PLANS = ["program", "edition", "fiscal_year", "text", "is_none"]
OF_INDICATORS = ["program", "number", "name", "unit", "better", "baseline", "baseline_fiscal_year"]
OF_TARGETS = ["program", "indicator", "edition", "fiscal_year", "value", "text"]


def _a_sheet_a_policy():
    head = ["No.", "取組項目", "所管課", "取組内容", "年度計画", None, None, None, None]
    years = [None, None, None, None, "平成23年度", "平成24年度", "平成25年度", "平成26年度", "平成27年度"]
    return workbook(
        [
            ["方針１　歳入の確保"],
            head,
            years,
            [1, "市税の収納率の向上", "収納課", "口座振替を広げる。", "検討", "実施", "→", "→", "→"],
            [2, "広告収入の確保", "財政課、市民課", "封筒に広告を載せる。", "実施", "継続", "継続", "継続", "継続"],
            [None, "小計", "2項目"],
        ],
        ["E2:I2"],
        "方針1",
        other=[
            (
                "方針2",
                [
                    ["方針２　歳出の削減"],
                    head,
                    years,
                    [3, "事務事業の見直し", "行政経営課", "事業を評価する。", "実施", "実施", "実施", "－", "－"],
                    [4, "庁舎の省エネ", "総務課・財政課", "照明を替える。", "調査", "検討", "実施", "同左", "同左"],
                    [None, "小計", "2項目"],
                    [None, "合計", "4項目"],
                    ["※年度計画の矢印は、前年度からの継続を表す。"],
                ],
            )
        ],
    )


A_SHEET_A_POLICY = {
    "editions": EDITIONS,
    "policies": [["number", "name"], [1, "歳入の確保"], [2, "歳出の削減"]],
    "departments": [
        ["code", "name", "order"],
        ["d01", "収納課", 1],
        ["d02", "財政課", 2],
        ["d03", "市民課", 3],
        ["d04", "行政経営課", 4],
        ["d05", "総務課", 5],
    ],
    "programs": [
        OF_PROGRAMS,
        ["1", False, 1, "市税の収納率の向上"],
        ["2", False, 1, "広告収入の確保"],
        ["3", False, 2, "事務事業の見直し"],
        ["4", False, 2, "庁舎の省エネ"],
    ],
    "program_editions": [
        OF_CONTENTS,
        ["1", "original", "口座振替を広げる。", "d01"],
        ["2", "original", "封筒に広告を載せる。", "d02;d03"],
        ["3", "original", "事業を評価する。", "d04"],
        ["4", "original", "照明を替える。", "d05;d02"],
    ],
    "year_plans": [
        OF_PLANS,
        ["1", "original", 2011, "検討", False],
        ["1", "original", 2012, "実施", False],
        ["1", "original", 2013, "→", False],
        ["1", "original", 2014, "→", False],
        ["1", "original", 2015, "→", False],
        ["2", "original", 2011, "実施", False],
        ["2", "original", 2012, "継続", False],
        ["2", "original", 2013, "継続", False],
        ["2", "original", 2014, "継続", False],
        ["2", "original", 2015, "継続", False],
        ["3", "original", 2011, "実施", False],
        ["3", "original", 2012, "実施", False],
        ["3", "original", 2013, "実施", False],
        ["3", "original", 2014, "－", True],
        ["3", "original", 2015, "－", True],
        ["4", "original", 2011, "調査", False],
        ["4", "original", 2012, "検討", False],
        ["4", "original", 2013, "実施", False],
        ["4", "original", 2014, "実施", False],
        ["4", "original", 2015, "実施", False],
    ],
}


def _two_rows_an_item():
    return workbook(
        [
            ["○○市行財政改革プラン　実施計画"],
            ["番号", "項目名", "担当課", "区分", "指標", "H23", "H24", "H25", "H26", "H27"],
            ["方針１　歳入の確保"],
            [1, "市税の収納率の向上", "収納課", "計画", None, "検討", "検討", "実施", "実施", "実施"],
            [None, None, None, "目標", "収納率（％）", 95.5, 95.8, 96, 96.2, 96.5],
            [2, "広告収入の確保", "財政課", "計画", None, "実施", None, None, None, None],
            [None, None, None, "目標", "広告料（千円）", "1,200", "1,300", "1,400", "1,500", "1,600以上"],
            ["方針２　歳出の削減"],
            [3, "事務事業の見直し", "行政経営課", "計画", None, "H23：検討", "実施", "実施", "実施", "実施"],
            [None, None, None, "目標", "見直した事業", "10件", "10件", "10件", "－", "－"],
            [None, "計", "3"],
        ],
        ["A3:J3", "A4:A5", "B4:B5", "C4:C5", "A6:A7", "B6:B7", "C6:C7", "F6:J6", "A8:J8", "A9:A10", "B9:B10", "C9:C10"],
    )


TWO_ROWS_AN_ITEM = {
    "editions": EDITIONS,
    "policies": [["number", "name"], [1, "歳入の確保"], [2, "歳出の削減"]],
    "departments": [["code", "name", "order"], ["d01", "収納課", 1], ["d02", "財政課", 2], ["d03", "行政経営課", 3]],
    "programs": [
        OF_PROGRAMS,
        ["1", False, 1, "市税の収納率の向上"],
        ["2", False, 1, "広告収入の確保"],
        ["3", False, 2, "事務事業の見直し"],
    ],
    "program_editions": [
        ["program", "edition", "departments"],
        ["1", "original", "d01"],
        ["2", "original", "d02"],
        ["3", "original", "d03"],
    ],
    "year_plans": [
        OF_PLANS,
        ["1", "original", 2011, "検討", False],
        ["1", "original", 2012, "検討", False],
        ["1", "original", 2013, "実施", False],
        ["1", "original", 2014, "実施", False],
        ["1", "original", 2015, "実施", False],
        ["2", "original", 2011, "実施", False],
        ["2", "original", 2012, "実施", False],
        ["2", "original", 2013, "実施", False],
        ["2", "original", 2014, "実施", False],
        ["2", "original", 2015, "実施", False],
        ["3", "original", 2011, "H23：検討", False],
        ["3", "original", 2012, "実施", False],
        ["3", "original", 2013, "実施", False],
        ["3", "original", 2014, "実施", False],
        ["3", "original", 2015, "実施", False],
    ],
    "indicators": [
        OF_INDICATORS,
        ["1", 1, "収納率", "%", "up", None, None],
        ["2", 1, "広告料", "千円", "up", None, None],
        ["3", 1, "見直した事業", "件", "none", None, None],
    ],
    "indicator_targets": [
        OF_TARGETS,
        ["1", 1, "original", 2011, 95.5, None],
        ["1", 1, "original", 2012, 95.8, None],
        ["1", 1, "original", 2013, 96, None],
        ["1", 1, "original", 2014, 96.2, None],
        ["1", 1, "original", 2015, 96.5, None],
        ["2", 1, "original", 2011, 1200, None],
        ["2", 1, "original", 2012, 1300, None],
        ["2", 1, "original", 2013, 1400, None],
        ["2", 1, "original", 2014, 1500, None],
        ["2", 1, "original", 2015, 1600, "以上"],
        ["3", 1, "original", 2011, 10, None],
        ["3", 1, "original", 2012, 10, None],
        ["3", 1, "original", 2013, 10, None],
    ],
}

_DATABASE = """事業コード,事業名,方針,方針名称,所属名,事業概要,H23計画,H24計画,H27計画,指標名称,指標単位,基準値（H22）,指標目標値（H27）,H24決算効果額（歳出削減・千円）
01,髙齢者の窓口,1,市民サービス,市民課,"窓口を
一つにする。",検討,実施,①拡大,待ち時間,分,15,10,
02,電算機の更新,2,歳出の削減,情報政策課,更新を延ばす。,実施,実施,－,,,,,"1,250.5"
03,会議録の公開,1,市民サービス,総務課,公開する。,準備,実施,実施,公開した会議,会議,120,"1,500",
"""
A_DATABASE = {
    "editions": EDITIONS,
    "policies": [["number", "name"], [1, "市民サービス"], [2, "歳出の削減"]],
    "departments": [["code", "name", "order"], ["d01", "市民課", 1], ["d02", "情報政策課", 2], ["d03", "総務課", 3]],
    "programs": [
        OF_PROGRAMS,
        ["01", False, 1, "髙齢者の窓口"],
        ["02", False, 2, "電算機の更新"],
        ["03", False, 1, "会議録の公開"],
    ],
    "program_editions": [
        OF_CONTENTS,
        ["01", "original", "窓口を\n一つにする。", "d01"],
        ["02", "original", "更新を延ばす。", "d02"],
        ["03", "original", "公開する。", "d03"],
    ],
    "year_plans": [
        OF_PLANS,
        ["01", "original", 2011, "検討", False],
        ["01", "original", 2012, "実施", False],
        ["01", "original", 2015, "①拡大", False],
        ["02", "original", 2011, "実施", False],
        ["02", "original", 2012, "実施", False],
        ["02", "original", 2015, "－", True],
        ["03", "original", 2011, "準備", False],
        ["03", "original", 2012, "実施", False],
        ["03", "original", 2015, "実施", False],
    ],
    "indicators": [
        OF_INDICATORS,
        ["01", 1, "待ち時間", "分", "down", 15, 2010],
        ["03", 1, "公開した会議", "会議", "up", 120, 2010],
    ],
    "indicator_targets": [
        OF_TARGETS,
        ["01", 1, "original", 2015, 10, None],
        ["03", 1, "original", 2015, 1500, None],
    ],
    "effects": [
        ["program", "fiscal_year", "kind", "basis", "amount", "unit"],
        ["02", 2012, "saving", "actual", 1250.5, "千円"],
    ],
}


def _half_years():
    return workbook(
        [
            ["進捗状況一覧"],
            ["番号", "項目名", "方針", "指標", "実績", "平成26年度", None, "歳出削減額（千円）"],
            [None, None, None, None, "平成26年度", "上半期", "下半期", "平成26年度 決算"],
            [1, "市税の収納率の向上", "方針１　歳入の確保", "収納率", "96.1%", "A", "S", None],
            [2, "事務事業の見直し", "方針２　歳出の削減", "見直した事業", "8件", "B", "Ａ", "2,300"],
            [3, "庁舎の省エネ", "同上", "－", "－", "－", "B", "△150"],
        ],
        ["A2:A3", "B2:B3", "C2:C3", "D2:D3", "F2:G2"],
    )


HALF_YEARS = {
    "editions": EDITIONS,
    "grades": [
        ["axis", "code", "label", "order", "tone"],
        ["main", "S", "予定以上に進捗", 1, "ahead"],
        ["main", "A", "予定どおりに進捗", 2, "on_track"],
        ["main", "B", "予定よりも遅れている", 3, "behind"],
    ],
    "sources": [["key", "title", "publisher"], ["S1", "進捗状況一覧", "○○市"]],
    "policies": [["number", "name"], [1, "歳入の確保"], [2, "歳出の削減"]],
    "programs": [
        OF_PROGRAMS,
        ["1", False, 1, "市税の収納率の向上"],
        ["2", False, 2, "事務事業の見直し"],
        ["3", False, 2, "庁舎の省エネ"],
    ],
    "program_editions": [["program", "edition"], ["1", "original"], ["2", "original"], ["3", "original"]],
    "indicators": [
        OF_INDICATORS,
        ["1", 1, "収納率", "%", "none", None, None],
        ["2", 1, "見直した事業", "件", "none", None, None],
    ],
    "indicator_actuals": [
        ["program", "indicator", "fiscal_year", "value", "is_forecast"],
        ["1", 1, 2014, 96.1, False],
        ["2", 1, 2014, 8, False],
    ],
    "effects": [
        ["program", "fiscal_year", "kind", "basis", "amount", "unit"],
        ["2", 2014, "saving", "actual", 2300, "千円"],
        ["3", 2014, "saving", "actual", -150, "千円"],
    ],
}

# What the plan is before a table comes in, and what is on every new plan.
BEFORE = {
    "plan": [
        [
            *("slug", "city", "name", "first_fiscal_year", "last_fiscal_year"),
            *("is_fictional", "is_public", "money_unit"),
        ],
        ["human", "○○市", "行財政改革プラン", 2011, 2015, False, False, "千円"],
    ],
    "axes": [["key", "order", "judge"], ["main", 1, "department"]],
}

# Of human-1 what human.py leaves to the plan.
HUMAN = {
    "plan": BEFORE["plan"],
    "departments": [
        ["code", "name", "order"],
        ["d01", "産業振興課", 1],
        ["d02", "市民協働課", 2],
        ["d03", "地域振興課", 3],
        ["d04", "全課", 4],
        ["d05", "税務課", 5],
        ["d06", "収納課", 6],
    ],
}

LAYOUTS = {
    "a-sheet-a-policy": ("方針別.xlsx", _a_sheet_a_policy(), A_SHEET_A_POLICY),
    "two-rows-an-item": ("実施計画.xlsx", _two_rows_an_item(), TWO_ROWS_AN_ITEM),
    "a-database": ("jigyo.csv", _DATABASE.encode("cp932"), A_DATABASE),
    "half-years": ("進捗.xlsx", _half_years(), HALF_YEARS),
    "human-1": ("実施計画.xlsx", human.FILE, None),
}


def written(layout):
    """The workbook of a layout as a person has it, in openpyxl."""
    by_hand = (
        LAYOUTS[layout][2]
        or {sheet: [[*rows[0]], *([*row.values()] for row in rows)] for sheet, rows in human.by_hand().items()} | HUMAN
    )
    return books.written(
        {
            sheet: [dict(zip(head, row, strict=True)) for row in rows]
            for sheet, (head, *rows) in (BEFORE | by_hand).items()
        }
    )
