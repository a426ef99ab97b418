"""Tables in which cities keep plan and progress together, each with what it must become: nothing of it may be taken for something else."""

from datetime import date

from tests.workbooks.tables.reading import answered, chosen, made, read, workbook
from workbooks.tables.column_roles import Role
from workbooks.tables.guessing import guess
from workbooks.tables.known import KnownPlan

KNOWN = KnownPlan("human", 2019, 2021, "original", policies={1: "歳入の確保"})
ITEMS = ((1, "収納率の向上", "収納課"), (2, "施設の統合", "管財課"))
END_2019, END_2020 = date(2020, 3, 31), date(2021, 3, 31)


def by_item(rows, *columns):
    return [tuple(row.get(column) for column in columns) for row in rows]


def test_a_form_with_its_plan_its_indicator_and_its_effect_each_of_several_rows():
    """実績 is what was done below 計画, a value below 目標（件）, and an amount below 効果額; a reason is no grade."""

    def form(number, name, department):
        return [
            ["行財政改革アクションプラン 進捗管理シート"],
            ["取組番号", number, None, "所管課", department],
            ["取組名", name, None, "柱", "1 歳入の確保"],
            ["現状・課題", "紙の申請が多い。"],
            ["取組内容", "電子申請を広げる。\n様式を見直す。"],
            ["年度計画", None, "令和元年度", "令和2年度", "令和3年度"],
            [None, "計画", "検討", "試行", "本格実施"],
            [None, "実績", "検討した", "2手続で試行", None],
            ["数値目標", "目標（件）", 10, 20, 30],
            [None, "実績（件）", 12, 18, None],
            ["削減額（千円）", "目標", 0, 500, 1000],
            [None, "実績", 0, 450, None],
            ["自己評価", None, "A", "B", None],
            ["評価の理由", "予定どおり進んだため。"],
            ["今後の取組", "対象を広げる。"],
        ]

    merged = ["A6:A8", "A9:A10", "A11:A12"]
    data = workbook(form("1-1", *ITEMS[0][1:]), merged, "1-1", other=[("1-2", form("1-2", *ITEMS[1][1:]))])
    found = made(data, KNOWN)
    assert by_item(found["programs"], "number", "name") == [("1-1", "収納率の向上"), ("1-2", "施設の統合")]
    assert {row["contents"] for row in found["program_editions"]} == {"電子申請を広げる。\n様式を見直す。"}
    for number in ("1-1", "1-2"):
        rows = {
            name: [row for row in found[name] if row["program"] == number]
            for name in found
            if name != "programs" and "program" in found[name][0]
        }
        assert by_item(rows["year_plans"], "fiscal_year", "text") == [
            (2019, "検討"),
            (2020, "試行"),
            (2021, "本格実施"),
        ]
        assert by_item(rows["indicators"], "unit") == [("件",)]
        assert by_item(rows["indicator_targets"], "fiscal_year", "value") == [(2019, 10), (2020, 20), (2021, 30)]
        assert by_item(rows["indicator_actuals"], "fiscal_year", "value") == [(2019, 12), (2020, 18)]
        assert by_item(rows["effects"], "fiscal_year", "basis", "amount") == [
            *((2019, "planned", 0), (2020, "planned", 500), (2021, "planned", 1000)),
            *((2019, "actual", 0), (2020, "actual", 450)),
        ]  # fmt: skip
    reading = read(data, KNOWN)
    assert {told.partition(": ")[2] for told in reading.problems} == {
        f"評価の列「自己評価／{year}」が、いつの時点のものか分かりません。列の役割の画面で基準日を選んでください。"
        for year in ("令和元年度", "令和2年度")
    }
    told = {END_2019: ("", "検討した"), END_2020: ("", "2手続で試行")}
    assert reading.results == {day: {"1-1": one, "1-2": one} for day, one in told.items()}
    assert [one.is_sure for one in chosen(data)[0].columns if one.role is Role.PROGRESS] == [False, False]


def years_below_each_other():
    rows = [
        ["実施計画 進捗状況（単位：千円）"],
        ["番号", "実施項目", "担当課", "年度", "計画", "実績", "評価", "削減額（決算）"],
    ]
    merged = []
    for item in ITEMS:
        first = len(rows) + 1
        rows += [
            [*item, "R元", "検討", "検討した。", "A", 0],
            [None, None, None, "R2", "実施", "一部で実施した。", "B", "1,200"],
            [None, None, None, "R3", "継続", None, None, None],
        ]
        merged += [f"{letter}{first}:{letter}{first + 2}" for letter in "ABC"]
    return workbook(rows, merged)


def test_years_below_each_other_with_what_was_done_and_its_grade():
    data = years_below_each_other()
    found = made(data, KNOWN)
    assert by_item(found["year_plans"], "program", "fiscal_year", "text") == [
        (number, year, text) for number in "12" for year, text in ((2019, "検討"), (2020, "実施"), (2021, "継続"))
    ]
    assert "indicators" not in found
    assert by_item(found["effects"], "program", "fiscal_year", "amount") == [
        (number, year, amount) for number in "12" for year, amount in ((2019, 0), (2020, 1200))
    ]
    reading = read(data, KNOWN)
    results = {END_2019: ("A", "検討した。"), END_2020: ("B", "一部で実施した。")}
    assert (reading.problems, reading.results) == ([], {day: {"1": told, "2": told} for day, told in results.items()})
    assert [(doubt.about, doubt.places) for doubt in reading.doubts if "各年度" in doubt.question] == [
        ("実績", ["「表」シート F列"]),
        ("評価", ["「表」シート G列"]),
    ]


def test_a_person_says_that_a_column_of_years_below_each_other_is_of_the_half_year_or_not_to_be_read():
    reading = read(years_below_each_other(), KNOWN)
    answers = {
        doubt.id: {"評価": "half", "実績": "skip"}[doubt.about]
        for doubt in reading.doubts
        if "各年度" in doubt.question
    }
    assert read(years_below_each_other(), KNOWN, answers).results == {
        date(2019, 9, 30): {"1": ("A", ""), "2": ("A", "")},
        date(2020, 9, 30): {"1": ("B", ""), "2": ("B", "")},
    }


def test_amounts_in_a_row_of_the_item_have_the_unit_of_their_kind():
    rows = [["実施計画 進捗状況"], ["番号", "実施項目", "担当課", "区分", "R元年度", "R2年度"]]
    merged = []
    for item in ITEMS:
        first = len(rows) + 1
        rows += [
            [*item, "計画", "検討", "実施"],
            [None, None, None, "実績", "検討した。", "一部で実施した。"],
            [None, None, None, "効果額実績（百万円）", 0, "1.2"],
        ]
        merged += [f"{letter}{first}:{letter}{first + 2}" for letter in "ABC"]
    data = workbook(rows, merged)
    told = ("program", "fiscal_year", "kind", "basis", "amount")
    amounts = [(2019, 0), (2020, 1200)]
    assert by_item(made(data, KNOWN)["effects"], *told) == [
        (number, year, "saving", "actual", amount) for number in "12" for year, amount in amounts
    ]
    of_revenue = answered(data, {"効果額実績（百万円）": "revenue"}, KNOWN)
    assert {effect.kind for item in of_revenue.items for effect in item.effects} == {"revenue"}
    assert [item.effects for item in answered(data, {"効果額実績（百万円）": "skip"}, KNOWN).items] == [[], []]


LIST = workbook(
    [
        ["令和2年度 進捗管理表（令和3年3月31日現在）"],
        ["番号", "実施項目", "R2年度の取組目標", "指標", "目標値", "実績値", "進捗率", "評価", "前年度評価", "今後の方向性"],
        [1, "口座振替", "加入率60％", "振替率", "60％", "58％", "96.7％", "△", "○", "継続"],
        [2, "土地の売却", "2件売却", "売却件数", "2件", "0件", "0％", "×", "△", "見直し"],
    ]
)  # fmt: skip


def test_what_a_list_says_of_this_year_of_the_year_before_and_of_later_ones_stays_apart():
    [sheet] = chosen(LIST)
    assert [(one.role, one.year, one.as_of, one.is_sure) for one in sheet.columns[2:]] == [
        (Role.YEAR_PLAN, 2020, None, True),
        (Role.INDICATOR, None, None, True),
        (Role.TARGET, 2020, None, False),
        (Role.ACTUAL, 2020, None, False),
        (Role.IGNORE, None, None, True),
        (Role.GRADE, None, END_2020, False),
        (Role.GRADE, None, END_2019, False),
        (Role.IGNORE, None, None, True),
    ]
    found = made(LIST, KNOWN)
    assert "directions" not in found
    assert by_item(found["year_plans"], "fiscal_year", "text") == [(2020, "加入率60％"), (2020, "2件売却")]
    assert by_item(found["indicator_targets"], "fiscal_year", "value") == [(2020, 60), (2020, 2)]
    assert by_item(found["indicator_actuals"], "fiscal_year", "value") == [(2020, 58), (2020, 0)]
    assert read(LIST, KNOWN).results == {
        END_2020: {"1": ("△", ""), "2": ("×", "")},
        END_2019: {"1": ("○", ""), "2": ("△", "")},
    }


def test_words_behind_a_number_are_no_unit_unless_a_person_says_so():
    rows = [
        ["番号", "項目名", "方針", "指標", "R2目標"],
        [1, "土地", "1 歳入の確保", "売却", "2件売却"],
        [2, "窓口", "1 歳入の確保", "件数", "3件"],
    ]
    data = workbook(rows)
    assert by_item(made(data, KNOWN)["indicator_targets"], "value", "text") == [(None, "2件売却"), (3, None)]
    [item, _other] = answered(data, {"2件売却": "unit"}, KNOWN).items
    assert (item.indicators[0].unit, item.indicators[0].targets) == ("件売却", {2020: (2, "")})


def test_what_is_of_the_year_before_a_leap_day_is_of_the_last_of_that_february():
    columns = guess([["評価"], ["前年度評価"]], [["A", "B"], ["A", "A"]], as_of=date(2024, 2, 29))
    assert [column.as_of for column in columns] == [date(2024, 2, 29), date(2023, 2, 28)]
