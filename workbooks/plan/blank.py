"""A blank plan workbook to write a plan into: headings with notes in Japanese, drop-downs, and one example row a sheet.

Row 1 holds the names of the columns, as in every plan workbook, and a note on each says in Japanese what it is. The example
rows are marked, and a file in which one is left is refused with its place (workbooks/plan/reading.py).
"""

from __future__ import annotations

import datetime
import io

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.text import MAKER, display_width
from workbooks.paper import A3, fit_width
from workbooks.plan import dictionary
from workbooks.plan.columns import LIST_SEPARATOR, ColumnKind, PlanColumn
from workbooks.plan.sheets import BY_NAME
from workbooks.plan.specification import NamedRows, PlanSheet
from workbooks.plan.writing import EXAMPLE, FORMAT, README

_LAST_ROW = 2_000  # for which there are drop-downs
_YES, _NO = "はい", "いいえ"
_WRITTEN_DAY = datetime.date(2011, 3, 25)

# Sheet → the example row. Every row has a text that begins with the mark.
EXAMPLES: dict[str, dict[str, object]] = {
    "plan": {
        "slug": "example-plan",
        "city": "○○市",
        "name": f"{EXAMPLE}○○市行財政改革プラン",
        "first_fiscal_year": 2011,
        "last_fiscal_year": 2015,
        "is_fictional": False,
        "is_public": False,
    },
    "sources": {
        "key": "S1",
        "title": f"{EXAMPLE}○○市行財政改革プラン（計画書）",
        "publisher": "○○市",
        "date": _WRITTEN_DAY,
    },
    "grades": {"code": "A", "label": f"{EXAMPLE}予定どおり", "order": 1, "tone": "on_track"},
    "editions": {
        "key": "original",
        "name": f"{EXAMPLE}当初",
        "first_fiscal_year": 2011,
        "last_fiscal_year": 2015,
        "source": "S1",
    },
    "directions": {"number": 1, "name": f"{EXAMPLE}市民との協働"},
    "policies": {"number": 1, "name": f"{EXAMPLE}地域協働の推進", "direction": 1, "source": "S1"},
    "departments": {"code": "kikaku", "name": f"{EXAMPLE}企画課"},
    "programs": {"number": "1", "policy": 1, "name": f"{EXAMPLE}市民活動の支援", "source": "S1"},
    "program_editions": {
        "program": "1",
        "edition": "original",
        "contents": f"{EXAMPLE}市民活動団体の登録を進め、相談の窓口を設ける。",
        "planned_years": "平成23年度～平成27年度",
        "departments": "kikaku",
        "source": "S1",
    },
    "year_plans": {
        "program": "1",
        "edition": "original",
        "fiscal_year": 2011,
        "text": f"{EXAMPLE}検討",
        "is_none": False,
    },
    "indicators": {
        "program": "1",
        "number": 1,
        "name": f"{EXAMPLE}登録団体数",
        "unit": "団体",
        "better": "up",
        "baseline": 95,
        "baseline_fiscal_year": 2010,
    },
    "indicator_targets": {
        "program": "1",
        "indicator": 1,
        "edition": "original",
        "fiscal_year": 2015,
        "value": 120,
        "text": f"{EXAMPLE}以上",
    },
    "indicator_actuals": {"program": "1", "indicator": 1, "fiscal_year": 2011, "value": 98, "note": f"{EXAMPLE}年度末"},
    "effects": {
        "program": "1",
        "fiscal_year": 2011,
        "kind": "saving",
        "basis": "actual",
        "account": "general",
        "series": "single",
        "unit": "千円",
        "amount": 1234,
        "note": f"{EXAMPLE}委託料の減",
        "source": "S1",
    },
}
_HOW = (
    "色の付いた2行目は例です（「【例】」と書いてあります）。書き換えるか、行ごと消してください。例の行が残っていると取り込めません。",
    "列の意味は、1行目の名前に付いているメモと、この表にあります。1行目の名前は、下の表の日本語の名称に書き換えても読めます。",
    "選択肢は言葉で選びます。かっこの中の記号（saving など）を入力しても、同じように読みます。",
    "ほかのシートの行を指す列（edition、departments など）は、その行の名称を一覧から選びます。番号や記号を入力しても、同じように読みます。",
    "使わないシートは、消すか、例の行だけを消してください。金額は千円単位で入力します。ほかの単位のままなら、列 unit に 百万円 などと入力します。",
    "まず plan、editions、policies、departments、programs、program_editions の順に入力します。ほかは分かるものだけで構いません。",
)


def write_blank() -> bytes:
    """The workbook, the same every time."""
    book = Workbook()
    book.properties.title, book.properties.creator = "計画ブックのひな形", MAKER
    readme = book.active
    assert readme is not None  # noqa: S101 - a new workbook has a sheet
    _write_readme(readme)
    for name, example in EXAMPLES.items():
        _write_sheet(book.create_sheet(name), BY_NAME[name], example)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_readme(readme: Worksheet) -> None:
    readme.title = README
    readme.append(dictionary.TITLES)
    gap = [""] * (len(dictionary.TITLES) - 3)
    for text in (*_HOW, *dictionary.RULES):
        readme.append(["", "すべてのシート", *gap, text])
    for row in dictionary.rows():
        if row[0] in EXAMPLES:
            readme.append(row)
    readme.append([FORMAT.name, str(FORMAT.version), *gap, "このブックの形式の版。"])
    for column, width in enumerate((20, 16, 24, 20, 16, 8, 12, 30, 80), 1):
        readme.column_dimensions[get_column_letter(column)].width = width
    for cells in readme.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    _head(readme)


def _head(found: Worksheet) -> None:
    for cell in found[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFE8F1FE")
    found.freeze_panes = "A2"
    fit_width(found, A3, head_rows=1, footer=f"計画ブックのひな形　{found.title}")


def _write_sheet(found: Worksheet, sheet: PlanSheet, example: dict[str, object]) -> None:
    found.append([column.name for column in sheet.columns])
    found.append([_in_words(sheet, column, example.get(column.name)) for column in sheet.columns])
    _head(found)
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        note = Comment(_note(sheet, column), MAKER, height=160, width=320)
        found.cell(1, index).comment = note
        cell = found.cell(2, index)
        cell.font, cell.fill = Font(italic=True), PatternFill("solid", fgColor="FFFFF4CC")
        if isinstance(cell.value, datetime.date):
            cell.number_format = "yyyy-mm-dd"
        elif column.kind in (ColumnKind.CODE, ColumnKind.TEXT, ColumnKind.LIST):
            cell.number_format = "@"
            found.column_dimensions[letter].number_format = "@"
        width = max(display_width(column.name), display_width(str(cell.value or "")))
        found.column_dimensions[letter].width = min(max(width + 3, 10), 44)
        if rule := _drop_down(sheet, column):
            rule.add(f"{letter}2:{letter}{_LAST_ROW}")
            found.add_data_validation(rule)


def _in_words(sheet: PlanSheet, column: PlanColumn, value: object) -> object:
    """A value of an example as its drop-down offers it."""
    if value is not None and (target := sheet.targets.get(column.name)):
        return EXAMPLES[target.sheet][target.column]
    if isinstance(value, bool):
        return _YES if value else _NO
    return column.choices.get(str(value), value)


def _note(sheet: PlanSheet, column: PlanColumn) -> str:
    need = "必ず入力します。" if column.must_be_filled else "分からなければ空欄にします。"
    unit = f"単位: {sheet.units[column.name]}" if column.name in sheet.units else ""
    codes = "、".join(f"{label}（{code}）" for code, label in column.choices.items())
    return "\n".join(filter(None, (column.label, column.kind.value, unit, codes, column.meaning, need)))


def _drop_down(sheet: PlanSheet, column: PlanColumn) -> DataValidation | None:
    """What a cell may hold, where that is a list. A warning at most: what is right the import says."""
    target = sheet.targets.get(column.name)
    if target is not None and target.sheet in EXAMPLES:
        return _names(target, several=column.kind is ColumnKind.LIST)
    formula = ""
    if column.choices:
        formula = f'"{",".join(column.choices.values())}"'  # a word; the code is read as well
    elif column.kind is ColumnKind.BOOLEAN:
        formula = f'"{_YES},{_NO}"'
    if not formula or len(formula) > 255:
        return None
    return DataValidation(type="list", formula1=formula, allow_blank=True, errorStyle="warning", showErrorMessage=True)


def _names(target: NamedRows, *, several: bool) -> DataValidation:
    """The names of the rows of another sheet. A code is as good, so nothing that is typed gives a warning."""
    named = BY_NAME[target.sheet]
    letter = get_column_letter([column.name for column in named.columns].index(target.column) + 1)
    code = named.by_name[named.key[-1]].label
    more = f"2つ以上は、{LIST_SEPARATOR} で区切って入力します。" if several else ""
    return DataValidation(
        type="list",
        formula1=f"{named.name}!${letter}$2:${letter}${_LAST_ROW}",
        allow_blank=True,
        showInputMessage=True,
        promptTitle=named.label,
        prompt=f"シート「{named.name}」の{named.by_name[target.column].label}から選びます。{code}（{named.key[-1]}）でも読めます。{more}",
    )
