"""Forms (個票): sheets on which every field has a name, as a table with a row an item. Pure.

The name of a field stands to the left of its value, above it, or in its cell (番号：1); a form may hold several items.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.spreadsheets.sheets import Area, Doubtful, Sheet
from workbooks.tables import cells, column_roles
from workbooks.tables.column_roles import LABELS, OF_INDICATOR, Role
from workbooks.tables.framework import names_policy
from workbooks.tables.layout import Grid, is_note
from workbooks.tables.pieces import JoinedTable, is_label, part

FORMS = "個票の一覧"  # the table that forms become
NAMELESS = "欄の名前のない値"
_FIELDS = 4  # of different roles that a form has at least, the name of the item among them
_HEADS = (Role.NUMBER, Role.NAME, Role.POLICY, Role.DEPARTMENTS)  # of an item; none of them has a value a year
_LOOKED_AT = 300  # rows in which a form begins; where nothing is one so far, the sheet is a list
_TOLD = re.compile(
    r"^[■□●○◆◇▼▽・\s]*(?:[【〔\[［＜<〈《](?P<framed>[^】〕\]］＞>〉》]{1,20})[】〕\]］＞>〉》]\s*[:：]?|(?P<plain>[^:：\s]{1,20})[:：])\s*"
    r"(?P<value>.*)$"
)
_SPACED = re.compile(r"^(?P<label>\S{1,20})[ \u3000\t]+(?P<value>\S.*)$")
_YEARS_BELOW = re.compile(r"^(実施|計画|対象)?年[度次]?$")
_WORDS = re.compile(r"[一-龥ぁ-んァ-ヶ]{2}")


@dataclass(frozen=True)
class _FormEntry:
    """What a form says: its headings from the top down, and where it stands. `text`: of a cell that says more than that."""

    path: tuple[str, ...]
    row: int
    column: int
    label_row: int
    label_column: int
    text: str | None = None
    is_below: bool = False  # the name of the field stands in a row of nothing but names
    doubtful: Doubtful | None = None
    is_title: bool = False  # a policy that is named above the fields

    @property
    def role(self) -> Role | None:
        return column_roles.role_of(self.path[-1]) if len(self.path) == 1 else None


@dataclass
class Form:
    """What a sheet says of one item."""

    grid: Grid
    entries: list[_FormEntry]


def forms_on(grid: Grid) -> list[Form]:
    """The items of a sheet that is a form; none if it is another kind of sheet."""
    looked_at = part(grid.sheet, grid.sheet.name, rows=(1, _LOOKED_AT)) if grid.height > _LOOKED_AT else grid.sheet
    found = _split(_read(Grid(looked_at)))
    return _split(_read(grid)) if found and looked_at is not grid.sheet else found


def _split(form: Form | None) -> list[Form]:
    """The items of what was read from one sheet: each begins where the field with which the first began comes again."""
    if form is None:
        return []
    form, titles = (
        Form(form.grid, [entry for entry in form.entries if entry.is_title is kind]) for kind in (False, True)
    )
    counted = Counter(entry.role for entry in form.entries)
    count = counted[Role.NAME]
    if not count or counted[Role.NUMBER] not in (0, count):
        return []
    again = next((entry.path for entry in form.entries if _times(form, entry.path) == count), None)
    starts = [entry for entry in form.entries if entry.path == again]
    if not starts:
        return []
    if count > 1 and starts[0].label_row == starts[1].label_row:
        return _beside(form, [one.label_column for one in starts if one.label_row == starts[0].label_row])
    shared = form.entries[: form.entries.index(starts[0])]
    ends = [*(form.entries.index(start) for start in starts[1:]), len(form.entries)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        own = form.entries[form.entries.index(start) : end]
        told = {entry.path for entry in own}
        above = [entry for entry in titles.entries if entry.row <= start.label_row][-1:]
        of_all = [_of_all(one, count) for one in shared if one.path not in told or count == 1]
        found.append(Form(form.grid, [*above, *of_all, *own]))
    return found if all(map(_is_form, found)) else []


def _times(form: Form, path: tuple[str, ...]) -> int:
    return sum(entry.path == path for entry in form.entries)


def _beside(form: Form, columns: list[int]) -> list[Form]:
    """Items beside each other on one form."""
    sheet, found = form.grid.sheet, []
    for left, after in zip([1, *columns[1:]], [*columns[1:], form.grid.width + 1], strict=True):
        some = _split(_read(Grid(part(sheet, sheet.name, columns=(left, after - 1)))))
        if not some:
            return []
        found += some
    return found


def _of_all(entry: _FormEntry, count: int) -> _FormEntry:
    """What a form with several items says once, above the first of them."""
    if count == 1:
        return entry
    question = "最初の項目の上に1回だけ書かれているので、このシートのすべての項目の値と読みました。"
    return replace(
        entry, doubtful=Doubtful(f"（シートの上の「{entry.path[-1]}」）", question, "空欄（分からない）とする", "")
    )


def _is_form(form: Form) -> bool:
    told = {entry.role for entry in form.entries if not entry.is_title}
    of_name = next(entry for entry in form.entries if entry.role is Role.NAME)
    rows = {entry.label_row for entry in form.entries if entry.path != (NAMELESS,)}
    nameless = sum(entry.path == (NAMELESS,) for entry in form.entries)
    return (
        len(told - {None}) >= _FIELDS and (len(rows) > 1 or not of_name.is_below) and nameless <= len(form.entries) / 2
    )


def _read(grid: Grid) -> Form | None:
    """Everything that a sheet says, if it may be a form."""
    reader = _Reader(grid)
    reader.read()
    named = any(entry.role is Role.POLICY and not entry.is_title for entry in reader.entries)
    entries = [entry for entry in reader.entries if not (named and entry.is_title)]
    return None if reader.is_list else Form(grid, entries)


@dataclass
class _Reader:
    """Reads a form from the top down."""

    grid: Grid
    entries: list[_FormEntry] = field(default_factory=list)
    is_list: bool = False
    titles: set[str] = field(default_factory=set)  # above the first field, without their digits

    @property
    def has_begun(self) -> bool:
        """Whether a field has come; what stands above the first one is a title."""
        return any(not entry.is_title for entry in self.entries)

    def read(self) -> None:
        row, above = 1, ""
        while row <= self.grid.height and not self.is_list:
            heads = _given(self.grid, row)
            names = [(column, text) for column, text in heads if is_label(text)]
            years = [text for _column, text in heads if column_roles.is_year(text)]
            following, only = 1, ""
            are_heads = bool(names) and len(names) + len(years) == len(heads)
            if self._has_years_below(row, heads):
                following = self._years_below(row, heads)
            elif are_heads and (len(names) == len(heads) < 3 or not _is_inner(heads)):
                following, only = self._below(row, heads)
            elif len(years) > 1 or are_heads:
                following = self._inner(row, heads, above)
            elif heads:
                self._beside(row, heads)
            row, above = row + following, only

    def _add(self, path: Sequence[str], row: int, column: int, label: tuple[int, int], **more: object) -> None:
        self.entries.append(_FormEntry(tuple(filter(None, path)), row, column, *label, **more))  # type: ignore[arg-type]

    # The value to the right of its name, or in its cell

    def _beside(self, row: int, heads: list[tuple[int, str]]) -> None:
        index = 0
        while index < len(heads):
            column, text = heads[index]
            following = heads[index + 1] if index + 1 < len(heads) else (0, "")
            index += 1
            if is_label(text):
                if following[0] and not is_label(following[1]) and not _inside(following[1]):
                    self._add((text,), row, following[0], (row, column))
                    index += 1
            elif told := self._told_in(text):
                for one in told:
                    self._add((one.label,), row, column, (row, column), text=one.value, doubtful=one.doubtful)
            elif self._is_name(text, following[1]):  # a field that no rule knows: a person is shown it as a column
                self._add((text,), row, following[0], (row, column))
                index += 1
            else:
                self._nameless(row, column, text)

    def _told_in(self, text: str) -> tuple[_Told, ...]:
        """What a cell says that holds names and values. A form does not begin with 「実施計画 個票」."""
        told = _inside(text)
        begins = self.has_begun or not told or told[0].doubtful is None
        return told if begins or column_roles.role_of(told[0].label) in (Role.NAME, Role.NUMBER) else ()

    def _is_name(self, text: str, beside: str) -> bool:
        return (
            bool(self.has_begun and beside and _WORDS.search(text))
            and len(text) <= 20
            and not is_label(beside)
            and not _inside(beside)
        )

    def _nameless(self, row: int, column: int, text: str) -> None:
        """A text without a name: one line more of the value above it, a title, or something that nobody could place."""
        bare = re.sub(r"\d", "", column_roles.folded(text))
        last = self.entries[-1] if self.has_begun else None
        is_policy = names_policy(text) and (last is None or any(entry.is_title for entry in self.entries))
        if last is None or bare in self.titles or is_policy:
            self.titles.add(bare)
            if is_policy:
                question = f"シートの上の「{cells.short(text)}」を、項目の方針と読みました。"
                doubtful = Doubtful(f"（上に書かれた「{LABELS[Role.POLICY]}」）", question, "方針が分からない", "")
                path = (LABELS[Role.POLICY],)
                self._add(path, row, column, (row, column), text=text, doubtful=doubtful, is_title=True)
        elif (
            last.column == column
            and last.row + _lines(last) == row
            and len(last.path) == 1
            and last.path[0] != NAMELESS
        ):
            self.entries[-1] = self._continued(last, text, row)
        else:
            self._add((NAMELESS,), row, column, (row, column))

    def _continued(self, entry: _FormEntry, text: str, row: int) -> _FormEntry:
        before = self.grid.own(entry.row, entry.column) if entry.text is None else entry.text
        area = self.grid.area(entry.label_row, entry.label_column)
        doubtful = entry.doubtful
        if (area is None or area.bottom < row) and doubtful is None:
            question = "下の行の、欄の名前のない文を、上の行の続きと読みました。"
            doubtful = Doubtful(f"（2行以上の「{entry.path[-1]}」）", question, "最初の行だけを読む", before)
        return replace(entry, text=f"{before}\n{text}", doubtful=doubtful)

    # Values below a row of names

    def _below(self, row: int, heads: list[tuple[int, str]]) -> tuple[int, str]:
        """Gives the number of rows, and the name that stands above a row of years."""
        areas = [self.grid.area(row, column) for column, _text in heads]
        first = max([row, *(area.bottom for area in areas if area)]) + 1
        rows: list[list[tuple[int, str]]] = []
        for below in range(first, self.grid.height + 1):
            line = _given(self.grid, below)
            if (
                not line
                or is_label(line[0][1])
                or _inside(line[0][1])
                or all(column_roles.is_year(text) for _at, text in line)
            ):
                break
            rows.append(line)
        if not rows:
            return first - row, heads[0][1] if len(heads) == 1 else ""
        found = {column_roles.role_of(text) for _column, text in heads}
        after = _given(self.grid, first + len(rows))
        self.is_list = bool(len(heads) > 1 and found & {Role.NAME, Role.NUMBER}) and (
            len(rows) > 1 or bool(after and after[0][0] > heads[0][0])
        )
        if len(heads) == 1:
            self._one_below(row, heads[0], first, rows)
        else:
            are_indicators = len(rows) > 1 and bool(found & OF_INDICATOR)
            for number, line in enumerate(rows, 1):
                self._line_below(row, heads, first + number - 1, line, f"指標{number}" if are_indicators else "")
        return first - row + len(rows), ""

    def _one_below(self, row: int, head: tuple[int, str], first: int, rows: list[list[tuple[int, str]]]) -> None:
        column, label = head
        at, text = rows[0][0]
        doubtful = None
        if at != column or is_note(text):
            question = f"欄の名前「{label}」の下に書かれている文を、その値と読みました。"
            doubtful = Doubtful(f"（「{label}」の下の文）", question, "空欄（分からない）とする", "")
        self._add((label,), first, at, (row, column), is_below=True, doubtful=doubtful)
        for number, line in enumerate(rows):
            for place, more in line[number == 0 :]:
                self._nameless(first + number, place, more)

    def _line_below(
        self, row: int, heads: list[tuple[int, str]], below: int, line: list[tuple[int, str]], group: str
    ) -> None:
        taken: set[int] = set()
        for at, text in line:
            column, label = next(((one, name) for one, name in reversed(heads) if one <= at), (0, ""))
            if column and column not in taken:
                taken.add(column)
                self._add((group, label), below, at, (row, column), is_below=True)
            else:
                self._nameless(below, at, text)

    # Tables within a form

    def _inner(self, row: int, heads: list[tuple[int, str]], above: str) -> int:
        """Years or names of fields beside each other, values below them. Gives the number of its rows."""
        first = next((text for _column, text in heads if is_label(text) and not column_roles.is_year(text)), above)
        columns = [(column, text) for column, text in heads if len(heads) < 2 or column > heads[0][0] or text != first]
        if not any(column_roles.is_year(text) for _column, text in columns):
            columns = heads
        height, group = 0, heads[0] if is_label(heads[0][1]) else None
        for below in range(row + 1, self.grid.height + 1):
            line = _given(self.grid, below)
            values = [(column, text) for column, text in columns if self.grid.own(below, column)]
            before = [(column, text) for column, text in line if column < columns[0][0]]
            sides = [(column, text) for column, text in before if is_label(text)]
            side = sides[0][1] if sides else ""
            if sides and before[0] not in sides:  # a name that no rule knows: no row of the group above it
                sides.insert(0, before[0])
            if len(sides) == 1 and group and group[0] < sides[0][0]:  # 実績 below 目標, both of 効果額
                sides.insert(0, group)
            elif sides:
                group = sides[0]
            given = [self.grid.own(below, column) for column, _text in values]
            if not values or any(map(is_label, given)) or all(map(column_roles.is_year, given)):
                break
            if column_roles.role_of(side) in _HEADS:  # the next item begins without a blank row
                break
            if not side and line[0][0] < columns[0][0]:
                break
            height += 1
            for column, text in values:
                named = [one for _at, one in sides] or [first]
                path = (*named, text) if column_roles.is_year(text) else (f"指標{height}", text)
                self._add(path, below, column, (row, column))
        return height + 1

    def _has_years_below(self, row: int, heads: list[tuple[int, str]]) -> bool:
        return (
            len(heads) > 1
            and bool(_YEARS_BELOW.match(column_roles.folded(heads[0][1])))
            and all(is_label(text) for _column, text in heads[1:])
            and column_roles.is_year(self.grid.own(row + 1, heads[0][0]))
        )

    def _years_below(self, row: int, heads: list[tuple[int, str]]) -> int:
        height = 1
        while column_roles.is_year(year := self.grid.own(row + height, heads[0][0])):
            for column, text in heads[1:]:
                if self.grid.own(row + height, column):
                    self._add((text, year), row + height, column, (row, column))
            height += 1
        return height


def _lines(entry: _FormEntry) -> int:
    """The rows that the value of an entry takes so far."""
    return 1 if entry.text is None else entry.text.count("\n") + 1


def _given(grid: Grid, row: int) -> list[tuple[int, str]]:
    return [(column, text) for column, text in enumerate(grid.line(row), 1) if text]


def _is_inner(heads: list[tuple[int, str]]) -> bool:
    """Whether a row of names and years begins a table of years or of indicators, not one of items."""
    found = {column_roles.role_of(text) for _column, text in heads}
    has_years = any(column_roles.is_year(text) for _column, text in heads)
    return (has_years or bool(found & OF_INDICATOR)) and not found & {Role.NAME, Role.NUMBER}


@dataclass(frozen=True)
class _Told:
    """A field whose name and value share a cell."""

    label: str
    value: str
    doubtful: Doubtful | None = None


@lru_cache(maxsize=4096)
def _inside(text: str) -> tuple[_Told, ...]:
    """What a cell says that holds names and values: 番号：1, 【担当課】総務課, a field on each line."""
    if is_label(text):
        return ()
    found: list[_Told] = []
    for piece in _pieces(text):
        if told := _told(piece):
            found.append(told)
        elif not found:
            return ()
        else:
            found[-1] = replace(found[-1], value=f"{found[-1].value}\n{piece.strip()}".strip())
    return tuple(one for one in found if one.value)


def _pieces(text: str) -> Iterator[str]:
    """The lines of a cell; a line that names several fields (番号：1　担当課：総務課) in parts."""
    for line in filter(str.strip, text.splitlines()):
        words = re.split(r"([ \u3000\t]+)", line)
        begun = ""
        for word in words:
            if begun.strip() and (found := _TOLD.match(word)) and _heads(found["framed"] or found["plain"]):
                yield begun
                begun = ""
            begun += word
        yield begun


def _told(piece: str) -> _Told | None:
    piece = piece.strip()
    if _heads(piece):
        return _Told(piece, "")
    if (found := _TOLD.match(piece)) and _heads(label := (found["framed"] or found["plain"]).strip()):
        return _Told(label, found["value"].strip())
    if (found := _SPACED.match(piece)) and _heads(label := found["label"]) and not is_label(found["value"]):
        question = f"空白の前の「{label}」を欄の名前、後ろをその値と読みました。"
        doubtful = Doubtful(f"（「{label}　…」と書かれたセル）", question, "空欄（分からない）とする", "")
        return _Told(label, found["value"].strip(), doubtful)
    return None


def _heads(text: str) -> bool:
    """Whether a text is the name of a field before its value. 方針１ is no name of one, 指標１ is."""
    return is_label(text) and (not re.search(r"\d", text) or column_roles.role_of(text) in OF_INDICATOR)


def table_of(forms: list[Form]) -> Sheet:
    """One table of all forms: a row an item, the headings in the order in which they come first."""
    paths: dict[tuple[str, ...], int] = {}
    table = JoinedTable(FORMS)
    height = max(len(entry.path) for form in forms for entry in form.entries)
    for number, form in enumerate(forms, height + 1):
        seen = Counter[tuple[str, ...]]()
        for entry in form.entries:
            seen[entry.path] += 1
            path = entry.path if seen[entry.path] == 1 else (f"{entry.path[0]}{seen[entry.path]}", *entry.path[1:])
            column = paths.setdefault(path, len(paths) + 1)
            table.put(number, column, form.grid, entry.row, entry.column)
            if entry.text is not None:
                _put_text(table, number, column, entry)
            if entry.doubtful:
                table.doubtful[number, column] = entry.doubtful
    for path, column in paths.items():
        for index, text in enumerate((*path[:1] * (height - len(path)), *path), 1):
            table.cells[index, column] = text
        if len(path) < height:
            table.merged.append(Area(1, column, height - len(path) + 1, column))
    return table.sheet(forms[0].grid.sheet)


def _put_text(table: JoinedTable, row: int, column: int, entry: _FormEntry) -> None:
    """A part of a cell, or several cells; what of it is struck out."""
    table.cells[row, column] = entry.text
    left = table.looks.struck.pop((row, column), None)
    if left is not None:
        table.looks.struck[row, column] = next((one.value for one in _inside(left) if one.label == entry.path[-1]), "")
        if table.looks.struck[row, column] == entry.text:
            del table.looks.struck[row, column]
