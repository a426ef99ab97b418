"""What the columns of a table that people made are for, told together: by the rules of column_roles.py, and by each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from core.fiscal import fiscal_year_of, last_day
from workbooks.tables.column_roles import (
    MOSTLY,
    OF_DAY,
    ONCE,
    YEARLY,
    ColumnUse,
    Role,
    are_words,
    by_heading,
    by_values,
    day_named,
    folded,
    graded,
    is_of_one_year,
    is_year,
    mostly,
    of_money,
    role_of,
    year_in,
)

_ROW_KINDS = re.compile("計画|予定|取組|目標|実績|結果|評価|判定|達成|状況|進捗")
_ROW_KIND = re.compile(
    r"(当初|変更|修正)?(計画|予定|目標|実績|結果|見込|評価|判定|達成[度率状況]+|取組(状況|内容)?|進捗(状況|率)?|効果額|歳入確保額?|歳出削減額?)(値|額)?(\(.*\))?"
)
_MAY_BE_ANY = re.compile("^(区分|種別|行区分)$")
_AMOUNT = re.compile(r"^[(]?[△▲−-]?\d[\d,.]*(百万円|千円|万円|億円|円)?[)]?$")
_DIVISION = re.compile(r"[部局](名|等)?$")
_OF_ROW = re.compile(r"^((実施|計画|対象|該当)?年(度|次)?)?$")
_EARLIER = re.compile("前年度|昨年度")


def guess(
    headings: Sequence[Sequence[str]],
    values: Sequence[Sequence[str]],
    *,
    is_of_money: bool = False,
    as_of: date | None = None,
) -> list[ColumnUse]:
    """What each column is for: `headings` from the top down, `values` below them, both by column. `is_of_money`: what stands
    above the table speaks of amounts; `as_of`: the day that it names."""
    found: list[ColumnUse] = []
    taken: set[Role] = set()
    is_of_money = is_of_money and not any(role_of(part) is Role.INDICATOR for path in headings for part in path)
    names = _place_of_names(headings, values)
    for path, below in zip(headings, values, strict=True):
        column = (of_money(path) if is_of_money else None) or by_heading(path) or ColumnUse()
        column = graded(column, path, below)
        if column.role is Role.ACTUAL and Role.YEAR_PLAN in map(role_of, path[:-1]) and are_words(below):
            # Of what was planned, none of an indicator; under a year alone it is told at the end of the year, most likely.
            day = day_named(path) or (last_day(column.year) if column.year else None)
            column = ColumnUse(Role.PROGRESS, as_of=day, is_sure=False)
        if column.role in OF_DAY and column.as_of is None and as_of:
            column = replace(column, as_of=_earlier(as_of) if _EARLIER.search("".join(path)) else as_of, is_sure=False)
        if column.role is Role.NAME and len(found) != names:
            column = ColumnUse()
        if column.role in ONCE:
            column = ColumnUse() if column.role in taken else column
            taken.add(column.role)
        found.append(column)
    _leave_divisions(found, headings)
    _doubt_kinds(found, headings, values)
    _find_kinds(found, values)
    _doubt_numbers(found, headings, values, is_of_money=is_of_money)
    taken = {column.role for column in found} & ONCE
    if Role.POLICY not in taken:  # a name without a number beside it tells the policy alone
        found = [replace(one, role=Role.POLICY) if one.role is Role.POLICY_NAME else one for one in found]
    if any(column.role in YEARLY and column.year is None for column in found):
        for index, column in enumerate(found):
            if column.role in (Role.IGNORE, Role.PLANNED_YEARS, Role.YEAR_PLAN) and _are_years(
                headings[index], values[index]
            ):
                found[index] = ColumnUse(Role.ROW_YEAR, is_sure=False)
                _tell_progress(found, values)
                break
    if as_of and not any(column.role is Role.ROW_YEAR for column in found):
        _tell_years(found, headings, as_of)
    for index, column in enumerate(found):
        if column.role is Role.IGNORE and not any(headings[index]):
            looks = by_values(values[index])
            if looks is not None and looks.role not in taken:
                found[index] = looks
                taken |= {looks.role} & ONCE
    # 「実施項目」 under two columns, or a heading of its own kind: the first texts that differ.
    if Role.NAME not in taken:
        for index, column in enumerate(found):
            given = [value for value in values[index] if value.strip()]
            if column.role is Role.IGNORE and len(given) > 1 and len(set(given)) == len(given) and any(headings[index]):
                found[index] = ColumnUse(Role.NAME, is_sure=False)
                break
    return found


def _tell_progress(found: list[ColumnUse], values: Sequence[Sequence[str]]) -> None:
    """実績 of each year in words, where no column names an indicator, is what was done."""
    if any(column.role is Role.INDICATOR for column in found):
        return
    for index, column in enumerate(found):
        if column.role is Role.ACTUAL and column.year is None and are_words(values[index]):
            found[index] = ColumnUse(Role.PROGRESS, is_sure=False)


def _tell_years(found: list[ColumnUse], headings: Sequence[Sequence[str]], as_of: date) -> None:
    """What was reached by the day that the table names, and the target beside it, are of its year."""
    if not any(column.role is Role.ACTUAL and column.year is None for column in found):
        return
    for index, column in enumerate(found):
        if column.role in (Role.ACTUAL, Role.TARGET) and column.year is None and is_of_one_year(headings[index]):
            day = _earlier(as_of) if _EARLIER.search("".join(headings[index])) else as_of
            found[index] = replace(column, year=fiscal_year_of(day), is_sure=False)


def _earlier(day: date) -> date:
    """The same day a year before; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _doubt_kinds(found: list[ColumnUse], headings: Sequence[Sequence[str]], values: Sequence[Sequence[str]]) -> None:
    """区分 whose values name no kind of row (歳入確保, 歳出削減) tells the policy, perhaps."""
    has_policy = any(column.role in (Role.POLICY, Role.POLICY_NAME) for column in found)
    for index, column in enumerate(found):
        given = [value for value in values[index] if value.strip()]
        if column.role is not Role.ROW_KIND or not _MAY_BE_ANY.search(folded(headings[index][-1])):
            continue
        if not mostly(_ROW_KINDS, given):
            found[index] = ColumnUse(Role.IGNORE if has_policy else Role.POLICY, is_sure=False)


def _find_kinds(found: list[ColumnUse], values: Sequence[Sequence[str]]) -> None:
    """A column of 計画 and 実績 below each other tells what its rows are for, whatever its heading says."""
    if any(column.role is Role.ROW_KIND for column in found):
        return
    for index, column in enumerate(found):
        given = {text for value in values[index] if (text := folded(value))}
        is_free = column.role is Role.IGNORE or (column.role is Role.YEAR_PLAN and column.year is None)
        if is_free and len(given) > 1 and all(map(_ROW_KIND.fullmatch, given)):
            found[index] = ColumnUse(Role.ROW_KIND, is_sure=False)
            return


def _doubt_numbers(
    found: list[ColumnUse], headings: Sequence[Sequence[str]], values: Sequence[Sequence[str]], *, is_of_money: bool
) -> None:
    """Plans of a year that are numbers are none: amounts where the table is about money, otherwise a person says it."""
    by_row = any(column.role is Role.ROW_KIND for column in found)  # its rows say what their numbers are
    for index, column in enumerate(found):
        given = [text for value in values[index] if (text := folded(value).strip("-－—–"))]
        if column.role is not Role.YEAR_PLAN or not given or not mostly(_AMOUNT, given) or (by_row and not is_of_money):
            continue
        of_money = Role.REVENUE if "歳入" in "".join(headings[index]) else Role.SAVING
        found[index] = replace(column, role=of_money if is_of_money and not by_row else column.role, is_sure=False)


def _leave_divisions(found: list[ColumnUse], headings: Sequence[Sequence[str]]) -> None:
    """Of several columns of departments the first is sure, and 部 beside 課 is not read: the 課 does the work."""
    places = [index for index, column in enumerate(found) if column.role is Role.DEPARTMENTS]
    divisions = [index for index in places if _DIVISION.search(folded(headings[index][-1]))]
    if len(divisions) < len(places):
        for index in divisions:
            found[index] = ColumnUse()
        places = [index for index in places if index not in divisions]
    for index in places[1:]:
        found[index] = replace(found[index], is_sure=False)


def _place_of_names(headings: Sequence[Sequence[str]], values: Sequence[Sequence[str]]) -> int | None:
    """The column of names among those that are called like one: 重点項目 has fewer than the 取組事項 below it. The first of
    those with the most."""
    given = {
        index: sum(bool(value.strip()) for value in values[index])
        for index, path in enumerate(headings)
        if (column := by_heading(path)) is not None and column.role is Role.NAME
    }
    return max(given, key=lambda index: (given[index], -index)) if given else None


def _are_years(path: Sequence[str], values: Sequence[str]) -> bool:
    """Whether a column has the year of its row: years below each other, not beside each other."""
    given = [value for value in values if value.strip()]
    years = [value for value in given if is_year(value)]
    return (
        bool(_OF_ROW.match(folded(path[-1]) if path else ""))
        and len({year_in(year) for year in years}) > 1
        and len(years) >= MOSTLY * len(given)
    )
