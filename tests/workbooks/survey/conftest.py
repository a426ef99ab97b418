"""A department with three items, filled for a sheet: promise, last report, indicators, effects."""

import datetime
import io
from types import SimpleNamespace

import openpyxl
import pytest

from programs.models import Indicator, IndicatorActual, IndicatorTarget, ProgramEdition, YearPlan
from reviews import workflow
from reviews.models import Report, ReportActual, ReportEffect
from tests import factories
from tests.kept import kept
from workbooks.survey import acts, layout
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet


def enrich(plan):
    """Promise, yearly plan and one indicator with a target for every item."""
    edition = plan.editions.get(key="fy2013-revision")
    for contents in ProgramEdition.objects.filter(edition=edition).select_related("program"):
        number = contents.program.number
        contents.contents = f"項目{number}の内容"
        contents.save()
        YearPlan.objects.create(program_edition=contents, fiscal_year=2014, text="実施")
        indicator = Indicator.objects.create(program=contents.program, number=1, name="参加率", unit="%")
        IndicatorTarget.objects.create(indicator=indicator, edition=edition, fiscal_year=2014, value="80.5")
        IndicatorActual.objects.create(indicator=indicator, fiscal_year=2013, value="70")


@kept
def opened(plan, cast):
    """The second round, open; in the first one item 1 was B and promised to recover. Item 1 has an effect."""
    enrich(plan)
    factories.published_round(plan, {1: "B"}, by=cast.office)
    round_ = workflow.open_round(plan.rounds.get(as_of="2015-03-31"), by=cast.office)
    ReportEffect.objects.create(
        report=factories.report(round_, 1), fiscal_year=2014, kind="saving", basis="budget", amount=1200, note="委託の見直し"
    )  # fmt: skip
    return round_


@kept
def sheet(opened, cast):
    """The sheet of 財政課 (items 1 and 3), as its reporter downloads it."""
    return survey_sheet(opened, cast.zaisei, by=cast.reporter)


class Book:
    """A sheet opened by somebody: cells by item and column title."""

    def __init__(self, data):
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def __getitem__(self, name):
        return self.book[name]

    def column(self, sheet, title):
        return next(cell.column for cell in self.book[sheet][layout.HEADER_ROW] if cell.value == title)

    def cell(self, sheet, row, title):
        return self.book[sheet].cell(row, self.column(sheet, title))

    def put(self, sheet, row, **values):
        for title, value in values.items():
            self.cell(sheet, row, title).value = value
        return self

    def saved(self):
        stream = io.BytesIO()
        self.book.save(stream)
        return stream.getvalue()


def row_of(book, number, sheet=layout.REPORTS):
    """The row of an item."""
    keys = {str(book.cell(sheet, row, "番号").value): row for row in range(4, book[sheet].max_row + 1)}
    return keys[str(number)]


@pytest.fixture
def desk(opened, cast):
    """What the reporter does: download, upload, look, confirm."""

    def download():
        return Book(survey_sheet(opened, cast.zaisei, by=cast.reporter))

    def upload(data, by=cast.reporter):
        if isinstance(data, Book):
            data = data.saved()
        return acts.receive(data, "調査票.xlsx", opened, cast.zaisei, by=by)

    def confirm(uploaded, by=cast.reporter, **options):
        options.setdefault("fingerprint", preview(uploaded).fingerprint)
        return acts.confirm(uploaded, by=by, **options)

    def take(data, by=cast.reporter, **options):
        return confirm(upload(data, by), by, **options)

    return SimpleNamespace(download=download, upload=upload, confirm=confirm, take=take)


def changes(uploaded, picks=None):
    """{(item, cell): (old, new, conflict)} of a preview."""
    found = preview(uploaded, picks)
    return {(change.item.number, change.name): (change.old, change.new, change.is_conflict) for change in found.changes}


def faults(uploaded):
    return [(fault.place, fault.message) for fault in preview(uploaded).faults]


def everything():
    """All that a sheet could write, to see that nothing was written."""
    return (
        list(Report.objects.order_by("pk").values_list("pk", "version", "state", "grade", *Report.CONTENT[1:])),
        Report.history.count(),
        list(ReportActual.objects.values_list("report", "indicator", "fiscal_year", "value", "is_forecast", "note")),
        list(ReportEffect.objects.values_list("report", "fiscal_year", "kind", "basis", "amount", "note")),
    )


LATER = datetime.date(2016, 3, 31)
