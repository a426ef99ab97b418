"""What all sheets for people share: how grades, numbers and unknown values look, on screen and on grey paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.text import FICTIONAL, MAKER
from policies.models import Plan
from workbooks.sheets_for_people import INK, SOFT, CellStyles, PrintedSheet

UNKNOWN = "未登録"
THOUSANDS = '#,##0;"△"#,##0'  # of money, as offices write a negative amount

# The ground of a cell with a grade of a tone, and its ink. On grey paper they differ in lightness, and the letter stands
# on each of them.
_GROUNDS = {
    "ahead": ("#B9CCF7", INK),
    "on_track": ("#FFFFFF", INK),
    "done": ("#8FB0EE", INK),
    "partly": ("#FFE27A", INK),
    "behind": ("#D14A00", "#FFFFFF"),
    "not_started": ("#8A3000", "#FFFFFF"),
}
_NO_JUDGEMENT = ("#F0F0F0", SOFT)
# A part of a chart: its colour and, where grey paper would not tell it from another, a pattern.
_FILLS = {
    "ahead": ("#0017C1", ""),
    "on_track": ("#9BD4B5", ""),
    "done": ("#4979F5", "small_grid"),
    "partly": ("#B78F00", "light_horizontal"),
    "behind": ("#E25100", "dark_upward_diagonal"),
    "not_started": ("#AC3E00", "dark_vertical"),
}
_PLAIN = "#FFFFFF"


def _paler(colour: str, rank: int) -> str:
    """The second grade of one tone is paler, a third one the palest."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{255 - ((255 - part) >> rank):02X}" for part in parts)


def ground(shade: str) -> dict[str, Any]:
    """The style of a cell with a grade, by its shade (figures.rows.shades)."""
    tone, _, rank = shade.partition(":")
    colour, ink = _GROUNDS.get(tone, _NO_JUDGEMENT)
    if rank:
        # What is white cannot become paler.
        colour, ink = ("#DDF0E4", INK) if tone == "on_track" else (_paler(colour, int(rank)), INK)
    return {"bg_color": colour, "font_color": ink, "bold": ink != SOFT}


def fill(shade: str) -> dict[str, Any]:
    """The part of a chart of a grade."""
    tone, _, rank = shade.partition(":")
    colour, pattern = _FILLS.get(tone, (_PLAIN, ""))
    colour = _paler(colour, int(rank or 0))
    line = {"border": {"color": INK, "width": 0.5}}
    if pattern:
        return line | {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": _PLAIN}}
    return line | {"fill": {"color": colour}}


def number_format(value: Decimal, *, before: str = "", after: str = "") -> str:
    """The number with the decimals that it has, thousands apart; what stands around it is no part of the number."""
    places = max(0, -int(value.normalize().as_tuple().exponent))
    plain = "#,##0" + ("." + "0" * places if places else "")
    before, after = (f'"{text}"' if text else "" for text in (before, after))
    return f'{before}{plain}{after};{before}"△"{plain}{after}'


def shown_number(value: Decimal, after: str = "") -> str:
    """What a person sees of a number in that format."""
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return f"{'△' if value < 0 else ''}{abs(value):,.{places}f}{after}"


def head(plan: Plan) -> str:
    fictional = f"【{FICTIONAL}】" if plan.is_fictional else ""
    return f"{fictional}{plan.title}"


def foot(made_on: str) -> str:
    return f"内容の更新：{made_on}　{MAKER}が作成（市が作成したものではありません）"


def title(sheet: PrintedSheet, look: CellStyles, row: int, text: str, size: float = 14) -> None:
    sheet.line(row, text, size, look(size, bold=True))


def remark(sheet: PrintedSheet, look: CellStyles, row: int, text: str) -> None:
    sheet.line(row, text, 9, look(9, font_color=SOFT))
