"""Rows that must not exist are refused by the database itself, whoever writes them and however."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from figures.models import PublishedFigure
from policies.models import Edition, Grade, Plan, Policy, Source
from programs.models import Program, ProgramEdition
from reviews import workflow
from reviews.models import Report, Round
from tests import factories
from tests.kept import kept

NOW = timezone.now()


@kept
def reports(plan, cast):
    """One report per state, in one plan: {state: report}; the published one stands in the published round."""
    published = factories.published_round(plan, {1: "A"}, by=cast.office)
    opened = workflow.open_round(plan.rounds.get(state="planned"), by=cast.office)
    approved = workflow.approve(factories.handed_in(opened, 2, "B", by=cast.office), by=cast.office)
    return {
        "published": published.reports.get(state="published"),
        "approved": approved,
        "submitted": factories.handed_in(opened, 3, by=cast.office),
        "draft": factories.report(opened, 1),
    }


def refuse(rows: models.QuerySet, **values):
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**values)


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("draft", {"state": "submitted"}),
        ("draft", {"state": "returned"}),
        ("draft", {"state": "approved"}),
        ("draft", {"state": "published"}),
        ("draft", {"tone": "ahead"}),
        ("draft", {"approved_at": NOW}),
        ("draft", {"published_at": NOW}),
        ("submitted", {"grade": None, "tone": ""}),
        ("submitted", {"tone": ""}),
        ("submitted", {"progress": ""}),
        ("submitted", {"submitted_at": None}),
        ("submitted", {"submitted_by": None}),
        ("submitted", {"tone": "behind"}),
        ("submitted", {"state": "approved"}),
        ("submitted", {"state": "approved", "approved_at": NOW}),
        ("submitted", {"state": "returned"}),
        ("approved", {"state": "submitted"}),
        ("approved", {"approved_by": None}),
        ("approved", {"approved_at": None}),
        ("approved", {"delay_reason": ""}),
        ("approved", {"remedy": ""}),
        ("approved", {"recovery_on": None}),
        ("approved", {"state": "published"}),
        ("published", {"state": "approved"}),
        ("published", {"published_at": None}),
        ("published", {"published_by": None}),
        ("published", {"progress": ""}),
    ],
)
def test_report_states_and_what_belongs_to_them(reports, state, values):
    refuse(Report.objects.filter(pk=reports[state].pk), **values)


def test_one_report_per_item_and_round(reports):
    draft = reports["draft"]
    refuse(Report.objects.filter(pk=draft.pk), program=reports["submitted"].program)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "published"},
        {"published_at": NOW},
        {"opens_on": date(2015, 4, 2), "due_on": date(2015, 4, 1)},
        {"as_of": date(2014, 9, 30)},
    ],
)
def test_rounds(reports, values):
    refuse(Round.objects.filter(state="open"), **values)


def test_a_published_round_says_who_published_it(reports):
    refuse(Round.objects.filter(state="published"), published_by=None)
    refuse(Round.objects.filter(state="published"), state="open")


@pytest.mark.parametrize(
    ("model", "rows", "values"),
    [
        (Plan, {}, {"first_fiscal_year": 2016}),
        (Plan, {}, {"rule_first_fiscal_year": 2011}),
        (Plan, {}, {"rule_first_fiscal_year": 2012, "rule_last_fiscal_year": 2011}),
        (Edition, {"key": "original"}, {"key": "fy2013-revision"}),
        (Edition, {"key": "original"}, {"first_fiscal_year": 2014}),
        (Edition, {"key": "original"}, {"last_fiscal_year": 2010}),
        (Policy, {"number": 1}, {"number": 2}),
        (Program, {"number": "1"}, {"number": "2"}),
        (Program, {"number": "1"}, {"number": ""}),
        (ProgramEdition, {"edition__key": "original"}, {"edition_id": models.F("edition_id") + 1}),
        (Grade, {"code": "S"}, {"code": "A"}),
        (Grade, {"code": "S"}, {"order": 2}),
    ],
)
def test_the_framework_of_a_plan(plan, model, rows, values):
    refuse(model.objects.filter(**rows), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"measure": "effect"},
        {"measure": "effect", "fiscal_year": 2011, "basis": "actual"},
        {"measure": "effect", "fiscal_year": 2011, "category": "total"},
        {"measure": "grade_count"},
        {"measure": "graded_total"},
        {"measure": "revised_items"},
        {"measure": "revised_aspect"},
    ],
)
def test_published_figures_say_what_they_count(plan, values):
    figure = PublishedFigure.objects.create(
        plan=plan,
        key="items",
        measure="item_count",
        label="項目数",
        printed="62",
        value=62,
        unit="項目",
        source=Source.objects.get(),
        locator="1ページ",
    )
    refuse(PublishedFigure.objects.filter(pk=figure.pk), **values)


def test_what_others_refer_to_cannot_be_deleted(reports, cast, plan):
    for row in (cast.office, reports["draft"].round, reports["draft"].program, Grade.objects.get(code="A")):
        with pytest.raises(models.ProtectedError), transaction.atomic():
            row.delete()
    with pytest.raises(models.ProtectedError), transaction.atomic():
        plan.delete()


@pytest.mark.parametrize("field", ["grade", "round", "program"])
def test_a_report_refers_to_rows_that_exist(reports, field):
    @transaction.atomic
    def write():
        values = {f"{field}_id": 999_999} | ({"tone": "ahead"} if field == "grade" else {})
        Report.objects.filter(pk=reports["draft"].pk).update(**values)
        connection.check_constraints()  # foreign keys are checked when the outermost transaction ends; ask now

    with pytest.raises(IntegrityError):
        write()
