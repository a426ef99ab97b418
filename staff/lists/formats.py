"""The two formats of a list, xlsx and csv. Both refuse what they cannot read with place and reason."""

import csv
import io
import re
from typing import Any

import tablib
from import_export.formats.base_formats import Format
from openpyxl.utils import get_column_letter

from core.cells import plain
from workbooks.reader import MAX_ROWS, UnreadableFile, open_safely, read_cells
from workbooks.writer import Book

SHEET = "data"


def _dataset(headers: list[Any], rows: list[list[Any]]) -> tablib.Dataset:
    """A table without empty edges. Raises UnreadableFile for columns that cannot be told apart."""
    while rows and all(value in (None, "") for value in rows[-1]):
        rows.pop()
    width = max((i for i, header in enumerate(headers, 1) if header not in (None, "")), default=0)
    names = ["" if header is None else str(header).strip() for header in headers[:width]]
    if not names:
        raise UnreadableFile("1行目に見出しがありません。書き出したファイルと同じ見出しを1行目に置いてください。")
    for name in names:
        if not name or names.count(name) > 1:
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
        formulas = self._cells(data, data_only=False)
        values = self._cells(data, data_only=True)
        for y, (cells, results) in enumerate(zip(formulas, values, strict=True), 1):
            for x, (cell, result) in enumerate(zip(cells, results, strict=True), 1):
                place = f"{SHEET}シートの{get_column_letter(x)}{y}"
                if cell.data_type == "f" and result.value is None:
                    raise UnreadableFile(
                        f"{place}は計算結果の保存されていない数式です。Excelで開いて保存し直すか、値に置き換えてください。"
                    )
                if result.data_type == "e":
                    raise UnreadableFile(f"{place}はエラー（{result.value}）です。正しい値に直してください。")
        rows = [[cell.value for cell in row] for row in values]
        return _dataset(rows[0], rows[1:]) if rows else _dataset([], [])

    @staticmethod
    def _cells(data: bytes, *, data_only: bool) -> list[tuple[Any, ...]]:
        book = open_safely(data, data_only=data_only)
        try:
            if SHEET not in book.sheetnames and len(book.sheetnames) > 1:
                raise UnreadableFile(
                    f"シートが{len(book.sheetnames)}枚あり、どれを読むか分かりません。取り込むシートの名前を「{SHEET}」にしてください。"
                )
            return read_cells(
                book, SHEET if SHEET in book.sheetnames else book.sheetnames[0], max_rows=MAX_ROWS + 1_000
            )
        finally:
            book.close()

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        stream = io.BytesIO()
        with Book(stream, SHEET) as book:
            book.add_table(SHEET, dataset.headers, dataset)
        return stream.getvalue()


class Csv(_TwoWay):
    """UTF-8 with a mark, as Excel wants it.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, which reading takes away again.
    """

    title = "CSV（UTF-8）"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"
    _RISKY = re.compile(r"'*[=+\-@\t\r]")

    def create_dataset(self, data: bytes) -> tablib.Dataset:
        for encoding in ("utf-8-sig", "cp932"):  # cp932 is what Excel calls "CSV" on a Japanese machine
            try:
                text = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise UnreadableFile("文字コードが分かりません。CSV（UTF-8）で保存し直してください。")
        try:
            rows: list[list[Any]] = [
                [self._read(cell) for cell in row] for row in csv.reader(io.StringIO(text), strict=True)
            ]
        except csv.Error as error:
            raise UnreadableFile('CSVとして読めません。引用符（"）の閉じ忘れがないか確かめてください。') from error
        return _dataset(rows[0], rows[1:]) if rows else _dataset([], [])

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        for row in [dataset.headers, *dataset]:
            writer.writerow([self._write(value) for value in row])
        return stream.getvalue().encode("utf-8-sig")

    def _write(self, value: Any) -> str:
        return f"'{value}" if isinstance(value, str) and self._RISKY.match(value) else plain(value)

    def _read(self, cell: str) -> str:
        return cell[1:] if cell.startswith("'") and self._RISKY.match(cell) else cell


FORMATS = [Xlsx, Csv]
