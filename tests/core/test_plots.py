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
        ([7, 7], False, ["6", "6.5", "7", "7.5", "8"]),
        ([0], True, ["0", "0.25", "0.5", "0.75", "1"]),
        ([], True, ["0", "0.25", "0.5", "0.75", "1"]),
    ],
)
def test_an_axis_holds_all_values_and_has_round_ticks(values, from_zero, ticks):
    axis = scale(values, 200, from_zero=from_zero)
    assert [tick.value for tick in axis.ticks] == [Decimal(tick) for tick in ticks]
    assert axis.y(axis.high) == 14
    assert axis.y(axis.low) == 178
    assert all(14 <= axis.y(value) <= 178 for value in values)


@pytest.mark.parametrize(("most", "left"), [(80, 34), (1000, 43), (1_000_000, 70)])
def test_the_axis_leaves_as_much_room_as_its_numbers_take(most, left):
    chart = columns([("2014", [("a", most)])])
    assert (chart.left, chart.values_end, chart.right) == (left, left - 4, 354)


def test_columns_stack_away_from_zero():
    chart = columns([("2014", [("a", 10), ("b", 30), ("c", -40)]), ("2015", [("a", 0)])], height=196)
    first, second = chart.columns
    assert second.blocks == []
    assert (chart.zero, first.x, second.x) == (94.0, 114.0, 274.0)
    assert [(block.part, block.y, block.height) for block in first.blocks] == [
        ("a", 74.0, 20.0),
        ("b", 14.0, 60.0),
        ("c", 94.0, 80.0),
    ]


def test_a_column_without_a_value_is_an_empty_box_and_never_zero():
    chart = columns([("2014", None), ("2015", [("a", 10)])], height=196)
    unknown, known = chart.columns
    assert (unknown.is_known, unknown.blocks) == (False, [(None, 0, 90.0, 14, 48, 160.0)])
    assert (known.is_known, known.blocks[0].height) == (True, 160.0)
    assert chart.starts == [34.0, 194.0]


def test_a_label_of_several_lines_makes_room_for_itself():
    short, tall = (columns([(label, [("a", 1)])], height=200) for label in ("2014", ("H26", "10月")))
    assert [(word.y, word.text) for word in tall.labels] == [(196, "H26"), (211, "10月")]
    assert (short.height, tall.height) == (200, 215)
    assert (short.zero, short.labels[0].x) == (tall.zero, tall.labels[0].x)


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


def test_lines_pass_through_their_values():
    chart = lines([2011, 2012], [("目標", "target", [(2011, 40, "t"), (2012, 60, "t")]), ("実績", "actual", [])])
    assert chart.lines[0].path == "114.0,178.0 274.0,14.0"
    assert [word.text for word in chart.labels] == [2011, 2012]
    assert lines([2011], [("実績", "actual", [])]) is None
