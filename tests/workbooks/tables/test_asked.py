"""What could be meant otherwise is a question or a column to be checked, never decided in silence."""

import io
from decimal import Decimal

import openpyxl
import pytest

from tests.workbooks.tables import printed
from tests.workbooks.tables.reading import answered, chosen, read, workbook
from workbooks.tables.column_roles import Role
from workbooks.tables.read_items import ReadEffect


def columns(data):
    [one] = chosen(data)
    return [(column.role, column.year, column.is_sure) for column in one.columns]


@pytest.mark.parametrize("title", ["財政効果額一覧（単位：千円）", "取組一覧（単位：千円）", "取組一覧（千円）"])
def test_numbers_below_years_of_a_table_about_money_are_amounts(title):
    data = workbook(
        [[title], ["No.", "取組項目", "平成23年度", "平成24年度"], [1, "窓口", 1200, "1,300"], [2, "広告", 5, "－"]]
    )
    assert columns(data)[2:] == [(Role.SAVING, 2011, False), (Role.SAVING, 2012, False)]
    first, second = read(data).items
    assert (first.year_plans, second.year_plans) == ({}, {})
    assert [(one.year, one.amount) for one in (*first.effects, *second.effects)] == [
        (2011, 1200),
        (2012, 1300),
        (2011, 5),
    ]


@pytest.mark.parametrize(
    ("title", "values", "sure"),
    [
        ("取組一覧", [1200, 1300], False),  # whatever they are, a person says it
        ("円滑な取組一覧", ["検討", "実施"], True),
        ("効果額一覧", ["検討", "実施"], True),
    ],
)
def test_plans_are_words_and_numbers_are_to_be_checked(title, values, sure):
    data = workbook(
        [
            [title],
            ["No.", "取組項目", "平成23年度"],
            *([index, f"項目{index}", value] for index, value in enumerate(values, 1)),
        ]
    )
    assert columns(data)[2] == (Role.YEAR_PLAN, 2011, sure)


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (["歳入確保", "歳出削減"], (Role.POLICY, None, False)),
        (["新規", "継続"], (Role.POLICY, None, False)),
        (["計画", "実績"], (Role.ROW_KIND, None, True)),
        (["目標値", "評価"], (Role.ROW_KIND, None, True)),
    ],
)
def test_a_division_is_a_kind_of_row_only_where_its_values_say_so(values, column):
    data = workbook([["区分", "取組項目", "H23"], [values[0], "窓口", "検討"], [values[1], "広告", "実施"]])
    assert columns(data)[0] == column
    if column[0] is Role.POLICY:
        assert [item.year_plans for item in read(data).items] == [{2011: ("検討", False)}, {2011: ("実施", False)}]


def test_a_division_beside_the_policy_is_left_to_a_person():
    data = workbook([["方針", "区分", "取組項目", "H23"], [1, "新規", "窓口", "検討"], [1, "継続", "広告", "実施"]])
    assert columns(data)[:2] == [(Role.POLICY, None, True), (Role.IGNORE, None, False)]


@pytest.mark.parametrize(
    ("written", "names", "question"),
    [
        (
            "企画政策部\n行政経営課",
            ("行政経営課",),
            "「企画政策部」は、続く課の上の組織と見て、「行政経営課」だけを登録します。",
        ),
        ("教育委員会　学務課", ("学務課",), "「教育委員会」は、続く課の上の組織と見て、「学務課」だけを登録します。"),
        (
            "財政課\n企画部\n行政経営課",
            ("財政課", "行政経営課"),
            "「企画部」は、続く課の上の組織と見て、「財政課、行政経営課」だけを登録します。",
        ),
        ("市民部\n環境部", ("市民部", "環境部"), None),
        ("財政課\n企画課", ("財政課", "企画課"), None),
        ("企画部、財政課", ("企画部", "財政課"), None),
    ],
)
def test_the_section_of_a_division_is_meant(written, names, question):
    found = read(workbook([["番号", "項目名", "担当課"], ["1", "窓口", written]]))
    assert found.items[0].departments == names
    assert [one.question for one in found.doubts if one.about == "担当課"] == ([question] if question else [])


@pytest.mark.parametrize(
    ("written", "names", "aside"),
    [
        ("◎総務課、○財政課", ("総務課", "財政課"), "◎、○"),
        ("財政課、◎総務課", ("総務課", "財政課"), "◎"),
        ("収納課（主）、税務課（副）", ("収納課", "税務課"), "（主）、（副）"),
        ("財政課（副）\n総務課（主）", ("総務課", "財政課"), "（副）、（主）"),
        ("【主】総務課【副】財政課", ("総務課", "財政課"), "【主】、【副】"),
        ("主：総務課　副：財政課", ("総務課", "財政課"), "主：、副："),
        ("①総務課②財政課", ("総務課", "財政課"), "①、②"),
        ("市民課※1", ("市民課",), "※1"),
        ("総務課→企画課", ("企画課",), "総務課→"),
        ("総務課（旧庶務課）", ("総務課",), "（旧庶務課）"),
        ("総務課、財政課（R3まで）", ("総務課", "財政課"), "（R3まで）"),
        ("総務課 係長 山田", ("総務課",), "係長 山田"),
        ("総務課\n内線1234", ("総務課",), "内線1234"),
    ],
)
def test_what_stands_beside_a_department_is_no_part_of_its_name_and_is_asked(written, names, aside):
    """「◎総務課」 and 「市民課※1」 became departments without a question, 「主）、税務課（副」 was proposed as one."""
    data = workbook([["番号", "項目名", "担当課"], ["1", "窓口", written]])
    found = read(data)
    assert found.items[0].departments == names
    [asked] = [one for one in found.doubts if one.about == "担当課"]
    lead = f"（主担当は「{names[0]}」）" if len(names) > 1 else ""
    assert asked.question == f"「{aside}」は部署の名称ではないと見て、「{'、'.join(names)}」と読みました{lead}。"
    whole = "".join(written.splitlines())
    assert answered(data, {whole: "one"}).items[0].departments == (whole,)


@pytest.mark.parametrize(
    ("written", "names", "is_asked"),
    [
        ("総務課及び財政課", ("総務課", "財政課"), True),
        ("総務課と財政課", ("総務課", "財政課"), True),
        ("総務課\n（財政課）", ("総務課", "財政課"), True),
        ("旧総務課", ("旧総務課",), True),
        ("総　務　課", ("総務課",), False),
        ("主税課", ("主税課",), False),
        ("ひとと文化課", ("ひとと文化課",), False),
        ("DX推進担当", ("DX推進担当",), False),
        ("総務課，財政課", ("総務課", "財政課"), False),
    ],
)
def test_names_of_departments_that_are_one_or_two(written, names, is_asked):
    found = read(workbook([["番号", "項目名", "担当課"], ["1", "窓口", written]]))
    asked = [one for one in found.doubts if one.about == "担当課"]
    assert (found.items[0].departments, bool(asked)) == (names, is_asked)


def test_a_division_may_be_a_department_as_well():
    data = workbook([["番号", "項目名", "担当課"], ["1", "窓口", "企画政策部\n行政経営課"]])
    assert answered(data, {"企画政策部行政経営課": "all"}).items[0].departments == ("企画政策部", "行政経営課")
    assert answered(data, {"企画政策部行政経営課": "one"}).items[0].departments == ("企画政策部行政経営課",)


@pytest.mark.parametrize(
    ("heading", "text", "target", "actual"),
    [
        ("R4目標（実績）", "90%（91.2%）", (Decimal(90), ""), (Decimal("91.2"), "", False)),
        ("R4目標値（実績見込）", "90%以上（91.2%）", (Decimal(90), "以上"), (Decimal("91.2"), "", True)),
        ("R4実績（目標）", "９１％（90％）", (Decimal(90), ""), (Decimal(91), "", False)),
        ("R4目標（実績）", "90%（－）", (Decimal(90), ""), None),
    ],
)
def test_a_target_with_its_actual_in_brackets(heading, text, target, actual):
    data = workbook([["番号", "項目名", "指標", heading], ["1", "窓口", "収納率", text]])
    found = read(data)
    [one] = found.items[0].indicators
    assert (one.targets, one.actuals) == ({2022: target}, {2022: actual} if actual else {})
    [doubt] = [doubt for doubt in found.doubts if doubt.about == heading]
    assert doubt.question.startswith("見出しのとおり、目標 ")
    [kept] = answered(data, {text: "words"}).items[0].indicators
    assert text in str((kept.targets, kept.actuals))
    [left] = answered(data, {text: "skip"}).items[0].indicators
    assert (left.targets, left.actuals) == ({}, {})


@pytest.mark.parametrize(
    ("text", "choices", "effect"),
    [
        ("(1,300)", ["登録しない", "1,300 として登録する"], ReadEffect(2011, "saving", "actual", Decimal(1300))),
        ("見込み600", ["登録しない", "600 として登録する"], ReadEffect(2011, "saving", "forecast", Decimal(600))),
        ("約５百万円", ["登録しない", "5百万円 として登録する"], ReadEffect(2011, "saving", "actual", Decimal(5000))),
        ("（△500）", ["登録しない", "△500 として登録する"], ReadEffect(2011, "saving", "actual", "△500")),
        ("100～200", ["登録しない"], None),
        ("多数", ["登録しない"], None),
    ],
)
def test_an_amount_with_something_around_it_may_be_taken(text, choices, effect):
    data = workbook([["番号", "項目名", "H23実績 歳出削減額（千円）"], ["1", "窓口", text]])
    found = read(data)
    [doubt] = [one for one in found.doubts if one.original == text]
    assert ([label for _code, label in doubt.choices], found.items[0].effects) == (choices, [])
    if effect:
        assert doubt.is_guessed is False
        assert answered(data, {text: "amount"}).items[0].effects == [effect]


def formatted(rows, code='#,##0;"△"#,##0'):
    """A workbook whose numbers are shown by a format."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(rows)))
    for line in book.active.iter_rows():
        for cell in line:
            if isinstance(cell.value, int):
                cell.number_format = code
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_triangle_that_a_format_shows_is_one_that_somebody_typed():
    """-500 was registered as a saving that failed, whatever the city means by △."""
    data = formatted(
        [["番号", "項目名", "H23実績 歳出削減額（千円）", "H23実績 歳入確保額（千円）"], ["1", "窓口", -500, -300]]
    )
    assert read(data).items[0].effects == [
        ReadEffect(2011, "saving", "actual", "△500"),  # what it means is asked with the preview
        ReadEffect(2011, "revenue", "actual", Decimal(-300)),
    ]
    plain = formatted([["番号", "項目名", "H23実績 歳出削減額（千円）"], ["1", "窓口", -500]], "#,##0;[Red]-#,##0")
    assert read(plain).items[0].effects == [ReadEffect(2011, "saving", "actual", Decimal(-500))]


def test_a_triangle_that_a_format_shows_in_a_printed_table():
    data = formatted(
        [["効果額（実績、百万円）", "平成23年度", "平成24年度"], ["歳入確保", 179, 58], ["歳出削減", 106, -116]]
    )
    found, doubts = printed.read(printed.tables(data))
    assert [one.about for one in doubts] == ["△の意味"]
    assert [one.value.printed for one in found.figures] == ["179", "58", "106", "△116"]


def test_what_a_format_shows_beside_a_number_is_read_as_it_is_seen():
    """1,234,567円 was 1,234,567千円, 12件 had no unit, H23年度 was the heading 23, and a zero that is shown as － was one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表"
    sheet.append(["番号", "項目名", 23, "指標", 27, "H23歳出削減実績額（千円）", "H24歳出削減実績額（千円）"])
    sheet.append([1, "窓口", "検討", "件数", 12, 1234567, 0])
    sheet.append([2, "広告", "実施", "率", 95.5, 0, 0])
    codes = {"C1": '"H"0"年度"', "E1": '"目標（H"0"）"', "E2": '0"件"', "E3": '0.0"％"', "F2": '#,##0"円"'}
    for cell in ("A2", "A3"):
        codes[cell] = '"1-"0'
    for cell in ("G2", "F3", "G3"):
        codes[cell] = '#,##0;"△"#,##0;"－"'
    for cell, code in codes.items():
        sheet[cell].number_format = code
    file = io.BytesIO()
    book.save(file)
    found = read(file.getvalue())
    assert [
        (item.number, item.year_plans, item.indicators[0].unit, item.indicators[0].targets, item.effects)
        for item in found.items
    ] == [
        (
            *("1-1", {2011: ("検討", False)}, "件", {2015: (Decimal(12), "")}),
            [ReadEffect(2011, "saving", "actual", Decimal("1234.567"))],
        ),
        ("1-2", {2011: ("実施", False)}, "%", {2015: (Decimal("95.5"), "")}, []),
    ]
    assert found.notes == ["「表」シート G2 ほか2か所: 0を表示しない書式なので、表示のとおり 「－」と読みました。"]
