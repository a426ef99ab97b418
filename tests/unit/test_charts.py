"""Geometry of charts, at exact values."""

from decimal import Decimal

import pytest

from kodaira_reform.charts import Frame, Scale, column_chart, line_chart, rounded, stacked, ticks

SMALL = Frame(width=120, height=100, left=20, right=0, top=0, bottom=20)


@pytest.mark.parametrize(("value", "written"), [(3.0, "3"), (3.14, "3.1"), (Decimal("2.96"), "3"), (-0.04, "0")])
def test_numbers_are_written_short(value, written):
    assert str(rounded(value)) == written


def test_scale_goes_up_while_y_goes_down():
    scale = Scale(0, 80, 200, 0)
    assert [scale(value) for value in (0, 20, 62, 80, -8)] == [200, 150, 45, 0, 220]
    assert Scale(5, 5, 10, 90)(5) == 10


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 62, "0 20 40 60 80"),
        (0, 285, "0 100 200 300"),
        (0, 1, "0 0.5 1"),
        (0, 0, "0 0.5"),
        (-120, 300, "-200 0 200 400"),
        (94.5, 97.25, "94 95 96 97 98"),
        (Decimal("0.1"), Decimal("0.3"), "0.1 0.15 0.2 0.25 0.3"),
        (0, 6200, "0 2000 4000 6000 8000"),
        (7, 7, "7 7.5"),
    ],
)
def test_ticks_are_round_and_cover_the_values(low, high, expected):
    found = ticks(low, high)
    assert " ".join(map(str, found)) == expected
    assert found[0] <= low <= high <= found[-1]


def test_ticks_refuse_a_range_that_runs_backwards():
    with pytest.raises(ValueError, match="high < low"):
        ticks(2, 1)


def test_stacked_parts_follow_each_other_and_leave_out_nothing_but_zeros():
    assert stacked([("ahead", 1), ("on_track", 50), ("none", 0), ("behind", 11)]) == [
        ("ahead", 0, 1),
        ("on_track", 1, 50),
        ("behind", 51, 11),
    ]
    assert stacked([("a", 1), ("b", 2)], 100) == [("a", 0, 33.3), ("b", 33.3, 66.7)]
    assert stacked([]) == []
    with pytest.raises(ValueError, match="negative"):
        stacked([("a", -1)])


def test_columns_stack_up_from_zero_and_down():
    chart = column_chart([(("23年", "9月"), [("behind", 10), ("ahead", 30)]), (("24年",), [("loss", -20)])], SMALL)
    assert [(tick.y, str(tick.value)) for tick in chart.ticks] == [(80, "-20"), (53.3, "0"), (26.7, "20"), (0, "40")]
    assert chart.zero == 53.3
    assert chart.starts == [20, 70]
    first, second = chart.columns
    assert (first.words, first.x, first.is_known) == (("23年", "9月"), 45, True)
    assert first.boxes == [("behind", 30, 40, 30, 13.3), ("ahead", 30, 0, 30, 40)]
    assert second.boxes == [("loss", 80, 53.3, 30, 26.7)]


def test_a_column_without_a_value_is_an_empty_box_and_never_zero():
    chart = column_chart([(("a",), None), (("b",), [("x", 0)])], SMALL)
    assert [(column.is_known, column.boxes) for column in chart.columns] == [
        (False, [("unknown", 30, 0, 30, 80)]),
        (True, []),
    ]
    assert column_chart([], SMALL).columns == []


def test_a_line_breaks_where_a_value_is_unknown():
    chart = line_chart([("1",), ("2",), ("3",), ("4",)], [("actual", [10, 20, None, 30])], SMALL)
    [line] = chart.lines
    assert [(point.x, point.y) for point in line.points] == [(32.5, 80), (57.5, 40), (107.5, 0)]
    assert line.pieces == ["32.5,80 57.5,40"]
    assert chart.words[0] == (("1",), 32.5)
    assert [str(tick.value) for tick in chart.ticks] == ["10", "15", "20", "25", "30"]


def test_a_line_may_be_measured_from_zero_and_may_be_empty():
    assert str(line_chart([("1",)], [("a", [10])], SMALL, from_zero=True).ticks[0].value) == "0"
    assert line_chart([("1",)], [("a", [None])], SMALL).lines[0].points == []
    with pytest.raises(ValueError, match="argument"):
        line_chart([("1",)], [("a", [1, 2])], SMALL)
