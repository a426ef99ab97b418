"""What the guides for tables that people made share: the form that takes a table, the sheet as it was read, answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest

from core.spreadsheets.limits import MAX_BYTES, check_size, column_letters
from workbooks.tables.layout import Grid

NO_TABLE = "取り込む表が見つかりません。もう一度選んでください。"
HIDDEN_ROW = "非表示の行（あとで確かめる）"
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_CELL = 12, 30, 60  # of a sheet above and below, across, and characters of a cell
ANSWER = "answer-"  # before the id of a doubt, the name of its field


class TableFileForm(forms.Form):
    """A file, or cells that were copied from a sheet or a page."""

    file = forms.FileField(
        label="表のファイル",
        required=False,
        help_text=f"Excel（xlsx、xls）、ods、CSV。{MAX_BYTES // 1024 // 1024}MB まで。いま使っているファイルを、そのまま選べます。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt,.html,.htm"}),
        error_messages={"empty": "ファイルが空です（0バイト）。"},
    )
    pasted = forms.CharField(
        label="または、表を貼り付ける",
        required=False,
        strip=False,
        help_text="Excelやウェブページの表を選んでコピーし、ここに貼り付けます。",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    page = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)  # filled by static/js/paste.js

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "file" not in self.errors and not cleaned.get("file") and not (cleaned.get("pasted") or "").strip():
            self.add_error("file", "ファイルを選ぶか、表を貼り付けてください。")
        return cleaned

    def taken(self) -> tuple[bytes, str]:
        """The table and what it is called. Raises UnreadableFile for one that is too large."""
        upload = self.cleaned_data["file"]
        check_size(upload.size if upload else 0, MAX_BYTES)
        if upload:
            return upload.read(), upload.name
        return (self.cleaned_data["page"] or self.cleaned_data["pasted"]).encode(), "貼り付けた表"

    def refuse(self, reason: str) -> None:
        """Say at the field where the table came from why it cannot be read."""
        self.add_error("file" if self.cleaned_data.get("file") else "pasted", reason)


def short(text: str) -> str:
    return text if len(text) <= SHOWN_CELL else f"{text[:SHOWN_CELL]}…"


def letters(grid: Grid) -> list[str]:
    return [column_letters(column) for column in range(1, min(grid.width, SHOWN_COLUMNS) + 1)]


def shown_rows(grid: Grid, end: int, what: Callable[[int], tuple[str, str]]) -> list[dict[str, Any]]:
    """The first rows of a sheet and those around the end of its table; `what` says what each is, for people and for the
    style sheet."""
    wanted = [
        row
        for row in range(1, grid.height + 1)
        if row <= SHOWN_ROWS or end - 3 <= row <= end + 3 or row > grid.height - 3
    ]
    rows: list[dict[str, Any]] = []
    for row in wanted:
        if rows and rows[-1]["number"] != row - 1:
            rows.append({"number": 0, "skipped": row - rows[-1]["number"] - 1})
        texts = [short(grid.own(row, column)) for column in range(1, min(grid.width, SHOWN_COLUMNS) + 1)]
        label, is_ = what(row)
        rows.append({"number": row, "cells": texts, "what": label, "is": is_})
    return rows


def numbers_said(request: HttpRequest, names: Sequence[str], index: int) -> list[int] | None:
    """The whole numbers that a person typed for a sheet; None where one is no number."""
    typed = [request.POST.get(f"{name}-{index}", "").strip() for name in names]
    return [int(one) for one in typed] if all(one.isdecimal() and len(one) < 7 for one in typed) else None


def answers_said(request: HttpRequest) -> dict[str, str]:
    """The answers to doubts that a person sent, by the id of the doubt."""
    found = request.POST.dict().items()
    return {key.removeprefix(ANSWER): " ".join(said.split()) for key, said in found if key.startswith(ANSWER)}
