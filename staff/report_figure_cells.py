"""The figures of a report cell by cell, for the page on which two people's versions stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from core.differences import side_by_side
from core.fiscal import era_fiscal_year
from core.text import show_number
from reviews.models import Basis, EffectKind
from staff.report_forms import pick


class FigureCell(NamedTuple):
    """One thing that two people may have said differently: of an indicator (its key) or of an effect (its place)."""

    kind: str
    of: Any
    part: str

    @property
    def name(self) -> str:
        of = "-".join(map(str, self.of)) if self.kind == "effect" else self.of
        return f"{self.kind}-{of}-{self.part}"

    @property
    def empty(self) -> Any:
        return {"value": (None, False), "amount": None}.get(self.part, "")

    def label(self, names: Mapping[int, str]) -> str:
        if self.kind == "actual":
            return f"指標「{names[self.of]}」の{'実績値' if self.part == 'value' else '補足'}"
        year, kind, basis = self.of
        what = "金額" if self.part == "amount" else "算定の根拠（補足）"
        return f"効果額 {era_fiscal_year(year)} {EffectKind(kind).label}（{Basis(basis).label}）の{what}"

    def shown(self, value: Any) -> str:
        match self.part:
            case "value":
                number, is_forecast = value
                return "" if number is None else f"{show_number(number)}{'（見込）' if is_forecast else ''}"
            case "amount":
                return "" if value is None else f"{show_number(Decimal(value))}千円"
        return str(value)


Cells = dict[FigureCell, Any]


def place_of(effect: Any) -> tuple[int, str, str]:
    """By which an effect is known within its report."""
    return effect.fiscal_year, effect.kind, effect.basis


class FigureChoice:
    """A cell of the figures on the conflict page."""

    field = None  # nothing to rewrite on the spot

    def __init__(
        self, cell: FigureCell, names: Mapping[int, str], mine: Any, theirs: Any, seen: str | None, picked: Any
    ) -> None:
        self.name, self.label = cell.name, cell.label(names)
        shown_mine, shown_theirs = cell.shown(mine), cell.shown(theirs)
        self.differs = shown_mine != shown_theirs
        self.theirs: SafeString
        self.mine: SafeString
        self.theirs, self.mine = side_by_side(shown_theirs, shown_mine)
        self.picked = picked or pick(shown_mine, shown_theirs, seen)
