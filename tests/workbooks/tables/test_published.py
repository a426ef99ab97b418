"""Tables as cities print them (these are made up), each with the figures that it becomes; and what is asked or refused."""

from decimal import Decimal

import pytest

from tests.workbooks.tables.printed import KNOWN, read, tables
from workbooks.tables.published import sums
from workbooks.tables.published.values import read as read_value


def said(one):
    """What a figure is, without the dimensions that it does not have."""
    day = one.as_of and one.as_of.isoformat()
    parts = (one.policy, day, one.fiscal_year, one.edition, one.category, one.basis, one.account, one.series)
    return (one.measure.value, *(part for part in parts if part not in (None, "")))


def values(data, answers=None, **whole):
    found, _doubts = read(tables(data, **whole), answers)
    assert found.problems == []
    return {said(one): (one.value.printed, one.value.value, one.unit) for one in found.figures}


def asked(data, **whole):
    """(what it is about, the value in the table, the places) of everything that a person has to decide."""
    return [(one.about, one.original, one.places) for one in read(tables(data, **whole))[1]]


# Policies and 計 down, counts and shares across, two lines of headings; what does not exist is a stroke.
BY_POLICY = """<table><tr><td colspan=9>進捗状況（評価別項目数）平成24年9月30日現在
<tr><th rowspan=2>方針<th colspan=5>項目数<th colspan=3>割合（％）
<tr><th>Ｓ<th>Ａ<th>Ｂ<th>対象外<th>計<th>Ｓ<th>Ａ<th>Ｂ
<tr><td>方針１ 窓口の改善<td>1<td>10<td>2<td>－<td>13<td>7.7<td>76.9<td>15.4
<tr><td>方針２ 歳入の確保と資産の活用<td>0<td>6<td>0<td>1<td>6<td>0.0<td>100.0<td>0.0
<tr><td>方針３ 組織の見直し<td>0<td>3<td>1<td>0<td>4<td>0.0<td>75.0<td>25.0
<tr><td>合計<td>1<td>19<td>3<td>1<td>23<td>4.3<td>82.6<td>13.0</table>"""


def test_policies_by_grades_with_shares_and_items_that_are_not_judged():
    day = "2012-09-30"
    found = values(BY_POLICY, {"計の意味": "graded_total"})
    assert len(found) == 31  # 4 rows of 8, without the stroke
    assert found["grade_count", 1, day, "A"] == ("10", 10, "項目")
    assert found["grade_share", 1, day, "A"] == ("76.9", Decimal("76.9"), "%")
    assert found["graded_total", 2, day] == ("6", 6, "項目")
    assert found["grade_count", 2, day, "対"] == ("1", 1, "項目")
    assert found["grade_count", day, "B"] == ("3", 3, "項目")  # of the whole plan, as it is printed
    assert [about for about, *_rest in asked(BY_POLICY)] == ["計の意味", "値"]
    assert asked(BY_POLICY)[1] == ("値", "－", ["「表1」シート E4"])
    with_excluded = values(BY_POLICY, {"計の意味": "item_count", "値": "zero"})
    assert with_excluded["item_count", 2, day] == ("6", 6, "項目")
    assert with_excluded["grade_count", 1, day, "対"] == ("－", 0, "項目")
    one = next(one for one in read(tables(BY_POLICY))[0].figures if one.policy == 1)
    assert (one.place, one.label) == ("「表1」シート B4", "方針1の「予定以上に進捗」の項目の数")
    assert one.locator == "進捗状況（評価別項目数）平成24年9月30日現在 方針１ 窓口の改善の行・項目数／Ｓの列"


# Grades down, dates across, the change of each from the last; two grades together.
TRANSPOSED = (
    "評価\tH24.9.30\t平成25年3月末\t前回からの増減\n"
    "Ｓ　予定以上に進捗\t1\t2\t1\nＡ\t19\t15\t▲4\nＢ\t3\t6\t＋3\nA以上\t20（87.0%）\t17（73.9%）\t△3\n計\t23\t23\t±0\n"
)


def test_grades_by_dates_with_changes_and_two_numbers_in_a_cell():
    found = values(TRANSPOSED)
    assert [found["grade_count_change", "2013-03-31", code][:2] for code in ("S", "A", "B", "A以上")] == [
        ("1", 1), ("▲4", -4), ("＋3", 3), ("△3", -3),
    ]  # fmt: skip
    assert found["grade_count", "2012-09-30", "A以上"] == ("20", 20, "項目")
    assert found["grade_share", "2013-03-31", "A以上"] == ("73.9%", Decimal("73.9"), "%")
    assert found["graded_total", "2013-03-31"] == ("23", 23, "項目")
    assert found["grade_count_change", "2013-03-31"] == ("±0", 0, "項目")
    assert [(about, places[0]) for about, _original, places in asked(TRANSPOSED)] == [("基準日", "「表」シート D2")]
    earlier = values(TRANSPOSED, {"基準日": "2012-09-30"})
    assert ("grade_count_change", "2012-09-30", "S") in earlier


def test_a_change_of_a_grade_is_told_from_a_change_of_its_share():
    table = "平成25年3月末現在\n方針\tＢ\tＢの前回からの増減\tＢの割合の増減\t前年度比\n方針1 窓口の改善\t2\t▲1\t▲2.5\t98.5%\n"
    (chosen,) = tables(table)
    assert chosen.columns["Ｂの前回からの増減"] == ["grade:B", "as:change"]
    assert chosen.columns["Ｂの割合の増減"] == ["grade:B", "as:share", "as:change"]
    figures = read([chosen])[0].figures
    assert [(one.measure.value, one.category, one.value.printed) for one in figures] == [
        ("grade_count", "B", "2"),
        ("grade_count_change", "B", "▲1"),
        ("other", "", "▲2.5"),
        ("other", "", "98.5%"),
    ]


# Amounts by kind and year, the unit above, △ in savings, a sum over the years that no measure counts.
EFFECTS = (
    "効果額の推移\t\t\t\t（単位：百万円）\n\t平成23年度決算\t平成24年度決算\t平成25年度見込\t累計\n"
    "歳入確保\t179\t58\t約61\t298\n歳出削減\t△106\t△116\t0\t△222\n計\t285\t174\t61\t520\n"
)


@pytest.mark.parametrize(("meaning", "value"), [("reduction", 116), ("negative", -116)])
def test_effects_by_kind_and_year(meaning, value):
    found = values(EFFECTS, {"△の意味": meaning})
    assert found["effect", 2012, "saving", "actual"] == ("△116", value, "百万円")
    assert found["effect", 2013, "revenue", "forecast"] == ("約61", 61, "百万円")
    assert found["effect", 2011, "total", "actual"] == ("285", 285, "百万円")
    figures = read(tables(EFFECTS), {"△の意味": meaning})[0].figures
    assert {one.triangle for one in figures if one.value.has_triangle} == {meaning}
    assert [one.value.is_approximate for one in figures].count(True) == 1
    # The sum over the years is kept, and is no effect of a year.
    assert [(one.label, one.unit) for one in figures if one.measure == "other"] == [
        ("歳入確保 累計", "百万円"), ("歳出削減 累計", "百万円"), ("計 累計", "百万円"),
    ]  # fmt: skip
    assert asked(EFFECTS) == [("△の意味", "△", ["「表」シート B4", "「表」シート C4", "「表」シート E4"])]


def test_accounts_and_sums_over_years_are_told_apart():
    found = values(
        "\t平成24年度 実績（千円）\t平成24年度までの累計\n歳入確保（一般会計）\t58\t237\n歳入確保（特別会計）\t1,200\t1,300\n",
        basis="actual", unit="千円",
    )  # fmt: skip
    assert list(found.values()) == [
        ("58", 58, "千円"),
        ("237", 237, "千円"),
        ("1,200", 1200, "千円"),
        ("1,300", 1300, "千円"),
    ]
    assert len({one.identity for one in read(tables(EFFECTS))[0].figures}) == 12


# What was revised, with no day but an edition; the last line may be two things.
REVISED = "見直し箇所\t項目数\n推進担当課\t9\n実施内容\t35\n成果指標\t39\nうち新規設定\t16\n計\t99\n"


def test_aspects_of_a_revision():
    refused = read(tables(REVISED))[0].problems
    assert refused == [
        "「表」シート B2（推進担当課、項目数）の値: 「見直し後の版」が見出しから分かりません。"
        "見出しの意味で選ぶか、「表全体について」で選んでください。"
    ]
    found = values(REVISED, {"計の意味": "other"}, edition="revised")
    assert found["revised_aspect", "revised", "indicators_new"] == ("16", 16, "項目")
    assert ("revised_items", "revised") not in found
    assert ("revised_items", "revised") in values(REVISED, {"計の意味": "revised_items"}, edition="revised")


# Two columns of headings, merged and blank, years in place of dates, counts of items beside them.
MERGED = """<table><tr><th>方針<th>評価<th>平成23年度<th>平成24年度
<tr><td rowspan=2>1 窓口の改善<td>予定どおりに進捗<td>11<td>10
<tr><td>B・S<td>2<td>3
<tr><td>3 組織の見直し<td>A<td>3<td>3
<tr><td><td>B<td>1<td>1
<tr><td>全体<td>項目数<td>24<td>24</table>"""


def test_two_columns_of_headings_and_years_without_a_day():
    found = values(MERGED, {"基準日": "half"})
    assert found["grade_count", 1, "2011-09-30", "B・S"] == ("2", 2, "項目")
    assert found["grade_count", 3, "2012-09-30", "B"] == ("1", 1, "項目")
    assert ("grade_count", 1, "2012-03-31", "A") in values(MERGED, {"基準日": "end"})
    assert {about for about, *_rest in asked(MERGED)} == {"基準日", "行の見出し"}
    skipped = values(MERGED, {"基準日": "end", "行の見出し": "skip"})
    assert ("grade_count", 3, "2012-03-31", "B") not in skipped


def test_counts_of_items_by_policy_with_those_that_stand_twice():
    found = values(
        "平成24年4月1日現在\n方針\t実施項目数\t再掲を含む延べ数\t成果指標数\n"
        "窓口の改善\t13項目\t14\t20\n組織の見直し\t5\t5\t8\n計\t18\t19\t28\n",
        edition="original",
    )
    assert found["item_count", 1, "2012-04-01"] == ("13項目", 13, "項目")
    assert found["listed_count", "2012-04-01"] == ("19", 19, "項目")
    assert found["indicator_count", 3, "original"] == ("8", 8, "件")


# What is wrong or doubtful is told at its place


def test_a_table_without_headings_names_every_row_and_column():
    found = read(tables("1\t2\n4\t5\n"))[0]
    assert found.problems[:2] == [
        "「表」シート: 見出しの行がありません。見出しも一緒にコピーして選び直すか、列の意味を1つずつ選んでください。",
        "「表」シート B1: 「B列」が何の列か分かりません。意味を選ぶか、「読まない」にしてください。",
    ]


def test_an_unknown_policy_is_refused_and_one_with_another_name_is_asked():
    table = "H24.9.30\tS\tA\n方針1 窓口\t1\t2\n方針8 下水道\t3\t4\n"
    found, doubts = read(tables(table))
    assert found.problems == [
        "「表」シート A3: 「方針8 下水道」が何の行か分かりません。意味を選ぶか、「読まない」にしてください。"
    ]
    assert [one.question for one in doubts] == ["「方針1 窓口の改善」として登録されている方針と読みました。"]


def test_a_policy_that_is_gone_is_not_taken_for_the_whole_plan():
    """A meaning can be remembered longer than the plan has what it names."""
    (one,) = tables("H24.9.30\tS\tA\n子育て\t1\t2\n")
    one.rows["子育て"] = ["policy:7"]
    assert read([one])[0].problems == [
        "「表」シート A2: 「子育て」の意味として選ばれた方針か版が、いまは登録されていません。選び直してください。"
    ]
    assert read(tables(REVISED, edition="gone"))[0].problems == read(tables(REVISED))[0].problems


def test_the_same_number_twice_is_once_and_two_numbers_are_refused():
    twice = "H24.9.30\tS\tA\n計\t1\t2\n合計\t1\t3\n"
    found, doubts = read(tables(twice))
    assert [(one.about, one.original, one.places) for one in doubts] == [("重なった値", "1", ["「表」シート B3"])]
    assert found.problems == [
        "「表」シート C3: 「「予定どおりに進捗」の項目の数」は 「表」シート C2 にもあり、値が違います（2 と 3）。"
        "どちらかの行か列を「読まない」にしてください。"
    ]


def test_a_decimal_comma_a_word_and_a_merged_number_are_asked():
    page = "<table><tr><th>H24.9.30<th>S（％）<th>A（％）<th>B（％）<tr><td>計<td>68,1<td>多数<td>3<tr><td>方針1<td colspan=2>5<td>1</table>"
    assert asked(page, day="2012-09-30") == [
        ("値", "68,1", ["「表1」シート B2"]),
        ("値", "多数", ["「表1」シート C2"]),
        ("結合したセル", "5", ["「表1」シート B3"]),
    ]
    assert all(not one.is_guessed and one.chosen == "" for one in read(tables(page, day="2012-09-30"))[1])
    day = "2012-09-30"
    found = values(page.replace("多数", "3"), {"値": "point", "結合したセル": "first"}, day=day)
    assert found["grade_share", day, "S"] == ("68,1", Decimal("68.1"), "%")
    assert found["grade_share", 1, day, "S"] == ("5", 5, "%")
    assert values(page, {"値": "as_is"}, day=day)["grade_share", day, "A"] == ("多数", None, "%")


def test_a_computed_share_is_rounded_as_a_person_says():
    page = "H24.9.30\tSの割合\n計\t24.1935483870968\n"
    assert values(page, {"小数の桁": "1"}, day="2012-09-30")["grade_share", "2012-09-30", "S"][:2] == (
        "24.2",
        Decimal("24.2"),
    )


def test_sums_are_looked_at_and_rounding_is_no_fault():
    def notes(table):
        return sums.told(read(tables(table))[0].figures, KNOWN)

    assert notes(BY_POLICY) == []
    assert notes(BY_POLICY.replace("82.6", "82.7")) == []  # 100.1 is rounding
    assert notes(BY_POLICY.replace("82.6", "62.6")) == [
        "「表1」シート G7 から 「表1」シート I7: 割合の合計が79.9%です。写し間違いがないか確かめてください。"
    ]
    assert notes(TRANSPOSED.replace("23\t23\t±0", "32\t23\t±0")) == [
        "「表」シート B6: 評価別の数を足すと23ですが、計は32です。写し間違いがないか確かめてください。"
    ]
    assert notes(EFFECTS.replace("△", "").replace("285", "286")) == [
        "「表」シート B5: 歳入確保と歳出削減を足すと285ですが、計は286です。写し間違いがないか確かめてください。"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("１５項目", [("１５項目", 15, "項目")]),
        ("約1,234千円", [("約1,234千円", 1234, "千円")]),
        ("15\n（24.2％）", [("15", 15, ""), ("24.2％", Decimal("24.2"), "%")]),
        ("▲ 3", [("▲ 3", -3, "")]),
        ("1百億円", [("1百億円", None, "")]),
        ("3（再掲1）", [("3（再掲1）", None, "")]),
        ("15①", [("15①", None, "")]),
    ],
)
def test_a_number_as_it_is_printed(text, found):
    assert [(one.printed, one.value, one.unit) for one in read_value(text)] == found


@pytest.mark.parametrize(
    ("parts", "days"),
    [
        ("上半期\t下半期\t上期\t下期", ("2011-09-30", "2012-03-31", "2012-09-30", "2013-03-31")),
        ("第1四半期\t第２四半期\t第三四半期\t第4四半期", ("2011-06-30", "2011-09-30", "2012-12-31", "2013-03-31")),
        ("9月末\t年度末\t中間\t期末", ("2011-09-30", "2012-03-31", "2012-09-30", "2013-03-31")),
    ],
)
def test_a_part_of_a_year_below_the_year_is_a_day(parts, days):
    found = values(f"評価\tH23\t\tH24\t\n\t{parts}\nS\t1\t2\t3\t4\nA\t50\t50\t50\t50\n")
    assert [found["grade_count", day, "S"][1] for day in days] == [1, 2, 3, 4]
    assert len(found) == 8
    assert asked(f"評価\tH23\t\tH24\t\n\t{parts}\nS\t1\t2\t3\t4\n") == []


def test_a_part_of_the_year_that_the_title_names():
    found = values("令和4年度の進捗\n評価\t第1四半期\t第2四半期\nS\t1\t2\nA\t50\t51\n")
    assert [key[1:] for key in found] == [(day, grade) for grade in "SA" for day in ("2022-06-30", "2022-09-30")]


def test_amounts_of_which_only_the_unit_is_told_are_effects():
    found = values("（単位：千円）\n方針\tH23実績\tH24実績\n方針1 窓口の改善\t1,000\t2,000\n計\t1,000\t2,000\n")
    assert found == {
        ("effect", policy, year, "total", "actual") if policy else ("effect", year, "total", "actual"): (
            f"{value:,}",
            value,
            "千円",
        )
        for policy in (1, None)
        for year, value in ((2011, 1000), (2012, 2000))
    }
