"""Amounts of effects in a table that people made: their unit, their basis, △, and the 千円 that are stored."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from core.fiscal import era_fiscal_year
from core.grammar import Unreadable, number
from core.money import PLACES, in_thousands, plain
from core.text import clean_code, show_number
from workbooks.tables import cells
from workbooks.tables.column_roles import Role, money_unit, year_in
from workbooks.tables.doubts import Choices, Questions
from workbooks.tables.indicators import ItemCell
from workbooks.tables.layout import Grid, Layout
from workbooks.tables.read_items import ReadEffect

_BASES = (("actual", "実績|決算"), ("budget", "予算"), ("planned", "計画|目標"), ("forecast", "見込|推計|予定"))
_OF_PLAN = re.compile(r"計画期間|(推進|実施|年度別?|年次|行動)計画")  # headings above, which say nothing of an amount
_BASIS_LABELS = (("actual", "実績"), ("budget", "予算"), ("forecast", "見込"), ("planned", "計画"))
_ALL = "（この列のすべて）"
_TRIANGLE = re.compile(r"^[△▲]")
_AMOUNTS = re.compile(r"[△▲−-]?\d[\d,]*(?:\.\d+)?(?:百万円|千円|万円|億円|円)?(?![\d.,]*[百千万億])")


def unit_above(grid: Grid, layout: Layout) -> str | None:
    """The unit that a line above the table states: （単位：千円）."""
    for row in range(1, layout.header or layout.first):
        for text in grid.line(row):
            if "単位" in text and (unit := money_unit(text)):
                return unit
    return None


def effects(
    cell: ItemCell, table_unit: str | None, years: list[int], questions: Questions, *, said: str = ""
) -> list[ReadEffect]:
    """The effect of one cell; none where there is none, or where a person leaves it out. `said`: what the cell says, where
    its amount was taken out of it."""
    written = clean_code(cell.text)
    if cells.is_none(written):
        return []
    own = money_unit(written)
    bare = re.sub(r"(百万円|千円|万円|億円|円)$", "", written).strip()
    triangle = bool(_TRIANGLE.match(bare))
    try:
        value = number(_TRIANGLE.sub("", bare))
    except Unreadable:
        only = _only_amount(cell, questions)
        return effects(replace(cell, text=only), table_unit, years, questions, said=cell.text) if only else []
    year = cell.column.year or _year(cell, years, questions)
    if value is None or year is None:
        return []
    unit = own or money_unit(cell.heading) or table_unit or _unit(cell, questions)
    amount = in_thousands(value, unit)
    if amount != (rounded := amount.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)):
        question = f"{show_number(amount)}千円になります。登録できるのは1円までの金額です。"
        choices = (("round", f"四捨五入して {show_number(rounded)}千円とする"), ("skip", "登録しない"))
        if questions.ask(cell.heading, cell.text, question, cell.place, choices) == "skip":
            return []
        amount = plain(rounded)
    kind = "revenue" if cell.column.role is Role.REVENUE else "saving"
    stated: str | Decimal = amount
    if triangle:  # of a revenue it is a minus; what it means for savings is asked with the preview
        stated = -amount if kind == "revenue" else f"△{amount}"
    return [ReadEffect(year, kind, _basis(cell, said, questions), stated)]


def _column(cell: ItemCell) -> str:
    """The place for what is asked once of a column."""
    return cell.place.rstrip("0123456789") + "列"


def _year(cell: ItemCell, years: list[int], questions: Questions) -> int | None:
    choices = [("skip", "登録しない"), *((str(year), era_fiscal_year(year)) for year in years)]
    question = f"「{cell.heading}」の列が、どの年度のものか分かりません。"
    answer = questions.ask(cell.heading, _ALL, question, _column(cell), choices)
    return None if answer == "skip" else int(answer)


def _unit(cell: ItemCell, questions: Questions) -> str:
    choices = [(unit, unit) for unit in ("千円", "円", "万円", "百万円")]
    question = "金額の単位が、見出しにも表の上にも書かれていません。"
    return questions.ask(_of_all_years(cell), _ALL, question, _column(cell), choices, is_guessed=False)


def _only_amount(cell: ItemCell, questions: Questions) -> str:
    """The one amount of a cell that says more, 「(1,300)」 or 「見込み600」, where a person takes it."""
    found = _AMOUNTS.findall(clean_code(cell.text))
    choices: Choices = (("skip", "登録しない"),)
    if len(found) == 1:
        choices = (*choices, ("amount", f"{found[0]} として登録する"))
    question = "金額のほかに言葉や記号があり、金額として読めません。" if found else "金額として読めません。"
    answer = questions.ask(cell.heading, cell.text, question, cell.place, choices, is_guessed=len(choices) == 1)
    return found[0] if answer == "amount" else ""


def _basis(cell: ItemCell, said: str, questions: Questions) -> str:
    # What the cell says itself, then the heading right above the amounts.
    for part in (said, *reversed(_OF_PLAN.sub("", cell.heading).split("／"))):
        for code, pattern in _BASES:
            if re.search(pattern, part):
                return code
    question = "金額の根拠（実績・予算・見込・計画）が、見出しに書かれていません。"
    return questions.ask(_of_all_years(cell), _ALL, question, _column(cell), _BASIS_LABELS, is_guessed=False)


def _of_all_years(cell: ItemCell) -> str:
    """A heading that the columns of all years share, so that what holds for all is asked once."""
    parts = [part for part in cell.heading.split("／") if year_in(part) is None]
    return parts[-1] if parts else cell.heading
