"""By what an amount of 効果額 is known: year, kind, basis, account and series."""

from __future__ import annotations

from typing import NamedTuple, NotRequired, Protocol, Self, TypedDict

from django.db import models

from core.fiscal import era_fiscal_year


class EffectKind(models.TextChoices):
    REVENUE = "revenue", "歳入確保"
    SAVING = "saving", "歳出削減"


class Basis(models.TextChoices):
    """How sure an amount is. Sums over several bases say so."""

    ACTUAL = "actual", "実績"
    BUDGET = "budget", "予算"
    FORECAST = "forecast", "見込"
    PLANNED = "planned", "計画"


class Account(models.TextChoices):
    """会計. "" is unknown."""

    GENERAL = "general", "一般会計"
    SPECIAL = "special", "特別会計"


class Series(models.TextChoices):
    """数え方: what an amount holds. "" is unknown. Amounts of two series are never added up: the one contains the other."""

    SINGLE = "single", "単年度"
    CUMULATIVE = "cumulative", "累計"
    CARRIED = "carried", "継続"


class HasPlace(Protocol):
    """What an amount stands by, as rows, forms and acts give it."""

    @property
    def fiscal_year(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def series(self) -> str: ...


# By what an amount is known within its item or report.
PLACE = ("fiscal_year", "kind", "basis", "account", "series")


class FrozenPlace(TypedDict):
    """Of an effect as a published report keeps it, which leaves out what is unknown."""

    fiscal_year: int
    kind: str
    basis: str
    account: NotRequired[str]
    series: NotRequired[str]


class EffectPlace(NamedTuple):
    """The values of PLACE."""

    fiscal_year: int
    kind: str
    basis: str
    account: str = ""
    series: str = ""

    @classmethod
    def of(cls, amount: HasPlace) -> Self:
        return cls(amount.fiscal_year, amount.kind, amount.basis, amount.account, amount.series)

    @classmethod
    def told(cls, frozen: FrozenPlace) -> Self:
        account, series = frozen.get("account", ""), frozen.get("series", "")
        return cls(frozen["fiscal_year"], frozen["kind"], frozen["basis"], account, series)

    @classmethod
    def parse(cls, text: str, separator: str) -> Self:
        year, *rest = text.split(separator)
        return cls(int(year), *rest)

    def joined(self, separator: str) -> str:
        """2014:saving:actual; what is unknown at the end is left out, as where nobody tells accounts and series apart."""
        return separator.join(map(str, self)).rstrip(separator)

    @property
    def marks(self) -> str:
        """実績 / 実績、一般会計、累計."""
        return "、".join(
            [
                Basis(self.basis).label,
                *([Account(self.account).label] if self.account else []),
                *([Series(self.series).label] if self.series else []),
            ]
        )

    def __str__(self) -> str:
        return f"{era_fiscal_year(self.fiscal_year)} {EffectKind(self.kind).label}（{self.marks}）"
