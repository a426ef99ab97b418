"""The sheets of a 調査票 and their columns: what writing and reading must agree on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.models import Contribution, Report

FORMAT = "1"  # raised whenever an older sheet can no longer be read

REPORTS, ACTUALS, EFFECTS = "報告", "成果指標", "効果額"
GUIDE, CHOICES, MARKS = "記入のしかた", "選択肢", "_survey"
HEADER_ROW = 3  # above it: the title, and what to do
NEW_EFFECTS = 40  # empty rows for effects that are not reported yet


@dataclass(frozen=True)
class Column:
    title: str
    width: float
    name: str = ""  # of the cell within a report, for entry cells; "" is for reading only
    hidden: bool = False


def _field(name: str, width: float) -> Column:
    return Column(str(Report._meta.get_field(name).verbose_name), width, name)  # type: ignore[union-attr]


def field_of(name: str) -> Any:
    """The model field behind an entry cell of the sheet of reports."""
    return Contribution._meta.get_field("text") if name == CONTRIBUTION else Report._meta.get_field(name)


NUMBER, ITEM, ROW_KEY, VERSION = "番号", "項目", "key", "version"

CONTRIBUTION = "contribution"  # the cell of a department that supports an item without leading it

COLUMNS: dict[str, list[Column]] = {
    REPORTS: [
        Column(NUMBER, 6),
        Column("項目名", 16),
        Column("状態", 9),
        Column("計画", 30),
        Column("前回の報告", 30),
        _field("grade", 13),
        _field("progress", 40),
        _field("evidence", 24),
        _field("delay_reason", 20),
        _field("remedy", 20),
        _field("recovery_on", 15),
        Column("関係課の記入", 22, CONTRIBUTION),
        Column(ROW_KEY, 8, hidden=True),
        Column(VERSION, 8, hidden=True),
    ],
    ACTUALS: [
        Column(NUMBER, 6),
        Column("項目名", 26),
        Column("指標", 34),
        Column("単位", 10),
        Column("よい方向", 12),
        Column("目標", 18),
        Column("前に公表した実績", 22),
        Column("実績値", 14, "value"),
        Column("見込", 10, "forecast"),
        Column("補足", 40, "note"),
        Column(ROW_KEY, 8, hidden=True),
    ],
    EFFECTS: [
        Column(ITEM, 38, "item"),
        Column("年度", 16, "year"),
        Column("種類", 14, "kind"),
        Column("根拠", 12, "basis"),
        Column("金額（千円）", 18, "amount"),
        Column("補足", 50, "note"),
        Column(ROW_KEY, 8, hidden=True),
    ],
}

# The first rows of the hidden sheet of marks. After them: item, version, cell name, mark of the cell as downloaded.
META = ("format", "plan", "as_of", "department", "checksum")


def checksum(meta: Iterable[str], marks: Iterable[Sequence[str]]) -> str:
    """Of everything hidden but the checksum itself."""
    lines = ["|".join(meta), *("|".join(mark) for mark in marks)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
