"""What a table hides and what it strikes out, and the days of which it shows a part: asked about, never taken for a value like the
others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.fiscal import FIRST_YEAR, era_date
from core.spreadsheets.limits import column_letters
from workbooks.tables import cells
from workbooks.tables.column_roles import ColumnUse, Role
from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid, Layout, RowKind, kind_of

_OF_TEXT = {
    *(Role.YEAR_PLAN, Role.CONTENTS, Role.PLANNED_YEARS, Role.EXPECTED_EFFECT, Role.NOTE, Role.PROGRESS),
    *(Role.INDICATOR, Role.TARGET, Role.ACTUAL, Role.BASELINE),
}
_SHOWN = 3  # rows that a question quotes


@dataclass
class Unseen:
    """`skipped`: rows that are not read. `dropped`: rows in which an item begins that is no longer one. `said`: what
    struck cells are read as."""

    skipped: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    said: dict[tuple[int, int], str] = field(default_factory=dict)


def decide(
    grid: Grid, layout: Layout, columns: Mapping[int, ColumnUse], headings: Mapping[int, str], questions: Questions
) -> Unseen:
    found = Unseen()
    looks = grid.sheet.looks
    rows = [row for row in range(layout.first, layout.last + 1) if kind_of(grid, row, layout) is RowKind.DATA]
    found.skipped = hidden_rows(grid, rows, sorted(columns), questions)
    named = {column: index for index, column in enumerate((Role.NAME, Role.NUMBER))}
    in_order = sorted(
        (row, named.get(columns[column].role, 2), column, left)
        for (row, column), left in looks.struck.items()
        if column in columns and row in rows and row not in found.skipped and grid.own(row, column)
    )
    _say_days(grid, [row for row in rows if row not in found.skipped], columns, headings, questions, found)
    kept: set[int] = set()
    has_names = any(column.role is Role.NAME for column in columns.values())
    for row, rank, column, left in in_order:
        text, at = grid.own(row, column), grid.sheet.place(row, column)
        if row in found.dropped | kept:
            continue
        if not left.strip() and rank == (0 if has_names else 1):
            question = "項目名に、取り消し線が引かれています。" if has_names else "番号に、取り消し線が引かれています。"
            drop = (("drop", "廃止された項目なので、登録しない"), ("keep", "取り消し線を無視して、登録する"))
            answer = questions.ask("取り消し線", text, question, at, drop, is_guessed=False)
            (found.dropped if answer == "drop" else kept).add(row)
            continue
        found.said[row, column] = without_struck(headings[column], text, left.strip(), at, questions)
    return found


def _say_days(
    grid: Grid,
    rows: Iterable[int],
    columns: Mapping[int, ColumnUse],
    headings: Mapping[int, str],
    questions: Questions,
    found: Unseen,
) -> None:
    """What a cell shows of a day is not told: 4月, 令和2年4月, or 5-10 of which a program has made one."""
    texts = [column for column, use in columns.items() if use.role in _OF_TEXT]
    for row, column in ((row, column) for row in rows for column in texts):
        day = grid.day(row, column)
        if day is None or day.year < FIRST_YEAR:
            continue
        year = era_date(day).partition("年")[0] + "年"
        forms = (
            era_date(day),
            f"{year}{day.month}月",
            f"{day.month}月{day.day}日",
            f"{day.month}月",
            f"{day.month}-{day.day}",
        )
        question = (
            "この欄は日付として保存されていて、どう表示されているかは分かりません。表示のとおりのものを選んでください。"
        )
        choices = tuple((str(place), form) for place, form in enumerate(forms))
        at = grid.sheet.place(row, column)
        found.said[row, column] = forms[
            int(questions.ask(headings[column], day.strftime("%Y-%m-%d"), question, at, choices, is_guessed=False))
        ]


def hidden_rows(grid: Grid, rows: Iterable[int], columns: Sequence[int], questions: Questions) -> set[int]:
    """Rows that are hidden, have values in the columns and are not to be read; asked once a sheet."""
    hidden = [row for row in rows if row in grid.sheet.looks.rows and any(grid.own(row, one) for one in columns)]
    if not hidden:
        return set()
    quoted = "、".join(f"「{_quoted(grid, row, columns)}」" for row in hidden[:_SHOWN])
    question = (
        f"非表示の行（フィルターで隠れた行を含む）に値があります：{quoted}{'など' if len(hidden) > _SHOWN else ''}"
    )
    choices = (("skip", "読まない（見えている行だけを読む）"), ("read", "ほかの行と同じように読む"))
    at = grid.sheet.place(hidden[0], 1)
    answer = questions.ask("非表示の行", _spans(hidden), question, at, choices, is_guessed=False)
    return set(hidden) if answer == "skip" else set()


def hidden_columns(grid: Grid, headings: Mapping[int, str], at_row: int, questions: Questions) -> set[int]:
    """The same of columns, by their headings."""
    hidden = [column for column in sorted(headings) if column in grid.sheet.looks.columns]
    if not hidden:
        return set()
    quoted = "、".join(f"「{cells.short(headings[column])}」" for column in hidden[:_SHOWN])
    question = f"非表示の列に値があります：{quoted}{'など' if len(hidden) > _SHOWN else ''}"
    choices = (("skip", "読まない（見えている列だけを読む）"), ("read", "ほかの列と同じように読む"))
    named = "、".join(f"{column_letters(column)}列" for column in hidden)
    at = grid.sheet.place(at_row, hidden[0])
    answer = questions.ask("非表示の列", named, question, at, choices, is_guessed=False)
    return set(hidden) if answer == "skip" else set()


def without_struck(heading: str, text: str, left: str, at: str, questions: Questions) -> str:
    all_of_it = f"取り消し線を無視して「{cells.short(text)}」と読む"
    if left:
        question = f"取り消し線の引かれた字を除いて「{cells.short(left)}」と読みました。"
        choices = (("left", "この読み方でよい"), ("all", all_of_it))
    else:
        question = "この欄の字には、取り消し線が引かれています。"
        choices = (("left", "空欄とする"), ("all", all_of_it))
    return left if questions.ask(heading, text, question, at, choices) == "left" else text


def _quoted(grid: Grid, row: int, columns: Sequence[int]) -> str:
    return cells.short(" ".join(filter(None, (grid.own(row, column) for column in columns[:3]))))


def hidden_said(grid: Grid) -> str:
    """Which rows and columns with values a sheet hides, for people; nothing where there are none."""
    looks = grid.sheet.looks
    rows = sum(any(grid.line(row)) for row in looks.rows if row <= grid.height)
    columns = [
        column for column in sorted(looks.columns) if any(grid.own(row, column) for row in range(1, grid.height + 1))
    ]
    parts = [f"非表示の行が{rows}行"] if rows else []
    parts += [f"非表示の列が{len(columns)}列（{'、'.join(map(column_letters, columns))}）"] if columns else []
    return "、".join(parts)


def _spans(rows: list[int]) -> str:
    """[6, 8, 9, 10] as 6行目、8〜10行目."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][-1] == row - 1:
            spans[-1].append(row)
        else:
            spans.append([row])
    return "、".join(f"{span[0]}行目" if len(span) == 1 else f"{span[0]}〜{span[-1]}行目" for span in spans)
