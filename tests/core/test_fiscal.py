"""Fiscal years and eras, at every border where they can go wrong."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import fiscal

YEARS = st.integers(fiscal.FIRST_YEAR, fiscal.LAST_YEAR)
DAYS = st.dates(date(fiscal.FIRST_YEAR, 1, 1), date(fiscal.LAST_YEAR, 12, 31))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 3, 31), "今日"),
        (date(2026, 3, 30), "1日前"),
        (date(2026, 3, 1), "30日前"),
        (date(2026, 2, 28), "1か月前"),
        (date(2025, 4, 1), "11か月前"),
        (date(2025, 3, 31), "1年前"),
        (date(2016, 3, 31), "10年前"),
        (date(2015, 9, 30), "10年6か月前"),
    ],
)
def test_how_long_ago_a_day_was(day, said):
    assert fiscal.ago(day, date(2026, 3, 31)) == said


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2011, 3, 31), 2010),
        (date(2011, 4, 1), 2011),
        (date(2011, 12, 31), 2011),
        (date(2012, 1, 1), 2011),
        (date(2012, 3, 31), 2011),
        (date(2012, 4, 1), 2012),
        (date(2020, 2, 29), 2019),
    ],
)
def test_fiscal_year_begins_on_the_first_of_april(day, year):
    assert fiscal.fiscal_year_of(day) == year


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(1873, 1, 1), "明治6年1月1日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(2014, 10, 31), "平成26年10月31日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2020, 1, 1), "令和2年1月1日"),
    ],
)
def test_day_at_the_border_of_an_era_is_written_and_read(day, text):
    assert fiscal.era_date(day) == text
    assert fiscal.parse_date(text) == day


def test_date_label_names_both_years():
    assert fiscal.date_label(date(2014, 10, 31)) == "平成26年（2014年）10月31日"


@pytest.mark.parametrize(
    ("year", "label"),
    [
        (1873, "明治6年度（1873年度）"),
        (1911, "明治44年度（1911年度）"),
        (1912, "明治45年度（1912年度）"),  # began before 大正
        (1913, "大正2年度（1913年度）"),
        (1926, "大正15年度（1926年度）"),
        (1927, "昭和2年度（1927年度）"),
        (1988, "昭和63年度（1988年度）"),
        (1989, "平成元年度（1989年度）"),
        (2011, "平成23年度（2011年度）"),
        (2018, "平成30年度（2018年度）"),
        (2019, "令和元年度（2019年度）"),
        (2020, "令和2年度（2020年度）"),
    ],
)
def test_fiscal_year_label_at_the_borders_of_eras(year, label):
    assert fiscal.fiscal_year_label(year) == label
    assert fiscal.era_fiscal_year(year) == label.partition("（")[0]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (2011, 2011),
        ("2011", 2011),
        ("2011年度", 2011),
        ("2011年", 2011),
        ("２０１１年度", 2011),
        ("FY2011", 2011),
        ("fy 2011", 2011),
        (" 平成23年度 ", 2011),
        ("平成２３年度", 2011),
        ("平成23", 2011),
        ("H23", 2011),
        ("h23年度", 2011),
        ("Ｈ２３", 2011),
        ("平成 23 年度", 2011),
        ("平成23年度（2011年度）", 2011),
        ("2011年度(平成23年度)", 2011),
        ("平成元年度", 1989),
        ("平成1年度", 1989),
        ("昭和64年度", 1989),
        ("平成31年度", 2019),
        ("令和元年度", 2019),
        ("令和1年度", 2019),
        ("R元", 2019),
        ("R01", 2019),
        ("㍻23年度", 2011),  # the one-character era of old word processors
        ("令和02年度", 2020),
        ("令和100年度", 2118),
        ("1873", 1873),
        ("2199", 2199),
    ],
)
def test_parse_fiscal_year_reads_what_people_type(text, year):
    assert fiscal.parse_fiscal_year(text) == year


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("平成32年度", "「平成32年度」: 平成にその年度はありません。令和2年度ではありませんか。"),
        ("平成32", "「平成32」: 平成にその年度はありません。令和2年度ではありませんか。"),
        ("昭和65年度", "「昭和65年度」: 昭和にその年度はありません。平成2年度ではありませんか。"),
        ("平成0年度", "「平成0年度」: 平成0年はありません。"),
        ("明治5年度", "「明治5年度」: 1873年度より前は扱えません。"),
        ("1872", "「1872」: 西暦は1873年から2199年までで入力してください。"),
        ("2200年度", "「2200年度」: 西暦は1873年から2199年までで入力してください。"),
        (
            "平成23年度（2012年度）",
            "「平成23年度(2012年度)」: 和暦と西暦が一致しません。平成23年度（2011年度）ではありませんか。",
        ),
        ("", "「」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        ("23", "「23」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        ("平成", "「平成」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        ("平成231年度", "「平成231年度」: 2199年より後は扱えません。"),
        ("令和182年度", "「令和182年度」: 2199年より後は扱えません。"),
        ("平成2311年度", "「平成2311年度」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        ("2011.5", "「2011.5」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        ("2011-2012", "「2011-2012」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
        (None, "「None」は年度として読めません。2011 または 平成23年度 のように入力してください。"),
    ],
)
def test_parse_fiscal_year_refuses_with_a_reason(text, reason):
    with pytest.raises(ValueError, match=r"。$") as refused:
        fiscal.parse_fiscal_year(text)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (date(2014, 9, 30), date(2014, 9, 30)),
        (datetime(2014, 9, 30, 23, 59), date(2014, 9, 30)),  # noqa: DTZ001 as a sheet's cell gives it
        ("2014-09-30", date(2014, 9, 30)),
        ("2014/9/30", date(2014, 9, 30)),
        ("2014.9.30", date(2014, 9, 30)),
        ("2014年9月30日", date(2014, 9, 30)),
        ("２０１４年９月３０日", date(2014, 9, 30)),
        ("平成26年9月30日", date(2014, 9, 30)),
        ("平成２６年　９月　３０日", date(2014, 9, 30)),
        ("H26.9.30", date(2014, 9, 30)),
        ("h26/09/30", date(2014, 9, 30)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("R1-5-1", date(2019, 5, 1)),
        ("2020-02-29", date(2020, 2, 29)),
    ],
)
def test_parse_date_reads_what_people_type(text, day):
    parsed = fiscal.parse_date(text)
    assert parsed == day
    assert type(parsed) is date


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("昭和64年1月8日", "「昭和64年1月8日」は昭和の日付ではありません。平成元年1月8日ではありませんか。"),
        ("平成元年1月7日", "「平成元年1月7日」は平成の日付ではありません。昭和64年1月7日ではありませんか。"),
        ("平成31年5月1日", "「平成31年5月1日」は平成の日付ではありません。令和元年5月1日ではありませんか。"),
        ("令和元年4月30日", "「令和元年4月30日」は令和の日付ではありません。平成31年4月30日ではありませんか。"),
        ("明治5年12月3日", "1872-12-03: 1873年より前の日付は扱えません。"),
        ("1872-12-31", "「1872-12-31」: 西暦は1873年から2199年までで入力してください。"),
        ("令和182年1月1日", "「令和182年1月1日」: 2199年より後は扱えません。"),
        ("2014-02-29", "「2014-02-29」という日付は暦にありません。"),
        ("2014-13-01", "「2014-13-01」という日付は暦にありません。"),
        ("平成26年9月31日", "「平成26年9月31日」という日付は暦にありません。"),
        (
            "2014-9/30",
            "「2014-9/30」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。",
        ),
        (
            "平成26年9月末",
            "「平成26年9月末」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。",
        ),
        ("", "「」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。"),
    ],
)
def test_parse_date_refuses_with_a_reason(text, reason):
    with pytest.raises(ValueError, match=r"。$") as refused:
        fiscal.parse_date(text)
    assert str(refused.value) == reason


def test_no_era_before_1873():
    with pytest.raises(ValueError, match="1873年より前の日付は扱えません。"):
        fiscal.era_of(date(1872, 12, 31))


@given(YEARS)
def test_every_label_of_a_fiscal_year_is_read_back(year):
    label = fiscal.fiscal_year_label(year)
    assert fiscal.parse_fiscal_year(label) == year
    assert fiscal.parse_fiscal_year(fiscal.era_fiscal_year(year)) == year
    assert fiscal.parse_fiscal_year(str(year)) == year


@given(YEARS)
def test_a_fiscal_year_is_the_days_from_its_first_to_its_last(year):
    assert fiscal.fiscal_year_of(fiscal.first_day(year)) == year
    assert fiscal.fiscal_year_of(fiscal.last_day(year)) == year
    assert (fiscal.first_day(year + 1) - fiscal.last_day(year)).days == 1


@given(DAYS)
def test_every_day_is_read_back_from_era_and_iso_form(day):
    assert fiscal.parse_date(fiscal.era_date(day)) == day
    assert fiscal.parse_date(day.isoformat()) == day


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_value_error(text):
    for parse in (fiscal.parse_fiscal_year, fiscal.parse_date):
        try:
            parse(text)
        except ValueError as refused:
            assert str(refused) != ""  # noqa: PT017 either answer is right, a crash is not
