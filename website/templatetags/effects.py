"""Sums of effects as a way to what they are made of: {% load effects %}."""

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.text import show_number
from figures.effects import EffectTotals, TableLine
from figures.rows import UNNAMED

register = template.Library()


@register.filter
def by_year(row: TableLine, totals: EffectTotals) -> Iterable[tuple[int | None, Decimal | None]]:
    """The numbers of a row, each with its year; None over all years."""
    years = [*totals.fiscal_years, None]
    return zip(years[: len(row.values)], row.values, strict=True)


@register.simple_tag(takes_context=True)
def amount_link(context: template.Context, value: Decimal, row: TableLine, year: int | None) -> SafeString | str:
    """A sum, that leads to the amounts of the items that it is made of: of a `line` and what it is `of`, in a year, of a kind
    and on a basis. A number alone where it is no sum, and in a copy that has no server to ask."""
    totals: EffectTotals = context["totals"]
    line, of = context.get("line"), context.get("of")
    number = f"{show_number(value)}{row.suffix}"
    if row.asks is None or of == "program" or context.get("static_copy"):
        return number
    asked = {of: line.number or UNNAMED} if line and of else {}
    asked |= {"year": str(year)} if year else {}
    asked |= row.asks | ({"series": totals.series} if totals.series else {})
    page = reverse("effects", args=[context["plan"].slug])
    place = f"?{urlencode(asked)}#asked" if asked else "#by-item"
    return format_html('<a href="{}{}">{}</a>', page, place, number)
