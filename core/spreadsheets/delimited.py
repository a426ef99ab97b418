"""Reading a table of texts (CSV). Runs in the process that core/spreadsheets/confined.py starts."""

from __future__ import annotations

import csv
import io
from typing import cast

from core.grammar import Content
from core.spreadsheets.limits import LAST_COLUMN, LONGEST, MOST_CELLS, UnreadableFile
from core.spreadsheets.sheets import Sheet

_TOO_MANY = f"値が多すぎます。読めるのは{MOST_CELLS:,}セルまでです。分けてください。"


def read(data: bytes, *, max_rows: int) -> Sheet:
    """Raises UnreadableFile, with a Japanese reason."""
    return rows_of(_text(data), max_rows=max_rows, name="CSV")


def rows_of(text: str, *, max_rows: int, name: str, delimiter: str = ",", strict: bool = True) -> Sheet:
    """The table of a text. Raises UnreadableFile, with a Japanese reason. What is not `strict` takes quotation marks as they
    come, as in cells that somebody copied."""
    csv.field_size_limit(LONGEST)
    sheet = Sheet(name, [])
    reader = csv.reader(io.StringIO(text), strict=strict, delimiter=delimiter)
    cells = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            if "field larger" in str(error):
                reason = (
                    f"{reader.line_num:,}行目に、{LONGEST:,}文字を超える値があります。"
                    '引用符（"）の閉じ忘れがないか確かめてください。'
                )
            else:
                reason = 'CSVとして読めません。引用符（"）の閉じ忘れがないか確かめてください。'
            raise UnreadableFile(reason) from error
        if row is None:
            return sheet
        found = cast("list[Content]", row)  # a copy of the longest would be half of the memory there is
        while found and found[-1] == "":
            found.pop()
        cells += len(found)
        if len(found) > LAST_COLUMN:
            raise UnreadableFile(
                f"{reader.line_num:,}行目に{len(found):,}個の値があります。1行に{LAST_COLUMN:,}個までです。"
            )
        if cells > MOST_CELLS:
            raise UnreadableFile(_TOO_MANY)
        if len(sheet.rows) >= max_rows:
            raise UnreadableFile(f"{max_rows:,}行を超えています。読めるのは{max_rows:,}行までです。分けてください。")
        sheet.rows.append(found)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):  # cp932 is what Excel calls "CSV" on a Japanese machine
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("文字コードが分かりません。CSV（UTF-8）で保存し直してください。")
