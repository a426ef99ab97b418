"""One grammar: what each input is as a number, text, key, day, year and flag. The doors have a table of their own."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import grammar
from core.grammar import Unreadable

NINE = datetime.datetime(2027, 3, 1, 9, 0)  # noqa: DTZ001 - cells have no zone

NUMBERS = {
    "△5": -5, "▲5": -5, "−5": -5, "－5": -5, "-5": -5, "５": 5, "1,234": 1234, "1,234,567.5": "1234567.5", "１，２３４": 1234,
    " 7 ": 7, "2\u200b7": 27, "68.1": "68.1", ".5": "0.5", "12345678901234.5678": "12345678901234.5678",
    "56.99999999999999": 57, "0.30000000000000004": "0.3",
}  # fmt: skip
TYPED_NUMBERS = {1200.0: 1200, 56.99999999999999: 57, 0.1: "0.1", 285: 285, Decimal("285.00"): 285}
NO_NUMBERS = [
    "68,1",
    "1,2,3",
    "1,23",
    "12,34",
    ",123",
    "68.1%",
    "○",
    "約5",
    "5件",
    "1e5",
    "--5",
    "H27.3.31",
    "NaN",
    "Infinity",
    "五",
    "100①",  # the mark of a note is no digit: it was 1001
    "95.1¹",
    "①100",
    "①②",
]


@pytest.mark.parametrize(("written", "expected"), [*NUMBERS.items(), *TYPED_NUMBERS.items()])
def test_a_number_is_read(written, expected):
    assert grammar.number(written) == Decimal(expected)


@pytest.mark.parametrize("written", NO_NUMBERS)
def test_what_is_no_number_is_refused_and_not_guessed(written):
    with pytest.raises(Unreadable, match=r"^「.*」は数として読めません。"):
        grammar.number(written)


def test_a_decimal_comma_is_told_apart_from_thousands():
    with pytest.raises(Unreadable) as refused:
        grammar.number("68,1")
    assert str(refused.value) == (
        "「68,1」は数として読めません。小数点は「.」、桁の区切りは 1,234 のように3桁ごとにしてください。"
    )


@pytest.mark.parametrize("value", ["1" + "0" * 15, "9" * 5000, 1e15, Decimal("1e15")])
def test_a_number_too_large_is_refused(value):
    with pytest.raises(Unreadable, match="大きすぎます"):
        grammar.number(value)


def test_a_unit_may_stand_behind_an_amount():
    assert [grammar.amount(value) for value in ("5千円", "△1,200 千円", "１２", None, "")] == [5, -1200, 12, None, None]


def test_an_amount_is_exact_to_the_yen_in_every_unit():
    assert [
        grammar.amount(value, "百万円") for value in ("130.7", "0.1", "△0.000001", 284, "1,234,567円", "5億円")
    ] == [*(130_700, 100, Decimal("-0.001"), 284_000, Decimal("1234.567"), 500_000)]
    assert str(grammar.amount("１，２３４．５万円")) == "12345"
    assert [str(grammar.amount(1234567, "円")), str(grammar.amount("-123.4", "万円"))] == ["1234.567", "-1234"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "約130.7",
            "「約130.7」は金額として読めません。百万円単位の数だけを入力するか、130.7百万円、1,234,567円 のように単位を"
            "付けてください。",
        ),
        ("0.0000001", "「0.0000001」（百万円単位）は1円より細かい金額です。1円までの数にしてください。"),
        ("1.5円", "「1.5円」（円単位）は1円より細かい金額です。1円までの数にしてください。"),
        ("百万円", "「百万円」に数がありません。金額を入力してください。"),
        ("12人", None),
        (True, None),
    ],
)
def test_an_amount_that_is_none_says_how_to_write_it(written, message):
    with pytest.raises(Unreadable) as refused:
        grammar.amount(written, "百万円")
    assert message is None or str(refused.value) == message


def test_a_whole_number_has_no_places():
    with pytest.raises(Unreadable, match="整数ではありません"):
        grammar.whole("1.5")


FOREIGN = [
    True,
    False,
    datetime.date(2027, 3, 1),
    NINE,
    datetime.time(9, 30),
    datetime.timedelta(hours=30),
]


@pytest.mark.parametrize("value", FOREIGN)
@pytest.mark.parametrize("read", [grammar.text, grammar.code, grammar.number, grammar.whole, grammar.fiscal_year])
def test_what_a_program_has_made_of_a_text_is_refused(read, value):
    with pytest.raises(Unreadable, match=r"^セルの値が"):
        read(value)


def test_the_refusal_names_the_value_and_what_to_do():
    with pytest.raises(Unreadable) as refused:
        grammar.code(datetime.date(2027, 3, 1))
    assert str(refused.value) == (
        "セルの値が日付（2027-03-01）になっています。セルの書式を「文字列」にして、文字を入力し直してください。"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), ("a\r\nb\rc", "a\nb\nc"), ("1行目_x000D_\n2行目", "1行目\n2行目"), ("末尾_x000D_", "末尾\n"),
        (27.0, "27"), (0.1, "0.1"), (" 端の空白 ", " 端の空白 "), ("葛󠄀城", "葛󠄀城"), ("あ\u200bい", "あ\u200bい"), ("\t表", "\t表"),
    ],
)  # fmt: skip
def test_a_text_stays_what_it_was(value, expected):
    assert grammar.text(value) == expected


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("ワード\x0bの改行", "1行目の「ワード」のあと"),
        ("一\n\x07二", "2行目の先頭"),
        ("a" * 30 + "\x85", "1行目の「aaaaaaaaaa」のあと"),
    ],
)
def test_a_control_character_is_refused_with_its_place(value, where):
    with pytest.raises(Unreadable) as refused:
        grammar.text(value)
    assert str(refused.value) == (
        f"目に見えない制御文字が入っています（{where}）。その場所を消して、入力し直してください。"
    )


def test_a_key_has_no_width_no_space_around_it_and_nothing_invisible():
    written = [" ２７ ", "R1\u200b-1", "\ufeffＡ", "葛\U000e0100", 27.0, 27]
    assert [grammar.code(value) for value in written] == ["27", "R1-1", "A", "葛", "27", "27"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2012-03-31", (2012, 3, 31)), ("H24.3.31", (2012, 3, 31)), ("平成24年（2012年）3月31日", (2012, 3, 31)),
        ("2012年（平成24年）3月31日", (2012, 3, 31)), (NINE, (2027, 3, 1)), ("２０１２/３/３１", (2012, 3, 31)),
    ],
)  # fmt: skip
def test_a_day_is_read_in_either_calendar(value, expected):
    assert grammar.day(value) == datetime.date(*expected)


def test_two_calendars_that_disagree_are_refused():
    with pytest.raises(Unreadable, match=r"和暦と西暦が一致しません。平成24年（2012年）3月31日ではありませんか。$"):
        grammar.day("平成24年（2011年）3月31日")


@pytest.mark.parametrize("value", [40999, 40999.0, True, datetime.time(9, 30), "3月31日", "2012-02-30"])
def test_what_is_no_day_is_refused(value):
    with pytest.raises(Unreadable):
        grammar.day(value)


@pytest.mark.parametrize(
    ("meaning", "words"),
    [
        (True, ["○", "〇", "◯", "✓", "✔", "はい", "TRUE", "true", 1, 1.0, True, "１"]),
        (False, ["×", "✕", "いいえ", "FALSE", 0, False, "－"]),
    ],
)
def test_a_flag_is_read_whatever_shape_it_has(meaning, words):
    assert [grammar.flag(word) for word in words] == [meaning] * len(words)
    assert grammar.flag(" ") is None


@pytest.mark.parametrize("value", ["ほか", 2, datetime.time(9, 30), "○×"])
def test_what_is_no_flag_is_refused(value):
    with pytest.raises(Unreadable):
        grammar.flag(value)


def test_a_choice_is_named_by_what_is_stored_or_by_its_label():
    choices = {"saving": "歳出削減", "revenue": "歳入確保"}
    assert [grammar.choice(one, choices) for one in ("歳出削減", "saving", "歳\u200b入確保", "", None)] == [
        "saving", "saving", "revenue", "", "",
    ]  # fmt: skip
    with pytest.raises(Unreadable) as refused:
        grammar.choice("支出", choices)
    assert str(refused.value) == "「支出」は選べません。歳出削減、歳入確保のいずれかにしてください。"


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=4))
def test_what_is_printed_is_read_again(value):
    assert grammar.number(f"{value:,f}") == grammar.number(str(value)) == value


def outcome(read, value):
    try:
        return (read(value),)
    except Unreadable as refused:
        return str(refused)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_every_value_is_read_or_refused_with_a_reason(value):
    readers = (
        grammar.text,
        grammar.code,
        grammar.number,
        grammar.whole,
        grammar.day,
        grammar.fiscal_year,
        grammar.flag,
    )
    assert all(outcome(read, value) for read in readers)
