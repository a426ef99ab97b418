"""The figures of a report cell by cell, for the page on which two people's versions stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.merge import Choice
from core.money import in_unit
from core.text import show_number


class FigureCell(NamedTuple):
    """One thing that two people may have said differently: of an indicator (its key) or of an effect (its place)."""

    kind: str
    of: Any
    part: str

    @property
    def name(self) -> str:
        of = self.of.joined("-") if self.kind == "effect" else self.of
        return f"{self.kind}-{of}-{self.part}"

    @property
    def empty(self) -> Any:
        return {"value": (None, False), "amount": None}.get(self.part, "")

    def label(self, names: Mapping[int, str]) -> str:
        if self.kind == "actual":
            return f"指標「{names[self.of]}」の{'実績値' if self.part == 'value' else '補足'}"
        what = "金額" if self.part == "amount" else "算定の根拠（補足）"
        return f"効果額 {self.of}の{what}"

    def shown(self, value: Any, unit: str) -> str:
        match self.part:
            case "value":
                number, is_forecast = value
                return "" if number is None else f"{show_number(number)}{'（見込）' if is_forecast else ''}"
            case "amount":
                return "" if value is None else f"{show_number(in_unit(value, unit))}{unit}"
        return str(value)


Cells = dict[FigureCell, Any]


def choice(
    cell: FigureCell,
    names: Mapping[int, str],
    unit: str,
    *,
    seen: Cells | None,
    stored: Cells,
    mine: Cells,
    asked: str | None,
) -> Choice:
    """A cell on the page where a person chooses, amounts in `unit`; `seen` is None where it is not known."""
    was, now, typed = (
        None if cells is None else cell.shown(cells.get(cell, cell.empty), unit) for cells in (seen, stored, mine)
    )
    return Choice(cell.name, cell.label(names), was, now or "", typed or "", asked=asked)
