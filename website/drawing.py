"""A chart of a page as a picture that stands alone: its markup, with what stylesheet and legend say of it, and where it is from.

The picture holds plain shapes with their colours as attributes: no class, no stylesheet, nothing by address. So a program that draws
SVG needs nothing else, on any ground.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import cssselect2
import tinycss2
from django.conf import settings

from core.plots import WIDTH
from core.text import display_width, xml_text

_MARGIN = 16
_SCALE = 2  # pixels of a unit: the picture is opened at a size at which its texts are read
_SWATCH = (24, 16)
_TITLE, _TEXT = 14, 10  # sizes of type
_LEADING = 1.5
_ATTRIBUTES = {"fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "text-anchor", "font-size"}


def _rules_of(name: str) -> list[Any]:
    """The rules of a stylesheet that hold on every screen."""
    text = (settings.BASE_DIR / "static" / "css" / name).read_text()
    found = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return [rule for rule in found if rule.type == "qualified-rule"]


def _declared(rule: Any) -> dict[str, str]:
    lines = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return {line.name: tinycss2.serialize(line.value).strip() for line in lines if line.type == "declaration"}


@cache
def _tokens() -> dict[str, str]:
    root = [rule for rule in _rules_of("base.css") if tinycss2.serialize(rule.prelude).strip() == ":root"]
    return {name: value for rule in root for name, value in _declared(rule).items()}


@cache
def _token(name: str) -> str:
    """A value of base.css on a light ground: a picture is looked at on paper and in articles."""
    value = _tokens()[name]
    return _resolved(re.sub(r"light-dark\(([^,]+),[^)]*\)", r"\1", value))


def _resolved(value: str) -> str:
    return re.sub(r"var\((--[\w-]+)\)", lambda found: _token(found[1]), value).strip()


@cache
def _matcher() -> Any:
    """What charts.css says of shapes and words."""
    matcher = cssselect2.Matcher()
    for rule in _rules_of("charts.css"):
        declared = {name: value for name, value in _declared(rule).items() if name in _ATTRIBUTES}
        drawn = {name: _resolved(value).removesuffix("px") for name, value in declared.items()}
        for selector in cssselect2.compile_selector_list(rule.prelude) if drawn else ():
            matcher.add_selector(selector, drawn)
    return matcher


def _dress(drawn: ET.Element) -> None:
    """Write what the stylesheet says as attributes, below this element too."""
    for each in cssselect2.ElementWrapper.from_xml_root(drawn).iter_subtree():
        for _specificity, _order, _pseudo, declared in _matcher().match(each):
            each.etree_element.attrib.update(declared)


def _bare(drawn: ET.Element, x: float, y: float) -> ET.Element:
    """A drawing of a page as a group at a place."""
    _dress(drawn)
    group = ET.Element("g", {"transform": f"translate({x:g} {y:g})"})
    group.extend([child for child in drawn if child.tag not in ("title", "defs")])
    for each in group.iter():
        each.attrib.pop("class", None)
        each.text, each.tail = (" ".join(part.split()) if part else None for part in (each.text, each.tail))
    return group


def wrapped(text: str, size: float) -> Iterator[str]:
    """The lines of a text in type of a size, as wide as the chart: a kanji or kana is as wide as it is high."""
    line = ""
    for char in text:
        if display_width(line + char) * size / 2 > WIDTH:
            yield line
            line = ""
        line += char
    if line:
        yield line


class _Picture:
    """The picture, written from top to bottom."""

    def __init__(self) -> None:
        self.root = ET.Element("svg")
        self.y = float(_MARGIN)

    def write(self, text: str, size: float = _TEXT, weight: str = "") -> None:
        for line in wrapped(text, size):
            self.y += size
            self.put(line, _MARGIN, self.y, size, weight)
            self.y += size * (_LEADING - 1)

    def put(self, text: str, x: float, y: float, size: float = _TEXT, weight: str = "") -> None:
        place = {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:g}", "fill": _token("--text")}
        ET.SubElement(self.root, "text", place | ({"font-weight": weight} if weight else {})).text = text

    def draw(self, drawn: ET.Element) -> None:
        self.root.append(_bare(drawn, _MARGIN, self.y))
        self.y += float(drawn.get("viewBox", "").split()[3])

    def explain(self, meanings: Iterable[ET.Element]) -> None:
        """The legend: each mark and what it means, as many in a line as there is room for."""
        x, height = float(_MARGIN), 20
        for each in meanings:
            mark, words = each.find("svg"), "".join(each.itertext())
            words = " ".join(words.split())
            width = _SWATCH[0] + 6 + display_width(words) * _TEXT / 2 + 12
            if x > _MARGIN and x + width > WIDTH + _MARGIN:
                x, self.y = float(_MARGIN), self.y + height
            if mark is not None:
                self.root.append(_bare(mark, x, self.y))
            self.put(words, x + _SWATCH[0] + 6, self.y + 12)
            x += width
        self.y += height


def alone(markup: str, title: str, lines: Sequence[str]) -> bytes:
    """The first chart in the markup of a page, with the legends in it, as an SVG file. `lines` say below what it is part of, and where
    its numbers are from."""
    page = ET.fromstring(f"<page>{xml_text(markup)}</page>")  # noqa: S314 - our own templates, which escape what they show
    pictures = {
        name: [each for each in page.iter("svg") if name in each.get("class", "").split()]
        for name in ("plot", "patterns")
    }
    sheet = _Picture()
    title, lines = xml_text(title), [xml_text(line) for line in lines]
    sheet.write(title, _TITLE, "bold")
    sheet.y += 8
    sheet.draw(pictures["plot"][0])
    sheet.y += 8
    for legend in page.iter("ul"):
        sheet.explain(legend)
    sheet.y += 4
    for line in lines:
        sheet.write(line)
    return _file(sheet, title, lines, pictures["patterns"])


def _file(sheet: _Picture, title: str, lines: Sequence[str], patterns: Iterable[ET.Element]) -> bytes:
    width, height = WIDTH + 2 * _MARGIN, round(sheet.y) + _MARGIN
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(width * _SCALE),
            "height": str(height * _SCALE),
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "font-family": _token("--font"),
        },
    )
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "desc").text = "。".join(line.rstrip("。") for line in lines)
    for each in patterns:
        _dress(each)
        ET.SubElement(root, "defs").extend(shapes := list(each.find("defs") or ()))
        for shape in (part for top in shapes for part in top.iter()):
            shape.attrib.pop("class", None)
    ground = {"width": str(width), "height": str(height), "fill": _token("--surface")}
    ET.SubElement(root, "rect", ground)
    root.extend(sheet.root)
    ET.indent(root)
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
