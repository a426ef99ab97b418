"""Reading a 調査票 that came back: every entry as the text of a cell, and every fault with its place. Writes nothing.

Robust against what people and programs do to a sheet (other widths, sorted or hidden rows, lost formats, full-width digits,
days in either calendar, a deleted row); strict about what the sheet is and which item a row belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from django.core.exceptions import ValidationError
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from accounts.models import Department
from core import grammar
from core.fields import ModelField, model_field
from core.fiscal import era_date
from core.grammar import Content
from core.money import STORED, UNITS
from core.spreadsheets import sheets
from core.spreadsheets.limits import MAX_BYTES, UnreadableFile, place
from reviews import report_fields
from reviews.models import Account, Basis, EffectKind, EffectPlace, ReportActual, ReportEffect, Round, Series
from reviews.report_fields import FieldKind
from workbooks.survey import layout
from workbooks.survey.cells import Choices, text_of
from workbooks.survey.layout import (
    ACTUALS,
    COLUMNS,
    EFFECTS,
    MARKS,
    REPORTS,
    ROW_KEY,
    columns_of,
    field_of,
    is_optional,
)

_MAX_UNPACKED = 50 * 1024 * 1024
_MAX_ROWS = 3_000
_SERIALS = range(20_000, 100_000)  # of days: 1954 to 2173, as they look once a cell has lost its format
_BLANK = ("", None)

_NO_SURVEY = "この計画の調査票ではありません。この画面からダウンロードした調査票に記入して、取り込んでください。"
_CHANGED = "調査票の隠れた部分が書き換えられています。もう一度ダウンロードした調査票に、記入した内容を写してください。"


@dataclass(frozen=True)
class FilledCell:
    """What stands in a cell, and where."""

    text: str
    place: str


@dataclass(frozen=True)
class Fault:
    place: str
    message: str


@dataclass
class Filled:
    """A sheet as it came back. Entries and marks are keyed by item number, then by cell name."""

    versions: dict[str, int]
    marks: dict[str, dict[str, str]]
    entries: dict[str, dict[str, FilledCell]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)  # items whose row is in the sheet of reports, with its place
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # cells that were read as they are shown, not as they are stored

    def was(self, number: str, name: str) -> str:
        """The mark of a cell as it was downloaded."""
        return self.marks[number].get(name, "")

    def put(self, number: str, name: str, text: str, place_: str) -> None:
        self.entries.setdefault(number, {})[name] = FilledCell(text, place_)

    def fault(self, place_: str, message: str) -> None:
        self.faults.append(Fault(place_, message))


def read_sheet(data: bytes, round_: Round, department: Department, choices: Choices) -> Filled:
    """Raises UnreadableFile for a file that is damaged, or not the sheet of this department and round."""
    book = sheets.read_book(data, max_bytes=MAX_BYTES, max_unpacked=_MAX_UNPACKED, max_rows=_MAX_ROWS)
    filled = _marks(book, round_, department)
    missing = [name for name in COLUMNS if name not in book.sheets]
    if missing:
        raise UnreadableFile(
            f"「{missing[0]}」シートがありません。もう一度ダウンロードした調査票に、記入した内容を写してください。"
        )
    epoch = CALENDAR_MAC_1904 if book.begins_1904 else CALENDAR_WINDOWS_1900
    tables = {name: _SurveyTable(book.sheets[name], epoch, filled, columns_of(name, choices)) for name in COLUMNS}
    _read_reports(tables[REPORTS], choices)
    _read_actuals(tables[ACTUALS])
    _read_effects(tables[EFFECTS])
    return filled


# What the sheet is


def _marks(book: sheets.Book, round_: Round, department: Department) -> Filled:
    if MARKS not in book.sheets:
        raise UnreadableFile(_NO_SURVEY)
    rows = [[_plain(cell) for cell in (*row, *[None] * 4)][:4] for row in book.sheets[MARKS].rows]
    size = len(layout.META)
    if [row[:1] for row in rows[:size]] != [[name] for name in layout.META]:
        raise UnreadableFile(_CHANGED)
    *meta, checksum = (row[1] for row in rows[:size])
    marks = [tuple(row[:4]) for row in rows[size:] if any(row)]
    format_, plan, as_of, code = meta
    if format_ != layout.FORMAT:
        raise UnreadableFile(
            "この調査票は別の版の形式です。もう一度ダウンロードした調査票に、記入した内容を写してください。"
        )
    if checksum != layout.checksum(meta, marks):
        raise UnreadableFile(_CHANGED)
    if plan != round_.plan.slug:
        raise UnreadableFile(_NO_SURVEY)
    if as_of != round_.as_of.isoformat():
        raise UnreadableFile(
            f"この調査票は{era_date(date.fromisoformat(as_of))}現在のものです。{round_}の調査票を選んでください。"
        )
    if code != department.code:
        # A sheet that was begun under a former name is that of who goes on with the work.
        other = Department.objects.filter(city=department.city, code=code).first()
        if other is None or other.pk not in Department.objects.with_predecessors([department.pk]):
            raise UnreadableFile(f"この調査票は{other or code}のものです。{department}の調査票を選んでください。")
    filled = Filled({}, {})
    for number, version, name, mark in marks:
        filled.versions[number] = int(version)
        filled.marks.setdefault(number, {})[name] = mark
    return filled


def _plain(value: Content) -> str:
    """What stands in a hidden or heading cell; numbers as they were written."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


# Tables: rows by the titles of their columns


class _SurveyRow:
    def __init__(self, table: _SurveyTable, cells: list[Content], number: int) -> None:
        self._table, self._cells, self.number = table, cells, number

    def value(self, title: str) -> Content:
        column = self._table.columns[title]
        value = self._cells[column] if column < len(self._cells) else None
        return value.strip() if isinstance(value, str) else value

    def code(self, title: str) -> str:
        return grammar.code(self.value(title))

    def place(self, title: str) -> str:
        return self._table.place(self.number, title)

    @property
    def titles(self) -> Collection[str]:
        return self._table.columns

    def is_blank(self) -> bool:
        entries = (column.title for column in self._table.declared if column.name)
        return all(self.value(title) in _BLANK for title in entries if title in self._table.columns)

    def read(self, title: str, clean: Callable[[Content], object], field_: ModelField | None = None) -> str | None:
        """The text of a cell; None after a fault, which is kept."""
        try:
            value = clean(self.value(title))
            if field_ is not None and value not in _BLANK:
                field_.run_validators(value)
        except ValidationError as error:
            self._table.filled.fault(self.place(title), f"{title}: {' '.join(error.messages)}")
        except ValueError as error:
            self._table.filled.fault(self.place(title), f"{title}: {error}")
        else:
            if note := self._table.notes.get((self.number, self._table.columns[title] + 1)):
                self._table.filled.notes.append(f"{self.place(title)}: {note}")
            return text_of(value)
        return None


class _SurveyTable:
    """One sheet: its rows below the header, wherever the header and its columns stand."""

    def __init__(
        self, sheet: sheets.Sheet, epoch: datetime, filled: Filled, declared: Sequence[layout.SheetColumn]
    ) -> None:
        self.name, self.epoch, self.filled, self.notes = sheet.name, epoch, filled, sheet.notes
        self.unit = STORED
        self.declared = declared
        titles = [column.title for column in declared]
        texts = [[self._title(_plain(cell).strip()) for cell in row] for row in sheet.rows[:20]]
        header = next((n for n, found in enumerate(texts) if ROW_KEY in found and len({*titles} & {*found}) > 3), None)
        if header is None:
            raise UnreadableFile(f"「{self.name}」シートの見出しの行が見つかりません。{_CHANGED}")
        found = texts[header]
        optional = {column.title for column in declared if is_optional(column)}
        wrong = [
            title for title in titles if found.count(title) != 1 and not (title in optional and title not in found)
        ]
        if wrong:
            raise UnreadableFile(
                f"「{self.name}」シートの見出し「{wrong[0]}」がないか、重なっています。見出しを元の名前に戻してください。"
            )
        self.columns = {title: found.index(title) for title in titles if title in found}
        self.rows = [_SurveyRow(self, row, number) for number, row in enumerate(sheet.rows[header + 1 :], header + 2)]
        for area in sheet.merged_below(header + 1):
            filled.fault(
                place(self.name, area.top, area.left),
                f"{area} のセルが結合されています。結合を解除し、1つのセルに1つの内容を入れてください。",
            )

    def _title(self, written: str) -> str:
        """The title of a column; that of amounts says their unit, as the sheet was downloaded."""
        found = re.fullmatch(f"{layout.AMOUNT}（({'|'.join(UNITS)})）", written)
        if found is None:
            return written
        self.unit = found[1]
        return layout.AMOUNT

    def place(self, row: int, title: str) -> str:
        return place(self.name, row, self.columns[title] + 1)

    def day(self, value: Content) -> date | None:
        """A day, also one that has become a mere number because the format of the cell was lost."""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and int(value) in _SERIALS:
            value = from_excel(int(value), epoch=self.epoch)
        return grammar.day(value)


def _chosen(choices: Mapping[str, object]) -> Callable[[Content], object]:
    """By what is stored, as the drop-down shows it, or by a label alone."""
    shown = {text: str(choice) for text, choice in choices.items()}
    labels = {choice.label: text for text, choice in choices.items() if hasattr(choice, "label")}
    return lambda value: choices.get(grammar.choice(value, shown, also=labels))


def _forecast(value: Content) -> bool:
    return grammar.choice(value, {"actual": "実績", "forecast": "見込"}, also={"見込み": "forecast"}) == "forecast"


# The three sheets


def _read_reports(table: _SurveyTable, choices: Choices) -> None:
    filled = table.filled
    readers: dict[str, Callable[[Content], object]] = {name: _chosen(choices[name]) for name in choices}
    readers |= dict.fromkeys(report_fields.names(FieldKind.DAY), table.day)
    for row in table.rows:
        key = _key(row, filled.marks, layout.NUMBER)
        if key is None:
            continue
        if key in filled.rows:
            filled.fault(
                row.place(layout.NUMBER), f"番号{key}の行が2つあります（{filled.rows[key]}）。1つにしてください。"
            )
            continue
        filled.rows[key] = row.place(layout.NUMBER)
        for column in table.declared:
            if not column.name or column.title not in table.columns:
                continue
            checked = None if column.name in readers else field_of(column.name)
            text = row.read(column.title, readers.get(column.name, grammar.text), checked)
            if text is not None:
                filled.put(key, column.name, text, row.place(column.title))


def _read_actuals(table: _SurveyTable) -> None:
    filled = table.filled
    value_field, note_field = (model_field(ReportActual, name) for name in ("value", "note"))
    seen: set[str] = set()
    for row in table.rows:
        key = _key(row, filled.marks, layout.NUMBER)
        if key is None:
            continue
        number, _, indicator = key.partition("#")
        if key in seen:
            filled.fault(row.place(layout.NUMBER), f"番号{number}の同じ指標の行が2つあります。1つにしてください。")
            continue
        seen.add(key)
        value = row.read("実績値", grammar.number, value_field)
        forecast = row.read("見込", _forecast)
        note = row.read("補足", grammar.text, note_field)
        if value is None or forecast is None or note is None:
            continue
        name = f"actual/{indicator}"
        if forecast and not (value or note):
            filled.fault(row.place("実績値"), "「見込」のときは、実績値か補足を入力してください。")
        for part, text, title in (
            ("value", value, "実績値"),
            ("forecast", forecast, "見込"),
            ("note", note, "補足"),
        ):
            filled.put(number, f"{name}/{part}", text, row.place(title))


def _key(row: _SurveyRow, marks: Mapping[str, object], number_title: str) -> str | None:
    """The item (and indicator) of a row, which its visible number must confirm. None: nothing to read here."""
    key = row.code(ROW_KEY)
    if not key:
        if not row.is_blank():
            row._table.filled.fault(
                row.place(number_title), "どの項目の行か分かりません。元の行に記入してください。"
            )  # fmt: skip
        return None
    number = key.partition("#")[0]
    if number not in marks or ("#" in key and not key.partition("#")[2].isdecimal()):
        raise UnreadableFile(_CHANGED)
    if row.code(number_title) != number:
        row._table.filled.fault(
            row.place(number_title),
            f"番号が「{row.code(number_title)}」に変わっています。この行は番号{number}の行です。"
            "並べ替えるときは、表全体を選んでください。",
        )
        return None
    return key


_PLACE_TITLES = (layout.ITEM, "年度", "種類", "根拠", layout.ACCOUNT.title, layout.SERIES.title)


def _read_effects(table: _SurveyTable) -> None:
    """An effect is known by its item and place. A row with a key whose cells are empty takes its effect away."""
    filled = table.filled
    amount_field, note_field, year_field = (
        model_field(ReportEffect, name) for name in ("amount", "note", "fiscal_year")
    )
    taken_away: dict[tuple[str, str], str] = {}
    entered: dict[tuple[str, str], str] = {}
    for row in table.rows:
        here = row.place(layout.AMOUNT)
        key = row.code(ROW_KEY)
        if key:
            number, _, effect = key.partition("/")
            if f"{effect}/amount" not in filled.marks.get(number, {}):
                raise UnreadableFile(_CHANGED)
            taken_away.setdefault((number, effect), here)
        if row.is_blank():
            continue
        found = _effect_of(row, filled, year_field)
        amount = row.read(layout.AMOUNT, lambda value: grammar.amount(value, table.unit), amount_field)
        note = row.read("補足", grammar.text, note_field)
        if found is None or amount is None or note is None:
            taken_away.pop(_split(key), None)
            continue
        if amount == "":
            filled.fault(here, "金額を入力してください。取り消すときは、この行の欄をすべて空にしてください。")
            continue
        if found in entered:
            filled.fault(
                here,
                f"同じ{'・'.join(title for title in _PLACE_TITLES if title in row.titles)}の行が2つあります（{entered[found]}）。1つにまとめてください。",
            )
            continue
        entered[found] = here
        number, effect = found
        filled.put(number, f"{effect}/amount", amount, here)
        filled.put(number, f"{effect}/note", note, row.place("補足"))
    for (number, effect), here in taken_away.items():
        if (number, effect) not in entered:
            filled.put(number, f"{effect}/amount", "", here)
            filled.put(number, f"{effect}/note", "", here)


def _split(key: str) -> tuple[str, str]:
    number, _, effect = key.partition("/")
    return number, effect


def _effect_of(row: _SurveyRow, filled: Filled, year_field: ModelField) -> tuple[str, str] | None:
    """Item and cell name of the effect that a row is about; None after a fault."""
    item = row.read(layout.ITEM, lambda value: _item(value, filled))
    year = row.read("年度", grammar.fiscal_year, year_field)
    kind = row.read("種類", lambda value: grammar.choice(value, dict(EffectKind.choices)))
    basis = row.read("根拠", lambda value: grammar.choice(value, dict(Basis.choices)))
    account, series = (
        row.read(title, partial(grammar.choice, choices=choices)) if title in row.titles else ""
        for title, choices in (
            (layout.ACCOUNT.title, dict(Account.choices)),
            (layout.SERIES.title, dict(Series.choices)),
        )
    )
    for title, text in ((layout.ITEM, item), ("年度", year), ("種類", kind), ("根拠", basis)):
        if text == "":
            filled.fault(row.place(title), f"{title}を入力してください。")
    if item and year and kind and basis and account is not None and series is not None:
        return item, f"effect/{EffectPlace(int(year), kind, basis, account, series).joined('/')}"
    return None


def _item(value: Content, filled: Filled) -> str:
    """The number of an item, of「27 項目名」or the number alone."""
    text = grammar.code(value)
    number = text.partition(" ")[0]
    if text and number not in filled.marks:
        raise ValueError(f"「{text}」は、この課の項目ではありません。一覧から選んでください。")
    return number
