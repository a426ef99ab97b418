"""取り込みの手引き: the items as they will be, cell by cell, each doubtful one marked with its original beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.fiscal import era_fiscal_year
from core.text import show_number
from reviews.models import Basis
from staff.table_pages import short
from workbooks.tables.column_roles import LABELS, Role
from workbooks.tables.doubts import Doubt
from workbooks.tables.marks import Marks, Part
from workbooks.tables.read_items import ReadEffect, ReadItem

_TEXTS = (Role.CONTENTS, Role.PLANNED_YEARS, Role.EXPECTED_EFFECT, Role.NOTE)


@dataclass(frozen=True)
class MarkedLine:
    """A line of a cell; with doubts it is marked."""

    text: str
    doubts: Sequence[Doubt] = ()


@dataclass(frozen=True)
class MarkedCell:
    label: str
    lines: Sequence[MarkedLine]

    @property
    def is_blank(self) -> bool:
        return not any(line.text or line.doubts for line in self.lines)


def shown_items(items: Iterable[ReadItem], marks: Marks) -> list[dict[str, Any]]:
    return [{"item": item, "cells": _cells(item, marks.of(item))} for item in items]


def _cells(item: ReadItem, asked: Mapping[Part, Sequence[Doubt]]) -> list[MarkedCell]:
    def line(text: str, role: Role) -> MarkedLine:
        return MarkedLine(text, asked.get((role, None), ()))

    def together(role: Role, texts: Sequence[str]) -> list[MarkedLine]:
        """Several lines, of which nobody knows which one a doubt is about: they are marked as one."""
        return [line("\n".join(texts), role)]

    texts = {role: item.note if role is Role.NOTE else item.texts.get(role.value, "") for role in _TEXTS}
    prose = [
        line(short(text) if role is Role.CONTENTS else f"{LABELS[role]}：{short(text)}", role)
        for role, text in texts.items()
        if text or (role, None) in asked
    ]
    years = sorted({*item.year_plans} | {year for role, year in asked if role is Role.YEAR_PLAN and year})
    plans = [
        MarkedLine(
            f"{era_fiscal_year(year)} {item.year_plans.get(year, ('（なし）', False))[0]}",
            asked.get((Role.YEAR_PLAN, year), ()),
        )
        for year in years
    ]
    if rest := asked.get((Role.YEAR_PLAN, None)):
        plans.append(MarkedLine("", rest))
    of_row = [doubt for role in (Role.IGNORE, Role.ROW_KIND, Role.ROW_YEAR) for doubt in asked.get((role, None), ())]
    of_results = [doubt for role in (Role.GRADE, Role.PROGRESS) for doubt in asked.get((role, None), ())]
    return [
        MarkedCell("項目名", [line(item.name, Role.NAME)]),
        MarkedCell("方針", [line("" if item.policy is None else str(item.policy), Role.POLICY)]),
        MarkedCell("推進担当課", [line("、".join(item.departments), Role.DEPARTMENTS)]),
        MarkedCell("実施内容", prose),
        MarkedCell("年度計画", plans),
        MarkedCell("成果指標", together(Role.INDICATOR, [shown_indicator(one) for one in item.indicators])),
        MarkedCell("効果額", together(Role.REVENUE, [shown_effect(one) for one in item.effects])),
        MarkedCell("元の行", [MarkedLine(item.place, [*asked.get((Role.NUMBER, None), ()), *of_row, *of_results])]),
    ]


def shown_effect(one: ReadEffect) -> str:
    kind = "歳入確保" if one.kind == "revenue" else "歳出削減"
    amount = one.amount if isinstance(one.amount, str) else show_number(one.amount)
    return f"{era_fiscal_year(one.year)} {kind} {amount}千円（{dict(Basis.choices)[one.basis]}）"


def shown_indicator(one: Any) -> str:
    parts = [one.name]
    if one.baseline is not None:
        when = f"（{era_fiscal_year(one.baseline_year)}）" if one.baseline_year else ""
        parts.append(f"基準値 {one.baseline:f}{one.unit}{when}")
    for year, (value, words) in sorted(one.targets.items()):
        shown = f"{value:f}{one.unit}" if value is not None else ""
        parts.append(f"目標 {era_fiscal_year(year)} {shown}{words}")
    for year, (value, note, forecast) in sorted(one.actuals.items()):
        shown = f"{value:f}{one.unit}" if value is not None else ""
        parts.append(f"実績{'見込' if forecast else ''} {era_fiscal_year(year)} {shown}{note}")
    return "、".join(parts)
