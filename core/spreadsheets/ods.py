"""Reading an OpenDocument spreadsheet (ods), as LibreOffice saves it: values, how they are shown, what is hidden and struck out.

Runs in the process that core/spreadsheets/confined.py starts. calamine gives values alone, of errors and booleans not even these.
A part with a document type is refused before it is parsed (check_packed), so the parser of Python, which is faster, is safe.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element, iterparse

from core.grammar import Content
from core.spreadsheets.limits import (
    DAMAGED,
    LAST_COLUMN,
    MOST_CELLS,
    MOST_MERGED,
    MOST_SHEETS,
    TOO_LARGE,
    UnreadableFile,
    check_packed,
)
from core.spreadsheets.number_formats import PERCENT, NumberFormat, thousands, with_shown_words, with_triangle
from core.spreadsheets.opening import (
    DAY_ZERO,
    NO_RESULT,
    Opened,
    attributes,
    error_cell,
    local,
    refuse_long_text,
    refusing,
    trimmed,
)
from core.spreadsheets.sheets import Area, Looks, Sheet

_MOST_HIDDEN = 10_000  # rows in a row: the empty ones at the end of a sheet are as many as there can be
_OFF = ("none", "false")
_HIDDEN = ("collapse", "filter")
_ELSEWHERE = "'file:"  # how the name of a sheet begins that LibreOffice keeps of another file


def opened(data: bytes, *, max_unpacked: int, max_rows: int, with_words: bool = False) -> Opened:
    """The sheets of a file. Raises UnreadableFile, with a Japanese reason. `with_words`: with those that stand beside a number."""
    check_packed(data, max_unpacked)
    with refusing(DAMAGED):
        return Opened(False, iter(_sheets(data, max_rows, _Styles(with_words=with_words))))


# Styles


@dataclass
class _OdsStyle:
    """Of cells, rows, columns or sheets; what it does not say itself, its parent says."""

    parent: str = ""
    number: str | None = None  # the name of a number's style
    is_struck: bool | None = None
    is_hiding: bool = False


@dataclass
class _NumberStyle:
    scale: NumberFormat | None = None
    is_year_of_era: bool = False
    mapped: list[str] = field(default_factory=list)  # styles for values that a condition names


class _CellLook(NamedTuple):
    number: _NumberStyle
    is_struck: bool


class _Styles:
    """To be told of each style in the order of the file."""

    def __init__(self, *, with_words: bool) -> None:
        self.with_words = with_words
        self._looks: dict[str, _CellLook] = {}
        self._styles: dict[str, _OdsStyle] = {}
        self._numbers: dict[str, _NumberStyle] = {}

    def see(self, element: Element) -> None:
        kind, given = local(element.tag), attributes(element)
        if kind == "style":
            self._styles[given.get("name", "")] = self._style(element, given)
        elif kind in ("number-style", "percentage-style", "currency-style", "date-style"):
            self._numbers[given.get("name", "")] = self._number(element, kind)

    def _style(self, element: Element, given: dict[str, str]) -> _OdsStyle:
        found = _OdsStyle(given.get("parent-style-name", ""), given.get("data-style-name"))
        for part in element:
            properties = attributes(part)
            # LibreOffice writes the one for cells and the other for letters in them.
            for line in ("text-line-through-style", "text-line-through-type"):
                if line in properties:
                    found.is_struck = bool(found.is_struck) or properties[line] not in _OFF
            found.is_hiding |= properties.get("display") == "false"
        return found

    def _number(self, element: Element, kind: str) -> _NumberStyle:
        found = _NumberStyle(PERCENT if kind == "percentage-style" else None)
        parts = {local(part.tag) for part in element}
        found.is_year_of_era = "era" in parts and "year" in parts and parts.isdisjoint({"month", "day"})
        for part in element:
            given = attributes(part)
            factor = given.get("display-factor", "1")
            if found.scale is None and re.fullmatch("1(000)+", factor):
                found.scale = thousands(factor.count("000"))
            if local(part.tag) == "map":
                found.mapped.append(given.get("apply-style-name", ""))
        return found

    def _said(self, name: str, what: str) -> str | bool | None:
        for _generation in range(20):
            style = self._styles.get(name)
            if style is None:
                return None
            found: str | bool | None = getattr(style, what)
            if found is not None:
                return found
            name = style.parent
        return None

    def look(self, name: str) -> _CellLook:
        """What a style makes of a cell, to be asked when all are told."""
        if (known := self._looks.get(name)) is None:
            known = self._looks[name] = _CellLook(self._number_of(name), self._said(name, "is_struck") is True)
        return known

    def _number_of(self, name: str) -> _NumberStyle:
        """How numbers are shown; where a condition names a style for positive ones, that one counts."""
        own = self._numbers.get(str(self._said(name, "number")), _NumberStyle())
        return next((self._numbers[other] for other in own.mapped if other in self._numbers), own)

    def hides(self, name: str) -> bool:
        return name in self._styles and self._styles[name].is_hiding


# Sheets


@dataclass
class _ReadingPlace:
    """Where the reading stands in a sheet, by rows and columns counted from 1, and the styles of cells that have none."""

    sheet: Sheet
    row: int = 1
    column: int = 1
    of_row: str = ""
    of_columns: list[tuple[int, str]] = field(default_factory=list)  # last column, style
    line: list[Content] = field(default_factory=list)

    def style(self, given: dict[str, str], column: int) -> str:
        own = given.get("style-name") or self.of_row
        return own or next((style for last, style in self.of_columns if column <= last), "")


def _sheets(data: bytes, max_rows: int, styles: _Styles) -> list[Sheet]:
    sheets: list[Sheet] = []
    left = MOST_CELLS
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "styles.xml" in archive.namelist():
            with archive.open("styles.xml") as content:
                for _event, element in iterparse(content):  # noqa: S314 - no document type is left
                    styles.see(element)
        depth = 0  # of tables: what stands in a cell is not of the sheet
        at = _ReadingPlace(Sheet("", []))
        with archive.open("content.xml") as content:
            for event, element in iterparse(content, events=("start", "end")):  # noqa: S314 - no document type is left
                name = local(element.tag)
                if event == "start":
                    if name == "table":
                        depth += 1
                        if depth == 1:
                            at = _begun(attributes(element), styles)
                    elif name == "table-row" and depth == 1:
                        at.column, at.of_row, at.line = 1, attributes(element).get("default-cell-style-name", ""), []
                elif name == "table":
                    depth -= 1
                    if depth == 0 and not at.sheet.name.startswith(_ELSEWHERE) and len(sheets) < MOST_SHEETS:
                        left -= len(at.sheet.rows) * max(map(len, at.sheet.rows), default=0)
                        if left < 0:
                            raise UnreadableFile(TOO_LARGE)
                        sheets.append(at.sheet)
                elif depth == 0:
                    styles.see(element)
                elif depth == 1:
                    _see(name, element, at, styles, max_rows)
    return sheets


def _begun(given: dict[str, str], styles: _Styles) -> _ReadingPlace:
    sheet = Sheet(given.get("name", ""), [])
    sheet.looks = Looks(styles.hides(given.get("style-name", "")))
    return _ReadingPlace(sheet)


def _see(name: str, element: Element, at: _ReadingPlace, styles: _Styles, max_rows: int) -> None:
    """An element of a sheet has ended."""
    given = attributes(element)
    match name:
        case "table-cell" | "covered-table-cell":
            _see_cell(element, given, at, styles)
            element.clear()
        case "table-column":
            following = at.column + _count(given, "columns-repeated")
            at.of_columns.append((following - 1, given.get("default-cell-style-name", "")))
            if given.get("visibility") in _HIDDEN:
                at.sheet.looks.columns.update(range(at.column, min(following, LAST_COLUMN + 1)))
            at.column = following
        case "table-row":
            _see_row(given, at, max_rows)
            element.clear()


def _count(given: dict[str, str], what: str) -> int:
    written = given.get(f"number-{what}", "1")
    return int(written) if written.isdigit() and len(written) < 9 else 1


def _see_row(given: dict[str, str], at: _ReadingPlace, max_rows: int) -> None:
    following = at.row + _count(given, "rows-repeated")
    if given.get("visibility") in _HIDDEN:
        at.sheet.looks.rows.update(range(at.row, min(following, at.row + _MOST_HIDDEN)))
    if line := trimmed(at.line):
        if following - 1 > max_rows or (following - at.row) * len(line) > MOST_CELLS:
            raise UnreadableFile(TOO_LARGE)
        rows = at.sheet.rows
        rows.extend([] for _ in range(at.row - 1 - len(rows)))
        rows.extend([*line] for _ in range(following - at.row))
        _repeat(at, len(line), following)
    at.row = following


def _repeat(at: _ReadingPlace, width: int, following: int) -> None:
    """What was noted of a row holds of those that repeat it."""
    sheet = at.sheet
    for told, tell in ((sheet.notes, sheet.note), (sheet.looks.struck, sheet.looks.strike)):
        own = [(column, told[at.row, column]) for column in range(1, width + 1) if (at.row, column) in told]
        for row in range(at.row + 1, following):
            for column, text in own:
                tell(row, column, text)


def _see_cell(element: Element, given: dict[str, str], at: _ReadingPlace, styles: _Styles) -> None:
    sheet, row, column = at.sheet, at.row, at.column
    height, width = _count(given, "rows-spanned"), _count(given, "columns-spanned")
    if (height, width) != (1, 1) and len(sheet.merged) < MOST_MERGED:
        sheet.merged.append(Area(row, column, row + height - 1, column + width - 1))
    repeated = _count(given, "columns-repeated")
    at.column += repeated
    texts = [part for part in element if local(part.tag) == "p"]
    if not texts and "value-type" not in given and "formula" not in given:
        return
    if at.column - 1 > LAST_COLUMN:
        raise UnreadableFile(TOO_LARGE)
    look = styles.look(at.style(given, column))
    lines = [_pieces(part, styles) for part in texts]
    shown = "\n".join("".join(text for text, _struck in line) for line in lines)
    value, note = _value(given, shown, look.number, with_words=styles.with_words)
    refuse_long_text(sheet.name, row, column, value)
    at.line.extend([None] * (column - 1 - len(at.line)))
    at.line.extend([value] * repeated)
    if note:
        for one in range(column, column + repeated):
            sheet.note(row, one, note)
    if value is not None and (rest := _left(lines, look)) is not None:
        for one in range(column, column + repeated):
            sheet.looks.strike(row, one, rest)


def _value(given: dict[str, str], shown: str, number: _NumberStyle, *, with_words: bool) -> tuple[Content, str]:
    """What a person saw in a cell, and a note (Japanese) where it is another number than the file holds."""
    if given.get("value-type") == "error":  # LibreOffice says so beside the type that the standard knows
        return error_cell(shown), ""
    match given.get("value-type"):
        case "float" if shown in ("TRUE", "FALSE"):
            return shown == "TRUE", ""
        case "float" | "currency" | "percentage" as kind:
            value = float(given["value"])
            scale = with_triangle(number.scale or (PERCENT if kind == "percentage" else None), shown)
            scale = with_shown_words(scale, shown) if with_words else scale
            return scale.seen(value, DAY_ZERO) if scale else (value, "")
        case "date":
            if number.is_year_of_era and shown:
                return shown, ""
            return _day(given["date-value"]), ""
        case "time":
            return _time(given["time-value"]), ""
        case "boolean":
            return given.get("boolean-value") == "true", ""
        case None if "formula" in given:
            return NO_RESULT, ""
    return shown or None, ""


def _day(written: str) -> Content:
    moment = datetime.datetime.fromisoformat(written)
    return moment.date() if "T" not in written else moment


def _time(written: str) -> Content:
    """PT09H30M00S: a time of the day, or a duration where it is longer or negative."""
    found = re.fullmatch(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", written)
    if not found:
        return written
    sign, hours, minutes, seconds = found.groups()
    length = datetime.timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0))
    if sign or length >= datetime.timedelta(days=1):
        return -length if sign else length
    return (datetime.datetime(1, 1, 1) + length).time()  # noqa: DTZ001 - the time alone is taken


_Pieces = list[tuple[str, bool]]  # of a paragraph: text, and whether it is struck out


def _left(lines: list[_Pieces], look: _CellLook) -> str | None:
    """What is left of a cell without its struck letters; None if none is."""
    if look.is_struck:
        return ""
    if not any(is_struck for line in lines for _text, is_struck in line):
        return None
    return "\n".join("".join(text for text, is_struck in line if not is_struck) for line in lines)


def _pieces(element: Element, styles: _Styles, *, is_struck: bool = False) -> _Pieces:
    """Readings above kanji and remarks are no part of a paragraph; blanks are: LibreOffice writes and keeps them."""
    if not element.attrib and not len(element) and local(element.tag) in ("p", "span"):
        return [(element.text or "", is_struck)]
    given = attributes(element)
    here = is_struck or styles.look(given.get("style-name", "")).is_struck
    pieces: _Pieces = []
    match local(element.tag):
        case "s":
            count = given.get("c", "1")
            pieces.append((" " * (int(count) if count.isdigit() and len(count) < 6 else 1), here))
        case "tab":
            pieces.append(("\t", here))
        case "line-break":
            pieces.append(("\n", here))
        case "ruby-text" | "annotation":
            return []
    pieces.append((element.text or "", here))
    for child in element:
        pieces += _pieces(child, styles, is_struck=here)
        pieces.append((child.tail or "", here))
    return pieces
