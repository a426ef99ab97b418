"""What helps while a 調査票 is filled in: drop-downs, rules of entry, protection. What counts is what reading finds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.fields import ModelField
from core.fiscal import era_date, era_fiscal_year
from reviews.models import Account, Basis, EffectKind, Series
from workbooks.survey.layout import CHOICES, HEADER_ROW
from workbooks.survey.loading import SurveyContents
from workbooks.writer import clean_text


def protect(sheet: Worksheet) -> None:
    """Without a password: it keeps from slips, not from work. Sizes, filters and sorting stay allowed."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatCells = protection.formatColumns = protection.formatRows = False
    protection.sort = protection.autoFilter = protection.deleteRows = False


class Choices:
    """The hidden sheet that the drop-downs take their lists from: a list inside a rule may not exceed 255
    characters."""

    def __init__(self, sheet: Worksheet, contents: SurveyContents) -> None:
        self._sheet = sheet
        self._used = 0
        sheet.sheet_state = "hidden"
        protect(sheet)
        plan = contents.round.plan
        self.of_reports = {name: self._list(map(str, found.values())) for name, found in contents.choices.items()}
        self.items = self._list(str(item.report.program) for item in contents.items if item.is_editable)
        self.years = self._list(map(era_fiscal_year, plan.fiscal_years))
        self.kinds = self._list(EffectKind.labels)
        self.bases = self._list(Basis.labels)
        self.accounts = self._list(Account.labels)
        self.series = self._list(Series.labels)
        self.forecast = self._list(["実績", "見込"])

    def _list(self, texts: Iterable[str]) -> str:
        self._used += 1
        row = 0
        for row, text in enumerate(texts, 1):
            cell = self._sheet.cell(row, self._used, clean_text(text))
            cell.data_type = "s"
        letter = get_column_letter(self._used)
        return f"'{CHOICES}'!${letter}$1:${letter}${max(row, 1)}"


def _add(rule: DataValidation, sheet: Worksheet, column: int, rows: tuple[int, int]) -> None:
    rule.allowBlank, rule.showErrorMessage, rule.errorTitle = True, True, "記入のしかた"
    letter = get_column_letter(column)
    rule.add(f"{letter}{rows[0]}:{letter}{rows[1]}")
    sheet.add_data_validation(rule)


def allow_only(
    sheet: Worksheet,
    column: int,
    rows: tuple[int, int],
    choices: str,
    error: str,
    *,
    style: Literal["stop", "warning"] = "stop",
) -> None:
    _add(DataValidation(type="list", formula1=choices, error=error, errorStyle=style), sheet, column, rows)


def allow_length(sheet: Worksheet, column: int, rows: tuple[int, int], field: ModelField) -> None:
    title = sheet.cell(HEADER_ROW, column).value
    rule = DataValidation(
        type="textLength",
        operator="lessThanOrEqual",
        formula1=str(field.max_length),
        error=f"{title}は{field.max_length}文字までです。",
    )
    _add(rule, sheet, column, rows)


def allow_days(sheet: Worksheet, column: int, rows: tuple[int, int], *, after: date) -> None:
    """A warning only: a day typed as 平成28年3月31日 is a text to some programs, and is read all the same."""
    rule = DataValidation(
        type="date",
        operator="greaterThan",
        formula1=f"DATE({after.year},{after.month},{after.day})",
        errorStyle="warning",
        error=f"{era_date(after)}より後の日を、2016/3/31 か 平成28年3月31日 のように記入してください。",
    )
    _add(rule, sheet, column, rows)


def allow_numbers(sheet: Worksheet, column: int, rows: tuple[int, int]) -> None:
    """A warning only: full-width digits are read all the same."""
    rule = DataValidation(
        type="decimal",
        operator="between",
        formula1="-1000000000000",
        formula2="1000000000000",
        errorStyle="warning",
        error="数だけを記入してください（単位は書きません）。",
    )
    _add(rule, sheet, column, rows)
