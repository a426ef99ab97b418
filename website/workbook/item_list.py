"""一覧: every item in one row, as an office would have it: promise, indicators, grades of all rounds, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any

from core.fiscal import date_label, era_fiscal_year, short_fiscal_year, short_month
from core.text import show_number
from figures.counts import Counts
from policies.models import ranks
from policies.words import in_words_of, word
from programs.content import Target
from website.grid import GridCell, GridColumn
from website.workbook.facts import ListedIndicator, ListedItem, SheetFacts, Subject
from website.workbook.look import THOUSANDS, UNKNOWN, ground, head, remark, title
from workbooks.sheets_for_people import (
    HEADER,
    LINK,
    SOFT,
    CellStyles,
    PrintedSheet,
    height_of_lines,
    item_number,
    lines_in,
)
from workbooks.writer import WrittenBook

NAME = "一覧"
_SIZE = 8.5  # printed at 8 points or more even where another font makes the columns a fifth wider
_PAGE = 1315  # pixels of an A3 page in landscape, less what such a font takes
_HEADERS = 2, 3  # rows: what belongs together, and the columns
_MORE = "…（続きは項目のページ）"


@dataclass(frozen=True)
class _ItemColumn:
    """`least` pixels; what is left of the page goes to columns by `share`."""

    name: str
    least: int
    share: int
    text: Callable[[ListedItem], str]
    above: str = ""  # the heading over several columns
    of_round: GridColumn | None = None
    place: int = -1  # of the round
    number: Callable[[ListedItem], Decimal | None] | None = None


def write(book: WrittenBook, look: CellStyles, facts: SheetFacts, *, made: str, address: Callable[[str], str]) -> None:
    """`address` gives the page of an item by its number."""
    sheet, columns = PrintedSheet(book, NAME), list(_columns(facts))
    sheet.widths(_widths(columns))
    plan = facts.plan
    title(sheet, look, 0, f"{head(plan)}　{word(plan, 'program')}の一覧")
    remark(sheet, look, 1, _remark(facts))
    _write_headers(sheet, look, columns)
    row = _HEADERS[1] + 1
    grounds = partial(_ground, ranks(facts.counts.grades))
    of_policy = {policy.number: policy for policy in facts.counts.policies}
    unnamed = {each.number: each for each in facts.unnamed}
    groups = {number: list(items) for number, items in groupby(facts.items, lambda item: item.row.policy_number)}
    for number in sorted({*groups, *unnamed}):
        items = groups.get(number, [])
        name = items[0].row.policy_name if items else unnamed[number].name
        heading = f"{word(plan, 'policy')}{number} {name}　{_counts(of_policy.get(number), facts)}"
        row = _heading(sheet, look, row, heading)
        for item in items:
            _write_item(sheet, look, row, columns, item, grounds)
            link = look.cell(_SIZE, font_color=LINK, align="center")
            sheet.link(row, 0, address(item.row.number), item.row.number, link)
            sheet.put(row, 0, item_number(item.row.number), link)
            row += 1
        if number in unnamed:
            row = _line(sheet, look, row, f"ほか{unnamed[number].items:,}項目（名称未登録）")
    if facts.left_out:
        more = f"ほか{facts.left_out:,}項目は、シート「programs」にあります。しぼり込むと、この一覧にも載ります。"
        row = _line(sheet, look, row, more)
    if not facts.count:
        row = _line(sheet, look, row, f"条件に当てはまる{word(plan, 'program')}はありません。")
    sheet.made.freeze_panes(_HEADERS[1] + 1, 2)
    wide = 1 + (sheet.width_between(0, sheet.columns - 1) - 1) // (_PAGE * 1.05)
    sheet.paper(
        "A3",
        header=f"{head(plan)}　{_as_of(facts)}",
        footer=made,
        last_row=row - 1,
        repeat=_HEADERS,
        left=2,
        pages_wide=int(wide),
    )


def _as_of(facts: SheetFacts) -> str:
    round_ = facts.snapshot.round
    return f"{date_label(round_.as_of)}現在" if round_ else f"{word(facts.plan, 'program')}ごとの評価は{UNKNOWN}"


def _remark(facts: SheetFacts) -> str:
    plan = facts.plan
    parts = [_as_of(facts)]
    if facts.columns:
        parts.append("評価の欄の「・」は、その基準日になかった項目。* は訂正あり")
        parts += [
            f"{column.day}から評価の基準が変わりました：{column.round.scale_note}"
            for column in facts.columns
            if column.breaks
        ]
        parts += [
            f"この基準日から「{axis.name}」の評価の基準が変わりました：{axis.scale_note}"
            for axis in facts.axes
            if axis.scale_note
        ]
    if facts.unknown:
        parts.append(in_words_of(plan, f"このサイトに登録がない内容（{UNKNOWN}）：{'、'.join(facts.unknown)}"))
    return "。".join(part.rstrip("。") for part in parts) + "。"


def _columns(facts: SheetFacts) -> Iterator[_ItemColumn]:
    """Those of which something is known of at least one item."""
    unknown = set(facts.unknown)
    plan = facts.plan
    yield _ItemColumn("番号", 30, 0, lambda item: item.row.number)
    yield _ItemColumn("項目名", 84, 16, lambda item: _name(item))
    if Subject.DEPARTMENTS not in unknown:
        owners = word(plan, "department")
        yield _ItemColumn(owners, 64, 4, lambda item: "\n".join(each.name for each in item.row.departments) or UNKNOWN)
    if Subject.CONTENTS not in unknown:
        yield _ItemColumn("実施内容", 200, 125, lambda item: item.contents or UNKNOWN)
    if Subject.YEAR_PLANS not in unknown:
        for at, year in enumerate(plan.fiscal_years):
            name = f"{era_fiscal_year(year)}\n({year})"
            yield _ItemColumn(name, 50, 4, partial(_year_plan, at), "年度計画")
    if Subject.INDICATORS not in unknown:
        name = f"{word(plan, 'indicator')}\n（目標／実績）"
        yield _ItemColumn(name, 130, 80, lambda item: "\n".join(map(_measured, item.indicators)) or UNKNOWN)
    for at, column in enumerate(facts.columns):
        name = "\n".join(short_month(column.round.as_of))
        yield _ItemColumn(name, 25, 0, partial(_grade, at, column), _above_grades(facts), column, at)
    for axis in facts.axes:
        if axis.is_judged:
            yield _ItemColumn(axis.name, 52, 3, partial(_judged, axis.key))
    if Subject.EFFECTS not in unknown:
        yield _ItemColumn(f"効果額\n（{plan.money_unit}）", 60, 2, _effects, number=_amount)


def _above_grades(facts: SheetFacts) -> str:
    """The heading above the grades; the columns are too narrow for two calendars, so it says how they agree."""
    first = facts.columns[0].round.as_of
    return f"評価（基準日。{short_month(first)[0]}は{first.year}年）"


def _name(item: ListedItem) -> str:
    provisional = "（番号は仮）" if item.row.number_is_provisional else ""
    return item.row.display_name + provisional


def _year_plan(at: int, item: ListedItem) -> str:
    return item.years[at][1] or UNKNOWN


def _measured(each: ListedIndicator) -> str:
    """収納率（%）, and below it the last target and the last actual: 目標 97以上（H27）／実績 96.2（H26）."""
    unit = f"（{each.sheet.unit}）" if each.sheet.unit else ""
    targets = [(year, _target(target)) for year, target, _ in each.sheet.years if target]
    actuals = [
        (year, f"{show_number(actual.value)}{'見込' if actual.is_forecast else ''}")
        for year, _, actual in each.sheet.years
        if actual and actual.value is not None
    ]
    target, actual = (
        f"{name} {found[-1][1] if found else UNKNOWN}" for name, found in (("目標", targets), ("実績", actuals))
    )
    years = [f"（{short_fiscal_year(found[-1][0])}）" if found else "" for found in (targets, actuals)]
    if years[0] == years[1]:
        years[0] = ""
    return f"{each.sheet.name}{unit}\n{target}{years[0]}／{actual}{years[1]}"


def _target(target: Target) -> str:
    return f"{'' if target.value is None else show_number(target.value)}{target.text}"


def _grade(at: int, column: GridColumn, item: ListedItem) -> str:
    cell = item.cells[at]
    if cell is None:
        return "・"
    return cell.grade + ("*" if cell.is_corrected else "") if cell.grade else column.round.ungraded_label


def _judged(axis: str, item: ListedItem) -> str:
    judgement = next((each.judgement for each in item.row.judged if each.key == axis), None)
    return f"{judgement.grade_code} {judgement.grade_label}" if judgement else UNKNOWN


def _amount(item: ListedItem) -> Decimal | None:
    """What can stand as one number: of one series, over all years."""
    over_years = item.effects[0].everything.over_years if len(item.effects) == 1 else None
    return over_years.total if over_years else None


def _effects(item: ListedItem) -> str:
    """Of a running total the last year; each series by itself."""
    said = []
    for found in item.effects:
        line = found.everything
        known = [one.total for one in line.years if one.total is not None]
        amount = line.over_years.total if line.over_years else known[-1] if known else None
        if amount is not None:
            said.append(f"{found.label} {show_number(amount)}".strip())
    return "\n".join(said) or UNKNOWN


def _widths(columns: list[_ItemColumn]) -> list[float]:
    left = max(0, _PAGE - sum(column.least for column in columns))
    shares = sum(column.share for column in columns) or 1
    return [min(column.least + left * column.share / shares, 6 * column.least) for column in columns]


def _write_headers(sheet: PrintedSheet, look: CellStyles, columns: list[_ItemColumn]) -> None:
    upper, lower = _HEADERS
    groups = [
        (above, [at for at, _ in found]) for above, found in groupby(enumerate(columns), lambda one: one[1].above)
    ]
    lines = [lines_in(above, sheet.width_between(at[0], at[-1]), _SIZE) for above, at in groups if above]
    sheet.set_height(upper, height_of_lines(max(lines, default=1), _SIZE))
    for above, places in groups:
        for at in places if not above else []:
            sheet.put(upper, at, None, look.header(_SIZE, bottom=0, **_edge(columns[at])))
        if above:
            sheet.over(
                upper, places[0], places[-1], above, look.header(_SIZE, align="center", **_edge(columns[places[0]]))
            )
    sheet.height(lower, [(column.name, at) for at, column in enumerate(columns)], _SIZE)
    for at, column in enumerate(columns):
        edge = _edge(column)
        joined = {"top": 0} if not column.above else {}
        sheet.put(lower, at, column.name, look.header(_SIZE, align="center", **joined, **edge))


def _edge(column: _ItemColumn) -> dict[str, Any]:
    """A thick line where another scale begins, a dashed one where another edition does."""
    if column.of_round is None:
        return {}
    return {"left": 5} if column.of_round.breaks else {"left": 8} if column.of_round.turns else {}


def _counts(counts: Counts | None, facts: SheetFacts) -> str:
    """12項目（S 3、A 8、B 1）."""
    if counts is None:
        return ""
    graded = [f"{grade.code} {count:,}" for grade, count in zip(facts.counts.grades, counts.by_grade, strict=True)]
    return f"{counts.items:,}項目" + (f"（{'、'.join(graded)}）" if counts.reported else "")


def _heading(sheet: PrintedSheet, look: CellStyles, row: int, text: str) -> int:
    sheet.set_height(row, 14)
    for at in range(sheet.columns):
        style = look(9, bold=True, text_wrap=False, bg_color=HEADER, top=1, bottom=1, valign="vcenter")
        sheet.put(row, at, text if at == 0 else None, style)
    return row + 1


def _line(sheet: PrintedSheet, look: CellStyles, row: int, text: str) -> int:
    remark(sheet, look, row, text)
    return row + 1


def _ground(rank: Mapping[str, int], cell: GridCell | None) -> dict[str, Any]:
    if cell is None or not cell.grade:
        return ground("missing")
    return ground(f"{cell.tone}:{rank[cell.grade]}" if rank.get(cell.grade) else cell.tone)


def _write_item(
    sheet: PrintedSheet,
    look: CellStyles,
    row: int,
    columns: list[_ItemColumn],
    item: ListedItem,
    grounds: Callable[[GridCell | None], dict[str, Any]],
) -> None:
    texts = [sheet.fit(column.text(item), at, _SIZE, _MORE) for at, column in enumerate(columns)]
    sheet.height(row, [(text, at) for at, text in enumerate(texts)], _SIZE)
    for at, (column, text) in enumerate(zip(columns, texts, strict=True)):
        number = column.number(item) if column.number else None
        if column.of_round is not None:
            sheet.put(row, at, text, look.cell(_SIZE, align="center", **grounds(item.cells[column.place])))
        elif number is not None:
            sheet.put(row, at, number, look.cell(_SIZE, num_format=THOUSANDS, text_wrap=False))
        else:
            unknown = {"font_color": SOFT} if text == UNKNOWN else {}
            sheet.put(row, at, text, look.cell(_SIZE, **unknown))
