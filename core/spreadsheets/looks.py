"""What a workbook (xlsx) shows by its looks and says in no value: sheets, rows and columns that are hidden, letters that are struck out.

Runs in the process that core/spreadsheets/confined.py starts. The doors for our own formats don't ask for it: there a value counts,
however it looks.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field

from defusedxml import ElementTree

from core.spreadsheets.limits import LAST_COLUMN
from core.spreadsheets.opening import attributes, local
from core.spreadsheets.sheets import Looks

_OFF = ("0", "false", "none")


@dataclass
class Struck:
    """Of a workbook: the styles of cells whose letters are struck out, and shared texts of which some are."""

    styles: set[int] = field(default_factory=set)
    shared: dict[int, str] = field(default_factory=dict)


def struck_in(archive: zipfile.ZipFile) -> Struck:
    found = Struck()
    names = archive.namelist()
    if "xl/styles.xml" in names and b"strike" in (styles := archive.read("xl/styles.xml")):
        fonts: list[bool] = []
        for group in ElementTree.fromstring(styles):
            match local(group.tag):
                case "fonts":
                    fonts = [_is_struck(font) for font in group]
                case "cellXfs":
                    used = [int(attributes(style).get("fontId", "0")) for style in group]
                    found.styles = {index for index, font in enumerate(used) if font < len(fonts) and fonts[font]}
    if "xl/sharedStrings.xml" in names and b"strike" in (texts := archive.read("xl/sharedStrings.xml")):
        for index, text in enumerate(ElementTree.fromstring(texts)):
            if (left := _left(text)) is not None:
                found.shared[index] = left
    return found


def _is_struck(properties: ElementTree) -> bool:
    return any(local(one.tag) == "strike" and attributes(one).get("val", "1") not in _OFF for one in properties)


def _left(text: ElementTree) -> str | None:
    """What is left of a text with runs of letters without those that are struck out; None if none is."""
    left, is_struck = [], False
    for run in text:
        if local(run.tag) != "r":
            continue
        if any(local(part.tag) == "rPr" and _is_struck(part) for part in run):
            is_struck = True
        else:
            left += [part.text or "" for part in run if local(part.tag) == "t"]
    return "".join(left) if is_struck else None


_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMNS = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_GIVEN = re.compile(rb"""\b(r|min|max|hidden|width|ht)=["']([^"']*)["']""")
_INLINE = re.compile(rb"<(?:\w+:)?is>.*?strike.*?</(?:\w+:)?is>", re.DOTALL)
_INDEX = re.compile(rb"<(?:\w+:)?v>(\d{1,9})</")
_PREFIXES = re.compile(rb"(</?)\w+:")

Cells = Iterable[tuple[int, int, bytes, bytes, bytes]]


def of_sheet(text: bytes, struck: Struck, cells: Cells, *, is_hidden: bool) -> Looks:
    """`cells`: (row, column, index of style, type, what stands inside) of every cell."""
    found = Looks(is_hidden=is_hidden)
    row = 0
    for tag in _ROW.finditer(text):
        given = dict(_GIVEN.findall(tag[1]))
        row = int(given.get(b"r", row + 1))
        if _hides(given, b"ht"):
            found.rows.add(row)
    for tag in _COLUMNS.finditer(text):
        given = dict(_GIVEN.findall(tag[1]))
        if _hides(given, b"width"):
            last = min(int(given.get(b"max", b"0")), LAST_COLUMN)
            found.columns.update(range(int(given.get(b"min", b"1")), last + 1))
    if struck.styles or struck.shared or b"strike" in text:
        for row, column, style, kind, inside in cells:
            left = _left_in(struck, style, kind, inside)
            if left is not None:
                found.strike(row, column, left)
    return found


def _hides(given: dict[bytes, bytes], size: bytes) -> bool:
    return given.get(b"hidden", b"0") in (b"1", b"true") or given.get(size) in (b"0", b"0.0")


def _left_in(struck: Struck, style: bytes, kind: bytes, inside: bytes) -> str | None:
    if not inside:
        return None
    if style and int(style) in struck.styles:
        return ""
    if kind == b"s" and (index := _INDEX.search(inside)):
        return struck.shared.get(int(index[1]))
    if kind == b"inlineStr" and (inline := _INLINE.search(inside)):
        return _left(ElementTree.fromstring(_PREFIXES.sub(rb"\1", inline[0])))
    return None
