"""Sheets that are no list with a row an item: a sheet an item, items beside each other, several tables on a sheet, years below
each other. Each with the workbook that it becomes."""

import io

import openpyxl
import pytest

from tests.workbooks.tables.reading import answered, chosen, made, read, workbook
from workbooks.tables.known import KnownPlan
from workbooks.tables.layout import RowKind, kind_of

NEW = KnownPlan("human", 2019, 2021, "original", "当初", edition_is_new=True)
STEPS = ["検討", "試行", "実施"]


def programs(found):
    return [(row["number"], row["policy"], row["name"]) for row in found["programs"]]


def plans(found, program):
    return [(row["fiscal_year"], row["text"]) for row in found["year_plans"] if row["program"] == program]


def targets(found):
    return [
        [row[name] for name in ("program", "indicator", "fiscal_year", "value")] for row in found["indicator_targets"]
    ]


def effects(found):
    return [[row[name] for name in ("program", "fiscal_year", "kind", "basis", "amount")] for row in found["effects"]]


def forms():
    """A sheet an item: labels with their values beside them, the years and the indicators as tables within."""
    book = openpyxl.Workbook()
    book.active.title = "表紙"
    book.active["A1"] = "○○市 実施計画 個票集"
    for number, name, departments in ((1, "税収の確保", "税務課、収納課"), (2, "窓口の改善", "市民課")):
        sheet = book.create_sheet(f"個票{number}")
        sheet["A1"] = "実施計画 個票"
        sheet.merge_cells("A1:F1")
        sheet["A3"], sheet["B3"], sheet["C3"], sheet["D3"] = "番号", number, "取組項目名", name
        sheet.merge_cells("D3:F3")
        sheet["A4"], sheet["B4"], sheet["C4"], sheet["D4"] = "方針", "方針１ 歳入の確保", "担当課", departments
        sheet["A5"], sheet["B5"] = "取組内容", f"{name}を行う。"
        sheet.merge_cells("B5:F5")
        sheet["A6"] = "年度計画"
        sheet.merge_cells("A6:A7")
        for index, (year, step) in enumerate(zip(["R1", "R2", "R3"], STEPS, strict=True), 2):
            sheet.cell(6, index, year)
            sheet.cell(7, index, step)
        for index, text in enumerate(["成果指標", "単位", "現状値", "R2目標", "R3目標"], 1):
            sheet.cell(9, index, text)
        for row, line in enumerate([["収納率", "%", 93, 94, 95], ["待ち時間", "分", 9, 8, 7]], 10):
            for index, value in enumerate(line, 1):
                sheet.cell(row, index, value)
        sheet["A13"], sheet["B13"] = "備考", "※R2見直し" if number == 2 else None
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_sheet_an_item_becomes_one_table_whose_cells_say_where_they_stand():
    data = forms()
    (one,) = chosen(data)
    assert (one.grid.sheet.name, one.layout.header, one.layout.first, one.layout.last) == ("個票の一覧", 1, 3, 4)
    reading = read(data, NEW)
    assert [doubt.original for doubt in reading.doubts] == []
    assert [item.place for item in reading.items] == ["「個票1」シート D3", "「個票2」シート D3"]
    found = made(data, NEW)
    assert programs(found) == [("1", 1, "税収の確保"), ("2", 1, "窓口の改善")]
    assert [row["note"] for row in found["programs"]] == [None, "※R2見直し"]
    assert [(row["contents"], row["departments"]) for row in found["program_editions"]] == [
        ("税収の確保を行う。", "d01;d02"),
        ("窓口の改善を行う。", "d03"),
    ]
    assert plans(found, "1") == plans(found, "2") == list(zip([2019, 2020, 2021], STEPS, strict=True))
    assert [
        [row[name] for name in ("program", "number", "name", "unit", "better", "baseline")]
        for row in found["indicators"]
    ] == [
        ["1", 1, "収納率", "%", "up", 93],
        ["1", 2, "待ち時間", "分", "down", 9],
        ["2", 1, "収納率", "%", "up", 93],
        ["2", 2, "待ち時間", "分", "down", 9],
    ]
    assert targets(found) == [
        [program, indicator, year, value]
        for program in ("1", "2")
        for indicator, year, value in ((1, 2020, 94), (1, 2021, 95), (2, 2020, 8), (2, 2021, 7))
    ]


def test_items_beside_each_other():
    data = workbook(
        [
            ["項目番号", 1, 2],
            ["取組項目", "税収の確保", "窓口の改善"],
            ["方針", "方針１ 歳入の確保", "方針２ 市民サービス"],
            ["担当課", "税務課", "市民課"],
            ["R1計画", "検討", "実施"],
            ["R2計画", "実施", "→"],
        ]
    )
    found = made(data, NEW)
    assert programs(found) == [("1", 1, "税収の確保"), ("2", 2, "窓口の改善")]
    assert (plans(found, "1"), plans(found, "2")) == (
        [(2019, "検討"), (2020, "実施")],
        [(2019, "実施"), (2020, "→")],
    )
    assert [doubt.places for doubt in read(data, NEW).doubts] == [["「表」シート C6"]]


HEAD = ["番号", "取組項目", "方針", "担当課"]


def test_two_lists_beside_each_other_are_both_read():
    left, right = [1, "税収の確保", "方針１ 歳入の確保", "税務課"], [2, "窓口の改善", "方針１ 歳入の確保", "市民課"]
    data = workbook([[*HEAD, None, *HEAD], [*left, None, *right]])
    assert [one.grid.sheet.name for one in chosen(data)] == ["表（左から1つ目の表）", "表（左から2つ目の表）"]
    assert programs(made(data, NEW)) == [("1", 1, "税収の確保"), ("2", 1, "窓口の改善")]
    assert [item.place for item in read(data, NEW).items] == ["「表」シート B2", "「表」シート G2"]


TWO_TABLES = [
    ["表１ 実施計画"],
    [*HEAD, "R1", "R2"],
    [1, "税収の確保", "方針１ 歳入の確保", "税務課", "検討", "実施"],
    [2, "窓口の改善", "方針１ 歳入の確保", "市民課", "検討", "実施"],
    [],
    ["表２ 効果額（単位：百万円）"],
    ["番号", "取組項目", "R1決算", "R2見込"],
    [1, "税収の確保", 1.5, 2],
    [2, "窓口の改善", 3, "△４"],
]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (workbook(TWO_TABLES), ("表（2つ目の表）", "「表」シート B8")),
        (workbook(TWO_TABLES[:4], other=[("効果額", TWO_TABLES[5:])]), ("効果額", "「効果額」シート B3")),
    ],
)
def test_two_tables_about_the_same_items_come_together(data, where):
    """Below each other or on two sheets; the second needs no column of policies, and R1決算 in it is an amount."""
    (doubt,) = [doubt for doubt in read(data, NEW).doubts if doubt.about == "番号"]
    assert (doubt.original, doubt.places[0], len(doubt.places)) == (f"「{where[0]}」シートの項目", where[1], 2)
    assert [label for _code, label in doubt.choices] == [
        "欄を合わせて、1つの項目にする",
        "先の行だけを登録する",
        "後の行だけを登録する",
    ]
    found = made(data, NEW)
    assert programs(found) == [("1", 1, "税収の確保"), ("2", 1, "窓口の改善")]
    assert plans(found, "2") == [(2019, "検討"), (2020, "実施")]
    assert effects(found) == [
        ["1", 2019, "saving", "actual", 1500],
        ["1", 2020, "saving", "forecast", 2000],
        ["2", 2019, "saving", "actual", 3000],
        ["2", 2020, "saving", "forecast", "△4000"],
    ]
    first = answered(data, {doubt.original: "first"}, NEW)
    assert [item.effects for item in first.items] == [[], []]
    last = answered(data, {doubt.original: "last"}, NEW)
    assert [(one.question, one.places) for one in last.doubts if one.about == "方針"] == [
        (
            f"「{where[0]}」シートの項目が、どの方針の項目か分かりません。",
            [f"「{where[1].partition('」')[0][1:]}」シート B{row}" for row in ((8, 9) if "表" in where[0] else (3, 4))],
        )
    ]


def test_what_two_rows_say_differently_of_an_item_is_asked():
    data = workbook(
        [
            [*HEAD, "R1"],
            [1, "税収の確保", "方針１ 歳入の確保", "税務課", "検討"],
            [1, "税収の確保", "方針１ 歳入の確保", "収納課", "検討"],
        ]
    )
    (doubt,) = [doubt for doubt in read(data, NEW).doubts if doubt.about == "推進担当課"]
    assert (doubt.original, doubt.chosen, doubt.question) == (
        "収納課",
        "",
        "項目1の推進担当課が、「表」シート B2 では「税務課」です。どちらを登録しますか。",
    )
    assert [item.departments for item in answered(data, {"収納課": "second"}, NEW).items] == [("収納課",)]


@pytest.mark.parametrize("again", [True, False])
def test_years_below_each_other(again):
    """The number stands in every row, or in one merged cell."""
    rows = [["No", "取組項目", "方針", "担当課", "年度", "計画", "目標（％）", "効果額（千円）決算"]]
    merged = []
    for number, name in ((1, "税収の確保"), (2, "窓口の改善")):
        for index, (year, step) in enumerate(zip(["R1", "令和2年度", 2021], STEPS, strict=True)):
            item = [number, name, "方針１ 歳入の確保", "税務課"] if again or not index else [None] * 4
            rows.append([*item, year, step, 90 + index, 100 * index])
        merged += [] if again else [f"{column}{len(rows) - 2}:{column}{len(rows)}" for column in "ABCD"]
    data = workbook(rows, merged=merged)
    found = made(data, NEW)
    assert programs(found) == [("1", 1, "税収の確保"), ("2", 1, "窓口の改善")]
    assert plans(found, "1") == plans(found, "2") == list(zip([2019, 2020, 2021], STEPS, strict=True))
    assert targets(found)[:3] == [["1", 1, 2019, 90], ["1", 1, 2020, 91], ["1", 1, 2021, 92]]
    assert {row["unit"] for row in found["indicators"]} == {"%"}
    assert effects(found)[3:] == [["2", year, "saving", "actual", 100 * n] for n, year in enumerate((2019, 2020, 2021))]
    (one,) = chosen(data)
    assert (one.columns[4].role.value, one.columns[4].is_sure) == ("row_year", False)


PAGES = [
    ["行政改革実施計画", None, None, None, None, "1／2"],
    [*HEAD, "年度計画", None],
    [None, None, None, None, "R1", "R2"],
    ["１", "税収の確保", "方針１ 歳入の確保", "税務課", "検討", "実施"],
    ["行政改革実施計画", None, None, None, None, "2／2"],
    [*HEAD, "年度計画", None],
    [None, None, None, None, "R1", "R2"],
    ["※ 令和2年度から組織が変わった。"],
    ["２", "窓口の改善", "方針１ 歳入の確保", "市民課", "検討", "実施"],
]


def test_headings_and_titles_that_each_page_repeats_are_no_items():
    data = workbook(PAGES, merged=["E2:F2", "E6:F6"])
    (one,) = chosen(data)
    assert [kind_of(one.grid, row, one.layout) for row in range(4, 10)] == [
        RowKind.DATA,
        RowKind.HEADING,
        RowKind.HEADING,
        RowKind.HEADING,
        RowKind.NOTE,
        RowKind.DATA,
    ]
    assert programs(made(data, NEW)) == [("1", 1, "税収の確保"), ("2", 1, "窓口の改善")]
    assert read(data, NEW).doubts == []


def test_policies_above_each_page_are_those_of_its_items():
    rows = [[*line[:2], *line[3:]] for line in PAGES]
    rows[0], rows[4] = ["１ 歳入の確保"], ["２ 市民サービス"]
    data = workbook(rows, merged=["D2:E2", "D6:E6"])
    (one,) = chosen(data)
    assert kind_of(one.grid, 5, one.layout) is RowKind.SECTION
    assert [
        item.policy for item in read(data, KnownPlan("human", 2019, 2021, "original", policies={1: "あ"})).items
    ] == [
        1,
        2,
    ]


def test_headings_of_three_levels_with_amounts_and_units_in_cells():
    """計画期間 above an amount does not make it a planned one: on what it is based is asked, once for all years."""
    data = workbook(
        [
            [*HEAD, "計画期間", None, None, None, "備考"],
            [None] * 4 + ["前期", None, "後期", None, None],
            [None] * 4 + ["R1", None, "R2", None, None],
            [None] * 4 + ["計画", "効果額（千円）", "計画", "効果額（千円）", None],
            [1, "税収の確保", "方針１ 歳入の確保", "税務課", "検討", "１，２３４", "実施", "2万円", "※見込"],
        ],
        merged=["A1:A4", "B1:B4", "C1:C4", "D1:D4", "I1:I4", "E1:H1", "E2:F2", "G2:H2", "E3:F3", "G3:H3"],
    )
    reading = read(data, NEW)
    assert [(one.about, one.original, one.chosen, one.places) for one in reading.doubts] == [
        ("効果額（千円）", "（この列のすべて）", "", ["「表」シート F列", "「表」シート H列"])
    ]
    found = made(data, NEW, {reading.doubts[0].id: "budget"})
    assert plans(found, "1") == [(2019, "検討"), (2020, "実施")]
    assert effects(found) == [["1", 2019, "saving", "budget", 1234], ["1", 2020, "saving", "budget", 20]]


def test_numbers_with_brackets_are_asked_once_for_the_column():
    data = workbook(
        [
            ["体系番号", "取組項目", "方針"],
            ["Ⅰ-１-(1)", "税収の確保", "方針Ⅰ 歳入"],
            ["Ⅰ-１-(2)", "窓口の改善", "方針Ⅰ 歳入"],
            ["(3)", "人件費", "方針Ⅰ 歳入"],
        ]
    )
    reading = read(data, NEW)
    assert [item.number for item in reading.items] == ["3", "I-1-1", "I-1-2"]
    assert [(one.question, len(one.places)) for one in reading.doubts] == [
        ("番号のかっこを外して、「Ⅰ-１-(1)」は「I-1-1」のように読みました。", 2)
    ]


@pytest.mark.parametrize(
    ("rows", "cell", "label"),
    [
        (  # several items in a list, and below it the name of a field that no item has
            [
                HEAD,
                [1, "税収の確保", "方針１ 歳入", "税務課"],
                [2, "窓口の改善", "方針１ 歳入", "市民課"],
                ["取組内容"],
            ],
            "A4",
            "取組内容",
        ),
    ],
)
def test_a_name_of_a_field_in_the_place_of_an_item_is_refused_with_what_to_do(rows, cell, label):
    assert read(workbook(rows), NEW).problems == [
        f"「表」シート {cell}: 項目のところに、欄の名前「{label}」があります。1行に1項目の一覧表か、"
        "欄の名前が値の左・上・同じセルにある様式にしてください。できないときは、計画ブックのひな形に書き写して取り込みます。"
    ]
