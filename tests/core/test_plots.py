"""The geometry of charts over values."""

from decimal import Decimal

import pytest

from core.plots import bars, columns, lines, scale, stacked


@pytest.mark.parametrize(
    ("values", "from_zero", "ticks"),
    [
        ([3, 17], True, ["0", "5", "10", "15", "20"]),
        ([-120, 380], True, ["-200", "0", "200", "400"]),
        ([39.5, 60], False, ["30", "40", "50", "60"]),
        ([Decimal("0.25")], True, ["0", "0.1", "0.2", "0.3"]),
        ([7.5, 7.5], False, ["6.5", "7", "7.5", "8", "8.5"]),
        # What is counted stands at whole ticks.
        ([7, 7], False, ["6", "7", "8"]),
        ([1, 10], False, ["0", "5", "10"]),
        ([0, 2], True, ["0", "1", "2"]),
        ([4719, 8212], True, ["0", "2500", "5000", "7500", "10000"]),
        ([0], True, ["0", "1"]),
        ([], True, ["0", "1"]),
    ],
)
def test_an_axis_holds_all_values_and_has_round_ticks(values, from_zero, ticks):
    axis = scale(values, 200, from_zero=from_zero)
    lowest = 163 if from_zero and min(values, default=0) < 0 else 178  # below what hangs down stands its number
    assert [tick.value for tick in axis.ticks] == [Decimal(tick) for tick in ticks]
    assert axis.y(axis.high) == 30
    assert axis.y(axis.low) == lowest
    assert all(30 <= axis.y(value) <= lowest for value in values)


@pytest.mark.parametrize(("most", "left"), [(80, 34), (1000, 43), (1_000_000, 70)])
def test_the_axis_leaves_as_much_room_as_its_numbers_take(most, left):
    chart = columns([("2014", [("a", most)])])
    assert (chart.left, chart.values_end, chart.right) == (left, left - 4, 354)


def test_columns_stack_away_from_zero():
    chart = columns([("2014", [("a", 10), ("b", 30), ("c", -40)]), ("2015", [("a", 0)])], height=227)
    first, second = chart.columns
    assert second.blocks == []
    assert (chart.zero, first.x, second.x) == (110.0, 114.0, 274.0)
    assert [(block.part, block.y, block.height) for block in first.blocks] == [
        ("a", 90.0, 20.0),
        ("b", 30.0, 60.0),
        ("c", 110.0, 80.0),
    ]


def test_a_column_without_a_value_is_an_empty_box_and_never_zero():
    chart = columns([("2014", None), ("2015", [("a", 10)])], height=212)
    unknown, known = chart.columns
    assert (unknown.is_known, unknown.blocks) == (False, [(None, 0, 90.0, 30, 48, 160.0)])
    assert (known.is_known, known.blocks[0].height) == (True, 160.0)
    assert chart.starts == [34.0, 194.0]


def test_a_label_of_several_lines_makes_room_for_itself():
    short, tall = (columns([(label, [("a", 1)])], height=200) for label in ("2014", ("H26", "10月")))
    assert [(word.y, word.text) for word in tall.labels] == [(196, "H26"), (211, "10月")]
    assert (short.height, tall.height, tall.last_line) == (200, 215, 211)
    assert (short.zero, short.labels[0].x) == (tall.zero, tall.labels[0].x)


def test_neighbours_say_their_year_once_and_a_line_stands_between_years():
    days = [("9月", "H23", "2011"), ("3月", "H24", "2012"), ("9月", "H24", "2012")]
    chart = columns([(day, [("a", 1)]) for day in days])
    assert [(word.x, word.text) for word in chart.labels] == [
        *((87.3, "9月"), (194.0, "3月"), (300.7, "9月")),
        *((87.3, "H23"), (87.3, "2011"), (247.3, "H24"), (247.3, "2012")),
    ]
    assert chart.borders == [140.7]
    assert columns([(("H23", "2011"), [("a", 1)]), (("H24", "2012"), [("a", 1)])]).borders == []
    assert columns([("1", [("a", 1)]), ("2", [("a", 1)])]).borders == []


def test_where_words_have_no_room_the_last_ones_are_said():
    many = [
        ((f"{number % 4 * 3 + 3}月", f"R{number // 4 + 1}", str(2019 + number // 4)), [("a", 62)])
        for number in range(24)
    ]
    chart = columns(many)
    months = [word.text for word in chart.labels if str(word.text).endswith("月")]
    assert len(months) < 24
    assert months[-1] == "12月"
    assert [word.text for word in chart.labels if str(word.text).startswith("R")] == [
        "R1",
        "R2",
        "R3",
        "R4",
        "R5",
        "R6",
    ]
    words = [word.box for word in (*chart.labels, *chart.values)]
    assert [one for index, one in enumerate(words) if one.meets(words[index + 1 :])] == []


def test_a_column_says_what_it_adds_up_to_and_nothing_where_nothing_is_known():
    chart = columns(
        [
            ("2011", [("a", Decimal("1250.5")), ("b", 10), ("c", -40)]),
            ("2012", [("a", 0)]),
            ("2013", None),  # unknown
            ("2014", []),  # nobody stated an amount
        ],
        unit="千円",
    )
    assert [(word.text, word.y) for word in chart.values] == [("1,260.5", 44.3), ("-40", 160.3), ("0", 140.8)]
    assert chart.unit == "千円"


def test_a_number_in_the_way_of_its_neighbour_stands_a_line_higher():
    amounts = [52_970, 178_190, 272_470, 223_570, 92_100, 358_170]
    chart = columns([(str(year), [("a", value)]) for year, value in enumerate(amounts, 2011)], height=140)
    assert [word.text for word in chart.values] == ["52,970", "178,190", "272,470", "223,570", "92,100", "358,170"]
    tops = [round(column.blocks[0].y - word.y, 1) for column, word in zip(chart.columns, chart.values, strict=True)]
    assert tops == [4, 4, 19, 4, 4, 4]
    equal = columns([(str(year), [("a", 358_170)]) for year in range(2011, 2027)], height=140)
    assert 4 <= len(equal.values) < 16  # the table has those that have no room


def test_parts_of_a_bar_follow_each_other_and_leave_out_zeros():
    assert stacked([("ahead", 1), ("on_track", 50), ("none", 0), ("behind", 11)]) == [
        ("ahead", 0, 1),
        ("on_track", 1, 50),
        ("behind", 51, 11),
    ]
    assert stacked([]) == []


def test_a_bar_is_as_long_as_its_share_of_the_longest():
    chart = bars([("全体", [("p", 50), ("c", None)]), ("内容", [("p", Decimal(25)), ("c", 0)])])
    assert [[(bar.value, bar.width) for bar in row.bars] for row in chart.rows] == [
        [(50, 300.0), (None, 0)],
        [(25, 150.0), (0, 0.0)],
    ]
    assert bars([("全体", [("p", None)])]).rows[0].bars[0].width == 0


def test_a_bar_leaves_room_for_its_number_and_unit():
    chart = bars([("全体", [("p", 1234), ("c", 617)])], unit="項目")
    assert [bar.width for bar in chart.rows[0].bars] == [290.0, 145.0]
    assert chart.unit == "項目"


def test_lines_pass_through_their_values():
    chart = lines([2011, 2012], [("目標", "target", [(2011, 40, "t"), (2012, 60, "t")]), ("実績", "actual", [])])
    assert chart.lines[0].path == "114,178 274,30"
    assert [word.text for word in chart.labels] == [2011, 2012]
    assert [(word.text, word.x, word.y) for word in chart.values] == [("60", 274, 22), ("40", 98, 182)]
    assert chart.ruling == "M34 178H354M34 141H354M34 104H354M34 67H354M34 30H354"
    assert lines([2011], [("実績", "actual", [])]) is None


def test_numbers_of_points_stand_on_no_other_and_on_no_line():
    years = range(2011, 2016)
    former = list(zip(years, (52.5, 53, 53.5, 54, 55), ["former"] * 5, strict=True))
    actual = list(zip(years, (52.5, 52.7, 52.4, 52.6, 52.9), ["actual"] * 5, strict=True))
    aimed = [(2014, 53, "target"), (2015, 53.5, "target")]
    chart = lines(
        years,
        [("当初", "former", former), ("改訂版", "target", aimed), ("実績", "actual", actual)],
        unit="%",
        below="年度",
    )
    told = [word.text for word in chart.values]
    assert told[:5] == ["52.9", "52.6", "52.4", "52.7", "52.5"]  # all of what came, the last year first
    assert {"53.5", "55"} <= set(told)
    boxes = [word.box for word in chart.values]
    covered = [box for line in chart.lines for box in (*line.along, *(point.box for point in line.points))]
    assert [one for index, one in enumerate(boxes) if one.meets([*boxes[index + 1 :], *covered])] == []
    assert (chart.unit, chart.below) == ("%", "年度")
