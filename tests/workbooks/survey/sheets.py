"""Survey sheets as a person opens, fills and saves them, and what the preview makes of them."""

import datetime
import io

import openpyxl

from programs.models import Indicator, IndicatorActual, IndicatorTarget, ProgramEdition, YearPlan
from reviews.models import Report, ReportActual, ReportEffect
from workbooks.survey import layout
from workbooks.survey.changes import preview


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


class Book:
    """A sheet opened by somebody: cells by item and column title."""

    def __init__(self, data):
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def __getitem__(self, name):
        return self.book[name]

    def titles(self, sheet):
        return [cell.value for cell in self.book[sheet][layout.HEADER_ROW]]

    def column(self, sheet, title):
        return self.titles(sheet).index(title) + 1

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


def changes(uploaded, picks=None):
    """{(item, cell): (old, new, conflict)} of a preview."""
    found = preview(uploaded, picks)
    return {
        (change.item.number, change.name): (change.stored, change.mine, change.is_conflict) for change in found.changes
    }


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
