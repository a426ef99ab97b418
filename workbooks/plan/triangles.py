"""△ in an amount of savings: some cities write it for what was saved, others for a saving that failed.

Nobody can tell which, so a person says it, once for each table: in the column `triangle` of the workbook, or on the page
that shows the file. The answer stays in that column, beside the number that was read by it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from figures.models import TRIANGLES, Triangle
from reviews.models import EffectKind
from workbooks.plan.changes import Problem, RawTable, show_cell
from workbooks.plan.specification import Key, Values

COLUMN = "triangle"
FIGURES = "published_figures"
# Sheet → the column with the amount, and the one that says of which kind it is.
_AMOUNTS = {FIGURES: ("value", "category"), "effects": ("amount", "kind"), "report_effects": ("amount", "kind")}
_SAVING = {EffectKind.SAVING.value, str(EffectKind.SAVING.label)}


def read(
    tables: Iterable[RawTable], stored: Mapping[Key, Values], answer: str = ""
) -> tuple[list[RawTable], list[Problem]]:
    """The tables with numbers in place of amounts with △, and what could not be read. `stored` are the figures that are
    registered, `answer` is what the person said about this file (a Triangle)."""
    found: list[RawTable] = []
    problems: list[Problem] = []
    for table in tables:
        if table.sheet not in _AMOUNTS:
            found.append(table)
            continue
        rows = []
        for number, row in table.rows:
            try:
                rows.append((number, _read_row(table.sheet, row, stored, answer)))
            except ValueError as error:
                amount = _AMOUNTS[table.sheet][0]
                problems.append(Problem(table.sheet, number, amount, show_cell(row[amount]), str(error)))
                rows.append((number, row))
        columns = (*table.columns, *([COLUMN] if any(COLUMN in row for _, row in rows) else []))
        found.append(RawTable(table.sheet, tuple(dict.fromkeys(columns)), tuple(rows)))
    return found, problems


def is_asked(problem: Problem) -> bool:
    """Whether a problem is solved by saying what △ means."""
    return problem.message in (_ASKED, _TYPED)


_ASKED = (
    "歳出削減の金額に△があり、減らした額か、減らせずに増えた額か分かりません。"
    f"列「△の意味（{COLUMN}）」に、「{Triangle.REDUCTION.label}」か「{Triangle.NEGATIVE.label}」と入力してください。"
)
_TYPED = (
    "歳出削減の金額に△があり、減らした額か、減らせずに増えた額か分かりません。"
    "減らした額なら△を付けずに、増えた額なら -1234 のように入力してください。"
)


def _read_row(sheet: str, row: dict[str, object], stored: Mapping[Key, Values], answer: str) -> dict[str, object]:
    amount, kind = _AMOUNTS[sheet]
    cell = row.get(amount)
    if not isinstance(cell, str) or str(row.get(kind) or "").strip() not in _SAVING:
        return row
    written = unicodedata.normalize("NFKC", cell).strip()
    if not written.startswith(TRIANGLES):
        return row
    if sheet != FIGURES:
        if not answer:
            raise ValueError(_TYPED)
        meaning = answer
    else:
        known = stored.get((str(row.get("key") or "").strip(),), {})
        meaning = str(row.get(COLUMN) or known.get(COLUMN) or answer)
    number = written.lstrip("".join(TRIANGLES)).strip()
    if meaning in (Triangle.REDUCTION.value, Triangle.REDUCTION.label):
        said, read_as = Triangle.REDUCTION, number
    elif meaning in (Triangle.NEGATIVE.value, Triangle.NEGATIVE.label):
        said, read_as = Triangle.NEGATIVE, f"-{number}"
    elif meaning:
        return row  # the column tells what it may hold
    else:
        raise ValueError(_ASKED)
    return row | {amount: read_as} | ({COLUMN: said.value} if sheet == FIGURES else {})
