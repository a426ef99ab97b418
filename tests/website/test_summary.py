"""The one sentence on how a plan stands."""

import datetime

import pytest

from website.summary import Summary

DAY = datetime.date(2016, 3, 31)


@pytest.mark.parametrize(
    ("well", "total", "percent"), [(51, 62, 82), (0, 62, 0), (62, 62, 100), (999, 1000, 99), (1, 1000, 1), (0, 0, 0)]
)
def test_percent_is_0_or_100_only_if_it_is_exactly_none_or_all(well, total, percent):
    assert Summary(DAY, total, well, [], [], 0, 0).percent == percent
    assert Summary(DAY, total + 5, well, [], [], 3, 2).percent == percent  # of what is graded
