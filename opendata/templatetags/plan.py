"""How facts of a plan are written on a page: {% load plan %}."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import fiscal
from core.differences import Segment
from core.templatetags.facts import marked
from core.text import show_number
from figures.datasets import LICENCE, LICENCE_URL
from opendata import frame, glossary
from policies.models import Grade, Source, Tone
from programs.differences import Target, TargetChange

register = template.Library()

# A grade is never told by colour alone: a mark and words stand beside it.
MARKS = {
    Tone.AHEAD: "▲",
    Tone.ON_TRACK: "●",
    Tone.PARTLY: "◐",
    Tone.BEHIND: "▼",
    Tone.NOT_STARTED: "□",
    Tone.DONE: "◎",
    Tone.ENDED: "×",
    Tone.EXCLUDED: "－",
    Tone.NONE: "◇",
}
_NO_MARK = "○"


@register.filter
def tone_class(tone: str) -> str:
    """The part of a class name that colours a grade; without one, of what was not reported."""
    return (tone or "missing").replace("_", "-")


@register.simple_tag
def grade(tone: str, code: str, label: str) -> SafeString:
    """▼ B 予定よりも遅れている; without a code only the words (未報告)."""
    return format_html(
        '<span class="grade grade-{}"><span class="mark" aria-hidden="true">{}</span>{}</span>',
        tone_class(tone),
        MARKS.get(tone, _NO_MARK),  # type: ignore[call-overload]
        f"{code} {label}".strip() if code else label,
    )


@register.simple_tag
def grade_code(each: Grade) -> SafeString:
    """▼ B for the head of a narrow column below a legend; its words are there for who cannot see the legend."""
    return format_html(
        '<span class="grade grade-{}"><span class="mark" aria-hidden="true">{}</span>{}'
        '<span class="visually-hidden"> {}</span></span>',
        tone_class(each.tone),
        MARKS.get(each.tone, _NO_MARK),  # type: ignore[call-overload]
        each.code,
        each.label,
    )


@register.filter
def mark(tone: str) -> str:
    """The mark of a grade alone, for a cell that says the rest in its link."""
    return MARKS.get(tone, _NO_MARK)  # type: ignore[call-overload]


@register.simple_tag
def cite(source: Source | None, locator: str = "") -> SafeString:
    """「題名」（発行、日付） and where in it; a link if the source has an address of the web."""
    if source is None:
        return SafeString("未登録")
    title = format_html("「{}」", source.title)
    if source.url.startswith(("https://", "http://")):
        title = format_html('<a href="{}">「{}」</a>', source.url, source.title)
    day = fiscal.date_label(source.date) if source.date else ""
    updated = f"{fiscal.date_label(source.updated)}更新" if source.updated else ""
    details = "、".join(part for part in (source.publisher, day, updated) if part)
    return format_html("{}{}{}", title, f"（{details}）" if details else "", f" {locator}" if locator else "")


@register.filter
def target(value: Target | None, unit: str = "") -> str:
    """77.5%以上; only words where there is no number; 未登録 where none is known."""
    if value is None:
        return "未登録"
    return value.text if value.value is None else f"{show_number(value.value)}{unit}{value.text}"


@register.filter
def retargeted(change: TargetChange, unit: str) -> SafeString:
    """What a target was and what it is now, marked."""
    was, now = (None if each is None else target(each, unit) for each in (change.old, change.new))
    found = [Segment("removed", was)] if was is not None else []
    return marked([*found, Segment("added", now)] if now is not None else found)


@register.inclusion_tag("opendata/parts/grade_counts.html")
def grade_counts(
    cells: Sequence[tuple[Grade, Decimal | int | None]], unreported: int = 0, unit: str = "項目"
) -> dict[str, Any]:
    """Numbers of items by grade as a bar and as cards. `cells` in the order of the scale; None is unknown."""
    known = [(grade.tone, int(count)) for grade, count in cells if count]
    if unreported:
        known.append(("missing", unreported))
    total = sum(count for _, count in known)
    segments, x = [], 0
    for tone, count in known:
        segments.append({"tone": tone_class(tone), "x": x, "width": count})
        x += count
    return {"cells": cells, "unreported": unreported, "segments": segments, "total": total, "unit": unit}


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> SafeString:
    """What a block of the page says, once more; Django allows a block to stand in one place only."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return SafeString(" ".join(block.render(context).split()))


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, path: str = "") -> str:
    """The absolute address of this page, or of a path of the site."""
    return frame.page_address(context["request"], path)


@register.simple_tag
def term(key: str, text: str = "") -> SafeString:
    """A word with a link to what it means; without `text` as the glossary writes it."""
    return format_html(
        '<a class="term" href="{}#{}">{}</a>', reverse("glossary"), key, text or glossary.BY_KEY[key].word
    )


@register.simple_tag
def licence() -> SafeString:
    return format_html('<a href="{}">{}</a>', LICENCE_URL, LICENCE)
