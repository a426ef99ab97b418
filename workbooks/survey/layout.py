"""The sheets of a 調査票 and their columns: what writing and reading must agree on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from core.fields import ModelField, field_label, model_field
from reviews import report_fields
from reviews.models import Contribution, Report
from workbooks.survey.cells import JUDGEMENT, Choices, judgement_title

FORMAT = "1"  # raised whenever an older sheet can no longer be read

REPORTS, ACTUALS, EFFECTS = "報告", "成果指標", "効果額"
GUIDE, CHOICES, MARKS = "記入のしかた", "選択肢", "_survey"
HEADER_ROW = 3  # above it: the title, and what to do
NEW_EFFECTS = 40  # empty rows for effects that are not reported yet
# All columns together, so that the sheet prints on A3 at nine points or more: 1,510 pixels of paper, 8.5 a character.
WIDEST = 198.0


@dataclass(frozen=True)
class SheetColumn:
    title: str
    width: float
    name: str = ""  # of the cell within a report, for entry cells; "" is for reading only
    hidden: bool = False
    is_text: bool = False  # gives way where the paper is too narrow for all columns: a text has more lines then


def field_of(name: str) -> ModelField:
    """Give the model field behind an entry cell of the sheet of reports."""
    return model_field(Contribution, "text") if name == CONTRIBUTION else model_field(Report, name)


NUMBER, ITEM, ROW_KEY, VERSION = "番号", "項目", "key", "version"

# A sheet has these only where the plan tells accounts and series apart.
ACCOUNT, SERIES = SheetColumn("会計", 12, "account"), SheetColumn("数え方", 12, "series")
# To be copied from, in full. A sheet of an earlier version has none.
LAST_PROGRESS = SheetColumn("前回の取組状況", 20, is_text=True)
AMOUNT = "金額"  # its unit stands behind it: 金額（百万円）

CONTRIBUTION = "contribution"  # the cell of a department that supports an item without leading it

COLUMNS: dict[str, list[SheetColumn]] = {
    REPORTS: [
        SheetColumn(NUMBER, 6),
        SheetColumn("項目名", 14, is_text=True),
        SheetColumn("状態", 8),
        SheetColumn("計画", 18, is_text=True),
        SheetColumn("前回の報告", 11, is_text=True),
        LAST_PROGRESS,
        *(
            SheetColumn(
                field_label(Report, name), field.width, name, is_text=field.kind is report_fields.FieldKind.TEXT
            )
            for name, field in report_fields.BY_NAME.items()
        ),
        SheetColumn("関係課の記入", 18, CONTRIBUTION, is_text=True),
        SheetColumn(ROW_KEY, 8, hidden=True),
        SheetColumn(VERSION, 8, hidden=True),
    ],
    ACTUALS: [
        SheetColumn(NUMBER, 6),
        SheetColumn("項目名", 26),
        SheetColumn("指標", 34),
        SheetColumn("単位", 10),
        SheetColumn("よい方向", 12),
        SheetColumn("目標", 18),
        SheetColumn("前に公表した実績", 22),
        SheetColumn("実績値", 14, "value"),
        SheetColumn("見込", 10, "forecast"),
        SheetColumn("補足", 40, "note"),
        SheetColumn(ROW_KEY, 8, hidden=True),
    ],
    EFFECTS: [
        SheetColumn(ITEM, 38, "item"),
        SheetColumn("年度", 16, "year"),
        SheetColumn("種類", 14, "kind"),
        SheetColumn("根拠", 12, "basis"),
        ACCOUNT,
        SERIES,
        SheetColumn(AMOUNT, 18, "amount"),
        SheetColumn("補足", 50, "note"),
        SheetColumn(ROW_KEY, 8, hidden=True),
    ],
}


def is_optional(column: SheetColumn) -> bool:
    """Whether a sheet may be without the column: that of a plan that does not ask for it, or of an earlier version."""
    if column in (ACCOUNT, SERIES, LAST_PROGRESS) or column.name.startswith(JUDGEMENT):
        return True
    field = report_fields.BY_NAME.get(column.name)
    return field is not None and field.kind is report_fields.FieldKind.CHOICE


def columns_of(sheet: str, choices: Choices, left_out: Collection[str] = ()) -> list[SheetColumn]:
    """The columns of a sheet without the entry cells that the plan does not ask for; behind the grade those of its further
    axes."""
    columns = [column for column in COLUMNS[sheet] if not column.name or column.name not in left_out]
    if sheet == REPORTS:
        place = next(number for number, column in enumerate(columns, 1) if column.name == "grade")
        columns[place:place] = [
            SheetColumn(judgement_title(grades), 13, name)
            for name, grades in choices.items()
            if name.startswith(JUDGEMENT)
        ]
    return columns


def fitting(columns: list[SheetColumn]) -> list[SheetColumn]:
    """The columns as wide as they print: where they are wider than the paper together, texts give way."""
    texts = sum(column.width for column in columns if column.is_text and not column.hidden)
    rest = sum(column.width for column in columns if not column.is_text and not column.hidden)
    if texts + rest <= WIDEST:
        return columns
    share = (WIDEST - rest) / texts
    return [replace(column, width=column.width * share) if column.is_text else column for column in columns]


# The first rows of the hidden sheet of marks. After them: item, version, cell name, mark of the cell as downloaded.
META = ("format", "plan", "as_of", "department", "checksum")


def checksum(meta: Iterable[str], marks: Iterable[Sequence[str]]) -> str:
    """Give the checksum of everything hidden but the checksum itself."""
    lines = ["|".join(meta), *("|".join(mark) for mark in marks)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
