"""Words of the staff's pages."""

from datetime import date

from django import template
from django.utils import timezone

from kodaira_reform.fiscal import era_date

register = template.Library()


@register.filter
def era(day: date | None) -> str:
    """A day in the Japanese calendar; nothing for an unknown one."""
    return era_date(day) if day else ""


@register.filter
def days_left(due: date | None) -> str:
    """あと3日, 今日まで, 2日過ぎています."""
    if due is None:
        return "期限は決まっていません"
    days = (due - timezone.localdate()).days
    if days < 0:
        return f"期限を{-days}日過ぎています"
    return f"期限まであと{days}日" if days else "期限は今日です"
