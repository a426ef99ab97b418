"""Japanese text as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean_code, display_width, fold, natural_key


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ＰＤＣＡ サイクル", "pdcaさいくる"),
        ("ﾌﾟﾛｸﾞﾗﾑ", "ぷろぐらむ"),
        ("プログラム", "ぷろぐらむ"),
        ("ヴ ヵ ヶ", "ゔゕゖ"),
        ("ー", "ー"),
        ("サーバー", "さば"),
        ("ｻｰﾊﾞ", "さば"),
        ("サ－バ―", "さば"),
        ("さーばーのかんり", "さばのかんり"),
        ("R1-1", "r1-1"),
        ("個々の人々々", "個個の人人人"),
        ("々", "々"),
        ("行\u3000政\n改\t革", "行政改革"),
        ("㈱", "(株)"),
        ("①", "1"),
        ("", ""),
    ],
)
def test_fold_makes_spellings_equal(typed, stored):
    assert fold(typed) == stored


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=40))
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


def test_clean_code_is_half_width_without_space_around():
    assert clean_code("　２７ ") == "27"
    assert clean_code("Ｒ１－１") == "R1-1"


def test_the_mark_of_a_note_is_no_digit_of_a_number():
    written = ["１００①", "95.1¹", "①", "１－①", "CO₂", "m²", "①１００", "⑩⑪"]
    assert [clean_code(text) for text in written] == ["100①", "95.1¹", "1", "1-1", "CO2", "m2", "①100", "⑩⑪"]


def test_natural_key_orders_numbers_as_people_count():
    in_order = ["1", "2", "9", "10", "27", "62", "A1", "A10", "R1-1", "R1-2", "R1-10", "R2-1"]
    assert sorted(sorted(in_order, reverse=True), key=natural_key) == in_order


@pytest.mark.parametrize(
    ("number", "key"),
    [("2", "000002"), ("２", "000002"), ("r1-2", "R000001.000002"), ("1.1", "000001.000001"), ("", "")],
)
def test_natural_key_holds_digits_capitals_and_dots_only(number, key):
    assert natural_key(number) == key


def test_natural_key_of_every_valid_number_fits_its_column():
    longest = max(len(natural_key(number)) for number in ("1" * 16, "A1" * 8, "1-" * 8, "A" * 16))
    assert longest <= 120


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("ｱｲ", 2), ("行政", 4), ("項目27", 6), ("→", 2), ("（A）", 5)]
)
def test_display_width_counts_a_kanji_twice(text, width):
    assert display_width(text) == width
