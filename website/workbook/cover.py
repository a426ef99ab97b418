"""表紙: which plan, which items, as of when, made by whom and when, under which licence, and what stands where."""

from __future__ import annotations

from datetime import datetime

from core.fiscal import date_label
from core.text import FICTIONAL, MAKER
from figures.datasets import LICENCE, LICENCE_URL
from figures.rows import shades
from opendata.program_files import ProgramExport
from policies.words import in_words_of, word
from website.workbook.facts import SheetFacts
from website.workbook.look import UNKNOWN, ground, head, title
from workbooks.sheets_for_people import INK, LINK, WHITE, CellStyles, PrintedSheet
from workbooks.writer import WrittenBook

NAME = "表紙"
_SIZE = 11
_LABEL, _TEXT = 150, 520  # pixels
# Sheet → what stands there, in our own words.
FOR_PEOPLE = (
    ("一覧", "実施項目ごとの計画、年度計画、成果指標、評価、効果額（A3横）"),
    ("集計", "評価の数の表とグラフ：方針別、推進担当課別、推移"),
    ("指標", "成果指標の基準値、年度ごとの目標と実績"),
    ("効果額", "実施項目ごと、種類ごと、年度ごとの効果額"),
    ("programs", "1行に一つの実施項目。並べ替え、しぼり込みができる表"),
)
FOR_PROGRAMS = (
    ("long", "1行に一つの値。計算のための表"),
    ("errata", "公表のあとの訂正"),
    ("codes", "記号と列の説明"),
    ("sources", "出典と、このファイルの条件"),
)


def write(
    book: WrittenBook, look: CellStyles, facts: SheetFacts, export: ProgramExport, *, now: datetime, page: str
) -> None:
    sheet, plan = PrintedSheet(book, NAME), facts.plan
    sheet.widths([_LABEL, _TEXT])
    row = 0
    if plan.is_fictional:
        for at, text in enumerate((FICTIONAL, "この計画は見本です。実在の市のものではありません。")):
            sheet.put(row, at, text, look(_SIZE, bold=True, bg_color=INK, font_color=WHITE, valign="vcenter"))
        sheet.set_height(row, 26)
        row += 2
    title(sheet, look, row, plan.title, 18)
    title(sheet, look, row + 1, f"{word(plan, 'program')}の一覧と集計", 13)
    top = (row, row)
    row += 3
    for label, text, address in _about(facts, export, now, page):
        sheet.height(row, [(label, 0), (text, 1)], _SIZE)
        sheet.put(row, 0, label, look.header(_SIZE))
        if address:
            sheet.link(row, 1, address, text, look.cell(_SIZE, font_color=LINK, underline=1))
        else:
            sheet.put(row, 1, text, look.cell(_SIZE))
        row += 1
    row = _contents(sheet, look, row + 1, facts)
    row = _legend(sheet, look, row + 1, facts)
    sheet.paper("A4", header=head(plan), footer=LICENCE, last_row=row, landscape=False, repeat=top)
    sheet.made.activate()


def _about(facts: SheetFacts, export: ProgramExport, now: datetime, page: str) -> list[tuple[str, str, str]]:
    """(label, text, address)."""
    plan, round_ = facts.plan, facts.snapshot.round
    items = word(plan, "program")
    asked = "\n".join(f"{label}：{shown}" for name, _, label, shown in export.conditions if name != "sort")
    sort = "".join(shown for name, _, _, shown in export.conditions if name == "sort")
    as_of = f"{date_label(round_.as_of)}現在" if round_ else f"{items}ごとの評価は{UNKNOWN}"
    said = [
        ("計画の期間", plan.period_label, ""),
        ("しぼり込み", asked or f"なし（すべての{items}）", ""),
        ("並び順", f"{word(plan, 'policy')}ごとに、{sort or '番号の順'}", ""),
        ("項目の数", f"{facts.count:,}項目", ""),
        ("データの時点", as_of, ""),
        ("内容の更新日", date_label(now.date()), ""),
        ("作成", f"{MAKER}（市が作成したものではありません）", ""),
        ("利用条件", LICENCE, LICENCE_URL),
        ("もとのページ", page, page),
    ]
    if facts.unknown:
        missing = in_words_of(plan, "、".join(facts.unknown))
        said.append(
            (
                UNKNOWN,
                f"{missing}（どの項目についても、このサイトに登録がありません。市にないという意味ではありません）",
                "",
            )
        )
    return said


def _contents(sheet: PrintedSheet, look: CellStyles, row: int, facts: SheetFacts) -> int:
    for heading, names in (("目次", FOR_PEOPLE), ("プログラムで読むためのシート", FOR_PROGRAMS)):
        title(sheet, look, row, heading, 12)
        row += 1
        for name, text in names:
            text = in_words_of(facts.plan, text)
            sheet.height(row, [(text, 1)], _SIZE)
            sheet.link(row, 0, f"internal:'{name}'!A1", name, look.cell(_SIZE, font_color=LINK, underline=1))
            sheet.put(row, 1, text, look.cell(_SIZE))
            row += 1
        row += 1
    return row - 1


def _legend(sheet: PrintedSheet, look: CellStyles, row: int, facts: SheetFacts) -> int:
    grades = facts.counts.grades
    title(sheet, look, row, "評価の記号", 12)
    row += 1
    for grade, shade in zip(grades, shades(grades), strict=True):
        text = f"{grade.label}\n{grade.definition}" if grade.definition else grade.label
        sheet.height(row, [(text, 1)], _SIZE)
        sheet.put(row, 0, grade.code, look.cell(_SIZE, align="center", **ground(shade)))
        sheet.put(row, 1, text, look.cell(_SIZE))
        row += 1
    for mark, text in (
        (UNKNOWN, "このサイトに登録がありません。0 でも「なし」でもありません。"),
        ("未報告", "報告がないまま公表された項目です。"),
    ):
        sheet.height(row, [(text, 1)], _SIZE)
        sheet.put(row, 0, mark, look.cell(_SIZE, align="center", **ground("missing")))
        sheet.put(row, 1, text, look.cell(_SIZE))
        row += 1
    return row - 1
