"""How days, years, numbers and differences are written. Built in: no template has to load it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import fiscal
from core.differences import Segment
from core.text import FICTIONAL, MAKER, show_number

register = template.Library()

register.filter("era_date", fiscal.era_date)
register.filter("date_label", fiscal.date_label)
register.filter("era_fiscal_year", fiscal.era_fiscal_year)
register.filter("fiscal_year_label", fiscal.fiscal_year_label)


@register.filter("show_number")
def show_number_of(value: Decimal | int | str | None) -> str:
    """show_number; what a template cannot find (the value of no figure) is unknown too."""
    return show_number(value if isinstance(value, Decimal | int) else None)


@register.filter
def marked(segments: Iterable[Segment]) -> SafeString:
    """A text with what was taken out and put in; the words for screen readers say what the strokes show."""
    forms = {
        "same": "{}",
        "removed": '<del><span class="visually-hidden">（削除：</span>{}<span class="visually-hidden">）</span></del>',
        "added": '<ins><span class="visually-hidden">（追加：</span>{}<span class="visually-hidden">）</span></ins>',
    }
    return format_html_join("", "{}", ((format_html(forms[op], text),) for op, text in segments))


@register.filter
def sentence(text: str) -> str:
    """A text that a person wrote, ended by one 。 so that more can follow."""
    return f"{text.rstrip().removesuffix('。')}。"


@register.simple_tag
def fictional_notice() -> str:
    """Say that the data of a plan are made up."""
    return FICTIONAL


@register.simple_tag
def maker() -> str:
    """Who made a generated document."""
    return MAKER


@register.filter
def era(day: date | None) -> str:
    """A day in the Japanese calendar; nothing for an unknown one."""
    return fiscal.era_date(day) if day else ""


@register.filter
def days_left(due: date | None) -> str:
    """あと3日, 今日まで, 2日過ぎています."""
    if due is None:
        return "期限は決まっていません"
    days = (due - timezone.localdate()).days
    if days < 0:
        return f"期限を{-days}日過ぎています"
    return f"期限まであと{days}日" if days else "期限は今日です"
