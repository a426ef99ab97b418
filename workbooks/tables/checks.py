"""What does not fit together in a table as a whole (Japanese)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from core.fiscal import era_date
from workbooks.tables import cells
from workbooks.tables.column_roles import OF_DAY, ColumnUse, Role
from workbooks.tables.layout import Grid, Layout, RowKind, count_in, kind_of
from workbooks.tables.pieces import is_label


def same_day(grid: Grid, columns: Mapping[int, ColumnUse], headings: Mapping[int, str]) -> list[str]:
    """Two columns of grades as of one day (by the office, by the committee) are not told apart; nor are two of texts."""
    of_day: dict[tuple[Role, date], list[str]] = {}
    for index, column in columns.items():
        if column.role in OF_DAY and column.as_of:
            of_day.setdefault((column.role, column.as_of), []).append(headings[index])
    return [
        f"「{grid.sheet.name}」シート: {'と'.join(f'「{one}」' for one in found)}の列が、どちらも{era_date(as_of)}の"
        f"{role.label.partition('（')[0]}です。列の役割の画面で、1つを残し、ほかは「読まない」にしてください。"
        for (role, as_of), found in of_day.items()
        if len(found) > 1
    ]


def label(text: str, at: str) -> str:
    """What is wrong where the name of a field stands in place of an item: the sheet is a form of a kind that is not read."""
    if not is_label(text) or re.search(r"\d", text):  # 項目1 is a name
        return ""
    return (
        f"{at}: 項目のところに、欄の名前「{cells.joined(text)}」があります。1行に1項目の一覧表か、"
        "欄の名前が値の左・上・同じセルにある様式にしてください。できないときは、計画ブックのひな形に書き写して取り込みます。"
    )


def total(grid: Grid, layout: Layout, columns: Iterable[int | None], count: int) -> list[str]:
    """The number of items that a total below the last of them says, where it is another one."""
    told = []
    columns = list(columns)
    for row in range(grid.height, layout.first - 1, -1):
        kind = kind_of(grid, row, layout)
        if row <= layout.last and kind is RowKind.DATA:
            break
        if kind is not RowKind.TOTAL or any("小計" in "".join(cell.split()) for cell in grid.line(row)[:3]):
            continue
        for column in columns:
            written = count_in(grid.own(row, column or 0))
            if written is not None and written != count:
                told.append(
                    f"{grid.sheet.place(row, column or 1)}: 計の行には{written}とありますが、読んだ項目は{count}件です。"
                )
    return told
