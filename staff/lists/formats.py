"""The two formats of a list, xlsx and csv. Both refuse what they cannot read with place and reason."""

import csv
import io
from collections import Counter
from typing import Any

import tablib
from import_export.formats.base_formats import Format

from core.cells import plain
from core.formulas import defused, undefused
from core.grammar import Faulty
from core.spreadsheets import sheets
from core.spreadsheets.limits import MAX_BYTES, MAX_ROWS, MAX_UNPACKED, UnreadableFile, column_letters
from workbooks.writer import WrittenBook

SHEET = "data"
LONGEST_HEADING = 200


def _dataset(headers: list[Any], rows: list[list[Any]]) -> tablib.Dataset:
    """A table without empty edges. Raises UnreadableFile for columns that cannot be told apart."""
    while rows and all(value in (None, "") for value in rows[-1]):
        rows.pop()
    width = max((i for i, header in enumerate(headers, 1) if header not in (None, "")), default=0)
    names = ["" if header is None else str(header).strip() for header in headers[:width]]
    if not names:
        raise UnreadableFile("1行目に見出しがありません。書き出したファイルと同じ見出しを1行目に置いてください。")
    if too_long := [name for name in names if len(name) > LONGEST_HEADING]:
        raise UnreadableFile(f"見出し「{too_long[0][:30]}…」が長すぎます。1行目は見出しにしてください。")
    times = Counter(names)
    for name in names:
        if not name or times[name] > 1:
            what = f"見出し「{name}」が重なっています" if name else "見出しのない列があります"
            raise UnreadableFile(f"{what}。1行目を、書き出したファイルと同じ見出しにしてください。")
    if len(rows) > MAX_ROWS:
        raise UnreadableFile(f"{len(rows):,}行あります。一度に取り込めるのは{MAX_ROWS:,}行までです。分けてください。")
    dataset = tablib.Dataset(headers=names)
    for number, row in enumerate(rows, 2):
        if any(value not in (None, "") for value in row[width:]):
            raise UnreadableFile(
                f"{number}行目の、見出しのない列に値があります。見出しを付けるか、値を消してください。"
            )
        dataset.append((row + [None] * width)[:width])
    return dataset


class _TwoWay(Format):
    title = extension = content_type = ""

    def __init__(self, encoding: str | None = None) -> None:
        """`encoding` is what the package offers to text formats; both of ours find it themselves."""

    def get_title(self) -> str:
        return self.title

    def get_extension(self) -> str:
        return self.extension

    def get_content_type(self) -> str:
        return self.content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True


class Xlsx(_TwoWay):
    """One sheet named `data`. Text stays text, whatever it begins with; formulas are read by their stored results."""

    title = "Excel（xlsx）"
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def create_dataset(self, data: bytes) -> tablib.Dataset:
        book = sheets.read_book(data, max_bytes=MAX_BYTES, max_unpacked=MAX_UNPACKED, max_rows=MAX_ROWS + 1_000)
        if SHEET not in book.sheets and len(book.sheets) > 1:
            raise UnreadableFile(
                f"シートが{len(book.sheets)}枚あり、どれを読むか分かりません。取り込むシートの名前を「{SHEET}」にしてください。"
            )
        sheet = book.sheets.get(SHEET) or next(iter(book.sheets.values()))
        for area in sheet.merged:
            raise UnreadableFile(
                f"「{sheet.name}」シートの{area}のセルが結合されています。結合を解除し、1つのセルに1つの値を入れてください。"
            )
        for y, row in enumerate(sheet.rows, 1):
            for x, cell in enumerate(row, 1):
                if isinstance(cell, Faulty):
                    raise UnreadableFile(f"「{sheet.name}」シートの{column_letters(x)}{y}は{cell.reason}")
        dataset = _dataset(sheet.rows[0], sheet.rows[1:]) if sheet.rows else _dataset([], [])
        dataset.notes = [f"{sheet.place(*where)}: {note}" for where, note in sorted(sheet.notes.items())]
        return dataset

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        stream = io.BytesIO()
        with WrittenBook(stream, SHEET) as book:
            book.add_table(SHEET, dataset.headers, dataset)
        return stream.getvalue()


class Csv(_TwoWay):
    """UTF-8 with a mark, as Excel wants it, and no text in it that Excel would run (core/formulas.py)."""

    title = "CSV（UTF-8）"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def create_dataset(self, data: bytes) -> tablib.Dataset:
        sheet = sheets.read_csv(data, max_bytes=MAX_BYTES, max_rows=MAX_ROWS + 1_000)
        rows: list[list[Any]] = [[undefused(str(cell)) for cell in row] for row in sheet.rows]
        return _dataset(rows[0], rows[1:]) if rows else _dataset([], [])

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        for row in [dataset.headers, *dataset]:
            writer.writerow([defused(value) if isinstance(value, str) else plain(value) for value in row])
        return stream.getvalue().encode("utf-8-sig")


FORMATS = [Xlsx, Csv]
# How the name of a file ends, and which of them reads it.
READ = {ending: str(FORMATS.index(kind)) for ending, kind in (("xlsx", Xlsx), ("ods", Xlsx), ("csv", Csv))}
