"""What headings and titles of tables tell beside the roles of their columns."""

from datetime import date
from decimal import Decimal

import pytest

from tests.workbooks.tables.reading import answered, chosen, read, workbook
from workbooks.tables import cells, column_roles, departments, layout
from workbooks.tables.known import KnownPlan
from workbooks.tables.read_items import ReadEffect

KPIS = [
    ["取組項目", "担当", "取組内容", "KPI", "基準値（R3）", "R4目標", "R4実績"],
    ["(1) 窓口のデジタル化", "DX推進課", "オンライン申請", "オンライン申請率", "12.5%", "20%", "22.1%"],
    ["(2) 公共施設の再編", "資産経営課", "再編", "床面積", "100,000㎡", "99,000㎡", "99,500㎡"],
]


def test_kpi_is_an_indicator_and_its_baseline_has_the_year_of_its_heading():
    first, second = read(workbook(KPIS)).items
    assert [
        (one.name, one.unit, one.baseline, one.baseline_year, one.targets, one.actuals)
        for one in (*first.indicators, *second.indicators)
    ] == [
        (
            *("オンライン申請率", "%", Decimal("12.5"), 2021),
            *({2022: (Decimal(20), "")}, {2022: (Decimal("22.1"), "", False)}),
        ),
        (
            *("床面積", "㎡", Decimal(100_000), 2021),
            *({2022: (Decimal(99_000), "")}, {2022: (Decimal(99_500), "", False)}),
        ),
    ]


@pytest.mark.parametrize(
    ("written", "value", "unit", "words"),
    [
        ("99,500㎡", "99500", "㎡", ""),
        ("1,200 ㎥以下", "1200", "㎥", "以下"),
        ("30m2", "30", "m2", ""),
        ("3.5t-CO2", "3.5", "t-CO2", ""),
        ("3.5 t-CO₂以内", "3.5", "t-CO₂", "以内"),
        ("12km", "12", "km", ""),
        ("５件", "5", "件", ""),
        ("10台", "10", "台", ""),
        ("1,600以上", "1600", "", "以上"),
        ("3増加", "3", "", "増加"),
    ],
)
def test_units_with_a_digit_are_units(written, value, unit, words):
    found = cells.amount(written)
    assert (found.value, found.unit, found.words) == (Decimal(value), unit, words)
    [read_as, year] = cells.baseline(f"{written.removesuffix(words)}（H22年度）")
    assert (read_as.value, read_as.unit, year) == (Decimal(value), unit, 2010)


@pytest.mark.parametrize("written", ["3か所と2か所", "H22 5件", "m2"])
def test_what_is_no_single_number_is_none(written):
    assert cells.amount(written) is None


@pytest.mark.parametrize(
    ("written", "value", "mark"),
    [
        ("100①", "100", "①"),
        ("95.1¹", "95.1", "¹"),
        ("100²", "100", "²"),
        ("200※", "200", "※"),
        ("300＊1", "300", "＊1"),
        ("120件(※２)", "120", "(※２)"),
        ("95.0％注2", "95.0", "注2"),
        ("△500（注）", "-500", "（注）"),
        ("*500", "500", "*"),
    ],
)
def test_the_mark_of_a_note_is_asked_and_is_no_part_of_a_number(written, value, mark):
    """① and ¹ were digits, 100① was 1001; ※ was a unit."""
    table = [["番号", "項目名", "指標", "H25目標"], ["1", "窓口", "数値", written]]
    found = read(workbook(table))
    [asked] = [doubt for doubt in found.doubts if "注の印" in doubt.question]
    assert asked.question.startswith(f"「{mark}」を注の印と見て、「")
    assert found.items[0].indicators[0].targets == {2013: (Decimal(value), "")}
    as_written = answered(workbook(table), {written: "whole"}).items[0].indicators[0]
    assert (as_written.targets, as_written.unit) == ({2013: (None, written)}, "")


def test_the_mark_of_a_note_at_an_amount():
    """「登録しない」 was all that could be chosen of 500※1; of 2千万円 a 2 could."""
    table = [
        ["番号", "項目名", "R3歳出削減実績額（千円）"],
        ["1", "窓口", "500※1"],
        ["2", "広告", "2千万円"],
        ["3", "電算", "70¹"],
    ]
    found = read(workbook(table))
    assert [item.effects for item in found.items] == [
        [ReadEffect(2021, "saving", "actual", Decimal(500))],
        [],
        [ReadEffect(2021, "saving", "actual", Decimal(70))],
    ]
    [large] = [doubt for doubt in found.doubts if doubt.original == "2千万円"]
    assert [code for code, _label in large.choices] == ["skip"]


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["(1) 窓口", "(2) 広告"], [("1", "窓口"), ("2", "広告")]),
        (["①窓口", "②広告"], [("1", "窓口"), ("2", "広告")]),
        (["１－１　窓口", "１－２　広告"], [("1-1", "窓口"), ("1-2", "広告")]),
        (["3．窓口", "10．広告"], [("3", "窓口"), ("10", "広告")]),
        (["24時間の受付", "3Rの推進"], [("1", "24時間の受付"), ("2", "3Rの推進")]),
        (["1 窓口", "広告"], [("1", "1 窓口"), ("2", "広告")]),
        (["1 窓口", "1 広告"], [("1", "1 窓口"), ("2", "1 広告")]),
    ],
)
def test_a_number_before_every_name_is_its_number_where_no_column_has_one(names, numbers):
    table = workbook([["取組項目", "担当課", "取組内容"], *([name, "財政課", "改める"] for name in names)])
    found = read(table)
    assert [(item.number, item.name) for item in found.items] == numbers
    is_read = any(item.name != name for item, name in zip(found.items, names, strict=True))
    assert [item.number_is_provisional for item in found.items] == [not is_read] * 2
    [asked] = [doubt for doubt in found.doubts if doubt.about == "番号の列"]
    assert asked.question.startswith("番号の列がないので、" if is_read else "番号がないので、")


def test_a_person_may_say_that_the_number_belongs_to_the_name_and_the_plan_may_know_it_so():
    found = answered(workbook(KPIS), {"(1) 窓口のデジタル化": "made"})
    assert [(item.number, item.name) for item in found.items] == [
        ("1", "(1) 窓口のデジタル化"),
        ("2", "(2) 公共施設の再編"),
    ]
    known = KnownPlan("human", 2022, 2026, "original", programs={"7": "(2) 公共施設の再編"})
    assert [(item.number, item.name) for item in read(workbook(KPIS), known).items] == [
        ("1", "(1) 窓口のデジタル化"),
        ("7", "(2) 公共施設の再編"),
    ]


@pytest.mark.parametrize(
    ("titles", "day"),
    [
        (["進捗状況報告（平成26年9月30日現在）"], date(2014, 9, 30)),
        (["平成26年度", "（H27.3.31時点）"], date(2015, 3, 31)),
        (["令和４年12月末の状況"], date(2022, 12, 31)),
        (["平成26年度上半期　進捗状況", "平成26年9月30日現在"], date(2014, 9, 30)),
        (["令和5年度第1四半期の進捗"], date(2023, 6, 30)),
        (["令和5年度 第四四半期"], date(2024, 3, 31)),
        (["平成26年度の進捗状況", "平成26年11月20日公表"], None),
        (["平成26年9月30日現在", "平成27年3月31日現在"], None),
        (["進捗状況"], None),
    ],
)
def test_the_day_of_a_title_is_that_of_grades_without_one(titles, day):
    assert layout.as_of_in(titles) == day
    table = [*([title] for title in titles), ["番号", "項目名", "取組状況", "評価"], ["1", "窓口", "改めた。", "A"]]
    [one] = chosen(workbook(table))
    assert [(column.role, column.as_of, column.is_sure) for column in one.columns[2:]] == [
        (column_roles.Role.PROGRESS, day, day is None),
        (column_roles.Role.GRADE, day, day is None),
    ]


def test_plans_and_targets_under_amounts_are_planned_amounts():
    """計画 under 効果額 is no plan of the year."""
    table = workbook(
        [
            ["番号", "項目名", "効果額（千円）", None, None],
            [None, None, "H25年度", None, "H26年度"],
            [None, None, "計画", "実績", "目標"],
            ["1", "窓口", "1,000", "1,200", "1,500"],
        ],
        merged=("C1:E1", "C2:D2"),
    )
    [one] = chosen(table)
    assert [(column.role, column.is_sure) for column in one.columns[2:]] == [(column_roles.Role.SAVING, False)] * 3
    [item] = read(table).items
    assert (item.year_plans, item.effects) == (
        {},
        [
            ReadEffect(2013, "saving", "planned", Decimal(1000)),
            ReadEffect(2013, "saving", "actual", Decimal(1200)),
            ReadEffect(2014, "saving", "planned", Decimal(1500)),
        ],
    )


def test_of_two_columns_that_are_called_like_names_the_one_with_more_of_them_is_meant():
    table = [
        ["基本方針", "重点項目", "取組事項", "担当課"],
        ["Ⅰ 市民サービス", "１ 窓口改革", "書かない窓口", "市民課"],
        [None, None, "オンライン予約", "市民課"],
        ["Ⅱ 財政", "１ 歳入", "ふるさと納税", "財政課"],
    ]
    data = workbook(table, merged=("A2:A3", "B2:B3"))
    [one] = chosen(data)
    assert [column.role for column in one.columns[:3]] == [
        column_roles.Role.POLICY,
        column_roles.Role.IGNORE,
        column_roles.Role.NAME,
    ]
    assert [(item.name, item.policy) for item in read(data).items] == [
        ("書かない窓口", 1),
        ("オンライン予約", 1),
        ("ふるさと納税", 2),
    ]


@pytest.mark.parametrize(
    ("written", "names", "others"),
    [
        ("市民課　ほか", ("市民課",), "ほか"),
        ("財政課、税務課他", ("財政課", "税務課"), "他"),
        ("総務課等", ("総務課",), "等"),
        ("総務課ほか関係各課", ("総務課",), "ほか関係各課"),
        ("資産課 ほか３課", ("資産課",), "ほか３課"),
        ("他都市連携室", ("他都市連携室",), ""),
    ],
)
def test_others_of_whom_nobody_says_who_they_are_are_no_part_of_a_name(written, names, others):
    found = departments.taken_apart(written)
    assert (found.names, found.others, found.is_plain) == (names, others, not others)
    table = workbook([["番号", "項目名", "担当課"], ["1", "窓口", written], ["2", "広告", "広報課"]])
    read_as = read(table)
    assert read_as.items[0].departments == names
    assert [doubt.question for doubt in read_as.doubts if doubt.about == "担当課"] == (
        [f"「{others}」がどの部署か書かれていないので、「{'、'.join(names)}」だけを登録します。"] if others else []
    )


def test_what_was_done_is_no_indicator_unless_a_person_says_so():
    data = workbook([["番号", "項目名", "R5実績"], ["1", "窓口", "手引きを作った"], ["2", "広告", "5件"]])
    first, second = read(data).items
    assert (first.indicators, [one.name for one in second.indicators]) == ([], ["広告"])


def test_years_without_an_era_and_a_total_are_headings_below_one_heading():
    table = workbook(
        [
            ["通番", "実施項目", "所管課", "財政効果額（千円）", None, None],
            [None, None, None, "23年度実績", "24年度実績", "合計"],
            ["1", "窓口", "市民課", "100", "200", "300"],
            ["2", "広告", "広報課", "—", "10.5", "10.5"],
        ],
        merged=("D1:F1",),
    )
    [one] = chosen(table)
    assert (one.layout.header, one.layout.first) == (1, 3)
    assert [(column.role, column.year, column.is_sure) for column in one.columns] == [
        (column_roles.Role.NUMBER, None, True),
        (column_roles.Role.NAME, None, True),
        (column_roles.Role.DEPARTMENTS, None, True),
        *((column_roles.Role.SAVING, year, False) for year in (2011, 2012, None)),
    ]
    assert [item.effects for item in read(table).items] == [
        [ReadEffect(2011, "saving", "actual", Decimal(100)), ReadEffect(2012, "saving", "actual", Decimal(200))],
        [ReadEffect(2012, "saving", "actual", Decimal("10.5"))],
    ]


@pytest.mark.parametrize(
    ("heading", "year"),
    [("23年度", 2011), ("31年度計画", 2019), ("5年度", 2023), ("12年度", 2030), ("元年度", 2019), ("第23回", None)],
)
def test_the_year_of_a_number_alone(heading, year):
    assert column_roles.year_in(heading) == year


@pytest.mark.parametrize(
    ("heading", "year"),
    [
        ("平成23（2011）年度", 2011),
        ("令和5(2023)年度", 2023),
        ("2023（令和5）年度", 2023),
        ("平成31（令和元）年度", 2019),
        ("平成31・令和元年度", 2019),
        ("H31/R1", 2019),
        ("令和元年度（平成31年度）", 2019),
    ],
)
def test_a_heading_that_names_its_year_twice_is_that_year(heading, year):
    """Its column was left out until somebody said what it is."""
    table = [
        ["番号", "項目名", heading, f"{heading}目標値"],
        ["1", "窓口", "実施", "5件"],
        ["2", "広告", "検討", "6件"],
    ]
    [one] = chosen(workbook(table))
    assert [(column.role, column.year, column.is_sure) for column in one.columns[2:]] == [
        (column_roles.Role.YEAR_PLAN, year, True),
        (column_roles.Role.TARGET, year, True),
    ]


@pytest.mark.parametrize("heading", ["令和5（2024）年度", "H25/H26"])
def test_a_heading_that_names_two_years_is_certain_of_none(heading):
    table = [
        ["番号", "項目名", heading, f"{heading}目標値"],
        ["1", "窓口", "実施", "5件"],
        ["2", "広告", "検討", "6件"],
    ]
    [one] = chosen(workbook(table))
    assert [(column.role, column.is_sure) for column in one.columns[2:]] == [
        (column_roles.Role.IGNORE, True),  # which is always shown to be checked
        (column_roles.Role.TARGET, False),
    ]


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("令和5年度取組予定", column_roles.Role.YEAR_PLAN),
        ("目標年度", column_roles.Role.PLANNED_YEARS),
        ("令和5年度効果見込額", column_roles.Role.SAVING),
        ("通番", column_roles.Role.NUMBER),
        ("KPI（指標）", column_roles.Role.INDICATOR),
        ("KPIの目標値", column_roles.Role.TARGET),
        ("2年目", column_roles.Role.YEAR_PLAN),
        ("今後の予定", column_roles.Role.IGNORE),
        ("課題と今後の方向性", column_roles.Role.IGNORE),
        ("評価の理由", column_roles.Role.IGNORE),
        ("R2年度の取組目標", column_roles.Role.YEAR_PLAN),
        ("担当者", column_roles.Role.IGNORE),
        ("担当課長", column_roles.Role.IGNORE),
        ("担当部署", column_roles.Role.DEPARTMENTS),
    ],
)
def test_what_headings_name(heading, role):
    assert column_roles.role_of(heading) is role


@pytest.mark.parametrize(
    ("headings", "values", "names", "are_sure"),
    [
        (["主担当課", "関係課"], ["市民課", "情報課、市民課、企画課"], ("市民課", "情報課", "企画課"), [True, False]),
        (["所管部", "所管課"], ["市民部", "市民課"], ("市民課",), [None, True]),
        (["担当課", "担当者"], ["市民課", "山田"], ("市民課",), [True, None]),
        (["担当部局", "内線"], ["市民部", "123"], ("市民部",), [True, None]),
    ],
)
def test_departments_of_two_columns_are_one_list_and_neither_people_nor_divisions(headings, values, names, are_sure):
    table = workbook([["番号", "項目名", *headings], ["1", "窓口", *values]])
    assert read(table).items[0].departments == names
    [one] = chosen(table)
    assert [
        column.is_sure if column.role is column_roles.Role.DEPARTMENTS else None for column in one.columns[2:]
    ] == are_sure


def test_a_made_number_is_none_that_another_row_has():
    table = workbook([["番号", "項目名"], ["1", "窓口"], [None, "広告"], ["(2)", "納税"], [None, "図書館"]])
    found = read(table)
    assert found.problems == []
    assert [(item.number, item.name, item.number_is_provisional) for item in found.items] == [
        ("1", "窓口", False),
        ("2", "納税", False),
        ("3", "広告", True),
        ("4", "図書館", True),
    ]


@pytest.mark.parametrize(
    ("numbers", "other", "expected"),
    [
        (["－", "1(新規)", "新2"], [["番号", "項目名"], ["4", "納税"]], "3124"),
        (["－", "1", "（2）"], [["項目名", "担当課"], ["(3) 納税", "税務課"], ["(4) 徴収", "税務課"]], "51234"),
        (["－", "1", "2"], [["番号", "項目名"], ["3", "納税"]], "4123"),
    ],
)
def test_a_made_number_is_none_that_is_read_from_anywhere_in_the_tables(numbers, other, expected):
    """It stopped the table: 番号1が…にもあり."""
    rows = [["番号", "項目名"], *zip(numbers, ["窓口", "広告", "研修"], strict=True)]
    found = read(workbook(rows, other=[("別表", other)]))
    names = ["窓口", "広告", "研修", "納税", "徴収"][: len(expected)]
    assert (found.problems, {item.name: item.number for item in found.items}) == (
        [],
        dict(zip(names, expected, strict=True)),
    )


@pytest.mark.parametrize(
    ("below", "role", "is_sure"),
    [
        ("達成率（％）", column_roles.Role.IGNORE, True),  # which is always shown to be checked
        ("進捗率", column_roles.Role.IGNORE, True),
        ("課題", column_roles.Role.IGNORE, True),
        ("増減", column_roles.Role.IGNORE, True),
        ("取組内容", column_roles.Role.YEAR_PLAN, False),
        ("進行管理", column_roles.Role.YEAR_PLAN, False),
        ("上半期", column_roles.Role.YEAR_PLAN, True),
    ],
)
def test_what_stands_below_a_year_is_a_plan_for_certain_only_where_nothing_else_is_said(below, role, is_sure):
    """「達成率 95.0」 was the plan of its year, and 取組内容 of the first year the contents of the item."""
    head = [["番号", "項目名", "令和2年度", None], [None, None, "目標", below]]
    table = workbook([*head, ["1", "窓口", "5件", "90%"], ["2", "広告", "6件", "120%"]], ["A1:A2", "B1:B2", "C1:D1"])
    [one] = chosen(table)
    year = 2020 if role is column_roles.Role.YEAR_PLAN else None
    assert (one.columns[3].role, one.columns[3].year, one.columns[3].is_sure) == (role, year, is_sure)


def test_a_legend_and_the_number_of_a_page_are_no_policies_and_no_items():
    """They were asked as policies, 「- 2 -」 was item 2, and 1/2 below a year its plan."""
    head = ["番号", "項目名", "担当課", "H23", "評価（H24.3.31）"]
    rows = [
        *(head, ["1", "窓口", "市民課", "〇", "◎"], ["2", "広告", "財政課", "△", "△"]),
        *(["凡例：◎計画以上　○計画どおり"], ["1 / 2"], head),
        *(
            ["3", "納税", "税務課", "○", "×"],
            ["－ 2 －"],
            [None, None, None, None, "2/2ページ"],
            ["【評価】◎：計画以上"],
        ),
    ]
    found = read(workbook(rows))
    assert [(item.number, item.year_plans) for item in found.items] == [
        ("1", {2011: ("〇", False)}),
        ("2", {2011: ("△", False)}),
        ("3", {2011: ("○", False)}),
    ]
    assert found.results == {date(2012, 3, 31): {"1": ("◎", ""), "2": ("△", ""), "3": ("×", "")}}
    assert (found.problems, [doubt.about for doubt in found.doubts]) == ([], ["方針の名称"])
