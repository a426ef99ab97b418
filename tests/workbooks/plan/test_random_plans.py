"""Random plans: no directions, one to five grades, text numbers, an extended period, hostile texts, up to 100 items."""

import datetime
import io
import random
import string
import zipfile

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.workbooks.plan import books
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1",
    "-",
    "@SUM(A1)",
    "\"引用\"、'アポストロフィ'",
    "一行目\n二行目\n",
    "\n",
    " 前後の空白 ",
    "タブ\t区切り",
    "😀👨‍👩‍👧",
    "か\u3099き\u3099",  # combining marks
    "𠮷野家①㈱",
    "#N/A",
    "TRUE",
    "2014-03-31",
    "007",
    "1e5",
    "<b>&amp;</b>]]>",
    "%s {} \\n",
    "長" * 200,
)
# What a database and XML can hold; control characters are refused with a reason (tests/workbooks/plan/test_broken.py).
LETTERS = st.characters(
    exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff", include_characters="\n\t"
)


def text(limit, *, blank=True):
    made = st.one_of(st.sampled_from(HOSTILE), st.text(LETTERS, max_size=min(limit, 60))).map(
        lambda value: value[:limit]
    )
    return made if blank else made.filter(str.strip)  # a name of which nothing shows is none


def optional(strategy):
    return st.one_of(st.none(), strategy)


CODE = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
NUMBER = st.one_of(
    st.integers(1, 200).map(str), st.builds("R{}-{}".format, st.integers(1, 9), st.integers(1, 99)), st.just("0001")
)
# openpyxl, which writes these books, reads its own cells of these two days as midnight, a time.
EXCEL_ZERO = (datetime.date(1899, 12, 30), datetime.date(1899, 12, 31))
DAY = st.dates(min_value=datetime.date(1873, 1, 1), max_value=datetime.date(2199, 12, 31)).filter(
    lambda day: day not in EXCEL_ZERO
)
AMOUNT = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def parts(data):
    """The files in a workbook, but for those that tell when it was made. Equal ones hold equal cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name) for name in book.namelist() if not name.startswith("docProps/")}


class Rows:
    """Draws the values of rows. Hypothesis gives up on more than some thousand draws a case: a plan of many rows draws
    eight values of a kind and deals them out at random."""

    def __init__(self, draw, *, deals):
        self.draw, self.drawn = draw, {}
        self.random = random.Random(draw(st.integers(0, 2**32))) if deals else None  # noqa: S311

    def __call__(self, kind, strategy):
        if self.random is None:
            return self.draw(strategy)
        if kind not in self.drawn:
            self.drawn[kind] = [self.draw(strategy) for _ in range(8)]
        return self.random.choice(self.drawn[kind])


@st.composite
def plans(draw, items, many=False):
    """Tables of a plan with up to so many items, or with 60 to 100; everything that is drawn obeys the constraints,
    nothing else."""
    one = Rows(draw, deals=many)
    first = draw(st.integers(2000, 2030))
    years = list(range(first, first + draw(st.integers(1, 8))))
    directions = draw(st.lists(st.integers(1, 9), unique=True, max_size=2))
    policies = draw(st.lists(st.integers(1, 50), unique=True, min_size=1, max_size=3))
    departments = draw(st.lists(CODE, unique=True, max_size=3))
    editions = [f"e{year}" for year in draw(st.lists(st.sampled_from(years), unique=True, min_size=1, max_size=2))]
    if many:
        programs = [f"{prefix}{number}" for number in range(1, draw(st.integers(30, 50)) + 1) for prefix in ("", "R1-")]
    else:
        programs = draw(st.lists(NUMBER, unique=True, max_size=items))
    in_edition = [(number, edition) for number in programs for edition in editions if one("in edition", st.booleans())]
    tables = {
        "plan": [
            {
                "slug": "random",
                "city": "乱数市",
                "name": draw(text(100, blank=False)),
                "summary": draw(text(400)),
                "first_fiscal_year": years[0],
                "last_fiscal_year": years[-1],
            }
        ],
        "sources": [{"key": "S1", "title": draw(text(200, blank=False)), "date": draw(optional(DAY))}],
        "axes": [
            {"key": "main"},
            {"key": "z", "name": draw(text(30, blank=False)), "order": 2, "judge": "committee"},
        ],
        "grades": [
            {
                "axis": draw(st.sampled_from([None, "z"])),
                "code": code,
                "label": draw(text(50, blank=False)),
                "order": order,
                "tone": draw(st.sampled_from(["ahead", "partly", "not_started", "done", "excluded"])),
            }
            for order, code in enumerate(draw(st.lists(CODE, unique=True, min_size=1, max_size=5)), start=1)
        ],
        "editions": [
            {
                "key": key,
                "name": draw(text(100, blank=False)),
                "first_fiscal_year": int(key[1:]),
                "last_fiscal_year": years[-1],
            }
            for key in editions
        ],
        "directions": [{"number": number, "name": draw(text(200, blank=False))} for number in directions],
        "policies": [
            {
                "number": number,
                "name": draw(text(200, blank=False)),
                "direction": draw(optional(st.sampled_from(directions))) if directions else None,
            }
            for number in policies
        ],
        "departments": [{"code": code, "name": draw(text(100, blank=False))} for code in departments],
        "programs": [
            {
                "number": number,
                "policy": one("policy", st.sampled_from(policies)),
                "name": one("name", text(200)),
                "note": one("note", text(500)),
                "source": one("source", optional(st.just("S1"))),
                "added_on": one("day", optional(DAY)),
            }
            for number in programs
        ],
        "program_editions": [
            {
                "program": number,
                "edition": edition,
                "contents": one("contents", st.one_of(text(4000), st.just("あ" * 4000))),
                "departments": ";".join(one("departments", st.permutations(departments))),
            }
            for number, edition in in_edition
        ],
        "year_plans": [
            {"program": number, "edition": edition, "fiscal_year": year, "text": one("plan", text(500, blank=False))}
            for number, edition in in_edition
            for year in years[:2]
        ],
        "indicators": [
            {
                "program": number,
                "number": 1,
                "name": one("indicator", text(200, blank=False)),
                "baseline": one("baseline", optional(AMOUNT)),
            }
            for number in programs[:10]
        ],
        "indicator_targets": [
            {
                "program": number,
                "indicator": 1,
                "edition": editions[0],
                "fiscal_year": years[0],
                "value": one("target", AMOUNT),
            }
            for number in programs[:10]
        ],
        "plan_indicators": [{"number": 1, "name": one("overall", text(200, blank=False)), "unit": "%"}],
        "plan_indicator_targets": [
            {
                "indicator": 1,
                "edition": editions[0],
                "fiscal_year": int(editions[0][1:]),
                "value": one("overall target", AMOUNT),
            }
        ],
        "plan_indicator_actuals": [
            {"indicator": 1, "fiscal_year": years[0], "is_forecast": forecast, "value": one("overall actual", AMOUNT)}
            for forecast in (True, False)
        ],
        "effects": [
            {
                "program": number,
                "fiscal_year": years[0],
                "kind": "saving",
                "basis": "actual",
                "amount": one("effect", st.integers(-(10**12), 10**12)),
            }
            for number in programs[:10]
        ],
    }
    return {name: rows for name, rows in tables.items() if rows}


def comes_back(tables, written=books.written):
    books.empty_database()
    read = read_book(written(tables))
    result = import_tables(read.tables, by=None, found=read.problems)
    assert result.problems == []
    first = books.exported("random")
    cells = books.cells(first)
    found = {name: len(rows) - 1 for name, rows in cells.items() if len(rows) > 1 and name != "README"}
    assert found == {name: len(rows) for name, rows in tables.items()}

    assert import_tables(read_book(first).tables, by=None, dry_run=True).is_empty
    books.empty_database()
    import_tables(read_book(first).tables, by=None)
    assert parts(books.exported("random")) == parts(first)


def run(strategy, examples):
    cases = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,  # the short run is the same every time
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if examples >= 100 else (Phase.generate,),
    )
    @given(strategy)
    def check(tables):
        comes_back(tables)
        cases.append(len(tables.get("programs", [])))

    check()
    return cases


def test_random_plans_come_back_cell_by_cell(db):
    assert not User.objects.exists()
    run(plans(items=4), examples=3)


def test_every_hostile_text_comes_back(db):
    """Each text as it is, in one plan."""
    rows = [{"number": str(n), "policy": 1, "name": value[:200], "note": value} for n, value in enumerate(HOSTILE, 1)]
    tables = {
        "plan": [{"slug": "random", "city": "市", "name": "計画", "first_fiscal_year": 2011, "last_fiscal_year": 2015}],
        "axes": [{"key": "main"}],
        "policies": [{"number": 1, "name": "方針"}],
        "programs": rows,
    }
    comes_back(tables, books.written_by_us)  # openpyxl does not say that blanks count
    sheet = books.cells(books.exported("random"))["programs"]
    at = sheet[0].index("note")
    assert [row[at] for row in sheet[1:]] == list(HOSTILE)


@pytest.mark.soak
@pytest.mark.sqlite  # ten minutes; the few of the short run and whole plans go through both databases
def test_a_thousand_random_plans_come_back_cell_by_cell(db):
    """About half a second a case; those of many items some ten seconds, and they find nothing that small ones don't."""
    small = run(plans(items=12), examples=1_000)
    large = run(plans(items=100, many=True), examples=20)
    assert (len(small) >= 1_000, len(large) >= 20) == (True, True)
    assert min(large) >= 60
    print(f"{len(small)} plans of up to {max(small)} items, {len(large)} of {min(large)} to {max(large)}")
