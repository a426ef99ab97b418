"""Which doubts stand at which cells of an item: by the cells of its rows, so that each is marked where it will be. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from workbooks.tables.column_roles import LABELS, OF_INDICATOR, Role
from workbooks.tables.doubts import Doubt
from workbooks.tables.read_items import ReadItem
from workbooks.tables.reading import ChosenSheet

# A part of an item (the role whose value holds its other parts too), and for a plan its year where one column has it.
Part = tuple[Role, int | None]
_PART_OF = {
    Role.POLICY_NAME: Role.POLICY,
    Role.DIRECTION: Role.POLICY,
    Role.SAVING: Role.REVENUE,
    **dict.fromkeys(OF_INDICATOR, Role.INDICATOR),
}
_ASKED_ABOUT = {LABELS[Role.POLICY]: Role.POLICY, "方針の名称": Role.POLICY, "よい方向": Role.INDICATOR}


class Marks:
    """Of all tables that were chosen."""

    def __init__(self, chosen: Iterable[ChosenSheet], doubts: Sequence[Doubt]) -> None:
        self._chosen = {one.grid.sheet.name: one for one in chosen}
        self._at: dict[str, list[Doubt]] = defaultdict(list)
        for doubt in doubts:
            for place in doubt.places:
                self._at[place].append(doubt)

    def of(self, item: ReadItem) -> Mapping[Part, list[Doubt]]:
        """Part → its doubts, each once. What stands in a column that is not read is of the whole row (Role.IGNORE)."""
        found: dict[Part, dict[str, Doubt]] = defaultdict(dict)
        for name, row in item.rows:
            one = self._chosen[name]
            for index, column in enumerate(one.columns, 1):
                place = one.grid.sheet.place(row, index)
                for doubt in self._at.get(place, ()):
                    role = _ASKED_ABOUT.get(doubt.about) or _PART_OF.get(column.role, column.role)
                    year = column.year if role is Role.YEAR_PLAN else None
                    found[role, year][doubt.id] = doubt
        return {part: [*doubts.values()] for part, doubts in found.items()}
