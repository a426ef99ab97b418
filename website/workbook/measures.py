"""指標 and 効果額: numbers as numbers, a row for each indicator, and for each item and kind of effect."""

from __future__ import annotations

from decimal import Decimal

from core.fiscal import era_fiscal_year, fiscal_year_label
from figures.effects import EffectTotals, Sum, SumLine
from figures.models import PublishedFigure
from policies.words import word
from programs.models import Better
from reviews.models import Basis, EffectKind
from website.published_figures import EFFECT_KINDS, Effects
from website.workbook.facts import ListedIndicator, ListedItem, SheetFacts
from website.workbook.look import UNKNOWN, head, number_format, remark, shown_number, title
from workbooks.sheets_for_people import CellStyles, PrintedSheet, item_number, pixels_for
from workbooks.writer import WrittenBook

INDICATORS, EFFECTS = "指標", "効果額"
_SIZE = 9.5
_EFFECT_SIZE = 8.5  # all items of a plan of 62 stand on one page with their sums
_PAGE = 1290  # pixels of an A3 page in landscape
_SENTENCE = 600  # pixels of a sheet that says one sentence
_WIDEST = 1400  # pixels at which the type of such a page is still one of eight points
_HEADERS = 2, 3  # rows


def write_indicators(book: WrittenBook, look: CellStyles, facts: SheetFacts, *, made: str) -> None:
    sheet, plan, years = PrintedSheet(book, INDICATORS), facts.plan, facts.years
    name = word(plan, "indicator")
    rows = [(item, each) for item in facts.items for each in item.indicators]
    shown: dict[int, list[str]] = {}
    for _item, each in rows:
        for at, (value, after) in _numbers(each, years).items():
            shown.setdefault(at, []).extend([shown_number(value, after)] if value is not None else [])
    baseline, *values = (pixels_for(shown.get(at, ()), _SIZE, 70) for at in (5, *range(7, 7 + 2 * len(years))))
    whole = 34 + 110 + 150 + 52 + 84 + baseline + 76 + sum(values) + 130
    left = max(0, _PAGE - whole)
    narrower = min(max(0.0, whole - _WIDEST) / 132, 1.0)  # words give way to wide numbers, which cannot be wrapped
    table = [
        *(34, 110 + left * 0.3 - 26 * narrower, 150 + left * 0.7 - 40 * narrower, 52, 84 - 32 * narrower),
        *(baseline, 76, *values, 130 - 34 * narrower),
    ]
    sheet.widths(table if rows else [_SENTENCE / 2] * 2)
    title(sheet, look, 0, f"{head(plan)}　{name}")
    said = f"目標は、その年度に適用された版のもの。実績は、最後に公表された値。空欄は{UNKNOWN}（0 ではありません）。"
    remark(sheet, look, 1, said if rows else f"このサイトに登録されている{name}はありません（{UNKNOWN}）。")
    last = 1
    if rows:
        last = _write_rows(sheet, look, name, rows, years)
    sheet.paper("A3", header=head(plan), footer=made, last_row=last, repeat=_HEADERS if rows else (0, 0))


def _write_rows(
    sheet: PrintedSheet, look: CellStyles, name: str, rows: list[tuple[ListedItem, ListedIndicator]], years: list[int]
) -> int:
    """The number of the last row."""
    upper, lower = _HEADERS
    fixed = ["番号", "項目名", name, "単位", "よい方向", "基準値", "基準値の年度"]
    below = [*fixed, *["目標", "実績"] * len(years), "補足"]
    for at in (*range(len(fixed)), len(below) - 1):
        sheet.put(upper, at, None, look.header(_SIZE, bottom=0))
    for at, year in enumerate(years):
        first = len(fixed) + 2 * at
        sheet.over(upper, first, first + 1, f"{era_fiscal_year(year)}（{year}）", look.header(_SIZE, align="center"))
    sheet.height(lower, [(text, at) for at, text in enumerate(below)], _SIZE)
    for at, text in enumerate(below):
        joined = {} if len(fixed) <= at < len(below) - 1 else {"top": 0}
        sheet.put(lower, at, text, look.header(_SIZE, **joined))
    for row, (item, each) in enumerate(rows, lower + 1):
        _write_indicator(sheet, look, row, item, each, years)
    last = lower + len(rows)
    sheet.made.autofilter(lower, 0, last, sheet.columns - 1)
    sheet.made.freeze_panes(lower + 1, 3)
    return last


def _write_indicator(
    sheet: PrintedSheet, look: CellStyles, row: int, item: ListedItem, each: ListedIndicator, years: list[int]
) -> None:
    content = each.content
    words = [
        f"{era_fiscal_year(year)}の目標: {target}" for year, target, _ in each.sheet.years if target and target.text
    ]
    words += [
        f"{era_fiscal_year(year)}の実績: {actual.note}"
        for year, _, actual in each.sheet.years
        if actual and actual.note
    ]
    if content and content.baseline_note:
        words.insert(0, f"基準値: {content.baseline_note}")
    texts = {
        1: item.row.display_name,
        2: each.sheet.name,
        3: each.sheet.unit,
        4: str(Better(content.better).label) if content else "",
        6: _two_calendars(content.baseline_fiscal_year) if content and content.baseline_fiscal_year else "",
        sheet.columns - 1: "\n".join(words),
    }
    texts = {at: sheet.fit(text, at, _SIZE, "…（続きは項目のページ）") for at, text in texts.items()}
    sheet.height(row, [(text, at) for at, text in texts.items()], _SIZE)
    numbers = _numbers(each, years)
    sheet.put(row, 0, item_number(item.row.number), look.cell(_SIZE, align="center"))
    for at in range(1, sheet.columns):
        if at in texts:
            sheet.put(row, at, texts[at], look.cell(_SIZE))
        else:
            value, after = numbers[at]
            form = number_format(value, after=after) if value is not None else "General"
            sheet.put(row, at, value, look.cell(_SIZE, num_format=form, text_wrap=False))


def _numbers(each: ListedIndicator, years: list[int]) -> dict[int, tuple[Decimal | None, str]]:
    """By column: a number, and what stands behind it."""
    of_year = {year: (target, actual) for year, target, actual in each.sheet.years}
    numbers: dict[int, tuple[Decimal | None, str]] = {5: (each.content.baseline if each.content else None, "")}
    for place, year in enumerate(years):
        target, actual = of_year.get(year, (None, None))
        numbers[7 + 2 * place] = (target.value if target else None, "")
        numbers[8 + 2 * place] = (actual.value, "（見込）" if actual.is_forecast else "") if actual else (None, "")
    return numbers


def _two_calendars(year: int) -> str:
    return f"{era_fiscal_year(year)}\n（{year}）"


def write_effects(book: WrittenBook, look: CellStyles, facts: SheetFacts, *, made: str) -> None:
    sheet, plan = PrintedSheet(book, EFFECTS), facts.plan
    years = max((len(found.fiscal_years) for found in facts.totals), default=0)
    amounts = [
        shown_number(value, each.suffix or _mark(one, each.label))
        for found in facts.totals
        for line in (*found.programs, found.everything)
        for each in line.rows
        for value, one in zip(each.values, line.sums, strict=True)
        if value is not None
    ]
    width = pixels_for(amounts, _EFFECT_SIZE, 110)
    sheet.widths([44, 320, 110, *[width] * max(years + 1, len(EFFECT_KINDS) - 1)])
    title(sheet, look, 0, f"{head(plan)}　効果額")
    row = 2
    for printed in facts.printed_effects:
        row = _write_printed(sheet, look, row, printed)
    what = word(plan, "program")
    said = (
        f"{what}ごとの金額。単位は{plan.money_unit}。△はマイナス。空欄は{UNKNOWN}（0 ではありません）。"
        "同じ年度に実績と予算があるときは実績。"
        if facts.totals
        else f"{what}ごとの効果額は、このサイトに登録されていません（{UNKNOWN}）。"
    )
    remark(sheet, look, row, said)
    row += 1
    header = row
    for found in facts.totals:
        row = _write_series(sheet, look, row, found)
    sheet.made.freeze_panes(1, 2)
    repeat = (header, header) if len(facts.totals) == 1 else (0, 0)
    sheet.paper("A3", header=head(plan), footer=made, last_row=row - (2 if facts.totals else 1), repeat=repeat)


def _write_series(sheet: PrintedSheet, look: CellStyles, row: int, totals: EffectTotals) -> int:
    """The items and their sum, of amounts that may be added up; the row below them."""
    over = ["計"] if totals.adds_up else []
    years = [_two_calendars(year) for year in totals.fiscal_years]
    texts = ["番号", "項目名", f"種類{f'（{totals.label}）' if totals.label else ''}", *years, *over]
    sheet.height(row, [(text, at) for at, text in enumerate(texts)], _EFFECT_SIZE)
    for at, text in enumerate(texts):
        sheet.put(row, at, text, look.header(_EFFECT_SIZE, align="center" if at > 2 else "left"))
    row += 1
    for line in totals.programs:
        row = _write_line(sheet, look, row, item_number(line.number), line.name, line)
    row = _write_line(sheet, look, row, "", "すべての項目", totals.everything, bold=True)
    if totals.is_mixed:
        remark(sheet, look, row, f"合計は、{totals.basis_label}しています。")
        row += 1
    return row + 1


def _write_line(
    sheet: PrintedSheet, look: CellStyles, row: int, number: int | str, name: str, line: SumLine, *, bold: bool = False
) -> int:
    """A row for each kind, their sum, and what was planned."""
    for each in line.rows:
        sheet.height(row, [(name, 1), (each.label, 2)], _EFFECT_SIZE)
        sheet.put(row, 0, number, look.cell(_EFFECT_SIZE, align="center"))
        for at, text in enumerate((name, each.label), 1):
            sheet.put(row, at, text, look.cell(_EFFECT_SIZE, bold=bold or each.is_total))
        for at, (value, one) in enumerate(zip(each.values, line.sums, strict=True)):
            after = each.suffix or _mark(one, each.label)
            form = number_format(value, after=after) if value is not None else "General"
            style = look.cell(_EFFECT_SIZE, num_format=form, text_wrap=False, bold=bold or each.is_total)
            sheet.put(row, 3 + at, value, style)
        row += 1
    return row


def _mark(one: Sum, kind: str) -> str:
    """What stands behind an amount that is no result: （予算）, and nothing behind a sum of several."""
    bases = {basis for (own, basis) in one.by_part if str(EffectKind(own).label) == kind}
    (basis,) = bases if len(bases) == 1 else ("",)
    return "" if basis in ("", Basis.ACTUAL) else f"（{Basis(basis).label}）"


def _write_printed(sheet: PrintedSheet, look: CellStyles, row: int, printed: Effects) -> int:
    """What the city printed of the plan as a whole, in its unit."""
    said = [part for part in (printed.label, printed.unit) if part]
    note = f"市が公表した効果額（{'、'.join(['計画全体', *said])}）。出典：{'、'.join(str(figure.source) for figure in printed.cited)}"
    remark(sheet, look, row, note)
    for at, text in enumerate(("年度", *EFFECT_KINDS.values()), 1):
        sheet.put(row + 1, at, text, look.header(_EFFECT_SIZE))
    row += 2
    for year in printed.years:
        sheet.put(row, 1, f"{fiscal_year_label(year.fiscal_year)} {year.basis_label}", look.cell(_EFFECT_SIZE))
        for at, figure in enumerate(year.cells, 2):
            value, form = _as_printed(figure, printed.unit)
            sheet.put(row, at, value, look.cell(_EFFECT_SIZE, num_format=form, align="right"))
        sheet.height(row, [(_word(figure), at) for at, figure in enumerate(year.cells, 2)], _EFFECT_SIZE)
        row += 1
    return row + 1


def _word(figure: PublishedFigure | None) -> str:
    """What is printed in place of a number."""
    if figure is None:
        return UNKNOWN
    return figure.printed if figure.value is None else ""


def _as_printed(figure: PublishedFigure | None, unit: str) -> tuple[Decimal | str, str]:
    """A number with its 約, and its unit where the table has several; what is not a number as the word that was printed."""
    if figure is None or figure.value is None:
        return _word(figure), "General"
    about, own = "約" if figure.is_approximate else "", "" if unit else figure.unit
    return figure.value, number_format(figure.value, before=about, after=own)
