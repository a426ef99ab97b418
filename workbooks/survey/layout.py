"""The sheets of a 調査票 and their columns: what writing and reading must agree on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.fields import ModelField, field_label, model_field
from reviews.models import Contribution, Report

FORMAT = "1"  # raised whenever an older sheet can no longer be read

REPORTS, ACTUALS, EFFECTS = "報告", "成果指標", "効果額"
GUIDE, CHOICES, MARKS = "記入のしかた", "選択肢", "_survey"
HEADER_ROW = 3  # above it: the title, and what to do
NEW_EFFECTS = 40  # empty rows for effects that are not reported yet


@dataclass(frozen=True)
class SheetColumn:
    title: str
    width: float
    name: str = ""  # of the cell within a report, for entry cells; "" is for reading only
    hidden: bool = False


def _field(name: str, width: float) -> SheetColumn:
    return SheetColumn(field_label(Report, name), width, name)


def field_of(name: str) -> ModelField:
    """Give the model field behind an entry cell of the sheet of reports."""
    return model_field(Contribution, "text") if name == CONTRIBUTION else model_field(Report, name)


NUMBER, ITEM, ROW_KEY, VERSION = "番号", "項目", "key", "version"

CONTRIBUTION = "contribution"  # the cell of a department that supports an item without leading it

COLUMNS: dict[str, list[SheetColumn]] = {
    REPORTS: [
        SheetColumn(NUMBER, 6),
        SheetColumn("項目名", 16),
        SheetColumn("状態", 9),
        SheetColumn("計画", 30),
        SheetColumn("前回の報告", 30),
        _field("grade", 13),
        _field("progress", 40),
        _field("evidence", 24),
        _field("delay_reason", 20),
        _field("remedy", 20),
        _field("recovery_on", 15),
        SheetColumn("関係課の記入", 22, CONTRIBUTION),
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
        SheetColumn("金額（千円）", 18, "amount"),
        SheetColumn("補足", 50, "note"),
        SheetColumn(ROW_KEY, 8, hidden=True),
    ],
}

# The first rows of the hidden sheet of marks. After them: item, version, cell name, mark of the cell as downloaded.
META = ("format", "plan", "as_of", "department", "checksum")


def checksum(meta: Iterable[str], marks: Iterable[Sequence[str]]) -> str:
    """Give the checksum of everything hidden but the checksum itself."""
    lines = ["|".join(meta), *("|".join(mark) for mark in marks)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
