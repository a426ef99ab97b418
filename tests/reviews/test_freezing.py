"""What publishing writes: one frozen row per report, and the figures that now hold, in a number of queries that is fixed."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programs.models import Indicator, IndicatorActual, IndicatorTarget, Responsibility
from reviews import workflow
from reviews.models import Contribution, Effect, PublishedReport, ReportActual, ReportEffect
from tests import factories
from tests.kept import kept


@kept
def opened(plan, cast):
    """Open, its edition settled; item 1 has an indicator with a target for 2014 and a second department."""
    edition = plan.editions.get(key="fy2013-revision")
    indicator = Indicator.objects.create(
        program=plan.programs.get(number="1"), number=1, name="収納率", unit="%", better="up"
    )
    IndicatorTarget.objects.create(indicator=indicator, edition=edition, fiscal_year=2014, value="77.5", text="以上")
    Responsibility.objects.create(
        program_edition=edition.contents.get(program__number="1"), department=cast.zeimu, order=2
    )
    plan.editions.update(frozen_at=timezone.now(), frozen_by=cast.office)
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def figures(report, by, value="76.1000", amount=1200):
    indicator = report.program.indicators.get()
    ReportActual.objects.create(report=report, indicator=indicator, fiscal_year=2014, value=value, is_forecast=True)
    ReportEffect.objects.create(report=report, fiscal_year=2014, kind="saving", basis="actual", amount=amount)
    Contribution.objects.create(report=report, department=by.departments.get(), text="窓口を増やした。", updated_by=by)


def test_each_report_gets_a_row_with_every_name_of_the_day(opened, cast):
    figures(factories.report(opened, 1), cast.stranger)
    figure_of_draft = factories.report(opened, 2)
    ReportEffect.objects.create(report=figure_of_draft, fiscal_year=2014, kind="saving", basis="actual", amount=9)
    report = factories.handed_in(opened, 1, "B", by=cast.reporter, evidence="議事録")
    workflow.approve(report, by=cast.office)
    factories.handed_in(opened, 2, "S", by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    first, second, third = PublishedReport.objects.order_by("sort_key").values()
    assert {name: value for name, value in first.items() if name not in ("id", "round_id", "program_id")} == {
        "number": "1",
        "number_is_provisional": False,
        "origin": "own",
        "name": "項目1の取組",
        "sort_key": "000001",
        "search_text": "項目1の取組",
        "direction_number": 1,
        "direction_name": "基盤の強化",
        "policy_number": 1,
        "policy_name": "財政基盤の強化",
        "edition_key": "fy2013-revision",
        "departments": [{"code": "zaisei", "name": "財政課"}, {"code": "zeimu", "name": "税務課"}],
        "department_codes": ";zaisei;zeimu;",
        "grade_code": "B",
        "grade_label": "予定よりも遅れている",
        "grade_order": 3,
        "tone": "behind",
        "progress": "説明会を3回開いた。",
        "evidence": "議事録",
        "delay_cause": "",
        "delay_reason": "関係者との調整に時間を要した。",
        "remedy": "協議の回数を増やす。",
        "recovery_on": date(2016, 3, 31),
        "contributions": [{"department": "税務課", "text": "窓口を増やした。"}],
        "actuals": [factories.FROZEN_ACTUAL],
        "effects": [{"fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": 1200, "note": ""}],
        "source_key": "S1",
        "note": "",
    }
    for row in (second, third):  # not approved: nothing that was typed comes along
        assert [row[name] for name in ("grade_code", "tone", "progress", "actuals", "effects")] == ["", "", "", [], []]
    assert (third["name"], third["number_is_provisional"]) == ("", True)
    assert [grade["code"] for grade in opened.plan.rounds.first().framework["grades"]] == ["S", "A", "B"]


def test_figures_of_approved_reports_hold_from_then_on(opened, cast, plan):
    def publish(round_, value, amount):
        report = factories.report(round_, 1)
        figures(report, cast.stranger, value, amount)
        workflow.approve(factories.handed_in(round_, 1, by=cast.office), by=cast.office)
        workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
        return IndicatorActual.objects.get().value, Effect.objects.get().amount

    assert publish(opened, "76.1", 1200) == (Decimal("76.1"), 1200)
    later = workflow.open_round(plan.rounds.get(as_of="2015-03-31"), by=cast.office)
    assert publish(later, "78", 1500) == (Decimal("78"), 1500)
    late = plan.rounds.create(as_of=date(2014, 12, 31), edition=opened.edition)
    assert publish(workflow.open_round(late, by=cast.office), "10", 10) == (Decimal("78"), 1500)
    rows = Effect.history.order_by("history_id").values_list("history_type", "amount", "history_change_reason")
    assert list(rows) == [("+", 1200, "公表"), ("~", 1500, "公表")]
    assert IndicatorActual.history.filter(history_user=cast.office).count() == 2


def test_opening_and_publishing_take_a_fixed_number_of_queries(cast):
    """Per batch of rows; SQLite takes fewer rows at once, so the small plan fills part of one batch there too."""

    def queries(slug, programs):
        plan = factories.small_plan(slug, programs=programs)
        plan.editions.update(frozen_at=timezone.now(), frozen_by=cast.office)
        with CaptureQueriesContext(connection) as opening:
            opened = workflow.open_round(plan.rounds.first(), by=cast.office)
        reports = opened.reports.all()
        grade = plan.grades.get(code="A")
        now = timezone.now()
        done = {"submitted_at": now, "submitted_by": cast.office, "approved_at": now, "approved_by": cast.office}
        reports.update(state="approved", grade=grade, tone="on_track", progress="進めた。", **done)
        with CaptureQueriesContext(connection) as publishing:
            workflow.publish(opened, by=cast.office)
        assert opened.published_reports.filter(grade_code="A").count() == programs
        return len(opening), len(publishing)

    cast.office.has_perm("reviews.open_round")  # read once per person
    small, large = queries("small", 3), queries("large", 30)
    assert small == large
    assert max(small) <= 29
