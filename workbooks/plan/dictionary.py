"""The columns of the plan workbook explained: its README sheet and docs/guide-workbook.md come from here."""

from __future__ import annotations

from collections.abc import Iterator

from workbooks.plan.changes import DELETE
from workbooks.plan.columns import ColumnKind, PlanColumn
from workbooks.plan.sheets import SHEETS
from workbooks.plan.specification import PlanSheet

HEADERS = ("sheet", "sheet_label", "column", "label", "type", "need", "unit", "codes", "meaning")
TITLES = ("シート", "シートの名称", "列", "名称", "型", "必要", "単位", "区分", "意味")
RULES = (
    "1行目は列の名前。2行目から1行に1件。空欄は「分からない」ことを表す（0 ではない）。",
    "ファイルにないシート・列・行は、取り込んでも変わらない。キーが同じ行は上書き、新しいキーの行は追加になる。",
    "ほかのシートの行を指す列には、その行の番号や記号のほか、名称も入力できる。同じ名称の行がほかにあるときは、番号や記号を入力する。",
    f"行を削除するときだけ、列 {DELETE} を足して TRUE と入力する。",
    "結合したセルは使えない。数式は、保存されている計算の結果を読む。年度は 2011 か 平成23年度、日付は 2014-10-31 か 平成26年10月31日。",
)
FICTIONAL = "架空のデータです。実在の自治体の計画ではありません。"


def rows() -> Iterator[tuple[str, ...]]:
    """One row a column, in the order of the workbook."""
    for sheet in SHEETS:
        for column in sheet.columns:
            yield (
                sheet.name,
                sheet.label,
                column.name,
                column.label,
                column.kind.value,
                _need(column),
                _unit(sheet, column),
                "; ".join(f"{code}={label}" for code, label in column.choices.items()),
                column.meaning,
            )


def _need(column: PlanColumn) -> str:
    key = "キー（空欄可）" if column.may_be_blank else "キー"
    return key if column.is_key else "必須" if column.is_required else ""


def _unit(sheet: PlanSheet, column: PlanColumn) -> str:
    return sheet.units.get(column.name, "年度" if column.kind is ColumnKind.FISCAL_YEAR else "")


def as_markdown() -> str:
    """Write the tables of docs/guide-workbook.md."""
    parts: list[str] = []
    last = ""
    for sheet, sheet_label, *cells in rows():
        if sheet != last:
            parts += [
                "",
                f"### {sheet}（{sheet_label}）",
                "",
                f"| {' | '.join(TITLES[2:])} |",
                "|---" * 7 + "|",
            ]
            last = sheet
        name, label, kind, need, unit, codes, meaning = (cell.replace("|", "\\|") for cell in cells)
        parts.append(f"| `{name}` | {label} | {kind} | {need} | {unit} | {codes} | {meaning} |")
    return "\n".join(parts).strip() + "\n"
