"""Units of money. Amounts are kept in 千円, exact to the yen, whatever unit a plan prints them in."""

from __future__ import annotations

from decimal import Decimal

from core.text import plain_decimal

# How many 千円 one of a unit is.
UNITS = {
    "円": Decimal("0.001"),
    "千円": Decimal(1),
    "万円": Decimal(10),
    "百万円": Decimal(1000),
    "億円": Decimal(100_000),
}
STORED = "千円"
DIGITS, PLACES = 18, 3  # of the columns that hold 千円; the last of the three places is a yen


def in_thousands(value: Decimal, unit: str) -> Decimal:
    """130.7 百万円 → 130700 (千円)."""
    return plain(value * UNITS[unit])


def in_unit(thousands: Decimal | int, unit: str) -> Decimal:
    """130700 (千円) → 130.7 百万円. Exact: the units are powers of ten."""
    return plain(Decimal(thousands) / UNITS[unit])


def plain(value: Decimal | int) -> Decimal:
    """Without places that say nothing: 130700.000 → 130700."""
    return Decimal(plain_decimal(Decimal(value)))


def as_json(thousands: Decimal | int) -> int | str:
    """An amount for JSON, whose fractions would be binary ones: a whole number, or a text ("130.7")."""
    whole = plain(thousands)
    return int(whole) if whole == whole.to_integral_value() else str(whole)
