"""What the records give for a published figure, and how precisely it can be compared."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from figures.models import PublishedFigure


class Found(NamedTuple):
    """`value` None: it cannot be computed, and `reason` says why. `is_whole` False: the records hold only a part."""

    value: Decimal | None
    reason: str
    is_whole: bool = True


def printed_digits(figure: PublishedFigure) -> int:
    """How many decimals were printed: 81.0% → 1; as the value has them where no number can be made out."""
    printed = unicodedata.normalize("NFKC", figure.printed)
    if (number := re.search(r"\d[\d,]*(?:\.(\d+))?", printed)) is not None:
        return len(number[1] or "")
    return max(-int((figure.value or Decimal()).normalize().as_tuple().exponent), 0)


def as_printed(value: Decimal, figure: PublishedFigure) -> Decimal:
    """A value as precise as the figure was printed."""
    return value.quantize(Decimal(1).scaleb(-printed_digits(figure)), ROUND_HALF_UP)


def policy_number(figure: PublishedFigure) -> int | None:
    return figure.policy.number if figure.policy else None
