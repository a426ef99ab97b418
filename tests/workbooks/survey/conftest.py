"""A department with three items, filled for a sheet: promise, last report, indicators, effects."""

from types import SimpleNamespace

import pytest

from reviews import workflow
from reviews.models import ReportEffect
from tests import factories
from tests.kept import kept
from tests.workbooks.survey.sheets import Book, enrich
from workbooks.survey import acts
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet


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
