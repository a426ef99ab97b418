"""Printed tables read as the guide does, without a database, and the plan that they are about."""

import datetime

from core.spreadsheets import loose
from policies.models import Grade
from tests.factories import GRADES
from tests.workbooks.tables.reading import LIMITS
from workbooks.tables.doubts import Questions
from workbooks.tables.layout import Grid
from workbooks.tables.published import layout, meanings, reading

POLICIES = {1: "窓口の改善", 2: "歳入の確保と資産の活用", 3: "組織の見直し"}
KNOWN = meanings.NameableParts(
    POLICIES,
    [
        Grade(code=code, label=label, tone=tone, order=order)
        for order, (code, label, tone) in enumerate((*GRADES, ("対", "対象外", "excluded")), 1)
    ],
    {"original": "当初", "revised": "改訂版"},
    [datetime.date(2012, 9, 30)],
    range(2010, 2017),
)


def tables(data, **whole):
    """Every table of a file or a pasted text, as the guide reads it before a person has said anything but `whole`."""
    found = []
    for sheet in loose.opened(data.encode() if isinstance(data, str) else data, **LIMITS).sheets:
        grid = Grid(sheet)
        if table := layout.find(grid):
            one = reading.ChosenFigureSheet(grid, table)
            one.guess(KNOWN, {}, layout.titles(grid, table))
            one.whole |= whole
            found.append(one)
    return found


def read(chosen, answers=None):
    """What becomes of tables; `answers` by what they are about."""
    first = Questions({})
    reading.read(chosen, KNOWN, first)
    said = {one.id: (answers or {})[one.about] for one in first.doubts.values() if one.about in (answers or {})}
    questions = Questions(said)
    return reading.read(chosen, KNOWN, questions), list(questions.doubts.values())
