"""How facts of a plan are written on a page: {% load plan %}."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any
from unicodedata import normalize
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import fiscal
from core.differences import Segment
from core.money import in_unit
from core.templatetags.facts import marked
from core.text import show_number
from figures.counts import Counts
from figures.datasets import LICENCE, LICENCE_URL
from figures.models import PublishedFigure
from figures.rows import shades
from opendata import frame, glossary
from policies import words
from policies.models import Edition, Grade, Plan, Source, Tone, ranks
from programs.content import Target
from programs.differences import TargetChange

register = template.Library()

_WHAT_IT_IS = re.compile("(計画|プラン|プログラム|大綱|方針|指針)$")


@register.filter
def title_with_break(plan: Plan) -> SafeString:
    """City and plan, with places to break a line after the city and before what it is; a browser that looks for phrases
    breaks inside of names."""
    rest = plan.title.removeprefix(plan.city)
    found = _WHAT_IT_IS.search(rest)
    middle, kind = (rest[: found.start()], found[0]) if found else (rest, "")
    return format_html('<span class="plan-title">{}<wbr>{}<wbr>{}</span>', plan.city, middle, kind)


# A grade is never told by colour alone: a mark and words stand beside it. Each tone has one mark for its best grade, one
# for the next; further ones are numbered.
MARKS = {
    Tone.AHEAD: "▲△",
    Tone.ON_TRACK: "●◉",
    Tone.PARTLY: "◐◑",
    Tone.BEHIND: "▼▽",
    Tone.NOT_STARTED: "□■",
    Tone.DONE: "◎★",
    Tone.ENDED: "×＊",
    Tone.EXCLUDED: "－＝",
    Tone.NONE: "◇◆",
}
_NO_MARK = "○"
_MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@register.filter
def tone_class(shade: str) -> str:
    """The part of a class name that colours a grade, and a class for the second and further ones of a tone; without a tone, of
    what was not reported."""
    tone, _, rank = shade.partition(":")
    name = (tone or "missing").replace("_", "-")
    return f"{name} rank-{min(int(rank), 2)}" if rank else name


def _rank(context: template.Context, code: str) -> int:
    """Of the axis whose ranks stand in the context, otherwise of the plan's first."""
    if not code:
        return 0
    if (own := context.get("grade_ranks")) is not None:
        return int(own.get(code, 0))
    plan = context.get("plan")
    return plan.grade_ranks.get(code, 0) if isinstance(plan, Plan) else 0


def _mark(tone: str, rank: int) -> str:
    if tone not in MARKS:
        return _NO_MARK
    marks = MARKS[Tone(tone)]
    return marks[rank] if rank < len(marks) else f"{marks[0]}{rank + 1}"


@register.filter
def in_unit_of(thousands: Decimal, plan: Plan) -> str:
    """An amount of 千円 as a number of the unit that the plan counts in."""
    return show_number(in_unit(thousands, plan.money_unit))


@register.simple_tag(takes_context=True)
def grade(context: template.Context, tone: str, code: str, label: str) -> SafeString:
    """▼ B 予定よりも遅れている; without a code only the words (未報告)."""
    shown = _mark(tone, _rank(context, code))
    return format_html(
        '<span class="grade grade-{}"><span class="mark" aria-hidden="true">{}</span>{}</span>',
        tone_class(tone),
        shown,
        f"{code} {label}".strip() if code and not _is_its_mark(code, shown) else label,
    )


def _is_its_mark(code: str, shown: str) -> bool:
    """Whether a code (－, ◎) is the mark that stands before it: it is not written twice."""
    return normalize("NFKC", code) == normalize("NFKC", shown)


@register.simple_tag(takes_context=True)
def grade_code(context: template.Context, each: Grade) -> SafeString:
    """▼ B for the head of a narrow column below a legend; its words are there for who cannot see the legend."""
    shown = _mark(each.tone, _rank(context, each.code))
    return format_html(
        '<span class="grade grade-{}"><span class="mark" aria-hidden="true">{}</span>{}'
        '<span class="visually-hidden"> {}</span></span>',
        tone_class(each.tone),
        shown,
        "" if _is_its_mark(each.code, shown) else each.code,
        each.label,
    )


@register.simple_tag(takes_context=True)
def mark(context: template.Context, tone: str, code: str) -> str:
    """The mark of a grade alone, for a cell that says the rest in its link."""
    return _mark(tone, _rank(context, code))


@register.simple_tag(takes_context=True)
def mark_and_code(context: template.Context, tone: str, code: str) -> str:
    """▼B for a cell too narrow for more; a code that is its mark stands once."""
    shown = _mark(tone, _rank(context, code))
    return shown if _is_its_mark(code, shown) else f"{shown}{code}"


@register.simple_tag(takes_context=True)
def shade_class(context: template.Context, each: Grade) -> str:
    """The class of a piece of a chart that stands for a grade."""
    rank = _rank(context, each.code)
    return tone_class(f"{each.tone}:{rank}" if rank else each.tone)


@register.simple_tag(takes_context=True)
def word(context: template.Context, name: str, plan: Plan | None = None) -> str:
    """What the plan (by default that of the page) calls its 方針, 実施項目 …"""
    return words.word(plan or context.get("plan") or None, name)


@register.filter
def in_words_of(text: str, plan: Plan | None) -> str:
    """One of our own captions in the words of the plan."""
    return words.in_words_of(plan or None, text)


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


@register.simple_tag
def cite_each(figures: Iterable[PublishedFigure]) -> SafeString:
    """Where each of some published figures stands."""
    return format_html_join("、", "{}", ((cite(figure.source, figure.locator),) for figure in figures))


# A year of an era, a day of a month, a number with its counter, which edition: what nobody reads in two halves. With the
# bracket before and the sign after it, which browsers part from what stands as a block.
_ONE_PIECE = re.compile(
    r"([（「]*(?:(?:明治|大正|昭和|平成|令和)(?:元|\d{1,2})年度?|\d{1,2}月\d{1,2}日|第[\d０-９一二三四五六七八九十]+[版次回期章]"
    r"|\d[\d,.]*(?:[千百万]+円|円|項目))[）」、。]*)"
)


@register.filter
def unbroken(text: object) -> SafeString:
    """A text whose dates, numbers and editions stand each on one line."""
    pieces = _ONE_PIECE.split(str(text))
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="whole">{}</span>', piece) if at % 2 else piece,)
            for at, piece in enumerate(pieces)
        ),
    )


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


@register.filter
def beside(counts: Counts, grades: Sequence[Grade]) -> list[tuple[Grade, int]]:
    """Each grade of a scale with its number of items."""
    return list(zip(grades, counts.by_grade, strict=True))


@register.simple_tag(takes_context=True)
def items_link(
    context: template.Context,
    count: int,
    grade: str | Sequence[str] = "",
    policy: int | str | None = None,
    as_of: date | None = None,
    axis: str = "",
    since: date | None = None,
    every: bool = False,
    **more: str,
) -> SafeString | str:
    """A number of items that leads to the list of them, or of an axis beside the first to the grid, which knows it; a number
    alone for none, without a condition (unless `every` item is counted), and in a copy that has no server to ask. `more` are
    further conditions of the list."""
    asked: list[tuple[str, Any]] = [("policy", policy)] if policy else []
    asked += [("grade", code) for code in ([grade] if isinstance(grade, str) else grade) if code]
    asked += more.items()
    plan = context.get("plan")
    if not count or not (asked or every) or not isinstance(plan, Plan) or context.get("static_copy"):
        return show_number(count)
    if as_of:
        asked.append(("round", as_of.isoformat()))
    if since:
        asked.append(("since", since.isoformat()))
    if axis:
        asked.append(("axis", axis))
    page = reverse("progress" if axis else "programs", args=[plan.slug])
    query = f"?{urlencode(asked)}" if asked else ""
    return format_html('<a href="{}{}">{}</a>', page, query, show_number(count))


@register.simple_tag(takes_context=True)
def figure_link(context: template.Context, figure: PublishedFigure | None, shown: object = None) -> SafeString | str:
    """A printed number, or what is `shown` in its place, that leads to its row among the published figures, beside its source.
    未登録 for none."""
    plan = context.get("plan")
    if figure is None:
        return "未登録"
    text = figure.printed if shown is None else show_number(shown) if isinstance(shown, int | Decimal) else str(shown)
    if not isinstance(plan, Plan):
        return text
    return format_html('<a href="{}#figure-{}">{}</a>', reverse("figures", args=[plan.slug]), figure.key, text)


@register.simple_tag(takes_context=True)
def sum_link(context: template.Context, figures: Sequence[PublishedFigure], shown: int) -> SafeString | str:
    """What printed numbers of one measure add up to: it leads to the only one of them, or to all that were printed of it."""
    plan = context.get("plan")
    if len(figures) == 1 or not isinstance(plan, Plan):
        return figure_link(context, figures[0], shown)
    page = reverse("figures", args=[plan.slug])
    return format_html('<a href="{}#figures-{}">{}</a>', page, figures[0].measure, show_number(shown))


@register.simple_tag(takes_context=True)
def revised_link(context: template.Context, figure: PublishedFigure, edition: Edition) -> SafeString | str:
    """A printed number of revised items, that leads to those that were revised so where the contents of the edition are known."""
    number, plan = show_number(figure.value), context.get("plan")
    if not edition.frozen_at or not isinstance(plan, Plan):
        return number
    page = reverse("revision", args=[plan.slug, edition.key])
    asked = f"?aspect={figure.category}" if figure.category else ""
    return format_html('<a href="{}{}#items">{}</a>', page, asked, number)


@register.inclusion_tag("opendata/parts/grade_counts.html", takes_context=True)
def grade_counts(
    context: template.Context,
    cells: Sequence[tuple[Grade, Decimal | int | None]],
    unreported: int = 0,
    unit: str = "項目",
    of_city: object = None,
    linked: bool = False,
    as_of: date | None = None,
    policy: int | None = None,
    printed: Sequence[tuple[Grade, PublishedFigure | None]] = (),
) -> dict[str, Any]:
    """Numbers of items by grade as a bar and as cards. `cells` in the order of the scale; None is unknown. Of a
    round that the city published (`of_city`) what is missing is not known, and not unreported. `linked`: the numbers of
    the list lead to it, of a round (`as_of`) or a policy if named. `printed` are the published figures that `cells` come from:
    each number leads to its own."""
    known = [(shade, int(count)) for shade, (_, count) in zip(shades(g for g, _ in cells), cells, strict=True) if count]
    if unreported:
        known.append(("missing", unreported))
    total = sum(count for _, count in known)
    segments, x = [], 0
    for tone, count in known:
        segments.append({"tone": tone_class(tone), "x": x, "width": count})
        x += count
    return {
        "plan": context.get("plan"),
        "grade_ranks": ranks(each for each, _ in cells),
        "cells": [
            (grade, count, figure)
            for (grade, count), (_, figure) in zip(cells, printed or [(grade, None) for grade, _ in cells], strict=True)
        ],
        "unreported": unreported,
        "missing": "未登録" if of_city else "未報告",
        "segments": segments,
        "total": total,
        "unit": unit,
        "linked": linked,
        "as_of": as_of,
        "policy": policy,
        "static_copy": context.get("static_copy"),
    }


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> SafeString:
    """What a block of the page says, once more; Django allows a block to stand in one place only."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return SafeString(" ".join(block.render(context).split()))


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, path: str = "") -> str:
    """The absolute address of this page, or of a path of the site."""
    return frame.page_address(context["request"], path)


@register.simple_tag(takes_context=True)
def printed_below(context: template.Context, path: str = "") -> SafeString:
    """What stands below every sheet of paper: the address of this page and the day it was shown, as attributes that frame.css
    reads. A copy as files has no day: its files change with what they say alone."""
    day = "" if frame.copy_of(context["request"]) else f"{fiscal.date_label(timezone.localdate())}に表示"
    return format_html(' data-address="{}" data-day="{}"', page_address(context, path), day)


@register.simple_tag(takes_context=True)
def made_below(context: template.Context, address: str) -> SafeString:
    """The same below every sheet of a PDF file: the address of the page that it says again, and the day it was made."""
    day = "" if context.get("static_copy") else f"{fiscal.date_label(timezone.localdate())}に作成"
    return format_html(' data-address="{}{}" data-day="{}"', context["site"], address, day)


@register.simple_tag(takes_context=True)
def mail_about(context: template.Context) -> str:
    """The address of a mail about this page, with its title and its own address filled in; "" where no mail address is known."""
    found = _MAIL_ADDRESS.search(settings.CONTACT)
    if found is None or "request" not in context:
        return ""
    told = {"subject": f"「{unescape(again(context, 'title'))}」について", "body": f"{page_address(context)}\n\n"}
    return f"mailto:{found[0]}?{urlencode(told, quote_via=quote)}"


@register.simple_tag
def run_by() -> str:
    """Who runs the site and how to reach them, for a document that leaves it; nothing of what no setting says."""
    told = (("運営", settings.OPERATOR), ("問い合わせ先", settings.CONTACT))
    return "　".join(f"{name}：{text}" for name, text in told if text)


@register.simple_tag
def term(key: str, text: str = "") -> SafeString:
    """A word with a link to what it means; without `text` as the glossary writes it."""
    return format_html(
        '<a class="term" href="{}#{}">{}</a>', reverse("glossary"), key, text or glossary.BY_KEY[key].word
    )


@register.simple_tag
def licence() -> SafeString:
    return format_html('<a href="{}">{}</a>', LICENCE_URL, LICENCE)
