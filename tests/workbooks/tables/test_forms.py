"""Forms (個票) of every kind: the name of a field in the cell of its value, above it or beside it, several items on a sheet.
Each with the items that it becomes; what is not certain is asked."""

from decimal import Decimal

import pytest

from tests.workbooks.tables.forms import by_another_program
from tests.workbooks.tables.reading import NEW, answered, chosen, made, read, workbook
from workbooks.tables.forms import NAMELESS

ALL = "（シートの上の「所管課」）"


def told(reading):
    """What the items say: number, name, policy, departments, contents, note."""
    return [
        (item.number, item.name, item.policy, item.departments, item.texts.get("contents", ""), item.note)
        for item in reading.items
    ]


def asked(reading):
    return [(doubt.about, doubt.original, doubt.question, doubt.places) for doubt in reading.doubts]


def test_names_and_values_in_one_cell_and_two_items_on_a_sheet():
    data = by_another_program()
    reading = read(data)
    contents = {name: f"{name}を行う。\n毎年見直す。" for _number, name, *_rest in told(reading)}
    assert told(reading) == [
        (number, name, 1, ("総務課",), contents[name], note)
        for number, name, note in (
            ("1", "税収の確保", ""),
            ("2", "窓口の改善", "庁内で検討"),
            ("3", "広告の掲載", ""),
            ("4", "会館の統合", ""),
        )
    ]
    assert [item.place for item in reading.items] == [
        f"「{sheet}」シート {cell}" for sheet in ("総務部", "市民部") for cell in ("D3", "D13")
    ]
    assert asked(reading)[0] == (
        "備考",
        "庁内外で検討",
        "取り消し線の引かれた字を除いて「庁内で検討」と読みました。",
        ["「総務部」シート A16"],
    )
    assert [(row["program"], row["fiscal_year"], row["text"]) for row in made(data)["year_plans"]] == [
        (number, year, step) for number in "1234" for year, step in ((2011, "検討"), (2012, "実施"), (2013, "→"))
    ]


ABOVE = [
    ["個票１"],
    ["番号", "取組項目名", None, "担当課"],
    ["1", "税収の確保", None, "総務課"],
    ["方針"],
    ["方針１ 歳入の確保"],
    ["取組内容"],
    ["税を集める。"],
    ["督促も行う。"],
    [],
    ["年度計画"],
    ["H23", "H24"],
    ["検討", "実施"],
    ["成果指標", "単位", "現状値", "H27目標"],
    ["収納率", "%", 90, 95],
    ["滞納者数", "人", 200, 100],
]


def test_names_above_their_values():
    reading = read(workbook(ABOVE))
    assert told(reading) == [("1", "税収の確保", 1, ("総務課",), "税を集める。\n督促も行う。", "")]
    (item,) = reading.items
    assert item.year_plans == {2011: ("検討", False), 2012: ("実施", False)}
    assert [(one.name, one.unit, one.better, one.baseline, one.targets) for one in item.indicators] == [
        ("収納率", "%", "up", Decimal(90), {2015: (Decimal(95), "")}),
        ("滞納者数", "人", "down", Decimal(200), {2015: (Decimal(100), "")}),
    ]
    assert asked(reading) == [
        (
            "取組内容",
            "（2行以上の「取組内容」）",
            "下の行の、欄の名前のない文を、上の行の続きと読みました。",
            ["「表」シート A7"],
        )
    ]
    first = answered(workbook(ABOVE), {"（2行以上の「取組内容」）": "other"})
    assert first.items[0].texts["contents"] == "税を集める。"


def test_years_beside_the_name_of_the_item():
    rows = [
        ["番号", "取組項目", "H23", "H24"],
        [1, "税収の確保", "検討", "実施"],
        ["方針", "担当課"],
        ["方針１ 歳入", "税務課"],
    ]
    reading = read(workbook(rows))
    assert told(reading) == [("1", "税収の確保", 1, ("税務課",), "", "")]
    assert reading.items[0].year_plans == {2011: ("検討", False), 2012: ("実施", False)}


def test_names_above_their_values_with_items_below_each_other():
    second = [
        ["番号", "取組項目名", None, "担当課"],
        ["2", "窓口の改善", None, "市民課"],
        ["方針"],
        ["方針２ 市民"],
        ["取組内容"],
        ["改める。"],
    ]
    reading = read(workbook([*ABOVE, [], ["個票２"], *second]))
    assert told(reading) == [
        ("1", "税収の確保", 1, ("総務課",), "税を集める。\n督促も行う。", ""),
        ("2", "窓口の改善", 2, ("市民課",), "改める。", ""),
    ]
    (one,) = chosen(workbook([*ABOVE, [], ["個票２"], *second]))  # the second title is none of the first item's values
    assert NAMELESS not in one.grid.line(1)


def test_a_name_merged_over_two_rows_says_that_they_are_one_text():
    rows = [
        ["番号", 1, "取組項目名", "税収の確保"],
        ["方針", "方針１ 歳入", "担当課", "税務課"],
        ["取組内容", "集める。"],
        [None, "督促する。"],
    ]
    reading = read(workbook(rows, merged=["A3:A4"]))
    assert (told(reading), asked(reading)) == (
        [("1", "税収の確保", 1, ("税務課",), "集める。\n督促する。", "")],
        [],
    )


SHARED = [
    ["所管課", "総務課"],
    ["番号", 1, "取組項目名", "税収の確保", "方針", "方針１ 歳入"],
    ["取組内容", "集める。"],
    ["番号", 2, "取組項目名", "窓口の改善", "方針", "方針１ 歳入"],
    ["取組内容", "改める。"],
    ["事業費", "100千円"],
]


def test_what_stands_once_above_several_items_is_asked_and_what_no_rule_knows_is_shown():
    data = workbook(SHARED)
    assert told(read(data)) == [
        ("1", "税収の確保", 1, ("総務課",), "集める。", ""),
        ("2", "窓口の改善", 1, ("総務課",), "改める。", ""),
    ]
    assert asked(read(data)) == [
        (
            "所管課",
            ALL,
            "最初の項目の上に1回だけ書かれているので、このシートのすべての項目の値と読みました。",
            ["「表」シート B1"],
        )
    ]
    assert [item.departments for item in answered(data, {ALL: "other"}).items] == [(), ()]
    (one,) = chosen(data)
    unknown = one.columns[-1]
    assert (one.grid.own(1, one.grid.width), unknown.role.value, one.grid.sheet.place(3, one.grid.width)) == (
        "事業費",
        "ignore",
        "「表」シート B6",
    )


def test_items_beside_each_other_on_a_form_and_years_below_each_other():
    left = ["番号：1", "項目名：税収の確保", "方針：方針１ 歳入", "担当課：税務課"]
    right = ["番号：2", "項目名：窓口の改善", "方針：方針１ 歳入", "担当課：市民課"]
    rows = [[one, None, None, None, other] for one, other in zip(left, right, strict=True)]
    rows += [["年度", "計画", None, None, "年度", "計画"], ["H23", "検討", None, None, "H23", "実施"]]
    reading = read(workbook(rows))
    assert told(reading) == [
        ("1", "税収の確保", 1, ("税務課",), "", ""),
        ("2", "窓口の改善", 1, ("市民課",), "", ""),
    ]
    assert [item.year_plans for item in reading.items] == [{2011: ("検討", False)}, {2011: ("実施", False)}]


def test_a_blank_between_a_name_and_its_value_is_asked():
    rows = [["番号：1"], ["項目名：税収の確保"], ["方針：方針１ 歳入"], ["担当課　税務課"], ["備考　未定"]]
    reading = read(workbook(rows))
    assert told(reading) == [("1", "税収の確保", 1, ("税務課",), "", "未定")]
    assert asked(reading) == [
        (
            name,
            f"（「{name}　…」と書かれたセル）",
            f"空白の前の「{name}」を欄の名前、後ろをその値と読みました。",
            [f"「表」シート A{row}"],
        )
        for name, row in (("担当課", 4), ("備考", 5))
    ]


@pytest.mark.parametrize(
    "rows",
    [
        # one item in a list, another list below it
        [
            ["番号", "取組項目", "方針", "担当課"],
            [1, "税収の確保", "方針１ 歳入", "税務課"],
            [],
            ["番号", "取組項目", "R1決算"],
            [1, "税収の確保", 5],
        ],
        # two rows an item, of which the first column says what they are
        [
            ["番号", "取組項目", "方針", "区分", "H23", "H24"],
            [1, "税収の確保", "方針１ 歳入", "計画", "検討", "実施"],
            [None, None, None, "実績", "検討", "実施"],
            [2, "窓口の改善", "方針１ 歳入", "計画", "検討", "実施"],
            [None, None, None, "実績", "検討", "実施"],
        ],
        # the same of one item
        [
            ["番号", "取組項目", "方針", "担当課", "区分", "H23", "H24"],
            [1, "税収の確保", "方針１ 歳入", "税務課", "計画", "検討", "実施"],
            [None, None, None, None, "実績", "検討した", None],
        ],
    ],
)
def test_a_list_is_no_form(rows):
    assert next(one.grid.sheet.name for one in chosen(workbook(rows))) == "表"


def test_a_form_with_more_names_beside_the_name_of_its_item_is_no_table_of_items_beside_each_other():
    rows = [
        ["番号", 1],
        ["取組項目名", "税収の確保", "担当課", "税務課"],
        ["方針", "方針１ 歳入"],
        ["取組内容", "集める。"],
        ["備考", "なし"],
    ]
    assert told(read(workbook(rows), NEW)) == [("1", "税収の確保", 1, ("税務課",), "集める。", "なし")]


def test_tables_of_years_below_each_other_on_a_form_and_a_kpi():
    """What ends one table of years is the next one; a person is no department, 現状と課題 no baseline."""

    def form(number, name, department, indicator, amounts):
        return [
            ["実施計画 個票"],
            ["番号", number, "取組名", name],
            ["担当課", department, "担当者", "山田 太郎"],
            ["基本方針", "１ 市民サービスの向上"],
            ["現状と課題", "待ち時間が長い。"],
            ["取組内容", "広げる。"],
            ["KPI", "基準値（R3）", "R4目標", "R5目標"],
            [indicator, "10%", "20%", "30%"],
            ["年度計画", "R4", "R5"],
            [None, "検討", "実施"],
            ["効果見込額（千円）", "R4", "R5"],
            [None, *amounts],
        ]

    first = form("1", "窓口", "市民課", "申請率", ["0", "1,000"])
    found = read(workbook(first, title="1", other=[("2", form("2", "広告", "広報課", "掲載率", ["50", "△60"]))]))
    assert [(item.number, item.name, item.departments, item.policy, item.year_plans) for item in found.items] == [
        ("1", "窓口", ("市民課",), 1, {2022: ("検討", False), 2023: ("実施", False)}),
        ("2", "広告", ("広報課",), 1, {2022: ("検討", False), 2023: ("実施", False)}),
    ]
    assert [
        (one.name, one.unit, one.baseline, one.baseline_year, one.targets)
        for item in found.items
        for one in item.indicators
    ] == [
        (name, "%", Decimal(10), 2021, {2022: (Decimal(20), ""), 2023: (Decimal(30), "")})
        for name in ("申請率", "掲載率")
    ]
    assert [[(one.year, one.basis, one.amount) for one in item.effects] for item in found.items] == [
        [(2022, "forecast", Decimal(0)), (2023, "forecast", Decimal(1000))],
        [(2022, "forecast", Decimal(50)), (2023, "forecast", "△60")],
    ]
    assert not any("山田" in str(item) for item in found.items)


def test_a_policy_above_the_fields_is_that_of_the_items_below_and_is_asked():
    """A sheet of three items under two policies, and one that names none; no blank row parts the items."""

    def form(number):
        return [
            ["番号", number],
            ["項目名", f"窓口を改める（{number}）"],
            ["担当課", "総務課"],
            ["取組内容", f"{number}を行う。"],
            ["年度計画", "H26", "H27"],
            [None, "検討", "実施"],
        ]

    first = [["実施計画書"], ["方針１　歳入の確保"], *form(1), *form(2), ["方針２　窓口の改善"], *form(3)]
    data = workbook(first, title="その１", other=[("その２", [["実施計画書"], *form(4)])])
    reading = read(data)
    assert [item.name for item in reading.items] == [f"窓口を改める（{number}）" for number in (1, 2, 3, 4)]
    assert [item.policy for item in reading.items[:3]] == [1, 1, 2]
    above = "（上に書かれた「方針」）"
    assert [(doubt.original, doubt.question, len(doubt.places)) for doubt in reading.doubts[:2]] == [
        (above, "シートの上の「方針１　歳入の確保」を、項目の方針と読みました。", 1),
        (above, "シートの上の「方針２　窓口の改善」を、項目の方針と読みました。", 1),
    ]
    assert (reading.doubts[2].original, reading.doubts[2].chosen) == ("（方針の書かれていない項目）", "")
    other = answered(data, {above: "other"})
    assert [item.policy for item in other.items] == [None] * 4
